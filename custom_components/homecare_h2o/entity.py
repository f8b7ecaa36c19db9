"""The base of every entity."""

from homeassistant.config_entries import ConfigSubentry
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity import Entity, EntityDescription

from .const import DOMAIN, SIGNAL_HUB
from .core.alarm import Alarm
from .core.events import Event
from .hub import Hub


class BrukareEntity(Entity):
    """Something about one brukare, pushed by the engine."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, hub: Hub, subentry: ConfigSubentry, description: EntityDescription) -> None:
        """Belong to the brukare's device."""
        self.hub = hub
        self.brukare_id = subentry.subentry_id
        self.entity_description = description
        self._attr_unique_id = f"{subentry.subentry_id}_{description.key}"
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, subentry.subentry_id)})

    @property
    def alarms(self) -> list[Alarm]:
        """The brukare's open alarms, oldest first."""
        return [alarm for alarm in self.hub.engine.alarms.values() if alarm.brukare_id == self.brukare_id]

    async def async_added_to_hass(self) -> None:
        """Follow what happens to the brukare's alarms."""
        self.async_on_remove(self.hub.engine.subscribe(self._on_event))

    def _on_event(self, event: Event, alarm: Alarm | None) -> None:
        """Take up an event of this brukare."""
        if alarm is not None and alarm.brukare_id == self.brukare_id:
            self.handle(event, alarm)

    def handle(self, event: Event, alarm: Alarm) -> None:
        """Show what is true now."""
        self.async_write_ha_state()


class HubEntity(Entity):
    """Something about the hub itself."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, hub: Hub, description: EntityDescription) -> None:
        """Belong to the hub's device."""
        self.hub = hub
        self.entity_description = description
        self._attr_unique_id = f"{hub.entry.entry_id}_{description.key}"
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, hub.entry.entry_id)})

    async def async_added_to_hass(self) -> None:
        """Follow what happens to the hub."""
        self.async_on_remove(async_dispatcher_connect(self.hass, SIGNAL_HUB, self.async_write_ha_state))
