"""At the end of a pause every rule that it covered begins anew with what is shown then (R010.5, R010.6)."""

from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.helpers import device_registry as dr
import pytest

from custom_components.homecare_h2o.const import DOMAIN, SUBENTRY_BRUKARE
from custom_components.homecare_h2o.core.arming_events import SuppressReason

from .pausing import ALL_DAY, NOTHING, SMOKE, fire, pause, raised_by, resume, suppressed
from .rules import MOTION, SOS, House, local, settle

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

DOOR = "binary_sensor.front_door"
PLUG = "switch.stove"
CABINET = "binary_sensor.cabinet"
ONE_HOUR: dict[str, Any] = {"longest": {"hours": 1}}


def stove(house: House, **inputs: Any) -> dict[str, Any]:
    return house.rule("power_on", "stove 1", {"plugs": {"entity_id": [PLUG]}, **ONE_HOUR, **inputs})


async def test_passivity_counts_from_the_end_on(house: House) -> None:
    await house.motion("off")
    await house.use(house.passivity(**ALL_DAY))
    await pause(house, "2026-11-02 15:00:00")
    await house.at("2026-11-02 18:59:59")
    assert (await house.raised(), await suppressed(house)) == ([], [])
    await house.at("2026-11-02 19:00:00")
    assert await raised_by(house) == [("passivity 1", local("2026-11-02 19:00:00"))]


async def test_passivity_in_a_window_that_closes_too_soon_is_not_raised(house: House) -> None:
    await house.motion("off")
    await house.use(house.passivity())
    await pause(house, "2026-11-03 10:00:00")
    await house.at("2026-11-03 09:00:00")
    await house.at("2026-11-03 10:00:00")
    await house.at("2026-11-03 23:00:00")
    assert await house.raised() == NOTHING
    await house.at("2026-11-04 10:00:00")
    assert await raised_by(house) == [("passivity 1", local("2026-11-04 10:00:00"))]


async def test_a_stove_that_is_still_on_counts_from_the_end_on(house: House) -> None:
    await house.use(stove(house))
    await house.show(PLUG, "off")
    await pause(house, "2026-11-02 15:00:00")
    await house.show(PLUG, "on")
    await house.at("2026-11-02 14:00:00")
    assert [event.rule for event in await suppressed(house)] == ["stove 1"]
    await house.at("2026-11-02 15:00:01")
    await house.at("2026-11-02 16:00:02")
    ((rule, _),) = await raised_by(house)
    assert rule == "stove 1"


async def test_smoke_that_is_still_there_when_its_line_is_resumed_is_raised_then(house: House) -> None:
    await house.show(SMOKE, "off", "smoke")
    await house.use(fire(house))
    await pause(house, line=house.automation("fire 1"))
    await house.show(SMOKE, "on", "smoke")
    await house.at("2026-11-02 12:05:00")
    assert [event.reason for event in await suppressed(house)] == [SuppressReason.LINE_PAUSED]
    await resume(house, line=house.automation("fire 1"))
    assert await raised_by(house) == [("fire 1", local("2026-11-02 12:05:00"))]


async def test_smoke_that_is_still_there_after_the_hub_was_loaded_anew_is_raised_at_once(house: House) -> None:
    await house.show(SMOKE, "off", "smoke")
    await house.use(fire(house))
    await house.start_hub_again()
    await pause(house, line=house.automation("fire 1"))
    await house.show(SMOKE, "on", "smoke")
    await house.at("2026-11-02 12:05:00")
    await resume(house, line=house.automation("fire 1"))
    assert await raised_by(house) == [("fire 1", local("2026-11-02 12:05:00"))]


async def test_what_a_sensor_says_after_the_clock_was_set_forward_past_the_end_raises_nothing_old(
    house: House,
) -> None:
    await house.use(stove(house))
    await house.show(PLUG, "off")
    await pause(house, "2026-11-02 13:00:00")
    await house.at("2026-11-02 12:30:00")
    await house.show(PLUG, "on")
    house.freezer.move_to(local("2026-11-02 14:00:00"))
    await house.show(PLUG, "on", friendly_name="Spis")
    assert await house.raised() == NOTHING


