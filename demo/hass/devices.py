"""Devices as Home Assistant's registries know them, found by the names they were given."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from .client import HassClient

FIND_TIMEOUT: Final = timedelta(seconds=30)

_POLL: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDevice:
    """A device and its entities that are more than diagnostics or settings."""

    device_id: str
    entity_ids: Mapping[str, str]
    """By platform."""


async def async_wait_for_device(client: HassClient, name: str, *platforms: str) -> FoundDevice:
    """Return the device with this name once it has a live entity of each platform.

    Raises TimeoutError when it does not come in half a minute.
    """
    async with asyncio.timeout(FIND_TIMEOUT.total_seconds()):
        while True:
            found = await _async_find_device(client, name)
            if found is not None and found.entity_ids.keys() >= set(platforms):
                return found
            await asyncio.sleep(_POLL)


async def _async_find_device(client: HassClient, name: str) -> FoundDevice | None:
    """Return the device with this name, with what it has at the moment."""
    devices = await client.ws_command("config/device_registry/list")
    ids = [device["id"] for device in devices if name in (device["name_by_user"], device["name"])]
    if not ids:
        return None
    states = await client.ws_command("get_states")
    live = {state["entity_id"] for state in states if state["state"] != "unavailable"}
    entries = await client.ws_command("config/entity_registry/list")
    entity_ids = [
        str(entry["entity_id"])
        for entry in entries
        if entry["device_id"] == ids[0] and entry["entity_category"] is None and entry["entity_id"] in live
    ]
    return FoundDevice(
        device_id=ids[0], entity_ids={entity_id.partition(".")[0]: entity_id for entity_id in entity_ids}
    )
