"""Simulate a person's days, and tell what the hub found, missed and raised for nothing."""

import argparse
import asyncio
from datetime import date, timedelta
import json
import logging
from pathlib import Path
import sys
import tempfile
import time

from .clock import frozen_at
from .judge import Verdict, is_sound, judge, read_journal
from .player import Run, play
from .report import as_json, write_table
from .world import World, make_world

DEFAULT_START = date(2026, 10, 5)
"""Thirty days from here have the end of summer time in them; from 2027-03-10 its beginning."""

MEMORY = Path("/dev/shm")  # noqa: S108 - for files that are written thousands of times and thrown away
"""Where a file need not wait for a disk."""


def _simulate(world: World) -> tuple[Run, list[Verdict]]:
    """Play a world and judge what came of it."""
    memory = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="homecare_h2o-", dir=memory) as folder:
        with frozen_at(world.start_at) as clock:
            run = asyncio.run(play(world, Path(folder), clock))
        return run, judge(world.truth, read_journal(run.journal))


def main() -> int:
    """Read the command line; 1 if a real situation was missed."""
    parser = argparse.ArgumentParser(prog="scripts/simulate", description="A person's days, played at high speed.")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=date.fromisoformat, default=DEFAULT_START, help="first day, as 2027-03-10")
    parser.add_argument("--trouble", type=float, default=1, help="times the usual power cuts and sensor dropouts")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    arguments = parser.parse_args()
    if not timedelta(days=1) <= timedelta(days=arguments.days) <= timedelta(days=366):
        parser.error("--days: from 1 to 366")
    logging.basicConfig(level=logging.ERROR)
    started = time.monotonic()
    world = make_world(arguments.start, arguments.days, arguments.seed, arguments.trouble)
    run, verdicts = _simulate(world)
    wall_seconds = time.monotonic() - started
    if arguments.json:
        print(json.dumps(as_json(world, verdicts, run, wall_seconds), indent=2))
    else:
        print("\n".join(write_table(world, verdicts, run, wall_seconds)))
    return 0 if is_sound(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
