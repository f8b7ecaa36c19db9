"""What every action needs: the hub, whose brukare it is, and who asks."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.exceptions import ServiceValidationError
import probatio as vol

from .const import DOMAIN
from .core.errors import EngineStoppedError, HomeCareError
from .core.events import Actor
from .core.roles import Permission
from .devices import find_brukare
from .hub import Hub
from .translated import as_hass_error

LOAD_TIMEOUT = 30.0
"""Seconds that an action waits for a hub that is being loaded."""

type Handler = Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]
type Action = tuple[Handler, vol.Schema, SupportsResponse, Permission]


async def async_find_hub(hass: HomeAssistant) -> Hub:
    """Return the home's hub, waiting for one that is being loaded; raises ServiceValidationError if there is none."""
    for entry in hass.config_entries.async_entries(DOMAIN):
        with suppress(TimeoutError):
            async with asyncio.timeout(LOAD_TIMEOUT):
                # Every change of a setting loads the hub anew; an alarm that comes meanwhile must not be lost.
                if entry.state is not ConfigEntryState.LOADED:
                    async with entry.setup_lock:
                        pass
        if entry.state is ConfigEntryState.LOADED:
            hub: Hub = entry.runtime_data
            return hub
    raise ServiceValidationError(translation_domain=DOMAIN, translation_key="hub_not_loaded")


def brukare_id_of(call: ServiceCall, hub: Hub) -> str:
    """Return the brukare that the call is about; raises ServiceValidationError."""
    brukare_id = find_brukare(call.hass, hub.entry, call.data[ATTR_DEVICE_ID])
    if brukare_id is None:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="not_a_brukare")
    return brukare_id


async def ask_hub[T](call: ServiceCall, ask: Callable[[Hub], Awaitable[T]]) -> T:
    """Ask the hub, and ask again if it was being loaded anew; our errors are translated."""
    try:
        try:
            return await ask(await async_find_hub(call.hass))
        except EngineStoppedError:
            return await ask(await async_find_hub(call.hass))
    except HomeCareError as err:
        raise as_hass_error(err) from err


def actor_of(call: ServiceCall) -> Actor:
    """Return who calls."""
    return Actor(user_id=call.context.user_id)
