"""The table that is printed, and the same as JSON."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from statistics import median
from typing import Any

from .judge import Verdict
from .player import Run
from .spans import DAY, HOME, MINUTE, SECOND
from .truth import Situation
from .world import World

WEEK = 7 * DAY
HEAD = ("larmtyp", "real", "found", "missed", "false", "explained", "false/week", "late median", "late worst")


def write_table(world: World, verdicts: Sequence[Verdict], run: Run, wall_seconds: float) -> Iterator[str]:
    """Return the lines of the table and of what explains it."""
    rows = [HEAD, *(_row(world, verdict) for verdict in verdicts)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    for row in rows:
        first, *others = (f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True))
        yield "  ".join([first.strip().ljust(widths[0]), *others])
    yield ""
    for verdict in verdicts:
        yield from _reasons(verdict)
    falls = Counter(fall.found_by for fall in world.truth.falls)
    if falls:
        longest = max(fall.found_at - fall.at for fall in world.truth.falls)
        told = ", ".join(f"{count} by {way}" for way, count in sorted(falls.items()))
        yield f"falls: {len(world.truth.falls)}, found {told}; the longest lie {_time(longest)}"
    days = (world.end_at - world.start_at) / DAY
    yield (
        f"{days:.0f} days from {world.start_at.astimezone(HOME):%Y-%m-%d}, seed {world.seed}: {run.readings} readings, "
        f"{run.steps} steps, {run.cuts} power cuts, {run.calls} calls to phones, {wall_seconds:.0f} s"
    )


def as_json(world: World, verdicts: Sequence[Verdict], run: Run, wall_seconds: float) -> dict[str, Any]:
    """Return the same for a machine; everything but ``wall_seconds`` is the same for the same seed."""
    return {
        "seed": world.seed,
        "start": world.start_at.isoformat(),
        "days": round((world.end_at - world.start_at) / DAY),
        "larmtyper": {verdict.larmtyp: _figures(world, verdict) for verdict in verdicts},
        "falls": [
            {"at": fall.at.isoformat(), "found_at": fall.found_at.isoformat(), "found_by": fall.found_by}
            for fall in world.truth.falls
        ],
        "readings": run.readings,
        "steps": run.steps,
        "power_cuts": run.cuts,
        "calls": run.calls,
        "wall_seconds": round(wall_seconds, 1),
    }


def _figures(world: World, verdict: Verdict) -> dict[str, Any]:
    """Return what a machine is told of a larmtyp."""
    return {
        "real": verdict.real,
        "found": len(verdict.found),
        "missed": [_situation(each) for each in verdict.missed],
        "beyond": [{**_situation(each), "why": each.beyond} for each in verdict.beyond],
        "false": verdict.false,
        "false_per_week": round(verdict.false / ((world.end_at - world.start_at) / WEEK), 2),
        "explained": [{"at": alarm.at.isoformat(), "why": excuse.why} for alarm, excuse in verdict.explained],
        "unexplained": [{"at": each.at.isoformat(), "due_at": each.due_at.isoformat()} for each in verdict.unexplained],
        "late_seconds": [round(each.late / SECOND, 1) for each in verdict.found],
    }


def _situation(situation: Situation) -> dict[str, str]:
    """Return a situation for a machine."""
    return {
        "what": situation.what,
        "began_at": situation.began_at.isoformat(),
        "due_at": situation.due_at.isoformat(),
        "by_at": situation.by_at.isoformat(),
    }


def _row(world: World, verdict: Verdict) -> tuple[str, ...]:
    """Return a row of the table."""
    weeks = (world.end_at - world.start_at) / WEEK
    late = [found.late for found in verdict.found]
    figures = (verdict.real, len(verdict.found), len(verdict.missed), verdict.false, len(verdict.explained))
    return (
        verdict.larmtyp,
        *map(str, figures),
        f"{verdict.false / weeks:.1f}",
        _time(median(each / SECOND for each in late) * SECOND) if late else "-",
        _time(max(late)) if late else "-",
    )


def _reasons(verdict: Verdict) -> Iterator[str]:
    """Return why alarms were raised for nothing, and what nobody could know."""
    for why, count in sorted(Counter(excuse.why for _, excuse in verdict.explained).items()):
        yield f"{verdict.larmtyp}: {count} explained: {why}"
    for alarm in verdict.unexplained:
        yield f"{verdict.larmtyp}: NOT EXPLAINED: raised {alarm.at.astimezone(HOME):%Y-%m-%d %H:%M:%S}"
    for why, count in sorted(Counter(each.beyond or "" for each in verdict.beyond).items()):
        yield f"{verdict.larmtyp}: {count} beyond what a hub can know: {why}"
    for each in verdict.missed:
        yield f"{verdict.larmtyp}: MISSED: {each.what}, due {each.due_at.astimezone(HOME):%Y-%m-%d %H:%M:%S}"


def _time(span: timedelta) -> str:
    """Return a length of time as people read it."""
    if span < MINUTE:
        return f"{span / SECOND:.0f} s"
    minutes = round(span / MINUTE)
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"
