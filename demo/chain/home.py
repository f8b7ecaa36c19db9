"""Home Assistant with many phones and no sensors; alarms are raised by the action that every blueprint ends in."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from demo import cast
from demo.hass import Account, HassClient, HassProcess
from demo.hass.devices import async_wait_for_device
from demo.home import set_up_hub, settle, start_with_phones, wait_for_brukare
from demo.phones import PhoneOS, PhoneServer, VirtualPhone

STAFF, RESERVE, BOSS = "Hemtjänst", "Reserv", "Larmansvarig"
SMS = "persistent_notification"
"""The notify service that stands for SMS: plain text without buttons, as an SMS modem's, and it can be looked at."""
SMS_NUMBER = "070-174 06 50"
NUMBERS = (
    "070-174 06 05",
    "070-174 06 06",
    "070-174 06 07",
    "070-174 06 08",
    "070-174 06 09",
    "070-174 06 10",
    "070-174 06 11",
    "070-174 06 12",
    "070-174 06 13",
    "070-174 06 14",
    "070-174 06 15",
    "070-174 06 16",
    "070-174 06 17",
    "070-174 06 18",
    "070-174 06 19",
    "070-174 06 20",
    "070-174 06 21",
    "070-174 06 22",
    "070-174 06 23",
    "070-174 06 24",
)
"""Of the phones on duty."""
PHONES = len(NUMBERS)
PACE = cast.Pace(level=timedelta(seconds=40))


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainPorts:
    """Where the demo listens, on loopback only."""

    hass: int
    phones: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainHome:
    """A running home."""

    hass: HassProcess
    client: HassClient
    phones: Mapping[str, VirtualPhone]
    brukare_id: str
    """The brukare's device in Home Assistant."""
    entry_id: str
    pushes: list[str]
    """Everything that was ever pushed to a phone, as text."""

    def group(self, name: str) -> list[VirtualPhone]:
        """Return the phones of a group, in order."""
        return [phone for phone in self.phones.values() if phone.group == name]

    def login(self, phone: VirtualPhone) -> HassClient:
        """Return a client of the phone's user, to be entered by the caller."""
        return self.client.login(Account(phone.name, phone.user, phone.user))


def make_phones() -> list[VirtualPhone]:
    """Return the phones: every second one of the staff's cannot confirm what it shows."""
    kinds = (PhoneOS.ANDROID, PhoneOS.IOS)
    staff = [
        VirtualPhone(f"htj{place + 1}", f"{place + 1} {STAFF}", group=STAFF, os=kinds[place % 2], number=NUMBERS[place])
        for place in range(PHONES)
    ]
    return [
        *staff,
        VirtualPhone("res1", f"1 {RESERVE}", group=RESERVE, os=PhoneOS.ANDROID, number="070-174 06 40"),
        VirtualPhone("res2", f"2 {RESERVE}", group=RESERVE, os=PhoneOS.IOS, number="070-174 06 41"),
        VirtualPhone("larmansvarig", BOSS, group=BOSS, os=PhoneOS.ANDROID, number="070-174 06 45"),
    ]


@asynccontextmanager
async def open_chain_home(folder: Path, ports: ChainPorts) -> AsyncGenerator[ChainHome]:
    """Start a new home and set it up; ends everything it started."""
    async with AsyncExitStack() as stack:
        hass = HassProcess(folder / "config", ports.hass)
        server = PhoneServer(make_phones(), store=folder / "phones.json", port=ports.phones)
        pushes: list[str] = []
        server.subscribe(lambda _phone, entry: pushes.append(str(dict(entry.payload))))
        client = await start_with_phones(stack, hass, server)
        entry_id = await _set_up(client, server)
        await settle(hass, client)
        brukare = await async_wait_for_device(client, cast.BRUKARE["code"], "sensor", "todo")
        # What must not be in the log is looked for in all that the integration can write there.
        await client.call_service("logger", "set_level", {"custom_components.homecare_h2o": "debug"})
        yield ChainHome(
            hass=hass,
            client=client,
            phones=server.phones,
            brukare_id=brukare.device_id,
            entry_id=entry_id,
            pushes=pushes,
        )


async def _set_up(client: HassClient, server: PhoneServer) -> str:
    """Set up the integration through its own flows; return its entry."""
    devices = await client.ws_command("config/device_registry/list")
    entries = {str(device["id"]): str(device["config_entry_id"]) for device in devices}
    groups = [_group_input(name, server, entries) for name in (STAFF, RESERVE, BOSS)]
    entry_id = await set_up_hub(client, groups, PACE)
    await wait_for_brukare(client)
    return entry_id


def _group_input(name: str, server: PhoneServer, entries: Mapping[str, str]) -> Mapping[str, Any]:
    """Return what a person writes in the form of a receiver group: its phones, and each one's number."""
    phones = [phone for phone in server.phones.values() if phone.group == name]
    numbers = [{"phone": f"app:{entries[str(phone.hass_device_id)]}", "number": str(phone.number)} for phone in phones]
    written: dict[str, Any] = {
        "name": name,
        "role": {STAFF: "staff", RESERVE: "backup", BOSS: "larmansvarig"}[name],
        "all_day": True,
        "phones": [phone.hass_device_id for phone in phones],
    }
    if name == RESERVE:
        written["notify_services"] = [SMS]
        numbers.append({"phone": f"service:{SMS}", "number": SMS_NUMBER})
    return {**written, "numbers": numbers}
