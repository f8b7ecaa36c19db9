"""Values of a line are tried on what the recorder has kept, by the detectors that watch (R010.1)."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
import json
import logging
from typing import Any
from unittest.mock import patch

from homeassistant.auth.models import User
from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.components.recorder.db_schema import RecorderRuns
from homeassistant.components.recorder.util import session_scope
from homeassistant.core import HomeAssistant, State
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done
from pytest_homeassistant_custom_component.typing import WebSocketGenerator
from sqlalchemy.exc import OperationalError

from custom_components.homecare_h2o import what_if
from custom_components.homecare_h2o.core.events import Actor
from custom_components.homecare_h2o.triggers.replay import Record, Start, read_activity

from .rules import MOTION, House, local
from .test_websocket import LARMANSVARIG, log_in

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

DOOR = "binary_sensor.door"
ROOM = "binary_sensor.room"
CABINET = "binary_sensor.cabinet"
STOVE = "sensor.stove"
TWO_HOURS: dict[str, Any] = {"threshold": {"hours": 2}}
NURSE = Actor(user_id="nurse")


@pytest.fixture
def mock_recorder_before_hass(async_test_recorder: Any) -> None:
    """Have the recorder before anything else."""


@pytest.fixture
async def lived(recorder_mock: Recorder, house: House) -> House:
    """Return a home whose days are recorded."""
    return house


@pytest.fixture(autouse=True)
def _as_installed(caplog: pytest.LogCaptureFixture) -> None:
    """Log as an installed Home Assistant does: only one that is being debugged logs all that is recorded and sent."""
    for name in ("homeassistant.components.recorder", "homeassistant.components.websocket_api", "sqlalchemy.engine"):
        caplog.set_level(logging.WARNING, name)


class Larmansvarig:
    """Somebody who logs in anew for each question: a connection does not last for days."""

    def __init__(self, hass: HomeAssistant, client: WebSocketGenerator, user: User) -> None:
        self._hass = hass
        self._client = client
        self._user = user

    async def ask(self, **data: Any) -> dict[str, Any]:
        """Ask, and return the answer."""
        browser = await log_in(self._hass, self._client, self._user)
        answer = await browser.ask("what_if", **data)
        await browser.close()
        return answer

    async def get(self, **data: Any) -> dict[str, Any]:
        """Ask for what is allowed, and return the result."""
        answer = await self.ask(**data)
        assert answer["success"], answer
        result: dict[str, Any] = answer["result"]
        return result


@pytest.fixture
async def larmansvarig(hass: HomeAssistant, home: MockConfigEntry, hass_ws_client: WebSocketGenerator) -> Larmansvarig:
    user = await hass.auth.async_create_user("Boss", group_ids=LARMANSVARIG)
    return Larmansvarig(hass, hass_ws_client, user)


async def try_values(browser: Larmansvarig, house: House, rule: str, days: int = 14, **inputs: Any) -> dict[str, Any]:
    """Ask what a line would have raised with other values."""
    await async_wait_recording_done(house.hass)
    return await browser.get(rule=rule, inputs=inputs, days=days)


async def refusal(browser: Larmansvarig, rule: str, **inputs: Any) -> dict[str, Any]:
    """Return why values cannot be tried."""
    answer = await browser.ask(rule=rule, inputs=inputs)
    assert not answer["success"]
    error: dict[str, Any] = answer["error"]
    return error


def dues(setting: Mapping[str, Any]) -> list[datetime]:
    """Return when a setting would have raised alarms."""
    return [datetime.fromisoformat(alarm["at"]) for alarm in setting["alarms"]]


def kinds(told: Mapping[str, Any]) -> list[str]:
    """Return what the answer does not know."""
    return [unknown["kind"] for unknown in told["unknown"]]


async def live_three_days(house: House) -> None:
    """Have a rule of two hours in the morning, and three mornings: two with long pauses, and a quiet one."""
    await house.motion("off")
    await house.use(house.passivity(**TWO_HOURS))
    await house.moves_at("2026-11-03 06:10:00", "2026-11-03 09:00:00", "2026-11-03 20:00:00")
    await house.moves_at("2026-11-04 07:00:00", "2026-11-04 09:30:00")
    await house.at("2026-11-05 12:00:00")


# --- the same as live --------------------------------------------------------------------------------


async def test_the_values_of_now_give_what_was_raised_and_others_what_would_have_been(
    lived: House, larmansvarig: Larmansvarig
) -> None:
    await live_three_days(lived)
    told = await try_values(larmansvarig, lived, "passivity 1", threshold={"hours": 3})
    assert dues(told["now"]) == await lived.presses()
    assert len(dues(told["now"])) == 3
    assert dues(told["then"]) == [local("2026-11-05 09:00:00")]
    assert (told["now"]["count"], told["then"]["count"]) == (3, 1)
    assert told["then"]["days"] == [
        {"date": f"2026-11-0{day}", "count": number} for day, number in ((2, 0), (3, 0), (4, 0), (5, 1))
    ]


async def test_nothing_is_changed_by_asking(lived: House, larmansvarig: Larmansvarig) -> None:
    await live_three_days(lived)
    before, written = await lived.journal(), (lived.folder / "automations.yaml").read_text()
    await try_values(larmansvarig, lived, "passivity 1", threshold={"hours": 3})
    assert (await lived.journal(), (lived.folder / "automations.yaml").read_text()) == (before, written)


async def test_alarms_that_were_raised_are_counted_and_the_false_ones(lived: House, larmansvarig: Larmansvarig) -> None:
    await live_three_days(lived)
    first, *_ = await lived.raised()
    await lived.hub.engine.report_false_alarm(first.alarm_id, NURSE)
    told = await try_values(larmansvarig, lived, "passivity 1")
    assert told["actual"] == {"count": 1, "repeated": 2, "false": 1, "cut": False}


async def test_a_visit_excuses_as_it_did_live(lived: House, larmansvarig: Larmansvarig) -> None:
    await lived.shows(DOOR, "off", device_class="door")
    await lived.shows(ROOM, "off")
    await lived.use(lived.rule("gone_out", "out 1", {"doors": [DOOR], "rooms": [ROOM]}))
    await lived.at("2026-11-02 23:00:00")
    await lived.shows(DOOR, "on", "off", device_class="door")
    await lived.at("2026-11-02 23:01:00")
    await lived.hub.visits.start("brukare-1", NURSE)
    await lived.at("2026-11-02 23:15:00")
    await lived.shows(DOOR, "on", "off", device_class="door")
    await lived.hub.visits.end("brukare-1", NURSE)
    await lived.at("2026-11-03 02:00:00")
    await lived.shows(DOOR, "on", "off", device_class="door")
    await lived.at("2026-11-03 04:00:00")
    await lived.hub.visits.start("brukare-1", NURSE)
    await lived.at("2026-11-03 07:00:00")
    told = await try_values(larmansvarig, lived, "out 1", delay={"minutes": 5})
    assert dues(told["now"]) == await lived.due_by_rule("out 1") == [local("2026-11-03 02:20:00")]
    assert dues(told["then"]) == [local("2026-11-03 02:05:00")]


async def test_the_medicine_that_was_late_is_found_and_its_reminder_is_no_alarm(
    lived: House, larmansvarig: Larmansvarig
) -> None:
    await lived.shows(CABINET, "off", device_class="door")
    target = {"entity_id": [CABINET]}
    await lived.use(lived.rule("medicine", "dose 1", {"cabinet": target, "from": "08:00:00", "to": "10:00:00"}))
    await lived.at("2026-11-03 08:45:00")
    await lived.shows(CABINET, "on", "off", device_class="door")
    await lived.at("2026-11-03 12:00:00")
    told = await try_values(larmansvarig, lived, "dose 1", alarm_delay={"minutes": 50})
    assert dues(told["now"]) == await lived.due_by_rule("dose 1")
    assert len(dues(told["now"])) == 1
    assert dues(told["then"]) == []


async def test_a_stove_in_another_unit_is_as_hot_as_it_was(lived: House, larmansvarig: Larmansvarig) -> None:
    power = {"device_class": "power", "unit_of_measurement": "kW"}
    await lived.show(STOVE, "0", **power)
    inputs = {"plugs": {"entity_id": [STOVE]}, "longest": {"hours": 1}, "all_day": True}
    await lived.use(lived.rule("power_on", "stove 1", inputs))
    await lived.at("2026-11-02 13:00:00")
    await lived.show(STOVE, "1.5", **power)
    await lived.at("2026-11-02 14:30:00")
    await lived.show(STOVE, "0", **power)
    told = await try_values(larmansvarig, lived, "stove 1", longest={"hours": 2})
    assert dues(told["now"]) == await lived.due_by_rule("stove 1") == [local("2026-11-02 14:00:00")]
    assert dues(told["then"]) == []


async def test_values_that_nobody_chose_are_those_of_the_blueprint(lived: House, larmansvarig: Larmansvarig) -> None:
    await live_three_days(lived)
    told = await try_values(larmansvarig, lived, "passivity 1", threshold=None)
    assert dues(told["then"]) == [local("2026-11-05 10:00:00")]


# --- what is not known -------------------------------------------------------------------------------


async def test_it_says_since_when_anything_is_recorded(lived: House, larmansvarig: Larmansvarig) -> None:
    await live_three_days(lived)
    told = await try_values(larmansvarig, lived, "passivity 1")
    (unknown,) = told["unknown"]
    assert (unknown["kind"], unknown["from"]) == ("recorded_since", told["since"])
    assert datetime.fromisoformat(told["since"]) <= local("2026-11-02 12:01:00")
    assert kinds(await try_values(larmansvarig, lived, "passivity 1", days=1)) == []


async def test_it_says_which_sensors_have_no_history(lived: House, larmansvarig: Larmansvarig) -> None:
    await live_three_days(lived)
    target = {"entity_id": [MOTION, "binary_sensor.never_seen"]}
    told = await try_values(larmansvarig, lived, "passivity 1", days=1, sensors=target)
    assert told["unknown"] == [{"kind": "no_history", "sources": ["binary_sensor.never_seen"]}]


async def test_it_says_that_no_sensor_is_there(lived: House, larmansvarig: Larmansvarig) -> None:
    await live_three_days(lived)
    told = await try_values(larmansvarig, lived, "passivity 1", days=1, sensors={"device_id": ["gone"]})
    assert kinds(told) == ["no_sources"]


async def test_what_falls_into_a_pause_is_no_alarm_and_told(lived: House, larmansvarig: Larmansvarig) -> None:
    await lived.motion("off")
    await lived.use(lived.passivity(**TWO_HOURS))
    await lived.at("2026-11-03 05:00:00")
    subject_pause = {"device_id": lived.brukare, "reason": "Hos dottern", "until": "2026-11-04T12:00:00+01:00"}
    await lived.hass.services.async_call("homecare_h2o", "pause", subject_pause, blocking=True)
    await lived.at("2026-11-05 12:00:00")
    told = await try_values(larmansvarig, lived, "passivity 1")
    assert dues(told["now"]) == await lived.due_by_rule("passivity 1") == [local("2026-11-05 08:00:00")]
    assert told["now"]["paused"] == 2
    assert kinds(told) == ["recorded_since", "paused"]


async def test_a_time_in_which_the_hub_was_off_is_told_and_nothing_is_seen_to_begin_in_it(
    lived: House, larmansvarig: Larmansvarig
) -> None:
    await lived.shows(DOOR, "off", device_class="door")
    await lived.shows(ROOM, "off")
    await lived.use(lived.rule("gone_out", "out 1", {"doors": [DOOR], "rooms": [ROOM]}))
    await lived.at("2026-11-02 23:00:00")
    await lived.stop_hub()
    await lived.at("2026-11-03 01:00:00")
    begin = datetime.now(UTC)

    def run() -> None:
        with session_scope(hass=lived.hass) as session:
            session.add(RecorderRuns(start=begin, created=begin))

    await get_instance(lived.hass).async_add_executor_job(run)
    await lived.at(begin + timedelta(seconds=10))
    await lived.shows(DOOR, "on", device_class="door")
    await lived.start_hub()
    await lived.at("2026-11-03 03:00:00")
    await lived.shows(DOOR, "off", "on", device_class="door")
    await lived.at("2026-11-03 07:00:00")
    told = await try_values(larmansvarig, lived, "out 1")
    assert dues(told["now"]) == [local("2026-11-03 03:20:00")]
    assert kinds(told) == ["recorded_since", "hub_off"]


def test_what_was_going_on_when_the_hub_died_ended_then() -> None:
    begin = local("2026-11-03 06:00:00")
    shown = [
        State(MOTION, state, {"device_class": "motion"}, last_updated=begin + timedelta(minutes=minute))
        for state, minute in (("off", 0), ("on", 30), ("off", 61), ("on", 90))
    ]
    lost_at = begin + timedelta(minutes=40)
    starts = (
        Start(lost_at=lost_at, at=begin + timedelta(minutes=45)),
        Start(lost_at=begin + timedelta(minutes=50), at=begin + timedelta(minutes=55)),
    )
    told = read_activity(Record(since=begin, states={MOTION: shown}, starts=starts), [MOTION])
    assert [each.last_activity_at for each in told] == [
        begin,
        begin + timedelta(minutes=30),
        lost_at,
        begin + timedelta(minutes=90),
    ]
    assert [each.masked_until_at is None for each in told] == [True, False, True, False]


async def test_conditions_of_ones_own_are_not_tried_and_that_is_told(lived: House, larmansvarig: Larmansvarig) -> None:
    await lived.motion("off")
    folder = lived.folder / "blueprints" / "automation" / "homecare_h2o"
    own = (folder / "passivity.yaml").read_text().replace("\nactions:", "\nconditions: []\nactions:", 1)
    own = own.replace("conditions: []", 'conditions: "{{ true }}"', 1)
    (folder / "own.yaml").write_text(own)
    line = lived.passivity(**TWO_HOURS)
    line["use_blueprint"]["path"] = "homecare_h2o/own.yaml"
    await lived.use(line)
    assert "conditions" in kinds(await try_values(larmansvarig, lived, "passivity 1"))


# --- what is refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inputs", "key"),
    [
        pytest.param({"threshold": {"hours": 5}}, "threshold_longer_than_window", id="never"),
        pytest.param({"threshold": {"hours": 0}}, "threshold_not_positive", id="nothing"),
        pytest.param({"threshold": "soon"}, "what_if_bad_values", id="no time"),
        pytest.param({"from": "25:00:00"}, "what_if_bad_values", id="no time of day"),
        pytest.param({"to": "06:00:00"}, "bad_window", id="no window"),
        pytest.param({"sensors": {}}, "what_if_bad_values", id="no sensors"),
        pytest.param({"treshold": 1}, "what_if_bad_values", id="no such value"),
        pytest.param({"sensors": None}, "what_if_bad_values", id="needed"),
    ],
)
async def test_values_are_refused_as_the_editor_would(
    lived: House, larmansvarig: Larmansvarig, inputs: dict[str, Any], key: str
) -> None:
    await lived.motion("off")
    await lived.use(lived.passivity(**TWO_HOURS))
    assert (await refusal(larmansvarig, "passivity 1", **inputs))["translation_key"] == key


async def test_a_button_cannot_be_tried(lived: House, larmansvarig: Larmansvarig) -> None:
    await lived.use(lived.button())
    assert (await refusal(larmansvarig, "button 1"))["translation_key"] == "line_not_replayable"


async def test_a_line_that_was_made_by_hand_has_no_values(lived: House, larmansvarig: Larmansvarig) -> None:
    data = {"device_id": lived.brukare, "alarm_type": "passivity"}
    await lived.use(
        {
            "id": "own 1",
            "alias": "Own",
            "triggers": [{"trigger": "homecare_h2o.inactive", "target": {"entity_id": [MOTION]}, "options": TWO_HOURS}],
            "actions": [{"action": "homecare_h2o.raise_alarm", "data": data}],
        }
    )
    assert (await refusal(larmansvarig, "own 1"))["translation_key"] == "line_without_blueprint"


async def test_a_line_that_is_not_there_is_not_tried(lived: House, larmansvarig: Larmansvarig) -> None:
    await lived.use(lived.passivity(**TWO_HOURS))
    assert (await refusal(larmansvarig, "nobody's"))["translation_key"] == "unknown_line"
    answer = await larmansvarig.ask(rule="passivity 1", brukare_id="another", inputs={})
    assert answer["error"]["translation_key"] == "unknown_line"
    assert (await larmansvarig.ask(inputs={}))["error"]["code"] == "invalid_format"


async def test_a_line_is_found_by_its_automation_too(lived: House, larmansvarig: Larmansvarig) -> None:
    await lived.motion("off")
    await lived.use(lived.passivity(**TWO_HOURS))
    await async_wait_recording_done(lived.hass)
    told = await larmansvarig.get(entity_id=lived.automation("passivity 1"), brukare_id="brukare-1", inputs={})
    assert told["now"]["count"] == 0


async def test_without_a_recorder_there_is_no_history(house: House, larmansvarig: Larmansvarig) -> None:
    await house.use(house.passivity(**TWO_HOURS))
    assert (await refusal(larmansvarig, "passivity 1"))["translation_key"] == "recorder_missing"


async def test_a_recorder_that_fails_is_told(lived: House, larmansvarig: Larmansvarig) -> None:
    await lived.use(lived.passivity(**TWO_HOURS))
    broken = OperationalError("SELECT", {}, Exception("disk I/O error"))
    name = "homeassistant.components.recorder.history.get_significant_states_with_session"
    with patch(name, side_effect=broken):
        assert (await refusal(larmansvarig, "passivity 1"))["translation_key"] == "recorder_missing"


async def test_one_question_is_counted_after_the_other(
    lived: House, larmansvarig: Larmansvarig, monkeypatch: pytest.MonkeyPatch
) -> None:
    await live_three_days(lived)
    await async_wait_recording_done(lived.hass)
    counting: list[int] = []
    at_once: list[int] = []
    read = what_if._async_read_record

    async def read_slowly(*args: Any) -> Any:
        counting.append(1)
        at_once.append(len(counting))
        await asyncio.sleep(0)
        record = await read(*args)
        counting.pop()
        return record

    monkeypatch.setattr(what_if, "_async_read_record", read_slowly)
    line = what_if.find_line(lived.hass, lived.hub, "passivity 1", None, None)
    asked = [what_if.async_try_values(lived.hass, lived.hub, line, {}, 14) for _ in range(3)]
    first, *others = await asyncio.gather(*asked)
    assert (at_once, others) == ([1, 1, 1], [first, first])


async def test_more_than_the_hub_has_room_for_is_refused_before_it_is_read(
    lived: House, larmansvarig: Larmansvarig, monkeypatch: pytest.MonkeyPatch
) -> None:
    await live_three_days(lived)
    told = await try_values(larmansvarig, lived, "passivity 1")
    monkeypatch.setattr("custom_components.homecare_h2o.what_if_history.MOST_STATES", 5)
    assert told["now"]["count"]
    assert (await refusal(larmansvarig, "passivity 1"))["translation_key"] == "what_if_too_much"


async def test_what_is_told_names_nobody(lived: House, larmansvarig: Larmansvarig) -> None:
    await lived.show(MOTION, "off", "motion", friendly_name="Tess T. Person hall")
    await lived.use(lived.passivity(**TWO_HOURS))
    await lived.at("2026-11-03 12:00:00")
    told = await try_values(larmansvarig, lived, "passivity 1")
    assert dues(told["now"])
    assert "Tess" not in json.dumps(told, ensure_ascii=False)
