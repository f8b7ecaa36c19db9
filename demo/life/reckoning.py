"""What the larmplan promises for a diary: reckoned from what was done, without any of the integration's code."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from .diary import BURNS, FORGOT, LEAKS, Act, Diary, Visit, Who
from .home import BUTTON, CABINET, DOOR, HALL, LONG_DROPOUT, MOTION, ROOMS, SMOKE, STOVE, WATER, Troubles
from .spans import DAY, HOUR, MINUTE, SECOND, Sight, Span, is_night, wall
from .truth import (
    FIRE,
    GONE_OUT,
    LEAK,
    MEDICINE,
    PASSIVITY,
    POWER_ON,
    SAFETY_BUTTON,
    TECHNICAL,
    Excuse,
    Situation,
    Truth,
)

ALLOWED = 30 * SECOND
"""An alarm may be this late: the hub looks at everything every 15 s."""
EDGE = 2 * MINUTE
"""Closer to a limit than this, nobody can say what is right."""
LONGEST_VISIT = 2 * HOUR
GONE = 20 * MINUTE
LEFT_ON = 30 * MINUTE
LONG_GAP = 10 * MINUTE

type Found = Situation | Excuse


def reckon(diary: Diary, troubles: Troubles, first: date, days: int) -> Truth:
    """Return everything that an alarm may be about."""
    sight, all_days = troubles.sight, [first + day * DAY for day in range(days)]
    found: list[Found] = [
        *_passivity(diary, sight, all_days),
        *_medicine(diary, sight, all_days),
        *_gone_out(diary, sight),
        *_lasting(diary, sight, FIRE, SMOKE, BURNS),
        *_lasting(diary, sight, LEAK, WATER, LEAKS),
        *_left_on(diary, sight),
        *_pressed(diary, sight),
        *_technical(troubles),
        *_unwatched(troubles),
    ]
    return Truth(
        situations=tuple(sorted((each for each in found if isinstance(each, Situation)), key=lambda s: s.began_at)),
        excuses=tuple(sorted((each for each in found if isinstance(each, Excuse)), key=lambda e: e.from_at)),
        falls=tuple(sorted(diary.falls, key=lambda fall: fall.at)),
    )


def _promised(sight: Sight, due_at: datetime) -> datetime:
    """Return the latest instant for an alarm that is due then: at the next start if the hub has no power."""
    return sight.up_from(due_at) + ALLOWED


def _excuse(sight: Sight, larmtyp: str, why: str, due_at: datetime, latest_at: datetime | None = None) -> Excuse:
    """Return the excuse of an alarm that comes when it is due, or as soon as the hub can."""
    until_at = _promised(sight, max(due_at, latest_at or due_at)) + EDGE
    return Excuse(larmtyp=larmtyp, why=why, from_at=due_at - ALLOWED, until_at=until_at)


def _passivity(diary: Diary, sight: Sight, days: list[date]) -> Iterator[Found]:
    """Reckon where there is no sign of life from 06:00 to 10:00."""
    moves = [act for sensor in MOTION for act in diary.shown_by(sensor)]
    for day in days:
        window, due_at = Span(start_at=wall(day, 6), end_at=wall(day, 10)), wall(day, 10)
        moved = [act for act in moves if act.span.meets(window)]
        lies = [fall for fall in diary.falls if fall.at <= window.start_at and fall.found_at >= due_at]
        if lies and not moved:
            yield Situation(
                larmtyp=PASSIVITY,
                what="has fallen and lies still",
                began_at=lies[0].at,
                due_at=due_at,
                by_at=_promised(sight, due_at),
                until_at=max(lies[0].found_at, _promised(sight, due_at)),
            )
        elif not moved:
            why = "sleeps long" if diary.is_home(due_at) else "is away, and nobody has said so"
            yield _excuse(sight, PASSIVITY, why, due_at)
        elif not any(sight.sees(act.sensor, act.span.start_at) for act in moved):
            yield _excuse(sight, PASSIVITY, "moved while the hub could not see it", due_at)
        elif all(act.span.end_at < window.start_at + EDGE for act in moved):
            yield _excuse(sight, PASSIVITY, "moved in the first moment only", due_at)


def _medicine(diary: Diary, sight: Sight, days: list[date]) -> Iterator[Found]:
    """Reckon where the cabinet is not opened from an hour before ten until half past."""
    openings = diary.shown_by(CABINET)
    for day in days:
        due_at = wall(day, 10.5)
        opened = [act for act in openings if wall(day, 9) <= act.span.start_at < due_at]
        if any(sight.sees(CABINET, act.span.start_at) for act in opened):
            continue
        if opened:
            yield _excuse(sight, MEDICINE, "opened the cabinet while the hub could not see it", due_at)
        elif not diary.is_home(due_at):
            yield _excuse(sight, MEDICINE, "is away, and nobody has said so", due_at)
        else:
            by_at = _promised(sight, due_at)
            yield Situation(
                larmtyp=MEDICINE,
                what="did not open the cabinet in time",
                began_at=due_at - HOUR,
                due_at=due_at,
                by_at=by_at,
                until_at=max(by_at, wall(day, 11)),
            )


def _gone_out(diary: Diary, sight: Sight) -> Iterator[Found]:
    """Reckon where the door opens at night, and nobody is seen inside for twenty minutes."""
    lost = {absence.span.start_at: absence.span for absence in diary.absences if absence.lost}
    doors = diary.shown_by(DOOR)
    for act in doors:
        at = act.span.start_at
        if not is_night(at):
            continue
        registered = any(_is_registered(visit, sight, at) for visit in diary.visits)
        if at in lost:
            beyond = None if sight.sees(DOOR, at) else "the hub could not see the door open"
            if registered:
                beyond = "staff had left without saying so: by their visit the door was theirs"
            yield Situation(
                larmtyp=GONE_OUT,
                what="has gone out at night and is lost",
                began_at=at,
                due_at=at + GONE,
                by_at=_promised(sight, at + GONE),
                until_at=max(lost[at].end_at, _promised(sight, at + GONE)),
                beyond=beyond,
            )
        elif sight.sees(DOOR, at) and not registered and not _is_seen_inside(diary, sight, at):
            yield _excuse(sight, GONE_OUT, _why_nobody_inside(act), at + GONE)


def _why_nobody_inside(act: Act) -> str:
    """Return why an open door looks as if somebody had gone out."""
    match act.who:
        case Who.STAFF:
            return "staff left without registering the visit"
        case Who.VISITOR:
            return "a visitor left, and the person did not move"
        case _:
            return "came home while the hub could not see it"


def _is_seen_inside(diary: Diary, sight: Sight, at: datetime) -> bool:
    """Return whether somebody is seen to begin to move inside in time; the hall counts a minute after the door."""
    span = Span(start_at=at + SECOND, end_at=at + GONE)
    moved = [act.span.start_at for act in diary.shown_by(DOOR) if at <= act.span.start_at < span.end_at]
    moved += [act.span.end_at for act in diary.shown_by(DOOR) if at <= act.span.end_at < span.end_at]

    def counts(act: Act) -> bool:
        began_at = act.span.start_at
        if began_at not in span or not sight.sees(act.sensor, began_at):
            return False
        return act.sensor != HALL or began_at >= max(each for each in moved if each <= began_at) + MINUTE

    return any(counts(act) for sensor in (*ROOMS, HALL) for act in diary.shown_by(sensor))


def _is_registered(visit: Visit, sight: Sight, at: datetime) -> bool:
    """Return whether a door that opens then is staff's by what they registered; without power nobody can."""
    if visit.started_at is None or not sight.is_up(visit.started_at):
        return False
    longest_at = visit.started_at + LONGEST_VISIT
    ended_at = visit.ended_at if visit.ended_at is not None and sight.is_up(visit.ended_at) else None
    until_at = longest_at if ended_at is None else max(ended_at, min(ended_at + 5 * MINUTE, longest_at))
    return visit.started_at - 2 * MINUTE <= at <= until_at


