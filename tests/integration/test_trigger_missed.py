"""Medicine through its blueprint: the cabinet that is to be opened every day (larmplan.md)."""

from typing import Any

from homeassistant.core import Event
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from .rules import House, local

pytestmark = pytest.mark.freeze_time("2026-11-02 20:00:00+01:00")

CABINET = "binary_sensor.cabinet"
NOT_AT_ALL: list[Any] = []
ALARM = "2026-11-03 10:30:00"


@pytest.fixture
def reminders(house: House) -> list[Event]:
    events: list[Event] = async_capture_events(house.hass, "reminded")
    return events


def medicine(house: House, target: dict[str, Any] | None = None, **inputs: Any) -> dict[str, Any]:
    """Return the rule."""
    cabinet = target or {"entity_id": [CABINET]}
    return house.rule("medicine", "rule 1", {"cabinet": cabinet, "reminder": [{"event": "reminded"}], **inputs})


async def opens(house: House, entity_id: str = CABINET) -> None:
    await house.shows(entity_id, "on", "off", device_class="door")


async def test_a_cabinet_that_stood_open_was_not_opened(house: House) -> None:
    await house.use(medicine(house))
    await house.show(CABINET, "on", "door")
    await house.at(ALARM)
    assert await house.due() == [local(ALARM)]


async def test_an_opening_more_than_an_hour_before_does_not_count(house: House) -> None:
    await house.use(medicine(house))
    await house.show(CABINET, "off", "door")
    await house.at("2026-11-03 08:59:59")
    await opens(house)
    await house.at(ALARM)
    assert await house.due() == [local(ALARM)]


async def test_an_opening_after_the_alarm_does_not_take_it_back(house: House) -> None:
    await house.use(medicine(house))
    await house.show(CABINET, "off", "door")
    await house.at(ALARM)
    await opens(house)
    await house.at("2026-11-03 12:00:00")
    assert await house.presses() == [local(ALARM)]


async def test_an_opening_while_the_contact_was_gone_is_seen_when_it_comes_back_open(house: House) -> None:
    await house.use(medicine(house))
    await house.show(CABINET, "off", "door")
    await house.at("2026-11-03 10:10:00")
    await house.shows(CABINET, "unavailable", "on", "off", device_class="door")
    await house.at(ALARM)
    assert await house.raised() == NOT_AT_ALL


async def test_a_contact_that_is_gone_opens_nothing(house: House) -> None:
    await house.use(medicine(house))
    await house.shows(CABINET, "off", "unavailable", device_class="door")
    await house.at(ALARM)
    assert await house.due() == [local(ALARM)]


async def test_a_contact_that_was_never_seen_does_not_lose_the_alarm_over_a_restart(house: House) -> None:
    await house.use(medicine(house))
    await house.restart("2026-11-03 10:40:00")
    assert await house.due() == [local(ALARM)]


async def test_a_rule_that_is_made_after_the_alarm_waits_for_tomorrow(house: House, reminders: list[Event]) -> None:
    await house.show(CABINET, "off", "door")
    await house.at("2026-11-03 10:45:00")
    await house.use(medicine(house))
    await house.at("2026-11-03 18:00:00")
    assert (len(reminders), await house.raised()) == (0, NOT_AT_ALL)
    await house.at("2026-11-04 10:00:00")
    await house.at("2026-11-04 10:30:00")
    assert (len(reminders), await house.due()) == (1, [local("2026-11-04 10:30:00")])


async def test_two_doses_a_day_are_two_rules(house: House) -> None:
    evening: dict[str, Any] = {"from": "20:00:00", "to": "21:00:00"}
    await house.use(medicine(house), {**medicine(house, **evening), "id": "rule 2", "alias": "rule 2"})
    await house.show(CABINET, "off", "door")
    await house.at("2026-11-02 20:30:00")
    await house.at("2026-11-03 10:10:00")
    await opens(house)
    await house.at("2026-11-03 20:30:00")
    assert await house.presses() == [local("2026-11-02 20:30:00"), local("2026-11-03 20:30:00")]


@pytest.mark.freeze_time("2026-03-28 20:00:00+01:00")
async def test_medicine_is_due_by_the_clock_on_the_wall_after_the_change_to_summer_time(house: House) -> None:
    await house.use(medicine(house))
    await house.show(CABINET, "off", "door")
    await house.at("2026-03-29 10:29:59")
    assert await house.raised() == NOT_AT_ALL
    await house.at("2026-03-29 10:30:00")
    assert await house.due() == [local("2026-03-29 10:30:00")]


async def test_only_the_contact_of_a_device_is_the_cabinet(house: House) -> None:
    device = house.device("cabinet")
    contact = house.entity(device, "contact", device_class="door")
    tamper = house.entity(device, "tamper", device_class="tamper")
    await house.show(contact, "off", "door")
    await house.show(tamper, "off", "tamper")
    await house.use(medicine(house, {"device_id": [device.id]}))
    await house.at("2026-11-03 10:10:00")
    await opens(house, tamper)
    await house.at(ALARM)
    (alarm,) = await house.raised()
    assert alarm.sources == (contact,)


async def test_another_contact_that_is_found_does_not_make_this_one_forget(house: House) -> None:
    device = house.device("cabinet")
    contact = house.entity(device, "contact", device_class="door")
    await house.show(contact, "off", "door")
    await house.use(medicine(house, {"device_id": [device.id]}))
    await house.at("2026-11-03 10:10:00")
    await house.show(contact, "unavailable", "door")
    await house.show(house.entity(device, "second", device_class="door"), "off", "door")
    await house.at("2026-11-03 10:11:00")
    await opens(house, contact)
    await house.at(ALARM)
    assert await house.raised() == NOT_AT_ALL


async def test_the_alarm_of_one_day_leaves_the_reminder_of_the_next(house: House, reminders: list[Event]) -> None:
    await house.use(medicine(house))
    await house.show(CABINET, "off", "door")
    await house.restart("2026-11-03 10:40:00")
    await house.at("2026-11-04 10:00:00")
    assert len(reminders) == 1


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        pytest.param({"alarm_delay": {"minutes": 0}}, "inside the window", id="at the start"),
        pytest.param({"alarm_delay": {"minutes": 61}}, "inside the window", id="after the end"),
        pytest.param({"reminder_delay": {"minutes": 30}}, "before the alarm", id="the reminder with the alarm"),
        pytest.param({"grace": {"hours": 24}}, "the day before", id="yesterday"),
        pytest.param({"from": "10:00:00", "to": "10:00:00"}, "neither all day nor never", id="no length"),
        pytest.param({"from": "25:00:00"}, "from", id="no time of the day"),
    ],
)
async def test_what_could_never_fire_is_refused(house: House, inputs: dict[str, Any], told: str) -> None:
    await house.use(medicine(house, **inputs))
    assert told in house.broken("rule 1")
