"""What survives a restart of the simulator: the network, and the devices that joined it."""

from collections.abc import Iterable
import json
from pathlib import Path
from typing import Any

from zigpy.zcl.foundation import TypeValue

from .device import SimulatedDevice


def save(path: Path, network: bytes | None, devices: Iterable[SimulatedDevice]) -> None:
    """Write the state; a reader sees the old file or the new one, never half of it."""
    document = {
        "network": None if network is None else network.hex(),
        "devices": {device.name: _dump(device) for device in devices if device.joined},
    }
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(document, indent=2))
    draft.replace(path)


def load(path: Path, devices: Iterable[SimulatedDevice]) -> bytes | None:
    """Bring devices back to the saved state; return the saved network, if there is one."""
    if not path.exists():
        return None
    document = json.loads(path.read_text())
    for device in devices:
        if (saved := document["devices"].get(device.name)) is not None:
            _restore(device, saved)
    network = document["network"]
    return None if network is None else bytes.fromhex(network)


def _dump(device: SimulatedDevice) -> list[list[Any]]:
    """Return a device's attributes as plain data."""
    return [[*key, value.serialize().hex()] for key, value in device.attributes.items()]


def _restore(device: SimulatedDevice, saved: list[list[Any]]) -> None:
    """Let a device have joined with the saved attributes."""
    device.joined = True
    device.write(
        ((cluster_id, attribute_id), TypeValue.deserialize(bytes.fromhex(value))[0])
        for cluster_id, attribute_id, value in saved
    )
