"""HomeCare H2O: alarms for home care that are never lost and never silently unanswered."""

from typing import Any

from homeassistant.components.mobile_app.const import DOMAIN as MOBILE_APP
from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry, ConfigEntryChange
from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.typing import ConfigType

from .blueprints import async_install_blueprints
from .bus import async_publish_events
from .const import DOMAIN, PLATFORMS
from .deviation_reminder import DeviationReminder
from .devices import async_update_devices
from .erasure import async_resume_erasures
from .heartbeat import async_keep_telling
from .hub import HomeCareConfigEntry, Hub
from .interruption import InterruptionTeller
from .panel import async_register_panel
from .phone_events import async_listen_to_phones
from .plan_history import PlanHistory
from .power import async_watch_power
from .repairs import async_check_receivers, async_forget_issues
from .retention import async_keep_retention
from .services import async_register_actions
from .signals import async_listen_to_signals
from .supervision import Supervision
from .websocket import async_register_commands

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Set up what does not depend on a home: actions, blueprints, and the ear for buttons."""
    async_register_actions(hass)
    async_register_commands(hass)
    async_register_panel(hass)
    async_listen_to_signals(hass)
    await async_install_blueprints(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: HomeCareConfigEntry) -> bool:
    """Set up a home's hub."""
    # First of all: a change that comes while the entry is being set up must be seen.
    entry.async_on_unload(entry.add_update_listener(_async_reload))
    hub = entry.runtime_data = await Hub.async_open(hass, entry)
    entry.async_on_unload(hub.async_close)

    async def close(_event: Event) -> None:
        # Home Assistant unloads no entry when it stops; the journal is closed last, after every alarm.
        await hub.async_close()

    entry.async_on_unload(hass.bus.async_listen_once(EVENT_HOMEASSISTANT_CLOSE, close))
    async_update_devices(hass, entry)
    entry.async_on_unload(async_publish_events(hass, hub))
    entry.async_on_unload(async_listen_to_phones(hass, hub.engine))

    @callback
    def check_receivers(hass: HomeAssistant) -> None:
        async_check_receivers(hass, entry)

    @callback
    def check_phones(change: ConfigEntryChange, changed: ConfigEntry[Any]) -> None:
        if change is ConfigEntryChange.REMOVED and changed.domain == MOBILE_APP:
            async_check_receivers(hass, entry)

    entry.async_on_unload(async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, check_phones))
    entry.async_on_unload(async_at_started(hass, check_receivers))
    await hub.async_start()
    async_resume_erasures(hass, hub)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    entry.async_on_unload(Supervision(hass, hub).async_start())
    entry.async_on_unload(await PlanHistory(hass, hub).async_start())
    entry.async_on_unload(async_watch_power(hass, hub))
    entry.async_on_unload(async_keep_telling(hass, hub))
    entry.async_on_unload(async_keep_retention(hass, hub))
    entry.async_on_unload(DeviationReminder(hass, hub).async_start())
    entry.async_on_unload(InterruptionTeller(hass, hub).async_start())
    return True


async def async_unload_entry(hass: HomeAssistant, entry: HomeCareConfigEntry) -> bool:
    """Stop a home's hub; open alarms stay in the journal."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: HomeCareConfigEntry) -> None:
    """Take away what was told about a home that is gone; its journal stays."""
    async_forget_issues(hass)


async def _async_reload(hass: HomeAssistant, entry: HomeCareConfigEntry) -> None:
    """Take up changed settings."""
    hass.config_entries.async_schedule_reload(entry.entry_id)
