"""How many pushes a phone has left of its day, and which of them may wait.

Only the reminders after the last level wait, and never those of fire or the safety button: the first calls, and
everything that tells who took an alarm or that it is over, always go out.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .alarm import Alarm
from .escalation import URGENT_TYPES
from .messages import Message, MessageKind

PUSHES_PER_DAY = 500
"""What the push service of the Home Assistant app grants a phone."""

HELD_BACK = "budget"
"""Why a reminder was not sent."""
RATE_LIMITED = "rate_limited"
"""Why the push service took nothing: the phone's day is used up."""

_PAUSES = ((450, timedelta(hours=1)), (400, timedelta(minutes=30)), (300, timedelta(minutes=15)))
"""From so many pushes on a phone is reminded of an alarm no more often than this."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spent:
    """How many pushes a phone was sent on a day, by the hub's wall clock."""

    day: date
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class LastPush:
    """When a phone was last sent something of an alarm, and how the alarm was then."""

    at: datetime
    alarm: Alarm


def count_on(spent: Spent | None, day: date) -> int:
    """Return how many pushes are spent of a day."""
    return spent.count if spent and spent.day == day else 0


def spend(spent: Spent | None, day: date, remaining: int | None) -> Spent:
    """Return what is spent after one more push; the push service knows best what remains."""
    count = count_on(spent, day) + 1 if remaining is None else PUSHES_PER_DAY - remaining
    return Spent(day=day, count=count)


def is_reminder(message: Message) -> bool:
    """Return whether a message only repeats what every level has been told already."""
    alarm = message.alarm
    return (
        message.kind is MessageKind.CALL
        and alarm.alarm_type not in URGENT_TYPES
        and alarm.level >= len(alarm.plan.levels)
    )


def calc_pause(count: int) -> timedelta:
    """Return how long the reminders of one alarm are apart at least."""
    return next((pause for limit, pause in _PAUSES if count >= limit), timedelta(0))


def may_send(message: Message, count: int, last: LastPush | None, now: datetime) -> bool:
    """Return whether a message goes out now; whoever has just answered is not made to wait."""
    if last is None or not is_reminder(message) or message.alarm.refused != last.alarm.refused:
        return True
    return now >= last.at + calc_pause(count)
