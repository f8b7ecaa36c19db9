"""Whether an alarm waits for somebody, and whether the brukare is watched over."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_call_later

from .const import SIGNAL_PAUSES, SIGNAL_PHONES, SIGNAL_SWEEP, SIGNAL_VISIT, SIGNAL_WATCHING
from .core.chain import ChainResult
from .core.pauses import HUB
from .core.watching import Coverage
from .entity import BrukareEntity, HubEntity
from .heartbeat import describe, ways_of
from .hub import HomeCareConfigEntry, Hub
from .phones import phone_name
from .plan import WatchedLine
from .settings import brukare_of

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class BrukareBinarySensorDescription(BinarySensorEntityDescription):
    """Something about a brukare that is so or not; ``signal`` tells of changes beside the alarms' own."""

    is_on_fn: Callable[[Hub, str], bool]
    attributes_fn: Callable[[Hub, str], Mapping[str, Any]] | None = None
    signal: str | None = None


def _has_unacknowledged(hub: Hub, brukare_id: str) -> bool:
    """Return whether an alarm waits for somebody to take it."""
    return any(alarm.is_unacknowledged for alarm in hub.engine.alarms.values() if alarm.brukare_id == brukare_id)


def _problems(hub: Hub, brukare_id: str) -> list[WatchedLine]:
    """Return the lines of a brukare that are not watched as they should be."""
    return [watched for watched in hub.lines_of(brukare_id) if watched.facts.coverage is not Coverage.WATCHED]


def _names_of_problems(hub: Hub, brukare_id: str) -> Mapping[str, Any]:
    """Return which lines are not watched, which only in part, and which are paused on purpose and until when."""
    problems = _problems(hub, brukare_id)
    told: dict[str, Any] = {
        coverage: [watched.line.name for watched in problems if watched.facts.coverage is coverage]
        for coverage in (Coverage.NOT, Coverage.PARTLY)
    }
    paused = [(watched.line.name, watched.paused_until_at) for watched in hub.lines_of(brukare_id)]
    return told | {"paused": {name: until_at.isoformat() for name, until_at in paused if until_at}}


def _names_of_phones(hub: Hub, _brukare_id: str) -> Mapping[str, Any]:
    """Return which phones failed their test, and which cannot say that they were reached."""
    return {
        result: [phone_name(hub.hass, phone_id) for phone_id in hub.chain.phones_with(result)]
        for result in (ChainResult.FAILED, ChainResult.NOT_VERIFIED)
    }


BINARY_SENSORS = (
    BrukareBinarySensorDescription(
        key="unacknowledged_alarm",
        translation_key="unacknowledged_alarm",
        device_class=BinarySensorDeviceClass.SAFETY,
        is_on_fn=_has_unacknowledged,
    ),
    BrukareBinarySensorDescription(
        key="monitoring_problem",
        translation_key="monitoring_problem",
        device_class=BinarySensorDeviceClass.PROBLEM,
        entity_category=EntityCategory.DIAGNOSTIC,
        is_on_fn=lambda hub, brukare_id: bool(_problems(hub, brukare_id)),
        attributes_fn=_names_of_problems,
        signal=SIGNAL_WATCHING,
    ),
    BrukareBinarySensorDescription(
        key="phone_problem",
        translation_key="phone_problem",
        device_class=BinarySensorDeviceClass.PROBLEM,
        entity_category=EntityCategory.DIAGNOSTIC,
        is_on_fn=lambda hub, _: bool(hub.chain.phones_with(ChainResult.FAILED)),
        attributes_fn=_names_of_phones,
        signal=SIGNAL_PHONES,
    ),
)

HEARTBEAT = BinarySensorEntityDescription(
    key="heartbeat_problem",
    translation_key="heartbeat_problem",
    device_class=BinarySensorDeviceClass.PROBLEM,
    entity_category=EntityCategory.DIAGNOSTIC,
)
INTERRUPTION = BinarySensorEntityDescription(key="planned_interruption", translation_key="planned_interruption")
VISIT = BinarySensorEntityDescription(key="visit", translation_key="visit")
"""Of no device class: staff's presence must not be taken for the brukare's."""


