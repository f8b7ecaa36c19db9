"""The mains are gone: told when it lasts, and when they are back (R010.5)."""

from typing import Any

from homeassistant.core import HomeAssistant, State
import pytest

from custom_components.homecare_h2o.core.events import AlarmRaised, NoteAdded
from custom_components.homecare_h2o.core.hub_events import PowerLost, PowerRestored
from custom_components.homecare_h2o.core.power import Mains
from custom_components.homecare_h2o.power import RULE, read_mains

from .conftest import Pushed
from .rules import House, count, local

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

MAINS = "binary_sensor.mains"
UPS = "sensor.ups_status"
NOTHING_TOLD: list[Any] = []


@pytest.fixture(autouse=True)
async def _watched(house: House) -> None:
    await watch(house, power_entity=MAINS)


async def watch(house: House, **options: Any) -> None:
    """Name what shows the mains; the hub is loaded anew."""
    house.hass.config_entries.async_update_entry(house.entry, options=options)
    await house.show(MAINS, "on", "power")


async def told(house: House) -> list[AlarmRaised]:
    raised = [event for event in await house.journal() if isinstance(event, AlarmRaised)]
    return [event for event in raised if event.rule.startswith(RULE)]


async def changes(house: House) -> list[str]:
    return [event.kind for event in await house.journal() if isinstance(event, PowerLost | PowerRestored)]


async def cut(house: House) -> None:
    """Have the power be gone at noon, and told."""
    await house.show(MAINS, "off", "power")
    await house.at("2026-11-02 12:00:30")


async def test_lost_power_is_told_when_it_has_lasted(house: House, pushed: Pushed) -> None:
    await house.show(MAINS, "off", "power")
    await house.at("2026-11-02 12:00:15")
    assert await told(house) == NOTHING_TOLD
    await house.at("2026-11-02 12:00:30")
    (alarm,) = await told(house)
    assert (alarm.alarm_type, alarm.due_at, alarm.late) == ("technical", local("2026-11-02 12:00:30"), False)
    assert alarm.message == (
        "Strömmen är borta sedan 2026-11-02 12:00. Hubben går på reservkraft och stannar när den tar slut."
    )
    assert [push["title"] for push in pushed("Larmansvarig")] == ["K7-31 · Tekniskt larm"]
    await house.at("2026-11-02 12:20:00")
    assert (len(await told(house)), await changes(house)) == (1, ["power_lost"])


async def test_power_that_goes_between_two_sweeps_is_told_in_time(house: House) -> None:
    await house.at("2026-11-02 12:00:10")
    await house.show(MAINS, "off", "power")
    await house.at("2026-11-02 12:00:40.006")
    (alarm,) = await told(house)
    assert (alarm.due_at, alarm.late) == (local("2026-11-02 12:00:40"), False)


async def test_a_blip_is_not_told(house: House) -> None:
    await house.show(MAINS, "off", "power")
    await house.at("2026-11-02 12:00:20")
    await house.show(MAINS, "on", "power")
    await house.at("2026-11-02 12:05:00")
    assert (await told(house), await changes(house)) == (NOTHING_TOLD, NOTHING_TOLD)


async def test_power_that_is_back_is_written_on_the_alarm_that_stays_open(house: House) -> None:
    await cut(house)
    await house.at("2026-11-02 12:10:00")
    await house.show(MAINS, "on", "power")
    await house.at("2026-11-02 12:10:30")
    assert await changes(house) == ["power_lost", "power_restored"]
    (note,) = [event for event in await house.journal() if isinstance(event, NoteAdded)]
    (alarm,) = house.hub.engine.alarms.values()
    assert (note.alarm_id, note.note) == (alarm.alarm_id, "Strömmen är tillbaka sedan 2026-11-02 12:10.")


async def test_other_alarms_get_no_note(house: House) -> None:
    await cut(house)
    await house.hub.async_raise_technical("system.other")
    await house.show(MAINS, "on", "power")
    await house.at("2026-11-02 12:01:00")
    assert count(await house.journal(), NoteAdded) == 1


async def test_power_that_is_lost_over_a_restart_is_told_once(house: House) -> None:
    await cut(house)
    await house.restart("2026-11-02 12:01:00")
    await house.at("2026-11-02 12:05:00")
    assert (len(await told(house)), await changes(house)) == (1, ["power_lost"])


async def test_power_that_came_back_while_the_hub_was_down_is_told(house: House) -> None:
    await cut(house)
    await house.restart("2026-11-02 12:01:00", {MAINS: "on"})
    await house.at("2026-11-02 12:01:30")
    assert await changes(house) == ["power_lost", "power_restored"]


async def test_a_cut_that_began_before_a_restart_is_told_after_it(house: House) -> None:
    await house.show(MAINS, "off", "power")
    await house.restart("2026-11-02 12:01:00")
    (alarm,) = await told(house)
    assert alarm.due_at == local("2026-11-02 12:00:30")


async def test_a_sensor_that_does_not_answer_is_no_cut_and_told_once(house: House) -> None:
    await house.show(MAINS, "unavailable", "power")
    await house.at("2026-11-02 12:09:45")
    assert await told(house) == NOTHING_TOLD
    await house.at("2026-11-02 12:10:00")
    await house.at("2026-11-02 13:00:00")
    (alarm,) = await told(house)
    assert alarm.message == (
        "Hubben vet inte om det finns ström i bostaden sedan 2026-11-02 12:00: strömvakten svarar inte."
    )
    assert await changes(house) == NOTHING_TOLD


async def test_a_sensor_that_is_on_during_a_cut(house: House) -> None:
    await watch(house, power_entity=MAINS, power_inverted=True)
    await house.at("2026-11-02 12:00:30")
    assert await changes(house) == ["power_lost"]


async def test_a_ups_that_goes_on_its_battery(house: House) -> None:
    await watch(house, power_entity=UPS)
    await house.show(UPS, "Online, Battery Charging")
    await house.at("2026-11-02 12:05:00")
    assert await changes(house) == NOTHING_TOLD
    await house.show(UPS, "On Battery, Battery Discharging")
    await house.at("2026-11-02 12:05:30")
    assert await changes(house) == ["power_lost"]


async def test_nobody_watches_what_nobody_has_named(house: House) -> None:
    await watch(house)
    await cut(house)
    assert await changes(house) == NOTHING_TOLD


async def test_facts_of_another_shape_do_not_keep_anybody_from_looking(house: House) -> None:
    await house.hub.facts.put("power", {"of": "another version"})
    await house.start_hub_again()
    await cut(house)
    assert await changes(house) == ["power_lost"]


async def test_a_hub_that_is_being_closed_finds_it_again_at_its_start(house: House) -> None:
    await house.hub.engine.stop()
    await cut(house)
    await house.start_hub_again()
    assert await changes(house) == ["power_lost"]


@pytest.mark.parametrize(
    ("said", "mains"),
    [
        ("OL", Mains.ON),
        ("OL CHRG", Mains.ON),
        ("OB DISCHRG", Mains.LOST),
        ("OB LB", Mains.LOST),
        ("Online", Mains.ON),
        ("On Battery", Mains.LOST),
        ("ONLINE REPLACEBATT", Mains.ON),
        ("ONBATT LOWBATT", Mains.LOST),
        ("COMMLOST", Mains.UNKNOWN),
        ("230.1", Mains.UNKNOWN),
        ("unknown", Mains.UNKNOWN),
    ],
)
def test_what_a_ups_says(hass: HomeAssistant, said: str, mains: Mains) -> None:
    assert read_mains(State(UPS, said)) is mains
