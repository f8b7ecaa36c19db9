"""One seed in a process of its own: plays it, and leaves everything in a folder."""

import argparse
import asyncio
from contextlib import suppress
import logging
from pathlib import Path
import signal
import socket
import sys

from .home import Place, make_mould
from .run import play
from .script import make_script


def _free_port() -> int:
    """Return a free port on loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _work(arguments: argparse.Namespace) -> int:
    """Make the mould, or play a seed; a signal ends it, and what it started."""
    task = asyncio.current_task()
    if task:
        for kind in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(kind, task.cancel)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    place = Place(folder=arguments.folder, hass_port=_free_port(), phones_port=_free_port())
    with suppress(asyncio.CancelledError):
        if arguments.seed is None:
            await make_mould(place)
        else:
            await play(arguments.mould, place, arguments.seed, make_script(arguments.seed))
        return 0
    return 130


def main() -> int:
    """Read the command line."""
    logging.basicConfig(level=logging.ERROR)
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--mould", type=Path)
    parser.add_argument("--seed", type=int)
    return asyncio.run(_work(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
