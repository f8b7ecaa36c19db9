"""What the journal has refused: whoever goes on after a reload takes it over, or the alarms in it would be lost."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .events import AlarmEvent, AlarmRaised, Event


@dataclass(frozen=True, kw_only=True, slots=True)
class Unwritten:
    """Events in the order in which they happened, and the alarms that are finished with them."""

    events: tuple[Event, ...] = ()
    finished: frozenset[str] = frozenset()


def complete(histories: Iterable[Sequence[AlarmEvent]], unwritten: Iterable[Event]) -> list[list[AlarmEvent]]:
    """Return the histories of the unfinished alarms with what could not be written of them, and of others that began."""
    found = [list(history) for history in histories]
    # One in which nothing can be read keeps no other from going on.
    by_alarm = {history[0].alarm_id: history for history in found if history}
    for event in unwritten:
        if isinstance(event, AlarmRaised) and event.alarm_id not in by_alarm:
            found.append(by_alarm.setdefault(event.alarm_id, []))
        if isinstance(event, AlarmEvent) and event.alarm_id in by_alarm:
            by_alarm[event.alarm_id].append(event)
    return found


def join[E: Event](written: Sequence[E], unwritten: Sequence[E]) -> list[E]:
    """Return what is written and what is not, once each: what has just been written may not be known to be so yet."""
    known = next(
        length for length in range(min(len(written), len(unwritten)), -1, -1) if _ends_with(written, unwritten[:length])
    )
    return [*written, *unwritten[known:]]


def _ends_with(events: Sequence[Event], end: Sequence[Event]) -> bool:
    """Return whether these are the last events."""
    return list(events[len(events) - len(end) :]) == list(end)
