"""The larmansvarig's inbox: what is filed, how it is worked on, and when it is reminded of (R011.1).

It is folded from the journal. A snapshot of it says up to which row, so that a start reads only the rows since then.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .alarm import Alarm
from .erasing_events import PSEUDONYM
from .escalation import AlarmType
from .events import (
    Actor,
    AlarmEvent,
    AlarmRaised,
    AlarmResolved,
    DeviationFiled,
    DeviationKind,
    DeviationsReminded,
    DeviationStatus,
    DeviationUpdated,
    Event,
    FalseAlarmReported,
    Outcome,
)

REMIND_AFTER = timedelta(hours=24)
"""R011.1: weekends too."""
KEPT_ARCHIVED = 200
"""How much of what is done is still shown; all of it is in the journal."""
FILED_WITHIN = timedelta(days=7)
"""What nobody filed for longer than this happened before there was an inbox."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Deviation:
    """Something in the inbox as it is now; ``touched_at``: when somebody last did something about it."""

    deviation_id: str
    brukare_id: str
    kind: DeviationKind
    happened_at: datetime
    alarm_id: str | None
    alarm_type: AlarmType | None
    text: str | None
    comment: str | None
    by: Actor
    source: str | None
    filed_at: datetime
    touched_at: datetime
    touched_by: Actor | None = None
    status: DeviationStatus = DeviationStatus.NEW

    @property
    def is_open(self) -> bool:
        """Whether the larmansvarig still has to do something about it."""
        return self.status is not DeviationStatus.ARCHIVED


