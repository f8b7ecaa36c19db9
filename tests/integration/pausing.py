"""Pauses as a larmansvarig makes them, and what came of them."""

from typing import Any

from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr
import pytest

from custom_components.homecare_h2o.const import DOMAIN
from custom_components.homecare_h2o.core.arming_events import AlarmSuppressed, PauseEnded, PauseStarted

from .rules import House, local
from .steps import call

SMOKE = "binary_sensor.smoke"
ALL_DAY: dict[str, Any] = {"all_day": True, "threshold": {"hours": 4}}
NOTHING: list[Any] = []


def hub_device(house: House) -> str:
    device = dr.async_get(house.hass).async_get_device_by_identifier((DOMAIN, house.entry.entry_id), "hub-1")
    assert device
    return device.id


async def pause(house: House, until: str = "2026-11-02 18:00:00", **data: Any) -> Any:
    """Pause; the brukare, unless something else is named."""
    data = {"device_id": house.brukare, "reason": "Sjukhus", "until": local(until).isoformat(), **data}
    return await call(house.hass, "pause", **data)


async def resume(house: House, **data: Any) -> Any:
    return await call(house.hass, "resume", **{"device_id": house.brukare, **data})


async def refused(house: House, action: str, user_id: str | None = None, **data: Any) -> Any:
    """Return why an action is refused."""
    with pytest.raises(ServiceValidationError) as caught:
        await call(house.hass, action, user_id, **data)
    return caught.value.translation_key


async def suppressed(house: House) -> list[AlarmSuppressed]:
    return [event for event in await house.journal() if isinstance(event, AlarmSuppressed)]


async def pauses(house: House) -> list[PauseStarted | PauseEnded]:
    return [event for event in await house.journal() if isinstance(event, PauseStarted | PauseEnded)]


async def raised_by(house: House) -> list[tuple[str, Any]]:
    return [(event.rule, event.due_at) for event in await house.raised()]


def fire(house: House) -> dict[str, Any]:
    return house.rule("fire", "fire 1", {"sensors": {"entity_id": [SMOKE]}})