async def async_setup_entry(
    hass: HomeAssistant, entry: HomeCareConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Set up the binary sensors of each brukare, and of the hub."""
    for subentry in brukare_of(entry):
        async_add_entities(
            [
                *(BrukareBinarySensor(entry.runtime_data, subentry, description) for description in BINARY_SENSORS),
                VisitSensor(entry.runtime_data, subentry, VISIT),
            ],
            config_subentry_id=subentry.subentry_id,
        )
    async_add_entities([InterruptionSensor(entry.runtime_data, INTERRUPTION)])
    if ways_of(entry):
        async_add_entities([HeartbeatSensor(entry.runtime_data, HEARTBEAT)])


class BrukareBinarySensor(BrukareEntity, BinarySensorEntity):
    """Something about a brukare that is so or not."""

    entity_description: BrukareBinarySensorDescription

    @override
    async def async_added_to_hass(self) -> None:
        """Follow what changes it."""
        await super().async_added_to_hass()
        if signal := self.entity_description.signal:
            self.async_on_remove(async_dispatcher_connect(self.hass, signal, self.async_write_ha_state))

    @property
    @override
    def is_on(self) -> bool:
        """Return whether it is so."""
        return self.entity_description.is_on_fn(self.hub, self.brukare_id)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """Return what more there is to know."""
        attributes_fn = self.entity_description.attributes_fn
        return attributes_fn(self.hub, self.brukare_id) if attributes_fn else None


class VisitSensor(BrukareEntity, BinarySensorEntity):
    """On while staff is with the brukare (R020.6)."""

    _cancel: CALLBACK_TYPE | None = None

    @override
    async def async_added_to_hass(self) -> None:
        """Follow visits, and look again when one ends by itself."""
        await super().async_added_to_hass()
        self.async_on_remove(async_dispatcher_connect(self.hass, SIGNAL_VISIT, self._on_visit))
        self.async_on_remove(async_dispatcher_connect(self.hass, SIGNAL_SWEEP, self._on_visit))
        self.async_on_remove(self._cancel_timer)
        self._set_timer()

    @property
    @override
    def is_on(self) -> bool:
        """Return whether a visit lasts."""
        return self.hub.visits.expires_at(self.brukare_id) is not None

    @callback
    def _on_visit(self, _now: datetime | None = None) -> None:
        """Show what is so now."""
        self._set_timer()
        self.async_write_ha_state()

    @callback
    def _set_timer(self) -> None:
        """Wake up when the visit ends by itself."""
        self._cancel_timer()
        if expires_at := self.hub.visits.expires_at(self.brukare_id):
            self._cancel = async_call_later(self.hass, expires_at - self.hub.clock.now(), self._on_visit)

    @callback
    def _cancel_timer(self) -> None:
        """Cancel the timer."""
        if self._cancel:
            self._cancel()
            self._cancel = None


class InterruptionSensor(HubEntity, BinarySensorEntity):
    """On during a planned interruption of the whole hub (R010.6)."""

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the pauses."""
        await super().async_added_to_hass()
        self.async_on_remove(async_dispatcher_connect(self.hass, SIGNAL_PAUSES, self.async_write_ha_state))

    @property
    @override
    def is_on(self) -> bool:
        """Return whether it lasts."""
        return self.hub.pauses.find(HUB) is not None

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Return why, and until when."""
        pause = self.hub.pauses.find(HUB)
        return {"reason": pause.reason if pause else None, "until": pause.until_at.isoformat() if pause else None}


class HeartbeatSensor(HubEntity, BinarySensorEntity):
    """On while nobody outside receives the hub's signs of life (R010.5)."""

    @property
    @override
    def is_on(self) -> bool:
        """Return whether somebody must see to it."""
        return any(channel.is_failed for channel in self.hub.pulses.values())

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Return how it goes on each way, without where to."""
        return describe(self.hub.pulses)
