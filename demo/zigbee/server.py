"""The loopback websocket at which ZHA finds the radio."""

from collections.abc import Awaitable, Callable
import logging

from aiohttp import WSMsgType, web

_LOGGER = logging.getLogger(__name__)


class WebSocketServer:
    """A server with one listener: the newest connection."""

    def __init__(
        self,
        host: str,
        port: int,
        hello: Callable[[], bytes],
        receive: Callable[[bytes], Awaitable[None]],
    ) -> None:
        """Prepare a server that greets with `hello` and hands frames to `receive`."""
        self._host = host
        self._hello = hello
        self._receive = receive
        self._listener: web.WebSocketResponse | None = None
        self._runner: web.AppRunner | None = None
        self.port = port

    async def start(self) -> None:
        """Listen; afterwards `port` is the real one."""
        app = web.Application()
        app.router.add_get("/", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close the connection and the port."""
        if self._listener is not None:
            await self._listener.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def send(self, frame: bytes) -> None:
        """Send a frame, or lose it when nobody listens, as on the air."""
        if self._listener is None or self._listener.closed:
            _LOGGER.debug("Nobody listens; lost %s", frame.hex())
            return
        try:
            await self._listener.send_bytes(frame)
        except ConnectionError:
            _LOGGER.debug("The listener is gone; lost %s", frame.hex())

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
