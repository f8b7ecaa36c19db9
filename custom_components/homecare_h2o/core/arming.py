"""Whether a rule may raise an alarm now, or is disarmed: by a pause, a planned interruption, or for want of consent."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from .alarm import is_late
from .arming_events import AlarmSuppressed, SuppressReason
from .commands import RaiseRequest
from .escalation import AlarmType
from .events import Actor

ALWAYS_ARMED = frozenset({AlarmType.SAFETY_BUTTON, AlarmType.FIRE, AlarmType.LEAK, AlarmType.TEST})
"""Larmtyper that come although the person is said to be away: somebody presses, or the home burns or floods."""
OF_THE_SYSTEM = "system."
"""What the rules begin with by which the hub tells of its own troubles: these are nobody's to pause."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    """A pause that has begun; of the whole hub without ``brukare_id``, of one line with ``rule``."""

    pause_id: str
    brukare_id: str | None
    rule: str | None
    reason: str
    started_at: datetime
    until_at: datetime
    by: Actor

    @property
    def suppresses_for(self) -> SuppressReason:
        """Return why an alarm does not come while this lasts."""
        if self.rule is not None:
            return SuppressReason.LINE_PAUSED
        return SuppressReason.INTERRUPTED if self.brukare_id is None else SuppressReason.PAUSED

    def covers(self, brukare_id: str, rule: str, alarm_type: AlarmType) -> bool:
        """Return whether a rule is disarmed by it."""
        if self.rule is not None:
            return (self.brukare_id, self.rule) == (brukare_id, rule)
        return self.brukare_id in (None, brukare_id) and alarm_type not in ALWAYS_ARMED


@dataclass(frozen=True, kw_only=True, slots=True)
class Suppression:
    """Why a rule raises no alarm, and until when; None if that is not known."""

    reason: SuppressReason
    pause_id: str | None = None
    until_at: datetime | None = None


def find_suppression(
    brukare_id: str,
    rule: str,
    alarm_type: AlarmType,
    now: datetime,
    *,
    pauses: Collection[Pause],
    without_consent: Collection[str],
) -> Suppression | None:
    """Return why a rule must not raise an alarm now, None if it may.

    ``without_consent``: the brukare who have withdrawn their consent to alarms (S.2). A pause ends at its instant,
    whether or not somebody has noted that yet.
    """
    if rule.startswith(OF_THE_SYSTEM):
        return None
    if brukare_id in without_consent:
        return Suppression(reason=SuppressReason.CONSENT_WITHDRAWN)
    covering = [p for p in pauses if now < p.until_at and p.covers(brukare_id, rule, alarm_type)]
    if not covering:
        return None
    longest = max(covering, key=lambda pause: pause.until_at)
    return Suppression(reason=longest.suppresses_for, pause_id=longest.pause_id, until_at=longest.until_at)


def suppress(request: RaiseRequest, suppression: Suppression, now: datetime) -> AlarmSuppressed:
    """Return what is journalled of a rule that came true and raised no alarm."""
    return AlarmSuppressed(
        at=now,
        brukare_id=request.brukare_id,
        alarm_type=request.alarm_type,
        rule=request.rule,
        due_at=request.due_at,
        late=request.late or is_late(request.due_at, now),
        sources=request.sources,
        reason=suppression.reason,
        pause_id=suppression.pause_id,
    )
