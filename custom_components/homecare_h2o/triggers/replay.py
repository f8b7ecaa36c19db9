"""A trigger's detector, shown again what was recorded of its sources, as its watch would have shown it live.

Not replayed: what is not in any record, such as presses and unchanged reports, and the two minutes after a start in
which a smoke detector's word counts as older than that.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Any, cast
from zoneinfo import ZoneInfo

from homeassistant.const import CONF_DEVICE_ID, STATE_OFF
from homeassistant.core import State

from ..activity import Moved, calc_stuck_at, take_up
from ..core.detection import gone_out, inactive, visit
from ..core.detection.gone_out import GoneOutFacts
from ..core.detection.inactive import InactiveFacts
from ..core.detection.visit import VisitFacts
from ..core.events import VisitEnded, VisitStarted
from ..core.what_if import Raised, Rule, replay, thin
from ..visits import RULE as VISIT
from .detected import DetectedWatch
from .detector import DetectorWatch, Look, is_informative
from .gone_out import GoneOutWatch
from .inactive import InactiveWatch, rule_of
from .left_on import LeftOnWatch
from .missed import CONF_STAGE, MissedWatch, Stage
from .sequence import SequenceWatch
from .watch import Watch

NEEDS_ATTRIBUTES = (InactiveWatch, LeftOnWatch)
"""Those that ask what kind of sensor it was, or for the unit."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """A start of Home Assistant (UTC): nobody watched from ``lost_at`` to ``at``."""

    lost_at: datetime
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """What was recorded from an instant on (UTC): each source's states, oldest first, the starts and the visits."""

    since: datetime
    states: Mapping[str, Sequence[State]]
    starts: tuple[Start, ...] = ()
    visits: tuple[VisitStarted | VisitEnded, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """What a source showed, and before that; ``unseen``: nothing had been heard of it since the start."""

    at: datetime
    source: str
    state: State | None
    before: State | None
    unseen: bool
    reported: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Lost:
    """The hub's last sign of life before a start."""

    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitTold:
    """What is known of all visits from an instant on."""

    at: datetime
    visits: tuple[VisitFacts, ...]


type Told = Shown | Lost | VisitTold


@dataclass(frozen=True, kw_only=True, slots=True)
class Play:
    """How a watch is replayed: on what is read of a record for its sources, from an instant to another (UTC).

    Both touch nothing of Home Assistant's, so that they can be called in any thread.
    """

    sources: tuple[str, ...]
    read: Callable[[Record, Sequence[str]], Sequence[Any]]
    run: Callable[[Sequence[Any], datetime, datetime], tuple[Raised, ...]]


def read_stream(record: Record, sources: Sequence[str]) -> list[Told]:
    """Return everything that was told, in the order of time; at one instant that nobody watched, then who was seen."""
    told: list[Told] = [Lost(at=start.lost_at) for start in record.starts]
    told += _read_visits(record.visits)
    for source in sources:
        told += _read_source(source, record)
    return sorted(told, key=attrgetter("at"))


def _read_source(source: str, record: Record) -> Iterator[Shown]:
    """Yield what a source showed; what it shows at the beginning, and first after each start, may be restored."""
    states = record.states.get(source, ())
    starts = list(record.starts)
    unseen, before = True, None
    if not states or states[0].last_updated > record.since:
        yield Shown(at=record.since, source=source, state=None, before=None, unseen=True, reported=False)
    for each in states:
        at = max(each.last_updated, record.since)
        while starts and starts[0].at <= at:
            del starts[0]
            unseen, before = True, None
        # The recorder keeps nothing of a state that was removed.
        state = each if each.state else None
        yield Shown(at=at, source=source, state=state, before=before, unseen=unseen, reported=at > record.since)
        before = state
        unseen &= not is_informative(state)


def _read_visits(events: Sequence[VisitStarted | VisitEnded]) -> Iterator[VisitTold]:
    """Yield what is known of the visits after each event."""
    known: dict[str, VisitFacts] = {}
    for event in events:
        facts = known.get(event.brukare_id, VisitFacts())
        match event:
            case VisitStarted():
                facts = visit.start(VISIT, facts, event.at)
            case VisitEnded(expired=True):
                facts = visit.expired(facts)
            case VisitEnded():
                facts = visit.end(facts, event.at)
        known[event.brukare_id] = facts
        yield VisitTold(at=event.at, visits=tuple(known.values()))


def prepare(watch: Watch, tz: ZoneInfo) -> Play | None:
    """Return how a watch is replayed; None if it raises nothing, or listens to what is not recorded."""
    match watch:
        case InactiveWatch():
            return _prepare_inactive(watch, tz)
        case MissedWatch() if watch.options[CONF_STAGE] == Stage.REMINDER:
            return None
        case DetectedWatch() | GoneOutWatch() | LeftOnWatch() | MissedWatch() | SequenceWatch():
            return _prepare_detector(watch, tz)
        case _:
            return None


def devices_of(watch: Watch) -> Sequence[str]:
    """Return the brukare's devices whose visits excuse what a watch sees."""
    return cast(Sequence[str], watch.options.get(CONF_DEVICE_ID, ())) if isinstance(watch, GoneOutWatch) else ()


# --- the detectors that are a row of functions ------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class _Known[F]:
    """A detector's facts, and what is known of the visits."""

    facts: F
    visits: tuple[VisitFacts, ...] = ()

    def is_visited(self, at: datetime) -> bool:
        """Return whether what is seen at an instant is staff's doing."""
        return any(visit.suppresses(VISIT, each, at) for each in self.visits)


def _prepare_detector(watch: DetectorWatch, tz: ZoneInfo) -> Play:
    """Return how a detector is replayed."""
    detector, roles = watch.detector, dict(watch.find_roles())
    rule = detector.read(watch.options)
    is_excusable = isinstance(watch, GoneOutWatch)

    def observe(known: _Known[Any], told: Told) -> _Known[Any]:
        match told:
            case Shown():
                look = Look(
                    role=roles[told.source],
                    source=told.source,
                    state=told.state,
                    at=told.at,
                    restored=told.unseen,
                    reported=told.reported,
                )
                excused = is_excusable and known.is_visited(told.at)
                return replace(known, facts=detector.observe(rule, known.facts, look, tz, excused))
            case VisitTold() if is_excusable:
                return _excuse(replace(known, visits=told.visits))
            case _:
                return known

    def find_sources(known: _Known[Any], due_at: datetime) -> Sequence[str]:
        return detector.sources(rule, known.facts, due_at, tz) if detector.sources else list(roles)

    played = Rule(
        observe=observe,
        next_due_at=lambda known: detector.next_due_at(rule, known.facts, tz),
        fired=lambda known, due_at: replace(known, facts=detector.fired(rule, known.facts, due_at, tz)),
        sources=find_sources,
        is_silent=lambda known, due_at: detector.is_silent(rule, known.facts, due_at, due_at, tz),
    )
    return Play(
        sources=tuple(roles),
        read=read_stream,
        run=lambda told, since, until: replay(played, _Known(facts=detector.begin(since)), told, until),
    )


def _excuse(known: _Known[GoneOutFacts]) -> _Known[GoneOutFacts]:
    """Drop an episode that turns out to be staff's: the door opens before the visit is registered."""
    begun_at = known.facts.opened_at or known.facts.out_since_at
    is_staff = begun_at is not None and known.is_visited(begun_at)
    return replace(known, facts=gone_out.excuse(known.facts)) if is_staff else known


# --- passivity --------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Activity:
    """All that is known of the activity of a rule's sensors from an instant on, as its facts have it (UTC)."""

    at: datetime
    last_activity_at: datetime
    masked_until_at: datetime | None


def _prepare_inactive(watch: InactiveWatch, tz: ZoneInfo) -> Play:
    """Return how a passivity rule is replayed."""
    rule, sensors = rule_of(watch.options), watch.find_sources()
    played: Rule[InactiveFacts, Activity] = Rule(
        observe=lambda facts, seen: replace(
            facts, last_activity_at=seen.last_activity_at, masked_until_at=seen.masked_until_at
        ),
        next_due_at=lambda facts: inactive.next_due_at(rule, facts, tz),
        fired=lambda facts, due_at: replace(facts, last_due_at=due_at),
        sources=lambda _facts, _due_at: sensors,
    )

    def run(told: Sequence[Activity], since: datetime, until: datetime) -> tuple[Raised, ...]:
        seen = thin(told, lambda each: each.last_activity_at + rule.threshold)
        return replay(played, InactiveFacts(armed_since_at=since), seen, until)

    return Play(sources=tuple(sensors), read=read_activity, run=run)


def read_activity(record: Record, sensors: Sequence[str]) -> list[Activity]:
    """Return each change of what is known of the activity; what was going on when the hub died ended then at least."""
    known: dict[str, Moved] = {}
    stuck_at: dict[str, datetime] = {}
    last_at = record.since
    found: list[Activity] = []
    for told in read_stream(record, sensors):
        match told:
            case Shown():
                moved = _find_moved(known, told)
                if moved is None or moved.at is None:
                    continue
                known[told.source] = moved
                last_at = max(last_at, moved.at) if found else moved.at
                stuck_at.pop(told.source, None)
                if moved.active:
                    stuck_at[told.source] = calc_stuck_at(moved.at, told.state)
            case Lost() if stuck_at:
                known |= {source: Moved(at=told.at) for source in stuck_at}
                last_at = max(last_at, told.at)
                stuck_at.clear()
            case _:
                continue
        masked_until_at = max(stuck_at.values()) if stuck_at else None
        found.append(Activity(at=told.at, last_activity_at=last_at, masked_until_at=masked_until_at))
    return found


def _find_moved(known: Mapping[str, Moved], shown: Shown) -> Moved | None:
    """Return the activity of a sensor after what it shows; None if that says nothing of it."""
    if shown.reported:
        return take_up(known.get(shown.source, Moved()), shown.before, shown.state, shown.at)
    # A sensor that is off when the record begins has been so since somebody moved.
    return Moved(at=shown.at) if shown.state and shown.state.state == STATE_OFF else None
