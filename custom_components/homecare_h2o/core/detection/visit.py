"""Visit: staff is in the home, and leaves it without that being an alarm (larmplan.md, R020.6)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from . import BadRuleError


class VisitTimeOutOfRangeError(BadRuleError):
    """A visit that never lasts, or times around it that are negative."""

    translation_key = "visit_time_out_of_range"


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitConfig:
    """How long a visit lasts that nobody ends, and how long before its start or end and after its end staff may move.

    lead: the door is opened before the visit is registered at arrival, or after leaving. tail: it is opened after the
    end has been registered.
    """

    longest: timedelta = timedelta(hours=2)
    lead: timedelta = timedelta(minutes=2)
    tail: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitFacts:
    """What is remembered over a restart (UTC): the last visit; expires_at: when it ends if nobody ends it."""

    started_at: datetime | None = None
    expires_at: datetime | None = None
    ended_at: datetime | None = None


def check(config: VisitConfig) -> None:
    """Raise BadRuleError if a visit has no length, or a time around it is negative."""
    if config.longest <= timedelta() or min(config.lead, config.tail) < timedelta():
        raise VisitTimeOutOfRangeError("A visit must last, and the times around it must not be negative")


def start(config: VisitConfig, facts: VisitFacts, at: datetime) -> VisitFacts:
    """Return the facts with a visit from now; one that is registered again while it lasts goes on for longer."""
    started_at = facts.started_at if is_active(facts, at) else at
    return VisitFacts(started_at=started_at, expires_at=at + config.longest)


def end(facts: VisitFacts, at: datetime) -> VisitFacts:
    """Return the facts with the visit ended; an end without a start still tells that staff leaves now."""
    if facts.ended_at is not None:
        # It has no start of its own, nor does it move the end of the visit before.
        return VisitFacts(ended_at=at)
    return replace(facts, ended_at=at)


def is_active(facts: VisitFacts, at: datetime) -> bool:
    """Return whether the visit lasts: [start, end), and never longer than until it expires."""
    ends = [each for each in (facts.expires_at, facts.ended_at) if each is not None]
    return facts.started_at is not None and facts.started_at <= at < min(ends, default=at)


def next_expiry_at(facts: VisitFacts) -> datetime | None:
    """Return when the visit ends by itself, in the past if that is not journalled yet; None if there is nothing to end.

    Journal it, then take ``expired``.
    """
    return facts.expires_at if facts.ended_at is None else None


def expired(facts: VisitFacts) -> VisitFacts:
    """Return the facts after the visit has ended by itself: nobody knows when staff left, so there is no tail."""
    return VisitFacts()


def suppresses(config: VisitConfig, facts: VisitFacts, at: datetime) -> bool:
    """Return whether an opening at this instant is staff's: during the visit, or near its start or end.

    Ask for an opening when it is seen, and for the first opening of an open episode when a visit starts or ends.
    """
    if is_active(facts, at):
        return True
    arrives = facts.started_at is not None and facts.started_at - config.lead <= at < facts.started_at
    return arrives or (
        facts.ended_at is not None and facts.ended_at - config.lead <= at <= facts.ended_at + config.tail
    )
