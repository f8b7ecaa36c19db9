"""For how long each line of the handlingsplan has really been watched today: proof of watching (R010.5)."""

from datetime import datetime, timedelta
from typing import override

from homeassistant.components.automation import DOMAIN as AUTOMATION
from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import EntityCategory, UnitOfTime
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .const import DOMAIN, SIGNAL_SWEEP, SIGNAL_WATCHING
from .core.watching import Day
from .entity import BrukareEntity
from .hub import HomeCareConfigEntry, Hub
from .plan import WatchedLine
from .settings import brukare_of

WRITE_EVERY = timedelta(minutes=5)
"""How often a line's minutes are written; the recorder keeps each of them."""

WATCHED_TODAY = SensorEntityDescription(
    key="watched_today",
    translation_key="watched_today",
    device_class=SensorDeviceClass.DURATION,
    entity_category=EntityCategory.DIAGNOSTIC,
    native_unit_of_measurement=UnitOfTime.MINUTES,
    state_class=SensorStateClass.TOTAL,
    suggested_display_precision=0,
)


@callback
def async_follow_lines(
    hass: HomeAssistant, entry: HomeCareConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Have a sensor for each line, as long as there is its automation."""
    hub = entry.runtime_data
    known: set[tuple[str, str]] = set()

    @callback
    def follow() -> None:
        _forget_lines(hass, entry)
        known.intersection_update(
            {key for key in known if er.async_get(hass).async_get_entity_id("sensor", DOMAIN, _unique_id(*key))}
        )
        for subentry in brukare_of(entry):
            new = [line for line in hub.lines_of(subentry.subentry_id) if _key(line) not in known]
            known.update(map(_key, new))
            async_add_entities(
                [LineSensor(hub, subentry, line) for line in new], config_subentry_id=subentry.subentry_id
            )

    entry.async_on_unload(async_dispatcher_connect(hass, SIGNAL_WATCHING, follow))
    follow()


def _key(line: WatchedLine) -> tuple[str, str]:
    """Return what tells the sensors apart: a line that becomes another brukare's gets another."""
    return line.line.brukare_id, line.line.rule


def _unique_id(brukare_id: str, rule: str) -> str:
    """Return a sensor's unique id."""
    return f"{brukare_id}_{WATCHED_TODAY.key}_{rule}"


@callback
def _forget_lines(hass: HomeAssistant, entry: HomeCareConfigEntry) -> None:
    """Remove the sensors whose automation has been deleted, or belongs to another brukare; a reload removes none."""
    registry = er.async_get(hass)
    for sensor in er.async_entries_for_config_entry(registry, entry.entry_id):
        _, is_line, rule = sensor.unique_id.partition(f"_{WATCHED_TODAY.key}_")
        if not is_line:
            continue
        line = entry.runtime_data.lines.get(rule)
        is_moved = line is not None and _unique_id(*_key(line)) != sensor.unique_id
        if is_moved or registry.async_get_entity_id(AUTOMATION, AUTOMATION, rule) is None:
            registry.async_remove(sensor.entity_id)


class LineSensor(BrukareEntity, SensorEntity):
    """The minutes that a line has been watched today, as they were written last."""

    def __init__(self, hub: Hub, subentry: ConfigSubentry, watched: WatchedLine) -> None:
        """Belong to a line of a brukare."""
        super().__init__(hub, subentry, WATCHED_TODAY)
        self._rule = watched.line.rule
        self._attr_unique_id = _unique_id(subentry.subentry_id, self._rule)
        self._attr_translation_placeholders = {"line": watched.line.name}
        self._day = self._find_day()
        self._written_at = hub.clock.now()

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the supervision, which counts."""
        self.async_on_remove(async_dispatcher_connect(self.hass, SIGNAL_SWEEP, self._async_on_sweep))
        self.async_on_remove(async_dispatcher_connect(self.hass, SIGNAL_WATCHING, self.async_write_ha_state))

    @property
    @override
    def available(self) -> bool:
        """Return whether there is the line: while it is loaded anew there may be none."""
        return self._rule in self.hub.lines

    @property
    @override
    def native_value(self) -> int:
        """Return the whole minutes."""
        return self._day.watched // timedelta(minutes=1)

    @property
    @override
    def last_reset(self) -> datetime:
        """Return when the day began."""
        return dt_util.start_of_local_day(datetime.fromisoformat(self._day.date))

    @callback
    def _async_on_sweep(self) -> None:
        """Show the minutes now and then, and at the end of a day all of them, so that no minute is lost."""
        now = self.hub.clock.now()
        before, self._day = self._day, self._find_day()
        if before.date != self._day.date:
            today, self._day = self._day, self._find_day(before.date)
            self.async_write_ha_state()
            self._day = today
        elif now - self._written_at < WRITE_EVERY:
            self._day = before
            return
        elif before.watched // timedelta(minutes=1) == self.native_value:
            return
        self._written_at = now
        self.async_write_ha_state()

    def _find_day(self, date: str | None = None) -> Day:
        """Return what is counted of a day, the newest without one."""
        line = self.hub.lines.get(self._rule)
        days = line.facts.days if line else ()
        if date is None:
            return days[-1] if days else Day(date=f"{dt_util.as_local(self.hub.clock.now()):%Y-%m-%d}")
        return next((day for day in days if day.date == date), Day(date=date))
