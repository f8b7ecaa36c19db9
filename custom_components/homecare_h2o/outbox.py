"""Messages on their way to phones: one task and time-out for each phone and alarm, the newest message wins.

What could not be handed over is tried again: a call for as long as it is the newest, the taking away of what is
over for about an hour, and again when the phone gives a sign of life (R013.1).
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass, field
import logging
from math import inf
from typing import Any

from .core.budget import HELD_BACK, RATE_LIMITED
from .core.errors import NotificationError
from .core.messages import Message, MessageKind
from .ports import Notifier

_LOGGER = logging.getLogger(__name__)

SEND_TIMEOUT = 8.0
"""Seconds until a phone that hangs is given up, and tried again."""
CALL_PAUSES = (2.0, 5.0, 10.0, 20.0, 40.0, 60.0)
"""Seconds between the attempts to call; the last goes on until something newer is to be told."""
CLEAR_PAUSES = (5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1500.0)
"""Seconds between the attempts to take a message away; then only a sign of life makes us try again."""
LIMITED_PAUSE = 60.0
"""Seconds at least for which a phone is left alone whose push service takes no more."""
SIGN_PAUSE = 10.0
"""Seconds for which one sign of life is enough: a phone that confirms what its push service says it did not get would be
called in a circle, hundreds of times in a second."""
MOST_GIVEN_UP = 200
"""Messages remembered that could not be taken away."""

type Spawn = Callable[[Coroutine[Any, Any, Any], str], asyncio.Task[Any]]
type Report = Callable[[Message, str | None], Awaitable[None]]
type _Key = tuple[str, str]


@dataclass(slots=True)
class _Attempts:
    """What was tried to bring one phone up to date with one alarm, and why it failed so far."""

    message: Message
    failures: int = 0
    error: str | None = None
    told: set[tuple[int, str]] = field(default_factory=set)
    timer: asyncio.TimerHandle | None = None
    woken_at: float = -inf
    """When a sign of life last led to an attempt, on the loop's clock."""

    def cancel(self) -> None:
        """Leave it at what was tried."""
        if self.timer:
            self.timer.cancel()
        self.timer = None


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
        self._attempts: dict[_Key, _Attempts] = {}
        self._is_stopped = False

    def put(self, messages: Iterable[Message]) -> None:
        """Start sending messages; returns at once."""
        for message in messages:
            key = (message.phone_id, message.alarm.alarm_id)
            if attempts := self._attempts.get(key):
                attempts.cancel()
                attempts.failures = 0
            self._start(key, message)

    def try_again(self, reaches: Callable[[str], bool]) -> None:
        """Send at once what phones that gave a sign of life could not be told."""
        now = asyncio.get_running_loop().time()
        for key, attempts in list(self._attempts.items()):
            if reaches(key[0]) and key not in self._working and now - attempts.woken_at >= SIGN_PAUSE:
                attempts.woken_at = now
                attempts.cancel()
                self._start(key, attempts.message)

    def stop(self) -> None:
        """Try nothing again; what is under way goes on to its end."""
        self._is_stopped = True
        for attempts in self._attempts.values():
            attempts.cancel()

    def _start(self, key: _Key, message: Message) -> None:
        """Send a message as soon as its phone has been told the one before."""
        self._waiting[key] = message
        if key not in self._working:
            self._working.add(key)
            self._spawn(self._work(key), f"homecare_h2o tell {message.phone_id}")

    async def _work(self, key: _Key) -> None:
        """Send what waits for one phone and alarm until nothing does."""
        try:
            while message := self._waiting.pop(key, None):
                await self._tell(key, message)
        finally:
            self._working.discard(key)

    async def _tell(self, key: _Key, message: Message) -> None:
        """Send one message and report how it went; that this fails does not keep the next one back."""
        error = await self._send(message)
        is_news = self._note(key, message, error)
        try:
            if is_news:
                await self._report(message, error)
        except Exception:
            _LOGGER.exception("Could not report how a phone was told")
        self._plan_attempt(key, message)

    def _note(self, key: _Key, message: Message, error: str | None) -> bool:
        """Remember how an attempt went; return whether that is to be reported: each reason once for each step.

        Of what is over only the end of all attempts is reported, so that a restart goes on trying.
        """
        if error is None:
            self._attempts.pop(key, None)
            return True
        attempts = self._attempts.setdefault(key, _Attempts(message))
        attempts.message, attempts.error = message, error
        attempts.failures += 1
        if error == HELD_BACK:
            # The next step, not the next moment, is the time to think of it again.
            del self._attempts[key]
            return True
        if message.kind is MessageKind.CLEAR and not message.alarm.is_open:
            return attempts.failures == len(CLEAR_PAUSES) + 1
        is_news = (message.step, error) not in attempts.told
        attempts.told.add((message.step, error))
        return is_news

    def _plan_attempt(self, key: _Key, message: Message) -> None:
        """Have what failed tried again, unless something newer waits."""
        attempts = self._attempts.get(key)
        if attempts is None or key in self._waiting or self._is_stopped:
            return
        pauses = CLEAR_PAUSES if message.kind is MessageKind.CLEAR else CALL_PAUSES
        if attempts.failures > len(pauses) and message.kind is MessageKind.CLEAR:
            attempts.cancel()
            self._forget_oldest()
            return
        pause = pauses[min(attempts.failures, len(pauses)) - 1]
        if attempts.error == RATE_LIMITED:
            pause = max(pause, LIMITED_PAUSE)
        attempts.timer = asyncio.get_running_loop().call_later(pause, self._start, key, message)

    def _forget_oldest(self) -> None:
        """Remember no more than so many messages that could not be taken away."""
        given_up = [key for key, attempts in self._attempts.items() if attempts.timer is None]
        for key in given_up[:-MOST_GIVEN_UP]:
            del self._attempts[key]

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
