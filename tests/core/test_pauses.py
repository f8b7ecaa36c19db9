"""What is paused, until when, and what was (R010.6)."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import reduce

from hypothesis import given, strategies as st
import pytest

from custom_components.homecare_h2o.core.arming import Pause
from custom_components.homecare_h2o.core.arming_events import PauseEnded, PauseStarted
from custom_components.homecare_h2o.core.codec import decode, encode
from custom_components.homecare_h2o.core.errors import (
    PauseEndMissedError,
    PauseReasonMissingError,
    PauseTooLongError,
)
from custom_components.homecare_h2o.core.escalation import AlarmType
from custom_components.homecare_h2o.core.events import Actor, Event, HubStarted
from custom_components.homecare_h2o.core.pauses import (
    HUB,
    LONGEST,
    LONGEST_INTERRUPTION,
    OVER_KEPT,
    Pauses,
    Subject,
    end,
    evolve,
    start,
    subject_of,
)

from .samples import DESK, T0, minutes

AWAY = Subject(brukare_id="K1")
LINE = Subject(brukare_id="K1", rule="passivity")
NOTHING = Pauses()
LATER = minutes(60)


def started(at: float = 0, until: float = 60, subject: Subject = AWAY, pause_id: str = "p1") -> PauseStarted:
    return PauseStarted(
        at=minutes(at),
        pause_id=pause_id,
        brukare_id=subject.brukare_id,
        rule=subject.rule,
        reason="Sjukhus",
        until_at=minutes(until),
        by=DESK,
    )


def ended(at: float, pause_id: str = "p1", *, expired: bool = False) -> PauseEnded:
    return PauseEnded(at=minutes(at), pause_id=pause_id, brukare_id="K1", by=DESK, expired=expired)


def after(*events: Event) -> Pauses:
    return reduce(evolve, events, NOTHING)


def ids(pauses: tuple[Pause, ...]) -> list[str]:
    return [pause.pause_id for pause in pauses]


# --- what lasts, and what is over ---------------------------------------------------------------------


def test_a_pause_lasts_until_its_end_and_not_after() -> None:
    pauses = after(started())
    assert ids(pauses.current(minutes(59.999))) == ["p1"]
    assert pauses.current(minutes(60)) == ()
    assert ids(pauses.due(minutes(60))) == ["p1"]
    assert pauses.due(minutes(59.999)) == ()
    assert pauses.next_end_at() == minutes(60)


def test_a_pause_that_somebody_ended_is_over_from_then_on() -> None:
    pauses = after(started(), ended(30))
    assert (pauses.current(minutes(30)), pauses.due(minutes(90)), pauses.next_end_at()) == ((), (), None)
    assert ids(pauses.lasting_at(minutes(29.999))) == ["p1"]
    assert pauses.lasting_at(minutes(30)) == ()


def test_a_pause_whose_end_was_noted_late_ended_at_its_time() -> None:
    pauses = after(started(), ended(500, expired=True))
    assert pauses.last_end_at("K1", "passivity", AlarmType.PASSIVITY, minutes(500)) == minutes(60)


def test_an_end_that_nobody_noted_is_one() -> None:
    pauses = after(started())
    assert pauses.last_end_at("K1", "passivity", AlarmType.PASSIVITY, minutes(59)) is None
    assert pauses.last_end_at("K1", "passivity", AlarmType.PASSIVITY, minutes(61)) == minutes(60)


def test_only_a_pause_that_kept_a_rule_silent_ends_for_it() -> None:
    pauses = after(started(), started(0, 90, LINE, "p2"))
    now = minutes(100)
    assert pauses.last_end_at("K1", "passivity", AlarmType.PASSIVITY, now) == minutes(90)
    assert pauses.last_end_at("K1", "gone_out", AlarmType.GONE_OUT, now) == minutes(60)
    assert pauses.last_end_at("K1", "fire", AlarmType.FIRE, now) is None
    assert pauses.last_end_at("K2", "gone_out", AlarmType.GONE_OUT, now) is None


def test_another_end_counts_and_the_pause_goes_on_from_when_it_began() -> None:
    pauses = after(started(0, 60), started(30, 120, pause_id="p2"))
    (pause,) = pauses.begun
    assert (pause.pause_id, pause.started_at, pause.until_at) == ("p2", T0, minutes(120))
    assert pauses.over == ()


def test_a_pause_may_be_made_shorter() -> None:
    pauses = after(started(0, 600), started(30, 40, pause_id="p2"))
    assert pauses.current(minutes(41)) == ()


def test_a_pause_after_one_whose_end_was_not_noted_is_another() -> None:
    pauses = after(started(0, 60), started(90, 120, pause_id="p2"))
    assert (ids(pauses.over), ids(pauses.begun)) == (["p1"], ["p2"])
    assert pauses.lasting_at(minutes(70)) == ()


def test_the_brukare_the_line_and_the_hub_are_paused_one_by_one() -> None:
    pauses = after(started(), started(0, 60, LINE, "p2"), started(0, 60, HUB, "p3"), ended(10, "p2"))
    assert pauses.find(AWAY, minutes(20)) == pauses.begun[0]
    assert pauses.find(LINE, minutes(20)) is None
    assert pauses.find(HUB, minutes(20)) == pauses.begun[1]
    assert pauses.find(HUB, minutes(60)) is None


def test_the_end_of_an_unknown_pause_and_other_events_change_nothing() -> None:
    pauses = after(started())
    assert evolve(pauses, ended(10, "another")) == pauses
    assert evolve(pauses, HubStarted(at=T0, last_alive_at=None)) == pauses


def test_pauses_that_were_over_long_ago_are_forgotten() -> None:
    history = [each for n in range(OVER_KEPT + 5) for each in (started(n, 600, pause_id=f"{n}"), ended(n, f"{n}"))]
    assert ids(after(*history).over) == [f"{n}" for n in range(5, OVER_KEPT + 5)]


# --- what may be asked for -----------------------------------------------------------------------------


def ask(subject: Subject = AWAY, reason: str = "Sjukhus", until_at: datetime = LATER) -> PauseStarted:
    return start(subject, reason, until_at, DESK, T0, "p1")


def test_a_pause_is_written_down_as_it_was_asked_for() -> None:
    assert ask(LINE, "  Sjukhus \n") == started(0, 60, LINE)


def test_the_end_of_a_pause_says_whether_anybody_ended_it() -> None:
    (pause,) = after(started()).begun
    assert end(pause, DESK, minutes(59)) == ended(59)
    assert end(pause, Actor(), minutes(60)) == replace(ended(60, expired=True), by=Actor())


@pytest.mark.parametrize("reason", ["", " ", "\n\t"])
def test_a_pause_without_a_reason_is_refused(reason: str) -> None:
    with pytest.raises(PauseReasonMissingError):
        ask(reason=reason)


@pytest.mark.parametrize("until_at", [T0, T0 - timedelta(days=1)])
def test_a_pause_that_would_have_ended_is_refused(until_at: datetime) -> None:
    with pytest.raises(PauseEndMissedError):
        ask(until_at=until_at)


@pytest.mark.parametrize(("subject", "longest"), [(AWAY, LONGEST), (LINE, LONGEST), (HUB, LONGEST_INTERRUPTION)])
def test_a_pause_that_would_be_forgotten_is_refused(subject: Subject, longest: timedelta) -> None:
    assert ask(subject, until_at=T0 + longest).until_at == T0 + longest
    with pytest.raises(PauseTooLongError) as caught:
        ask(subject, until_at=T0 + longest + timedelta(seconds=1))
    assert caught.value.placeholders == {"days": str(longest.days)}


# --- whatever happens ----------------------------------------------------------------------------------

SUBJECTS = st.sampled_from([AWAY, LINE, HUB, Subject(brukare_id="K2")])
INSTANTS = st.integers(0, 300)
STARTS = st.builds(
    lambda at, length, subject, pause_id: started(at, at + length, subject, pause_id),
    INSTANTS,
    st.integers(1, 100),
    SUBJECTS,
    st.sampled_from("abcdef"),
)
ENDS = st.builds(ended, INSTANTS, st.sampled_from("abcdef"))
HISTORIES = st.lists(st.one_of(STARTS, ENDS), max_size=12)
"""In no order of time: the clock is set forward and back as it likes."""


@given(HISTORIES, INSTANTS)
def test_no_pause_outlives_its_end_wherever_the_clock_is_set(history: list[Event], now: int) -> None:
    known = [event for event in history if isinstance(event, PauseStarted)]
    current = after(*history).current(minutes(now))
    assert all(pause.until_at > minutes(now) for pause in current)
    ends = {(event.pause_id, event.until_at) for event in known}
    assert {(pause.pause_id, pause.until_at) for pause in current} <= ends


@given(HISTORIES)
def test_there_is_one_pause_of_each_subject(history: list[Event]) -> None:
    subjects = [subject_of(pause) for pause in after(*history).begun]
    assert len(subjects) == len(set(subjects))


@given(st.lists(STARTS, max_size=8), st.lists(STARTS, max_size=8), INSTANTS, INSTANTS)
def test_what_somebody_has_ended_stays_so(before: list[Event], later: list[Event], at: int, now: int) -> None:
    pauses = after(*before, started(pause_id="ended"), ended(at, "ended"), *later)
    assert "ended" not in ids(pauses.current(minutes(now)))


@given(HISTORIES, INSTANTS)
def test_each_that_has_begun_lasts_or_is_due(history: list[Event], now: int) -> None:
    pauses = after(*history)
    assert {*pauses.current(minutes(now)), *pauses.due(minutes(now))} == {*pauses.begun}


@given(HISTORIES)
def test_what_is_read_from_the_journal_is_what_was(history: list[Event]) -> None:
    assert after(*(decode(event.kind, 1, encode(event)) for event in history)) == after(*history)
