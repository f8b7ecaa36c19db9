"""How each fault is done; each writes down when it began and ended, and what shows that it struck."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
import random
import time
from typing import Any

from demo.hass import HassError

from .damage import corrupt, count_rows, disk_full, locked
from .home import ENTRIES, ChaosHome, wait_loaded
from .life import Life
from .relay import Way
from .script import WAYS, Fault, Step

VICTIM = "leak_3"
"""The sensor that is deleted."""
HOUR = 3600.0
KNOWN_TEXTS = 400


class Player:
    """Plays the steps of a script in a home."""

    def __init__(self, home: ChaosHome, life: Life) -> None:
        """Prepare."""
        self.home = home
        self.life = life
        self.record = home.record
        self._healing: list[asyncio.Task[None]] = []

    async def play(self, step: Step) -> None:
        """Do one step."""
        await asyncio.sleep(step.pause)
        fault = step.fault
        self.record.write("fault", fault=fault, **step.how)
        if fault in WAYS:
            await self._break_ways(WAYS[fault], step.how)
        else:
            await _PLAYS[fault](self, fault, step.how)
        self.record.write("fault_done", fault=fault)

    async def heal(self) -> None:
        """Put everything right again."""
        for task in self._healing:
            task.cancel()
        await asyncio.gather(*self._healing, return_exceptions=True)
        for phone_id in self.home.relay.lines:
            self.home.relay.break_way(phone_id, Way.OK)
        self._move_clock(0.0)
        if self.home.hass.pid is None:
            await self.start()

    async def stop(self, *, killed: bool) -> None:
        """End Home Assistant, by force or in order."""
        self.record.write("killing" if killed else "terminating")
        if killed:
            self.home.hass.kill()
            code = await self.home.hass.wait()
        else:
            await self.home.hass.stop()
            code = await self.home.hass.wait()
        self.record.write("dead", code=code)

    async def start(self) -> None:
        """Start Home Assistant, and wait for the hub as well."""
        self.record.write("starting")
        await self.home.hass.start()
        self.record.write("running", pid=self.home.hass.pid)
        await self.home.client.wait_running()
        await self.wait_loaded()

    async def wait_loaded(self) -> None:
        """Wait for the hub, and write down when it was there."""
        with suppress(TimeoutError, HassError):
            await wait_loaded(self.home.client, self.home.entry_id)
            self.record.write("loaded")

    async def _restart(self, fault: Fault, how: Mapping[str, Any]) -> None:
        """Kill or stop, with something under way, and start again."""
        if how["raises"]:
            self.life.spawn(self.life.raise_any())
            await asyncio.sleep(self.life.chance.uniform(0, 0.15))
        await self.stop(killed=fault is Fault.KILL)
        await asyncio.sleep(how["down"])
        await self.start()

    async def _block(self, fault: Fault, how: Mapping[str, Any]) -> None:
        """Keep the journal from being written, perhaps until the power goes."""
        kills = fault in (Fault.STALL_AND_KILL, Fault.DISK_FULL_AND_KILL)
        stalls = fault in (Fault.STALL, Fault.STALL_AND_KILL)
        block = locked(self.home.journal) if stalls else disk_full(int(self.home.hass.pid or 0))
        async with block:
            rows = await asyncio.to_thread(count_rows, self.home.journal)
            self.record.write("blocked", all_files=not stalls)
            self.life.spawn(self.life.raise_any())
            await asyncio.sleep(how["seconds"])
            written = await asyncio.to_thread(count_rows, self.home.journal) - rows
            if kills:
                await self.stop(killed=True)
        self.record.write("unblocked", written=written)
        if kills:
            await asyncio.sleep(how["down"])
            await self.start()

    async def _stalled_start(self, _fault: Fault, how: Mapping[str, Any]) -> None:
        """Start while nobody can read the journal."""
        await self.stop(killed=True)
        async with locked(self.home.journal, exclusive=True):
            self.record.write("blocked")
            starting = asyncio.create_task(self.home.hass.start())
            self.record.write("starting")
            await asyncio.sleep(how["seconds"] + 1)
        self.record.write("unblocked", written=0)
        await starting
        self.record.write("running", pid=self.home.hass.pid)
        await self.home.client.wait_running()
        self.record.write("retried", states=await self._entry_state())
        await self.wait_loaded()

    async def _entry_state(self) -> str:
        """Return how far the hub's entry is."""
        states = {entry["entry_id"]: entry["state"] for entry in await self.home.client.get(ENTRIES)}
        return str(states[self.home.entry_id])

    async def _corrupt(self, fault: Fault, how: Mapping[str, Any]) -> None:
        """Change bytes while Home Assistant is down."""
        await self.stop(killed=how["killed"])
        await asyncio.sleep(how["down"])
        path = self.home.journal if fault is Fault.CORRUPT else self.home.journal.with_name("facts.db")
        changed = await asyncio.to_thread(corrupt, path, how["damage"], how["salt"])
        self.record.write("corrupted", file=path.name, changed=changed)
        await self.start()

    def _move_clock(self, ahead: float) -> None:
        """Move the wall clock that Home Assistant sees."""
        self.home.clock.move(ahead)
        self.record.write("clock", ahead=ahead)

    async def _jump(self, fault: Fault, how: Mapping[str, Any]) -> None:
        """Move the clock while Home Assistant runs, and after a while back."""
        ahead = {Fault.CLOCK_FORWARD: HOUR, Fault.CLOCK_BACK: -HOUR}.get(fault, how.get("shows", 0) - time.time())
        self._move_clock(ahead)
        self.life.spawn(self.life.raise_any())
        self.life.spawn(self.life.push("button_1"))
        self.record.write("moved", heard=await self.home.speak(VICTIM, on=False))
        await asyncio.sleep(how["seconds"])
        self._move_clock(0.0)

    async def _boot_1970(self, _fault: Fault, how: Mapping[str, Any]) -> None:
        """Cut the power, and start with a clock that has lost the time."""
        await self.stop(killed=True)
        await asyncio.sleep(how["down"])
        self._move_clock(how["shows"] - time.time())
        await self.start()
        self.record.write("moved", heard=await self.home.speak(VICTIM, on=False))
        self.life.spawn(self.life.raise_any())
        self.life.spawn(self.life.push("button_2"))
        await asyncio.sleep(how["seconds"])
        self._move_clock(0.0)

    async def _break_ways(self, way: Way, how: Mapping[str, Any]) -> None:
        """Break the ways to some phones for a while, during which other things happen."""
        for phone_id in how["phones"]:
            self.home.relay.break_way(phone_id, way, how["delay"])
        self.life.spawn(self.life.raise_any())

        async def heal() -> None:
            await asyncio.sleep(how["seconds"])
            for phone_id in how["phones"]:
                self.home.relay.break_way(phone_id, Way.OK)

        self._healing.append(asyncio.create_task(heal()))

    async def _refuse_pushes(self, _fault: Fault, how: Mapping[str, Any]) -> None:
        """Take the push service away."""
        await self.home.relay.set_reachable(reachable=False)
        try:
            await self.life.raise_any()
            await asyncio.sleep(how["seconds"])
        finally:
            await self.home.relay.set_reachable(reachable=True)

    async def _answer_late(self, fault: Fault, how: Mapping[str, Any]) -> None:
        """Lose an answer on its way, deliver it late, or twice."""
        phone, text = await self.life.find_answer()
        match fault:
            case Fault.ANSWER_DROP:
                self.record.write("dropped", phone=phone.phone_id, text=text)
            case Fault.ANSWER_DELAY:
                self.record.write("held_back", phone=phone.phone_id, text=text)
                self.life.spawn(self._send_later(phone.phone_id, text, how["seconds"]))
            case _:
                sends = (self.home.relay.answer(phone, text, how="doubled") for _ in range(2))
                await asyncio.gather(*sends)

    async def _send_later(self, phone_id: str, text: str, seconds: float) -> None:
        """Send an answer after a while, whatever the phone shows by then."""
        await asyncio.sleep(seconds)
        await self.home.relay.answer(self.home.relay.phones[phone_id], text, how="delayed")

    async def _answer_forged(self, _fault: Fault, how: Mapping[str, Any]) -> None:
        """Send answers that nobody was given."""
        phone, text = await self.life.find_answer()
        chance = random.Random(how["salt"])  # noqa: S311 - repeatable, not secret
        prefix, alarm_id, step, answer, token = text.split("~")
        others = [key.split("~") for key in await self._known_texts() if key.split("~")[1] != alarm_id]
        forged = [
            (prefix, alarm_id, step, answer, chance.randbytes(8).hex()),
            (prefix, alarm_id, step, "taking" if answer != "taking" else "false_alarm", chance.randbytes(8).hex()),
            (prefix, alarm_id, str(int(step) + 1), answer, token),
            (prefix, "0" * 26, step, answer, token),
            (prefix, alarm_id, step, answer, ""),
            *[(prefix, alarm_id, step, "taking", other[4]) for other in others[-1:]],
        ]
        for parts in forged:
            await self.home.relay.answer(phone, "~".join(parts), how="forged")

    async def _answer_foreign(self, _fault: Fault, how: Mapping[str, Any]) -> None:
        """Send one phone's buttons from another phone."""
        phone, text = await self.life.find_answer()
        for other in self.home.relay.phones.values():
            if other is not phone:
                await self.home.relay.answer(other, text, how="foreign")

    async def _answer_replayed(self, _fault: Fault, how: Mapping[str, Any]) -> None:
        """Send again what phones were offered earlier, each from the phone that was offered it."""
        await self.life.find_answer()
        offered = await self._offered()
        for phone_id, text in self.life.chance.sample(offered, min(8, len(offered))):
            await self.home.relay.answer(self.home.relay.phones[phone_id], text, how="replayed")

    async def _known_texts(self) -> list[str]:
        """Return buttons that phones were offered, oldest first."""
        return [text for _, text in await self._offered()]

    async def _offered(self) -> list[tuple[str, str]]:
        """Return phones and the buttons they were offered so far."""
        return [
            (phone.phone_id, action["action"])
            for phone in self.home.relay.phones.values()
            for entry in phone.log
            for action in (entry.payload.get("data") or {}).get("actions", ())
            if str(action["action"]).startswith("H2O~")
        ][:KNOWN_TEXTS]

    async def _reload_entry(self, _fault: Fault, how: Mapping[str, Any]) -> None:
        """Load the hub anew while alarms are raised."""
        self.record.write("reloading")
        self.life.spawn(self.life.raise_any())
        self.life.spawn(self.life.push("button_1"))
        with suppress(HassError):
            await self.home.client.post(f"{ENTRIES}/{self.home.entry_id}/reload")
        await self.wait_loaded()
        self.record.write("reloaded")

    async def _reload_automations(self, _fault: Fault, how: Mapping[str, Any]) -> None:
        """Load the handlingsplan anew while a button is pressed."""
        self.record.write("reloading_automations")
        self.life.spawn(self.life.push("button_2"))
        with suppress(HassError):
            await self.home.client.call_service("automation", "reload")
        self.record.write("reloaded_automations")

    async def _delete(self, fault: Fault, how: Mapping[str, Any]) -> None:
        """Delete the victim's entity, or its device."""
        entity_id = self.home.entities[VICTIM]
        entries = await self.home.client.ws_command("config/entity_registry/list")
        found = [entry for entry in entries if entry["entity_id"] == entity_id]
        if found and fault is Fault.DELETE_ENTITY:
            await self.home.client.ws_command("config/entity_registry/remove", entity_id=entity_id)
        elif found:
            device, entry = found[0]["device_id"], found[0]["config_entry_id"]
            await self.home.client.ws_command(
                "config/device_registry/remove_config_entry", device_id=device, config_entry_id=entry
            )
        states = {state["entity_id"] for state in await self.home.client.get("/api/states")}
        self.record.write("deleted", found=len(found), gone=entity_id not in states)

    async def _flood(self, _fault: Fault, how: Mapping[str, Any]) -> None:
        """Raise a thousand alarms at once: many rules, and the same rules again and again."""
        self.record.write("flooding")
        gate = asyncio.Semaphore(20)

        async def one(number: int) -> None:
            async with gate:
                unique = number < how["unique"]
                rule = f"flood_{number}" if unique else f"flooded_{number % 5}"
                await self.life.raise_alarm(rule=rule, alarm_type="door" if unique else "passivity")

        await asyncio.gather(*(one(number) for number in range(how["raises"])))
        self.record.write("flooded")


