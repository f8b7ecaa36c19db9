"""What was acknowledged is there after a process was killed at any instant."""

import asyncio
from pathlib import Path
import random
import sys

import pytest

from custom_components.homecare_h2o.core.events import JournalPurged

from .factory import T0, open_journal, raised

APPENDER = Path(__file__).with_name("appender.py")
KILLS = 20


async def _run_and_kill(path: Path, seconds: float, work: str = "append", *, until: bytes = b"") -> list[str]:
    """Return what a process told that was killed so long after its first words, or after a line that begins so."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(APPENDER), str(path), work, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    told = [await process.stdout.readline()]
    while not told[-1].startswith(until):
        told.append(await process.stdout.readline())
    await asyncio.sleep(seconds)
    process.kill()
    told.append(await process.stdout.read())
    await process.wait()
    # What comes after the last line break was not told whole.
    return b"".join(told).decode().split("\n")[:-1]


@pytest.mark.timeout(120)
async def test_nothing_acknowledged_is_lost_by_kill(path: Path) -> None:
    instants = random.Random(2)
    acknowledged: set[str] = set()
    for until in (f"finished alarm{KILLS + 1}".encode(), *[b""] * KILLS):
        first, *told = await _run_and_kill(path, instants.uniform(0.0, 0.15), until=until)
        assert first == "sound"
        acknowledged.update(told)
        journal, damage = await open_journal(path)
        rows = await journal.read(limit=1_000_000)
        unfinished = {history[0].alarm_id for history in await journal.load_unfinished()}
        alarms = {history[0].alarm_id for history in await journal.load_alarms(limit=1_000_000)}
        assert damage is None
        assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
        assert await journal.verify() == len(rows)
        told_alarms = {line for line in acknowledged if " " not in line}
        told_finished = {line.removeprefix("finished ") for line in acknowledged if line.startswith("finished ")}
        assert told_alarms <= alarms
        assert not told_finished & unfinished
        # At most the one append that was under way when the process died, in each of its lives.
        assert len(alarms - told_alarms) <= KILLS
        await journal.close()
    assert len(acknowledged) > KILLS


@pytest.mark.timeout(120)
async def test_purge_that_is_killed_loses_nothing_else(path: Path) -> None:
    instants = random.Random(12)
    acknowledged: list[str] = []
    # One that certainly gets there, also on a busy machine; the others are killed wherever they are.
    for until in (b"purged ", *[b""] * KILLS):
        first, *told = await _run_and_kill(path, instants.uniform(0.0, 0.3), "purge", until=until)
        assert first == "sound"
        acknowledged += told
        journal, damage = await open_journal(path)
        extent = await journal.load_extent()
        unfinished = {history[0].alarm_id for history in await journal.load_unfinished()}
        kept = {history[0].alarm_id for history in await journal.load_alarms(limit=1_000_000)}
        assert damage is None
        assert await journal.verify() == extent.rows + extent.removed
        assert len(await journal.read(limit=1_000_000)) == extent.rows
        assert {line.removeprefix("open ") for line in acknowledged if line.startswith("open ")} <= unfinished
        oldest = max([int(line.removeprefix("purged ")) for line in acknowledged if line.startswith("purged ")] or [0])
        closed = {line for line in acknowledged if line.startswith("alarm")}
        gone = {name for name in closed if int(name.removeprefix("alarm")) < oldest - 1}
        assert not gone & kept
        # A purge that was killed may have gone further than the last that was told; its own row says how far.
        purges = [row.event for row in await journal.read(limit=1_000_000) if isinstance(row.event, JournalPurged)]
        limit = max([event.before_at for event in purges], default=T0)
        assert {name for name in closed if raised(int(name.removeprefix("alarm"))).at >= limit} <= kept
        await journal.close()
    assert any(line.startswith("purged ") for line in acknowledged)
