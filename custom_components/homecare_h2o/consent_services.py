"""The actions about what somebody agrees to: register it, and erase the person (S.1, S.2)."""

from typing import Any

from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv
import probatio as vol

from .action import Action, actor_of, ask_hub, brukare_id_of
from .const import (
    CONF_CODE,
    CONF_COHABITANT,
    CONF_DECIDED_ON,
    CONF_EXPIRES_ON,
    CONF_REFERENCE,
    CONF_SERVICE,
    CONF_STATUS,
    CONF_VERSION,
)
from .core.arming_events import ConsentService, ConsentStatus
from .core.consent import Subject
from .core.roles import Permission
from .erasure import async_erase
from .forms import LONGEST_REFERENCE, LONGEST_VERSION
from .hub import Hub


def _text(length: int) -> Any:
    """Return a short text, or none."""
    return vol.Any(None, vol.All(cv.string, vol.Length(max=length)))


REGISTER_SCHEMA = vol.Schema(
    {
        vol.Required(ATTR_DEVICE_ID): cv.string,
        vol.Optional(CONF_SERVICE, default=ConsentService.LARM): vol.Coerce(ConsentService),
        vol.Required(CONF_STATUS): vol.Coerce(ConsentStatus),
        vol.Required(CONF_DECIDED_ON): cv.date,
        vol.Optional(CONF_VERSION): _text(LONGEST_VERSION),
        vol.Optional(CONF_REFERENCE): _text(LONGEST_REFERENCE),
        vol.Optional(CONF_EXPIRES_ON): vol.Any(None, cv.date),
        vol.Optional(CONF_COHABITANT, default=False): cv.boolean,
    }
)

ERASE_SCHEMA = vol.Schema({vol.Required(ATTR_DEVICE_ID): cv.string, vol.Required(CONF_CODE): cv.string})


async def _register_consent(call: ServiceCall) -> ServiceResponse:
    """Register a consent, or that it is withdrawn."""
    data = call.data

    async def ask(hub: Hub) -> ServiceResponse:
        state = await hub.consents.register(
            Subject(brukare_id=brukare_id_of(call, hub), service=data[CONF_SERVICE], cohabitant=data[CONF_COHABITANT]),
            data[CONF_STATUS],
            actor_of(call),
            decided_on=data[CONF_DECIDED_ON],
            version=data.get(CONF_VERSION),
            reference=data.get(CONF_REFERENCE),
            expires_on=data.get(CONF_EXPIRES_ON),
        )
        return {"state": state}

    return await ask_hub(call, ask)


async def _erase_brukare(call: ServiceCall) -> ServiceResponse:
    """Erase a person from the journal and the settings."""

    async def ask(hub: Hub) -> ServiceResponse:
        return await async_erase(call.hass, hub, brukare_id_of(call, hub), call.data[CONF_CODE], actor_of(call))

    return await ask_hub(call, ask)


ACTIONS: dict[str, Action] = {
    "erase_brukare": (_erase_brukare, ERASE_SCHEMA, SupportsResponse.OPTIONAL, Permission.ERASE),
    "register_consent": (_register_consent, REGISTER_SCHEMA, SupportsResponse.OPTIONAL, Permission.CONSENT),
}
