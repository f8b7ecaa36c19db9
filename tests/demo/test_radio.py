"""The simulated radio against the ZHA library that Home Assistant uses, without Home Assistant."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from zha.application.const import ZHA_EVENT, RadioType  # type: ignore[import-untyped]
from zha.application.gateway import Gateway  # type: ignore[import-untyped]
from zha.application.helpers import (  # type: ignore[import-untyped]
    CoordinatorConfiguration,
    QuirksConfiguration,
    ZHAConfiguration,
    ZHAData,
)
import zigpy.types as t
from zigpy.zcl.clusters.general import OnOff

from demo.zigbee import (
    DeviceKind,
    DeviceNotJoinedError,
    DeviceSpec,
    SimulatedRadio,
    UnknownDeviceError,
    UnsupportedActionError,
)
from demo.zigbee.zcl import is_enrolled

from .in_process import until

pytestmark = pytest.mark.usefixtures("socket_enabled")

SPECS = [DeviceSpec(name=kind.value, kind=kind, battery_percent=80) for kind in DeviceKind]
ON_OFF = (OnOff.cluster_id, OnOff.AttributeDefs.on_off.id)
ZONES = {
    DeviceKind.MOTION: "motion",
    DeviceKind.CONTACT: "opening",
    DeviceKind.SMOKE: "smoke",
    DeviceKind.WATER: "moisture",
    DeviceKind.EMERGENCY_ZONE: None,
}


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Allow zigpy's timer that gives a joining device five seconds to announce itself."""
    return True


@pytest.fixture
def expected_lingering_tasks() -> bool:
    """Allow zigpy to be cut off while it acknowledges a press."""
    return True


@pytest.fixture
async def radio() -> AsyncIterator[SimulatedRadio]:
    simulated = SimulatedRadio(SPECS)
    await simulated.start()
    yield simulated
    await simulated.stop()


@pytest.fixture
async def gateway(radio: SimulatedRadio, tmp_path: Path) -> AsyncIterator[Gateway]:
    async with running_gateway(radio, tmp_path) as running:
        yield running


@asynccontextmanager
async def running_gateway(radio: SimulatedRadio, tmp_path: Path) -> AsyncIterator[Gateway]:
    """Run ZHA, with its database in a file as in Home Assistant."""
    coordinator = CoordinatorConfiguration(path=radio.url, radio_type=RadioType.ziggurat.name, flow_control=None)
    config = ZHAConfiguration(
        coordinator_configuration=coordinator, quirks_configuration=QuirksConfiguration(enabled=False)
    )
    database = {"database_path": str(tmp_path / "zigbee.db")}
    running = await Gateway.async_from_config(ZHAData(config=config, zigpy_config=database))
    await running.async_initialize()
    await running.async_initialize_devices_and_entities()
    try:
        yield running
    finally:
        await running.shutdown()


async def pair(gateway: Gateway, radio: SimulatedRadio, name: str) -> Any:
    """Let a device join, and return it once ZHA has set it up."""
    await gateway.application_controller.permit(60)
    await radio.join(name)
    ieee = t.EUI64.convert(radio.devices[name].ieee)
    return await until(lambda: (device := gateway.devices.get(ieee)) and device.platform_entities and device)


def entity(device: Any, platform: str) -> Any:
    """Return a device's only entity of a platform."""
    (found,) = (item for (key, _), item in device.platform_entities.items() if key == platform)
    return found


def presses(device: Any) -> list[str]:
    """Return a list that grows with the commands that a remote sends."""
    heard: list[str] = []
    device.on_event(ZHA_EVENT, lambda event: heard.append(event.data["command"]))
    return heard


@pytest.mark.parametrize(("kind", "device_class"), ZONES.items())
async def test_zone_is_interviewed_and_reports(
    gateway: Gateway, radio: SimulatedRadio, kind: DeviceKind, device_class: str | None
) -> None:
    device = await pair(gateway, radio, kind)
    sensor = entity(device, "binary_sensor")
    assert sensor.device_class == device_class
    assert not sensor.is_on

    await until(lambda: is_enrolled(radio.devices[kind]))
    await radio.set_zone(kind, True)
    await until(lambda: sensor.is_on)
    await radio.set_zone(kind, False)
    await until(lambda: not sensor.is_on)


async def test_battery_is_read_and_reported(gateway: Gateway, radio: SimulatedRadio) -> None:
    device = await pair(gateway, radio, DeviceKind.MOTION)
    (battery,) = (item for item in device.platform_entities.values() if item.device_class == "battery")
    assert battery.native_value == 80

    seen = device.last_seen
    await radio.report_battery(DeviceKind.MOTION)
    await until(lambda: device.last_seen > seen)


async def test_remote_sends_an_event_per_press(gateway: Gateway, radio: SimulatedRadio) -> None:
    device = await pair(gateway, radio, DeviceKind.REMOTE)
    heard = presses(device)
    await radio.press(DeviceKind.REMOTE)
    await radio.press(DeviceKind.REMOTE)
    await until(lambda: heard.count("on") == 2)


