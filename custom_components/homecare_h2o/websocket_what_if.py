"""What the panel asks of values that nobody has saved yet."""

from typing import Any

from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
import probatio as vol

from .hub import Hub
from .what_if import LONGEST, async_try_values, find_line

LONGEST_ID = 255

RULE = vol.All(cv.string, vol.Length(min=1, max=LONGEST_ID))
VALUES = vol.Schema({cv.string: vol.Any(None, str, int, float, bool, list, dict)})

WHAT_IF: dict[Any, Any] = {
    vol.Exclusive("rule", "line"): RULE,
    vol.Exclusive("entity_id", "line"): cv.entity_domain("automation"),
    vol.Optional("brukare_id"): vol.Any(None, cv.string),
    vol.Required("inputs"): VALUES,
    vol.Optional("days", default=14): vol.All(vol.Coerce(int), vol.Range(min=1, max=LONGEST)),
}


async def async_what_if(
    hass: HomeAssistant, hub: Hub, _connection: ActiveConnection, msg: dict[str, Any]
) -> dict[str, Any]:
    """Return what a line would have raised in the last days, with its values and with those that are asked about."""
    if not (msg.get("rule") or msg.get("entity_id")):
        raise vol.Invalid("a line is needed: rule or entity_id")
    line = find_line(hass, hub, msg.get("rule"), msg.get("entity_id"), msg.get("brukare_id"))
    return await async_try_values(hass, hub, line, msg["inputs"], msg["days"])