@pytest.mark.parametrize("blueprint", ["motion", "door"])
async def test_what_begins_after_the_end_is_raised_although_nobody_has_noted_the_end_yet(
    house: House, blueprint: str
) -> None:
    await house.show(DOOR, "off", "door")
    inputs = {"sensors": {"entity_id": [DOOR]}, "purpose": "Går ut på natten."}
    await house.use(house.rule(blueprint, "rule 1", inputs))
    await pause(house, "2026-11-02 23:00:00")
    house.freezer.move_to(local("2026-11-02 23:00:03"))
    await house.show(DOOR, "on", "door")
    assert await raised_by(house) == [("rule 1", local("2026-11-02 23:00:03"))]


async def test_who_goes_out_after_the_end_is_looked_for_although_nobody_has_noted_the_end_yet(house: House) -> None:
    await house.show(DOOR, "off", "door")
    await house.use(house.rule("gone_out", "out 1", {"doors": [DOOR]}))
    await pause(house, "2026-11-02 23:00:00")
    house.freezer.move_to(local("2026-11-02 23:00:03"))
    await house.show(DOOR, "on", "door")
    await house.at("2026-11-02 23:20:03")
    assert await raised_by(house) == [("out 1", local("2026-11-02 23:20:03"))]


async def test_smoke_is_raised_once_although_somebody_is_away_meanwhile(house: House) -> None:
    await house.show(SMOKE, "off", "smoke")
    await house.use(fire(house))
    await pause(house, "2026-11-02 13:00:00")
    await house.show(SMOKE, "on", "smoke")
    await house.at("2026-11-02 12:05:00")
    await house.at("2026-11-02 14:00:00")
    assert await raised_by(house) == [("fire 1", local("2026-11-02 12:01:00"))]


async def test_who_went_out_during_the_pause_is_nobodys_alarm_and_who_goes_out_after_it_is(house: House) -> None:
    await house.show(DOOR, "off", "door")
    await house.use(house.rule("gone_out", "out 1", {"doors": [DOOR]}))
    await pause(house, "2026-11-02 23:00:00")
    await house.at("2026-11-02 22:50:00")
    await house.shows(DOOR, "on", device_class="door")
    await house.at("2026-11-02 23:00:01")
    await house.at("2026-11-02 23:30:00")
    assert await house.raised() == NOTHING
    await house.shows(DOOR, "off", "on", device_class="door")
    await house.at("2026-11-02 23:50:00")
    assert await raised_by(house) == [("out 1", local("2026-11-02 23:50:00"))]


async def test_medicine_that_was_taken_during_the_pause_is_not_asked_for_again(house: House) -> None:
    await house.show(CABINET, "off", "door")
    await house.use(house.rule("medicine", "medicine 1", {"cabinet": {"entity_id": [CABINET]}}))
    await pause(house, "2026-11-03 09:55:00")
    await house.at("2026-11-03 09:50:00")
    await house.shows(CABINET, "on", "off", device_class="door")
    await house.at("2026-11-03 09:55:01")
    await house.at("2026-11-03 11:00:00")
    assert await house.raised() == NOTHING
    await house.at("2026-11-04 11:00:00")
    assert await raised_by(house) == [("medicine 1", local("2026-11-04 10:30:00"))]


async def test_medicine_that_was_not_taken_before_the_end_is_asked_for_after_it(house: House) -> None:
    await house.show(CABINET, "off", "door")
    await house.use(house.rule("medicine", "medicine 1", {"cabinet": {"entity_id": [CABINET]}}))
    await pause(house, "2026-11-03 10:15:00")
    await house.at("2026-11-03 10:15:01")
    await house.at("2026-11-03 10:30:00")
    assert await raised_by(house) == [("medicine 1", local("2026-11-03 10:30:00"))]


