"""One run: a home, its life, its troubles, and the end in which everything is put right and closed."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
import time

from demo.hass import HassError
from demo.phones import VirtualPhone

from .faults import VICTIM, Player
from .home import ChaosHome, Place, open_home
from .life import DOMAIN, SENSORS, TAG, Life
from .relay import SIGN_OF_LIFE
from .script import Step

CLEARED_WITHIN = 25.0
ROUNDS = 8


async def play(mould: Path, place: Place, seed: int, script: tuple[Step, ...]) -> None:
    """Play a script, and leave in the folder what the checker reads."""
    async with open_home(mould, place) as home:
        life = Life(home, seed)
        player = Player(home, life)
        await player.wait_loaded()
        living = asyncio.create_task(life.go_on())
        try:
            for step in script:
                with suppress(HassError, TimeoutError):
                    await player.play(step)
            await asyncio.sleep(1)
        finally:
            living.cancel()
            await asyncio.gather(living, return_exceptions=True)
        await player.heal()
        await life.finish()
        await _settle(home, life, player)
        await player.stop(killed=False)
        home.record.write("end")


async def _settle(home: ChaosHome, life: Life, player: Player) -> None:
    """See that a last alarm comes through, close everything, and see the phones cleared."""
    home.record.write("healed")
    await player.wait_loaded()
    await _give_signs(home)
    # What a sensor still shows is raised by now, also where the hub has only just come back.
    await asyncio.sleep(3)
    last = await life.raise_alarm(rule="last", alarm_type="safety_button")
    await _wait_for(lambda: all(_shows(home.relay.phones[phone], last) for phone in ("htj1", "htj2")), 10)
    for name in (*SENSORS, VICTIM):
        await home.speak(name, on=False)
    home.record.write("closing")
    await _close_all(home)
    home.record.write("closed")
    await _wait_cleared(home)
    with suppress(HassError):
        verified = await home.client.call_service(DOMAIN, "verify_journal", {}, return_response=True)
        home.record.write("verified", answer=verified)


async def _wait_cleared(home: ChaosHome) -> None:
    """Wait until no phone shows an alarm that the hub knows; what a journal has lost nobody can take away."""
    known: set[str] = set()
    with suppress(HassError):
        answer = await home.client.call_service(DOMAIN, "get_alarms", {"limit": 500}, return_response=True)
        known = {TAG + str(alarm["alarm_id"]) for alarm in answer["alarms"]}
    until = time.monotonic() + CLEARED_WITHIN
    while time.monotonic() < until:
        await _give_signs(home)
        await asyncio.sleep(0.5)
        if not any(known & phone.notifications.keys() for phone in home.relay.phones.values()):
            return


def _shows(phone: VirtualPhone, alarm_id: str | None) -> bool:
    """Return whether a phone shows an alarm, or with no id any."""
    return TAG + (alarm_id or "") in phone.notifications


async def _wait_for(is_so: Callable[[], bool], seconds: float) -> None:
    """Wait for something for a while."""
    until = time.monotonic() + seconds
    while not is_so() and time.monotonic() < until:  # noqa: ASYNC110 - nothing tells us
        await asyncio.sleep(0.1)


async def _give_signs(home: ChaosHome) -> None:
    """Let every phone give a sign of life, by a button that is nobody's of ours."""
    for phone in home.relay.phones.values():
        await home.relay.answer(phone, SIGN_OF_LIFE, how="sign_of_life")


async def _close_all(home: ChaosHome) -> None:
    """Take and close all that is open, as the larmansvarig does it in Home Assistant."""
    for _ in range(ROUNDS):
        with suppress(HassError):
            answer = await home.client.call_service(
                DOMAIN, "get_alarms", {"open_only": True, "limit": 500}, return_response=True
            )
            if not answer["alarms"]:
                return
            for alarm in answer["alarms"]:
                await _close(home, str(alarm["alarm_id"]), str(alarm["state"]))
        await asyncio.sleep(0.2)


async def _close(home: ChaosHome, alarm_id: str, state: str) -> None:
    """Close one alarm; what somebody else did to it meanwhile is seen in the next round."""
    if state in ("raised", "escalated"):
        await _act(home, "acknowledge_alarm", {"alarm_id": alarm_id})
    await _act(home, "resolve_alarm", {"alarm_id": alarm_id, "outcome": "no_help_needed"})


async def _act(home: ChaosHome, action: str, data: dict[str, str]) -> None:
    """Call an action and write down how it went."""
    home.record.write("acting", action=action, **data)
    try:
        await home.client.call_service(DOMAIN, action, data, return_response=True)
    except HassError as err:
        home.record.write("act_failed", action=action, error=str(err)[:200], **data)
    else:
        home.record.write("acted", action=action, **data)
