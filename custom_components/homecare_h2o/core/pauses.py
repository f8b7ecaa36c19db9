"""Pauses: somebody is away, a line is to be silent for a while, or the whole hub is (R010.6).

What is paused is folded from the journal. A pause ends at its instant, whether or not somebody has noted that yet.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .arming import Pause
from .arming_events import PauseEnded, PauseStarted
from .errors import PauseEndMissedError, PauseReasonMissingError, PauseTooLongError
from .escalation import AlarmType
from .events import Actor, Event

LONGEST = timedelta(days=90)
"""Whoever is away for longer has another plan; what is forgotten must come to an end."""
LONGEST_INTERRUPTION = timedelta(days=7)
"""Of the whole hub: for so long at the most a group can be asked to do without."""
OVER_KEPT = 100
"""How many pauses that are over are remembered; a deadline that is told late is of the last of them."""

OF_PAUSES = (PauseStarted, PauseEnded)


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """What is paused: a brukare, one line of a brukare's with ``rule``, without a brukare the whole hub."""

    brukare_id: str | None
    rule: str | None = None


HUB = Subject(brukare_id=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pauses:
    """The pauses that have begun and that nobody has ended, one of each subject; and those that are over.

    Of one that is over ``until_at`` is when it was.
    """

    begun: tuple[Pause, ...] = ()
    over: tuple[Pause, ...] = ()

    def current(self, now: datetime) -> tuple[Pause, ...]:
        """Return the pauses that last now."""
        return tuple(pause for pause in self.begun if now < pause.until_at)

    def due(self, now: datetime) -> tuple[Pause, ...]:
        """Return the pauses whose time is up and that nobody has ended."""
        return tuple(pause for pause in self.begun if pause.until_at <= now)

    def find(self, subject: Subject, now: datetime) -> Pause | None:
        """Return the pause of exactly this subject that lasts now."""
        return next((pause for pause in self.current(now) if subject_of(pause) == subject), None)

    def lasting_at(self, at: datetime) -> tuple[Pause, ...]:
        """Return the pauses, over or not, that lasted at an instant."""
        return tuple(pause for pause in (*self.over, *self.begun) if pause.started_at <= at < pause.until_at)

    def next_end_at(self) -> datetime | None:
        """Return when the first of those that have begun ends, perhaps in the past; None if there is none."""
        return min((pause.until_at for pause in self.begun), default=None)

    def last_end_at(self, brukare_id: str, rule: str, alarm_type: AlarmType, now: datetime) -> datetime | None:
        """Return when the last pause ended that a rule was silent by; None if there was none."""
        ended = (pause for pause in (*self.over, *self.due(now)) if pause.covers(brukare_id, rule, alarm_type))
        return max((pause.until_at for pause in ended), default=None)


def subject_of(pause: Pause) -> Subject:
    """Return what a pause is of."""
    return Subject(brukare_id=pause.brukare_id, rule=pause.rule)


def evolve(pauses: Pauses, event: Event) -> Pauses:
    """Return the pauses after an event; events of another kind change nothing."""
    match event:
        case PauseStarted():
            return _start(pauses, event)
        case PauseEnded():
            found = next((pause for pause in pauses.begun if pause.pause_id == event.pause_id), None)
            return pauses if found is None else _end(pauses, found, event.at)
        case _:
            return pauses


def start(subject: Subject, reason: str, until_at: datetime, by: Actor, now: datetime, pause_id: str) -> PauseStarted:
    """Return what is journalled of a pause that begins now; raises a CommandRefusedError of one that may not be."""
    if not (reason := reason.strip()):
        raise PauseReasonMissingError
    if until_at <= now:
        raise PauseEndMissedError
    longest = LONGEST_INTERRUPTION if subject == HUB else LONGEST
    if until_at - now > longest:
        raise PauseTooLongError(days=str(longest.days))
    return PauseStarted(
        at=now,
        pause_id=pause_id,
        brukare_id=subject.brukare_id,
        rule=subject.rule,
        reason=reason,
        until_at=until_at,
        by=by,
    )


def end(pause: Pause, by: Actor, now: datetime) -> PauseEnded:
    """Return what is journalled of a pause that ends now."""
    return PauseEnded(
        at=now, pause_id=pause.pause_id, brukare_id=pause.brukare_id, by=by, expired=pause.until_at <= now
    )


def _start(pauses: Pauses, event: PauseStarted) -> Pauses:
    """Begin a pause, or give the one of the same subject another end: it goes on, from when it began."""
    subject = Subject(brukare_id=event.brukare_id, rule=event.rule)
    before = next((pause for pause in pauses.begun if subject_of(pause) == subject), None)
    started_at = event.at
    if before is not None and event.at < before.until_at:
        started_at = before.started_at
        pauses = replace(pauses, begun=_without(pauses, before))
    elif before is not None:
        pauses = _end(pauses, before, event.at)
    begun = Pause(
        pause_id=event.pause_id,
        brukare_id=event.brukare_id,
        rule=event.rule,
        reason=event.reason,
        started_at=started_at,
        until_at=event.until_at,
        by=event.by,
    )
    return replace(pauses, begun=(*pauses.begun, begun))


def _end(pauses: Pauses, pause: Pause, at: datetime) -> Pauses:
    """Let a pause be over: at an instant, or at its own end if that was noted later."""
    over = replace(pause, until_at=min(pause.until_at, at))
    return Pauses(begun=_without(pauses, pause), over=(*pauses.over, over)[-OVER_KEPT:])


def _without(pauses: Pauses, pause: Pause) -> tuple[Pause, ...]:
    """Return the others that have begun."""
    return tuple(each for each in pauses.begun if each is not pause)
