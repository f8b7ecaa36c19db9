"""All that is known of a run, and how long somebody waited while nothing hindered.

Times are in seconds of true time (docs/chaos.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .alarms import collect
from .journal import Journal
from .story import Line, Span, Story

AFTER_BLOCKED = 5.0
"""What waits for a journal that takes nothing goes on when the last attempt to write has timed out."""
AFTER_PHONES = 10.5
"""A phone that came back is tried again after the pause that was chosen while it was away."""
AFTER_FLOOD = 20.0
TAILS = {"journal": AFTER_BLOCKED, "phones": AFTER_PHONES, "flood": AFTER_FLOOD}


@dataclass(frozen=True, kw_only=True, slots=True)
class Violation:
    """Something that must not be."""

    promise: str
    what: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Lateness:
    """How long somebody waited for a call, and what had hindered it before; seconds."""

    what: str
    after: str
    seconds: float


class Evidence:
    """All that is known of a run."""

    def __init__(self, story: Story, journals: Sequence[Journal]) -> None:
        """Put it together."""
        self.story = story
        self.journals = journals
        self.current = next((journal for journal in journals if not journal.is_damaged), None)
        self.alarms = collect(journals)
        self.shown: dict[str, list[Line]] = {}
        for line in story.of("shown"):
            self.shown.setdefault(str(line["tag"]), []).append(line)
        self.lateness: list[Lateness] = []
        corrupted = [line for line in story.of("corrupted") if line["file"] == "journal.db"]
        self.corrupted_at = max((float(line["m"]) for line in corrupted), default=0.0)
        self.was_corrupted = bool(corrupted)
        self.patchy = {
            row.alarm_id for journal in journals if journal.is_damaged and journal.breaks for row in journal.rows
        }
        """Alarms of which rows may be missing, and with them the steps in which phones were called."""

    def hindrances(self, *, felt: bool) -> list[tuple[Span, str]]:
        """Return what kept calls from going out, by why; ``felt``: as long as that may still be felt."""
        story = self.story
        down = [Span(0.0, story.loaded[0].start)] if story.loaded else []
        down += [Span(one.end, two.start) for one, two in pairwise(story.loaded)]
        tail = TAILS if felt else {}
        spans = {"start": down, "journal": story.blocked, "phones": story.unreachable, "flood": story.flooded}
        return [(span.widened(tail.get(why, 0.0)), why) for why, found in spans.items() for span in found]

    def is_away(self, span: Span) -> bool:
        """Return whether the hub or all phones on duty were away in some of that time."""
        return any(each.meets(span) for each in self.story.unreachable) or not self.story.is_loaded(span)

    def waited(self, span: Span, *, felt: bool = True) -> float:
        """Return how many seconds of a span nothing hindered."""
        free, at = 0.0, span.start
        for hindrance, _ in sorted(self.hindrances(felt=felt)):
            if hindrance.end > at:
                free += max(0.0, min(hindrance.start, span.end) - at)
                at = max(at, min(hindrance.end, span.end))
        return free + max(0.0, span.end - at)

    def after(self, span: Span) -> str:
        """Return what last hindered a call in a span, calm if nothing did."""
        met = sorted((hindrance.end, why) for hindrance, why in self.hindrances(felt=False) if hindrance.meets(span))
        return met[-1][1] if met else "calm"
