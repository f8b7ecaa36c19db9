"""Run chaos by seeds, tell what was found, and how each finding is seen again."""

import argparse
import asyncio
from contextlib import suppress
from pathlib import Path
import signal
import sys

from .many import Wanted, run_many


def _parse() -> Wanted:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="scripts/chaos", description="A real Home Assistant under random faults, judged by an independent checker."
    )
    parser.add_argument("--runs", type=int, default=1, metavar="N", help="how many seeds, one after the other")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="the first of them")
    parser.add_argument("--jobs", type=int, default=1, metavar="J", help="how many at a time")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep what every run leaves, in this folder")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write a line for each run to a file")
    arguments = parser.parse_args()
    if arguments.runs < 1 or arguments.jobs < 1:
        parser.error("--runs and --jobs: at least 1")
    return Wanted(
        first=arguments.seed, runs=arguments.runs, jobs=arguments.jobs, keep=arguments.keep, results=arguments.json
    )


async def _run(wanted: Wanted) -> int:
    """Run until done, or until a signal ends it; everything that was started is ended."""
    task = asyncio.current_task()
    if task:
        for kind in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(kind, task.cancel)
    with suppress(asyncio.CancelledError):
        return 0 if await run_many(wanted) else 1
    return 130


if __name__ == "__main__":
    sys.exit(asyncio.run(_run(_parse())))
