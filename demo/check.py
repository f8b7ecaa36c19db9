"""The demo without hands: every step must be seen, or the check fails."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
import time
from typing import Any, Protocol

from demo import cast
from demo.hass import HassClient, HassError, HassProcess
from demo.home import Home, Ports, open_home
from demo.phones import Behaviour, EntryKind, Notification, PhoneError, VirtualPhone

LEVEL = timedelta(seconds=6)
PASSIVITY = timedelta(seconds=5)
PACE = cast.Pace(level=LEVEL)
PUSH_WITHIN = timedelta(seconds=1)
RESTART_WITHIN = timedelta(seconds=60)
TAKING, DONE, HELPED = "Åtgärdar", "Klart", "Hjälp given"
TAIL = 60
"""Lines of Home Assistant's output that are printed when something was not seen."""


class CheckFailedError(Exception):
    """A step was not seen."""


class AnyHome(Protocol):
    """What is asked of a home whose alarms are looked at."""

    @property
    def hass(self) -> HassProcess:
        """Return the process of Home Assistant."""

    @property
    def client(self) -> HassClient:
        """Return the client of Home Assistant's owner."""

    @property
    def phones(self) -> Mapping[str, VirtualPhone]:
        """Return the phones, by their ids."""


@dataclass(slots=True)
class Check[H: AnyHome = Home]:
    """What has been seen."""

    home: H
    seen: list[str] = field(default_factory=list)

    def expect(self, what: str, *, is_true: bool) -> None:
        """Note that something was seen; raises CheckFailedError if it was not."""
        if not is_true:
            raise CheckFailedError(what)
        self.seen.append(what)
        print(f"  ok  {what}", flush=True)

    async def wait(
        self, what: str, phone: VirtualPhone, shows: Callable[[VirtualPhone], bool], within: timedelta
    ) -> float:
        """Wait until a phone shows something; return the milliseconds it took."""
        started = time.monotonic()
        try:
            await phone.wait_until(shows, within.total_seconds())
        except TimeoutError:
            raise CheckFailedError(f"{what} ({phone.name}, within {within})") from None
        took = (time.monotonic() - started) * 1000
        self.expect(f"{what} · {phone.name} · {took:.0f} ms", is_true=True)
        return took

    async def wait_all(
        self, what: str, phones: Sequence[VirtualPhone], shows: Callable[[VirtualPhone], bool], within: timedelta
    ) -> None:
        """Wait until several phones show something."""
        await asyncio.gather(*(self.wait(what, phone, shows, within) for phone in phones))

    async def alarms(self) -> list[dict[str, Any]]:
        """Return the newest alarms with their timelines."""
        answer = await self.home.client.call_service("homecare_h2o", "get_alarms", {"limit": 5}, return_response=True)
        alarms: list[dict[str, Any]] = answer["alarms"]
        return alarms

    async def on_duty(self) -> list[VirtualPhone]:
        """Return the phones of the group on duty, as the brukare's device page tells it."""
        states = await self.home.client.get("/api/states")
        groups = {group.name: group for group in cast.GROUPS}
        name = next(state["state"] for state in states if state["state"] in groups)
        return [self.home.phones[phone_id] for phone_id in groups[name].phones]


def alarm_on(phone: VirtualPhone) -> Notification | None:
    """Return the alarm that a phone shows."""
    return next((shown for shown in phone.notifications.values() if shown.title.startswith("K7-31")), None)


def shows(title: str, *buttons: str) -> Callable[[VirtualPhone], bool]:
    """Return whether a phone shows an alarm with this title and these buttons first."""

    def is_shown(phone: VirtualPhone) -> bool:
        shown = alarm_on(phone)
        titles = [action.title for action in shown.actions] if shown else []
        return shown is not None and shown.title == title and titles[: len(buttons)] == list(buttons)

    return is_shown


def offers(button: str) -> Callable[[VirtualPhone], bool]:
    """Return whether a phone shows an alarm with this button."""
    return lambda phone: (shown := alarm_on(phone)) is not None and button in {one.title for one in shown.actions}


def says(text: str) -> Callable[[VirtualPhone], bool]:
    """Return whether a phone shows an alarm with this text."""
    return lambda phone: (shown := alarm_on(phone)) is not None and text in shown.message


def is_clear(phone: VirtualPhone) -> bool:
    """Return whether a phone shows no alarm."""
    return alarm_on(phone) is None


