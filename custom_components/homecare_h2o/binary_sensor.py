"""Whether an alarm waits for somebody."""

from typing import override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import BrukareEntity
from .hub import HomeCareConfigEntry
from .settings import brukare_of

PARALLEL_UPDATES = 0

UNACKNOWLEDGED = BinarySensorEntityDescription(
    key="unacknowledged_alarm", translation_key="unacknowledged_alarm", device_class=BinarySensorDeviceClass.SAFETY
)


async def async_setup_entry(
    hass: HomeAssistant, entry: HomeCareConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Set up the binary sensors of each brukare."""
    for subentry in brukare_of(entry):
        async_add_entities(
            [UnacknowledgedAlarm(entry.runtime_data, subentry, UNACKNOWLEDGED)],
            config_subentry_id=subentry.subentry_id,
        )


class UnacknowledgedAlarm(BrukareEntity, BinarySensorEntity):
    """On while an alarm waits for somebody to take it."""

    @property
    @override
    def is_on(self) -> bool:
        """Return whether an alarm waits."""
        return any(alarm.is_unacknowledged for alarm in self.alarms)
