"""Our errors as Home Assistant shows them: translated, and told apart by whose fault they are."""

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .const import DOMAIN
from .core.errors import CommandRefusedError, EngineStoppedError, HomeCareError


def as_hass_error(err: HomeCareError) -> HomeAssistantError:
    """Return what to raise: a refusal is the caller's fault, anything else is ours."""
    refused = isinstance(err, CommandRefusedError | EngineStoppedError)
    kind = ServiceValidationError if refused else HomeAssistantError
    return kind(
        translation_domain=DOMAIN, translation_key=err.translation_key, translation_placeholders=err.placeholders
    )
