"""Answers to ZDO, the language in which a device is asked what it is."""

from typing import Final

from zigpy.profiles.zha import PROFILE_ID as HOME_AUTOMATION
from zigpy.zdo.types import (
    LogicalType,
    MACCapabilityFlags,
    NodeDescriptor,
    SizePrefixedSimpleDescriptor,
    Status,
    ZDOCmd,
)

from .device import ENDPOINT, Message, SimulatedDevice

PROFILE_ID: Final = 0x0000

_ANSWER_BIT: Final = 0x8000
_ALL_ROUTERS_AND_LISTENERS: Final = 0xFFFD
_MANUFACTURER_CODE: Final = 0x0000
_CAPABILITY: Final = MACCapabilityFlags.AllocateAddress
_PLUG_CAPABILITY: Final = (
    _CAPABILITY
    | MACCapabilityFlags.FullFunctionDevice
    | MACCapabilityFlags.MainsPowered
    | MACCapabilityFlags.RxOnWhenIdle
)


def announce(device: SimulatedDevice) -> Message:
    """Return the announcement of a device that has just joined."""
    return Message(
        profile_id=PROFILE_ID,
        cluster_id=ZDOCmd.Device_annce,
        src_ep=0,
        dst_ep=0,
        destination=_ALL_ROUTERS_AND_LISTENERS,
        data=bytes([device.next_sequence()]) + _nwk(device) + device.ieee_bytes + bytes([_capability(device)]),
    )


def answer(device: SimulatedDevice, request: Message) -> Message | None:
    """Return the device's answer to a ZDO request, if the message is one."""
    if request.cluster_id & _ANSWER_BIT:
        return None
    return request.answer(
        request.data[:1] + _answer_body(device, request),
        cluster_id=request.cluster_id | _ANSWER_BIT,
    )


def _answer_body(device: SimulatedDevice, request: Message) -> bytes:
    """Return the answer without its sequence number."""
    match request.cluster_id:
        case ZDOCmd.Node_Desc_req:
            facts = _nwk(device) + _node_descriptor(device).serialize()
        case ZDOCmd.Active_EP_req:
            facts = _nwk(device) + bytes([1, ENDPOINT])
        case ZDOCmd.Simple_Desc_req:
            facts = _nwk(device) + _simple_descriptor(device)
        case ZDOCmd.NWK_addr_req | ZDOCmd.IEEE_addr_req:
            facts = device.ieee_bytes + _nwk(device)
        case ZDOCmd.Bind_req | ZDOCmd.Unbind_req:
            facts = b""
        case ZDOCmd.Mgmt_Leave_req:
            device.leave()
            facts = b""
        case _:
            return bytes([Status.NOT_SUPPORTED])
    return bytes([Status.SUCCESS]) + facts


def _nwk(device: SimulatedDevice) -> bytes:
    """Return the short address as it goes over the air."""
    return device.nwk.to_bytes(2, "little")


def _capability(device: SimulatedDevice) -> MACCapabilityFlags:
    """Return how a device is fed, and whether it listens between its messages."""
    return _PLUG_CAPABILITY if device.model.is_plug else _CAPABILITY


def _node_descriptor(device: SimulatedDevice) -> NodeDescriptor:
    """Describe a router, or an end device that sleeps between its messages."""
    return NodeDescriptor(  # type: ignore[no-untyped-call]
        logical_type=LogicalType.Router if device.model.is_plug else LogicalType.EndDevice,
        complex_descriptor_available=0,
        user_descriptor_available=0,
        reserved=0,
        aps_flags=0,
        frequency_band=NodeDescriptor.FrequencyBand.Freq2400MHz,
        mac_capability_flags=_capability(device),
        manufacturer_code=_MANUFACTURER_CODE,
        maximum_buffer_size=82,
        maximum_incoming_transfer_size=82,
        server_mask=0,
        maximum_outgoing_transfer_size=82,
        descriptor_capability_field=NodeDescriptor.DescriptorCapability.NONE,
    )


def _simple_descriptor(device: SimulatedDevice) -> bytes:
    """Describe the device's one endpoint."""
    descriptor = SizePrefixedSimpleDescriptor(
        endpoint=ENDPOINT,
        profile=HOME_AUTOMATION,
        device_type=device.model.device_type,
        device_version=1,
        input_clusters=list(device.model.server_clusters),
        output_clusters=list(device.model.client_clusters),
    )
    return bytes(descriptor.serialize())  # type: ignore[no-untyped-call]
