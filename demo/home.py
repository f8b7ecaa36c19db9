"""A home with everything in it: radio, Home Assistant, phones; set up the way a person would."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
import json
from pathlib import Path
from typing import Any

from demo import cast
from demo.hass import HassClient, HassProcess
from demo.phones import PhoneServer, VirtualPhone
from demo.zigbee import SimulatedRadio
from demo.zigbee.setup import async_pair, async_set_up_zha

ENTRIES = "/api/config/config_entries/entry"
PIR_HOLD = 1.0
"""Seconds that a motion sensor stays on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ports:
    """Where the demo listens, on loopback only."""

    hass: int
    phones: int
    radio: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Home:
    """A running home."""

    hass: HassProcess
    client: HassClient
    radio: SimulatedRadio
    phones: Mapping[str, VirtualPhone]
    brukare_id: str
    """The brukare's device in Home Assistant."""
    sensors: Sequence[str]
    """The motion sensors' entities."""

    async def move(self, sensor: str) -> None:
        """Let somebody move before a sensor."""
        await self.radio.set_zone(sensor, active=True)
        await asyncio.sleep(PIR_HOLD)
        await self.radio.set_zone(sensor, active=False)

    async def press_button(self) -> None:
        """Press the safety button."""
        await self.radio.press(cast.BUTTON)


@asynccontextmanager
async def open_home(folder: Path, ports: Ports, pace: cast.Pace, *, extra: str = "") -> AsyncGenerator[Home]:
    """Start a home, and set it up if it is new; ends everything it started. ``extra`` ends configuration.yaml."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        radio = SimulatedRadio(cast.DEVICES, port=ports.radio, state_path=folder / "radio.json")
        await radio.start()
        stack.push_async_callback(radio.stop)
        hass = HassProcess(folder / "config", ports.hass, extra=extra)
        phones = PhoneServer(cast.make_phones(), store=folder / "phones.json", port=ports.phones)
        client = await start_with_phones(stack, hass, phones)
        if not (folder / "home.json").exists():
            await _set_up(folder, client, radio, phones, pace)
            await settle(hass, client)
        facts = json.loads(await asyncio.to_thread((folder / "home.json").read_text))
        yield Home(hass=hass, client=client, radio=radio, phones=phones.phones, **facts)


async def start_with_phones(stack: AsyncExitStack, hass: HassProcess, phones: PhoneServer) -> HassClient:
    """Start Home Assistant and bring the phones into service; the stack ends both. Returns the owner's client."""
    stack.push_async_callback(hass.stop)
    await hass.start()
    client = await stack.enter_async_context(hass.client())
    await stack.enter_async_context(phones)
    await phones.enrol(client)
    return client


async def settle(hass: HassProcess, client: HassClient) -> None:
    """Start again: Home Assistant saves its registries late, and after a clean stop a power cut finds all in place."""
    await hass.stop()
    await hass.start()
    await client.wait_running()


async def _set_up(
    folder: Path, client: HassClient, radio: SimulatedRadio, phones: PhoneServer, pace: cast.Pace
) -> None:
    """Set up the radio, the integration and the automations, each through its own flow."""
    await async_set_up_zha(client, radio)
    paired = await async_pair(client, radio, [device.name for device in cast.DEVICES])
    brukare_id = await set_up_integration(client, phones, pace)
    await client.save_automation("trygghetslarm", cast.button_automation(brukare_id, paired[cast.BUTTON].device_id))
    sensors = [paired[name].entity_id for name in (cast.BEDROOM, cast.HALL)]
    await client.save_automation("passivitet", cast.passivity_automation(brukare_id, sensors))
    facts = json.dumps({"brukare_id": brukare_id, "sensors": sensors})
    await asyncio.to_thread((folder / "home.json").write_text, facts)


async def set_up_integration(
    client: HassClient, phones: PhoneServer, pace: cast.Pace, brukare: Mapping[str, str] = cast.BRUKARE
) -> str:
    """Set up the integration for the demo's groups through its own flows; return the brukare's device."""
    await set_up_hub(client, [_group_input(group, phones) for group in cast.GROUPS], pace, brukare)
    return await wait_for_brukare(client)


async def set_up_hub(
    client: HassClient,
    groups: Sequence[Mapping[str, Any]],
    pace: cast.Pace,
    brukare: Mapping[str, str] = cast.BRUKARE,
) -> str:
    """Go through the integration's own flows; return its entry, which is then loaded anew with its settings."""
    first, *others = groups
    flow = await client.run_config_flow("homecare_h2o", {"serial_number": cast.SERIAL_NUMBER}, brukare, first)
    entry_id = str(flow["result"]["entry_id"])
    for group in others:
        await client.run_subentry_flow(entry_id, "receiver_group", group)
    for priority in ("normal", "urgent"):
        await client.run_options_flow(entry_id, {"next_step_id": priority}, cast.plan(pace))
    return entry_id


async def wait_for_brukare(client: HassClient) -> str:
    """Return the brukare's device, once the integration is loaded with its new settings."""
    async with asyncio.timeout(30):
        while True:
            entries = {entry["domain"]: entry for entry in await client.get(ENTRIES)}
            devices = await client.ws_command("config/device_registry/list")
            found = [str(device["id"]) for device in devices if device["name"] == cast.BRUKARE["code"]]
            if found and entries["homecare_h2o"]["state"] == "loaded":
                return found[0]
            await asyncio.sleep(0.2)


def _group_input(group: cast.Group, phones: PhoneServer) -> Mapping[str, Any]:
    """Return what a person writes in the form of a receiver group."""
    hours = {"duty_from": group.duty_from, "duty_to": group.duty_to} if group.duty_from else {}
    return {
        "name": group.name,
        "role": group.role,
        "all_day": not hours,
        "phones": [phones.phones[phone_id].hass_device_id for phone_id in group.phones],
        **hours,
    }
