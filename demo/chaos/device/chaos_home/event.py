"""Buttons."""

from typing import override

from homeassistant.components.event import EventDeviceClass, EventEntity
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from . import ChaosConfigEntry, Home, device_of

BUTTONS = ("button_1", "button_2")


async def async_setup_entry(
    hass: HomeAssistant, entry: ChaosConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Make the buttons."""
    async_add_entities(ChaosButton(entry.runtime_data, name) for name in BUTTONS)


class ChaosButton(EventEntity):
    """A button."""

    _attr_should_poll = False
    _attr_event_types = ["press"]  # noqa: RUF012 - as Home Assistant has it
    _attr_device_class = EventDeviceClass.BUTTON

    def __init__(self, home: Home, name: str) -> None:
        """Name it."""
        self._home = home
        self._attr_unique_id = self._attr_name = name
        self._attr_device_info = device_of(name)

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to the device for as long as somebody has the entity."""
        self._home.entities[str(self._attr_unique_id)] = self._hear
        self.async_on_remove(lambda: self._home.entities.pop(str(self._attr_unique_id), None) and None)

    def _hear(self, _is_on: bool) -> State | None:  # noqa: FBT001 - what a device says
        """Take up a press."""
        self._trigger_event("press")
        self.async_write_ha_state()
        return self.hass.states.get(self.entity_id)