async def test_what_fell_due_after_the_end_while_the_hub_was_down_is_raised_late(house: House) -> None:
    await house.show(CABINET, "off", "door")
    await house.use(house.rule("medicine", "medicine 1", {"cabinet": {"entity_id": [CABINET]}}))
    await pause(house, "2026-11-03 09:00:00")
    await house.restart("2026-11-03 12:00:00")
    (event,) = await house.raised()
    assert (event.due_at, event.late) == (local("2026-11-03 10:30:00"), True)


async def test_a_rule_that_was_begun_during_the_pause_and_ended_while_the_hub_was_down_begins_anew(
    house: House,
) -> None:
    await house.motion("off")
    await house.use(house.passivity(**ALL_DAY))
    await pause(house, "2026-11-02 15:00:00")
    await house.restart("2026-11-02 17:00:00")
    await house.at("2026-11-02 18:59:59")
    assert await house.raised() == NOTHING
    await house.at("2026-11-02 19:00:00")
    assert await raised_by(house) == [("passivity 1", local("2026-11-02 19:00:00"))]


async def test_a_pause_that_was_over_before_the_rule_was_made_is_nothing_to_it(house: House) -> None:
    await pause(house, "2026-11-02 13:00:00")
    await house.at("2026-11-02 14:00:00")
    await house.motion("off")
    await house.use(house.passivity(**ALL_DAY))
    await house.at("2026-11-02 17:59:59")
    assert await house.raised() == NOTHING
    await house.at("2026-11-02 18:00:00")
    assert await raised_by(house) == [("passivity 1", local("2026-11-02 18:00:00"))]


async def test_a_rule_that_is_alike_and_not_paused_does_not_begin_anew(house: House) -> None:
    await house.motion("off")
    await house.use(house.passivity(**ALL_DAY), house.passivity("passivity 2", **ALL_DAY))
    await pause(house, "2026-11-02 15:00:00", line=house.automation("passivity 1"))
    await house.at("2026-11-02 15:00:01")
    await house.at("2026-11-02 16:00:00")
    assert await raised_by(house) == [("passivity 2", local("2026-11-02 16:00:00"))]


async def test_a_press_that_was_made_during_the_pause_is_not_made_again(house: House) -> None:
    await house.show(SOS, "off")
    await house.use(house.button())
    await pause(house, line=house.automation("button 1"))
    await house.show(SOS, "on")
    await resume(house, line=house.automation("button 1"))
    assert await house.raised() == NOTHING
    await house.show(SOS, "off")
    await house.at("2026-11-02 12:01:00")
    await house.press()
    assert len(await house.raised()) == 1


async def test_the_pause_of_one_does_not_hold_up_the_other_of_a_couple_with_one_rule(house: House) -> None:
    data = {"code": "K7-32", "name": "Tess T. Person", "address": "Testvägen 1, 111 11 Hultsfred"}
    added = ConfigSubentry(data=MappingProxyType(data), subentry_type=SUBENTRY_BRUKARE, title="K7-32", unique_id=None)
    house.hass.config_entries.async_add_subentry(house.entry, added)
    await settle(house.hass)
    identifier = (DOMAIN, added.subentry_id)
    device = dr.async_get(house.hass).async_get_device_by_identifier(identifier, house.entry.entry_id)
    assert device
    raises = [
        {
            "action": "homecare_h2o.raise_alarm",
            "data": {"device_id": each, "alarm_type": "passivity", "due_at": "{{ trigger.due_at }}"},
        }
        for each in (house.brukare, device.id)
    ]
    trigger = {"trigger": "homecare_h2o.inactive", "target": {"entity_id": [MOTION]}, "options": ALL_DAY}
    await house.motion("off")
    await house.use({"id": "both 1", "alias": "both 1", "triggers": [trigger], "actions": raises})
    await pause(house, "2026-11-02 15:00:00")
    await house.at("2026-11-02 15:00:01")
    await house.at("2026-11-02 16:00:00")
    assert (added.subentry_id, local("2026-11-02 16:00:00")) in [
        (event.brukare_id, event.due_at) for event in await house.raised()
    ]
