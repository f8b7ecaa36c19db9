"""Reminds the larmansvarig of what waits in the inbox: quietly, once a day, weekends too (R011.1)."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
import logging
from typing import Any

from homeassistant.components.mobile_app.const import DATA_NOTIFY, DOMAIN as MOBILE_APP
from homeassistant.components.notify import DOMAIN as NOTIFY, SERVICE_SEND_MESSAGE, BaseNotificationService
from homeassistant.const import ATTR_ENTITY_ID, STATE_UNAVAILABLE
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from .const import SIGNAL_SWEEP
from .core.deviations import REMIND_AFTER, Deviation, calc_due_at, next_reminder_at
from .core.duty import Receiver
from .core.errors import HomeCareError
from .core.events import DeviationsReminded
from .hub import Hub
from .notifier import QUIET
from .phones import APP, ENTITY, webhook_id
from .settings import brukare_of

_LOGGER = logging.getLogger(__name__)

TOLD = "deviations.told"
TAG = "homecare_h2o-deviations"
SEND_TIMEOUT = 8.0
TRY_AGAIN_AFTER = timedelta(hours=1)
"""When no phone could be reached; an alarm is tried more often, but this is none."""


async def async_notify_phones(hass: HomeAssistant, phones: Iterable[str], title: str, message: str) -> list[str]:
    """Put a quiet message on phones and return those that took it; one that hangs does not delay another."""
    chosen = list(phones)
    taken = await asyncio.gather(*(_async_notify(hass, phone_id, title, message) for phone_id in chosen))
    return [phone_id for phone_id, took in zip(chosen, taken, strict=True) if took]


async def _async_notify(hass: HomeAssistant, phone_id: str, title: str, message: str) -> bool:
    """Put a quiet message on one phone; return whether it was handed over."""
    text: dict[str, Any] = {"title": title, "message": message}
    try:
        async with asyncio.timeout(SEND_TIMEOUT):
            if phone_id.startswith(APP):
                if (webhook := webhook_id(hass, phone_id)) is None:
                    return False
                # Not by a notify service: two phones of the same name share one.
                service: BaseNotificationService = hass.data[MOBILE_APP][DATA_NOTIFY]
                await service.async_send_message(**text, target=[webhook], data={"tag": TAG, **QUIET})
            elif phone_id.startswith(ENTITY):
                entity = {ATTR_ENTITY_ID: phone_id.removeprefix(ENTITY)}
                state = hass.states.get(entity[ATTR_ENTITY_ID])
                # It would be skipped in silence.
                if state is None or state.state == STATE_UNAVAILABLE:
                    return False
                await hass.services.async_call(NOTIFY, SERVICE_SEND_MESSAGE, text | entity, blocking=True)
            else:
                await hass.services.async_call(NOTIFY, phone_id.partition(":")[2], text, blocking=True)
    except Exception:
        _LOGGER.exception("A phone could not be reminded")
        return False
    return True


class DeviationReminder:
    """Looks at each sweep whether a reminder is due: what is due is data, so a restart or a clock loses none."""

    def __init__(self, hass: HomeAssistant, hub: Hub) -> None:
        """Keep what is needed."""
        self._hass = hass
        self._hub = hub
        self._is_working = False
        self._try_again_at: datetime | None = None

    @callback
    def async_start(self) -> CALLBACK_TYPE:
        """Start looking; returns the way to stop that."""
        return async_dispatcher_connect(self._hass, SIGNAL_SWEEP, self._on_sweep)

    @property
    def _waiting(self) -> tuple[Deviation, ...]:
        """What waits for somebody who is still a brukare here: nobody could archive the others in a list."""
        present = {subentry.subentry_id for subentry in brukare_of(self._hub.entry)}
        return tuple(item for item in self._hub.deviations.inbox.waiting if item.brukare_id in present)

    @callback
    def _on_sweep(self) -> None:
        """Remind if it is time, and if that is not being done already."""
        if not self._is_working and self._hub.deviations.is_ready and (self._due_at() or self._untold_at()):
            self._is_working = True
            self._hass.async_create_background_task(self._async_remind(), "homecare_h2o remind", eager_start=True)

    def _due_at(self) -> datetime | None:
        """Return what is due now, None if nothing is."""
        now = self._hub.clock.now()
        due_at = next_reminder_at(self._hub.deviations.inbox, self._waiting)
        return calc_due_at(due_at, now) if due_at and due_at <= now else None

    def _untold_at(self) -> datetime | None:
        """Return the reminder that is journalled but on no phone yet, None if there is none or it is too old."""
        now, reminded_at = self._hub.clock.now(), self._hub.deviations.inbox.reminded_at
        if not reminded_at or not self._waiting or (self._try_again_at and now < self._try_again_at):
            return None
        told = self._hub.facts.get(TOLD)
        is_told = told is not None and told["due_at"] == reminded_at.isoformat()
        return None if is_told or now - reminded_at >= REMIND_AFTER else reminded_at

    async def _async_remind(self) -> None:
        """Journal what is due, then tell it; a kill in between tells it after the start, and journals it no more."""
        try:
            if due_at := self._due_at():
                self._try_again_at = None
                await self._async_journal(due_at)
            if untold_at := self._untold_at():
                await self._async_tell(untold_at)
        except HomeCareError:
            _LOGGER.warning("The larmansvarig could not be reminded now", exc_info=True)
        finally:
            self._is_working = False

    async def _async_journal(self, due_at: datetime) -> None:
        """Journal a reminder."""
        await self._hub.engine.record(
            DeviationsReminded(
                at=self._hub.clock.now(),
                deviation_ids=tuple(item.deviation_id for item in self._waiting),
                phones=self._phones(),
                due_at=due_at,
            )
        )

    def _phones(self) -> tuple[str, ...]:
        """Return the larmansvarig's phones on duty; somebody else's rather than none."""
        return self._hub.rota.resolve((Receiver.LARMANSVARIG,), self._hub.clock.now()).phones

    async def _async_tell(self, due_at: datetime) -> None:
        """Put the reminder on the phones: how many wait for each code, and since when."""
        waiting, wording = self._waiting, self._hub.wording
        numbers = Counter(self._hub.code_of(item.brukare_id) for item in waiting)
        title, message = wording.waiting(sorted(numbers.items()), min(item.filed_at for item in waiting))
        if await async_notify_phones(self._hass, self._phones(), title, message):
            await self._hub.facts.put(TOLD, {"due_at": due_at.isoformat()})
        else:
            self._try_again_at = self._hub.clock.now() + TRY_AGAIN_AFTER
