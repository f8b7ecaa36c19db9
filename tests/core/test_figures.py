"""How many alarms, how many of them false, and how fast they were taken (R011.6)."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from custom_components.homecare_h2o.core.escalation import AlarmType
from custom_components.homecare_h2o.core.events import (
    Actor,
    AlarmAcknowledged,
    AlarmRaised,
    AlarmResolved,
    CallReason,
    Event,
    FalseAlarmReported,
    HubStarted,
    Outcome,
    ReceiversCalled,
)
from custom_components.homecare_h2o.core.figures import Counter, Figures, calc_percentile

from .samples import PLAN, STOCKHOLM, T0, minutes

BY = Actor(phone_id="p1")


def raised(
    name: str, at: float = 0, kind: AlarmType = AlarmType.FIRE, brukare_id: str = "K1", *sources: str
) -> AlarmRaised:
    return AlarmRaised(
        at=minutes(at),
        alarm_id=name,
        brukare_id=brukare_id,
        alarm_type=kind,
        rule=kind,
        due_at=minutes(at),
        late=False,
        message=None,
        sources=sources,
        plan=PLAN,
        secret="s",
    )


def called(name: str, at: float, *groups: str) -> ReceiversCalled:
    return ReceiversCalled(
        at=minutes(at),
        alarm_id=name,
        step=1,
        level=0,
        reason=CallReason.RAISED,
        groups=groups,
        phones=(),
        base_at=T0,
        next_deadline_at=minutes(at + 5),
    )


def taken(name: str, at: float) -> AlarmAcknowledged:
    return AlarmAcknowledged(at=minutes(at), alarm_id=name, by=BY, next_deadline_at=minutes(at + 30))


def resolved(name: str, at: float, outcome: Outcome = Outcome.HELP_GIVEN) -> AlarmResolved:
    return AlarmResolved(at=minutes(at), alarm_id=name, by=BY, outcome=outcome, note=None, report=False)


def false_alarm(name: str, at: float) -> FalseAlarmReported:
    return FalseAlarmReported(at=minutes(at), alarm_id=name, by=BY)


def count(*events: Event, brukare_ids: Sequence[str] | None = None) -> Figures:
    counter = Counter(brukare_ids, minutes(1000))
    counter.add(events)
    return counter.calc(STOCKHOLM)


def test_nothing_gives_no_figures() -> None:
    figures = count(HubStarted(at=T0, last_alive_at=None))
    assert (figures.total.number, figures.total.false_share, figures.total.median) == (0, 0.0, None)
    assert (figures.by_type, figures.by_group, figures.by_source) == ({}, {}, {})


def test_false_alarms_are_those_reported_and_those_resolved_as_false() -> None:
    figures = count(
        *(raised(name) for name in "ABCD"),
        false_alarm("A", 1),
        resolved("B", 1, Outcome.FALSE_ALARM),
        resolved("C", 1),
    )
    assert (figures.total.number, figures.total.false, figures.total.false_share) == (4, 2, 0.5)


def test_time_to_acknowledge_is_up_to_the_first_answer() -> None:
    figures = count(
        raised("A"), taken("A", 2), taken("A", 9), resolved("A", 20), raised("B"), false_alarm("B", 4), raised("C")
    )
    assert (figures.total.answered, figures.total.median, figures.total.p90) == (
        2,
        timedelta(minutes=2),
        timedelta(minutes=4),
    )


def test_each_larmtyp_and_each_source_is_counted_apart() -> None:
    figures = count(
        raised("A", 0, AlarmType.FIRE, "K1", "binary_sensor.smoke"),
        raised("B", 0, AlarmType.DOOR, "K1", "binary_sensor.door", "binary_sensor.smoke"),
    )
    assert {kind: figure.number for kind, figure in figures.by_type.items()} == {"door": 1, "fire": 1}
    assert {name: figure.number for name, figure in figures.by_source.items()} == {
        "binary_sensor.door": 1,
        "binary_sensor.smoke": 2,
    }


def test_a_group_is_measured_from_when_it_was_called_first() -> None:
    figures = count(
        raised("A"),
        called("A", 0, "day"),
        called("A", 5, "day", "boss"),
        taken("A", 7),
        raised("B"),
        called("B", 0, "day"),
    )
    day, boss = figures.by_group["day"], figures.by_group["boss"]
    assert (day.number, day.answered, day.median) == (2, 1, timedelta(minutes=7))
    assert (boss.number, boss.answered, boss.median) == (1, 1, timedelta(minutes=2))


def test_a_group_that_was_called_after_the_answer_has_not_been_waited_for() -> None:
    boss = count(raised("A"), taken("A", 1), called("A", 40, "boss")).by_group["boss"]
    assert (boss.number, boss.answered, boss.median) == (1, 0, None)


def test_test_alarms_count_for_their_larmtyp_only() -> None:
    figures = count(raised("A", 0, AlarmType.TEST, "K1", "button.test"), called("A", 0, "day"))
    assert (figures.total.number, figures.by_group, figures.by_source) == (0, {}, {})
    assert figures.by_type["test"].number == 1


def test_hours_are_those_of_the_home() -> None:
    hours = count(raised("A"), raised("B", 59), raised("C", 60)).total.hours
    assert (len(hours), hours[12], hours[13]) == (24, 2, 1)


def test_only_what_was_raised_in_the_period_is_counted() -> None:
    figures = count(taken("X", 0), raised("A", 999), taken("A", 1005), raised("B", 1000))
    assert (figures.total.number, figures.total.answered) == (1, 1)


def test_only_the_brukare_who_is_asked_for_is_counted() -> None:
    events = [raised("A"), raised("B", brukare_id="K2"), taken("B", 1)]
    figures = count(*events, brukare_ids=["K1"])
    assert (figures.total.number, figures.total.answered) == (1, 0)


@pytest.mark.parametrize(
    ("seconds", "percent", "expected"),
    [
        ([], 50, None),
        ([7], 50, 7),
        ([7], 90, 7),
        ([1, 2], 50, 1),
        ([1, 2, 3], 50, 2),
        (list(range(1, 11)), 90, 9),
        (list(range(1, 12)), 90, 10),
        ([1, 2], 0, 1),
    ],
)
def test_a_percentile_is_a_wait_that_really_was(seconds: list[int], percent: int, expected: int | None) -> None:
    found = calc_percentile([timedelta(seconds=second) for second in seconds], percent)
    assert (found and found.total_seconds()) == expected
