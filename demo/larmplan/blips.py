"""Sensors that drop out and come back a hundred times: no alarm is cleared by it, and none is raised again."""

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

from demo import cast

from . import plan
from .devices import ATTIC_SMOKE, CELLAR_WINDOW, LIVING_ROOM, STAIRS
from .seeing import FullCheck

BLIPS: Final = 100
_PAUSE: Final = 0.02
HEARD_WITHIN: Final = 45.0
PERSISTENCE: Final = timedelta(seconds=3)
"""Shorter than the blips take, so that they come before and after the deadline."""
TITLES: Final = {"BRAND": 1, "Rörelselarm": 1, "Dörrlarm": 1}


async def check_blips(check: FullCheck) -> None:
    """Smoke, motion and an open window, and a motion sensor at rest, each over its availability topic."""
    home, tripped = check.home, (ATTIC_SMOKE, STAIRS, CELLAR_WINDOW)
    await home.save(plan.FIRE, persistence=cast.duration(PERSISTENCE))
    await home.rest(*tripped)
    names = {home.entity(name): name for name in (*tripped, LIVING_ROOM)}
    lost: Counter[str] = Counter()

    def count(event: Mapping[str, Any]) -> None:
        state = event["data"]["new_state"]
        if state and state["entity_id"] in names and state["state"] == "unavailable":
            lost[names[state["entity_id"]]] += 1

    end = await home.client.subscribe_events("state_changed", count)
    for name in tripped:
        await home.turn(name, on=True)
    for name in tripped:
        await home.wait_state(name, "on")
    await _blip(check, names.values(), lost)
    sights = await check.see_all(TITLES, PERSISTENCE)
    for name in tripped:
        await home.wait_state(name, "on")
    await end()
    heard = ", ".join(f"{name} {lost[name]}" for name in names.values())
    check.expect(f"{BLIPS} bortfall var: {heard}", is_true=dict(lost) == dict.fromkeys(names.values(), BLIPS))
    check.expect("ett larm var för rök, rörelse och fönster", is_true=len(sights) == len(TITLES))
    alarms = [await check.journalled(sight) for sight in sights]
    check.expect("inget larm avbröts", is_true=all(alarm["state"] in ("raised", "escalated") for alarm in alarms))
    check.expect("inget larm upprepades", is_true=not any(alarm["repetitions"] for alarm in alarms))
    for sight in sights:
        await check.finish(sight)
    await home.rest(*tripped)
    await home.save(plan.FIRE)


async def _blip(check: FullCheck, names: Collection[str], lost: Mapping[str, int]) -> None:
    """Let sensors drop out and come back, and wait until Home Assistant has heard all of it."""
    for _ in range(BLIPS):
        for available in (False, True):
            for name in names:
                await check.home.mqtt.set_available(name, available)
            await asyncio.sleep(_PAUSE)
    # On a busy machine it is still reading what the broker has for it.
    with suppress(TimeoutError):
        async with asyncio.timeout(HEARD_WITHIN):
            while min(lost[name] for name in names) < BLIPS:  # noqa: ASYNC110 - a look costs nothing
                await asyncio.sleep(_PAUSE)
