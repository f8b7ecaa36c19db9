"""What happened: the only things that are written to the journal.

An event is a fact in the past tense. Its ``kind`` is its name in the journal and on the event bus.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from .chain import ChainResult
from .escalation import AlarmType, EscalationPlan
from .roles import Permission
from .watching import Coverage, SourceFault


class Outcome(StrEnum):
    """How an alarm ended (P001.5)."""

    HELP_GIVEN = "help_given"
    NO_HELP_NEEDED = "no_help_needed"
    FALSE_ALARM = "false_alarm"
    TECHNICAL_FAULT = "technical_fault"
    EXTERNAL_CONTACT = "external_contact"
    NOT_STATED = "not_stated"
    """Done, and nobody said how: the system's own, never chosen."""


class CallReason(StrEnum):
    """Why receivers are called."""

    RAISED = "raised"
    UNANSWERED = "unanswered"
    DECLINED = "declined"
    RESPONSE_OVERDUE = "response_overdue"
    RESTARTED = "restarted"
    REPEATED = "repeated"
    REMINDED = "reminded"
    """The taker, who has not closed it in time."""
    HANDED_OVER = "handed_over"


class HandoverReason(StrEnum):
    """Between whom an alarm is handed over (P001.6)."""

    SHIFT = "shift"
    PERSON = "person"
    GROUP = "group"


class RefusalReason(StrEnum):
    """Why an answer changed nothing."""

    FORGED = "forged"
    FOREIGN = "foreign"
    OUTDATED = "outdated"
    CLOSED = "closed"
    ALREADY_TAKEN = "already_taken"
    NOT_TAKEN = "not_taken"


class NoteKind(StrEnum):
    """What a rule has seen without raising an alarm."""

    BEGAN = "began"
    """It is due unless it is taken back: smoke, before its minute has passed."""
    WITHDRAWN = "withdrawn"
    """It was taken back."""
    REPEATED = "repeated"
    """It was done once more: the medicine cabinet, opened twice in one window."""


class DeviationKind(StrEnum):
    """Why something is in the larmansvarig's inbox (R011.1)."""

    FALSE_ALARM = "false_alarm"
    TECHNICAL = "technical"
    REPORTED = "reported"
    """Whoever closed the alarm says that it is to be reported."""
    CHAIN_TEST = "chain_test"
    CONSENT = "consent"
    """A consent has ended, or is soon to end (S.1)."""
    MONITORING_GAP = "monitoring_gap"
    PLAN_CHANGED = "plan_changed"
    """A line of the handlingsplan was changed (R011.2)."""
    OWN = "own"
    """Somebody wrote it in by hand."""


class DeviationStatus(StrEnum):
    """How far the larmansvarig has come with something in the inbox (R011.1)."""

    NEW = "new"
    ONGOING = "ongoing"
    ARCHIVED = "archived"


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Who did something: a phone, a user of Home Assistant, or both; neither is the system itself."""

    phone_id: str | None = None
    user_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Something that happened at an instant (UTC)."""

    kind: ClassVar[str] = ""
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class HubStarted(Event):
    """The hub started; what was not watched since ``last_alive_at`` is a monitoring gap (R010.5)."""

    kind: ClassVar[str] = "hub_started"
    last_alive_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class JournalReplaced(Event):
    """A damaged journal was set aside as ``file``; its open alarms, and what lasts, follow this row."""

    kind: ClassVar[str] = "journal_replaced"
    file: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PurgedRows:
    """Rows that were removed; ``before`` is the digest of the row before them, ``digest`` that of the last of them."""

    first: int
    last: int
    before: str
    digest: str