async def test_pendant_triggers_an_alarm_panel(gateway: Gateway, radio: SimulatedRadio) -> None:
    panel = entity(await pair(gateway, radio, DeviceKind.PENDANT), "alarm_control_panel")
    assert panel.alarm_state == "disarmed"
    await radio.press(DeviceKind.PENDANT)
    await until(lambda: panel.alarm_state == "triggered")


async def test_emergency_zone_trips_and_restores_with_a_press(gateway: Gateway, radio: SimulatedRadio) -> None:
    device = await pair(gateway, radio, DeviceKind.EMERGENCY_ZONE)
    sensor = entity(device, "binary_sensor")
    await until(lambda: is_enrolled(radio.devices[DeviceKind.EMERGENCY_ZONE]))
    pressing = asyncio.create_task(radio.press(DeviceKind.EMERGENCY_ZONE))
    await until(lambda: sensor.is_on)
    await pressing
    await until(lambda: not sensor.is_on)


async def test_plug_is_switched_from_both_sides_and_measures(gateway: Gateway, radio: SimulatedRadio) -> None:
    device = await pair(gateway, radio, DeviceKind.PLUG)
    assert device.is_router
    plug = entity(device, "switch")
    (power,) = (item for item in device.platform_entities.values() if item.device_class == "power")

    await plug.async_turn_on()
    await radio.set_power(DeviceKind.PLUG, 1500)
    await until(lambda: power.native_value == 1500)
    assert plug.is_on
    assert radio.devices[DeviceKind.PLUG].attributes[ON_OFF].value == 1

    await radio.switch(DeviceKind.PLUG, False)
    await until(lambda: not plug.is_on)
    await plug.async_turn_on()
    await plug.async_turn_off()
    assert radio.devices[DeviceKind.PLUG].attributes[ON_OFF].value == 0


async def test_join_waits_until_joining_is_permitted(gateway: Gateway, radio: SimulatedRadio) -> None:
    joining = asyncio.create_task(radio.join(DeviceKind.MOTION))
    await gateway.application_controller.permit(0)
    await asyncio.sleep(0.05)
    assert not radio.devices[DeviceKind.MOTION].joined

    await gateway.application_controller.permit(60)
    await joining
    assert radio.devices[DeviceKind.MOTION].joined


async def test_removed_device_leaves_and_can_join_again(gateway: Gateway, radio: SimulatedRadio) -> None:
    device = await pair(gateway, radio, DeviceKind.CONTACT)
    await gateway.async_remove_device(device.ieee)
    await until(lambda: not radio.devices[DeviceKind.CONTACT].joined)

    again = await pair(gateway, radio, DeviceKind.CONTACT)
    assert again.ieee == device.ieee


async def test_mesh_outlives_zha(radio: SimulatedRadio, tmp_path: Path) -> None:
    async with running_gateway(radio, tmp_path) as first:
        await pair(first, radio, DeviceKind.REMOTE)
        pan_id = first.state.network_info.pan_id
    await radio.press(DeviceKind.REMOTE)  # Lost: nobody listens.

    async with running_gateway(radio, tmp_path) as second:
        assert second.state.network_info.pan_id == pan_id
        (device,) = (item for item in second.devices.values() if not item.is_coordinator)
        heard = presses(device)
        await radio.press(DeviceKind.REMOTE)
        await until(lambda: "on" in heard)


async def test_mesh_outlives_the_simulator(tmp_path: Path) -> None:
    state_path = tmp_path / "radio.json"
    before = SimulatedRadio(SPECS, state_path=state_path)
    await before.start()
    async with running_gateway(before, tmp_path) as first:
        await pair(first, before, DeviceKind.MOTION)
        pan_id = first.state.network_info.pan_id
        await until(lambda: is_enrolled(before.devices[DeviceKind.MOTION]))
    await before.stop()

    after = SimulatedRadio(SPECS, state_path=state_path)
    await after.start()
    assert [name for name, device in after.devices.items() if device.joined] == [DeviceKind.MOTION]
    async with running_gateway(after, tmp_path) as second:
        assert second.state.network_info.pan_id == pan_id
        (device,) = (item for item in second.devices.values() if not item.is_coordinator)
        await after.set_zone(DeviceKind.MOTION, True)
        await until(lambda: entity(device, "binary_sensor").is_on)
    await after.stop()


async def test_refusals_say_why(radio: SimulatedRadio) -> None:
    with pytest.raises(UnknownDeviceError, match="attic"):
        await radio.set_zone("attic", True)
    with pytest.raises(DeviceNotJoinedError, match="motion"):
        await radio.set_zone(DeviceKind.MOTION, True)
    radio.devices[DeviceKind.REMOTE].joined = True
    with pytest.raises(UnsupportedActionError, match="remote"):
        await radio.set_zone(DeviceKind.REMOTE, True)
    with pytest.raises(UnsupportedActionError, match="remote"):
        await radio.set_power(DeviceKind.REMOTE, 5)
    radio.devices[DeviceKind.PLUG].joined = True
    with pytest.raises(UnsupportedActionError, match="plug"):
        await radio.report_battery(DeviceKind.PLUG)


async def test_two_devices_cannot_have_one_name() -> None:
    with pytest.raises(ValueError, match="same name"):
        SimulatedRadio([DeviceSpec(name="door", kind=DeviceKind.CONTACT)] * 2)
