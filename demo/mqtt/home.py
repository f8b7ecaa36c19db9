"""The devices on the broker, with the habits of Zigbee2MQTT."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
import json
from types import MappingProxyType
from typing import Any, Final

from amqtt.client import MQTTClient  # type: ignore[import-untyped]
from amqtt.errors import AMQTTError, ClientError  # type: ignore[import-untyped]
from amqtt.mqtt.constants import QOS_0, QOS_1  # type: ignore[import-untyped]

from . import discovery
from .broker import Broker
from .devices import MqttDevice
from .errors import UnknownDeviceError, UnsupportedActionError
from .models import DeviceSpec

REPUBLISH_AFTER: Final = timedelta(seconds=30)
"""How long Zigbee2MQTT waits after Home Assistant's start before it sends the states it remembers."""

_BROKER_GONE: Final = (AMQTTError, ClientError)


class MqttHome:
    """Devices around one bridge.

    Discovery and availability are retained. A state is not, unless `retain_states` (an option of each device in
    Zigbee2MQTT): after a restart of Home Assistant it is unknown until it is sent again, `republish_after` the start.
    """

    def __init__(
        self,
        broker: Broker,
        devices: Sequence[DeviceSpec],
        *,
        retain_states: bool = False,
        republish_after: timedelta = REPUBLISH_AFTER,
    ) -> None:
        """Prepare the devices; names must differ."""
        self.devices: Mapping[str, MqttDevice] = MappingProxyType(
            {spec.name: MqttDevice.from_spec(spec) for spec in devices}
        )
        if len(self.devices) < len(devices):
            raise ValueError("Two devices have the same name")
        self._broker = broker
        self._retain_states = retain_states
        self._republish_after = republish_after.total_seconds()
        self._client: Any = None
        self._listener: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect to the started broker, and tell of the bridge and all devices."""
        will = {"topic": discovery.BRIDGE_STATE_TOPIC, "message": _state(is_online=False), "retain": True}
        self._client = MQTTClient(config={"auto_reconnect": False, "plugins": {}, "will": will})
        await self._client.connect(self._broker.url)
        await self._client.subscribe([(discovery.STATUS_TOPIC, QOS_0)])
        self._listener = asyncio.create_task(self._listen(), name="mqtt home")
        for device in self.devices.values():
            for message in discovery.discover(device):
                await self._discover(*message)
            for action in device.discovered_actions:
                await self._discover(*discovery.discover_action(device, action))
            await self._tell_available(device)
        await self._publish(discovery.BRIDGE_STATE_TOPIC, _state(is_online=True), retain=True)
        await self._tell_states()

    async def stop(self) -> None:
        """Say goodbye as Zigbee2MQTT does, so that all becomes unavailable, and disconnect."""
        if self._listener is None:
            return
        self._listener.cancel()
        with suppress(asyncio.CancelledError):
            await self._listener
        self._listener = None
        # The broker may be gone already.
        with suppress(*_BROKER_GONE):
            await self._publish(discovery.BRIDGE_STATE_TOPIC, _state(is_online=False), retain=True)
            await self._client.disconnect()

    async def set_state(self, name: str, on: bool) -> None:  # noqa: FBT001 - reads as on and off
        """Let a binary device report on (moving, open, smoke, wet) or off."""
        device = self._find(name)
        binary = device.model.binary
        if binary is None:
            raise UnsupportedActionError(f"{name} is neither on nor off")
        device.values[binary.key] = on is binary.on
        await self._tell_state(device)

    async def press(self, name: str) -> None:
        """Press a button; at its first press Home Assistant hears of the trigger just before the press."""
        device = self._find(name)
        action = device.model.action
        if action is None:
            raise UnsupportedActionError(f"{name} is no button")
        await self._publish(device.topic, json.dumps({**device.values, "action": action}))
        if action not in device.discovered_actions:
            device.discovered_actions.add(action)
            await self._discover(*discovery.discover_action(device, action))
        await self._publish(device.action_topic, action)

    async def set_available(self, name: str, available: bool) -> None:  # noqa: FBT001 - reads as yes and no
        """Say that a device is heard, or has been silent for too long."""
        device = self._find(name)
        device.is_available = available
        await self._tell_available(device)

    def _find(self, name: str) -> MqttDevice:
        """Return the device with this name."""
        try:
            return self.devices[name]
        except KeyError as err:
            raise UnknownDeviceError(f"No device is named {name}") from err

    async def _listen(self) -> None:
        """Send all states again some time after each start of Home Assistant, while there is a broker."""
        with suppress(*_BROKER_GONE):
            while True:
                message = await self._client.deliver_message()
                if message is not None and bytes(message.data) == b"online":
                    await asyncio.sleep(self._republish_after)
                    await self._tell_states()

    async def _tell_states(self) -> None:
        """Send the last message of every device; a button's has no press in it."""
        for device in self.devices.values():
            await self._tell_state(device)

    async def _tell_state(self, device: MqttDevice) -> None:
        """Send a device's message."""
        await self._publish(device.topic, json.dumps(device.values), retain=self._retain_states)

    async def _tell_available(self, device: MqttDevice) -> None:
        """Send whether a device is heard."""
        await self._publish(device.availability_topic, _state(is_online=device.is_available), retain=True)

    async def _discover(self, topic: str, payload: Mapping[str, Any]) -> None:
        """Send what Home Assistant is to know of an entity or a trigger."""
        await self._publish(topic, json.dumps(payload), qos=QOS_1, retain=True)

    async def _publish(self, topic: str, payload: str, *, qos: int = QOS_0, retain: bool = False) -> None:
        """Send a message."""
        await self._client.publish(topic, payload.encode(), qos=qos, retain=retain)


def _state(*, is_online: bool) -> str:
    """Return the message of an availability topic."""
    return json.dumps({"state": "online" if is_online else "offline"})
