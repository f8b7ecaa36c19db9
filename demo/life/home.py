"""The sensors of the home, and what happens to them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from .spans import DAY, HOUR, MINUTE, SECOND, Sight, Span, lasting, merge

BEDROOM = "binary_sensor.bedroom_motion"
BATHROOM = "binary_sensor.bathroom_motion"
KITCHEN = "binary_sensor.kitchen_motion"
LIVING_ROOM = "binary_sensor.living_room_motion"
HALL = "binary_sensor.hall_motion"
DOOR = "binary_sensor.front_door"
CABINET = "binary_sensor.medicine_cabinet"
SMOKE = "binary_sensor.kitchen_smoke"
WATER = "binary_sensor.bathroom_water"
STOVE = "switch.stove"
BUTTON = "event.safety_button"

ROOMS = (BEDROOM, BATHROOM, KITCHEN, LIVING_ROOM)
MOTION = (*ROOMS, HALL)
DEVICE_CLASS = {
    **dict.fromkeys(MOTION, "motion"),
    DOOR: "door",
    CABINET: "opening",
    SMOKE: "smoke",
    WATER: "moisture",
    STOVE: "outlet",
    BUTTON: "button",
}
"""Every sensor, and its kind."""

LONG_DROPOUT = 10 * MINUTE
"""A sensor that is away for longer is a technical fault."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Troubles:
    """What the hub cannot help: power cuts, and sensors that drop out (UTC)."""

    cuts: tuple[Span, ...]
    dropouts: tuple[tuple[str, Span], ...]
    sight: Sight

    def adding(self, dropouts: Iterable[tuple[str, Span]]) -> Troubles:
        """Return the troubles with more dropouts."""
        more = tuple(dropouts)
        blind = dict(self.sight.blind)
        for sensor, span in more:
            blind[sensor] = tuple(merge([*blind.get(sensor, ()), span]))
        return Troubles(cuts=self.cuts, dropouts=(*self.dropouts, *more), sight=Sight(cuts=self.cuts, blind=blind))


def draw_troubles(rng: Random, start_at: datetime, days: int, factor: float = 1) -> Troubles:
    """Return the troubles of a home: a cut in six days, a dropout or so a day, or ``factor`` times as many."""
    cuts: list[Span] = []
    dropouts: list[tuple[str, Span]] = []
    for day in range(days):
        morning_at = start_at + day * DAY
        if rng.random() < factor / 6:
            shortest, longest = rng.choice([(2, 15), (15, 60), (60, 200)])
            cut = lasting(morning_at + _within_day(rng), rng.uniform(shortest, longest) * MINUTE)
            if not any(cut.meets(other, HOUR) for other in cuts):
                cuts.append(_whole_seconds(cut))
        for sensor in DEVICE_CLASS:
            if rng.random() < factor / 9:
                length = rng.choice([rng.uniform(0.2, 5), rng.uniform(5, 9), rng.uniform(12, 40), rng.uniform(40, 240)])
                dropouts.append((sensor, _whole_seconds(lasting(morning_at + _within_day(rng), length * MINUTE))))
    end_at = start_at + days * DAY
    return make_troubles(
        rng,
        [cut for cut in cuts if cut.end_at < end_at - HOUR],
        [(sensor, span) for sensor, span in dropouts if span.end_at < end_at - HOUR],
    )


def make_troubles(rng: Random, cuts: Iterable[Span], dropouts: Iterable[tuple[str, Span]]) -> Troubles:
    """Return these troubles, dropouts near a cut aside; after a cut each sensor takes a while to be seen again."""
    ordered = tuple(sorted(cuts))
    blind = {
        sensor: [Span(start_at=cut.start_at, end_at=cut.end_at + rng.randint(5, 60) * SECOND) for cut in ordered]
        for sensor in DEVICE_CLASS
    }
    after_cuts = {sensor: tuple(spans) for sensor, spans in blind.items()}
    alone = Troubles(cuts=ordered, dropouts=(), sight=Sight(cuts=ordered, blind=after_cuts))
    return alone.adding(_apart(ordered, dropouts))


def _apart(cuts: tuple[Span, ...], dropouts: Iterable[tuple[str, Span]]) -> Iterator[tuple[str, Span]]:
    """Return the dropouts that neither meet a cut nor another one of the same sensor."""
    kept: list[tuple[str, Span]] = []
    for sensor, span in dropouts:
        others = [other for name, other in kept if name == sensor]
        if not any(span.meets(other, 5 * MINUTE) for other in (*cuts, *others)):
            kept.append((sensor, span))
            yield sensor, span


def _within_day(rng: Random) -> timedelta:
    """Return a time of day."""
    return rng.uniform(0, 24) * HOUR


def _whole_seconds(span: Span) -> Span:
    """Return a span without fractions."""
    return Span(start_at=span.start_at.replace(microsecond=0), end_at=span.end_at.replace(microsecond=0))
