"""Set up ZHA and pair devices in a running Home Assistant, step by step as a person does."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Protocol

from zha.application.const import RadioType  # type: ignore[import-untyped]

from .device import SimulatedDevice
from .errors import SetupError
from .radio import SimulatedRadio
from .zcl import is_enrolled

SET_UP_TIMEOUT: Final = timedelta(seconds=60)
PAIRING_TIMEOUT: Final = timedelta(seconds=60)

_FLOW_PATH: Final = "/api/config/config_entries/flow"
_PERMIT_PATH: Final = "/api/services/zha/permit"
_PERMIT: Final = timedelta(seconds=120)
_POLL: Final = timedelta(milliseconds=100)


class HomeAssistantClient(Protocol):
    """What is asked of a client; an administrator must be logged in."""

    async def get(self, path: str, /) -> Any:
        """Get from the REST API and return the decoded answer."""

    async def post(self, path: str, json: Mapping[str, Any], /) -> Any:
        """Post to the REST API and return the decoded answer."""

    async def ws_command(self, command: str, /, **fields: Any) -> Any:
        """Send a websocket command and return its result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedDevice:
    """A device as Home Assistant knows it."""

    device_id: str
    entity_id: str
    """The entity that the kind's table names; a remote has only its battery."""
    entity_ids: tuple[str, ...]


async def async_set_up_zha(client: HomeAssistantClient, radio: SimulatedRadio) -> str:
    """Walk through ZHA's config flow to a new network; return the config entry's id."""
    flow = await client.post(_FLOW_PATH, {"handler": "zha"})
    for step_id, user_input in _flow_steps(radio.url):
        if flow.get("step_id") != step_id:
            raise SetupError(f"ZHA asks for {flow}, not for {step_id}")
        flow = await client.post(f"{_FLOW_PATH}/{flow['flow_id']}", user_input)
    try:
        async with asyncio.timeout(SET_UP_TIMEOUT.total_seconds()):
            return await _async_wait_for_entry(client, flow)
    except TimeoutError as err:
        raise SetupError(f"ZHA was not set up in {SET_UP_TIMEOUT}, after {flow}") from err


async def async_pair(
    client: HomeAssistantClient, radio: SimulatedRadio, names: Iterable[str]
) -> Mapping[str, PairedDevice]:
    """Let devices join and wait until ZHA shows them; each gets the demo's name for it."""
    names = tuple(names)
    duration = int(_PERMIT.total_seconds())
    await client.post(_PERMIT_PATH, {"duration": duration})
    for name in names:
        await radio.join(name)
    paired: dict[str, PairedDevice] = {}
    for name in names:
        paired[name] = await _async_wait_for_device(client, radio.devices[name])
        await client.ws_command(
            "config/device_registry/update",
            device_id=paired[name].device_id,
            name_by_user=name,
        )
    await client.post(_PERMIT_PATH, {"duration": 0})
    return paired


def _flow_steps(url: str) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """Return what ZHA asks and what a person answers: it detects serial radios only."""
    return (
        ("choose_serial_port", {"path": url}),
        ("manual_pick_radio_type", {"radio_type": RadioType.ziggurat.description}),
        ("manual_port_config", {"path": url, "baudrate": 115200, "flow_control": "none"}),
        ("choose_setup_strategy", {"next_step_id": "setup_strategy_recommended"}),
    )


async def _async_wait_for_entry(client: HomeAssistantClient, flow: Any) -> str:
    """Wait until the network is formed and the config entry made; return the entry's id."""
    while flow["type"] == "progress":
        await asyncio.sleep(_POLL.total_seconds())
        # Looking is also what moves a finished flow on to its config entry.
        flow = await client.get(f"{_FLOW_PATH}/{flow['flow_id']}")
    if flow["type"] != "create_entry":
        raise SetupError(f"ZHA was not set up: {flow}")
    return str(flow["result"]["entry_id"])


async def _async_wait_for_device(client: HomeAssistantClient, device: SimulatedDevice) -> PairedDevice:
    """Wait until a device has its entities."""
    try:
        async with asyncio.timeout(PAIRING_TIMEOUT.total_seconds()):
            while True:
                if (paired := await _async_find_device(client, device)) is not None:
                    return paired
                await asyncio.sleep(_POLL.total_seconds())
    except TimeoutError as err:
        raise SetupError(f"{device.name} was not paired in {PAIRING_TIMEOUT}") from err


async def _async_find_device(client: HomeAssistantClient, device: SimulatedDevice) -> PairedDevice | None:
    """Return a device as Home Assistant knows it, once it has the entity that matters."""
    if device.model.zone_type is not None and not is_enrolled(device):
        return None
    device_ids = {
        entry["id"]
        for entry in await client.ws_command("config/device_registry/list")
        if ["zha", device.ieee] in entry["identifiers"]
    }
    states = {state["entity_id"] for state in await client.ws_command("get_states")}
    entities = {
        entry["entity_id"]: entry["device_id"]
        for entry in await client.ws_command("config/entity_registry/list")
        if entry["device_id"] in device_ids and entry["entity_id"] in states
    }
    for entity_id, device_id in entities.items():
        if entity_id.startswith(f"{device.model.platform}."):
            return PairedDevice(device_id=device_id, entity_id=entity_id, entity_ids=tuple(entities))
    return None
