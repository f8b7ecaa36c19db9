"""The form in which the larmansvarig registers consent for a brukare (S.1); it goes to the journal, not to the settings."""

from datetime import date

from homeassistant.components.http import KEY_HASS_USER, current_request
from homeassistant.config_entries import ConfigEntryState
from homeassistant.helpers import selector
import probatio as vol

from .const import (
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
from .core.errors import CommandRefusedError, EngineStoppedError
from .core.events import Actor
from .forms import LONGEST_REFERENCE, LONGEST_VERSION, Errors, Input
from .hub import HomeCareConfigEntry, Hub

TOO_LONG = {CONF_VERSION: LONGEST_VERSION, CONF_REFERENCE: LONGEST_REFERENCE}


def consent_schema(today: date) -> vol.Schema:
    """Return the form."""
    return vol.Schema(
        {
            vol.Required(CONF_SERVICE, default=ConsentService.LARM): _select(list(ConsentService), "consent_service"),
            vol.Required(CONF_STATUS): _select(list(ConsentStatus), "consent_status"),
            vol.Required(CONF_COHABITANT, default=False): selector.BooleanSelector(),
            vol.Required(CONF_DECIDED_ON, default=today.isoformat()): selector.DateSelector(),
            vol.Optional(CONF_VERSION): selector.TextSelector(),
            vol.Optional(CONF_REFERENCE): selector.TextSelector(),
            vol.Optional(CONF_EXPIRES_ON): selector.DateSelector(),
        }
    )


def _select(options: list[str], translation_key: str) -> selector.SelectSelector:
    """Return a choice."""
    return selector.SelectSelector(selector.SelectSelectorConfig(options=options, translation_key=translation_key))


def find_hub(entry: HomeCareConfigEntry) -> Hub | None:
    """Return the home's hub, None while it is not loaded."""
    return entry.runtime_data if entry.state is ConfigEntryState.LOADED else None


async def async_register(hub: Hub, brukare_id: str, user_input: Input) -> Errors:
    """Register what the form says; return what is wrong with it."""
    for key, length in TOO_LONG.items():
        if len(user_input.get(key, "")) > length:
            return {key: "text_too_long"}
    expires_on = user_input.get(CONF_EXPIRES_ON)
    try:
        await hub.consents.register(
            Subject(
                brukare_id=brukare_id,
                service=ConsentService(user_input[CONF_SERVICE]),
                cohabitant=user_input[CONF_COHABITANT],
            ),
            ConsentStatus(user_input[CONF_STATUS]),
            find_user(),
            decided_on=date.fromisoformat(user_input[CONF_DECIDED_ON]),
            version=user_input.get(CONF_VERSION),
            reference=user_input.get(CONF_REFERENCE),
            expires_on=date.fromisoformat(expires_on) if expires_on else None,
        )
    except (CommandRefusedError, EngineStoppedError) as err:
        return {"base": err.translation_key}
    return {}


def find_user() -> Actor:
    """Return who fills in the form: a flow itself does not know."""
    request = current_request.get()
    return Actor(user_id=request[KEY_HASS_USER].id if request else None)
