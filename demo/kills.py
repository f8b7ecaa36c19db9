"""Cut the power at random instants of an open alarm, and count what was lost."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
import random
import sqlite3
import statistics
import time
from typing import Any

from demo import cast
from demo.check import DONE, HELPED, TAKING, Check, alarm_on, is_clear, offers, press, shows
from demo.home import Home, Ports, open_home
from demo.phones import VirtualPhone

PACE = cast.Pace(level=timedelta(seconds=20))
LATEST_KILL = 1.5
"""Seconds after the press."""
SHOWN = "K7-31 · Trygghetslarm"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cut:
    """What was known when the power went, and what was known after the start."""

    killed_after: float
    was_shown: bool
    was_taken: bool
    is_known: bool
    is_taken: bool
    lateness: float | None
    """Seconds from the start of Home Assistant until the phones were called again; None if it was taken."""


async def run_kills(folder: Path, ports: Ports, number: int, seed: int) -> bool:
    """Cut the power ``number`` times; return whether nothing was lost or doubled."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    async with open_home(folder, ports, PACE) as home:
        check = Check(home)
        cuts = [await _cut(check, chance, run) for run in range(number)]
        journals = [path async for path in _journals(home)]
    return _report(cuts, journals)


async def _cut(check: Check, chance: random.Random, run: int) -> Cut:
    """Press the button, cut the power, start again, and see the alarm to its end."""
    one, two = await check.on_duty()
    known = {alarm["alarm_id"] for alarm in await check.alarms()}
    wait, takes = chance.uniform(0.0, LATEST_KILL), chance.random() < 0.5
    pressed_at = time.monotonic()
    await check.home.press_button()
    taking = asyncio.create_task(_take(one, chance.uniform(0.0, LATEST_KILL))) if takes else None
    await asyncio.sleep(max(0.0, pressed_at + wait - time.monotonic()))
    check.home.hass.kill()
    killed_after = time.monotonic() - pressed_at
    await check.home.hass.wait()
    if taking:
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)
    was_shown = alarm_on(one) is not None or alarm_on(two) is not None
    was_taken = shows(SHOWN, DONE)(one)
    started_at = datetime.now(UTC)
    await check.home.hass.start()
    await check.home.client.wait_running()
    alarms = [alarm for alarm in await check.alarms() if alarm["alarm_id"] not in known]
    cut = Cut(
        killed_after=killed_after,
        was_shown=was_shown,
        was_taken=was_taken,
        is_known=bool(alarms),
        is_taken=bool(alarms) and alarms[0]["state"] == "acknowledged",
        lateness=_called_again_after(alarms, started_at),
    )
    print(f"  {run + 1:3}  {cut}", flush=True)
    await _finish(alarms, one, two)
    return cut


async def _take(phone: VirtualPhone, after: float) -> None:
    """Take the alarm some time after it is shown."""
    await phone.wait_until(shows(SHOWN, TAKING), 10)
    await asyncio.sleep(after)
    await press(phone, TAKING)


def _called_again_after(alarms: Sequence[dict[str, Any]], started_at: datetime) -> float | None:
    """Return the seconds until the phones were called after a start, again or for a press that was cut off."""
    times = [
        datetime.fromisoformat(step["at"])
        for alarm in alarms
        for step in alarm["timeline"]
        if step["event"] == "called"
    ]
    return min(((at - started_at).total_seconds() for at in times if at > started_at), default=None)


async def _finish(alarms: Sequence[dict[str, Any]], one: VirtualPhone, two: VirtualPhone) -> None:
    """See the alarm to its end, so that the next cut begins with quiet phones."""
    if not alarms:
        return
    if alarms[0]["state"] != "acknowledged":
        await one.wait_until(shows(SHOWN, TAKING), 10)
        await press(one, TAKING)
    await one.wait_until(shows(SHOWN, DONE), 10)
    await press(one, DONE)
    await one.wait_until(offers(HELPED), 10)
    await press(one, HELPED)
    for phone in (one, two):
        await phone.wait_until(is_clear, 10)
    await asyncio.sleep(0.2)


async def _journals(home: Home) -> Any:
    """Yield the journal files of a home."""
    for path in await asyncio.to_thread(lambda: sorted(home.hass.config.glob("homecare_h2o/*/journal.db"))):
        yield path


def _report(cuts: Sequence[Cut], journals: Sequence[Path]) -> bool:
    """Print what became of it; return whether nothing was lost or doubled."""
    raises: Counter[tuple[str, str]] = Counter()
    for journal in journals:
        with sqlite3.connect(f"file:{journal}?mode=ro", uri=True) as connection:
            rows = connection.execute(
                "SELECT json_extract(data, '$.rule'), json_extract(data, '$.due_at') FROM events WHERE kind = 'raised'"
            )
            raises.update(rows.fetchall())
    lost = sum(cut.was_shown and not cut.is_known for cut in cuts)
    forgotten = sum(cut.was_taken and not cut.is_taken for cut in cuts)
    doubled = sum(times - 1 for times in raises.values())
    late = [cut.lateness for cut in cuts if cut.lateness is not None]
    print(f"\nStrömavbrott: {len(cuts)}, varav med visat larm {sum(cut.was_shown for cut in cuts)}")
    print(f"Larm förlorade: {lost}   kvitteringar förlorade: {forgotten}   dubbletter i journalen: {doubled}")
    if late:
        print(f"Larmade igen efter start: median {statistics.median(late):.1f} s, som mest {max(late):.1f} s")
    return lost == forgotten == doubled == 0
