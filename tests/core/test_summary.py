"""What the larmansvarig looks at of a period: how alarms were answered, and how much was watched (R011.6, R010.5)."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.homecare_h2o.core.escalation import AlarmType
from custom_components.homecare_h2o.core.events import AlarmEscalated, AlarmEvent, CallReason, Event
from custom_components.homecare_h2o.core.figures import Counter
from custom_components.homecare_h2o.core.summary import Answer, Summary, Watched, calc_summary, calc_watched
from custom_components.homecare_h2o.core.watching import Day

from .samples import STOCKHOLM, T0, minutes
from .test_figures import called, false_alarm, raised, resolved, taken

HOUR = timedelta(hours=1)
END = 1000.0


def escalated(name: str, at: float, level: int = 1) -> AlarmEscalated:
    return AlarmEscalated(
        at=minutes(at), alarm_id=name, level=level, reason=CallReason.UNANSWERED, due_at=minutes(at), late=False
    )


def summarize(*events: Event, since: float = 0, until: float = END) -> Summary:
    counter = Counter(None, minutes(until), minutes(since))
    counter.add(events)
    return calc_summary(counter.cases.values(), STOCKHOLM)


def test_nothing_gives_an_empty_summary() -> None:
    summary = summarize()
    assert (summary.total.figure.number, summary.by_type, summary.by_group) == (0, {}, {})
    assert [hour.number for hour in summary.by_hour] == [0] * 24
    assert summary.total.answers == dict.fromkeys(Answer, 0)


@pytest.mark.parametrize(
    ("events", "answer"),
    [
        ([raised("A"), called("A", 0, "day"), taken("A", 2)], Answer.BEFORE),
        ([raised("A"), called("A", 0, "day"), taken("A", 2), escalated("A", 32)], Answer.BEFORE),
        ([raised("A"), called("A", 0, "day"), escalated("A", 5), taken("A", 6)], Answer.AFTER),
        ([raised("A"), called("A", 0, "day"), escalated("A", 5), escalated("A", 9, 2), taken("A", 10)], Answer.AFTER),
        ([raised("A"), called("A", 0, "day"), escalated("A", 5), taken("A", 5)], Answer.AFTER),
        # Called again on the level that it is on: nobody else has been called.
        ([raised("A"), called("A", 0, "day"), escalated("A", 5, 0), taken("A", 6)], Answer.BEFORE),
        ([raised("A"), taken("A", 2), taken("A", 9)], Answer.BEFORE),
        ([raised("A"), escalated("A", 5), taken("A", 6)], Answer.AFTER),
        ([raised("A"), false_alarm("A", 1)], Answer.UNACKNOWLEDGED),
        ([raised("A"), escalated("A", 5), resolved("A", 6)], Answer.UNACKNOWLEDGED),
        ([raised("A"), taken("A", 1), resolved("A", 6)], Answer.BEFORE),
        ([raised("A"), called("A", 0, "day"), escalated("A", 5)], Answer.WAITING),
    ],
)
def test_how_far_an_alarm_had_to_go_until_somebody_took_it(events: list[AlarmEvent], answer: Answer) -> None:
    summary = summarize(*events)
    assert summary.total.answers == {**dict.fromkeys(Answer, 0), answer: 1}
    assert summary.by_type[AlarmType.FIRE].answers[answer] == 1


def test_a_group_is_measured_from_when_it_was_called_and_an_hour_from_the_alarm() -> None:
    summary = summarize(
        *(raised("A"), called("A", 0, "day"), called("A", 5, "boss"), taken("A", 7)),
        *(raised("B", 60), called("B", 60, "day"), taken("B", 61)),
    )
    waits = {name: figure.median for name, figure in summary.by_group.items()}
    assert waits == {"boss": timedelta(minutes=2), "day": timedelta(minutes=1)}
    assert (summary.by_hour[12].median, summary.by_hour[13].p90) == (timedelta(minutes=7), timedelta(minutes=1))


def test_the_hour_that_comes_twice_at_the_end_of_summer_time_is_one() -> None:
    twice = [(datetime(2026, 10, 25, hour, 30, tzinfo=UTC) - T0) / timedelta(minutes=1) for hour in (0, 1)]
    summary = summarize(raised("A", twice[0]), raised("B", twice[1]), since=-20_000)
    assert summary.by_hour[2].number == 2


def test_test_alarms_count_for_their_larmtyp_only() -> None:
    summary = summarize(raised("A", 0, AlarmType.TEST), called("A", 0, "day"))
    assert (summary.total.figure.number, summary.by_group, summary.by_hour[12].number) == (0, {}, 0)
    assert summary.by_type[AlarmType.TEST].figure.number == 1


def test_an_alarm_whose_history_is_taken_again_is_counted_once() -> None:
    history = [raised("A"), called("A", 0, "day"), escalated("A", 5)]
    summary = summarize(*history, *history, taken("A", 6))
    assert (summary.total.figure.number, summary.total.answers[Answer.AFTER]) == (1, 1)


# --- always ------------------------------------------------------------------------------------------


@st.composite
def histories(draw: st.DrawFn) -> list[AlarmEvent]:
    """Draw what happened to some alarms, each within a day of the others."""
    events: list[AlarmEvent] = []
    for number in range(draw(st.integers(0, 12))):
        name, at = f"A{number}", draw(st.floats(0, END - 1))
        kind = draw(st.sampled_from(AlarmType))
        steps: list[Any] = [
            called(name, at, *draw(st.lists(st.sampled_from(("day", "night", "boss")), unique=True))),
            escalated(name, at + 5, draw(st.integers(0, 2))),
            taken(name, at + draw(st.floats(0, 60))),
            false_alarm(name, at + 70),
            resolved(name, at + 80),
        ]
        events += [raised(name, at, kind), *draw(st.lists(st.sampled_from(steps), max_size=5))]
    return events


@given(histories())
def test_every_count_adds_up_to_the_alarms_of_the_log(events: list[AlarmEvent]) -> None:
    summary = summarize(*events)
    real = summary.total.figure
    parts = [part for kind, part in summary.by_type.items() if kind is not AlarmType.TEST]
    logged = {event.alarm_id for event in events}
    assert sum(part.figure.number for part in summary.by_type.values()) == len(logged)
    assert real.number == sum(part.figure.number for part in parts) == sum(hour.number for hour in summary.by_hour)
    assert real.false == sum(part.figure.false for part in parts) == sum(hour.false for hour in summary.by_hour)
    assert (
        real.answered == sum(part.figure.answered for part in parts) == sum(hour.answered for hour in summary.by_hour)
    )
    assert real.number == sum(summary.total.answers.values())
    assert summary.total.answers == {answer: sum(part.answers[answer] for part in parts) for answer in Answer}


@given(histories(), st.floats(0, END))
def test_a_period_split_in_two_adds_up(events: list[AlarmEvent], cut: float) -> None:
    whole, first, second = summarize(*events), summarize(*events, until=cut), summarize(*events, since=cut)
    assert whole.total.figure.number == first.total.figure.number + second.total.figure.number
    assert whole.total.figure.false == first.total.figure.false + second.total.figure.false
    assert whole.total.answers == {
        answer: first.total.answers[answer] + second.total.answers[answer] for answer in Answer
    }
    hours = zip(whole.by_hour, first.by_hour, second.by_hour, strict=True)
    assert [all_.number - one.number - two.number for all_, one, two in hours] == [0] * 24


# --- how much was watched ----------------------------------------------------------------------------


def midnight(day: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, tzinfo=STOCKHOLM).astimezone(UTC)


DAYS = [
    Day(date="2026-11-01", watched=24 * HOUR),
    Day(date="2026-11-02", watched=20 * HOUR, not_watched=4 * HOUR),
    Day(date="2026-11-03", watched=6 * HOUR),
]


def test_what_was_watched_is_that_of_the_days_of_the_period() -> None:
    found = calc_watched(DAYS, midnight(1), midnight(3), midnight(10), STOCKHOLM)
    assert found == Watched(watched=44 * HOUR, not_watched=4 * HOUR, uncounted=timedelta())
    assert found.share == pytest.approx(44 / 48)


def test_a_period_that_goes_on_is_counted_up_to_now() -> None:
    found = calc_watched(DAYS, midnight(3), midnight(10), midnight(3) + 6 * HOUR, STOCKHOLM)
    assert (found.uncounted, found.share) == (timedelta(), 1.0)


def test_what_is_not_known_is_neither_watched_nor_not() -> None:
    found = calc_watched(DAYS[1:], midnight(1), midnight(3), midnight(10), STOCKHOLM)
    assert found == Watched(watched=20 * HOUR, not_watched=4 * HOUR, uncounted=24 * HOUR)


def test_a_period_that_has_not_begun_has_nothing() -> None:
    found = calc_watched(DAYS, midnight(20), midnight(21), midnight(10), STOCKHOLM)
    assert (found, found.share) == (Watched(watched=0 * HOUR, not_watched=0 * HOUR, uncounted=0 * HOUR), 0.0)


@pytest.mark.parametrize(("month", "day", "hours"), [(3, 29, 23), (10, 25, 25)])
def test_a_day_on_which_the_clock_is_changed_is_shorter_or_longer(month: int, day: int, hours: int) -> None:
    whole = [Day(date=f"2026-{month:02}-{day:02}", watched=hours * HOUR)]
    found = calc_watched(whole, midnight(day, month), midnight(day + 1, month), midnight(10), STOCKHOLM)
    assert (found.uncounted, found.share) == (timedelta(), 1.0)
