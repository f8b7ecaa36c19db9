"""Quiet: a device has said nothing for a time, whatever its state; blind is not quiet (R060.5)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from . import BadRuleError

BATTERY_LIMIT = timedelta(hours=6)
"""How long a device on a battery may be silent."""
MAINS_LIMIT = timedelta(hours=2)
"""How long a device on mains may be silent."""


class LimitNotPositiveError(BadRuleError):
    """Every device would be silent for too long all the time."""

    translation_key = "quiet_limit_not_positive"


@dataclass(frozen=True, kw_only=True, slots=True)
class QuietConfig:
    """Which sources are listened to, and how long each may be silent."""

    limits: Mapping[str, timedelta]


@dataclass(frozen=True, kw_only=True, slots=True)
class SilenceFacts:
    """Since when a source has been silent (UTC), the time in which the hub was deaf left out; raised: it is known."""

    source: str
    silent_since_at: datetime
    raised: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class QuietFacts:
    """What is remembered over a restart: each source that is listened to, sorted."""

    silences: tuple[SilenceFacts, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """A report of any kind, also an unchanged one; unavailable is none, and what is restored at a start neither."""

    source: str
    at: datetime
    restored: bool = False


def check(config: QuietConfig) -> None:
    """Raise BadRuleError if a limit is not positive."""
    if any(limit <= timedelta() for limit in config.limits.values()):
        raise LimitNotPositiveError("The time without a report must be longer than nothing")


def follow(config: QuietConfig, facts: QuietFacts, at: datetime) -> QuietFacts:
    """Return the facts with exactly the sources of the rule; a new one is taken to be heard now."""
    known = {each.source: each for each in facts.silences}
    return QuietFacts(
        silences=tuple(
            known.get(source, SilenceFacts(source=source, silent_since_at=at)) for source in sorted(config.limits)
        )
    )


def listen_again(config: QuietConfig, facts: QuietFacts, deaf_from_at: datetime, deaf_to_at: datetime) -> QuietFacts:
    """Return the facts without the time in which the hub was down, for nobody could be heard then.

    What was due before that stays due.
    """
    return QuietFacts(
        silences=tuple(
            each
            if each.silent_since_at + config.limits.get(each.source, timedelta()) <= deaf_from_at
            else replace(each, silent_since_at=deaf_to_at - max(deaf_from_at - each.silent_since_at, timedelta()))
            for each in facts.silences
        )
    )


def observe(config: QuietConfig, facts: QuietFacts, seen: Seen, tz: ZoneInfo) -> QuietFacts:
    """Return the new facts; raise what is due by ``seen.at`` first. A source that is not followed stays unknown."""
    if seen.restored:
        return facts
    heard = SilenceFacts(source=seen.source, silent_since_at=seen.at)
    return QuietFacts(silences=tuple(heard if each.source == seen.source else each for each in facts.silences))


def hear(facts: QuietFacts, source: str, at: datetime | None) -> QuietFacts:
    """Return the facts with a source heard at an instant; None, or one before the last, tells nothing new."""
    return QuietFacts(
        silences=tuple(
            SilenceFacts(source=source, silent_since_at=at)
            if each.source == source and at is not None and at > each.silent_since_at
            else each
            for each in facts.silences
        )
    )


def next_due_at(config: QuietConfig, facts: QuietFacts, tz: ZoneInfo) -> datetime | None:
    """Return when the first source that is not known to be silent will have been so for too long; None if none is."""
    return min((each.silent_since_at + config.limits[each.source] for each in _heard(config, facts)), default=None)


def sources(config: QuietConfig, facts: QuietFacts, due_at: datetime) -> tuple[str, ...]:
    """Return the sources whose deadline this is; ask before ``fired``."""
    return tuple(
        each.source for each in _heard(config, facts) if each.silent_since_at + config.limits[each.source] == due_at
    )


def fired(config: QuietConfig, facts: QuietFacts, due_at: datetime) -> QuietFacts:
    """Return the facts after the alarm: each of its sources must be heard before it is due again."""
    silent = sources(config, facts, due_at)
    return QuietFacts(
        silences=tuple(replace(each, raised=True) if each.source in silent else each for each in facts.silences)
    )


def _heard(config: QuietConfig, facts: QuietFacts) -> list[SilenceFacts]:
    """Return the sources of the rule that are not known to be silent."""
    return [each for each in facts.silences if not each.raised and each.source in config.limits]
