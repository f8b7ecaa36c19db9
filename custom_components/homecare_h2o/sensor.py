"""The state of a brukare's alarms, the last activity, and who is on duty."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorEntityDescription
from homeassistant.const import EntityCategory, UnitOfTime
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_track_point_in_utc_time

from .activity import last_activity_at
from .const import SIGNAL_ACTIVITY, SIGNAL_CONSENT, SIGNAL_SWEEP
from .core.alarm import AlarmState
from .core.arming_events import ConsentService
from .core.consent import ConsentState
from .core.duty import Role, groups_on_duty, next_change_at
from .entity import BrukareEntity, HubEntity
from .hub import HomeCareConfigEntry
from .line_sensor import async_follow_lines
from .settings import brukare_of

PARALLEL_UPDATES = 0

IDLE = "idle"
URGENCY = (AlarmState.ESCALATED, AlarmState.RAISED, AlarmState.ACKNOWLEDGED)
"""With several open alarms the most urgent one's state is shown."""

ALARM_STATE = SensorEntityDescription(
    key="alarm_state",
    translation_key="alarm_state",
    device_class=SensorDeviceClass.ENUM,
    options=[IDLE, *sorted(URGENCY)],
)
LAST_ACTIVITY = SensorEntityDescription(
    key="last_activity", translation_key="last_activity", device_class=SensorDeviceClass.TIMESTAMP
)
CONSENT = SensorEntityDescription(
    key="consent", translation_key="consent", device_class=SensorDeviceClass.ENUM, options=sorted(ConsentState)
)
LAST_GAP = SensorEntityDescription(
    key="last_gap",
    translation_key="last_gap",
    device_class=SensorDeviceClass.DURATION,
    entity_category=EntityCategory.DIAGNOSTIC,
    native_unit_of_measurement=UnitOfTime.MINUTES,
    suggested_display_precision=0,
)
ON_DUTY = SensorEntityDescription(key="on_duty", translation_key="on_duty")


async def async_setup_entry(
    hass: HomeAssistant, entry: HomeCareConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Set up the sensors of each brukare, of the lines, and of the hub."""
    hub = entry.runtime_data
    for subentry in brukare_of(entry):
        async_add_entities(
            [
                AlarmStateSensor(hub, subentry, ALARM_STATE),
                LastActivitySensor(hub, subentry, LAST_ACTIVITY),
                OnDutySensor(hub, subentry, ON_DUTY),
                ConsentSensor(hub, subentry, CONSENT),
            ],
            config_subentry_id=subentry.subentry_id,
        )
    async_add_entities([LastGapSensor(hub, LAST_GAP)])
    async_follow_lines(hass, entry, async_add_entities)


class AlarmStateSensor(BrukareEntity, SensorEntity):
    """Where the brukare's most urgent alarm is on its way."""

    @property
    @override
    def native_value(self) -> str:
        """Return the state of the most urgent alarm."""
        states = {alarm.state for alarm in self.alarms}
        return next((state for state in URGENCY if state in states), IDLE)


class LastActivitySensor(BrukareEntity, SensorEntity):
    """When somebody last moved in the home."""

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the activity."""
        await super().async_added_to_hass()
        self.async_on_remove(async_dispatcher_connect(self.hass, SIGNAL_ACTIVITY, self.async_write_ha_state))

    @property
    @override
    def native_value(self) -> datetime | None:
        """Return the last activity of the home."""
        return last_activity_at(self.hub.facts)


class ConsentSensor(BrukareEntity, SensorEntity):
    """How it stands with the consent to alarms: withdrawn, they are disarmed (S.1, S.2)."""

    @override
    async def async_added_to_hass(self) -> None:
        """Follow what is registered, and what ends."""
        self.async_on_remove(async_dispatcher_connect(self.hass, SIGNAL_CONSENT, self.async_write_ha_state))

    @property
    @override
    def native_value(self) -> str:
        """Return the worst of the brukare's own consent and a cohabitant's."""
        return self.hub.consents.state_of(self.brukare_id, ConsentService.LARM)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, str | None]:
        """Return what the brukare has agreed to, and how it stands with the camera."""
        consents = self.hub.consents
        own = consents.book.find(self.brukare_id, ConsentService.LARM)
        return {
            "version": own.version if own else None,
            "decided_on": own.decided_on.isoformat() if own else None,
            "expires_on": own.expires_on.isoformat() if own and own.expires_on else None,
            "camera": consents.state_of(self.brukare_id, ConsentService.CAMERA),
        }


class OnDutySensor(BrukareEntity, SensorEntity):
    """The groups that are on duty now (R013.2)."""

    _cancel: CALLBACK_TYPE | None = None

    @override
    async def async_added_to_hass(self) -> None:
        """Change with the shifts, and with the clock."""
        await super().async_added_to_hass()
        self.async_on_remove(async_dispatcher_connect(self.hass, SIGNAL_SWEEP, self._async_show))
        self.async_on_remove(self._async_cancel)
        self._async_schedule()

    @property
    @override
    def native_value(self) -> str | None:
        """Return the names of the groups on duty."""
        rota = self.hub.rota
        groups = groups_on_duty(rota.groups, Role.STAFF, self.hub.clock.now(), rota.tz)
        return ", ".join(group.name for group in groups)[:255] or None

    @callback
    def _async_show(self, _now: datetime | None = None) -> None:
        """Show who is on duty now."""
        self.async_write_ha_state()

    @callback
    def _async_schedule(self) -> None:
        """Look again at the next change of shift."""
        rota = self.hub.rota
        if change_at := next_change_at(rota.groups, self.hub.clock.now(), rota.tz):
            self._cancel = async_track_point_in_utc_time(self.hass, self._async_change, change_at)

    @callback
    def _async_change(self, now: datetime) -> None:
        """Take up a change of shift."""
        self.async_write_ha_state()
        self._async_schedule()

    @callback
    def _async_cancel(self) -> None:
        """Stop looking."""
        if self._cancel:
            self._cancel()


class LastGapSensor(HubEntity, SensorEntity):
    """How long the newest monitoring gap was (R010.5)."""

    @property
    @override
    def native_value(self) -> float | None:
        """Return its minutes, nothing if there has been none."""
        return round(self.hub.gaps.newest[0].length.total_seconds() / 60, 1) if self.hub.gaps.newest else None

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Return from when to when it was, and the ones before it."""
        gaps = [{"from": gap.from_at.isoformat(), "to": gap.to_at.isoformat()} for gap in self.hub.gaps.newest]
        return {**gaps[0], "earlier": gaps[1:]} if gaps else {}
