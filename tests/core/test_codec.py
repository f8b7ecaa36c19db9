"""Events as JSON and back; whatever cannot be read is refused, never guessed."""

from datetime import datetime, timedelta
import json
from typing import Any

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from custom_components.homecare_h2o.core import codec
from custom_components.homecare_h2o.core.alarm import fold
from custom_components.homecare_h2o.core.errors import CodecError
from custom_components.homecare_h2o.core.escalation import AlarmType
from custom_components.homecare_h2o.core.events import (
    Actor,
    AlarmAcknowledged,
    AlarmRaised,
    CallReason,
    DetectionNoted,
    HubStarted,
    NoteKind,
    Outcome,
    PhoneNotified,
    ReceiversCalled,
)

from .samples import PLAN, STOCKHOLM, T0, minutes
from .strategies import of_type

RAISED = AlarmRaised(
    at=T0,
    alarm_id="A1",
    brukare_id="K1",
    alarm_type=AlarmType.FIRE,
    rule="fire",
    due_at=T0,
    late=False,
    message="Rök i köket \ud83d",
    sources=("binary_sensor.smoke",),
    plan=PLAN,
    secret="s",
)
CALLED = ReceiversCalled(
    at=T0,
    alarm_id="A1",
    step=0,
    level=0,
    reason=CallReason.RAISED,
    groups=(),
    phones=("p1",),
    base_at=T0,
    next_deadline_at=minutes(5),
)
ACKNOWLEDGED = AlarmAcknowledged(at=T0, alarm_id="A1", by=Actor(phone_id="p1"), next_deadline_at=minutes(30))


def changed(event: Any, **changes: Any) -> str:
    """Return an event's text with some fields exchanged."""
    return json.dumps(json.loads(codec.encode(event)) | changes)


def without(event: Any, name: str) -> str:
    """Return an event's text without a field."""
    record = json.loads(codec.encode(event))
    del record[name]
    return json.dumps(record)


@pytest.mark.parametrize("kind", sorted(codec.KINDS))
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_event_comes_back_as_it_was(kind: str, data: st.DataObject) -> None:
    event = data.draw(of_type(codec.KINDS[kind]))
    assert codec.decode(kind, codec.VERSION, codec.encode(event)) == event


def test_half_an_emoji_comes_back() -> None:
    assert codec.decode("raised", 1, codec.encode(RAISED)) == RAISED


def test_text_that_version_1_wrote_is_still_read() -> None:
    text = (
        '{"alarm_id":"A1","alarm_type":"fire","at":"2026-11-02T11:00:00+00:00","brukare_id":"K1",'
        '"due_at":"2026-11-02T11:00:00+00:00","late":false,"message":"Rök i köket \\ud83d","plan":{"levels":['
        '{"delay":0.0,"receivers":["on_duty"]},{"delay":300.0,"receivers":["on_duty","backup"]},'
        '{"delay":600.0,"receivers":["larmansvarig"]}],"repeat_every":300.0,"response_time":1800.0},'
        '"rule":"fire","secret":"s","sources":["binary_sensor.smoke"]}'
    )
    assert codec.decode("raised", 1, text) == RAISED


def test_an_alarm_of_the_first_version_is_raised_taken_and_comes_back() -> None:
    texts = {
        "raised": without(RAISED, "on_duty"),
        "called": codec.encode(CALLED),
        "acknowledged": codec.encode(ACKNOWLEDGED),
        "escalated": '{"alarm_id":"A1","at":"2026-11-02T11:30:00+00:00","due_at":"2026-11-02T11:30:00+00:00",'
        '"late":false,"level":0,"reason":"response_overdue"}',
        "resolved": '{"alarm_id":"A1","at":"2026-11-02T11:31:00+00:00","by":{"phone_id":"p1","user_id":"u1"},'
        '"note":null,"outcome":"help_given","report":false}',
    }
    alarm = fold(codec.decode(kind, 1, text) for kind, text in texts.items())  # type: ignore[misc]
    assert (alarm.on_duty, alarm.shift_at, alarm.outcome) == (None, T0, Outcome.HELP_GIVEN)


def test_what_a_rule_noted_is_read_as_it_was_written_first() -> None:
    text = (
        '{"at":"2026-11-02T11:00:00+00:00","due_at":"2026-11-02T11:01:00+00:00","note":"began",'
        '"sources":["binary_sensor.smoke"],"trigger":"detected"}'
    )
    noted = DetectionNoted(
        at=T0, note=NoteKind.BEGAN, trigger="detected", sources=("binary_sensor.smoke",), due_at=minutes(1)
    )
    assert codec.decode("detection_noted", 1, text) == noted
    assert codec.encode(noted) == text


