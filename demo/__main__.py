"""Run the demo, or check it without hands."""

import argparse
import asyncio
from contextlib import suppress
import inspect
from pathlib import Path
import shutil
import signal
import socket
import sys
import tempfile

from demo.chain import ChainPorts, run_chain
from demo.check import run_checks
from demo.handlingsplan import PlanPorts, run_plan
from demo.home import Ports
from demo.kills import run_kills
from demo.larmplan import RadioPorts, run_larmplan
from demo.show import show

FOLDER = Path(__file__).resolve().parent.parent / ".demo"


def _free_ports[P](kind: type[P]) -> P:
    """Return free ports on loopback, one for each field."""
    probes = {name: socket.socket() for name in inspect.signature(kind).parameters}
    for probe in probes.values():
        probe.bind(("127.0.0.1", 0))
    ports = {name: probe.getsockname()[1] for name, probe in probes.items()}
    for probe in probes.values():
        probe.close()
    return kind(**ports)


async def _go_through(arguments: argparse.Namespace, folder: Path) -> bool:
    """Run what is to be seen without hands, in a new home; return whether it was."""
    if arguments.pictures:
        # What steers the browser is there only when scripts/pictures has brought it.
        from demo.pictures import take_pictures  # noqa: PLC0415

        return await take_pictures(folder, _free_ports(RadioPorts))
    if arguments.larmplan:
        return await run_larmplan(folder, _free_ports(RadioPorts))
    if arguments.plan:
        return await run_plan(folder, _free_ports(PlanPorts), quick=arguments.quick)
    if arguments.chain:
        return await run_chain(folder, _free_ports(ChainPorts))
    if arguments.kills:
        return await run_kills(folder, _free_ports(Ports), arguments.kills, arguments.seed)
    return await run_checks(folder, _free_ports(Ports))


async def _run(arguments: argparse.Namespace) -> int:
    """Run until done, or until a signal ends it; everything that was started is ended."""
    task = asyncio.current_task()
    if task:
        for kind in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(kind, task.cancel)
    ways = (arguments.check, arguments.chain, arguments.plan, arguments.kills, arguments.larmplan, arguments.pictures)
    without_hands = any(ways)
    with suppress(asyncio.CancelledError):
        if not without_hands:
            await show(FOLDER / "home")
            return 0
        with tempfile.TemporaryDirectory(prefix="homecare_h2o-") as folder:
            return 0 if await _go_through(arguments, Path(folder)) else 1
    return 130 if without_hands else 0


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description="A home, its phones and a real Home Assistant.")
    parser.add_argument(
        "--check", action="store_true", help="go through the demo without hands; exit 0 if all was seen"
    )
    parser.add_argument(
        "--larmplan", action="store_true", help="raise every larmtyp over three radios; exit 0 if all was seen"
    )
    parser.add_argument(
        "--chain", action="store_true", help="answer, refuse, hand over and prove alarms; exit 0 if all was seen"
    )
    parser.add_argument("--plan", action="store_true", help="change, pause, disarm and erase; exit 0 if all was seen")
    parser.add_argument("--quick", action="store_true", help="with --plan: without what takes minutes")
    parser.add_argument("--pictures", action="store_true", help=argparse.SUPPRESS)
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