@dataclass(frozen=True, kw_only=True, slots=True)
class Inbox:
    """Everything that waits and the newest of what is done, oldest first; ``reminded_at``: the last due reminder."""

    items: tuple[Deviation, ...] = ()
    reminded_at: datetime | None = None

    @property
    def waiting(self) -> tuple[Deviation, ...]:
        """What is not archived yet."""
        return tuple(item for item in self.items if item.is_open)

    def find(self, deviation_id: str) -> Deviation | None:
        """Return something in the inbox."""
        return next((item for item in self.items if item.deviation_id == deviation_id), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """The inbox up to a row of the journal, which is known by its digest."""

    inbox: Inbox = Inbox()
    seq: int = 0
    digest: str = ""


def make_deviation_id(alarm_id: str, kind: DeviationKind) -> str:
    """Return what an alarm's deviation is known by: there is one of each kind."""
    return f"{alarm_id}-{kind}"


def is_source(event: Event) -> bool:
    """Return whether something may have to be filed after this."""
    match event:
        case AlarmRaised(alarm_type=AlarmType.TECHNICAL) | FalseAlarmReported():
            return True
        case AlarmResolved():
            return event.report or event.outcome in (Outcome.FALSE_ALARM, Outcome.TECHNICAL_FAULT)
        case _:
            return False


def calc_filing(event: AlarmEvent, alarm: Alarm, now: datetime) -> DeviationFiled | None:
    """Return what is to be filed after something happened to an alarm, None if nothing is."""
    kind = _find_kind(event, alarm)
    if kind is None:
        return None
    return DeviationFiled(
        at=now,
        deviation_id=make_deviation_id(alarm.alarm_id, kind),
        brukare_id=alarm.brukare_id,
        deviation=kind,
        happened_at=alarm.raised_at,
        alarm_id=alarm.alarm_id,
        alarm_type=alarm.alarm_type,
        text=(event.note if isinstance(event, AlarmResolved) else None) or alarm.message,
        comment=None,
        by=getattr(event, "by", Actor()),
        source=event.kind,
    )


def _find_kind(event: AlarmEvent, alarm: Alarm) -> DeviationKind | None:
    """Return why something is filed; a test is no false alarm, and a technical alarm was filed when it was raised."""
    is_technical, is_test = alarm.alarm_type is AlarmType.TECHNICAL, alarm.alarm_type is AlarmType.TEST
    reported = DeviationKind.REPORTED if isinstance(event, AlarmResolved) and event.report else None
    match event:
        case AlarmRaised() if is_technical:
            return DeviationKind.TECHNICAL
        case AlarmResolved(outcome=Outcome.TECHNICAL_FAULT):
            return reported if is_technical else DeviationKind.TECHNICAL
        case FalseAlarmReported() | AlarmResolved(outcome=Outcome.FALSE_ALARM) if not is_test:
            return DeviationKind.FALSE_ALARM
        case _:
            return reported


def update(
    item: Deviation, by: Actor, now: datetime, *, status: DeviationStatus | None = None, comment: str | None = None
) -> list[DeviationUpdated]:
    """Work on something in the inbox; what is commented on, and no more said, is ongoing. Nothing if nothing changes."""
    commented = item.comment if comment is None else comment
    if status is None:
        status = DeviationStatus.ONGOING if commented != item.comment and item.is_open else item.status
    if (status, commented) == (item.status, item.comment):
        return []
    return [DeviationUpdated(at=now, deviation_id=item.deviation_id, status=status, comment=commented, by=by)]


def evolve(inbox: Inbox, event: Event) -> Inbox:
    """Return the inbox after an event; one that is known already changes nothing."""
    match event:
        case DeviationFiled() if event.brukare_id.startswith(PSEUDONYM):
            # Whoever was erased waits for nobody.
            return inbox
        case DeviationFiled() if inbox.find(event.deviation_id) is None:
            return replace(inbox, items=(*inbox.items, _begin(event)))
        case DeviationUpdated():
            items = tuple(
                _updated(item, event) if item.deviation_id == event.deviation_id else item for item in inbox.items
            )
            return replace(inbox, items=_keep(items))
        case DeviationsReminded():
            return replace(inbox, reminded_at=event.due_at)
        case _:
            return inbox


def forget(inbox: Inbox, brukare_id: str) -> Inbox:
    """Return the inbox without what is about a brukare who is erased (S.2)."""
    return replace(inbox, items=tuple(item for item in inbox.items if item.brukare_id != brukare_id))


def _begin(event: DeviationFiled) -> Deviation:
    """Return something new in the inbox."""
    return Deviation(
        deviation_id=event.deviation_id,
        brukare_id=event.brukare_id,
        kind=event.deviation,
        happened_at=event.happened_at,
        alarm_id=event.alarm_id,
        alarm_type=event.alarm_type,
        text=event.text,
        comment=event.comment,
        by=event.by,
        source=event.source,
        filed_at=event.at,
        touched_at=event.at,
    )


def _updated(item: Deviation, event: DeviationUpdated) -> Deviation:
    """Return something in the inbox after it was worked on."""
    return replace(item, status=event.status, comment=event.comment, touched_at=event.at, touched_by=event.by)


def _keep(items: tuple[Deviation, ...]) -> tuple[Deviation, ...]:
    """Return what is kept: everything that waits, and the newest of what is done."""
    done = sorted((item for item in items if not item.is_open), key=lambda item: item.touched_at)
    forgotten = {item.deviation_id for item in done[:-KEPT_ARCHIVED]}
    return tuple(item for item in items if item.deviation_id not in forgotten) if forgotten else items


def file_again(item: Deviation, now: datetime) -> list[DeviationFiled | DeviationUpdated]:
    """Return what puts something that waits into a journal that took a damaged one's place."""
    filed = DeviationFiled(
        at=now,
        deviation_id=item.deviation_id,
        brukare_id=item.brukare_id,
        deviation=item.kind,
        happened_at=item.happened_at,
        alarm_id=item.alarm_id,
        alarm_type=item.alarm_type,
        text=item.text,
        comment=item.comment,
        by=item.by,
        source=item.source,
    )
    updated = DeviationUpdated(
        at=now,
        deviation_id=item.deviation_id,
        status=item.status,
        comment=item.comment,
        by=item.touched_by or Actor(),
    )
    return [filed] if item.status is DeviationStatus.NEW else [filed, updated]


def next_reminder_at(inbox: Inbox, waiting: tuple[Deviation, ...]) -> datetime | None:
    """Return when a reminder of these is due, one a day for all of them; None if nothing waits.

    Each reminder counts whatever waits, so nothing waits for longer than a day without one.
    """
    if not waiting:
        return None
    due_at = min(item.touched_at for item in waiting) + REMIND_AFTER
    return max(due_at, inbox.reminded_at + REMIND_AFTER) if inbox.reminded_at else due_at


def calc_due_at(due_at: datetime, now: datetime) -> datetime:
    """Return the newest of the daily instants that have fallen due: one reminder makes up for all that were missed."""
    return due_at + max(0, (now - due_at) // REMIND_AFTER) * REMIND_AFTER
