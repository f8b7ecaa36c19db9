"""One websocket to Home Assistant that comes back after a restart and subscribes again."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
import itertools
import logging
from typing import Any

import aiohttp

from .errors import HassError, HassUnreachableError
from .login import Login

type EventCallback = Callable[[dict[str, Any]], None]
type Unsubscribe = Callable[[], Awaitable[None]]

_LOGGER = logging.getLogger(__name__)
_TIMEOUT = 30.0
_RETRY = 0.2


@dataclass(slots=True, kw_only=True)
class _Subscription:
    """What is asked for again on every new connection; its id is that of the current one."""

    callback: EventCallback
    message: dict[str, Any]
    message_id: int = 0


class HassSocket:
    """Commands by message id and subscriptions that survive a restart of Home Assistant.

    Events fired while the connection is down are missed, as by any client.
    """

    def __init__(self, session: aiohttp.ClientSession, url: str, login: Login) -> None:
        """Remember where to connect and who signs in."""
        self._session = session
        self._url = f"{url}/api/websocket"
        self._login = login
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._subscriptions: list[_Subscription] = []
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._connected = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Start to connect, and to connect again whenever the connection is lost."""
        self._task = asyncio.create_task(self._keep_connected(), name="demo websocket")

    async def close(self) -> None:
        """Disconnect for good."""
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def command(self, command: str, **fields: Any) -> Any:
        """Send a command and return its result; HassError when it is refused or there is no connection."""
        try:
            async with asyncio.timeout(_TIMEOUT):
                await self._connected.wait()
                return await self._send({"type": command, **fields}, next(self._ids))
        except TimeoutError as err:
            raise HassUnreachableError(f"{command}: no answer in {_TIMEOUT:.0f} s") from err

    async def subscribe(self, callback: EventCallback, command: str, **fields: Any) -> Unsubscribe:
        """Call back with every event of a subscription command until the returned function is awaited."""
        subscription = _Subscription(callback=callback, message={"type": command, **fields})
        async with asyncio.timeout(_TIMEOUT):
            await self._connected.wait()
        self._subscriptions.append(subscription)
        try:
            await self._ask(subscription)
        except BaseException:
            self._subscriptions.remove(subscription)
            raise

        async def unsubscribe() -> None:
            """End the subscription, here and in Home Assistant."""
            self._subscriptions.remove(subscription)
            with suppress(HassUnreachableError):
                await self._send(
                    {"type": "unsubscribe_events", "subscription": subscription.message_id}, next(self._ids)
                )

        return unsubscribe

    async def _ask(self, subscription: _Subscription) -> None:
        """Subscribe on the current connection."""
        subscription.message_id = next(self._ids)
        await self._send(subscription.message, subscription.message_id)

    async def _send(self, message: dict[str, Any], message_id: int) -> Any:
        """Send one message and wait for its result."""
        if self._socket is None:
            raise HassUnreachableError("the websocket is not connected")
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[message_id] = future
        try:
            await self._socket.send_json({**message, "id": message_id})
            return await future
        except (ConnectionError, aiohttp.ClientError) as err:
            raise HassUnreachableError(err) from err
        finally:
            self._waiting.pop(message_id, None)

    async def _keep_connected(self) -> None:
        """Connect, listen, and start over when the connection ends."""
        while True:
            try:
                await self._connect_and_listen()
            except (aiohttp.ClientError, HassError, OSError, TimeoutError) as err:
                _LOGGER.debug("the websocket was lost: %s", err)
            finally:
                self._disconnected()
            await asyncio.sleep(_RETRY)

    async def _connect_and_listen(self) -> None:
        """Hold one connection for as long as it lasts."""
        async with self._session.ws_connect(self._url, max_msg_size=0) as socket:
            await self._greet(socket)
            self._socket = socket
            again = asyncio.create_task(self._subscribe_again(), name="demo websocket subscriptions")
            try:
                async for message in socket:
                    if message.type is aiohttp.WSMsgType.TEXT:
                        self._handle(message.json())
            finally:
                again.cancel()
                await asyncio.gather(again, return_exceptions=True)

    async def _greet(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Authenticate; a token that is refused is dropped, and the next attempt signs in again."""
        await socket.receive_json(timeout=_TIMEOUT)
        await socket.send_json({"type": "auth", "access_token": await self._login.token()})
        answer = await socket.receive_json(timeout=_TIMEOUT)
        if answer["type"] != "auth_ok":
            self._login.forget()
            raise HassError("auth", answer)

    async def _subscribe_again(self) -> None:
        """Bring back the subscriptions, then let commands through."""
        for subscription in list(self._subscriptions):
            try:
                await self._ask(subscription)
            except HassError:
                _LOGGER.exception("could not subscribe again: %s", subscription.message)
        self._connected.set()

    def _disconnected(self) -> None:
        """Fail everyone who waits for an answer that will not come."""
        self._connected.clear()
        self._socket = None
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(HassUnreachableError("the connection was lost"))

    def _handle(self, message: dict[str, Any]) -> None:
        """Hand a message to whoever waits for it."""
        match message["type"]:
            case "result":
                self._settle(message)
            case "event":
                self._dispatch(message)

    def _settle(self, message: dict[str, Any]) -> None:
        """Answer the command with this id."""
        future = self._waiting.get(message["id"])
        if future is None or future.done():
            return
        if message["success"]:
            future.set_result(message["result"])
        else:
            future.set_exception(HassError(message["error"]["code"], message["error"]["message"]))

    def _dispatch(self, message: dict[str, Any]) -> None:
        """Call the subscriber; its trouble is not the connection's."""
        for subscription in self._subscriptions:
            if subscription.message_id == message["id"]:
                try:
                    subscription.callback(message["event"])
                except Exception:
                    _LOGGER.exception("a subscriber failed on %s", message["event"])
                return