def _lasting(diary: Diary, sight: Sight, larmtyp: str, sensor: str, real: str) -> Iterator[Found]:
    """Reckon where smoke or water lasts for a minute."""
    for act in diary.shown_by(sensor):
        began_at, ends_at = act.span.start_at, act.span.end_at
        seen_at = sight.seen_from(sensor, began_at)
        if act.why == real:
            by_at = max(seen_at + MINUTE + ALLOWED, _promised(sight, began_at + MINUTE))
            yield Situation(
                larmtyp=larmtyp,
                what=real,
                began_at=began_at,
                due_at=began_at + MINUTE,
                by_at=by_at,
                until_at=max(ends_at, by_at),
                beyond=None if seen_at + EDGE < ends_at else "the hub could not see the sensor",
            )
        elif seen_at < ends_at and (
            ends_at - began_at >= MINUTE or not sight.sees(sensor, ends_at) or seen_at > began_at
        ):
            yield _excuse(sight, larmtyp, f"{act.why}, for longer than a minute or out of sight", began_at, ends_at)


def _left_on(diary: Diary, sight: Sight) -> Iterator[Found]:
    """Reckon where the stove is on for half an hour."""
    for act in diary.shown_by(STOVE):
        began_at, ends_at = act.span.start_at, act.span.end_at
        seen_at = sight.seen_from(STOVE, began_at)
        due_at = began_at + LEFT_ON
        if seen_at >= ends_at:
            continue
        is_long = ends_at - began_at > LEFT_ON
        if is_long and (act.why == FORGOT or diary.is_lying(ends_at - SECOND)):
            by_at = max(seen_at + LEFT_ON + ALLOWED, _promised(sight, due_at))
            yield Situation(
                larmtyp=POWER_ON,
                what="left the stove on",
                began_at=began_at,
                due_at=due_at,
                by_at=by_at,
                until_at=max(ends_at, by_at),
                beyond=None if seen_at + LEFT_ON + EDGE < ends_at else "the hub could not see the plug for long enough",
            )
        elif is_long:
            yield _excuse(sight, POWER_ON, "cooked for more than half an hour", due_at, seen_at + LEFT_ON)
        elif not sight.sees(STOVE, ends_at):
            yield _excuse(sight, POWER_ON, "turned the stove off while the hub could not see it", due_at)


