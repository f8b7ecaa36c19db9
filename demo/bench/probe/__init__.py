"""Clocks inside the Home Assistant that scripts/bench measures, and smoke detectors; never part of a home.

Instants are nanoseconds of the monotonic clock, which all processes of a machine share.
"""

import asyncio
from collections.abc import Callable, Coroutine
import gc
import time
from typing import Any

from homeassistant.const import EVENT_HOMEASSISTANT_STARTED, Platform
from homeassistant.core import Event, HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers.discovery import async_load_platform
from homeassistant.helpers.typing import ConfigType

from .const import DOMAIN

OURS = "homecare_h2o"
UNRELATED = 100
"""Entities whose states change in turn."""
TOGETHER = 50
"""State changes between two turns of the event loop."""
QUIET = 0.15
"""Seconds for the pushes that an action leads to, so that the next action does not wait for them."""

_started: dict[str, int] = {}


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the actions, and load the detectors."""

    async def on_started(_event: Event) -> None:
        _started["at_ns"] = time.monotonic_ns()

    hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STARTED, on_started)
    actions: dict[str, Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]] = {
        "turn": _turn,
        "churn": _churn,
        "raise_and_acknowledge": _raise_and_acknowledge,
        "started": _tell_start,
    }
    for name, action in actions.items():
        hass.services.async_register(DOMAIN, name, action, supports_response=SupportsResponse.ONLY)
    hass.async_create_task(async_load_platform(hass, Platform.BINARY_SENSOR, DOMAIN, {}, config))
    return True


async def _turn(call: ServiceCall) -> ServiceResponse:
    """Let a detector sense smoke or none; return the instant just before."""
    detector = call.hass.data[DOMAIN][call.data["entity_id"]]
    at_ns = time.monotonic_ns()
    detector.turn(is_on=call.data["is_on"])
    return {"at_ns": at_ns}


async def _churn(call: ServiceCall) -> ServiceResponse:
    """Change states that concern nobody; return the processor seconds of the whole process."""
    await call.hass.async_add_executor_job(gc.collect)
    began = time.process_time()
    for number in range(call.data["count"]):
        call.hass.states.async_set(f"sensor.unrelated_{number % UNRELATED}", str(number))
        if number % TOGETHER == 0:
            await asyncio.sleep(0)
    await asyncio.sleep(0)
    return {"seconds": time.process_time() - began}


async def _raise_and_acknowledge(call: ServiceCall) -> ServiceResponse:
    """Take an alarm from its beginning to its end; return how many seconds two of its actions took."""
    number, device_id = call.data["number"], call.data["device_id"]
    raised, raise_seconds = await _time(
        call.hass, "raise_alarm", device_id=device_id, alarm_type="technical", rule=f"bench.{number}"
    )
    alarm_id = raised["alarm_id"]
    await asyncio.sleep(QUIET)
    _, acknowledge_seconds = await _time(call.hass, "acknowledge_alarm", alarm_id=alarm_id)
    await asyncio.sleep(QUIET)
    await _time(call.hass, "resolve_alarm", alarm_id=alarm_id, outcome="no_help_needed")
    await asyncio.sleep(QUIET)
    return {"raise": raise_seconds, "acknowledge": acknowledge_seconds}


async def _time(hass: HomeAssistant, action: str, **data: Any) -> tuple[dict[str, Any], float]:
    """Return what an action of ours answers, and how many seconds it took."""
    began = time.perf_counter()
    answer = await hass.services.async_call(OURS, action, data, blocking=True, return_response=True)
    return dict(answer or {}), time.perf_counter() - began


async def _tell_start(call: ServiceCall) -> ServiceResponse:
    """Return the instant at which Home Assistant had started."""
    return {"at_ns": _started["at_ns"]}
