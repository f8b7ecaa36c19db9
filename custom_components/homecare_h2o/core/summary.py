"""What the larmansvarig looks at of a period: how alarms were answered, and how much was watched (R011.6, R010.5)."""

from collections import Counter as Tally
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

from .escalation import AlarmType
from .figures import Case, Figure, calc_figure
from .watching import Day


class Answer(StrEnum):
    """How far an alarm had to go until somebody took it."""

    BEFORE = "before"
    """Taken before it went on to a later level."""
    AFTER = "after"
    """Taken, but only after it had gone on."""
    UNACKNOWLEDGED = "unacknowledged"
    """Closed without anybody having taken it."""
    WAITING = "waiting"
    """Open, and nobody has taken it yet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """The figure of some alarms, and how many of them were answered how."""

    figure: Figure
    answers: dict[Answer, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """The alarms of a period; test alarms count for their larmtyp only. ``by_hour`` has 24, by when they were raised."""

    total: Answered
    by_type: dict[AlarmType, Answered]
    by_group: dict[str, Figure]
    by_hour: tuple[Figure, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Watched:
    """How much of a period a line was watched and not; of the rest, ``uncounted``, nothing is known."""

    watched: timedelta
    not_watched: timedelta
    uncounted: timedelta

    @property
    def share(self) -> float:
        """The share of the period that was watched, from 0 to 1."""
        period = self.watched + self.not_watched + self.uncounted
        return self.watched / period if period else 0.0


def calc_answer(case: Case) -> Answer:
    """Return how an alarm was answered."""
    if case.acknowledged_at is None:
        return Answer.UNACKNOWLEDGED if case.is_closed else Answer.WAITING
    is_before = case.escalated_at is None or case.acknowledged_at < case.escalated_at
    return Answer.BEFORE if is_before else Answer.AFTER


def calc_summary(cases: Iterable[Case], tz: tzinfo) -> Summary:
    """Return the figures of some alarms, with the hours of the day in a time zone."""
    by_type: dict[AlarmType, list[Case]] = {}
    by_group: dict[str, list[Case]] = {}
    by_hour: list[list[Case]] = [[] for _ in range(24)]
    real: list[Case] = []
    for case in cases:
        by_type.setdefault(case.alarm_type, []).append(case)
        if case.alarm_type is AlarmType.TEST:
            continue
        real.append(case)
        by_hour[case.raised_at.astimezone(tz).hour].append(case)
        for group_id in case.called_at:
            by_group.setdefault(group_id, []).append(case)
    return Summary(
        total=_answered(real, tz),
        by_type={kind: _answered(by_type[kind], tz) for kind in sorted(by_type)},
        by_group={group_id: calc_figure(by_group[group_id], tz, group_id) for group_id in sorted(by_group)},
        by_hour=tuple(calc_figure(hour, tz) for hour in by_hour),
    )


def _answered(cases: Collection[Case], tz: tzinfo) -> Answered:
    """Return the figure of some alarms, and how they were answered."""
    answers = Tally(map(calc_answer, cases))
    return Answered(figure=calc_figure(cases, tz), answers={answer: answers[answer] for answer in Answer})


def calc_watched(days: Iterable[Day], since: datetime, until: datetime, now: datetime, tz: tzinfo) -> Watched:
    """Return how much of a period, up to now, a line was watched; its days are counted whole."""
    first, last = _date(since, tz), _date(until - timedelta.resolution, tz)
    counted = [day for day in days if first <= date.fromisoformat(day.date) <= last]
    watched = sum((day.watched for day in counted), timedelta())
    not_watched = sum((day.not_watched for day in counted), timedelta())
    # From ``since`` on in UTC: a day of summer time has 23 or 25 hours.
    period = max(min(until, now) - since, timedelta())
    uncounted = max(period - watched - not_watched, timedelta())
    return Watched(watched=watched, not_watched=not_watched, uncounted=uncounted)


def _date(at: datetime, tz: tzinfo) -> date:
    """Return the day of an instant in a time zone."""
    return at.astimezone(tz).date()
