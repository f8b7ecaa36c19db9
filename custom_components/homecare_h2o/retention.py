"""How long the journal is kept, and the removal of what is older (docs/decisions/0012)."""

from datetime import datetime, timedelta
import logging
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from .const import CONF_RETENTION_DAYS
from .core.errors import JournalError
from .hub import Hub
from .ports import Journal

_LOGGER = logging.getLogger(__name__)

DEFAULT_DAYS = 730
SHORTEST_DAYS = 30
LONGEST_DAYS = 3650

PURGE_EVERY = timedelta(hours=1)
"""Looked at each hour, the first time an hour after a start, when the clock has long been set; done once a day."""


def retention_of(entry: ConfigEntry[Any]) -> timedelta:
    """Return how long rows are kept."""
    return timedelta(days=max(SHORTEST_DAYS, int(entry.options.get(CONF_RETENTION_DAYS, DEFAULT_DAYS))))


def calc_limit(now: datetime, retention: timedelta) -> datetime:
    """Return the midnight (UTC) before which everything is old: whole days, so that it changes once a day."""
    return dt_util.as_utc(now).replace(hour=0, minute=0, second=0, microsecond=0) - retention


async def async_purge(journal: Journal, entry: ConfigEntry[Any], now: datetime) -> None:
    """Remove what is old; trouble with the journal is told where it is found, and keeps nothing from running."""
    try:
        removed = await journal.purge(calc_limit(now, retention_of(entry)), now)
    except JournalError:
        _LOGGER.exception("Old rows could not be removed from the journal")
    else:
        if removed:
            _LOGGER.info("Removed %d old rows from the journal", removed)


@callback
def async_keep_retention(hass: HomeAssistant, hub: Hub) -> CALLBACK_TYPE:
    """Start removing what is old; returns the way to stop that."""

    async def purge(_now: datetime) -> None:
        await async_purge(hub.journal, hub.entry, hub.clock.now())

    return async_track_time_interval(hass, purge, PURGE_EVERY, name="HomeCare H2O retention", cancel_on_shutdown=True)
