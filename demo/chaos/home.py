"""A home for a run: made once as a mould, copied for each run, so that a run begins with everything set up."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
import json
from pathlib import Path
import shutil
import struct
from typing import Any

import aiohttp

from demo import cast
from demo.hass import HassClient, HassProcess
from demo.hass.devices import async_wait_for_device
from demo.home import ENTRIES
from demo.phones import PhoneOS, PhoneServer, VirtualPhone

from .record import Record
from .relay import ChaosRelay

HERE = Path(__file__).resolve().parent
DEVICES = "chaos_home.json"
URGENT, NORMAL = cast.Pace(level=timedelta(seconds=5)), cast.Pace(level=timedelta(seconds=15))
GROUPS = (
    cast.Group(name="Hemtjänst", role="staff", phones=("htj1", "htj2")),
    cast.Group(name="Reserv", role="backup", phones=("res1",)),
    cast.Group(name="Larmansvarig", role="larmansvarig", phones=("boss",)),
)
LINES = {
    "leak_1": ("leak", 0),
    "leak_2": ("leak", 1),
    "leak_3": ("leak", 0),
    "smoke_1": ("fire", 1),
}
"""Lines of the handlingsplan by sensor: blueprint and seconds of persistence."""
BUTTONS = ("button_1", "button_2")


def make_phones() -> list[VirtualPhone]:
    """Return the phones: two on duty, of which one cannot confirm, a reserve and the larmansvarig."""
    kinds = {"htj1": PhoneOS.ANDROID, "htj2": PhoneOS.IOS, "res1": PhoneOS.ANDROID, "boss": PhoneOS.ANDROID}
    groups = {phone_id: group.name for group in GROUPS for phone_id in group.phones}
    return [VirtualPhone(phone_id, phone_id, group=groups[phone_id], os=os) for phone_id, os in kinds.items()]


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a run lives, and where it listens on loopback."""

    folder: Path
    hass_port: int
    phones_port: int

    @property
    def config(self) -> Path:
        """Home Assistant's configuration folder."""
        return self.folder / "config"


class Clock:
    """The wall clock that Home Assistant sees, in seconds ahead of the true one."""

    def __init__(self, path: Path) -> None:
        """Begin with the true time."""
        self.path = path
        self.ahead = 0.0
        path.write_bytes(struct.pack("<d", 0.0))

    def move(self, ahead: float) -> None:
        """Move the clock; the file is written in place, for the process has it mapped."""
        self.ahead = ahead
        with self.path.open("r+b") as file:
            file.write(struct.pack("<d", ahead))


@dataclass(frozen=True, kw_only=True, slots=True)
class ChaosHome:
    """A home in a run."""

    place: Place
    hass: HassProcess
    client: HassClient
    relay: ChaosRelay
    clock: Clock
    record: Record
    session: aiohttp.ClientSession
    brukare_id: str
    entry_id: str
    phone_ids: Mapping[str, str]
    """The phones' ids in the journal, by ours."""
    entities: Mapping[str, str]
    devices: dict[str, bool] = field(default_factory=dict)
    """What the sensors show."""

    @property
    def journal(self) -> Path:
        """The journal's file."""
        return self.place.config / "homecare_h2o" / self.entry_id / "journal.db"

    async def speak(self, name: str, *, on: bool) -> dict[str, Any] | None:
        """Let a sensor show something, or a button be pressed; return what was heard, None if nobody listened."""
        if name not in BUTTONS:
            self.devices[name] = on
            text = json.dumps(self.devices)
            await asyncio.to_thread((self.place.config / DEVICES).write_text, text)
        url = f"http://127.0.0.1:{self.place.hass_port}/api/chaos_home"
        try:
            async with self.session.post(url, json={"name": name, "on": on}) as response:
                heard: dict[str, Any] = await response.json()
                return heard if response.status == 200 else None
        except aiohttp.ClientError, TimeoutError:
            return None


def _hass(place: Place) -> HassProcess:
    """Return a Home Assistant with the devices and the movable clock."""
    link = place.config / "custom_components" / "chaos_home"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(HERE / "device" / "chaos_home", target_is_directory=True)
    hass = HassProcess(place.config, place.hass_port)
    hass.environment = {"PYTHONPATH": str(HERE / "clock"), "HOMECARE_CLOCK": str(place.folder / "clock")}
    return hass


