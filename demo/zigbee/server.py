"""The loopback websocket at which ZHA finds the radio."""

from collections.abc import Awaitable, Callable
import logging
from typing import override

from aiohttp import WSMsgType, web

from demo.loopback import LoopbackWebSocket

_LOGGER = logging.getLogger(__name__)


class WebSocketServer(LoopbackWebSocket):
    """A server with one listener: the newest connection."""

    def __init__(
        self,
        port: int,
        hello: Callable[[], bytes],
        receive: Callable[[bytes], Awaitable[None]],
    ) -> None:
        """Prepare a server that greets with `hello` and hands frames to `receive`."""
        super().__init__(port)
        self._hello = hello
        self._receive = receive
        self._listener: web.WebSocketResponse | None = None

    @override
    async def stop(self) -> None:
        """Close the connection and the port."""
        if self._listener is not None:
            await self._listener.close()
        await super().stop()

    async def send(self, frame: bytes) -> None:
        """Send a frame, or lose it when nobody listens, as on the air."""
        if self._listener is None or self._listener.closed:
            _LOGGER.debug("Nobody listens; lost %s", frame.hex())
            return
        try:
            await self._listener.send_bytes(frame)
        except ConnectionError:
            _LOGGER.debug("The listener is gone; lost %s", frame.hex())

    @override
    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        """Greet a new listener and take its frames until it goes."""
        websocket = web.WebSocketResponse()
        await websocket.prepare(request)
        self._listener = websocket
        await self.send(self._hello())
        async for message in websocket:
            if message.type is WSMsgType.BINARY:
                await self._receive(message.data)
        return websocket
