"""Run the demo, or check it without hands."""

import argparse
import asyncio
from contextlib import suppress
from pathlib import Path
import shutil
import signal
import socket
import sys

from demo.check import run_checks
from demo.home import Ports
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
        if not arguments.check:
            await show(FOLDER / "home")
            return 0
        folder = FOLDER / "check"
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        return 0 if await run_checks(folder, _free_ports()) else 1
    return 130 if arguments.check else 0


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description="A home, its phones and a real Home Assistant.")
    parser.add_argument(
        "--check", action="store_true", help="go through the demo without hands; exit 0 if all was seen"
    )
    parser.add_argument("--reset", action="store_true", help="begin with a new home")
    arguments = parser.parse_args()
    if arguments.reset:
        shutil.rmtree(FOLDER / "home", ignore_errors=True)
    return asyncio.run(_run(arguments))


if __name__ == "__main__":
    sys.exit(main())
