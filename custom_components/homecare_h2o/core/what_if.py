"""What a rule would have raised: its detector is shown again what was recorded, by the time of the record alone.

The same record always gives the same alarms, wherever it is split: what is due by an instant is raised before what was
seen then is taken in, as the triggers do it live.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from .errors import CommandRefusedError


class RecorderMissingError(CommandRefusedError):
    """There is no history to try values on: Home Assistant's recorder is not there, or cannot be asked now."""

    translation_key = "recorder_missing"


class TooMuchRecordedError(CommandRefusedError):
    """The sensors have told so much that to read it would take the memory that the alarms need."""

    translation_key = "what_if_too_much"


class NotReplayableError(CommandRefusedError):
    """The line listens to what is not recorded, such as the presses of a button."""

    translation_key = "line_not_replayable"


class LineWithoutBlueprintError(CommandRefusedError):
    """The line was made by hand: it has no values to choose."""

    translation_key = "line_without_blueprint"


class BadValuesError(CommandRefusedError):
    """The chosen values would not be accepted; ``reason`` is what Home Assistant says."""

    translation_key = "what_if_bad_values"


class Seen(Protocol):
    """Something that was recorded."""

    @property
    def at(self) -> datetime:
        """When it was seen (UTC)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Raised:
    """An alarm that would have been raised: its deadline (UTC), and what it tells of."""

    due_at: datetime
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule[F, L: Seen]:
    """A detector with its values: what a look changes, when it is due next, what is known once that is raised.

    is_silent: only the detector has to know of a deadline.
    """

    observe: Callable[[F, L], F]
    next_due_at: Callable[[F], datetime | None]
    fired: Callable[[F, datetime], F]
    sources: Callable[[F, datetime], Sequence[str]]
    is_silent: Callable[[F, datetime], bool] = lambda *_: False


class Player[F, L: Seen]:
    """A detector on its way through a record."""

    def __init__(self, rule: Rule[F, L], facts: F) -> None:
        """Begin with what is known."""
        self._rule = rule
        self._facts = facts
        self._due_at: datetime | None = None
        self._is_known = False
        self._raised: list[Raised] = []

    @property
    def raised(self) -> tuple[Raised, ...]:
        """What has been raised up to now, in order."""
        return tuple(self._raised)

    def wake(self, at: datetime) -> None:
        """Raise what is due by an instant."""
        while (due_at := self._next_due_at()) is not None and due_at <= at:
            if not self._rule.is_silent(self._facts, due_at):
                self._raised.append(Raised(due_at=due_at, sources=tuple(self._rule.sources(self._facts, due_at))))
            self._change(self._rule.fired(self._facts, due_at))

    def show(self, seen: L) -> None:
        """Show what was recorded, in the order of time; what was due before is raised first."""
        self.wake(seen.at)
        facts = self._rule.observe(self._facts, seen)
        if facts != self._facts:
            self._change(facts)
            self.wake(seen.at)

    def _change(self, facts: F) -> None:
        """Go on from other facts."""
        self._facts = facts
        self._is_known = False

    def _next_due_at(self) -> datetime | None:
        """Return the next deadline; None if there is none."""
        if not self._is_known:
            self._due_at = self._rule.next_due_at(self._facts)
            self._is_known = True
        return self._due_at


def replay[F, L: Seen](rule: Rule[F, L], facts: F, record: Iterable[L], until: datetime) -> tuple[Raised, ...]:
    """Return what would have been raised by an instant (UTC); ``record`` is in the order of time."""
    player = Player(rule, facts)
    for seen in record:
        if seen.at > until:
            break
        player.show(seen)
    player.wake(until)
    return player.raised


def thin[L: Seen](record: Iterable[L], not_before: Callable[[L], datetime]) -> Iterator[L]:
    """Leave out what is overtaken before anything can be due: a deadline costs more than all else.

    Only of a record in which each look tells all that is known. Nothing is due before a look's bound.
    """
    bound_at: datetime | None = None
    last: L | None = None
    for seen in record:
        if last is not None and (bound_at is None or seen.at >= bound_at):
            yield last
            bound_at = not_before(last)
        last = seen
    if last is not None:
        yield last


def count_by_day(instants: Iterable[datetime], since: datetime, until: datetime, tz: ZoneInfo) -> dict[date, int]:
    """Return how many instants there are on each local day of a period, the days without any included."""
    first, last = since.astimezone(tz).date(), until.astimezone(tz).date()
    counted = Counter(at.astimezone(tz).date() for at in instants)
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return {day: counted[day] for day in days}
