"""The power is cut in the middle of a deadline, and smoke comes while the hub is down."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from demo import cast
from demo.check import PUSH_WITHIN

from . import plan
from .blips import check_blips
from .devices import (
    BEDROOM,
    BOILER_SMOKE,
    DOOR,
    HALL,
    KITCHEN_SMOKE,
    LIVING_ROOM,
    REMOTE,
    SCENE_BUTTON,
    TERRACE_DOOR,
)
from .seeing import ON_TIME, FullCheck, Sight
from .steps import SHORT

DELAY: Final = timedelta(seconds=60)
FIRST_CUT: Final = timedelta(seconds=10)
LATE_WITHIN: Final = timedelta(seconds=5)
SMOKE_WITHIN: Final = timedelta(seconds=10)
DOWN_PAST: Final = timedelta(seconds=4)
"""How long past the deadline the hub stays down."""
REPEAT: Final = 2.0
"""Seconds between the reports of a smoke detector that smells smoke."""
GONE_OUT, PASSIVITY, FIRE = "Gått ut-larm", "Passivitetslarm", "BRAND"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """A gone_out and a passivity that are under way side by side, and their deadlines."""

    rules: tuple[str, str]
    due_at: tuple[datetime, datetime]


async def check_power_cuts(check: FullCheck) -> None:
    """One cut that is over before the deadlines, blips while they run, and one cut that outlasts two others."""
    home = check.home
    first = await _begin(check, (plan.GONE_OUT, plan.PASSIVITY), DOOR, BEDROOM, HALL)
    await _sleep_until(first.due_at[0] - DELAY + FIRST_CUT)
    home.hass.kill()
    await home.hass.wait()
    # As where the driver runs in an add-on or a machine of its own: Home Assistant is there first.
    await home.zwave.stop()
    started_at, up_at = await _start(check)
    print(f"      strömmen bröts efter {FIRST_CUT}, {_seconds(up_at - started_at)} från start till uppe", flush=True)
    check.expect("navet är uppe före larmens tid", is_true=up_at < min(first.due_at))
    waiting = asyncio.create_task(_see_waiting(check, first), name="demo deadline")
    try:
        await _check_late_radio(check)
        second = await _begin(check, (plan.GONE_OUT_2, plan.PASSIVITY_2), TERRACE_DOOR, LIVING_ROOM)
        print("\nSensorer som försvinner och kommer tillbaka, medan tiderna går", flush=True)
        await check_blips(check)
        print("\nStrömavbrott som är över före larmens tid", flush=True)
        sights = await waiting
    finally:
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    for rule, due_at in zip(first.rules, first.due_at, strict=True):
        sight, alarm = await _find(check, sights, rule)
        check.expect(
            f"{alarm['alarm_type']:14} vid sin tid: {sight.after(due_at):+.0f} ms, inte sent",
            is_true=abs(sight.shown_at - due_at) < ON_TIME and not alarm["late"],
        )
    for sight in sights:
        await check.finish(sight)
    await home.rest(DOOR)
    await _cut_past_the_deadline(check, second)


async def _see_waiting(check: FullCheck, wait: Wait) -> list[Sight]:
    """Return the alarms of a wait, once they are shown."""
    within = max(wait.due_at) - datetime.now(UTC) + 3 * PUSH_WITHIN
    return await check.see_all({GONE_OUT: 1, PASSIVITY: 1}, within)


async def _check_late_radio(check: FullCheck) -> None:
    """See that other buttons work while the Z-Wave driver is away, and its own as soon as it is there."""
    home = check.home
    await check.finish(await check.see_press("knapp (ZHA) medan Z-Wave är borta", home.zigbee.press(REMOTE)))
    await home.zwave.start()
    await check.home.wait_available(SCENE_BUTTON, TERRACE_DOOR, BOILER_SMOKE)
    await check.finish(await check.see_press("knapp (Z-Wave) när Z-Wave är tillbaka", home.zwave.press_scene()))


async def _cut_past_the_deadline(check: FullCheck, second: Wait) -> None:
    """Keep the hub down until two alarms are overdue, and let there be smoke meanwhile."""
    print("\nStrömavbrott som varar förbi larmens tid, och rök medan navet är nere", flush=True)
    home, on_duty = check.home, await check.on_duty()
    for rule_id in (plan.FIRE, plan.FIRE_2):
        await home.save(rule_id, persistence=cast.duration(SHORT))
    known = check.shown_tags()
    check.expect("strömmen bryts före larmens tid", is_true=datetime.now(UTC) < min(second.due_at))
    home.hass.kill()
    await home.hass.wait()
    async with _smoking(check):
        await home.zwave.set_smoke(True)
        await _sleep_until(max(second.due_at) + DOWN_PAST)
        started_at, up_at = await _start(check)
        titles = {GONE_OUT: 1, PASSIVITY: 1, FIRE: 2}
        sights = await check.see_all(titles, SMOKE_WITHIN, known=known, phones=on_duty)
        print(f"      uppe {_seconds(up_at - started_at)} efter starten", flush=True)
        for rule, due_at in zip(second.rules, second.due_at, strict=True):
            sight, alarm = await _find(check, sights, rule)
            told_due_at = datetime.fromisoformat(alarm["due_at"])
            check.expect(
                f"{alarm['alarm_type']:14} sent: {_seconds(sight.shown_at - due_at)} efter sin tid,"
                f" {_seconds(sight.shown_at - started_at)} efter starten, {(sight.shown_at - up_at).total_seconds():+.1f} s från uppe",
                is_true=sight.shown_at - up_at < LATE_WITHIN and alarm["late"] and abs(told_due_at - due_at) < ON_TIME,
            )
        for rule, name in ((plan.FIRE, f"{KITCHEN_SMOKE}, ZHA"), (plan.FIRE_2, f"{BOILER_SMOKE}, Z-Wave")):
            sight, alarm = await _find(check, sights, rule)
            check.expect(
                f"rök medan navet var nere ({name}): {_seconds(sight.shown_at - started_at)} efter starten,"
                f" {(sight.shown_at - up_at).total_seconds():+.1f} s från uppe",
                is_true=sight.shown_at - up_at < SMOKE_WITHIN,
            )
        for sight in sights:
            await check.finish(sight)
    await home.rest(KITCHEN_SMOKE, BOILER_SMOKE, TERRACE_DOOR)
    for rule_id in (plan.FIRE, plan.FIRE_2, plan.GONE_OUT, plan.GONE_OUT_2, plan.PASSIVITY, plan.PASSIVITY_2):
        await home.save(rule_id)


async def _begin(check: FullCheck, rules: tuple[str, str], door: str, room: str, *others: str) -> Wait:
    """Let somebody move in a room and then go out; both rules wait for a minute."""
    home = check.home
    gone_out, passivity = rules
    window, minute = plan.around(datetime.now(UTC)), cast.duration(DELAY)
    await home.rest(door, room, *others)
    await home.save(gone_out, delay=minute, **window)
    await home.save(passivity, threshold=minute, **window)
    await home.move(room)
    quiet_at = datetime.now(UTC)
    await home.wait_state(room, "off")
    opened_at = datetime.now(UTC)
    await home.turn(door, on=True)
    await home.wait_state(door, "on")
    return Wait(rules=rules, due_at=(opened_at + DELAY, quiet_at + DELAY))


async def _start(check: FullCheck) -> tuple[datetime, datetime]:
    """Start Home Assistant; return when that began, and when it was up."""
    started_at = datetime.now(UTC)
    await check.home.hass.start()
    return started_at, datetime.now(UTC)


async def _find(check: FullCheck, sights: Sequence[Sight], rule: str) -> tuple[Sight, dict[str, Any]]:
    """Return the alarm that a rule has raised."""
    alarms = [(sight, await check.journalled(sight)) for sight in sights]
    found = [pair for pair in alarms if pair[1]["rule"] == rule]
    check.expect(f"ett larm från {rule}", is_true=len(found) == 1)
    return found[0]


@asynccontextmanager
async def _smoking(check: FullCheck) -> AsyncGenerator[None]:
    """Let the smoke detector in the kitchen report again and again, as one does while it smells smoke."""

    async def report() -> None:
        while True:
            await check.home.zigbee.set_zone(KITCHEN_SMOKE, active=True)
            await asyncio.sleep(REPEAT)

    task = asyncio.create_task(report(), name="demo smoke")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _sleep_until(instant: datetime) -> None:
    """Sleep until an instant."""
    await asyncio.sleep(max(0.0, (instant - datetime.now(UTC)).total_seconds()))


def _seconds(time: timedelta) -> str:
    """Return a time in seconds."""
    return f"{time.total_seconds():.1f} s"
