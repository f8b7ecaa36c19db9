"""The world: what the hub is shown of a life, and what is true of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from random import Random

from .diary import Diary
from .home import BUTTON, DEVICE_CLASS, SMOKE, Troubles, draw_troubles
from .person import Person
from .reckoning import reckon
from .spans import DAY, SECOND, wall
from .truth import Truth

OFF, ON, UNAVAILABLE, UNKNOWN = "off", "on", "unavailable", "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A sensor shows a state."""

    at: datetime
    sensor: str
    state: str


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitStarts:
    """Staff registers that they came."""

    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitEnds:
    """Staff registers that they leave."""

    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class PowerCut:
    """The hub has no power until an instant; what its sensors show in the first moment after it."""

    at: datetime
    until_at: datetime
    restored: Mapping[str, str]


type Happening = Reading | VisitStarts | VisitEnds | PowerCut


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """All that happens (in order) from an instant to another, and the truth about it."""

    start_at: datetime
    end_at: datetime
    seed: int
    first: Mapping[str, str]
    happenings: tuple[Happening, ...]
    truth: Truth


def make_world(first: date, days: int, seed: int, trouble: float = 1) -> World:
    """Return the world of a seed, always the same; ``trouble`` is how many times the usual cuts and dropouts."""
    start_at = wall(first, 0)
    end_at = wall(first + days * DAY, 0)
    key = f"{seed}/troubles"
    troubles = draw_troubles(Random(key), start_at, days, trouble)  # noqa: S311 - a simulation
    diary = Person(seed, first, days, troubles.sight).live()
    # The sight of no other sensor changes: the life was made up with it.
    troubles = troubles.adding((SMOKE, span) for span in diary.burnt if not troubles.sight.was_cut(span))
    happenings = sorted(
        _happenings(diary, troubles, Random(f"{seed}/shown")),  # noqa: S311 - a simulation
        key=lambda each: each.at,
    )
    return World(
        start_at=start_at,
        end_at=end_at,
        seed=seed,
        first={sensor: UNKNOWN if sensor == BUTTON else OFF for sensor in DEVICE_CLASS},
        happenings=tuple(each for each in happenings if start_at < each.at < end_at),
        truth=reckon(diary, troubles, first, days),
    )


def _happenings(diary: Diary, troubles: Troubles, rng: Random) -> Iterator[Happening]:
    """Return what happens, in no order."""
    for sensor in DEVICE_CLASS:
        changes = _presses(diary) if sensor == BUTTON else _changes(diary, sensor)
        yield from _readings(sensor, changes, troubles, rng)
    for visit in diary.visits:
        if visit.started_at:
            yield VisitStarts(at=visit.started_at)
        if visit.ended_at:
            yield VisitEnds(at=visit.ended_at)
    levels = {sensor: [] if sensor == BUTTON else _changes(diary, sensor) for sensor in DEVICE_CLASS}
    for cut in troubles.cuts:
        restored = {
            sensor: rng.choice([UNAVAILABLE, UNAVAILABLE, _level(changes, cut.start_at), UNKNOWN])
            for sensor, changes in levels.items()
        }
        yield PowerCut(at=cut.start_at, until_at=cut.end_at, restored=restored)


type Change = tuple[datetime, str]


def _changes(diary: Diary, sensor: str) -> list[Change]:
    """Return when a sensor turns on and off."""
    spans = [act.span for act in diary.shown_by(sensor)]
    return [change for span in spans for change in ((span.start_at, ON), (span.end_at, OFF))]


def _presses(diary: Diary) -> list[Change]:
    """Return when the button is pressed, and what it shows then."""
    return sorted((at, at.isoformat(timespec="milliseconds")) for call in diary.calls for at in call.presses)


def _level(changes: list[Change], at: datetime, before: str = OFF) -> str:
    """Return what a sensor shows at an instant."""
    return next((state for changed_at, state in reversed(changes) if changed_at <= at), before)


def _readings(sensor: str, changes: list[Change], troubles: Troubles, rng: Random) -> Iterator[Reading]:
    """Return what the hub is shown of a sensor."""
    sight = troubles.sight
    seen = [change for change in changes if sight.sees(sensor, change[0])]
    for at, state in seen:
        yield Reading(at=at, sensor=sensor, state=state)
    is_button = sensor == BUTTON
    cut_starts = {cut.start_at for cut in troubles.cuts}
    for span in sight.blind.get(sensor, ()):
        if span.start_at not in cut_starts:
            yield Reading(at=span.start_at, sensor=sensor, state=UNAVAILABLE)
            if rng.random() < 0.3 and span.end_at - span.start_at > 10 * SECOND:
                yield Reading(at=span.end_at - 2 * SECOND, sensor=sensor, state=UNKNOWN)
        if any(at == span.end_at for at, _ in seen):
            continue
        # A button that comes back shows the last press that was heard, anything else what is true.
        back = _level(seen, span.end_at, UNKNOWN) if is_button else _level(changes, span.end_at)
        yield Reading(at=span.end_at, sensor=sensor, state=back)
