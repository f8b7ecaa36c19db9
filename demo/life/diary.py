"""What was done in the home, and by whom: facts of a life, written down as they are made up."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random

from .home import HALL
from .spans import MINUTE, SECOND, Span, lasting
from .truth import Fall

HOLD = 60 * SECOND
"""A motion sensor stays on for this long after the last movement."""


BURNS = "it burns"
LEAKS = "it leaks"
FORGOT = "forgot the stove"
WORSE = frozenset({BURNS, LEAKS, FORGOT})
"""What an alarm is rightly raised for."""


class Who(StrEnum):
    """Who did something."""

    PERSON = "person"
    STAFF = "staff"
    VISITOR = "visitor"
    NOBODY = "nobody"


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """A sensor that is on for a while; why it is, where that matters."""

    sensor: str
    span: Span
    who: Who
    why: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """A visit by staff; the instants at which they registered its start and its end, None if they forgot."""

    span: Span
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """The button, pressed once or more until somebody can have heard; ``by_mistake`` is an alarm for nothing."""

    presses: tuple[datetime, ...]
    by_mistake: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Absence:
    """The person is out; ``lost`` if she went out at night and cannot find home."""

    span: Span
    lost: bool = False


@dataclass(kw_only=True, slots=True)
class Diary:
    """Everything that happened."""

    acts: list[Act] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    falls: list[Fall] = field(default_factory=list)
    burnt: list[Span] = field(default_factory=list)

    def note(self, sensor: str, start_at: datetime, length: timedelta, who: Who, why: str = "") -> None:
        """Note that a sensor is on for a while."""
        start_at = start_at.replace(microsecond=0)
        span = Span(start_at=start_at, end_at=(start_at + length).replace(microsecond=0))
        self.acts.append(Act(sensor=sensor, span=span, who=who, why=why))

    def stir(self, rng: Random, room: str, span: Span, who: Who, pace: float) -> None:
        """Have somebody move in a room now and then, every ``pace`` minutes or so."""
        at = span.start_at + rng.uniform(1, 20) * SECOND
        while at + HOLD < span.end_at:
            length = HOLD * rng.choice([1, 1, 1, 2, 3])
            self.note(room, at, length, who)
            at += length + (0.5 + rng.expovariate(1 / pace)) * MINUTE

    def pass_door(self, rng: Random, door: str, at: datetime, who: Who, *, inwards: bool) -> None:
        """Have somebody come or go through a door; the hall sees both."""
        seconds = rng.uniform(3, 10) * SECOND
        self.note(HALL, at + seconds if inwards else at - seconds, HOLD, who)
        self.note(door, at, rng.uniform(5, 20) * SECOND, who)

    def is_home(self, at: datetime) -> bool:
        """Return whether the person is at home."""
        return not any(at in absence.span for absence in self.absences)

    def is_lying(self, at: datetime) -> bool:
        """Return whether the person has fallen and nobody has come yet."""
        return any(fall.at <= at < fall.found_at for fall in self.falls)

    def is_busy(self, span: Span) -> bool:
        """Return whether the person is out, or has fallen, at some time of it."""
        return any(span.meets(Span(start_at=fall.at, end_at=fall.found_at)) for fall in self.falls) or any(
            span.meets(absence.span) for absence in self.absences
        )

    def shown_by(self, sensor: str) -> list[Act]:
        """Return when a sensor is on, oldest first; what overlaps is one, and what is worse is why."""
        shown: list[Act] = []
        for act in sorted((act for act in self.acts if act.sensor == sensor), key=lambda act: act.span):
            meets = shown and act.span.start_at <= shown[-1].span.end_at
            shown.append(_join(shown.pop(), act) if meets else act)
        return shown

    def strike(self) -> None:
        """Take away what the person cannot have done; what was on when she fell stays on until she is found."""
        self.acts = [kept for act in self.acts if (kept := self._could(act))]
        self.calls = [call for call in self.calls if not call.by_mistake or self._may_press(call)]

    def _could(self, act: Act) -> Act | None:
        """Return an act as it can have been, None if it cannot."""
        if act.who is not Who.PERSON:
            return act
        start_at, end_at = act.span.start_at, act.span.end_at
        if self.is_lying(start_at) or any(each.span.start_at < start_at < each.span.end_at for each in self.absences):
            return None
        if end_at - start_at <= 3 * HOLD:
            return act
        ends = [fall.found_at for fall in self.falls if fall.at <= end_at < fall.found_at]
        ends += [each.span.end_at for each in self.absences if end_at in each.span]
        return replace(act, span=Span(start_at=start_at, end_at=max([end_at, *ends])))

    def _may_press(self, call: Call) -> bool:
        """Return whether the person can press the button by mistake."""
        return all(self.is_home(at) and not self.is_lying(at) for at in call.presses)


def _join(first: Act, second: Act) -> Act:
    """Return what a sensor shows of two acts that overlap."""
    end_at = max(first.span.end_at, second.span.end_at)
    worse = max(first, second, key=lambda act: act.why in WORSE)
    return replace(first, span=Span(start_at=first.span.start_at, end_at=end_at), why=worse.why)


def cut_out(whole: Span, holes: Iterable[Span]) -> list[Span]:
    """Return what is left of a span."""
    left, at = [], whole.start_at
    for hole in sorted(holes):
        if hole.start_at > at:
            left.append(Span(start_at=at, end_at=min(hole.start_at, whole.end_at)))
        at = max(at, hole.end_at)
        if at >= whole.end_at:
            return left
    return [*left, Span(start_at=at, end_at=whole.end_at)] if at < whole.end_at else left


def visit_by_staff(diary: Diary, rng: Random, door: str, at: datetime, minutes: float, rooms: Iterable[str]) -> Span:
    """Have staff come and go, with all that they forget; return the visit."""
    span = lasting(at.replace(microsecond=0), minutes * MINUTE)
    diary.pass_door(rng, door, span.start_at, Who.STAFF, inwards=True)
    for room in rooms:
        diary.stir(rng, room, Span(start_at=span.start_at + 20 * SECOND, end_at=span.end_at - MINUTE), Who.STAFF, 4)
    diary.pass_door(rng, door, span.end_at, Who.STAFF, inwards=False)
    remembers_start, remembers_end = rng.random() > 0.1, rng.random() > 0.07
    started_at = span.start_at + rng.randint(15, 80) * SECOND
    ended_at = span.end_at + rng.choice([-45, -20, 30, 90]) * SECOND
    diary.visits.append(
        Visit(
            span=span,
            started_at=started_at if remembers_start else None,
            ended_at=ended_at if remembers_start and remembers_end else None,
        )
    )
    return span
