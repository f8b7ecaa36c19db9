"""The coordinator: the radio's side of Ziggurat's protocol, with the virtual mesh behind it."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from zigpy.types import EUI64

from . import zcl, zdo
from .device import COORDINATOR_NWK, Message, SimulatedDevice
from .wire import (
    encode_event,
    encode_notification,
    encode_refusal,
    encode_response,
    p,
)

_HARDWARE_ADDRESS: Final = EUI64.convert("02:68:6c:00:00:00:00:01")
_QUIET_RSSI: Final = -95
_GOOD_LINK: Final = {"lqi": 200, "rssi": -50}


@dataclass(frozen=True, slots=True)
class Request:
    """One request from the host."""

    command: int
    request_id: int
    fields: Any


class Coordinator:
    """A radio that keeps its network settings and passes messages to and from devices."""

    def __init__(
        self,
        devices: Collection[SimulatedDevice],
        send: Callable[[bytes], Awaitable[None]],
        on_change: Callable[[], None],
    ) -> None:
        """Prepare a radio without a network; `on_change` hears of what must be kept."""
        self._devices = devices
        self._send = send
        self._on_change = on_change
        self._closes_joining: asyncio.TimerHandle | None = None
        self._started = False
        self._handlers = self._build_handlers()
        self.joining_open = asyncio.Event()
        self.network: Any = None

    def hello(self) -> bytes:
        """Return the greeting that tells a new listener which protocol this is."""
        hello = p.Hello(protocol_version=p.PROTOCOL_VERSION, configured=self.network is not None)
        return encode_notification(p.NotificationCommand.HELLO, hello)

    def restore_network(self, saved: bytes) -> None:
        """Take over network settings from an earlier life."""
        self.network, _ = p.NetworkState.deserialize(saved)

    async def receive(self, frame: bytes) -> None:
        """Answer one frame from the host; whatever needs no more is merely accepted."""
        header, body = p.Header.deserialize(frame)
        fields, _ = p.REQUESTS[p.RequestCommand(header.command)].deserialize(body)
        request = Request(header.command, header.request_id, fields)
        await self._handlers.get(header.command, self._respond)(request)

    async def join(self, device: SimulatedDevice) -> None:
        """Let a device join and announce itself."""
        device.joined = True
        self._on_change()
        kinds = p.ChildDeviceType
        joined = p.DeviceJoined(
            nwk=device.nwk,
            ieee=EUI64.convert(device.ieee),
            parent=COORDINATOR_NWK,
            rx_on_when_idle=int(device.model.is_plug),
            device_type=kinds.ROUTER if device.model.is_plug else kinds.END_DEVICE,
            reserved=0,
        )
        await self._notify(p.NotificationCommand.DEVICE_JOINED, joined)
        await self.transmit(device, zdo.announce(device))

    def close_joining(self) -> None:
        """Let no more devices join."""
        self.joining_open.clear()
        if self._closes_joining is not None:
            self._closes_joining.cancel()
            self._closes_joining = None

    async def transmit(self, device: SimulatedDevice, message: Message) -> None:
        """Carry a message from a device to the host."""
        received = p.ReceivedAps(
            source=device.nwk,
            destination=message.destination,
            has_group=False,
            group=0,
            profile_id=message.profile_id,
            cluster_id=message.cluster_id,
            src_ep=message.src_ep,
            dst_ep=message.dst_ep,
            data=message.data,
            **_GOOD_LINK,
        )
        await self._notify(p.NotificationCommand.RECEIVED_APS, received)

    def _build_handlers(self) -> Mapping[int, Callable[[Request], Awaitable[None]]]:
        """Return what answers each command that asks for more than being accepted."""
        command = p.RequestCommand
        return {
            command.GET_FIRMWARE_INFO: self._tell_firmware,
            command.GET_HW_ADDRESS: self._tell_address,
            command.SHUTDOWN: self._forget_network,
            command.CONFIGURE: self._configure,
            command.START_NETWORK: self._start_network,
            command.GET_NETWORK_INFO: self._tell_network,
            command.SCAN_KEY_TABLE: self._tell_empty_table,
            command.SCAN_CHILDREN: self._tell_empty_table,
            command.SCAN_ADDRESS_CACHE: self._tell_empty_table,
            command.SCAN_ROUTE_TABLE: self._tell_empty_table,
            command.SEND_UNICAST: self._send_unicast,
            command.SEND_BROADCAST: self._send_broadcast,
            command.SEND_GROUPCAST: self._send_broadcast,
            command.CANCEL_REQUEST: self._refuse_cancel,
            command.PERMIT_JOINS: self._permit_joins,
            command.ENERGY_SCAN: self._scan_energy,
        }

    async def _respond(self, request: Request, payload: Any = None) -> None:
        """Accept a request, with what it asked for."""
        await self._send(encode_response(request.command, request.request_id, payload))

    async def _refuse(self, request: Request, status: int) -> None:
        """Refuse a request."""
        await self._send(encode_refusal(request.command, request.request_id, status))

    async def _notify(self, command: int, payload: Any, request_id: int = 0) -> None:
        """Send a notification, about a request or by itself."""
        await self._send(encode_notification(command, payload, request_id))

    async def _tell_firmware(self, request: Request) -> None:
        """Tell the version; ZHA asks every 30 s to see that the radio lives."""
        info = p.FirmwareInfo(protocol_version=p.PROTOCOL_VERSION, version="simulated")
        await self._respond(request, info)

    async def _tell_address(self, request: Request) -> None:
        """Tell the address that the radio was made with."""
        await self._respond(request, p.HwAddress(ieee=_HARDWARE_ADDRESS))

    async def _forget_network(self, request: Request) -> None:
        """Drop the network settings."""
        self.network = None
        self._started = False
        self._on_change()
        await self._respond(request)

    async def _configure(self, request: Request) -> None:
        """Take over network settings from the host."""
        self.network = request.fields.state
        self._on_change()
        await self._respond(request)

    async def _start_network(self, request: Request) -> None:
        """Start the network as configured."""
        self._started = True
        await self._respond(request)

    async def _tell_network(self, request: Request) -> None:
        """Tell the network settings, if there are any."""
        if self.network is None:
            await self._refuse(request, p.Status.NOT_CONFIGURED)
            return
        info = p.NetworkInfo(state=self.network, key_count=0, started=self._started)
        await self._respond(request, info)

    async def _tell_empty_table(self, request: Request) -> None:
        """Tell that a table has no rows: the mesh needs neither keys nor routes."""
        await self._respond(request, p.ScanCount(count=0))

    async def _refuse_cancel(self, request: Request) -> None:
        """Tell that it is too late to cancel: everything is delivered at once."""
        await self._respond(request, p.CancelResult(cancelled=False))

    async def _scan_energy(self, request: Request) -> None:
        """Find every channel quiet."""
        for channel in request.fields.channels:
            result = p.EnergyResult(channel=channel, rssi=_QUIET_RSSI)
            await self._send(encode_event(request.command, request.request_id, result))
        await self._respond(request)

    async def _permit_joins(self, request: Request) -> None:
        """Open the network to new devices for so many seconds; zero closes it."""
        self.close_joining()
        if request.fields.duration > 0:
            self.joining_open.set()
            self._closes_joining = asyncio.get_running_loop().call_later(request.fields.duration, self.close_joining)
        await self._respond(request)

    async def _send_broadcast(self, request: Request) -> None:
        """Confirm a broadcast; sleeping devices do not hear it."""
        await self._respond(request)
        confirm = p.BroadcastConfirm(status=p.SendStatus.SUCCESS)
        await self._notify(p.NotificationCommand.BROADCAST_CONFIRM, confirm, request.request_id)

    async def _send_unicast(self, request: Request) -> None:
        """Carry a message from the host to a device, and the device's answer back."""
        device = self._find_joined(request)
        if device is None:
            await self._refuse(request, p.Status.NO_ROUTE)
            return
        await self._respond(request)
        await self._confirm_unicast(request)
        message = Message(
            profile_id=int(request.fields.profile_id),
            cluster_id=int(request.fields.cluster_id),
            data=bytes(request.fields.asdu),
            src_ep=int(request.fields.src_ep),
            dst_ep=int(request.fields.dst_ep),
        )
        language = zdo if message.profile_id == zdo.PROFILE_ID else zcl
        answer = language.answer(device, message)
        self._on_change()
        if answer is not None:
            await self.transmit(device, answer)

    async def _confirm_unicast(self, request: Request) -> None:
        """Tell that a message was handed over and, when asked, that it arrived."""
        sent = p.SendConfirm(status=p.SendStatus.SUCCESS)
        await self._notify(p.NotificationCommand.SEND_CONFIRM, sent, request.request_id)
        if request.fields.aps_ack:
            arrived = p.ApsAckConfirm(status=p.SendStatus.SUCCESS)
            await self._notify(p.NotificationCommand.APS_ACK_CONFIRM, arrived, request.request_id)

    def _find_joined(self, request: Request) -> SimulatedDevice | None:
        """Return the joined device that a message is for."""
        ieee = str(request.fields.destination_eui64) if request.fields.has_eui64 else None
        for device in self._devices:
            if device.joined and (device.ieee == ieee or device.nwk == request.fields.destination):
                return device
        return None