async def make_mould(place: Place) -> None:
    """Set a home up through its own flows, and stop it: every run begins with a copy."""
    Clock(place.folder / "clock")
    hass = _hass(place)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(hass.stop)
        await hass.start()
        client = await stack.enter_async_context(hass.client())
        server = PhoneServer(make_phones(), store=place.folder / "phones.json", port=place.phones_port)
        await stack.enter_async_context(server)
        await server.enrol(client)
        await client.run_config_flow("chaos_home")
        facts = await _set_up(client, server)
        facts["relay"] = server.url
        await asyncio.to_thread((place.folder / "home.json").write_text, json.dumps(facts))
        # What Home Assistant saves late is saved now; what the integration notes a moment after a change, too.
        await asyncio.sleep(1)


async def _set_up(client: HassClient, server: PhoneServer) -> dict[str, Any]:
    """Set up the integration and the automations."""
    groups = [_group_input(group, server) for group in GROUPS]
    first, *others = groups
    flow = await client.run_config_flow("homecare_h2o", {"serial_number": cast.SERIAL_NUMBER}, cast.BRUKARE, first)
    entry_id = str(flow["result"]["entry_id"])
    for group in others:
        await client.run_subentry_flow(entry_id, "receiver_group", group)
    for priority, pace in (("urgent", URGENT), ("normal", NORMAL)):
        await client.run_options_flow(entry_id, {"next_step_id": priority}, cast.plan(pace))
    await wait_loaded(client, entry_id)
    brukare = await async_wait_for_device(client, cast.BRUKARE["code"], "sensor")
    entities = {}
    for name in (*LINES, *BUTTONS):
        platform = "event" if name in BUTTONS else "binary_sensor"
        entities[name] = (await async_wait_for_device(client, name, platform)).entity_ids[platform]
        await client.save_automation(name, _automation(name, brukare.device_id, entities[name]))
    devices = await client.ws_command("config/device_registry/list")
    entries = {str(device["id"]): f"app:{device['config_entry_id']}" for device in devices}
    return {
        "brukare_id": brukare.device_id,
        "entry_id": entry_id,
        "entities": entities,
        "phone_ids": {phone_id: entries[str(phone.hass_device_id)] for phone_id, phone in server.phones.items()},
    }


def _automation(name: str, brukare_id: str, entity_id: str) -> Mapping[str, object]:
    """Return the line of the handlingsplan for a sensor or a button."""
    target = {"entity_id": [entity_id]}
    if name in BUTTONS:
        return cast.automation(name, "safety_button", {"brukare": brukare_id, "button": target})
    blueprint, seconds = LINES[name]
    inputs = {"brukare": brukare_id, "sensors": target, "persistence": {"seconds": seconds}}
    return cast.automation(name, blueprint, inputs)


def _group_input(group: cast.Group, server: PhoneServer) -> Mapping[str, Any]:
    """Return what a person writes in the form of a receiver group."""
    phones = [server.phones[phone_id].hass_device_id for phone_id in group.phones]
    return {"name": group.name, "role": group.role, "all_day": True, "phones": phones}


async def wait_loaded(client: HassClient, entry_id: str) -> None:
    """Wait until the integration is loaded; the caller sets no limit longer than thirty seconds."""
    async with asyncio.timeout(30):
        while True:
            states = {entry["entry_id"]: entry["state"] for entry in await client.get(ENTRIES)}
            if states[entry_id] == "loaded":
                return
            await asyncio.sleep(0.1)


def _move_relay(place: Place, before: str) -> None:
    """Write the address at which this run's phones are pushed to into what Home Assistant has stored of them."""
    path = place.config / ".storage" / "core.config_entries"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(f"{before}/push", f"http://127.0.0.1:{place.phones_port}/push"), encoding="utf-8")


@asynccontextmanager
async def open_home(mould: Path, place: Place) -> AsyncGenerator[ChaosHome]:
    """Start a copy of the mould; ends everything it started."""
    await asyncio.to_thread(shutil.copytree, mould, place.folder, symlinks=True, dirs_exist_ok=True)
    facts = json.loads(await asyncio.to_thread((place.folder / "home.json").read_text))
    # A phone's new address is saved a second late, and lost by a power cut before that.
    await asyncio.to_thread(_move_relay, place, facts.pop("relay"))
    clock = Clock(place.folder / "clock")
    async with AsyncExitStack() as stack:
        record = Record(place.folder / "run.jsonl")
        stack.callback(record.close)
        hass = _hass(place)
        stack.push_async_callback(hass.stop)
        record.write("home", **facts)
        record.write("starting")
        await hass.start()
        record.write("running", pid=hass.pid)
        client = await stack.enter_async_context(hass.client())
        relay = ChaosRelay(make_phones(), record, store=place.folder / "phones.json", port=place.phones_port)
        await stack.enter_async_context(relay)
        await relay.enrol(client)
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)))
        yield ChaosHome(
            place=place, hass=hass, client=client, relay=relay, clock=clock, record=record, session=session, **facts
        )
