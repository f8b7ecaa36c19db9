"""Measure, and print the tables or write them into docs/performance.md."""

import argparse
import asyncio
from contextlib import suppress
import json
from pathlib import Path
import signal
import sys
import tempfile

from .report import make_tables, write_page
from .run import Results, run
from .sizes import FULL, QUICK, SMOKE

SIZES = {"full": FULL, "quick": QUICK, "smoke": SMOKE}


async def _measure(arguments: argparse.Namespace) -> Results | None:
    """Measure until done, or until a signal ends it; everything that was started is ended."""
    task = asyncio.current_task()
    if task:
        for kind in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(kind, task.cancel)
    with suppress(asyncio.CancelledError), tempfile.TemporaryDirectory(prefix="homecare_h2o-bench-") as folder:
        return await run(Path(folder), SIZES[arguments.size], arguments.seed)
    return None


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description="Speed, as ratios to peers that are measured in the same run."
    )
    parser.add_argument(
        "--quick",
        action="store_const",
        const="quick",
        dest="size",
        help="a few minutes; figures that only point the way",
    )
    parser.add_argument("--smoke", action="store_const", const="smoke", dest="size", help="only see that it works")
    parser.add_argument("--write", action="store_true", help="write the tables and the plot into docs/performance.md")
    parser.add_argument("--seed", type=int, default=1, help="of the order in which the peers are measured")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="keep everything that was measured in this file")
    parser.add_argument("--from", type=Path, dest="kept", metavar="FILE", help="measure nothing, take what was kept")
    parser.set_defaults(size="full")
    arguments = parser.parse_args()
    if arguments.kept:
        results: Results | None = json.loads(arguments.kept.read_text(encoding="utf-8"))
    else:
        results = asyncio.run(_measure(arguments))
    if results is None:
        return 130
    if arguments.keep:
        arguments.keep.write_text(json.dumps(results), encoding="utf-8")
    print(make_tables(results))
    if arguments.write:
        write_page(results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
