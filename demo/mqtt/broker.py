"""An MQTT broker in this process, on loopback only; whoever reaches it may speak."""

import logging
from typing import Any

from amqtt.broker import Broker as AmqttBroker  # type: ignore[import-untyped]

from demo.loopback import LOOPBACK, free_port

# At each of its starts Home Assistant tries whether the broker speaks MQTT 5 by now; it does not.
logging.getLogger("amqtt.broker").setLevel(logging.ERROR)


class Broker:
    """A broker whose retained messages live as long as it does."""

    def __init__(self, *, port: int = 0) -> None:
        """Prepare a broker; port 0 takes a free one."""
        self._port = port
        self._broker: Any = None

    @property
    def host(self) -> str:
        """Return the address that it listens on."""
        return LOOPBACK

    @property
    def port(self) -> int:
        """Return the port; after `start` it is the real one."""
        return self._port

    @property
    def url(self) -> str:
        """Return the address that a client connects to."""
        return f"mqtt://{self.host}:{self.port}/"

    async def start(self) -> None:
        """Listen."""
        # amqtt does not tell which port it was given.
        self._port = self._port or free_port()
        self._broker = AmqttBroker(
            {
                "listeners": {"default": {"type": "tcp", "bind": f"{self.host}:{self.port}", "max_connections": -1}},
                # Without a list of its own amqtt also logs every packet and publishes statistics.
                "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
            }
        )
        await self._broker.start()

    async def stop(self) -> None:
        """Close the connections and the port, and forget what was retained."""
        if self._broker is not None:
            await self._broker.shutdown()
            self._broker = None
