"""What disarms and arms: pauses, planned interruptions, consent, and the alarms that did not come for it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from .escalation import AlarmType
from .events import Actor, Event


class SuppressReason(StrEnum):
    """Why an alarm was not raised."""

    PAUSED = "paused"
    """The brukare is away."""
    LINE_PAUSED = "line_paused"
    INTERRUPTED = "interrupted"
    """A planned interruption of the whole hub (R010.6)."""
    CONSENT_WITHDRAWN = "consent_withdrawn"


class ConsentService(StrEnum):
    """What somebody agrees to."""

    LARM = "larm"
    CAMERA = "camera"


class ConsentStatus(StrEnum):
    """Whether somebody agrees."""

    GIVEN = "given"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, kw_only=True, slots=True)
class PauseStarted(Event):
    """A brukare, one line, or, without a brukare, the whole hub is paused; it ends by itself at ``until_at``."""

    kind: ClassVar[str] = "pause_started"
    pause_id: str
    brukare_id: str | None
    rule: str | None
    reason: str
    until_at: datetime
    by: Actor


@dataclass(frozen=True, kw_only=True, slots=True)
class PauseEnded(Event):
    """A pause is over; ``expired`` if nobody ended it before its time."""

    kind: ClassVar[str] = "pause_ended"
    pause_id: str
    brukare_id: str | None
    by: Actor
    expired: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentRegistered(Event):
    """A brukare agrees, or does not any more (S.1).

    ``decided_on`` and ``expires_on``: days, as ISO text. ``reference``: where the paper is, never the paper itself.
    """

    kind: ClassVar[str] = "consent_registered"
    brukare_id: str
    service: ConsentService
    status: ConsentStatus
    decided_on: str
    version: str | None
    reference: str | None
    expires_on: str | None
    cohabitant: bool
    """Whether it is the consent of somebody who lives with the brukare."""
    by: Actor


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmSuppressed(Event):
    """A rule came true and raised no alarm; ``pause_id``: the pause that kept it."""

    kind: ClassVar[str] = "suppressed"
    brukare_id: str
    alarm_type: AlarmType
    rule: str
    due_at: datetime
    late: bool
    sources: tuple[str, ...]
    reason: SuppressReason
    pause_id: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class InterruptionTold(Event):
    """Phones were told that a planned interruption of the hub has begun, or, with ``is_over``, that it has ended."""

    kind: ClassVar[str] = "interruption_told"
    pause_id: str
    until_at: datetime
    is_over: bool
    phones: tuple[str, ...]
    failed: tuple[str, ...]
