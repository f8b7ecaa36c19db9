"""Messages on their way to phones: one task and time-out for each phone and alarm, the newest message wins."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
import logging
from typing import Any

from .core.errors import NotificationError
from .core.messages import Message
from .ports import Notifier

_LOGGER = logging.getLogger(__name__)

SEND_TIMEOUT = 8.0
"""Seconds; shorter than the time-out that mobile_app swallows, so that a hanging phone is known to hang."""

type Spawn = Callable[[Coroutine[Any, Any, Any], str], asyncio.Task[Any]]
type Report = Callable[[Message, str | None], Awaitable[None]]
type _Key = tuple[str, str]


class Outbox:
    """Delivers messages so that one phone never delays another.

    Messages of one alarm to one phone are kept in order; one that has not left yet is replaced by a newer one.
    """

    def __init__(self, notifier: Notifier, spawn: Spawn, report: Report) -> None:
        """Keep what is needed to send, and to tell how it went."""
        self._notifier = notifier
        self._spawn = spawn
        self._report = report
        self._waiting: dict[_Key, Message] = {}
        self._working: set[_Key] = set()

    def put(self, messages: Iterable[Message]) -> None:
        """Start sending messages; returns at once."""
        for message in messages:
            key = (message.phone_id, message.alarm.alarm_id)
            self._waiting[key] = message
            if key not in self._working:
                self._working.add(key)
                self._spawn(self._work(key), f"homecare_h2o tell {message.phone_id}")

    async def _work(self, key: _Key) -> None:
        """Send what waits for one phone and alarm until nothing does."""
        try:
            while message := self._waiting.pop(key, None):
                await self._tell(message)
        finally:
            self._working.discard(key)

    async def _tell(self, message: Message) -> None:
        """Send one message and report how it went; that this fails does not keep the next one back."""
        error = await self._send(message)
        try:
            await self._report(message, error)
        except Exception:
            _LOGGER.exception("Could not report how a phone was told")

    async def _send(self, message: Message) -> str | None:
        """Send one message; return why it failed, None if it was handed over."""
        try:
            async with asyncio.timeout(SEND_TIMEOUT):
                await self._notifier.send(message)
        except TimeoutError:
            return "timeout"
        except NotificationError as err:
            return str(err)
        except Exception as err:
            _LOGGER.exception("Unexpected error while telling a phone")
            return type(err).__name__
        return None
