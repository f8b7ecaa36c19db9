"""ZCL, the language of what a device measures and does: its answers and its own messages."""

from collections.abc import Iterable
from typing import Any

from zigpy.profiles.zha import PROFILE_ID as HOME_AUTOMATION
from zigpy.zcl.clusters.general import OnOff, PowerConfiguration
from zigpy.zcl.clusters.homeautomation import ElectricalMeasurement
from zigpy.zcl.clusters.security import IasZone, ZoneState, ZoneStatus
from zigpy.zcl.foundation import (
    GENERAL_COMMANDS,
    Attribute,
    Direction,
    GeneralCommand,
    ReadAttributeRecord,
    Status,
    TypeValue,
    ZCLHeader,
)

from .device import Message, SimulatedDevice
from .models import AttributeKey, PressCommand, attribute

_ZONE_STATUS = (int(IasZone.cluster_id), int(IasZone.AttributeDefs.zone_status.id))
_ZONE_STATE = (int(IasZone.cluster_id), int(IasZone.AttributeDefs.zone_state.id))
_ZONE_ID = (int(IasZone.cluster_id), int(IasZone.AttributeDefs.zone_id.id))
_BATTERY = (
    int(PowerConfiguration.cluster_id),
    int(PowerConfiguration.AttributeDefs.battery_percentage_remaining.id),
)
_ACTIVE_POWER = (int(ElectricalMeasurement.cluster_id), int(ElectricalMeasurement.AttributeDefs.active_power.id))
_ON_OFF = (int(OnOff.cluster_id), int(OnOff.AttributeDefs.on_off.id))


def press(device: SimulatedDevice, command: PressCommand) -> Message:
    """Return what a pressed button sends."""
    header = ZCLHeader.cluster(tsn=device.next_sequence(), command_id=command.command_id)
    return _from_device(command.cluster_id, header.serialize())


def is_enrolled(device: SimulatedDevice) -> bool:
    """Return whether somebody has enrolled the zone; until then it reports to nobody."""
    return bool(device.attributes[_ZONE_STATE].value == ZoneState.Enrolled)


def change_zone(device: SimulatedDevice, *, active: bool) -> Message | None:
    """Trip or restore a zone; return its notification, if anybody is to have it."""
    status = ZoneStatus.Alarm_1 if active else 0
    device.write([attribute(IasZone, IasZone.AttributeDefs.zone_status, status)])
    if not is_enrolled(device):
        return None
    header = ZCLHeader.cluster(
        tsn=device.next_sequence(),
        command_id=IasZone.ClientCommandDefs.status_change_notification.id,
        direction=Direction.Server_to_Client,
    )
    no_extended_status, no_delay = bytes(1), bytes(2)
    body = (
        device.attributes[_ZONE_STATUS].value.serialize()
        + no_extended_status
        + device.attributes[_ZONE_ID].value.serialize()
        + no_delay
    )
    return _from_device(IasZone.cluster_id, header.serialize() + body)


def report_battery(device: SimulatedDevice) -> Message:
    """Return a report of the battery's charge."""
    return _report(device, _BATTERY)


def change_power(device: SimulatedDevice, watts: int) -> Message:
    """Let a plug measure so much; return its report."""
    device.write([attribute(ElectricalMeasurement, ElectricalMeasurement.AttributeDefs.active_power, watts)])
    return _report(device, _ACTIVE_POWER)


def switch(device: SimulatedDevice, *, on: bool) -> Message:
    """Switch a plug by hand; return its report."""
    device.write([attribute(OnOff, OnOff.AttributeDefs.on_off, int(on))])
    return _report(device, _ON_OFF)


def answer(device: SimulatedDevice, request: Message) -> Message | None:
    """Return the device's answer to a ZCL message, if it wants one."""
    header, body = ZCLHeader.deserialize(request.data)
    if header.frame_control.is_cluster:
        return _answer_cluster_command(device, request, header, body)
    return _answer_general_command(device, request, header, body)


