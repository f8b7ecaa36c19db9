"""A port of the demo's own, which nobody outside this machine can reach."""

from abc import ABC, abstractmethod
import socket
from typing import Any, Final

from aiohttp import web

LOOPBACK: Final = "127.0.0.1"


def free_port() -> int:
    """Return a port that nobody serves at the moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port


class LoopbackPort:
    """Where an application answers while it is open."""

    def __init__(self, number: int = 0) -> None:
        """Prepare a port; 0 takes a free one, and once it is open ``number`` is the real one."""
        self.number = number
        self._runner: web.AppRunner | None = None

    async def open(self, app: web.Application, **options: Any) -> None:
        """Let an application answer, with aiohttp's own options of how it is run."""
        self._runner = web.AppRunner(app, access_log=None, **options)
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, self.number).start()
        self.number = self._runner.addresses[0][1]

    async def close(self) -> None:
        """Stop answering; nothing happens if it is closed."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None


class LoopbackWebSocket(ABC):
    """A websocket on a port of its own."""

    def __init__(self, port: int) -> None:
        """Prepare a websocket; port 0 takes a free one."""
        self._port = LoopbackPort(port)

    @property
    def port(self) -> int:
        """Return the port; after `start` it is the real one."""
        return self._port.number

    async def start(self) -> None:
        """Listen."""
        app = web.Application()
        app.router.add_get("/", self._serve)
        await self._port.open(app, shutdown_timeout=0)

    async def stop(self) -> None:
        """Close the port."""
        await self._port.close()

    @abstractmethod
    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        """Talk with whoever connects until it goes."""
