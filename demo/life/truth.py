"""What really happened to the person, and what must be told of it by when."""

from dataclasses import dataclass
from datetime import datetime

FIRE = "fire"
GONE_OUT = "gone_out"
LEAK = "leak"
MEDICINE = "medicine"
PASSIVITY = "passivity"
POWER_ON = "power_on"
SAFETY_BUTTON = "safety_button"
TECHNICAL = "technical"
LARMTYPER = (PASSIVITY, GONE_OUT, FIRE, LEAK, MEDICINE, SAFETY_BUTTON, POWER_ON, TECHNICAL)


@dataclass(frozen=True, kw_only=True, slots=True)
class Situation:
    """A real situation (UTC).

    due_at: when the larmplan promises the alarm. by_at: the latest instant, if the hub could not know or had no power
    before. until_at: afterwards it is over. beyond: why no hub could know of it; such a one is not missed.
    """

    larmtyp: str
    what: str
    began_at: datetime
    due_at: datetime
    by_at: datetime
    until_at: datetime
    beyond: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Excuse:
    """An alarm that the larmplan leads to although nothing is wrong; it may come between the two instants (UTC)."""

    larmtyp: str
    why: str
    from_at: datetime
    until_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Fall:
    """A fall: when, when she was found, and by what."""

    at: datetime
    found_at: datetime
    found_by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Truth:
    """Everything that an alarm may be about."""

    situations: tuple[Situation, ...]
    excuses: tuple[Excuse, ...]
    falls: tuple[Fall, ...]
