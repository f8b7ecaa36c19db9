"""Water and smoke."""

from typing import override

from homeassistant.components.binary_sensor import BinarySensorDeviceClass, BinarySensorEntity
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from . import ChaosConfigEntry, Home, device_of, read_devices

SENSORS = {
    "leak_1": BinarySensorDeviceClass.MOISTURE,
    "leak_2": BinarySensorDeviceClass.MOISTURE,
    "leak_3": BinarySensorDeviceClass.MOISTURE,
    "smoke_1": BinarySensorDeviceClass.SMOKE,
}


async def async_setup_entry(
    hass: HomeAssistant, entry: ChaosConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Make the sensors, as they are now."""
    shown = await hass.async_add_executor_job(read_devices, hass)
    async_add_entities(
        ChaosSensor(entry.runtime_data, name, kind, is_on=shown.get(name, False)) for name, kind in SENSORS.items()
    )


class ChaosSensor(BinarySensorEntity):
    """A sensor."""

    _attr_should_poll = False

    def __init__(self, home: Home, name: str, kind: BinarySensorDeviceClass, *, is_on: bool) -> None:
        """Begin with what the device shows."""
        self._home = home
        self._attr_unique_id = self._attr_name = name
        self._attr_device_class = kind
        self._attr_device_info = device_of(name)
        self._attr_is_on = is_on

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to the device for as long as somebody has the entity."""
        self._home.entities[str(self._attr_unique_id)] = self._hear
        self.async_on_remove(lambda: self._home.entities.pop(str(self._attr_unique_id), None) and None)

    def _hear(self, is_on: bool) -> State | None:  # noqa: FBT001 - what a device says
        """Take up what the device says."""
        self._attr_is_on = is_on
        self.async_write_ha_state()
        return self.hass.states.get(self.entity_id)