def _answer_general_command(
    device: SimulatedDevice, request: Message, header: ZCLHeader, body: bytes
) -> Message | None:
    """Answer a command that every cluster knows: read, write, configure reporting."""
    match header.command_id:
        case GeneralCommand.Default_Response:
            return None
        case GeneralCommand.Read_Attributes:
            keys = [(request.cluster_id, int(i)) for i in _parse(header.command_id, body).attribute_ids]
            return _respond(request, header, GeneralCommand.Read_Attributes_rsp, _read(device, keys))
        case GeneralCommand.Write_Attributes:
            attributes = _parse(header.command_id, body).attributes
            device.write(((request.cluster_id, int(a.attrid)), a.value) for a in attributes)
            return _respond(request, header, GeneralCommand.Write_Attributes_rsp, bytes([Status.SUCCESS]))
        case GeneralCommand.Configure_Reporting:
            return _respond(request, header, GeneralCommand.Configure_Reporting_rsp, bytes([Status.SUCCESS]))
        case _:
            return _default_response(request, header, Status.UNSUP_GENERAL_COMMAND)


def _answer_cluster_command(
    device: SimulatedDevice, request: Message, header: ZCLHeader, body: bytes
) -> Message | None:
    """Acknowledge a command of one cluster; an enrolment and a switching also take effect."""
    if header.direction == Direction.Server_to_Client:
        return None
    match (request.cluster_id, header.command_id):
        case (IasZone.cluster_id, IasZone.ServerCommandDefs.enroll_response.id):
            zone = IasZone.AttributeDefs
            device.write(
                [
                    attribute(IasZone, zone.zone_state, ZoneState.Enrolled),
                    attribute(IasZone, zone.zone_id, body[1]),
                ]
            )
        case (OnOff.cluster_id, OnOff.ServerCommandDefs.on.id):
            device.write([attribute(OnOff, OnOff.AttributeDefs.on_off, 1)])
        case (OnOff.cluster_id, OnOff.ServerCommandDefs.off.id):
            device.write([attribute(OnOff, OnOff.AttributeDefs.on_off, 0)])
    return _default_response(request, header, Status.SUCCESS)


def _parse(command_id: Any, body: bytes) -> Any:
    """Return the fields of a general command."""
    command, _ = GENERAL_COMMANDS[command_id].schema.deserialize(body)
    return command


def _read(device: SimulatedDevice, keys: Iterable[AttributeKey]) -> bytes:
    """Return the records of a read, with a refusal for each attribute the device lacks."""
    return b"".join(_record(key, device.attributes.get(key)).serialize() for key in keys)


def _record(key: AttributeKey, value: TypeValue | None) -> ReadAttributeRecord:
    """Return one record of a read."""
    status = Status.UNSUPPORTED_ATTRIBUTE if value is None else Status.SUCCESS
    return ReadAttributeRecord(key[1], status, value)  # type: ignore[arg-type]


def _default_response(request: Message, header: ZCLHeader, status: Status) -> Message:
    """Return the answer that says only how it went."""
    body = bytes([header.command_id, status])
    return _respond(request, header, GeneralCommand.Default_Response, body)


def _respond(request: Message, header: ZCLHeader, command: GeneralCommand, body: bytes) -> Message:
    """Return a general command as the answer to a request."""
    answer_header = ZCLHeader.general(
        tsn=header.tsn,
        command_id=command,
        manufacturer=header.manufacturer,
        direction=Direction.Server_to_Client,
    )
    return request.answer(answer_header.serialize() + body)


def _report(device: SimulatedDevice, key: AttributeKey) -> Message:
    """Return a report of one attribute."""
    cluster_id, attribute_id = key
    header = ZCLHeader.general(
        tsn=device.next_sequence(),
        command_id=GeneralCommand.Report_Attributes,
        direction=Direction.Server_to_Client,
    )
    report = Attribute(attrid=attribute_id, value=device.attributes[key])
    return _from_device(cluster_id, header.serialize() + report.serialize())


def _from_device(cluster_id: int, data: bytes) -> Message:
    """Return a message that a device sends unasked."""
    return Message(profile_id=HOME_AUTOMATION, cluster_id=cluster_id, data=data)
