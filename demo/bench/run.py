"""One run of everything."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
import random
import sys
from typing import Any

from . import peers
from .homes import DOMAIN, copy_home, open_home, set_up_peers, set_up_without
from .journals import fill_journal, measure_actions
from .latency import measure_crew, measure_pushes
from .load import measure_changes, measure_starts
from .machine import describe_machine
from .peers import Peer
from .sizes import Size

type Results = Mapping[str, Any]
"""What was measured, as it is kept in a file."""


async def run(folder: Path, size: Size, seed: int) -> Results:
    """Measure everything in one run; chance decides the order of the peers."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    _say("homes are set up")
    await _set_up(folder, size)
    return {
        "size": asdict(size),
        "date": datetime.now(UTC).date().isoformat(),
        "machine": await asyncio.to_thread(describe_machine, folder),
        "pushes": await _run_pushes(folder, size, chance),
        "crew": await _run_crew(folder, size, chance),
        "actions": await _run_actions(folder, size, chance),
        "changes": await _run_changes(folder, size, chance),
        "starts": await _run_starts(folder, size, chance),
    }


async def _set_up(folder: Path, size: Size) -> None:
    """Set up one home, and make the others of it."""
    await set_up_without(folder / "base", size.crew)
    kinds = (("without", 1, False), ("with", 1, True), ("crew", size.crew, True))
    for name, _, _ in kinds:
        copy_home(folder / "base", folder / name)
    await asyncio.gather(
        *(set_up_peers(folder / name, size.crew, crew, is_ours=is_ours) for name, crew, is_ours in kinds)
    )
    copy_home(folder / "without", folder / "without2")
    journals = (("none", 0), ("short", size.short_journal), ("long", size.long_journal))
    for name, _ in journals:
        copy_home(folder / "with", folder / name)
    await asyncio.gather(*(_give_journal(folder / name, alarms, size) for name, alarms in journals))


async def _give_journal(folder: Path, alarms: int, size: Size) -> None:
    """Give a home a journal, and let it read that once."""
    await fill_journal(folder / "config", alarms)
    async with open_home(folder, peers.make_phones(size.crew), 1) as home:
        # The inbox is read from the whole journal the first time, and from then on only what is new.
        await home.act(DOMAIN, "get_deviations")
        await asyncio.sleep(size.settle)


async def _run_pushes(folder: Path, size: Size, chance: random.Random) -> Results:
    """Measure the first push to one phone."""
    _say("the first push")
    compared = [Peer(name=name) for name in (peers.ALERT, peers.AUTOMATION, peers.OURS)]
    async with open_home(folder / "with", peers.make_phones(size.crew), 1) as home:
        await asyncio.sleep(size.settle)
        return await measure_pushes(home, compared, size.pushes, size.warmups, chance)


async def _run_crew(folder: Path, size: Size, chance: random.Random) -> Results:
    """Measure the pushes to many phones, of which two do not work."""
    _say("a large group with two bad phones")
    compared = [Peer(name=name) for name in (peers.ALERT, peers.AUTOMATION, peers.PARALLEL, peers.OURS)]
    async with open_home(folder / "crew", peers.make_phones(size.crew), size.crew) as home:
        await asyncio.sleep(size.settle)
        return await measure_crew(home, compared, size.crew_rounds, chance)


async def _run_actions(folder: Path, size: Size, chance: random.Random) -> Results:
    """Measure raising and acknowledging with both journals."""
    _say("a short and a long journal")
    async with AsyncExitStack() as stack:
        short, long = [
            await stack.enter_async_context(open_home(folder / name, peers.make_phones(size.crew), 1))
            for name in ("short", "long")
        ]
        await asyncio.sleep(size.settle)
        return await measure_actions(short, long, size.actions, size.warmups, chance)


async def _run_changes(folder: Path, size: Size, chance: random.Random) -> Results:
    """Measure unrelated changes of states; two homes without the integration show how exact that is."""
    _say("unrelated changes of states")
    return await measure_changes({name: folder / name for name in ("without", "without2", "with")}, size, chance)


async def _run_starts(folder: Path, size: Size, chance: random.Random) -> Results:
    """Measure starts and memory."""
    _say("starts")
    return await measure_starts({name: folder / name for name in ("without", "none", "long")}, size, chance)


def _say(what: str) -> None:
    """Tell whoever waits what is going on."""
    print(f"bench: {what}", file=sys.stderr, flush=True)
