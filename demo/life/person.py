"""A person's days: what she does from morning to night, and what befalls her."""

from datetime import date, datetime, timedelta
from random import Random

from .diary import BURNS, FORGOT, LEAKS, Absence, Call, Diary, Who, cut_out, visit_by_staff
from .home import BATHROOM, BEDROOM, BUTTON, CABINET, DOOR, HALL, KITCHEN, LIVING_ROOM, SMOKE, STOVE, WATER
from .spans import DAY, HOUR, MINUTE, SECOND, Sight, Span, lasting, wall
from .truth import Fall

MISHAPS = {"fall at night": 0.07, "fall by day": 0.06, "lost": 0.10, "away": 0.03, "fire": 0.05}
"""How likely each is to befall her on a day; never two at once."""


class Person:
    """Makes up a diary, day by day."""

    def __init__(self, seed: int, first: date, days: int, sight: Sight) -> None:
        """Prepare; the same seed makes the same life."""
        self._seed = seed
        self._days = [first + day * DAY for day in range(days)]
        self._sight = sight
        self._diary = Diary()
        self._until = wall(first + days * DAY, 0) - 3 * HOUR

    def live(self) -> Diary:
        """Return the diary of all days."""
        for day in self._days:
            self._visits(day)
        for day in self._days:
            self._mishap(day)
        for day in self._days:
            self._routine(day)
            self._meals(day)
            self._calls(day)
            self._water(day)
        self._diary.strike()
        return self._diary

    def _rng(self, day: date, what: str) -> Random:
        """Return the dice of a day's matter: one more throw here changes nothing there."""
        return Random(f"{self._seed}/{day.isoformat()}/{what}")  # noqa: S311 - a simulation

    # --- others

    def _visits(self, day: date) -> None:
        """Have staff come on some evenings and nights, and friends on some afternoons."""
        rng, diary = self._rng(day, "visits"), self._diary
        if rng.random() < 0.4:
            visit_by_staff(diary, rng, DOOR, wall(day, rng.uniform(18.5, 21)), rng.uniform(10, 30), [LIVING_ROOM])
        if rng.random() < 0.3:
            visit_by_staff(diary, rng, DOOR, wall(day, rng.uniform(24.5, 28)), rng.uniform(5, 15), [BEDROOM, KITCHEN])
        if rng.random() < 0.25:
            span = lasting(wall(day, rng.choice([rng.uniform(14, 15), rng.uniform(19.5, 20.5)])), 2 * HOUR)
            diary.pass_door(rng, DOOR, span.start_at, Who.VISITOR, inwards=True)
            diary.stir(rng, LIVING_ROOM, span, Who.VISITOR, 5)
            diary.pass_door(rng, DOOR, span.end_at, Who.VISITOR, inwards=False)
            if rng.random() < 0.8:
                diary.note(KITCHEN, span.end_at + rng.uniform(2, 8) * MINUTE, 60 * SECOND, Who.PERSON)

    # --- what befalls her

    def _mishap(self, day: date) -> None:
        """Have at most one mishap befall her."""
        rng = self._rng(day, "mishap")
        (mishap,) = rng.choices([*MISHAPS, ""], [*MISHAPS.values(), 1 - sum(MISHAPS.values())])
        match mishap:
            case "fall at night":
                self._fall(rng, wall(day, rng.uniform(23.5, 29.6)))
            case "fall by day":
                self._fall(rng, wall(day, rng.uniform(10.8, 21.5)))
            case "lost":
                self._go_out_at_night(rng, wall(day, rng.uniform(22.9, 28.4)), rng.uniform(25, 120))
            case "away":
                self._away(rng, wall(day, rng.uniform(14, 16)), wall(day, rng.uniform(36, 38)))
            case "fire":
                self._fire(rng, wall(day, rng.uniform(7.5, 21)))
            case _:
                if rng.random() < 0.1:
                    self._go_out_at_night(rng, wall(day, rng.uniform(22.9, 28.4)), rng.uniform(2, 14))

    def _is_free(self, span: Span) -> bool:
        """Return whether nothing else goes on then."""
        visited = any(span.meets(visit.span, 30 * MINUTE) for visit in self._diary.visits)
        return span.end_at < self._until and not visited and not self._diary.is_busy(span)

    def _fall(self, rng: Random, at: datetime) -> None:
        """Have her fall, and lie still until somebody comes; some can reach their button."""
        at = at.replace(microsecond=0)
        if not self._is_free(lasting(at, HOUR)):
            return
        self._diary.note(BATHROOM, at - 40 * SECOND, 60 * SECOND, Who.PERSON)
        ways = [(self._next_morning(at) + rng.uniform(20, 40) * MINUTE, "passivity")]
        ways += [(visit.span.start_at + 2 * MINUTE, "a visit") for visit in self._diary.visits]
        ways += [
            (act.span.start_at + 2 * MINUTE, "a visitor")
            for act in self._diary.acts
            if act.sensor == DOOR and act.who is Who.VISITOR
        ]
        if rng.random() < 0.45:
            heard_at = self._press(at + rng.uniform(1, 10) * MINUTE)
            ways.append((heard_at + rng.uniform(25, 40) * MINUTE, "the button"))
        found_at, found_by = min(way for way in ways if way[0] > at)
        self._diary.falls.append(Fall(at=at, found_at=found_at.replace(microsecond=0), found_by=found_by))
        if found_by in {"passivity", "the button"}:
            visit_by_staff(self._diary, rng, DOOR, found_at - 2 * MINUTE, rng.uniform(25, 40), [BATHROOM])
        day_bed = Span(start_at=found_at + HOUR, end_at=found_at + 5 * HOUR)
        self._diary.stir(rng, BEDROOM, day_bed, Who.PERSON, 30)

    def _next_morning(self, at: datetime) -> datetime:
        """Return when the larmplan finds her at the latest: ten o'clock, after a window in which she never moved."""
        mornings = (day for day in [*self._days, self._days[-1] + DAY] if wall(day, 6) > at)
        return self._sight.up_from(wall(next(mornings), 10))

    def _press(self, at: datetime) -> datetime:
        """Have her press until the hub can have heard; return when it has."""
        presses = [at.replace(microsecond=0)]
        while not self._is_heard(presses[-1]):
            presses.append(presses[-1] + 5 * MINUTE)
        self._diary.calls.append(Call(presses=tuple(presses), by_mistake=False))
        return presses[-1]

    def _is_heard(self, at: datetime) -> bool:
        """Return whether the hub hears the button."""
        return self._sight.is_up(at) and self._sight.sees(BUTTON, at)

    def _go_out_at_night(self, rng: Random, at: datetime, minutes: float) -> None:
        """Have her leave her bed and her home; for more than twenty minutes she is lost."""
        at = at.replace(microsecond=0)
        span = lasting(at, timedelta(seconds=round(minutes * 60)))
        around = Span(start_at=at - 30 * MINUTE, end_at=span.end_at + 10 * MINUTE)
        if not self._is_free(around):
            return
        diary = self._diary
        diary.note(BEDROOM, at - rng.uniform(70, 120) * SECOND, 60 * SECOND, Who.PERSON)
        diary.pass_door(rng, DOOR, at, Who.PERSON, inwards=False)
        diary.absences.append(Absence(span=span, lost=minutes > 20))
        diary.pass_door(rng, DOOR, span.end_at, Who.PERSON, inwards=True)
        diary.note(KITCHEN, span.end_at + 40 * SECOND, 60 * SECOND, Who.PERSON)
        diary.note(BEDROOM, span.end_at + 100 * SECOND, 120 * SECOND, Who.PERSON)

    def _away(self, rng: Random, from_at: datetime, to_at: datetime) -> None:
        """Have her spend a night elsewhere, without anybody telling the hub."""
        span = Span(start_at=from_at, end_at=to_at)
        if self._diary.is_busy(span) or span.end_at > self._until:
            return
        self._go_out(rng, span)

    def _fire(self, rng: Random, at: datetime) -> None:
        """Have it burn; some detectors burn with it."""
        if self._diary.is_busy(lasting(at, HOUR)) or at + HOUR > self._until:
            return
        self._diary.note(SMOKE, at, rng.uniform(20, 45) * MINUTE, Who.NOBODY, BURNS)
        if rng.random() < 0.35:
            burnt_at = (at + rng.uniform(15, 50) * SECOND).replace(microsecond=0)
            self._diary.burnt.append(lasting(burnt_at, 3 * HOUR))

    # --- what she does every day

    def _routine(self, day: date) -> None:
        """Have her get up, move about, take her medicine, go out, and go to bed."""
        rng, diary = self._rng(day, "routine"), self._diary
        sleeps_long = rng.random() < 0.05
        up_at = wall(day, rng.uniform(10.1, 11.5) if sleeps_long else min(9.4, max(5.4, rng.gauss(7.3, 0.6))))
        bed_at = wall(day, min(24.2, max(20.8, rng.gauss(22.2, 0.6))))
        awake = Span(start_at=up_at, end_at=bed_at)
        outings = self._outings(day, rng)
        self._take_medicine(day, rng, up_at)
        diary.note(BEDROOM, up_at, 120 * SECOND, Who.PERSON)
        at = up_at + 3 * MINUTE
        while at < bed_at:
            room = rng.choice([LIVING_ROOM, LIVING_ROOM, LIVING_ROOM, KITCHEN, BEDROOM, BATHROOM])
            stay = lasting(at, rng.uniform(15, 80) * MINUTE)
            diary.note(HALL, at - 20 * SECOND, 60 * SECOND, Who.PERSON)
            for left in cut_out(Span(start_at=at, end_at=min(stay.end_at, awake.end_at)), outings):
                diary.stir(rng, room, left, Who.PERSON, 9)
            at = stay.end_at
        diary.note(BATHROOM, bed_at, 180 * SECOND, Who.PERSON)
        diary.note(BEDROOM, bed_at + 4 * MINUTE, 120 * SECOND, Who.PERSON)
        for _ in range(rng.choice([0, 0, 1, 2])):
            at = wall(day, rng.uniform(25, 29))
            for seconds, room in ((0, BEDROOM), (30, HALL), (50, BATHROOM), (240, BEDROOM)):
                diary.note(room, at + seconds * SECOND, 60 * SECOND, Who.PERSON)

    def _outings(self, day: date, rng: Random) -> list[Span]:
        """Have her go out on some afternoons and evenings."""
        outings = []
        for chance, earliest, latest in ((0.55, 13.2, 14), (0.25, 18.1, 18.6)):
            start_at = wall(day, rng.uniform(earliest, latest))
            span = lasting(start_at, rng.uniform(30, 120) * MINUTE)
            if rng.random() < chance and not self._diary.is_busy(span):
                self._go_out(rng, span)
                outings.append(span)
        return outings

    def _go_out(self, rng: Random, span: Span) -> None:
        """Have her go out and come home."""
        self._diary.pass_door(rng, DOOR, span.start_at, Who.PERSON, inwards=False)
        self._diary.absences.append(Absence(span=span))
        self._diary.pass_door(rng, DOOR, span.end_at, Who.PERSON, inwards=True)

    def _take_medicine(self, day: date, rng: Random, up_at: datetime) -> None:
        """Have her open the cabinet in time, late, or not at all."""
        fate = rng.random()
        if fate < 0.05:
            return
        at = wall(day, rng.uniform(10.6, 11.8) if fate < 0.1 else rng.uniform(9.05, 10.4))
        self._diary.note(CABINET, max(at, up_at + 10 * MINUTE), rng.uniform(15, 60) * SECOND, Who.PERSON)

    def _meals(self, day: date) -> None:
        """Have her cook, now and then for long, burn something, or forget the stove."""
        rng, diary = self._rng(day, "meals"), self._diary
        for chance, earliest in ((0.4, 8.6), (0.7, 11.9), (0.8, 17)):
            at = wall(day, rng.uniform(earliest, earliest + 0.3))
            fate, smokes = rng.random(), rng.random()
            if fate >= chance:
                continue
            if fate < 0.04:
                minutes, why = rng.uniform(45, 150), FORGOT
            elif fate < 0.07:
                minutes, why = rng.uniform(33, 55), "cooked for long"
            else:
                minutes, why = rng.uniform(6, 27), "cooked"
            diary.note(STOVE, at, minutes * MINUTE, Who.PERSON, why)
            if smokes < 0.12:
                seconds = rng.uniform(70, 150) if smokes < 0.02 else rng.uniform(6, 50)
                diary.note(SMOKE, at + rng.uniform(3, 6) * MINUTE, seconds * SECOND, Who.PERSON, "burnt the food")

    def _calls(self, day: date) -> None:
        """Have her press the button for help, or by mistake."""
        rng = self._rng(day, "calls")
        at, fate = wall(day, rng.uniform(7, 23)), rng.random()
        if fate < 0.06 and self._diary.is_home(at) and not self._diary.is_lying(at) and at < self._until:
            self._press(at)
        elif fate < 0.1:
            self._diary.calls.append(Call(presses=(at,), by_mistake=True))

    def _water(self, day: date) -> None:
        """Have water run over, or splash."""
        rng = self._rng(day, "water")
        at, fate = wall(day, rng.uniform(7, 22)), rng.random()
        if fate < 0.05 and at + 3 * HOUR < self._until:
            self._diary.note(WATER, at, rng.uniform(30, 90) * MINUTE, Who.NOBODY, LEAKS)
        elif fate < 0.15:
            self._diary.note(WATER, at, rng.uniform(5, 45) * SECOND, Who.PERSON, "it splashed")
