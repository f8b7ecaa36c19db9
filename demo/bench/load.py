"""Processor time, start-up and memory of Home Assistant, with and without the integration."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
import os
from pathlib import Path
import random

from . import peers
from .homes import DOMAIN, Home, open_home
from .sizes import Size

_NS = 1_000_000_000
_START_TIME_FIELD = 21
"""Of what /proc tells of a process, counted from 0: its start in clock ticks since the machine's."""


async def measure_changes(homes: Mapping[str, Path], size: Size, chance: random.Random) -> dict[str, list[list[float]]]:
    """Return, for each home and process, the processor seconds of batches of state changes.

    All homes run at the same time and take turns, batch by batch. Two processes of the same program differ a little
    in how their memory lies: one is compared with one, and several are.
    """
    seconds: dict[str, list[list[float]]] = {name: [] for name in homes}
    for _ in range(size.processes):
        async with AsyncExitStack() as stack:
            phones = peers.make_phones(size.crew)
            running = {
                name: await stack.enter_async_context(open_home(folder, phones, 1)) for name, folder in homes.items()
            }
            for home in running.values():
                # What it costs to write history down would only make our share look smaller.
                await home.act_plainly("recorder", "disable")
            await asyncio.sleep(size.settle)
            of_process = await _change_in_turn(running, size, chance)
            for name, batches in of_process.items():
                seconds[name].append(batches)
    return seconds


async def _change_in_turn(running: Mapping[str, Home], size: Size, chance: random.Random) -> dict[str, list[float]]:
    """Return the processor seconds of each batch, by home."""
    seconds: dict[str, list[float]] = {name: [] for name in running}
    for number in range(size.warmups + size.batches):
        for name in chance.sample(list(running), len(running)):
            took = await running[name].probe("churn", count=size.changes)
            if number >= size.warmups:
                seconds[name].append(took["seconds"])
    return seconds


async def measure_starts(
    homes: Mapping[str, Path], size: Size, chance: random.Random
) -> dict[str, dict[str, list[float]]]:
    """Return, for each home, the seconds of a whole start and of our part of it, and the memory some time after it."""
    found: dict[str, dict[str, list[float]]] = {name: {"whole": [], "ours": [], "memory": []} for name in homes}
    for _ in range(size.starts):
        for name in chance.sample(list(homes), len(homes)):
            async with open_home(homes[name], peers.make_phones(size.crew), 1) as home:
                started = await home.probe("started")
                await asyncio.sleep(size.settle)
                found[name]["whole"].append((int(started["at_ns"]) - _began_ns(home)) / _NS)
                found[name]["ours"].append(await _our_seconds(home))
                found[name]["memory"].append(float(home.resident_bytes))
    return found


async def _our_seconds(home: Home) -> float:
    """Return how long Home Assistant says that the integration took to be set up; 0 without it."""
    known: Sequence[Mapping[str, float | str]] = await home.client.ws_command("integration/setup_info")
    return next((float(setup["seconds"]) for setup in known if setup["domain"] == DOMAIN), 0.0)


def _began_ns(home: Home) -> int:
    """Return when the process was started, by the monotonic clock."""
    stat = Path(f"/proc/{home.hass.pid}/stat").read_text(encoding="utf-8")
    # The name may hold spaces; it ends with the last bracket.
    fields = stat[stat.rindex(")") + 2 :].split()
    return int(fields[_START_TIME_FIELD - 2]) * _NS // os.sysconf("SC_CLK_TCK")
