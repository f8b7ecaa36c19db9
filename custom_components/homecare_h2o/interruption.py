"""Tells the groups on duty that manual routines apply during a planned interruption, and when it is over (R010.6).

Whom it has told is remembered only once they have been: after a kill somebody may be told twice, and nobody never.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
import logging

from homeassistant.core import CoreState, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from .const import CONF_CODE, SIGNAL_PAUSES, SIGNAL_SWEEP
from .core.arming_events import InterruptionTold
from .core.codec import recall, to_plain
from .core.duty import Receiver
from .core.errors import HomeCareError, NotificationError
from .core.pauses import HUB
from .hub import Hub
from .notifier import HEARD
from .settings import brukare_of

_LOGGER = logging.getLogger(__name__)

KEY = "interruption"
TAG = "homecare_h2o-interruption"
SEND_TIMEOUT = 8.0
"""Seconds that a phone has to take the message."""
TRY_AGAIN_AFTER = timedelta(minutes=5)
GIVE_UP_AFTER = timedelta(hours=12)
"""Whoever could not be told for so long that it is over has had another shift since."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What is remembered of an interruption: the phones that know of it, and those that know that it is over."""

    pause_id: str
    until_at: datetime
    phones: tuple[str, ...] = ()
    over_phones: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """That an interruption lasts until an instant (UTC), or is over since then, and the phones that do not know it."""

    told: Told
    is_over: bool
    until_at: datetime
    phones: tuple[str, ...]

    @property
    def key(self) -> tuple[str, bool]:
        """What the news is."""
        return self.told.pause_id, self.is_over


class InterruptionTeller:
    """Looks at each sweep who does not know: a shift that begins meanwhile, or a phone that could not be reached."""

    def __init__(self, hass: HomeAssistant, hub: Hub) -> None:
        """Keep what is needed."""
        self._hass = hass
        self._hub = hub
        self._is_working = False
        self._try_again_at: dict[tuple[str, bool], datetime] = {}
        self._failed: tuple[str, ...] = ()

    @callback
    def async_start(self) -> Callable[[], None]:
        """Start looking; returns the way to stop that."""
        stops = [
            async_dispatcher_connect(self._hass, signal, self._on_change) for signal in (SIGNAL_PAUSES, SIGNAL_SWEEP)
        ]

        def stop() -> None:
            for each in stops:
                each()

        self._on_change()
        return stop

    @callback
    def _on_change(self) -> None:
        """Tell those who do not know, if that is not being done already."""
        if not self._is_working and self._hass.state is CoreState.running and self._find_news() is not None:
            self._is_working = True
            self._hass.async_create_background_task(self._async_work(), "homecare_h2o interruption", eager_start=True)

    def _find_news(self) -> News | None:
        """Return what is to be told now; None if there is nothing, or if it could not be told a moment ago."""
        now, known = self._hub.clock.now(), recall(Told, self._hub.facts.get(KEY))
        pause = self._hub.pauses.find(HUB)
        on_duty = self._hub.rota.resolve((Receiver.ON_DUTY,), now).phones
        if pause is not None:
            same = known is not None and known.pause_id == pause.pause_id
            told = known if known and same else Told(pause_id=pause.pause_id, until_at=pause.until_at)
            phones = tuple(phone for phone in on_duty if phone not in told.phones)
            news = News(told=told, is_over=False, until_at=pause.until_at, phones=phones)
            is_nothing = not phones
        elif known is not None:
            phones = tuple(
                phone for phone in dict.fromkeys((*known.phones, *on_duty)) if phone not in known.over_phones
            )
            news = News(told=known, is_over=True, until_at=self._ended_at(known), phones=phones)
            # To be forgotten, if there is nobody left.
            is_nothing = False
        else:
            return None
        try_again_at = self._try_again_at.get(news.key)
        is_too_soon = bool(news.phones) and try_again_at is not None and now < try_again_at
        return None if is_nothing or is_too_soon else news

    def _ended_at(self, known: Told) -> datetime:
        """Return when an interruption ended."""
        over = (pause.until_at for pause in self._hub.pauses.pauses.over if pause.pause_id == known.pause_id)
        return next(over, known.until_at)

    async def _async_work(self) -> None:
        """Tell, journal, and only then remember; what comes meanwhile is seen at the next sweep."""
        try:
            while (news := self._find_news()) is not None:
                await self._async_tell(news)
        except HomeCareError:
            _LOGGER.debug("The hub is being loaded anew, and looks again then", exc_info=True)
        finally:
            self._is_working = False

    async def _async_tell(self, news: News) -> None:
        """Tell those who do not know, and forget the matter when there is nobody left."""
        now, told = self._hub.clock.now(), news.told
        self._try_again_at = {news.key: now + TRY_AGAIN_AFTER}
        taken = await asyncio.gather(*(self._async_notify(phone_id, news) for phone_id in news.phones))
        reached = tuple(phone_id for phone_id, took in zip(news.phones, taken, strict=True) if took)
        failed = tuple(phone_id for phone_id in news.phones if phone_id not in reached)
        if reached or failed != self._failed:
            await self._hub.engine.record(
                InterruptionTold(
                    at=now,
                    pause_id=told.pause_id,
                    until_at=news.until_at,
                    is_over=news.is_over,
                    phones=reached,
                    failed=failed,
                )
            )
        self._failed = failed
        if not news.is_over:
            await self._remember(replace(told, phones=(*told.phones, *reached)))
        elif failed and now - news.until_at < GIVE_UP_AFTER:
            await self._remember(replace(told, over_phones=(*told.over_phones, *reached)))
        else:
            await self._hub.facts.delete(KEY)

    async def _remember(self, told: Told) -> None:
        """Remember who knows."""
        await self._hub.facts.put(KEY, to_plain(told))

    async def _async_notify(self, phone_id: str, news: News) -> bool:
        """Tell one phone; return whether it was handed over. One that hangs does not delay another."""
        codes = [subentry.data[CONF_CODE] for subentry in brukare_of(self._hub.entry)]
        title, message = self._hub.wording.interruption(codes, news.until_at, is_over=news.is_over)
        try:
            async with asyncio.timeout(SEND_TIMEOUT):
                await self._hub.notifier.tell(phone_id, {"title": title, "message": message}, {"tag": TAG, **HEARD})
        except NotificationError, TimeoutError:
            return False
        except Exception:
            # Whatever a notify service raises: the other phones are told.
            _LOGGER.exception("A phone could not be told of a planned interruption")
            return False
        return True
