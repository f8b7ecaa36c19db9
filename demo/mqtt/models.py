"""The table of device kinds: to add a kind, add a line here."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MANUFACTURER: Final = "Hemlabbet"


class DeviceKind(StrEnum):
    """What a device is."""

    MOTION = "motion"
    CONTACT = "contact"
    SMOKE = "smoke"
    WATER = "water"
    BUTTON = "button"
    """No entity but its battery: a device trigger that exists from the first press on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSpec:
    """One device; its address follows from its name."""

    name: str
    """Also its place in the topics, as in Zigbee2MQTT: no `/`, `+` or `#`."""
    kind: DeviceKind
    battery_percent: int = 100
    pressed_before: bool = False
    """Of a button: Home Assistant is told of its trigger at the start, as by a broker that remembers the first press."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BinaryModel:
    """What Zigbee2MQTT says of a kind that is on or off."""

    key: str
    """The field of the device's message."""
    device_class: str
    on: bool = True
    """What the field says while Home Assistant is to show `on`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceModel:
    """What the devices of one kind have in common."""

    model: str
    binary: BinaryModel | None = None
    action: str | None = None
    """What a button says when pressed once."""


MODELS: Final[Mapping[DeviceKind, DeviceModel]] = {
    # Zigbee2MQTT calls a motion sensor's field and device class "occupancy".
    DeviceKind.MOTION: DeviceModel(model="Motion Two", binary=BinaryModel(key="occupancy", device_class="occupancy")),
    DeviceKind.CONTACT: DeviceModel(
        model="Contact Two", binary=BinaryModel(key="contact", device_class="door", on=False)
    ),
    DeviceKind.SMOKE: DeviceModel(model="Smoke Two", binary=BinaryModel(key="smoke", device_class="smoke")),
    DeviceKind.WATER: DeviceModel(model="Water Two", binary=BinaryModel(key="water_leak", device_class="moisture")),
    DeviceKind.BUTTON: DeviceModel(model="Button Two", action="single"),
}