async def press(phone: VirtualPhone, title: str) -> None:
    """Press a button of the alarm that a phone shows."""
    shown = alarm_on(phone)
    button = next((action for action in shown.actions if action.title == title), None) if shown else None
    if shown is None or button is None:
        raise CheckFailedError(f"{phone.name} shows no button {title}")
    await phone.press(shown.tag, button.action_id)


async def finish[H: AnyHome](check: Check[H], phone: VirtualPhone) -> None:
    """Say that it is done, and how it ended when the phone asks."""
    await press(phone, DONE)
    await check.wait("telefonen frågar hur det gick", phone, offers(HELPED), PUSH_WITHIN)
    await press(phone, HELPED)


async def check_whole_way(check: Check) -> None:
    """Pressed, on both phones, taken by one, told to the other, done, gone."""
    one, two = await check.on_duty()
    pressed_at = datetime.now(UTC)
    await check.home.press_button()
    await check.wait_all(
        "båda telefonerna visar larmet", (one, two), shows("K7-31 · Trygghetslarm", TAKING), PUSH_WITHIN
    )
    await press(one, TAKING)
    await check.wait("den som tar det ser Klart", one, shows("K7-31 · Trygghetslarm", DONE), PUSH_WITHIN)
    await check.wait("den andra ser vem som tog det", two, says(f"Tas av {one.name}"), PUSH_WITHIN)
    await finish(check, one)
    await check.wait_all("larmet är borta", (one, two), is_clear, PUSH_WITHIN)
    await asyncio.sleep(0.5)
    (alarm, *_) = await check.alarms()
    check.expect("larmet är avslutat i journalen", is_true=alarm["state"] == "resolved")
    steps = [step["event"] for step in alarm["timeline"]]
    for step in ("raised", "called", "notified", "received", "acknowledged", "done", "resolved", "cleared"):
        check.expect(f"journalen har {step}", is_true=step in steps)
    _print_timeline(alarm, pressed_at, (one, two))


async def check_dead_phones(check: Check) -> None:
    """One phone answers 500 and one never answers: the next levels are told, again and again."""
    one, two = await check.on_duty()
    boss = check.home.phones["larmansvarig"]
    one.behaviour, two.behaviour = Behaviour.ERROR_500, Behaviour.HANG
    await check.home.press_button()
    await check.wait("larmansvarig larmas på tredje nivån", boss, shows("K7-31 · Trygghetslarm", TAKING), 3 * LEVEL)
    first = alarm_on(boss)
    await check.wait("och igen tills någon svarar", boss, lambda phone: alarm_on(phone) is not first, 2 * LEVEL)
    one.behaviour = two.behaviour = Behaviour.OK
    await press(boss, TAKING)
    await check.wait("larmansvarig har tagit det", boss, shows("K7-31 · Trygghetslarm", DONE), PUSH_WITHIN)
    await finish(check, boss)
    await check.wait("larmet är borta", boss, is_clear, PUSH_WITHIN)
    (alarm, *_) = await check.alarms()
    steps = [(step["event"], step.get("phone")) for step in alarm["timeline"]]
    check.expect("den hängande telefonen är noterad", is_true=("notification_failed", two.name) in steps)
    check.expect("larmet eskalerade minst tre gånger", is_true=[kind for kind, _ in steps].count("escalated") >= 3)
    await check.wait_all("ingen telefon visar det längre", (one, two), is_clear, timedelta(seconds=20))


async def check_power_cut(check: Check) -> None:
    """Home Assistant is killed between raised and acknowledged: the alarm goes on."""
    one, two = await check.on_duty()
    await check.home.press_button()
    await check.wait_all(
        "larmet visas före strömavbrottet", (one, two), shows("K7-31 · Trygghetslarm", TAKING), PUSH_WITHIN
    )
    before = alarm_on(one)
    check.home.hass.kill()
    await check.home.hass.wait()
    started = time.monotonic()
    await check.home.hass.start()
    await check.wait(
        "telefonen larmas igen efter starten", one, lambda phone: alarm_on(phone) is not before, RESTART_WITHIN
    )
    print(f"      {time.monotonic() - started:.1f} s från start av Home Assistant", flush=True)
    await check.home.client.wait_running()
    await press(two, TAKING)
    await check.wait("kvitteringen tas emot", two, shows("K7-31 · Trygghetslarm", DONE), PUSH_WITHIN)
    await finish(check, two)
    await check.wait_all("larmet är borta", (one, two), is_clear, PUSH_WITHIN)
    alarms = await check.alarms()
    check.expect("inget larm är öppet", is_true=not any(alarm["open"] for alarm in alarms))


