"""A Zigbee coordinator with a virtual mesh, driven by Home Assistant's unmodified ZHA.

`SimulatedRadio` answers at a websocket as the Ziggurat stack does; its devices speak raw ZDO
and ZCL, so that ZHA interviews, binds and enrols them as it would real ones. This room imports
zigpy, which is GPL-3.0: it is development and test code and no part of the integration.

    radio      what the demo holds: start, join, set_zone, press, switch, set_power
    server     the loopback websocket and who is connected to it
    coordinator  the radio's side of Ziggurat's protocol
    device     one simulated device: its addresses, its attributes, what it says
    zdo, zcl   answers to Zigbee's two request languages
    models     the table of device kinds
    state      what survives a restart of the simulator
    setup      the config flow and pairing, as a person clicks them
"""

from .device import SimulatedDevice
from .errors import (
    DeviceNotJoinedError,
    SimulatedRadioError,
    UnknownDeviceError,
    UnsupportedActionError,
)
from .models import DeviceKind, DeviceSpec
from .radio import SimulatedRadio

__all__ = [
    "DeviceKind",
    "DeviceNotJoinedError",
    "DeviceSpec",
    "SimulatedDevice",
    "SimulatedRadio",
    "SimulatedRadioError",
    "UnknownDeviceError",
    "UnsupportedActionError",
]
