"""The values of nodes, in the words of Z-Wave JS."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final


class CommandClass(IntEnum):
    """The command classes that the nodes support."""

    CENTRAL_SCENE = 91
    NOTIFICATION = 113
    BATTERY = 128


COMMAND_CLASSES: Final[Mapping[CommandClass, tuple[str, int]]] = {
    CommandClass.CENTRAL_SCENE: ("Central Scene", 3),
    CommandClass.NOTIFICATION: ("Notification", 8),
    CommandClass.BATTERY: ("Battery", 1),
}
"""Name and version of each."""


class NotificationType(IntEnum):
    """The notification types that the nodes send."""

    SMOKE_ALARM = 1
    ACCESS_CONTROL = 6
    EMERGENCY_ALARM = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueSpec:
    """One value of a node; without an initial value it has none at any time: it only happens."""

    command_class: CommandClass
    property: str
    property_key: str | None = None
    initial: int | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def identify(self) -> dict[str, Any]:
        """Return the fields that tell this value from others of the node."""
        name, version = COMMAND_CLASSES[self.command_class]
        key = {} if self.property_key is None else {"propertyKey": self.property_key}
        key_name = {} if self.property_key is None else {"propertyKeyName": self.property_key}
        return {
            "endpoint": 0,
            "commandClass": int(self.command_class),
            "commandClassName": name,
            "ccVersion": version,
            "property": self.property,
            "propertyName": self.property,
            **key,
            **key_name,
        }


def _notification(kind: NotificationType, property_name: str, variable: str, states: Mapping[int, str]) -> ValueSpec:
    """Return a state that a node keeps by notifications; it starts idle."""
    return ValueSpec(
        command_class=CommandClass.NOTIFICATION,
        property=property_name,
        property_key=variable,
        initial=next(iter(states)),
        metadata={
            "type": "number",
            "readable": True,
            "writeable": False,
            "label": variable,
            "ccSpecific": {"notificationType": int(kind)},
            "min": 0,
            "max": 255,
            "states": {str(number): label for number, label in states.items()},
            "stateful": True,
            "secret": False,
        },
    )


DOOR_CLOSED, DOOR_OPEN = 23, 22
# Drivers tell a door twice: Home Assistant shows the "Opening state" and leaves the older value disabled.
DOOR_STATE: Final = _notification(
    NotificationType.ACCESS_CONTROL,
    "Access Control",
    "Door state (simple)",
    {DOOR_CLOSED: "Window/door is closed", DOOR_OPEN: "Window/door is open"},
)
CLOSED, OPEN = 0, 1
OPENING_STATE: Final = _notification(
    NotificationType.ACCESS_CONTROL, "Access Control", "Opening state", {CLOSED: "Closed", OPEN: "Open"}
)

NO_SMOKE, SMOKE = 0, 2
SMOKE_STATUS: Final = _notification(
    NotificationType.SMOKE_ALARM, "Smoke Alarm", "Sensor status", {NO_SMOKE: "idle", SMOKE: "Smoke detected"}
)
SMOKE_TEST: Final = _notification(
    NotificationType.SMOKE_ALARM, "Smoke Alarm", "Test status", {0: "idle", 3: "Smoke alarm test"}
)

KEY_PRESSED: Final = 0
SCENE: Final = ValueSpec(
    command_class=CommandClass.CENTRAL_SCENE,
    property="scene",
    property_key="001",
    metadata={
        "type": "number",
        "readable": True,
        "writeable": False,
        "label": "Scene 001",
        "min": 0,
        "max": 255,
        "states": {"0": "KeyPressed", "1": "KeyReleased", "2": "KeyHeldDown"},
        "stateful": False,
        "secret": False,
    },
)

BATTERY: Final = ValueSpec(
    command_class=CommandClass.BATTERY,
    property="level",
    initial=100,
    metadata={
        "type": "number",
        "readable": True,
        "writeable": False,
        "label": "Battery level",
        "min": 0,
        "max": 100,
        "unit": "%",
        "stateful": True,
        "secret": False,
    },
)

EMERGENCY_ARGS: Final[Mapping[str, Any]] = {
    "type": int(NotificationType.EMERGENCY_ALARM),
    "label": "Emergency Alarm",
    "event": 3,
    "eventLabel": "Contact medical service",
}
"""What an emergency says: it is over as soon as it is said, so no value keeps it."""
