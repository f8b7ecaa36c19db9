"""Power left on through its blueprint: too long, or outside its hours (larmplan.md)."""

from typing import Any

from homeassistant.helpers import entity_registry as er
import pytest

from .rules import House, local

pytestmark = pytest.mark.freeze_time("2026-11-02 20:00:00+01:00")

PLUG = "switch.stove"
LAMP = "light.kitchen"
POWER = "sensor.stove_power"
NOT_AT_ALL: list[Any] = []
HOURS: dict[str, Any] = {"all_day": False, "longest": {"minutes": 0}}


async def watch(house: House, *entity_ids: str, **inputs: Any) -> None:
    await house.use(house.rule("power_on", "rule 1", {"plugs": {"entity_id": list(entity_ids)}, **inputs}))


@pytest.mark.parametrize(
    ("turned_on_at", "due_at"),
    [
        pytest.param("2026-11-02 21:00:00", "2026-11-02 22:00:00", id="on as the hours end"),
        pytest.param("2026-11-02 22:00:00", "2026-11-02 22:00:00", id="turned on as they end"),
        pytest.param("2026-11-03 03:00:00", "2026-11-03 03:00:00", id="turned on at night"),
    ],
)
async def test_on_outside_its_hours(house: House, turned_on_at: str, due_at: str) -> None:
    await watch(house, PLUG, **HOURS)
    await house.show(PLUG, "off")
    await house.at(turned_on_at)
    await house.show(PLUG, "on")
    await house.at(due_at)
    assert await house.due() == [local(due_at)]


async def test_on_inside_its_hours(house: House) -> None:
    await watch(house, PLUG, **HOURS)
    await house.show(PLUG, "off")
    await house.at("2026-11-03 07:00:00")
    await house.show(PLUG, "on")
    await house.at("2026-11-03 21:59:59")
    assert await house.raised() == NOT_AT_ALL


async def test_some_minutes_outside_its_hours_may_be_allowed(house: House) -> None:
    await watch(house, PLUG, **HOURS, outside_delay={"minutes": 10})
    await house.show(PLUG, "on")
    await house.at("2026-11-02 22:09:59")
    assert await house.raised() == NOT_AT_ALL
    await house.at("2026-11-02 22:10:00")
    assert await house.due() == [local("2026-11-02 22:10:00")]


async def test_power_means_on_between_its_two_limits_as_before(house: House) -> None:
    await watch(house, POWER)
    await house.show(POWER, "0.4")
    await house.show(POWER, "7")
    await house.at("2026-11-02 20:10:00")
    await house.show(POWER, "1450.2")
    await house.at("2026-11-02 20:20:00")
    await house.show(POWER, "7")
    await house.at("2026-11-02 20:39:59")
    assert await house.raised() == NOT_AT_ALL
    await house.at("2026-11-02 20:40:00")
    (alarm,) = await house.raised()
    assert (alarm.due_at, alarm.sources) == (local("2026-11-02 20:40:00"), (POWER,))


async def test_little_power_means_off(house: House) -> None:
    await watch(house, POWER)
    await house.shows(POWER, "0", "900", "4.9", device_class="power")
    await house.at("2026-11-02 23:00:00")
    assert await house.raised() == NOT_AT_ALL


@pytest.mark.parametrize("state", ["unavailable", "unknown", "", "nan", "much"])
async def test_no_power_at_all_is_no_information(house: House, state: str) -> None:
    await watch(house, POWER)
    await house.shows(POWER, "0", "900", state, device_class="power")
    await house.at("2026-11-02 20:30:00")
    assert await house.due() == [local("2026-11-02 20:30:00")]


async def test_each_plug_has_its_own_time(house: House) -> None:
    await watch(house, PLUG, LAMP)
    await house.show(PLUG, "on")
    await house.at("2026-11-02 20:10:00")
    await house.show(LAMP, "on")
    await house.at("2026-11-02 20:30:00")
    await house.at("2026-11-02 20:40:00")
    assert await house.presses() == [local("2026-11-02 20:30:00"), local("2026-11-02 20:40:00")]


async def test_turned_on_again_is_told_again(house: House) -> None:
    await watch(house, PLUG)
    await house.show(PLUG, "on")
    await house.at("2026-11-02 20:30:00")
    await house.shows(PLUG, "off", "on", device_class="outlet")
    await house.at("2026-11-02 21:00:00")
    await house.at("2026-11-03 12:00:00")
    assert await house.presses() == [local("2026-11-02 20:30:00"), local("2026-11-02 21:00:00")]