type Play = Callable[[Player, Fault, Mapping[str, Any]], Awaitable[None]]

# ruff: noqa: SLF001 - the table of the class's own ways
_PLAYS: Mapping[Fault, Play] = {
    Fault.KILL: Player._restart,
    Fault.TERMINATE: Player._restart,
    Fault.STALL: Player._block,
    Fault.STALL_AND_KILL: Player._block,
    Fault.STALLED_START: Player._stalled_start,
    Fault.DISK_FULL: Player._block,
    Fault.DISK_FULL_AND_KILL: Player._block,
    Fault.CORRUPT: Player._corrupt,
    Fault.CORRUPT_FACTS: Player._corrupt,
    Fault.CLOCK_FORWARD: Player._jump,
    Fault.CLOCK_BACK: Player._jump,
    Fault.CLOCK_1970: Player._jump,
    Fault.BOOT_1970: Player._boot_1970,
    Fault.PUSH_REFUSED: Player._refuse_pushes,
    Fault.ANSWER_DROP: Player._answer_late,
    Fault.ANSWER_DELAY: Player._answer_late,
    Fault.ANSWER_DOUBLE: Player._answer_late,
    Fault.ANSWER_FORGED: Player._answer_forged,
    Fault.ANSWER_FOREIGN: Player._answer_foreign,
    Fault.ANSWER_REPLAY: Player._answer_replayed,
    Fault.RELOAD_ENTRY: Player._reload_entry,
    Fault.RELOAD_AUTOMATIONS: Player._reload_automations,
    Fault.DELETE_ENTITY: Player._delete,
    Fault.DELETE_DEVICE: Player._delete,
    Fault.FLOOD: Player._flood,
}
