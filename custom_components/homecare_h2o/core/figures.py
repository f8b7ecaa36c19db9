"""Figures for the evaluation: how many alarms, how many of them false, and how fast they were taken (R011.6)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from math import ceil

from .escalation import AlarmType
from .events import (
    AlarmAcknowledged,
    AlarmEscalated,
    AlarmEvent,
    AlarmRaised,
    AlarmResolved,
    Event,
    FalseAlarmReported,
    Outcome,
    ReceiversCalled,
)

_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """What is counted of some alarms; ``hours`` are how many were raised in each hour of the day."""

    number: int
    false: int
    answered: int
    median: timedelta | None
    p90: timedelta | None
    hours: tuple[int, ...]

    @property
    def false_share(self) -> float:
        """The share of false alarms, from 0 to 1."""
        return self.false / self.number if self.number else 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """The figures of a period; test alarms count for their larmtyp only."""

    total: Figure
    by_type: dict[str, Figure]
    by_group: dict[str, Figure]
    by_source: dict[str, Figure]


@dataclass(slots=True)
class Case:
    """What matters of one alarm: when it was raised, when each group was first called, and when somebody answered.

    No more than that is kept, for there may be a hundred thousand of them. answered_at: taken or closed by somebody;
    acknowledged_at: taken; escalated_at: it first went on to a level after the one that it began with.
    """

    raised_at: datetime
    alarm_type: AlarmType
    sources: tuple[str, ...]
    called_at: dict[str, datetime] = field(default_factory=dict)
    answered_at: datetime | None = None
    is_false: bool = False
    acknowledged_at: datetime | None = None
    escalated_at: datetime | None = None
    first_level: int | None = None
    is_closed: bool = False

    def wait(self, group_id: str | None = None) -> timedelta | None:
        """Return how long it waited for an answer, for a group since that was called; None if it was not."""
        since_at = self.called_at[group_id] if group_id else self.raised_at
        if self.answered_at is None or self.answered_at < since_at:
            return None
        return self.answered_at - since_at


class Counter:
    """Takes journal rows in order, as they are read, and keeps of them what the figures need."""

    def __init__(self, brukare_ids: Collection[str] | None, until: datetime, since: datetime = _EVER) -> None:
        """Count alarms that are raised from ``since`` on and before ``until``, of some brukare or of all."""
        self._brukare_ids = brukare_ids
        self._since = since
        self._until = until
        self._cases: dict[str, Case] = {}

    @property
    def cases(self) -> Mapping[str, Case]:
        """The alarms, by id; one whose history is taken again is counted once."""
        return self._cases

    def add(self, events: Iterable[Event]) -> None:
        """Take more rows."""
        for event in events:
            if isinstance(event, AlarmRaised):
                is_asked = self._brukare_ids is None or event.brukare_id in self._brukare_ids
                if is_asked and self._since <= event.at < self._until:
                    self._cases[event.alarm_id] = Case(event.at, event.alarm_type, event.sources)
            elif isinstance(event, AlarmEvent) and (case := self._cases.get(event.alarm_id)):
                _follow(case, event)

    def calc(self, tz: tzinfo) -> Figures:
        """Return the figures, with the hours of the day in a time zone."""
        cases = list(self._cases.values())
        real = [case for case in cases if case.alarm_type is not AlarmType.TEST]
        types = sorted({case.alarm_type for case in cases})
        groups = sorted({group_id for case in real for group_id in case.called_at})
        sources = sorted({source for case in real for source in case.sources})
        return Figures(
            total=calc_figure(real, tz),
            by_type={kind: calc_figure([case for case in cases if case.alarm_type == kind], tz) for kind in types},
            by_group={
                name: calc_figure([case for case in real if name in case.called_at], tz, name) for name in groups
            },
            by_source={name: calc_figure([case for case in real if name in case.sources], tz) for name in sources},
        )


def _follow(case: Case, event: AlarmEvent) -> None:
    """Take what happened to an alarm."""
    if isinstance(event, ReceiversCalled):
        for group_id in event.groups:
            case.called_at.setdefault(group_id, event.at)
        case.first_level = event.level if case.first_level is None else case.first_level
    if isinstance(event, AlarmEscalated) and event.level > (case.first_level or 0):
        case.escalated_at = case.escalated_at or event.at
    if isinstance(event, AlarmAcknowledged):
        case.acknowledged_at = case.acknowledged_at or event.at
    if isinstance(event, AlarmResolved | FalseAlarmReported):
        case.is_closed = True
    if isinstance(event, AlarmAcknowledged | AlarmResolved | FalseAlarmReported):
        case.answered_at = case.answered_at or event.at
    if isinstance(event, FalseAlarmReported) or (
        isinstance(event, AlarmResolved) and event.outcome is Outcome.FALSE_ALARM
    ):
        case.is_false = True


def calc_figure(cases: Collection[Case], tz: tzinfo, group_id: str | None = None) -> Figure:
    """Return the figure of some alarms."""
    waits = sorted(wait for case in cases if (wait := case.wait(group_id)) is not None)
    hours = [case.raised_at.astimezone(tz).hour for case in cases]
    return Figure(
        number=len(cases),
        false=sum(case.is_false for case in cases),
        answered=len(waits),
        median=calc_percentile(waits, 50),
        p90=calc_percentile(waits, 90),
        hours=tuple(hours.count(hour) for hour in range(24)),
    )


def calc_percentile(waits: list[timedelta], percent: int) -> timedelta | None:
    """Return the wait that so many per cent do not exceed, one that really was; None if there was none."""
    return waits[max(ceil(len(waits) * percent / 100), 1) - 1] if waits else None
