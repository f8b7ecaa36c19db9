"""The loopback websocket at which Home Assistant finds the driver."""

from collections.abc import Callable, Mapping
import logging
from typing import Any, override

from aiohttp import WSMsgType, web

from demo.loopback import LoopbackWebSocket

from .commands import GREETING

_LOGGER = logging.getLogger(__name__)


class WebSocketServer(LoopbackWebSocket):
    """A server for any number of clients; those who asked to listen are told what happens."""

    def __init__(self, port: int, answer: Callable[[Mapping[str, Any]], dict[str, Any]]) -> None:
        """Prepare a server that lets `answer` answer the requests."""
        super().__init__(port)
        self._answer = answer
        self._listeners: set[web.WebSocketResponse] = set()

    @override
    async def stop(self) -> None:
        """Close the connections and the port."""
        for listener in tuple(self._listeners):
            await listener.close()
        await super().stop()

    async def tell(self, event: Mapping[str, Any]) -> None:
        """Tell an event to those who listen; nobody else will ever hear of it."""
        for listener in tuple(self._listeners):
            try:
                await listener.send_json({"type": "event", "event": event})
            except ConnectionError:
                _LOGGER.debug("A listener is gone and misses %s", event)

    @override
    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        """Greet a client and answer its requests until it goes."""
        websocket = web.WebSocketResponse()
        await websocket.prepare(request)
        await websocket.send_json(GREETING)
        try:
            async for message in websocket:
                if message.type is WSMsgType.TEXT:
                    await self._handle(websocket, message.json())
        finally:
            self._listeners.discard(websocket)
        return websocket

    async def _handle(self, websocket: web.WebSocketResponse, request: Mapping[str, Any]) -> None:
        """Answer one request."""
        answer = self._answer(request)
        if not answer["success"]:
            _LOGGER.warning("Home Assistant asked for what the simulation lacks: %s", request)
        await websocket.send_json(answer)
        if request["command"] == "start_listening":
            self._listeners.add(websocket)
