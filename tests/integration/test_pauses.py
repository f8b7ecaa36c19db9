"""A pause keeps alarms silent until its end, journals what did not come, and has every rule begin anew (R010.6)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.helpers.dispatcher import async_dispatcher_send
import pytest

from custom_components.homecare_h2o.const import SIGNAL_SWEEP
from custom_components.homecare_h2o.core.arming_events import PauseEnded, PauseStarted, SuppressReason
from custom_components.homecare_h2o.core.events import MonitoringLost
from custom_components.homecare_h2o.core.watching import Coverage

from .conftest import Pushed
from .pausing import (
    ALL_DAY,
    NOTHING,
    SMOKE,
    fire,
    hub_device,
    pause,
    pauses,
    refused,
    resume,
    suppressed,
)
from .rules import MOTION, SOS, House, local, settle
from .steps import call, collect_steps, entity_id, state_of

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")


# --- while it lasts -------------------------------------------------------------------------------------


async def test_what_comes_true_is_journalled_and_nobody_is_called(house: House, pushed: Pushed) -> None:
    told = collect_steps(house.hass)
    await house.motion("off")
    await house.use(house.passivity(**ALL_DAY))
    answer = await pause(house)
    await house.at("2026-11-02 16:00:00")
    (event,) = await suppressed(house)
    assert (event.rule, event.due_at, event.sources) == ("passivity 1", local("2026-11-02 16:00:00"), (MOTION,))
    assert (event.reason, event.pause_id) == (SuppressReason.PAUSED, answer["pause_id"])
    assert (await house.raised(), pushed("1 Htj dag")) == ([], [])
    (step,) = told
    assert {key: step[key] for key in ("type", "alarm_type", "code", "device_id", "reason")} == {
        "type": "suppressed",
        "alarm_type": "passivity",
        "code": "K7-31",
        "device_id": house.brukare,
        "reason": "paused",
    }
    shown = house.hass.states.get(entity_id(house.hass, "event", "alarm"))
    assert shown
    assert shown.attributes["event_type"] == "suppressed"


async def test_whoever_asks_for_an_alarm_is_told_that_it_does_not_come(house: House) -> None:
    await pause(house)
    answer = await call(house.hass, "raise_alarm", device_id=house.brukare, alarm_type="passivity")
    assert answer == {"alarm_id": None, "outcome": "suppressed"}


@pytest.mark.parametrize("alarm_type", ["safety_button", "fire", "leak", "test"])
async def test_a_press_fire_and_water_come_all_the_same(house: House, pushed: Pushed, alarm_type: str) -> None:
    await pause(house)
    await pause(house, device_id=hub_device(house))
    before = len(pushed("1 Htj dag"))
    answer = await call(house.hass, "raise_alarm", device_id=house.brukare, alarm_type=alarm_type)
    assert answer["outcome"] == "raised"
    assert len(pushed("1 Htj dag")) == before + 1


async def test_one_line_is_paused_and_the_others_are_not(house: House) -> None:
    await house.show(SOS, "off")
    await house.use(house.button(), house.button("button 2"))
    await pause(house, line=house.automation("button 1"))
    await house.press()
    assert [event.rule for event in await suppressed(house)] == ["button 1"]
    assert [event.rule for event in await house.raised()] == ["button 2"]


async def test_what_fell_due_during_a_pause_does_not_come_when_it_is_told_after_it(house: House) -> None:
    await pause(house, "2026-11-02 13:00:00")
    await house.at("2026-11-02 14:00:00")
    due_at = local("2026-11-02 12:30:00").isoformat()
    late = {"device_id": house.brukare, "alarm_type": "passivity", "due_at": due_at}
    assert (await call(house.hass, "raise_alarm", **late))["outcome"] == "suppressed"
    (event,) = await suppressed(house)
    assert event.late
    assert (await call(house.hass, "raise_alarm", **late | {"alarm_type": "fire"}))["outcome"] == "raised"


async def test_an_alarm_that_is_open_goes_on(house: House, pushed: Pushed) -> None:
    await call(house.hass, "raise_alarm", device_id=house.brukare, alarm_type="safety_button")
    await pause(house)
    await house.at("2026-11-02 12:03:00")
    assert len(pushed("1 Htj dag")) == 2


# --- its end --------------------------------------------------------------------------------------------


async def test_it_ends_by_itself_and_that_is_journalled_once(house: House) -> None:
    await pause(house)
    await house.at("2026-11-02 17:59:59")
    assert state_of(house.hass, "switch", "monitoring") == "off"
    await house.at("2026-11-02 18:00:01")
    assert state_of(house.hass, "switch", "monitoring") == "on"
    await house.at("2026-11-02 18:30:00")
    (started, ended) = await pauses(house)
    assert isinstance(started, PauseStarted)
    assert isinstance(ended, PauseEnded)
    assert (ended.pause_id, ended.expired) == (started.pause_id, True)


async def test_it_ends_when_the_clock_is_set_forward(house: House) -> None:
    await pause(house)
    house.freezer.move_to(local("2026-11-03 12:00:00"))
    async_dispatcher_send(house.hass, SIGNAL_SWEEP)
    await settle(house.hass)
    assert state_of(house.hass, "switch", "monitoring") == "on"


async def test_a_clock_that_is_set_back_does_not_begin_it_again(house: House) -> None:
    await pause(house)
    await house.at("2026-11-02 18:00:01")
    house.freezer.move_to(local("2026-11-02 13:00:00"))
    async_dispatcher_send(house.hass, SIGNAL_SWEEP)
    await settle(house.hass)
    answer = await call(house.hass, "raise_alarm", device_id=house.brukare, alarm_type="passivity")
    assert answer["outcome"] == "raised"
    await house.start_hub_again()
    assert state_of(house.hass, "switch", "monitoring") == "on"


async def test_it_lasts_over_a_restart(house: House) -> None:
    await pause(house)
    await house.restart("2026-11-02 13:00:00")
    answer = await call(house.hass, "raise_alarm", device_id=house.brukare, alarm_type="passivity")
    assert answer["outcome"] == "suppressed"
    await house.at("2026-11-02 18:00:01")
    answer = await call(house.hass, "raise_alarm", device_id=house.brukare, alarm_type="passivity")
    assert answer["outcome"] == "raised"


async def test_one_that_ended_while_the_hub_was_down_is_over_at_the_start(house: House) -> None:
    await pause(house)
    await house.restart("2026-11-02 20:00:00")
    assert [(event.kind, event.at) for event in await pauses(house)] == [
        ("pause_started", local("2026-11-02 12:00:00")),
        ("pause_ended", local("2026-11-02 20:00:00")),
    ]


async def test_somebody_ends_it(house: House) -> None:
    answer = await pause(house)
    assert await resume(house) == {"pause_id": answer["pause_id"]}
    assert [event.expired for event in await pauses(house) if isinstance(event, PauseEnded)] == [False]
    again = await call(house.hass, "raise_alarm", device_id=house.brukare, alarm_type="passivity")
    assert again["outcome"] == "raised"


async def test_the_newest_end_counts(house: House) -> None:
    await pause(house)
    await pause(house, "2026-11-03 18:00:00")
    await house.at("2026-11-02 19:00:00")
    assert state_of(house.hass, "switch", "monitoring") == "off"
    await house.at("2026-11-03 18:00:01")
    assert state_of(house.hass, "switch", "monitoring") == "on"


async def test_the_same_twice_is_one(house: House) -> None:
    assert await pause(house) == await pause(house)
    assert len(await pauses(house)) == 1
    await resume(house)
    assert await refused(house, "resume", device_id=house.brukare) == "not_paused"


async def test_a_pause_counts_although_the_journal_cannot_be_written(house: House) -> None:
    with patch.object(house.hub.journal, "append", side_effect=OSError):
        await pause(house)
        answer = await call(house.hass, "raise_alarm", device_id=house.brukare, alarm_type="passivity")
    assert answer["outcome"] == "suppressed"
    await house.at("2026-11-02 12:05:00")
    assert [event.kind for event in await pauses(house)] == ["pause_started"]


async def test_a_hub_that_is_being_closed_ends_it_at_its_next_start(house: House) -> None:
    await pause(house, "2026-11-02 13:00:00")
    await house.hub.engine.stop()
    await house.at("2026-11-02 13:00:01")
    await house.start_hub_again()
    assert [event.kind for event in await pauses(house)] == ["pause_started", "pause_ended"]


# --- the watching of the watching -------------------------------------------------------------------------


async def test_what_is_paused_is_not_watched_and_no_trouble(house: House) -> None:
    await house.motion("unavailable")
    await house.use(house.passivity())
    await pause(house, "2026-11-02 14:00:00")
    await house.at("2026-11-02 13:00:00")
    assert await house.told() == NOTHING
    assert state_of(house.hass, "binary_sensor", "monitoring_problem") == "off"
    shown = house.hass.states.get(entity_id(house.hass, "binary_sensor", "monitoring_problem"))
    assert shown
    assert shown.attributes["paused"] == {"passivity 1": local("2026-11-02 14:00:00").isoformat()}
    (day,) = house.hub.lines["passivity 1"].facts.days
    assert (day.watched, day.not_watched) == (timedelta(), timedelta(hours=1))
    await house.at("2026-11-02 14:00:01")
    assert house.hub.lines["passivity 1"].facts.coverage is Coverage.NOT
    await house.at("2026-11-02 14:11:00")
    assert len(await house.told()) == 1
    lost = [event.at for event in await house.journal() if isinstance(event, MonitoringLost)]
    assert lost[-1] == local("2026-11-02 14:00:01")


async def test_a_detector_that_is_lost_meanwhile_is_told(house: House) -> None:
    await house.show(SMOKE, "unavailable", "smoke")
    await house.use(fire(house))
    await pause(house)
    await house.at("2026-11-02 12:15:00")
    (alarm,) = await house.told()
    assert alarm.sources == (SMOKE,)


async def test_the_plan_says_until_when_a_line_is_paused(house: House) -> None:
    await house.motion("off")
    await house.use(house.passivity())
    await pause(house)
    (line,) = (await call(house.hass, "get_plan", device_id=house.brukare))["lines"]
    assert (line["paused_until"], line["coverage"]) == (local("2026-11-02 18:00:00").isoformat(), "not_watched")
    await resume(house)
    (line,) = (await call(house.hass, "get_plan", device_id=house.brukare))["lines"]
    assert (line["paused_until"], line["coverage"]) == (None, "watched")


# --- what is refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"reason": " "}, "pause_reason_missing"),
        ({"until": "2026-11-02T11:59:59+01:00"}, "pause_end_missed"),
        ({"until": "2027-02-01T12:00:00+01:00"}, "pause_too_long"),
        ({"until": "9999-12-31T23:59:59-12:00"}, "pause_too_long"),
        ({"line": "automation.none"}, "unknown_line"),
        ({"device_id": "another"}, "not_a_brukare"),
    ],
)
async def test_what_makes_no_sense_is_refused(house: House, data: Mapping[str, Any], reason: str) -> None:
    asked = {"device_id": house.brukare, "reason": "Sjukhus", "until": "2026-11-02T18:00:00+01:00", **data}
    assert await refused(house, "pause", **asked) == reason
    assert await pauses(house) == NOTHING


async def test_a_line_is_a_brukares_and_not_the_hubs(house: House) -> None:
    asked = {"device_id": hub_device(house), "line": "automation.none"}
    assert await refused(house, "resume", **asked) == "unknown_line"


@pytest.mark.parametrize("action", ["pause", "resume"])
async def test_only_the_larmansvarig_may(house: House, action: str) -> None:
    staff = await house.hass.auth.async_create_user("Undersköterska", group_ids=[GROUP_ID_USER])
    until = {"reason": "Sjukhus", "until": "2026-11-02T18:00:00+01:00"} if action == "pause" else {}
    assert await refused(house, action, staff.id, device_id=house.brukare, **until) == "not_allowed"
    assert await pauses(house) == NOTHING


# --- in words ----------------------------------------------------------------------------------------------


async def test_the_exported_journal_says_it_in_words(house: House) -> None:
    await pause(house, reason="Sjukhus, Tess T. Person")
    await call(house.hass, "raise_alarm", device_id=house.brukare, alarm_type="passivity")
    await house.at("2026-11-02 18:00:01")
    period = {"from": "2026-11-02", "to": "2026-11-02", "format": "text"}
    told = (await call(house.hass, "export_journal", **period))["content"]
    assert "paus: till 2026-11-02 18:00. Sjukhus, K7-31" in told
    assert "Passivitetslarm: undertryckt: övervakningen är pausad" in told
    assert "pausen är slut: av sig själv" in told
