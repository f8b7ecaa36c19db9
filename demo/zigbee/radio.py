"""The simulated radio as the demo and the tests hold it."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

from demo.loopback import LOOPBACK

from . import state, zcl
from .coordinator import Coordinator
from .device import SimulatedDevice
from .errors import DeviceNotJoinedError, UnknownDeviceError, UnsupportedActionError
from .models import DeviceSpec
from .server import WebSocketServer

_PRESS_SECONDS: Final = 0.3
"""How long a button that is a zone stays tripped."""


class SimulatedRadio:
    """A coordinator on a loopback port with devices around it."""

    def __init__(
        self,
        devices: Sequence[DeviceSpec],
        *,
        port: int = 0,
        state_path: Path | None = None,
    ) -> None:
        """Prepare a radio; with a `state_path` its network outlives this process."""
        built = [SimulatedDevice.from_spec(spec) for spec in devices]
        self.devices: Mapping[str, SimulatedDevice] = MappingProxyType({device.name: device for device in built})
        if len({device.nwk for device in self.devices.values()}) < len(built):
            raise ValueError("Two devices have the same name, or the same short address")
        self._state_path = state_path
        self._coordinator = Coordinator(built, self._send, self._save)
        self._server = WebSocketServer(port, self._coordinator.hello, self._coordinator.receive)

    @property
    def port(self) -> int:
        """Return the port; after `start` it is the real one."""
        return self._server.port

    @property
    def url(self) -> str:
        """Return the address to give ZHA as the radio's path."""
        return f"ws://{LOOPBACK}:{self.port}/"

    async def start(self) -> None:
        """Listen, with the network and the devices of an earlier life if there was one."""
        if self._state_path is not None:
            network = state.load(self._state_path, self.devices.values())
            if network is not None:
                self._coordinator.restore_network(network)
        await self._server.start()

    async def stop(self) -> None:
        """Close the connection and the port; the devices keep what they know."""
        self._coordinator.close_joining()
        await self._server.stop()

    async def join(self, name: str) -> None:
        """Let a device join as soon as ZHA permits it; the interview then takes its time."""
        device = self._find(name)
        await self._coordinator.joining_open.wait()
        await self._coordinator.join(device)

    async def set_zone(self, name: str, active: bool) -> None:  # noqa: FBT001 - reads as on and off
        """Trip or restore a zone; the report is lost when nobody listens."""
        device = self._find_joined(name)
        if device.model.zone_type is None:
            raise UnsupportedActionError(f"{name} is no zone")
        message = zcl.change_zone(device, active=active)
        self._save()
        if message is not None:
            await self._coordinator.transmit(device, message)

    async def press(self, name: str) -> None:
        """Press a button; the message is lost when nobody listens."""
        device = self._find_joined(name)
        if device.model.press is not None:
            await self._coordinator.transmit(device, zcl.press(device, device.model.press))
            return
        await self.set_zone(name, active=True)
        await asyncio.sleep(_PRESS_SECONDS)
        await self.set_zone(name, active=False)

    async def switch(self, name: str, on: bool) -> None:  # noqa: FBT001 - reads as on and off
        """Switch a plug by hand; the report is lost when nobody listens."""
        device = self._find_plug(name)
        message = zcl.switch(device, on=on)
        self._save()
        await self._coordinator.transmit(device, message)

    async def set_power(self, name: str, watts: int) -> None:
        """Let a plug measure so many watts; the report is lost when nobody listens."""
        device = self._find_plug(name)
        message = zcl.change_power(device, watts)
        self._save()
        await self._coordinator.transmit(device, message)

    async def report_battery(self, name: str) -> None:
        """Let a device report its battery, which also tells ZHA that it is alive."""
        device = self._find_joined(name)
        if device.model.is_plug:
            raise UnsupportedActionError(f"{name} has no battery")
        await self._coordinator.transmit(device, zcl.report_battery(device))

    def _find_plug(self, name: str) -> SimulatedDevice:
        """Return the plug with this name if it is on the network."""
        device = self._find_joined(name)
        if not device.model.is_plug:
            raise UnsupportedActionError(f"{name} is no plug")
        return device

    def _find(self, name: str) -> SimulatedDevice:
        """Return the device with this name."""
        try:
            return self.devices[name]
        except KeyError as err:
            raise UnknownDeviceError(f"No device is named {name}") from err

    def _find_joined(self, name: str) -> SimulatedDevice:
        """Return the device with this name if it is on the network."""
        device = self._find(name)
        if not device.joined:
            raise DeviceNotJoinedError(f"{name} has not joined")
        return device

    async def _send(self, frame: bytes) -> None:
        """Send a frame to whoever listens."""
        await self._server.send(frame)

    def _save(self) -> None:
        """Keep the state, if it is to be kept."""
        if self._state_path is None:
            return
        network = self._coordinator.network
        state.save(
            self._state_path,
            None if network is None else network.serialize(),
            self.devices.values(),
        )
