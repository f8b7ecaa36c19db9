"""Run the demo, or check it without hands."""

import argparse
import asyncio
from contextlib import suppress
from pathlib import Path
import shutil
import signal
import socket
import sys
import tempfile

from demo.check import run_checks
from demo.home import Ports
from demo.kills import run_kills
from demo.show import show

FOLDER = Path(__file__).resolve().parent.parent / ".demo"


def _free_ports() -> Ports:
    """Return free ports on loopback."""
    probes = [socket.socket() for _ in range(3)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    hass, phones, radio = (probe.getsockname()[1] for probe in probes)
    for probe in probes:
        probe.close()
    return Ports(hass=hass, phones=phones, radio=radio)


async def _run(arguments: argparse.Namespace) -> int:
    """Run until done, or until a signal ends it; everything that was started is ended."""
    task = asyncio.current_task()
    if task:
        for kind in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(kind, task.cancel)
    with suppress(asyncio.CancelledError):
        if not (arguments.check or arguments.kills):
            await show(FOLDER / "home")
            return 0
        with tempfile.TemporaryDirectory(prefix="homecare_h2o-") as folder:
            if arguments.kills:
                return 0 if await run_kills(Path(folder), _free_ports(), arguments.kills, arguments.seed) else 1
            return 0 if await run_checks(Path(folder), _free_ports()) else 1
    return 130 if arguments.check or arguments.kills else 0


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description="A home, its phones and a real Home Assistant.")
    parser.add_argument(
        "--check", action="store_true", help="go through the demo without hands; exit 0 if all was seen"
    )
    parser.add_argument(
        "--kills", type=int, default=0, metavar="N", help="cut the power N times while an alarm is open"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the instants at which the power is cut")
    parser.add_argument("--reset", action="store_true", help="begin with a new home")
    arguments = parser.parse_args()
    if arguments.reset:
        shutil.rmtree(FOLDER / "home", ignore_errors=True)
    return asyncio.run(_run(arguments))


if __name__ == "__main__":
    sys.exit(main())
