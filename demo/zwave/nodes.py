"""The nodes of the network, and what the driver knows of each."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, Final, Self

from .values import (
    BATTERY,
    COMMAND_CLASSES,
    DOOR_STATE,
    OPENING_STATE,
    SCENE,
    SMOKE_STATUS,
    SMOKE_TEST,
    CommandClass,
    ValueSpec,
)

MANUFACTURER: Final = "Hemlabbet"

_MANUFACTURER_ID: Final = 0xFFFF  # Nobody's, so that no rule for a real device matches.
_DEVICE_CLASS: Final = {
    "basic": {"key": 4, "label": "Routing End Node"},
    "generic": {"key": 7, "label": "Notification Sensor"},
    "specific": {"key": 1, "label": "Notification Sensor"},
}
_NO_STATISTICS: Final = {
    "commandsTX": 0,
    "commandsRX": 0,
    "commandsDroppedRX": 0,
    "commandsDroppedTX": 0,
    "timeoutResponse": 0,
}


class NodeStatus(IntEnum):
    """What the driver believes of a node; only one that never sleeps can be dead."""

    ASLEEP = 1
    DEAD = 3
    ALIVE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSpec:
    """One node of the network."""

    node_id: int
    name: str
    model: str
    values: tuple[ValueSpec, ...] = ()
    command_classes: tuple[CommandClass, ...] = ()
    sleeps: bool = False
    is_controller: bool = False


CONTROLLER: Final = NodeSpec(node_id=1, name="", model="Stick Three", is_controller=True)
DOOR: Final = NodeSpec(
    node_id=2,
    name="Altandörren",
    model="Contact Three",
    values=(OPENING_STATE, DOOR_STATE, BATTERY),
    command_classes=(CommandClass.NOTIFICATION, CommandClass.BATTERY),
    sleeps=True,
)
SMOKE: Final = NodeSpec(
    node_id=3,
    name="Brandvarnaren",
    model="Smoke Three",
    values=(SMOKE_STATUS, SMOKE_TEST),
    command_classes=(CommandClass.NOTIFICATION,),
)
REMOTE: Final = NodeSpec(
    node_id=4,
    name="Fjärrkontrollen",
    model="Button Three",
    values=(SCENE, BATTERY),
    command_classes=(CommandClass.CENTRAL_SCENE, CommandClass.BATTERY),
    sleeps=True,
)
EMERGENCY: Final = NodeSpec(
    node_id=5,
    name="Trygghetsdosan",
    model="Help Three",
    command_classes=(CommandClass.NOTIFICATION,),
)
NODES: Final = (CONTROLLER, DOOR, SMOKE, REMOTE, EMERGENCY)


@dataclass(slots=True, kw_only=True)
class Node:
    """A node with its status and its values, as the driver remembers them."""

    spec: NodeSpec
    status: NodeStatus
    values: dict[ValueSpec, int] = field(default_factory=dict)

    @classmethod
    def from_spec(cls, spec: NodeSpec) -> Self:
        """Return a node at rest."""
        status = NodeStatus.ASLEEP if spec.sleeps else NodeStatus.ALIVE
        values = {value: value.initial for value in spec.values if value.initial is not None}
        return cls(spec=spec, status=status, values=values)

    def describe(self) -> dict[str, Any]:
        """Return all that the driver tells of the node."""
        return {
            **_about(self.spec),
            "status": int(self.status),
            "values": [self._describe_value(value) for value in self.spec.values],
            "statistics": dict(_NO_STATISTICS),
        }

    def _describe_value(self, value: ValueSpec) -> dict[str, Any]:
        """Return one value with what is known of it."""
        current = {"value": self.values[value]} if value in self.values else {}
        return {**value.identify(), "metadata": dict(value.metadata), **current}


def _about(spec: NodeSpec) -> dict[str, Any]:
    """Return what does not change about a node."""
    return {
        "nodeId": spec.node_id,
        "index": 0,
        "name": spec.name,
        "ready": True,
        "interviewStage": "Complete",
        "deviceClass": _DEVICE_CLASS,
        "manufacturerId": _MANUFACTURER_ID,
        "productType": 1,
        "productId": spec.node_id,
        "firmwareVersion": "1.0",
        "deviceConfig": {"manufacturer": MANUFACTURER, "label": spec.model, "description": spec.model},
        "label": spec.model,
        "isListening": not spec.sleeps,
        "isFrequentListening": False,
        "isRouting": True,
        "isSecure": False,
        "isControllerNode": spec.is_controller,
        "keepAwake": False,
        "protocol": 0,
        "lastSeen": datetime.now(UTC).isoformat(),
        "endpoints": [_endpoint(spec)],
    }


def _endpoint(spec: NodeSpec) -> dict[str, Any]:
    """Return the only endpoint of a node."""
    command_classes = [
        {"id": int(command_class), "name": name, "version": version, "isSecure": False}
        for command_class in spec.command_classes
        for name, version in (COMMAND_CLASSES[command_class],)
    ]
    return {"nodeId": spec.node_id, "index": 0, "deviceClass": _DEVICE_CLASS, "commandClasses": command_classes}
