"""Every step of a brukare's alarms, as it happens."""

from typing import override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .bus import EVENT_TYPES, LIFECYCLE, describe, describe_suppressed
from .core.alarm import Alarm
from .core.arming_events import AlarmSuppressed
from .core.events import Event
from .entity import BrukareEntity
from .hub import HomeCareConfigEntry
from .settings import brukare_of

PARALLEL_UPDATES = 0

ALARM = EventEntityDescription(key="alarm", translation_key="alarm", event_types=EVENT_TYPES)


async def async_setup_entry(
    hass: HomeAssistant, entry: HomeCareConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Set up the event entity of each brukare."""
    for subentry in brukare_of(entry):
        async_add_entities(
            [AlarmEventEntity(entry.runtime_data, subentry, ALARM)], config_subentry_id=subentry.subentry_id
        )


class AlarmEventEntity(BrukareEntity, EventEntity):
    """The newest step of the brukare's alarms, and the alarms that did not come (R012.3, R010.6)."""

    @override
    def _on_event(self, event: Event, alarm: Alarm | None) -> None:
        """Take up an event of this brukare; an alarm that did not come is none."""
        if isinstance(event, AlarmSuppressed) and event.brukare_id == self.brukare_id:
            self._trigger_event(event.kind, describe_suppressed(event))
            self.async_write_ha_state()
        super()._on_event(event, alarm)

    @override
    def handle(self, event: Event, alarm: Alarm) -> None:
        """Show a step."""
        if isinstance(event, LIFECYCLE):
            self._trigger_event(event.kind, describe(self.hass, event, alarm))
            self.async_write_ha_state()
