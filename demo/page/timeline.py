"""The latest alarm as the page tells it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Tone(StrEnum):
    """How a line of the timeline looks."""

    ALARM = "alarm"
    INFO = "info"
    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One thing that happened, at a UTC instant."""

    at: datetime
    text: str
    tone: Tone = Tone.INFO


class Timeline:
    """The lines of one alarm in the order of their instants; a new alarm starts it over."""

    def __init__(self) -> None:
        """Start without an alarm."""
        self.title = ""
        self.entries: tuple[TimelineEntry, ...] = ()
        self._listeners: list[Callable[[], None]] = []

    def show(self, title: str, entries: Iterable[TimelineEntry] = ()) -> None:
        """Show an alarm in place of the one before."""
        self.title = title
        self.entries = tuple(sorted(entries, key=lambda entry: entry.at))
        self._tell()

    def add(self, entry: TimelineEntry) -> None:
        """Add a line to the alarm that is shown; one that comes late finds its place by its instant."""
        self.entries = tuple(sorted((*self.entries, entry), key=lambda known: known.at))
        self._tell()

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call back on every change; return what ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _tell(self) -> None:
        """Tell the listeners."""
        for listener in list(self._listeners):
            listener()