def _pressed(diary: Diary, sight: Sight) -> Iterator[Found]:
    """Reckon where the button is pressed."""
    for call in diary.calls:
        heard_at = next((at for at in call.presses if sight.sees(BUTTON, at)), None)
        if call.by_mistake:
            yield _excuse(sight, SAFETY_BUTTON, "pressed the button by mistake", call.presses[0])
            continue
        by_at = (heard_at or call.presses[-1]) + ALLOWED
        yield Situation(
            larmtyp=SAFETY_BUTTON,
            what="calls for help",
            began_at=call.presses[0],
            due_at=call.presses[0],
            by_at=by_at,
            until_at=by_at + HOUR,
            beyond=None if heard_at else "the hub could not hear the button",
        )


def _technical(troubles: Troubles) -> Iterator[Found]:
    """Reckon where a sensor is away for more than ten minutes."""
    late = timedelta(minutes=5)
    for sensor, span in troubles.dropouts:
        if span.end_at - span.start_at <= LONG_DROPOUT:
            continue
        due_at = span.start_at + LONG_DROPOUT
        yield Situation(
            larmtyp=TECHNICAL,
            what=f"{sensor} is away",
            began_at=span.start_at,
            due_at=due_at,
            by_at=_promised(troubles.sight, due_at) + late,
            until_at=span.end_at + late,
            beyond=None if span.end_at - due_at > late else "it came back just then",
        )


def _unwatched(troubles: Troubles) -> Iterator[Found]:
    """Reckon where the hub was without power for so long that it tells of the gap when it starts."""
    for cut in troubles.cuts:
        by_at = cut.end_at + ALLOWED
        if cut.end_at - cut.start_at < LONG_GAP:
            # The last sign of life may be older than the cut.
            yield Excuse(larmtyp=TECHNICAL, why="was not watched for a while", from_at=cut.end_at, until_at=by_at)
            continue
        yield Situation(
            larmtyp=TECHNICAL,
            what="was not watched",
            began_at=cut.start_at,
            due_at=cut.end_at,
            by_at=by_at,
            until_at=by_at,
        )