async def test_on_when_it_is_discovered_counts_from_then(house: House) -> None:
    await house.show(PLUG, "on")
    await watch(house, PLUG)
    await house.at("2026-11-02 20:30:00")
    assert await house.due() == [local("2026-11-02 20:30:00")]


async def test_off_after_a_restart_does_not_hide_what_was_due_meanwhile(house: House) -> None:
    await watch(house, PLUG)
    await house.show(PLUG, "on")
    await house.restart("2026-11-02 22:00:00", {PLUG: "off"})
    (alarm,) = await house.raised()
    assert (alarm.due_at, alarm.late) == (local("2026-11-02 20:30:00"), True)


async def test_the_switch_of_a_device_is_the_plug(house: House) -> None:
    device = house.device("plug")
    switch = house.entity(device, "plug", "switch")
    identify = house.entity(device, "online", "binary_sensor", "connectivity")
    await house.use(house.rule("power_on", "rule 1", {"plugs": {"device_id": [device.id]}}))
    await house.show(identify, "on")
    await house.at("2026-11-02 20:10:00")
    await house.show(switch, "on")
    await house.at("2026-11-02 20:40:00")
    (alarm,) = await house.raised()
    assert (alarm.due_at, alarm.sources) == (local("2026-11-02 20:40:00"), (switch,))


@pytest.fixture
def stove(house: House) -> dict[str, str]:
    """Return the target of a plug that has a switch and measures power, and a lamp."""
    device = house.device("plug")
    house.entity(device, "stove", "switch")
    house.entity(device, "stove_power", "sensor", "power")
    house.entity(device, "stove_voltage", "sensor", "voltage")
    house.entity(device, "kitchen", "light")
    return {"device_id": device.id}


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        pytest.param([(PLUG, "on"), (POWER, "0")], [], id="the switch is on and the stove is cold"),
        pytest.param([(PLUG, "on"), (POWER, "900")], [POWER], id="the stove is on"),
        pytest.param([(POWER, "900"), (POWER, "unavailable")], [POWER], id="out of reach"),
        pytest.param([(LAMP, "on"), (POWER, "4")], [LAMP], id="a lamp that draws little"),
    ],
)
async def test_of_a_plug_that_measures_power_the_power_counts(
    house: House, stove: dict[str, str], shown: list[tuple[str, str]], told: list[str]
) -> None:
    await house.use(house.rule("power_on", "rule 1", {"plugs": stove}))
    for entity_id, state in shown:
        await house.show(entity_id, state)
    await house.at("2026-11-02 20:30:00")
    assert [source for event in await house.raised() for source in event.sources] == told


async def test_a_switch_that_is_named_counts_beside_its_power(house: House, stove: dict[str, str]) -> None:
    await house.use(house.rule("power_on", "rule 1", {"plugs": {**stove, "entity_id": [PLUG]}}))
    await house.show(PLUG, "on")
    await house.show(POWER, "0")
    await house.at("2026-11-02 20:30:00")
    (alarm,) = await house.raised()
    assert alarm.sources == (PLUG,)


async def test_power_that_is_turned_off_leaves_the_switch(house: House, stove: dict[str, str]) -> None:
    er.async_get(house.hass).async_update_entity(POWER, disabled_by=er.RegistryEntryDisabler.USER)
    await house.use(house.rule("power_on", "rule 1", {"plugs": stove}))
    await house.show(PLUG, "on")
    await house.at("2026-11-02 20:30:00")
    (alarm,) = await house.raised()
    assert alarm.sources == (PLUG,)


async def test_a_device_that_only_measures_power_is_found(house: House) -> None:
    device = house.device("meter")
    power = house.entity(device, "stove_power", "sensor", "power")
    await house.use(house.rule("power_on", "rule 1", {"plugs": {"device_id": [device.id]}}))
    await house.show(power, "1.2", "power", unit_of_measurement="kW")
    await house.at("2026-11-02 20:30:00")
    (alarm,) = await house.raised()
    assert alarm.sources == (power,)


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        pytest.param({"longest": {"minutes": 0}}, "longest time or hours", id="no limit"),
        pytest.param({"on_above": 5, "off_below": 10}, "less power", id="crossed"),
        pytest.param({**HOURS, "outside_delay": {"hours": 10}}, "allowed again", id="a delay as long as the night"),
        pytest.param({**HOURS, "from": "07:00:00", "to": "07:00:00"}, "neither all day nor never", id="no length"),
        pytest.param({"on_above": "much"}, "on_above", id="no number"),
    ],
)
async def test_what_could_never_fire_is_refused(house: House, inputs: dict[str, Any], told: str) -> None:
    await watch(house, PLUG, **inputs)
    assert told in house.broken("rule 1")
