"""Whether the home has mains power: told when it has been gone for a while, and when it is back (R010.5)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from .watching import TELL_AFTER

SETTLED_AFTER = timedelta(seconds=30)
"""Power that goes and comes within this time is a blip; both must have lasted so long before they are told."""
BLIND_AFTER = TELL_AFTER
"""A plug in the mains falls silent with them; so long it may have to join its network again."""


class Mains(StrEnum):
    """What the entity says of the mains."""

    ON = "on"
    LOST = "lost"
    UNKNOWN = "unknown"


class PowerNews(StrEnum):
    """What is to be told."""

    LOST = "lost"
    RESTORED = "restored"
    BLIND = "blind"
    """Nobody knows whether there is power, for longer than a restart takes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PowerFacts:
    """What is remembered of the mains over a restart (UTC).

    lost_at: gone since then, None while they are there. told: that has been told. back_at: there again since then,
    which has not been told yet. unknown_at: nobody knows since then; what was known before holds until somebody does.
    """

    lost_at: datetime | None = None
    told: bool = False
    back_at: datetime | None = None
    unknown_at: datetime | None = None
    unknown_told: bool = False


def observe(facts: PowerFacts, mains: Mains, now: datetime) -> PowerFacts:
    """Return the facts after a look at the mains."""
    if mains is Mains.UNKNOWN:
        return replace(facts, unknown_at=facts.unknown_at or now)
    facts = replace(facts, unknown_at=None, unknown_told=False)
    if mains is Mains.LOST:
        return replace(facts, lost_at=facts.lost_at or now, back_at=None)
    if facts.told:
        return replace(facts, back_at=facts.back_at or now)
    return replace(facts, lost_at=None)


def find_news(facts: PowerFacts, now: datetime) -> PowerNews | None:
    """Return what is to be told now, one thing at a time."""
    if facts.lost_at and not facts.told and now >= facts.lost_at + SETTLED_AFTER:
        return PowerNews.LOST
    if facts.told and facts.back_at and now >= facts.back_at + SETTLED_AFTER:
        return PowerNews.RESTORED
    if facts.unknown_at and not facts.unknown_told and now >= facts.unknown_at + BLIND_AFTER:
        return PowerNews.BLIND
    return None


def next_look_at(facts: PowerFacts) -> datetime | None:
    """Return when something that lasts until then is to be told; None if nothing waits."""
    waiting = (
        facts.lost_at + SETTLED_AFTER if facts.lost_at and not facts.told else None,
        facts.back_at + SETTLED_AFTER if facts.told and facts.back_at else None,
        facts.unknown_at + BLIND_AFTER if facts.unknown_at and not facts.unknown_told else None,
    )
    return min((at for at in waiting if at), default=None)


def tell(facts: PowerFacts, news: PowerNews) -> PowerFacts:
    """Return the facts after something has been told."""
    if news is PowerNews.LOST:
        return replace(facts, told=True)
    if news is PowerNews.RESTORED:
        return replace(facts, lost_at=None, told=False, back_at=None)
    return replace(facts, unknown_told=True)
