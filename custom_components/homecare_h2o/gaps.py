"""Tells the larmansvarig, once, when nobody has watched (R010.5)."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
import logging
from typing import Protocol

from homeassistant.core import HomeAssistant
from homeassistant.helpers.dispatcher import async_dispatcher_send

from .const import SIGNAL_HUB
from .core.errors import EngineStoppedError, JournalError
from .core.gaps import NEWEST, SHORTEST, Gap, calc_newest, find_gap
from .core.hub_events import MonitoringGap
from .engine import Engine
from .outbox import Spawn
from .ports import Clock, Journal
from .wording import Wording

_LOGGER = logging.getLogger(__name__)

RULE = "system.gap"
LONGEST_STEP = SHORTEST
"""The sign of life is given each minute: more than this from one to the next is a gap. Tests take longer steps."""


class RaiseTechnical(Protocol):
    """Raises a technical alarm for every brukare."""

    async def __call__(self, rule: str, *, message: str | None = None, due_at: datetime | None = None) -> None:
        """Raise it."""


class Gaps:
    """The gaps of the journal, and the telling of a new one."""

    def __init__(
        self,
        hass: HomeAssistant,
        journal: Journal,
        engine: Engine,
        clock: Clock,
        wording: Wording,
        spawn: Spawn,
        raise_technical: RaiseTechnical,
        file: Callable[[str], Awaitable[None]],
    ) -> None:
        """Keep what is needed; ``file`` puts a text into the larmansvarig's inbox, for every brukare."""
        self._hass = hass
        self._journal = journal
        self._engine = engine
        self._clock = clock
        self._wording = wording
        self._spawn = spawn
        self._raise_technical = raise_technical
        self._file = file
        self.newest: tuple[Gap, ...] = ()
        """The newest gaps, newest first."""

    async def async_start(self, alive_at: datetime | None) -> None:
        """Tell of the gap since the run before; to be done before the hub gives its first sign of life."""
        try:
            rows = await self._journal.load_kinds({MonitoringGap.kind})
        except JournalError:
            _LOGGER.warning("The earlier monitoring gaps could not be read", exc_info=True)
        else:
            self.newest = calc_newest(row.event for row in rows)
        await self._async_tell_since(alive_at, "gap")

    async def async_look(self, alive_at: datetime | None) -> None:
        """Tell of a gap that shows only now: the hub stood still, or a clock that was wrong at the start was set."""
        if alive_at is not None and self._clock.now() - alive_at >= LONGEST_STEP:
            await self._async_tell_since(alive_at, "gap_step")

    async def _async_tell_since(self, alive_at: datetime | None, what: str) -> None:
        """Journal a gap, and tell it: in an alarm if it was long, else in the inbox."""
        gap = find_gap(alive_at, now := self._clock.now())
        if gap is None:
            return
        await self._engine.record(MonitoringGap(at=now, from_at=gap.from_at, to_at=gap.to_at))
        self.newest = (gap, *self.newest)[:NEWEST]
        async_dispatcher_send(self._hass, SIGNAL_HUB)
        text = self._wording.gap(what, gap.from_at, gap.to_at)
        if gap.is_long:
            # Another gap is another alarm: it must not hide behind one that is open.
            rule = f"{RULE}.{gap.from_at.timestamp():.0f}"
            # A technical alarm is put into the inbox, too.
            await self._raise_technical(rule, message=text, due_at=gap.to_at)
        else:
            self._spawn(self._async_file(text), "homecare_h2o monitoring gap")

    async def _async_file(self, text: str) -> None:
        """Put it into the inbox; that has to be read first, and nothing waits for it."""
        with suppress(EngineStoppedError):
            await self._file(text)
