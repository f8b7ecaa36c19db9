"""What the run's log tells, put into order: when the hub was there, what hindered it, what was asked and seen."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
import json
from pathlib import Path
from typing import Any

type Line = Mapping[str, Any]

BROKEN_WAYS = frozenset({"push_500", "push_hang", "push_reset", "push_delay"})
"""Ways on which nothing is shown in time."""
ON_DUTY = ("htj1", "htj2")
FOREVER = float("inf")


@dataclass(frozen=True, order=True, slots=True)
class Span:
    """From an instant of the run's monotonic clock to another."""

    start: float
    end: float

    def meets(self, other: Span) -> bool:
        """Whether they have some time in common."""
        return self.start < other.end and other.start < self.end

    def has(self, at: float) -> bool:
        """Whether an instant lies in it."""
        return self.start <= at <= self.end

    def widened(self, seconds: float) -> Span:
        """Return it with so much more at its end."""
        return Span(self.start, self.end + seconds)


class Story:
    """What happened in a run."""

    def __init__(self, lines: Iterable[Line]) -> None:
        """Take the lines in the order in which they were written."""
        self.lines: Sequence[Line] = list(lines)
        self.home: Line = next(line for line in self.lines if line["kind"] == "home")
        self.ids: Mapping[str, str] = self.home["phone_ids"]
        self.closing_at = self._first("closing")
        self.healed_at = self._first("healed")
        self.loaded = self._spans({"loaded", "reloaded"}, {"killing", "terminating", "reloading"})
        self.ends = [float(line["m"]) for line in self.of("killing", "terminating")]
        self.kills = [float(line["m"]) for line in self.of("killing")]
        self.blocked = self._spans({"blocked"}, {"unblocked"})
        self.flooded = self._spans({"flooding"}, {"flooded"})
        self.unreachable = self._spans_of(self._is_everybody_away)

    @classmethod
    def read(cls, path: Path) -> Story:
        """Read a run's log; a last line that was cut off is left out."""
        lines = []
        for text in path.read_text(encoding="utf-8").splitlines():
            try:
                lines.append(json.loads(text))
            except ValueError:
                continue
        return cls(lines)

    def of(self, *kinds: str) -> list[Line]:
        """Return the lines of some kinds."""
        return [line for line in self.lines if line["kind"] in kinds]

    def has(self, kind: str, **what: Any) -> bool:
        """Return whether there is a line like this."""
        return any(all(line.get(key) == value for key, value in what.items()) for line in self.of(kind))

    def is_loaded(self, span: Span) -> bool:
        """Return whether the hub was there all that time."""
        return any(up.start <= span.start and span.end <= up.end for up in self.loaded)

    def next_loaded(self, at: float) -> float:
        """Return when the hub was there first from an instant on; never, if it was not."""
        return min((max(at, up.start) for up in self.loaded if up.end > at), default=FOREVER)

    def was_ended(self, span: Span) -> bool:
        """Return whether Home Assistant was ended in that time."""
        return any(span.has(end) for end in self.ends)

    def is_volatile(self, at: float, caught_up: float, *, all_files: bool = False) -> bool:
        """Return whether what happened then was in memory only when the power went; ``all_files``: nowhere else either.

        That is so while the journal takes nothing, and for so many seconds until it is tried again.
        """
        for span in self.blocked:
            if all_files and not self.has("blocked", m=span.start, all_files=True):
                continue
            kept = span.widened(caught_up)
            if any(span.start - 1 <= at <= kill <= kept.end for kill in self.ends):
                return True
        return False

    def _first(self, kind: str) -> float:
        """Return when something was first written down; never, if it was not."""
        return min((float(line["m"]) for line in self.of(kind)), default=FOREVER)

    def _spans(self, begins: set[str], ends: set[str]) -> list[Span]:
        """Return the spans that lines begin and end."""
        spans: list[Span] = []
        start: float | None = None
        for line in self.lines:
            if line["kind"] in begins and start is None:
                start = float(line["m"])
            elif line["kind"] in ends and start is not None:
                spans.append(Span(start, float(line["m"])))
                start = None
        return [*spans, Span(start, FOREVER)] if start is not None else spans

    def _spans_of(self, is_so: Callable[[Mapping[str, str], bool], bool]) -> list[Span]:
        """Return the spans in which something is so with the ways to the phones."""
        ways: dict[str, str] = {}
        reachable, spans = True, []
        start: float | None = None
        for line in self.of("way", "relay"):
            if line["kind"] == "way":
                ways[line["phone"]] = line["way"]
            else:
                reachable = line["reachable"]
            now = is_so(ways, reachable)
            if now and start is None:
                start = float(line["m"])
            elif not now and start is not None:
                spans.append(Span(start, float(line["m"])))
                start = None
        return [*spans, Span(start, FOREVER)] if start is not None else spans

    @staticmethod
    def _is_everybody_away(ways: Mapping[str, str], reachable: bool) -> bool:  # noqa: FBT001 - a pair of facts
        """Return whether none of the phones on duty can be told."""
        return not reachable or all(ways.get(phone) in BROKEN_WAYS for phone in ON_DUTY)
