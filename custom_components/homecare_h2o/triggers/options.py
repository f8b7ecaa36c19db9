"""Options that several triggers share: a window, a time, a list of entities."""

from datetime import time, timedelta
from typing import Any

from homeassistant.const import CONF_TARGET
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType
import probatio as vol

from ..core.windows import ALL_DAY, Window
from . import watch

CONF_ALL_DAY = "all_day"
CONF_FROM = "from"
CONF_PURPOSE = "purpose"
CONF_TO = "to"


def _stated(text: str) -> str:
    """Refuse a blank text."""
    if not text.strip():
        raise vol.Invalid("a purpose must be stated: why is this alarm needed?")
    return text


PURPOSE: dict[Any, Any] = {vol.Optional(CONF_PURPOSE): vol.All(cv.string, _stated)}
"""Why the alarm is needed; the blueprints of larmtyper that may not do without one pass it on."""
TARGET: dict[Any, Any] = {vol.Required(CONF_TARGET): watch.TARGET}
WINDOW: dict[Any, Any] = {
    vol.Optional(CONF_ALL_DAY, default=False): cv.boolean,
    vol.Optional(CONF_FROM): vol.Any(None, cv.time),
    vol.Optional(CONF_TO): vol.Any(None, cv.time),
}


def window_of(options: ConfigType) -> Window:
    """Return the window; both ends missing or ``all_day`` is all day. Raises BadWindowError."""
    start: time | None = options.get(CONF_FROM)
    end: time | None = options.get(CONF_TO)
    return ALL_DAY if options.get(CONF_ALL_DAY) or (start is None and end is None) else Window(start=start, end=end)


def duration(name: str, default: timedelta) -> dict[Any, Any]:
    """Return an option that is a time, 0 allowed."""
    return {vol.Optional(name, default=default): cv.positive_time_period}


def entities(name: str) -> dict[Any, Any]:
    """Return an option that is a list of entities, none allowed."""
    return {vol.Optional(name, default=list): cv.entity_ids}
