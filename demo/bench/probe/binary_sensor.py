"""The probe's smoke detectors."""

from homeassistant.components.binary_sensor import BinarySensorDeviceClass, BinarySensorEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddEntitiesCallback
from homeassistant.helpers.typing import ConfigType, DiscoveryInfoType

from .const import DOMAIN, SENSORS, entity_of


async def async_setup_platform(
    hass: HomeAssistant,
    config: ConfigType,
    async_add_entities: AddEntitiesCallback,
    discovery_info: DiscoveryInfoType | None = None,
) -> None:
    """Set up all of them."""
    detectors = {entity_of(sensor): Detector(sensor) for sensor in SENSORS}
    hass.data[DOMAIN] = detectors
    async_add_entities(detectors.values())


class Detector(BinarySensorEntity):
    """A smoke detector that does what it is told."""

    _attr_should_poll = False
    _attr_device_class = BinarySensorDeviceClass.SMOKE
    _attr_is_on = False

    def __init__(self, sensor: str) -> None:
        """Name it."""
        self.entity_id = entity_of(sensor)
        self._attr_unique_id = sensor
        self._attr_name = f"Bench {sensor}"

    def turn(self, *, is_on: bool) -> None:
        """Sense smoke, or none."""
        self._attr_is_on = is_on
        self.async_write_ha_state()
