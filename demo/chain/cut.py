"""The power goes while one alarm waits for its outcome and another has been handed over."""

import time
from typing import Any

from demo.check import DONE, HELPED, RESTART_WITHIN, TAKING

from .home import RESERVE, STAFF
from .proof import check_sound
from .seeing import Alarm, ChainCheck, Raised

KEPT = ("alarm_type", "state", "open", "rule", "sources", "due_at", "raised_at", "level", "outcome")


async def check_power_cut(check: ChainCheck) -> None:
    """After the start both alarms are as before, and their phones are told."""
    home = check.home
    one, reserve = home.group(STAFF)[0], home.group(RESERVE)
    done, handed = await _prepare(check)
    before = {raised.alarm_id: await check.journalled(raised) for raised in (done, handed)}
    shown = {
        raised.alarm_id: {phone.phone_id: raised.on(phone) for phone in home.phones.values()}
        for raised in (done, handed)
    }
    home.hass.kill()
    await home.hass.wait()
    started = time.monotonic()
    await home.hass.start()
    await home.client.wait_running()
    print(f"      {time.monotonic() - started:.1f} s från start av Home Assistant", flush=True)
    await check.see(
        "den som är klar frågas igen hur det gick", done.is_new_since(shown[done.alarm_id]), [one], RESTART_WITHIN
    )
    await check.see(f"{RESERVE} larmas igen", handed.is_new_since(shown[handed.alarm_id]), reserve, RESTART_WITHIN)
    for what, raised in (("det klara", done), ("det överlämnade", handed)):
        _check_same(check, what, before[raised.alarm_id], await check.journalled(raised))
    await check.quietly(handed.says("Överlämnat till gruppen"), reserve, "överlämnat")
    await done.press(one, HELPED)
    await check.wait_journal("utfallet tas emot efter starten", done, lambda alarm: alarm["outcome"] == "help_given")
    await handed.press(reserve[0], TAKING)
    await check.see(f"{RESERVE} tar det andra", handed.offers(DONE), [reserve[0]])
    await check.close(handed)
    await check_sound(check)


async def _prepare(check: ChainCheck) -> tuple[Raised, Raised]:
    """Return an alarm that waits for its outcome, and one that was handed over and waits for somebody."""
    one = check.home.group(STAFF)[0]
    done = await check.raise_and_see("gone_out")
    await done.press(one, TAKING)
    await check.quietly(done.offers(DONE), [one], "taget")
    await done.press(one, DONE)
    await check.see("ett larm väntar på utfallet", done.offers(HELPED), [one])
    handed = await check.raise_and_see("leak")
    await handed.press(one, TAKING)
    await check.quietly(handed.offers(DONE), [one], "taget")
    await check.act("hand_over_alarm", {"alarm_id": handed.alarm_id, "receiver_group": RESERVE})
    await check.see(f"ett är överlämnat till {RESERVE}", handed.offers(TAKING), check.home.group(RESERVE))
    return done, handed


def _check_same(check: ChainCheck, what: str, before: Alarm, after: Alarm) -> None:
    """See that an alarm and its timeline are as before; only what came afterwards is added."""
    changed: dict[str, Any] = {key: (before[key], after[key]) for key in KEPT if before[key] != after[key]}
    check.expect(
        f"{what} är som förut: {after['state']}, nivå {after['level']} {changed or ''}".rstrip(), is_true=not changed
    )
    was, now = before["timeline"], after["timeline"]
    added = [step["event"] for step in now[len(was) :]]
    check.expect(f"{what}: {len(was)} steg kvar, därefter {added}", is_true=now[: len(was)] == was)
