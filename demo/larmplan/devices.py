"""What hangs on which radio; every kind that the three simulations know."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from demo import cast, mqtt, zigbee, zwave


class Radio(StrEnum):
    """The way from a device to Home Assistant."""

    ZIGBEE = "ZHA"
    ZWAVE = "Z-Wave"
    MQTT = "Zigbee2MQTT"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A device's radio, and the platform of the entity that matters; None if it has none."""

    radio: Radio
    platform: str | None


BEDROOM, HALL, DOOR, REMOTE = cast.BEDROOM, cast.HALL, cast.DOOR, cast.BUTTON
KITCHEN_SMOKE = "Köket brandvarnare"
BATHROOM_WATER = "Badrummet läckage"
HELP_BOX = "Larmdosan"
PENDANT = "Larmhalsbandet"
STOVE = "Spisen"
ZIGBEE_DEVICES: Final = (
    *cast.DEVICES,
    zigbee.DeviceSpec(name=KITCHEN_SMOKE, kind=zigbee.DeviceKind.SMOKE),
    zigbee.DeviceSpec(name=BATHROOM_WATER, kind=zigbee.DeviceKind.WATER),
    zigbee.DeviceSpec(name=HELP_BOX, kind=zigbee.DeviceKind.EMERGENCY_ZONE),
    zigbee.DeviceSpec(name=PENDANT, kind=zigbee.DeviceKind.PENDANT),
    zigbee.DeviceSpec(name=STOVE, kind=zigbee.DeviceKind.PLUG),
)

TERRACE_DOOR, BOILER_SMOKE = zwave.DOOR.name, zwave.SMOKE.name
SCENE_BUTTON, HELP_CALL = zwave.REMOTE.name, zwave.EMERGENCY.name

CABINET = "Medicinskåpet"
CELLAR_WINDOW = "Källarfönstret"
LIVING_ROOM = "Vardagsrummet rörelse"
STAIRS = "Trappan rörelse"
ATTIC_SMOKE = "Vinden brandvarnare"
LAUNDRY_WATER = "Tvättstugan läckage"
SOS = "SOS-knappen"
MQTT_DEVICES: Final = (
    mqtt.DeviceSpec(name=CABINET, kind=mqtt.DeviceKind.CONTACT),
    mqtt.DeviceSpec(name=CELLAR_WINDOW, kind=mqtt.DeviceKind.CONTACT),
    mqtt.DeviceSpec(name=LIVING_ROOM, kind=mqtt.DeviceKind.MOTION),
    mqtt.DeviceSpec(name=STAIRS, kind=mqtt.DeviceKind.MOTION),
    mqtt.DeviceSpec(name=ATTIC_SMOKE, kind=mqtt.DeviceKind.SMOKE),
    mqtt.DeviceSpec(name=LAUNDRY_WATER, kind=mqtt.DeviceKind.WATER),
    mqtt.DeviceSpec(name=SOS, kind=mqtt.DeviceKind.BUTTON),
)


def _zigbee_platform(kind: zigbee.DeviceKind) -> str | None:
    """Return the platform of a Zigbee device; a remote has only its battery."""
    platforms = {
        zigbee.DeviceKind.REMOTE: None,
        zigbee.DeviceKind.PENDANT: "alarm_control_panel",
        zigbee.DeviceKind.PLUG: "switch",
    }
    return platforms.get(kind, "binary_sensor")


PLACES: Final[Mapping[str, Place]] = {
    **{spec.name: Place(radio=Radio.ZIGBEE, platform=_zigbee_platform(spec.kind)) for spec in ZIGBEE_DEVICES},
    TERRACE_DOOR: Place(radio=Radio.ZWAVE, platform="binary_sensor"),
    BOILER_SMOKE: Place(radio=Radio.ZWAVE, platform="binary_sensor"),
    SCENE_BUTTON: Place(radio=Radio.ZWAVE, platform="event"),
    HELP_CALL: Place(radio=Radio.ZWAVE, platform=None),
    **{
        spec.name: Place(radio=Radio.MQTT, platform=None if spec.kind is mqtt.DeviceKind.BUTTON else "binary_sensor")
        for spec in MQTT_DEVICES
    },
}
"""Every device of the home."""
