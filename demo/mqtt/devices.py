"""One device: its topics and its last message, which Zigbee2MQTT keeps and sends again."""

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final, Self

from .models import MODELS, DeviceModel, DeviceSpec

BASE_TOPIC: Final = "zigbee2mqtt"

_IEEE_PREFIX: Final = "02686d"  # Locally administered: nobody's real device.
_LINK_QUALITY: Final = 200

type Values = dict[str, bool | int | str]
"""A device's message, before it is JSON."""


@dataclass(slots=True, kw_only=True)
class MqttDevice:
    """A device and what the bridge remembers of it."""

    spec: DeviceSpec
    ieee: str
    values: Values
    is_available: bool = True
    discovered_actions: set[str] = field(default_factory=set)

    @classmethod
    def from_spec(cls, spec: DeviceSpec) -> Self:
        """Return a device with the address its name gives it, at rest."""
        device = cls(
            spec=spec,
            ieee=f"0x{_IEEE_PREFIX}{blake2b(spec.name.encode(), digest_size=5).hexdigest()}",
            values={"battery": spec.battery_percent, "linkquality": _LINK_QUALITY},
        )
        if device.model.binary is not None:
            device.values[device.model.binary.key] = not device.model.binary.on
        if device.model.action is not None and spec.pressed_before:
            device.discovered_actions.add(device.model.action)
        return device

    @property
    def name(self) -> str:
        """Return the name that people know the device by."""
        return self.spec.name

    @property
    def model(self) -> DeviceModel:
        """Return what the device has in common with others of its kind."""
        return MODELS[self.spec.kind]

    @property
    def topic(self) -> str:
        """Return the topic of the device's messages."""
        return f"{BASE_TOPIC}/{self.name}"

    @property
    def availability_topic(self) -> str:
        """Return the topic that tells whether the device is heard."""
        return f"{self.topic}/availability"

    @property
    def action_topic(self) -> str:
        """Return the topic of a button's presses."""
        return f"{self.topic}/action"