async def check_passivity(check: Check) -> None:
    """Somebody moves in the bedroom, then nothing: the passivity alarm comes at its deadline."""
    one, two = await check.on_duty()
    home = check.home
    await home.client.save_automation("passivitet", cast.passivity_automation(home.brukare_id, home.sensors, PASSIVITY))
    await home.move(cast.BEDROOM)
    quiet_at = datetime.now(UTC)
    await check.wait(
        "passivitetslarm efter rörelsen", one, shows("K7-31 · Passivitetslarm", TAKING), PASSIVITY + PUSH_WITHIN
    )
    late = datetime.now(UTC) - quiet_at - PASSIVITY
    check.expect(f"vid sin tidpunkt (+{late.total_seconds() * 1000:.0f} ms)", is_true=late < PUSH_WITHIN)
    await press(one, TAKING)
    await check.wait("taget", one, shows("K7-31 · Passivitetslarm", DONE), PUSH_WITHIN)
    await finish(check, one)
    await check.wait_all("larmet är borta", (one, two), is_clear, PUSH_WITHIN)


CHECKS: Mapping[str, Callable[[Check], Awaitable[None]]] = {
    "Hela vägen": check_whole_way,
    "Passivitet": check_passivity,
    "Döda telefoner": check_dead_phones,
    "Strömavbrott": check_power_cut,
}


async def run_checks(folder: Path, ports: Ports) -> bool:
    """Run the check in a new home; return whether everything was seen."""
    return await go_through(open_home(folder, ports, PACE), Check, CHECKS)


async def go_through[H: AnyHome, C: Check[Any]](
    opening: AbstractAsyncContextManager[H],
    look: Callable[[H], C],
    steps: Mapping[str, Callable[[C], Awaitable[None]]],
) -> bool:
    """Open a home and go through the steps in it until one is not seen; return whether everything was seen."""
    started = time.monotonic()
    async with opening as home:
        print(f"Hemmet är uppe efter {time.monotonic() - started:.1f} s", flush=True)
        check = look(home)
        try:
            for name, run in steps.items():
                print(f"\n{name}", flush=True)
                await run(check)
        except (CheckFailedError, HassError, PhoneError, TimeoutError) as err:
            print(f"  FEL  inte sett: {type(err).__name__} {err}", flush=True)
            await _print_known(check)
            return False
    print(f"\nAllt sett: {len(check.seen)} steg på {time.monotonic() - started:.1f} s", flush=True)
    return True


async def _print_known[H: AnyHome](check: Check[H]) -> None:
    """Print what is known when something was not seen."""
    try:
        for alarm in (await check.alarms())[:1]:
            for step in alarm["timeline"]:
                print(f"      {step}")
    except HassError as err:
        print(f"      Home Assistant svarar inte: {err}")
    for phone in check.home.phones.values():
        for entry in phone.log[-8:]:
            print(f"      {phone.name}: {entry.at:%H:%M:%S.%f} {entry.kind} {dict(entry.payload).get('message', '')}")
    for line in (await asyncio.to_thread(check.home.hass.output.read_text)).splitlines()[-TAIL:]:
        print(f"      {line}")


def _print_timeline(alarm: Mapping[str, Any], pressed_at: datetime, phones: Sequence[VirtualPhone]) -> None:
    """Print the way of one alarm, from the sensor to the empty phones."""
    lines = [(pressed_at, "larmknappen tryckt", "")]
    lines += [
        (datetime.fromisoformat(step["at"]), step["event"], step.get("phone") or ", ".join(step.get("phones", ())))
        for step in alarm["timeline"]
    ]
    kinds = {
        EntryKind.SHOWN: "visas på telefonen",
        EntryKind.PRESSED: "knapp tryckt",
        EntryKind.CLEARED: "borta från telefonen",
    }
    lines += [
        (entry.at, kinds[entry.kind], phone.name)
        for phone in phones
        for entry in phone.log
        if entry.kind in kinds and entry.at >= pressed_at
    ]
    print("\n      ms   steg")
    for at, what, who in sorted(lines, key=lambda line: line[0]):
        print(f"  {(at - pressed_at).total_seconds() * 1000:8.1f}   {what:22} {who}")
    print(flush=True)
