"""What tests of the simulated home share: Home Assistant in this process, and waiting for what it shows."""

import asyncio
from collections.abc import Callable
from typing import Any

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er

from demo.hass import OWNER, HassClient


class InProcessClient(HassClient):
    """Runs config flows without REST."""

    def __init__(self, hass: HomeAssistant) -> None:
        super().__init__("", OWNER)
        self._hass = hass

    async def run_config_flow(self, handler: str, *steps: Any) -> dict[str, Any]:
        flows = self._hass.config_entries.flow
        step: Any = await flows.async_init(handler, context={"source": SOURCE_USER})
        for answer in steps:
            step = await flows.async_configure(step["flow_id"], answer)
        return {"result": {"entry_id": step["result"].entry_id}}


async def until[T](look: Callable[[], T]) -> T:
    """Wait until there is something to see."""
    async with asyncio.timeout(5):
        while True:
            if seen := look():
                return seen
            await asyncio.sleep(0.005)


def find_device(hass: HomeAssistant, name: str) -> str:
    """Return the id of the device with this name."""
    (device,) = (device for device in dr.async_get(hass).devices if device.name == name)
    return device.id


def find_entity(hass: HomeAssistant, name: str, platform: str) -> str:
    """Return a device's only entity of a platform that is more than a diagnosis or a setting."""
    entries = er.async_entries_for_device(er.async_get(hass), find_device(hass, name))
    (found,) = (entry.entity_id for entry in entries if entry.domain == platform and entry.entity_category is None)
    return found


def state_of(hass: HomeAssistant, entity_id: str) -> str:
    """Return the state of an entity."""
    state = hass.states.get(entity_id)
    assert state
    return state.state
