"""Phones that may be dead, hang or be slow; a journal that may fail; a clock that moves when told."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import override

from custom_components.homecare_h2o.core.errors import JournalUnavailableError, NotificationError
from custom_components.homecare_h2o.core.events import Event
from custom_components.homecare_h2o.core.messages import Message, MessageKind
from custom_components.homecare_h2o.ports import Clock, Notifier
from tests.journal.memory import MemoryJournal


class FakeClock(Clock):
    """Shows the same instant until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    @override
    def now(self) -> datetime:
        return self.at


class FakePhones(Notifier):
    """What each phone shows, and everything it ever was told."""

    def __init__(self) -> None:
        self.dead: set[str] = set()
        self.hung: set[str] = set()
        self.broken: dict[str, Exception] = {}
        self.told: list[Message] = []
        self.parked: set[asyncio.Task[None] | None] = set()
        self._screens: dict[tuple[str, str], Message] = {}
        self._waiting: list[asyncio.Future[None]] = []

    @override
    async def send(self, message: Message) -> None:
        if message.phone_id in self.hung:
            await self._park()
        if message.phone_id in self.dead:
            raise NotificationError("dead")
        if message.phone_id in self.broken:
            raise self.broken[message.phone_id]
        self.told.append(message)
        key = (message.phone_id, message.alarm.alarm_id)
        if message.kind is MessageKind.CLEAR:
            self._screens.pop(key, None)
        else:
            self._screens[key] = message

    async def _park(self) -> None:
        """Wait until the phone hangs no more."""
        self.parked.add(asyncio.current_task())
        self._waiting.append(asyncio.get_running_loop().create_future())
        await self._waiting[-1]

    def release(self) -> None:
        """Let what hangs go on."""
        self.hung.clear()
        for future in self._take_parked():
            future.set_result(None)

    def give_up(self) -> None:
        """Let what hangs fail; what is sent next hangs again."""
        for future in self._take_parked():
            future.set_exception(NotificationError("timeout"))

    def _take_parked(self) -> list[asyncio.Future[None]]:
        """Return what hung, which is running from now on."""
        waiting, self._waiting = self._waiting, []
        self.parked.clear()
        return [future for future in waiting if not future.done()]

    def screens(self, phone_id: str) -> list[Message]:
        """Return what a phone shows."""
        return [message for (phone, _), message in self._screens.items() if phone == phone_id]

    def heard(self, phone_id: str) -> list[str]:
        """Return the kinds of all that a phone was told."""
        return [message.kind.value for message in self.told if message.phone_id == phone_id]


class FakeJournal(MemoryJournal):
    """A journal whose writes can be held up, or fail while it can still be read (a full disk)."""

    def __init__(self) -> None:
        super().__init__()
        self.is_full = False
        self.failure: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.written = asyncio.Event()
        """Set when an append may say that it is on disk."""
        self.written.set()

    @override
    def restart(self) -> FakeJournal:
        journal = FakeJournal()
        journal.recorded = list(self.recorded)
        journal.finished = set(self.finished)
        return journal

    @override
    async def append(self, events: Sequence[Event], *, finished: Collection[str] = ()) -> None:
        await self.gate.wait()
        if self.failure:
            raise self.failure
        if self.is_full:
            raise JournalUnavailableError("full")
        await super().append(events, finished=finished)
        await self.written.wait()