@dataclass(frozen=True, kw_only=True, slots=True)
class JournalPurged(Event):
    """Rows older than ``before_at`` were removed; ``gaps`` are all that were ever removed, these included."""

    kind: ClassVar[str] = "journal_purged"
    before_at: datetime
    gaps: tuple[PurgedRows, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitoringLost(Event):
    """A line of the handlingsplan is not watched as it should be, or it is worse than it was (R060.5)."""

    kind: ClassVar[str] = "monitoring_lost"
    brukare_id: str
    rule: str
    coverage: Coverage
    faults: tuple[SourceFault, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitoringRestored(Event):
    """A line is watched again; it had not been since ``lost_at`` (R010.5)."""

    kind: ClassVar[str] = "monitoring_restored"
    brukare_id: str
    rule: str
    lost_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitStarted(Event):
    """Staff came to a brukare (R020.6); the visit ends at ``expires_at`` if nobody ends it."""

    kind: ClassVar[str] = "visit_started"
    brukare_id: str
    by: Actor
    expires_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitEnded(Event):
    """Staff left a brukare (R020.6); ``expired`` if nobody said so."""

    kind: ClassVar[str] = "visit_ended"
    brukare_id: str
    by: Actor
    expired: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class DetectionNoted(Event):
    """A rule, known by its trigger, saw something that raises no alarm, or none yet; due_at: when it would."""

    kind: ClassVar[str] = "detection_noted"
    note: NoteKind
    trigger: str
    sources: tuple[str, ...]
    due_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviationFiled(Event):
    """Something was put into the larmansvarig's inbox (R011.1); ``text`` says what, ``source`` what found it."""

    kind: ClassVar[str] = "deviation_filed"
    deviation_id: str
    brukare_id: str
    deviation: DeviationKind
    happened_at: datetime
    alarm_id: str | None
    alarm_type: AlarmType | None
    text: str | None
    comment: str | None
    by: Actor
    source: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviationUpdated(Event):
    """Somebody worked on what is in the inbox; status and comment are those it has from now on."""

    kind: ClassVar[str] = "deviation_updated"
    deviation_id: str
    status: DeviationStatus
    comment: str | None
    by: Actor


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviationsReminded(Event):
    """The larmansvarig is to be reminded, on these phones, of what waits in the inbox (R011.1)."""

    kind: ClassVar[str] = "deviations_reminded"
    deviation_ids: tuple[str, ...]
    phones: tuple[str, ...]
    due_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class AccessRefused(Event):
    """A user asked for something that the role does not allow (R030.2)."""

    kind: ClassVar[str] = "access_refused"
    user_id: str | None
    permission: Permission


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplyRefused(Event):
    """A text answer changed nothing; ``sender`` is a phone id, or the last digits of a number that nobody has."""

    kind: ClassVar[str] = "reply_refused"
    sender: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainTested(Event):
    """A test message was sent to a phone, silent or loud, and this is what came of it (R011.5, P004.2)."""

    kind: ClassVar[str] = "chain_tested"
    phone_id: str
    loud: bool
    result: ChainResult
    error: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmEvent(Event):
    """Something that happened to one alarm."""

    alarm_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmRaised(AlarmEvent):
    """An alarm was raised; its escalation plan is frozen from here on."""

    kind: ClassVar[str] = "raised"
    brukare_id: str
    alarm_type: AlarmType
    rule: str
    due_at: datetime
    late: bool
    message: str | None
    sources: tuple[str, ...]
    plan: EscalationPlan
    secret: str
    response: str | None = None
    on_duty: tuple[str, ...] | None = None
    """The groups on duty then; None if an older version raised it."""
    number: int | None = None
    """What a text answer names the alarm by; an alarm of an older version has none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiversCalled(AlarmEvent):
    """It was decided to call these phones now, and when the next level is due.

    ``step`` counts the calls of this alarm; ``level`` is the plan's; ``base_at`` is what its delays count from.
    """

    kind: ClassVar[str] = "called"
    step: int
    level: int
    reason: CallReason
    groups: tuple[str, ...]
    phones: tuple[str, ...]
    base_at: datetime
    next_deadline_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class PhoneNotified(AlarmEvent):
    """The message was handed over for delivery to a phone: called, no more than that."""

    kind: ClassVar[str] = "notified"
    phone_id: str
    step: int


@dataclass(frozen=True, kw_only=True, slots=True)
class NotificationFailed(AlarmEvent):
    """The message could not be handed over."""

    kind: ClassVar[str] = "notification_failed"
    phone_id: str
    step: int
    error: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PhoneReceived(AlarmEvent):
    """The phone itself says that it shows the message."""

    kind: ClassVar[str] = "received"
    phone_id: str
    step: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PhoneCleared(AlarmEvent):
    """The message was taken away from a phone (R013.1)."""

    kind: ClassVar[str] = "cleared"
    phone_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NoOneOnDuty(AlarmEvent):
    """Nobody who should be on duty was; the fallback was told instead (R012.6)."""

    kind: ClassVar[str] = "no_one_on_duty"
    step: int
    fallback: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmEscalated(AlarmEvent):
    """The alarm went on to the next level."""

    kind: ClassVar[str] = "escalated"
    level: int
    reason: CallReason
    due_at: datetime
    late: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmAcknowledged(AlarmEvent):
    """Somebody takes it (R012.1)."""

    kind: ClassVar[str] = "acknowledged"
    by: Actor
    next_deadline_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmDeclined(AlarmEvent):
    """Somebody has not the time; a colleague must take it (R012.1)."""

    kind: ClassVar[str] = "declined"
    by: Actor


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmRepeated(AlarmEvent):
    """The rule of an open alarm came true again."""

    kind: ClassVar[str] = "repeated"
    brukare_id: str
    rule: str
    due_at: datetime
    late: bool
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmHandedOver(AlarmEvent):
    """The alarm is somebody else's from here on (P001.6, R013.2).

    ``released``: whoever had taken it has it no more. ``told``: phones that are only told who has it. ``on_duty``:
    the groups on duty after a change of shift, which was due at ``due_at``.
    """

    kind: ClassVar[str] = "handed_over"
    by: Actor
    reason: HandoverReason
    from_groups: tuple[str, ...]
    to_groups: tuple[str, ...]
    released: bool
    due_at: datetime
    late: bool
    on_duty: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class NoteAdded(AlarmEvent):
    """Somebody wrote something down about the alarm, open or closed."""

    kind: ClassVar[str] = "note_added"
    by: Actor
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmDone(AlarmEvent):
    """The taker has done what there was to do; how it ended is still to be said, until ``next_deadline_at``."""

    kind: ClassVar[str] = "done"
    by: Actor
    next_deadline_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmResolved(AlarmEvent):
    """The alarm is closed, with an outcome (P001.5)."""

    kind: ClassVar[str] = "resolved"
    by: Actor
    outcome: Outcome
    note: str | None
    report: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class FalseAlarmReported(AlarmEvent):
    """The alarm is closed as a false one (R011.1)."""

    kind: ClassVar[str] = "false_alarm"
    by: Actor


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerRefused(AlarmEvent):
    """An answer changed nothing: forged, foreign, outdated or too late."""

    kind: ClassVar[str] = "refused"
    by: Actor
    answer: str
    reason: RefusalReason
