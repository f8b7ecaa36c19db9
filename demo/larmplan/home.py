"""A home with three radios: ZHA, Z-Wave and MQTT in one real Home Assistant, each set up by its own config flow."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
import json
from pathlib import Path
from typing import Any

from demo import cast
from demo.hass import HassClient, HassProcess
from demo.hass.devices import FoundDevice, async_wait_for_device
from demo.home import set_up_integration, settle, start_with_phones
from demo.mqtt import Broker, MqttHome
from demo.mqtt.setup import async_set_up_mqtt
from demo.phones import PhoneServer, VirtualPhone
from demo.zigbee import SimulatedRadio
from demo.zigbee.setup import async_pair, async_set_up_zha
from demo.zwave import SimulatedNetwork
from demo.zwave.setup import async_set_up_zwave

from . import plan
from .devices import MQTT_DEVICES, PLACES, SOS, TERRACE_DOOR, ZIGBEE_DEVICES, Radio

PIR_HOLD = 0.5
"""Seconds that a motion sensor stays on."""
STATE_TIMEOUT = 10.0
_POLL = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class RadioPorts:
    """Where the home listens, on loopback only; a home that is opened again needs the same ones."""

    hass: int
    phones: int
    zigbee: int
    zwave: int
    mqtt: int


@dataclass(frozen=True, kw_only=True, slots=True)
class FullHome:
    """A running home with everything in it."""

    hass: HassProcess
    client: HassClient
    zigbee: SimulatedRadio
    zwave: SimulatedNetwork
    mqtt: MqttHome
    phones: Mapping[str, VirtualPhone]
    brukare_id: str
    """The brukare's device in Home Assistant."""
    devices: Mapping[str, FoundDevice]
    """Every device of `PLACES`, by its name."""

    def entity(self, name: str) -> str:
        """Return the entity of a device that matters; KeyError if it has none."""
        return self.devices[name].entity_ids[str(PLACES[name].platform)]

    async def state_of(self, name: str) -> str:
        """Return what Home Assistant shows of a device."""
        return str((await self.client.get(f"/api/states/{self.entity(name)}"))["state"])

    async def wait_state(self, name: str, state: str) -> None:
        """Wait until Home Assistant shows a state; TimeoutError after ten seconds."""
        async with asyncio.timeout(STATE_TIMEOUT):
            while await self.state_of(name) != state:  # noqa: ASYNC110 - a look costs less than a subscription
                await asyncio.sleep(_POLL)

    async def wait_available(self, *names: str) -> None:
        """Wait until Home Assistant shows devices again; TimeoutError after half a minute."""
        for name in names:
            await async_wait_for_device(self.client, name, str(PLACES[name].platform))

    async def turn(self, name: str, *, on: bool) -> None:
        """Let a sensor or a plug report on or off, over its own radio."""
        match PLACES[name].radio, PLACES[name].platform:
            case Radio.MQTT, _:
                await self.mqtt.set_state(name, on)
            case Radio.ZIGBEE, "switch":
                await self.zigbee.switch(name, on)
            case Radio.ZIGBEE, _:
                await self.zigbee.set_zone(name, on)
            case _ if name == TERRACE_DOOR:
                await self.zwave.set_door(on)
            case _:
                await self.zwave.set_smoke(on)

    async def rest(self, *names: str) -> None:
        """Let sensors report that nothing is the matter, and wait until Home Assistant has heard it."""
        for name in names:
            await self.turn(name, on=False)
        for name in names:
            await self.wait_state(name, "off")

    async def save(self, rule_id: str, **changed: Any) -> None:
        """Save a rule with some inputs changed, as the editor does; returns when it is loaded."""
        rule = plan.make_plan(self.brukare_id, self.devices)[rule_id]
        loaded = asyncio.Event()
        end = await self.client.subscribe_events("automation_reloaded", lambda _event: loaded.set())
        await self.client.save_automation(rule_id, rule.config(**changed))
        # The editor's request is answered before the rule is loaded.
        async with asyncio.timeout(STATE_TIMEOUT):
            await loaded.wait()
        await end()

    async def move(self, name: str) -> None:
        """Let somebody move before a sensor; returns when it has gone off again."""
        await self.turn(name, on=True)
        await asyncio.sleep(PIR_HOLD)
        await self.turn(name, on=False)


@asynccontextmanager
async def open_full_home(folder: Path, ports: RadioPorts, pace: cast.Pace) -> AsyncGenerator[FullHome]:
    """Start a home with three radios, and set it up if it is new; ends everything it started."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        zigbee = SimulatedRadio(ZIGBEE_DEVICES, port=ports.zigbee, state_path=folder / "radio.json")
        zwave = SimulatedNetwork(port=ports.zwave)
        broker = Broker(port=ports.mqtt)
        mqtt = MqttHome(broker, MQTT_DEVICES)
        for simulation in (zigbee, zwave, broker, mqtt):
            await simulation.start()
            stack.push_async_callback(simulation.stop)
        hass = HassProcess(folder / "config", ports.hass)
        phones = PhoneServer(cast.make_phones(), store=folder / "phones.json", port=ports.phones)
        client = await start_with_phones(stack, hass, phones)
        if not (folder / "home.json").exists():
            await _set_up_radios(client, zigbee, zwave, broker)
            brukare_id = await set_up_integration(client, phones, pace)
            devices = await _find_devices(client)
            # Whoever mounts a button presses it: from then on Zigbee2MQTT has told Home Assistant of it.
            await mqtt.press(SOS)
            for rule_id, rule in plan.make_plan(brukare_id, devices).items():
                await client.save_automation(rule_id, rule.config())
            await asyncio.to_thread((folder / "home.json").write_text, json.dumps({"brukare_id": brukare_id}))
            await settle(hass, client)
        facts = json.loads(await asyncio.to_thread((folder / "home.json").read_text))
        yield FullHome(
            hass=hass,
            client=client,
            zigbee=zigbee,
            zwave=zwave,
            mqtt=mqtt,
            phones=phones.phones,
            devices=await _find_devices(client),
            **facts,
        )


async def _set_up_radios(client: HassClient, zigbee: SimulatedRadio, zwave: SimulatedNetwork, broker: Broker) -> None:
    """Set up the three radios, each through its own config flow, and pair what has to be paired."""
    await async_set_up_zha(client, zigbee)
    await async_pair(client, zigbee, [device.name for device in ZIGBEE_DEVICES])
    await async_set_up_zwave(client, zwave)
    await async_set_up_mqtt(client, broker)


async def _find_devices(client: HassClient) -> Mapping[str, FoundDevice]:
    """Return every device, once it has its entity."""
    return {
        name: await async_wait_for_device(client, name, *([place.platform] if place.platform else []))
        for name, place in PLACES.items()
    }
