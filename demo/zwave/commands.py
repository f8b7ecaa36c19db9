"""Answers to what Home Assistant asks of the driver."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from .nodes import CONTROLLER, Node

SCHEMA_VERSION: Final = 50
HOME_ID: Final = 0xD3000001

GREETING: Final[Mapping[str, Any]] = {
    "type": "version",
    "driverVersion": "simulated",
    "serverVersion": "simulated",
    "homeId": HOME_ID,
    "minSchemaVersion": 0,
    "maxSchemaVersion": SCHEMA_VERSION,
}
_LOG_CONFIG: Final = {"enabled": False, "level": "info", "logToFile": False, "forceConsole": False}
# No later than 6.50: Home Assistant would look for firmware of a newer stick.
_SDK_VERSION: Final = "6.07.00"

_SIMPLE_ANSWERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "initialize": {},
    "driver.get_log_config": {"config": _LOG_CONFIG},
    "driver.enable_statistics": {},
    "driver.disable_statistics": {},
    "controller.get_provisioning_entry": {},
    "controller.get_provisioning_entries": {"entries": []},
    "node.has_device_config_changed": {"changed": False},
}


class Commands:
    """The driver's side of the protocol."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        """Answer for these nodes."""
        self._nodes = nodes

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to a request, or a refusal of what a simulated driver cannot do."""
        known = {"type": "result", "messageId": request["messageId"]}
        match request["command"]:
            case "start_listening":
                result: Mapping[str, Any] = {"state": self._state()}
            case command if command in _SIMPLE_ANSWERS:
                result = _SIMPLE_ANSWERS[command]
            case command:
                refusal = {"success": False, "errorCode": "unknown_command", "message": f"Cannot {command}"}
                return {**known, **refusal, "args": {}}
        return {**known, "success": True, "result": result}

    def _state(self) -> dict[str, Any]:
        """Return all that the driver knows."""
        return {
            "driver": {"logConfig": _LOG_CONFIG, "statisticsEnabled": False, "ready": True, "allNodesReady": True},
            "controller": _CONTROLLER_STATE,
            "nodes": [node.describe() for node in self._nodes],
        }


_CONTROLLER_STATE: Final = {
    "sdkVersion": _SDK_VERSION,
    "type": 1,
    "homeId": HOME_ID,
    "ownNodeId": CONTROLLER.node_id,
    "isPrimary": True,
    "isSUC": True,
    "nodeType": 0,
    "firmwareVersion": "1.0",
    "supportsTimers": False,
    "isRebuildingRoutes": False,
    "inclusionState": 0,
    "status": 0,
    "statistics": {
        "messagesTX": 0,
        "messagesRX": 0,
        "messagesDroppedRX": 0,
        "messagesDroppedTX": 0,
        "NAK": 0,
        "CAN": 0,
        "timeoutACK": 0,
        "timeoutResponse": 0,
        "timeoutCallback": 0,
    },
}
