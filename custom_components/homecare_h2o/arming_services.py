"""The actions that disarm and arm: pause and resume (R010.6)."""

from datetime import datetime

from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import probatio as vol

from .action import Action, actor_of, ask_hub, brukare_id_of
from .core.errors import PauseTooLongError, UnknownLineError
from .core.pauses import HUB, LONGEST, Subject
from .core.roles import Permission
from .devices import is_hub
from .hub import Hub
from .plan import find_lines

ATTR_LINE = "line"
ATTR_REASON = "reason"
ATTR_UNTIL = "until"

LONGEST_REASON = 1000

_SUBJECT = {
    vol.Required(ATTR_DEVICE_ID): cv.string,
    vol.Optional(ATTR_LINE): vol.Any(None, cv.string),
}
PAUSE_SCHEMA = vol.Schema(
    {
        **_SUBJECT,
        vol.Required(ATTR_REASON): vol.All(cv.string, vol.Length(max=LONGEST_REASON)),
        vol.Required(ATTR_UNTIL): cv.datetime,
    }
)
RESUME_SCHEMA = vol.Schema(_SUBJECT)


def _subject_of(call: ServiceCall, hub: Hub) -> Subject:
    """Return what is to be paused or resumed; raises UnknownLineError, and ServiceValidationError for no brukare."""
    line = call.data.get(ATTR_LINE)
    if is_hub(call.hass, hub.entry, call.data[ATTR_DEVICE_ID]):
        if line:
            raise UnknownLineError
        return HUB
    brukare_id = brukare_id_of(call, hub)
    return Subject(brukare_id=brukare_id, rule=_find_rule(call.hass, hub, brukare_id, line) if line else None)


def _find_rule(hass: HomeAssistant, hub: Hub, brukare_id: str, entity_id: str) -> str:
    """Return the line of a brukare's that an automation is; raises UnknownLineError."""
    for line in find_lines(hass, hub.entry):
        if (line.brukare_id, line.entity_id) == (brukare_id, entity_id):
            return line.rule
    raise UnknownLineError


def _as_instant(value: datetime) -> datetime:
    """Return an instant in UTC; raises PauseTooLongError for one that no calendar knows."""
    try:
        return dt_util.as_utc(value)
    except OverflowError as err:
        raise PauseTooLongError(days=str(LONGEST.days)) from err


async def _pause(call: ServiceCall) -> ServiceResponse:
    """Pause a brukare, one line, or the hub; it ends by itself."""

    async def ask(hub: Hub) -> ServiceResponse:
        until_at = _as_instant(call.data[ATTR_UNTIL])
        pause = await hub.pauses.start(_subject_of(call, hub), call.data[ATTR_REASON], until_at, actor_of(call))
        return {"pause_id": pause.pause_id, "until": pause.until_at.isoformat()}

    return await ask_hub(call, ask)


async def _resume(call: ServiceCall) -> ServiceResponse:
    """End a pause before its time."""

    async def ask(hub: Hub) -> ServiceResponse:
        pause = await hub.pauses.resume(_subject_of(call, hub), actor_of(call))
        return {"pause_id": pause.pause_id}

    return await ask_hub(call, ask)


ACTIONS: dict[str, Action] = {
    "pause": (_pause, PAUSE_SCHEMA, SupportsResponse.OPTIONAL, Permission.PLAN),
    "resume": (_resume, RESUME_SCHEMA, SupportsResponse.OPTIONAL, Permission.PLAN),
}
