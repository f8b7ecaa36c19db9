"""The table of device kinds: to add a kind, add a line here."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from zigpy.profiles.zha import DeviceType
from zigpy.zcl import Cluster
from zigpy.zcl.clusters.general import Basic, Identify, OnOff, PowerConfiguration
from zigpy.zcl.clusters.homeautomation import ElectricalMeasurement
from zigpy.zcl.clusters.security import IasAce, IasZone, ZoneState, ZoneType
from zigpy.zcl.foundation import TypeValue, ZCLAttributeDef

MANUFACTURER: Final = "Hemlabbet"  # Invented: a real name could match a quirk of ZHA.

_MEASURES_ACTIVE_POWER: Final = ElectricalMeasurement.MeasurementType.Active_measurement_AC

type AttributeKey = tuple[int, int]
"""Cluster id and attribute id."""


class DeviceKind(StrEnum):
    """What a simulated device is."""

    MOTION = "motion"
    CONTACT = "contact"
    SMOKE = "smoke"
    WATER = "water"
    EMERGENCY_ZONE = "emergency_zone"
    """A button that is an IAS zone: a binary sensor goes on and off again."""
    REMOTE = "remote"
    """A button that is an on/off remote: one `zha_event` per press and no state."""
    PENDANT = "pendant"
    """A button that is an IAS ACE keypad: an alarm panel that stays triggered."""
    PLUG = "plug"
    """A mains plug that switches and measures power."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSpec:
    """One device to simulate; its addresses follow from its name."""

    name: str
    kind: DeviceKind
    battery_percent: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class PressCommand:
    """The cluster command that a button sends when pressed."""

    cluster_id: int
    command_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceModel:
    """What the devices of one kind have in common."""

    model: str
    device_type: DeviceType
    platform: str
    """The Home Assistant platform of the entity that shows ZHA is done with the device."""
    zone_type: ZoneType | None = None
    press: PressCommand | None = None
    is_plug: bool = False
    """It switches and measures, is fed by the mains and passes on what others say."""

    @property
    def server_clusters(self) -> tuple[int, ...]:
        """Return the clusters that can be asked."""
        zone = () if self.zone_type is None else (IasZone.cluster_id,)
        power = (
            (OnOff.cluster_id, ElectricalMeasurement.cluster_id) if self.is_plug else (PowerConfiguration.cluster_id,)
        )
        return (Basic.cluster_id, *power, Identify.cluster_id, *zone)

    @property
    def client_clusters(self) -> tuple[int, ...]:
        """Return the clusters that send commands."""
        return () if self.press is None else (self.press.cluster_id,)


def _zone(model: str, zone_type: ZoneType) -> DeviceModel:
    """Return the model of an IAS zone."""
    return DeviceModel(
        model=model,
        device_type=DeviceType.IAS_ZONE,
        platform="binary_sensor",
        zone_type=zone_type,
    )


MODELS: Final[Mapping[DeviceKind, DeviceModel]] = {
    DeviceKind.MOTION: _zone("Motion One", ZoneType.Motion_Sensor),
    DeviceKind.CONTACT: _zone("Contact One", ZoneType.Contact_Switch),
    DeviceKind.SMOKE: _zone("Smoke One", ZoneType.Fire_Sensor),
    DeviceKind.WATER: _zone("Water One", ZoneType.Water_Sensor),
    DeviceKind.EMERGENCY_ZONE: _zone("Help One", ZoneType.Personal_Emergency_Device),
    DeviceKind.REMOTE: DeviceModel(
        model="Button One",
        # With most other types ZHA would invent an "opening" sensor for the remote.
        device_type=DeviceType.ON_OFF_SWITCH,
        platform="sensor",
        press=PressCommand(cluster_id=OnOff.cluster_id, command_id=OnOff.ServerCommandDefs.on.id),
    ),
    DeviceKind.PENDANT: DeviceModel(
        model="Pendant One",
        device_type=DeviceType.IAS_ANCILLARY_CONTROL,
        platform="alarm_control_panel",
        press=PressCommand(
            cluster_id=IasAce.cluster_id,
            command_id=IasAce.ServerCommandDefs.emergency.id,
        ),
    ),
    DeviceKind.PLUG: DeviceModel(
        model="Plug One",
        device_type=DeviceType.SMART_PLUG,
        platform="switch",
        is_plug=True,
    ),
}


def initial_attributes(spec: DeviceSpec) -> dict[AttributeKey, TypeValue]:
    """Return the attributes of a device fresh from the factory."""
    model = MODELS[spec.kind]
    basic, zone = Basic.AttributeDefs, IasZone.AttributeDefs
    values = [
        attribute(Basic, basic.zcl_version, 3),
        attribute(Basic, basic.manufacturer, MANUFACTURER),
        attribute(Basic, basic.model, model.model),
        *(_mains() if model.is_plug else _battery(spec.battery_percent)),
    ]
    if model.zone_type is not None:
        values += [
            attribute(IasZone, zone.zone_state, ZoneState.Not_enrolled),
            attribute(IasZone, zone.zone_type, model.zone_type),
            attribute(IasZone, zone.zone_status, 0),
            attribute(IasZone, zone.zone_id, 0xFF),
        ]
    return dict(values)


def _battery(percent: int) -> list[tuple[AttributeKey, TypeValue]]:
    """Return the attributes of a device with a battery."""
    power = PowerConfiguration.AttributeDefs
    return [
        attribute(Basic, Basic.AttributeDefs.power_source, Basic.PowerSource.Battery),
        # Zigbee counts battery charge in half percent.
        attribute(PowerConfiguration, power.battery_percentage_remaining, 2 * percent),
        attribute(PowerConfiguration, power.battery_voltage, 30),
        attribute(PowerConfiguration, power.battery_size, 0xFF),
    ]


def _mains() -> list[tuple[AttributeKey, TypeValue]]:
    """Return the attributes of a plug that is off; it measures whole watts."""
    measured = ElectricalMeasurement.AttributeDefs
    return [
        attribute(Basic, Basic.AttributeDefs.power_source, Basic.PowerSource.Mains_single_phase),
        attribute(OnOff, OnOff.AttributeDefs.on_off, 0),
        attribute(ElectricalMeasurement, measured.measurement_type, _MEASURES_ACTIVE_POWER),
        attribute(ElectricalMeasurement, measured.active_power, 0),
        attribute(ElectricalMeasurement, measured.ac_power_multiplier, 1),
        attribute(ElectricalMeasurement, measured.ac_power_divisor, 1),
    ]


def attribute(cluster: type[Cluster], definition: ZCLAttributeDef, value: Any) -> tuple[AttributeKey, TypeValue]:
    """Return an attribute's key and typed value."""
    key = (int(cluster.cluster_id), int(definition.id))
    return key, TypeValue(definition.zcl_type, definition.type(value))
