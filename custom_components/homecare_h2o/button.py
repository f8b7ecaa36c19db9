"""A button that sends a test alarm the whole way."""

from typing import override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .core.commands import RaiseRequest
from .core.escalation import AlarmType
from .core.roles import Permission
from .entity import BrukareEntity
from .hub import HomeCareConfigEntry
from .roles import async_require
from .settings import brukare_of

PARALLEL_UPDATES = 0

TEST_ALARM = ButtonEntityDescription(
    key="test_alarm", translation_key="test_alarm", entity_category=EntityCategory.DIAGNOSTIC
)


async def async_setup_entry(
    hass: HomeAssistant, entry: HomeCareConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Set up the button of each brukare."""
    for subentry in brukare_of(entry):
        async_add_entities(
            [TestAlarmButton(entry.runtime_data, subentry, TEST_ALARM)], config_subentry_id=subentry.subentry_id
        )


class TestAlarmButton(BrukareEntity, ButtonEntity):
    """Sends a test alarm to the group on duty; it escalates like any other."""

    @override
    async def async_press(self) -> None:
        """Raise a test alarm."""
        await async_require(self.hass, self._context, Permission.TEST_CHAIN)
        await self.hub.engine.raise_alarm(
            RaiseRequest(
                brukare_id=self.brukare_id,
                alarm_type=AlarmType.TEST,
                rule=AlarmType.TEST,
                due_at=self.hub.clock.now(),
            )
        )
