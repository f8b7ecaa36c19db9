"""A Z-Wave driver with a virtual network, driven by Home Assistant's unmodified zwave_js.

`SimulatedNetwork` answers at a websocket as `zwave-js-server` does: it tells the state of a controller and its nodes,
and then what happens to them. There is no radio below it.

    network   what the demo holds: start, set_door, set_smoke, press_scene, emergency, set_node_dead
    server    the loopback websocket and who listens at it
    commands  answers to what Home Assistant asks
    nodes     one node: what it is and what is known of it
    values    the values of nodes: what a door, a smoke sensor and a button have to say
    setup     the config flow, as a person clicks through it
"""

from .errors import NeverDeadError, SimulatedNetworkError, UnknownNodeError
from .network import SimulatedNetwork
from .nodes import DOOR, EMERGENCY, REMOTE, SMOKE

__all__ = [
    "DOOR",
    "EMERGENCY",
    "REMOTE",
    "SMOKE",
    "NeverDeadError",
    "SimulatedNetwork",
    "SimulatedNetworkError",
    "UnknownNodeError",
]
