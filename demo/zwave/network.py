"""The simulated network as the demo and the tests hold it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from demo.loopback import LOOPBACK

from .commands import Commands
from .errors import NeverDeadError, UnknownNodeError
from .nodes import DOOR, EMERGENCY, NODES, REMOTE, SMOKE, Node, NodeSpec, NodeStatus
from .server import WebSocketServer
from .values import (
    CLOSED,
    DOOR_CLOSED,
    DOOR_OPEN,
    DOOR_STATE,
    EMERGENCY_ARGS,
    KEY_PRESSED,
    NO_SMOKE,
    OPEN,
    OPENING_STATE,
    SCENE,
    SMOKE as SMOKE_DETECTED,
    SMOKE_STATUS,
    CommandClass,
    ValueSpec,
)


class SimulatedNetwork:
    """A driver on a loopback port, with one node of each kind.

    It goes on without Home Assistant, as the driver does: a state is told at the next start, a press or an emergency
    that nobody heard is lost.
    """

    def __init__(self, *, port: int = 0) -> None:
        """Prepare a network at rest; port 0 takes a free one."""
        self.nodes: Mapping[str, Node] = MappingProxyType({spec.name: Node.from_spec(spec) for spec in NODES})
        self._server = WebSocketServer(port, Commands(self.nodes.values()).answer)

    @property
    def port(self) -> int:
        """Return the port; after `start` it is the real one."""
        return self._server.port

    @property
    def url(self) -> str:
        """Return the address to give Home Assistant."""
        return f"ws://{LOOPBACK}:{self.port}"

    async def start(self) -> None:
        """Listen."""
        await self._server.start()

    async def stop(self) -> None:
        """Close the connections and the port; the nodes keep what they know."""
        await self._server.stop()

    async def set_door(self, is_open: bool) -> None:  # noqa: FBT001 - reads as open and closed
        """Open or close the door."""
        await self._set_value(DOOR, OPENING_STATE, OPEN if is_open else CLOSED)
        await self._set_value(DOOR, DOOR_STATE, DOOR_OPEN if is_open else DOOR_CLOSED)

    async def set_smoke(self, on: bool) -> None:  # noqa: FBT001 - reads as on and off
        """Let the smoke sensor find smoke, or none any more."""
        await self._set_value(SMOKE, SMOKE_STATUS, SMOKE_DETECTED if on else NO_SMOKE)

    async def press_scene(self) -> None:
        """Press the remote's only button once."""
        await self._hear(REMOTE, "value notification", args={**SCENE.identify(), "value": KEY_PRESSED})

    async def emergency(self) -> None:
        """Call for medical help: a notification of type 10."""
        await self._hear(
            EMERGENCY, "notification", endpointIndex=0, ccId=int(CommandClass.NOTIFICATION), args=EMERGENCY_ARGS
        )

    async def set_node_dead(self, name: str, dead: bool = True) -> None:  # noqa: FBT001, FBT002 - reads as dead and not
        """Let the driver give a node up, or reach it again; its values stay as they are."""
        node = self._find(name)
        if node.spec.sleeps:
            raise NeverDeadError(f"{name} sleeps: it falls silent, and no driver declares it dead")
        node.status = NodeStatus.DEAD if dead else NodeStatus.ALIVE
        await self._tell(node.spec, "dead" if dead else "alive")

    def _find(self, name: str) -> Node:
        """Return the node with this name."""
        try:
            return self.nodes[name]
        except KeyError as err:
            raise UnknownNodeError(f"No node is named {name}") from err

    async def _set_value(self, spec: NodeSpec, value: ValueSpec, new: int) -> None:
        """Let a node report a value that the driver remembers."""
        values = self.nodes[spec.name].values
        previous, values[value] = values[value], new
        await self._hear(spec, "value updated", args={**value.identify(), "newValue": new, "prevValue": previous})

    async def _hear(self, spec: NodeSpec, event: str, **details: Any) -> None:
        """Tell what a node said; one that was given up is alive then."""
        if self.nodes[spec.name].status is NodeStatus.DEAD:
            await self.set_node_dead(spec.name, dead=False)
        await self._tell(spec, event, **details)

    async def _tell(self, spec: NodeSpec, event: str, **details: Any) -> None:
        """Tell what happened to a node."""
        await self._server.tell({"source": "node", "event": event, "nodeId": spec.node_id, **details})