def test_the_same_event_is_the_same_text_in_utc() -> None:
    at = datetime(2026, 11, 2, 12, 0, tzinfo=STOCKHOLM)
    assert codec.encode(HubStarted(at=at, last_alive_at=None)) == codec.encode(HubStarted(at=T0, last_alive_at=None))
    assert codec.encode(HubStarted(at=at, last_alive_at=at)) == (
        '{"at":"2026-11-02T11:00:00+00:00","last_alive_at":"2026-11-02T11:00:00+00:00"}'
    )


def test_a_microsecond_is_not_lost() -> None:
    event = HubStarted(at=T0 + timedelta.resolution, last_alive_at=T0)
    assert codec.decode("hub_started", 1, codec.encode(event)) == event


@pytest.mark.parametrize(("kind", "version"), [("raised", 0), ("raised", 2), ("unheard_of", 1), ("", 1)])
def test_another_version_or_kind_is_refused(kind: str, version: int) -> None:
    with pytest.raises(CodecError):
        codec.decode(kind, version, codec.encode(RAISED))


@pytest.mark.parametrize(
    "text",
    ["", "{", "null", "[]", '"text"', "1", "{}", "[" * 100_000, '{"at":null}', "\0"],
    ids=["empty", "half", "null", "list", "string", "number", "no_fields", "deep", "no_instant", "nul"],
)
@pytest.mark.parametrize("kind", ["raised", "called", "acknowledged", "hub_started"])
def test_garbage_is_refused(kind: str, text: str) -> None:
    with pytest.raises(CodecError):
        codec.decode(kind, 1, text)


@pytest.mark.parametrize(
    "changes",
    [
        {"at": "yesterday"},
        {"at": "2026-11-02T11:00:00"},
        {"at": 5},
        {"late": 0},
        {"late": "false"},
        {"message": 5},
        {"alarm_type": "earthquake"},
        {"sources": "binary_sensor.smoke"},
        {"sources": {"a": 1}},
        {"sources": [1]},
        {"sources": None},
        {"secret": None},
        {"plan": None},
        {"plan": []},
        {"plan": {"levels": [], "repeat_every": 300.0, "response_time": 300.0}},
        {"plan": {"levels": [{"delay": 0.0, "receivers": ["a"]}], "repeat_every": 0.0, "response_time": 300.0}},
        {
            "plan": {
                "levels": [{"delay": 0.0, "receivers": ["a"]}],
                "repeat_every": float("nan"),
                "response_time": 300.0,
            }
        },
        {
            "plan": {
                "levels": [{"delay": 0.0, "receivers": ["a"]}],
                "repeat_every": float("inf"),
                "response_time": 300.0,
            }
        },
        {"plan": {"levels": [{"delay": "0", "receivers": ["a"]}], "repeat_every": 300.0, "response_time": 300.0}},
        {"plan": {"levels": [{"delay": True, "receivers": ["a"]}], "repeat_every": 300.0, "response_time": 300.0}},
    ],
    ids=str,
)
def test_value_of_the_wrong_kind_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(CodecError):
        codec.decode("raised", 1, changed(RAISED, **changes))


@pytest.mark.parametrize("changes", [{"step": True}, {"step": 1.0}, {"step": "1"}, {"level": None}], ids=str)
def test_number_that_is_none_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(CodecError):
        codec.decode("called", 1, changed(CALLED, **changes))


@pytest.mark.parametrize("by", [None, [], "", "p1", 1, {"phone_id": 1}])
def test_actor_that_is_none_is_refused(by: Any) -> None:
    with pytest.raises(CodecError):
        codec.decode("acknowledged", 1, changed(ACKNOWLEDGED, by=by))


@pytest.mark.parametrize("name", ["at", "alarm_id", "phone_id", "step"])
def test_missing_field_is_refused(name: str) -> None:
    with pytest.raises(CodecError):
        codec.decode("notified", 1, without(PhoneNotified(at=T0, alarm_id="A1", phone_id="p1", step=0), name))


def test_field_with_a_default_may_be_missing() -> None:
    text = changed(ACKNOWLEDGED, by={"phone_id": "p1"})
    assert codec.decode("acknowledged", 1, text) == ACKNOWLEDGED


@pytest.mark.parametrize("value", [None, {}, {"user_id": 1}, {"phone_id": ["p1"]}, "p1"])
def test_what_cannot_be_read_is_not_remembered(value: Any) -> None:
    assert codec.recall(Actor, value) is None


def test_what_can_be_read_is_remembered() -> None:
    actor = Actor(phone_id="p1")
    assert codec.recall(Actor, codec.to_plain(actor)) == actor


@settings(max_examples=100)
@given(
    kind=st.sampled_from(sorted(codec.KINDS)),
    text=st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["at", "alarm_id", "by", "step", "phone_id"]), inner, max_size=4)
        ),
        max_leaves=8,
    ).map(json.dumps)
    | st.text(max_size=30),
)
def test_nothing_but_codec_errors_comes_of_garbage(kind: str, text: str) -> None:
    with pytest.raises(CodecError):
        codec.decode(kind, 1, text)
