"""Whether a brukare is watched over: off is a pause, and comes to an end by itself (R010.6)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import SIGNAL_PAUSES
from .core.arming import Pause
from .core.errors import HomeCareError
from .core.events import Actor
from .core.pauses import Subject
from .core.roles import Permission
from .entity import BrukareEntity
from .hub import HomeCareConfigEntry
from .mask import make_mask
from .roles import async_require
from .settings import brukare_of
from .translated import as_hass_error

PARALLEL_UPDATES = 0

PAUSED_FOR = timedelta(hours=24)
"""For how long the switch pauses: it asks for no end, and whoever forgets it must not leave somebody unwatched."""

MONITORING = SwitchEntityDescription(key="monitoring", translation_key="monitoring")


async def async_setup_entry(
    hass: HomeAssistant, entry: HomeCareConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Set up the switch of each brukare."""
    for subentry in brukare_of(entry):
        async_add_entities(
            [MonitoringSwitch(entry.runtime_data, subentry, MONITORING)], config_subentry_id=subentry.subentry_id
        )


class MonitoringSwitch(BrukareEntity, SwitchEntity):
    """On while the brukare is watched over, off while paused; the journal alone knows which."""

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the pauses."""
        await super().async_added_to_hass()
        self.async_on_remove(async_dispatcher_connect(self.hass, SIGNAL_PAUSES, self.async_write_ha_state))

    @property
    def _subject(self) -> Subject:
        """The whole brukare."""
        return Subject(brukare_id=self.brukare_id)

    @property
    def _pause(self) -> Pause | None:
        """The pause that lasts."""
        return self.hub.pauses.find(self._subject)

    @property
    @override
    def is_on(self) -> bool:
        """Return whether the brukare is not paused."""
        return self._pause is None

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Return why, and until when."""
        pause = self._pause
        return {
            "reason": make_mask(self.hub.entry)(pause.reason) if pause else None,
            "until": pause.until_at.isoformat() if pause else None,
        }

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Pause for a day; a pause that lasts keeps its own end."""
        by = await self._async_require()
        if self._pause is not None:
            return
        reason, until_at = self.hub.wording.pause("by_switch"), self.hub.clock.now() + PAUSED_FOR
        try:
            await self.hub.pauses.start(self._subject, reason, until_at, by)
        except HomeCareError as err:
            raise as_hass_error(err) from err

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """End the pause, if there is one."""
        by = await self._async_require()
        if self._pause is None:
            return
        try:
            await self.hub.pauses.resume(self._subject, by)
        except HomeCareError as err:
            raise as_hass_error(err) from err

    async def _async_require(self) -> Actor:
        """Return who asks; raises ServiceValidationError for somebody who may not."""
        # Before anything is waited for: the next call sets another context.
        context = self._context
        await async_require(self.hass, context, Permission.PLAN)
        return Actor(user_id=context.user_id if context else None)
