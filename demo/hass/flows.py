"""Config, options and subentry flows, answered step by step as a person would in the frontend."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from .errors import HassFlowError

# One answer, or a function from the step shown (with its suggested values) to the answer.
type Answer = Mapping[str, Any] | Callable[[dict[str, Any]], Mapping[str, Any]]

CONFIG = "/api/config/config_entries/flow"
OPTIONS = "/api/config/config_entries/options/flow"
SUBENTRY = "/api/config/config_entries/subentries/flow"

# How a finished flow names the kind of the flow that follows it.
_NEXT_FLOWS = {"config_flow": CONFIG, "options_flow": OPTIONS, "config_subentries_flow": SUBENTRY}
_PROGRESS_POLL = 0.1
_PROGRESS_TIMEOUT = 60.0


class Requests(Protocol):
    """The part of the client that flows need."""

    async def get(self, path: str) -> Any:
        """Return the parsed answer to a GET."""

    async def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Return the parsed answer to a POST."""


async def run(requests: Requests, path: str, start: Mapping[str, Any], steps: tuple[Answer, ...]) -> dict[str, Any]:
    """Start a flow, give it its answers, and return the step that created the entry.

    Raises HassFlowError when a step shows an error, or when the flow ends too early, too late or otherwise.
    """
    return await _answer(requests, path, await requests.post(path, start), steps)


async def resume(requests: Requests, finished: Mapping[str, Any], steps: tuple[Answer, ...]) -> dict[str, Any]:
    """Go on with the flow that a finished one leads into (its `next_flow`)."""
    kind, flow_id = finished["next_flow"]
    path = _NEXT_FLOWS[kind]
    return await _answer(requests, path, await requests.get(f"{path}/{flow_id}"), steps)


async def _answer(requests: Requests, path: str, step: dict[str, Any], steps: tuple[Answer, ...]) -> dict[str, Any]:
    """Answer every step."""
    for answer in steps:
        step = await _settled(requests, path, step)
        if step["type"] not in ("form", "menu"):
            raise HassFlowError(step)
        body = answer(step) if callable(answer) else answer
        step = await requests.post(f"{path}/{step['flow_id']}", body)
        if step.get("errors"):
            raise HassFlowError(step)
    step = await _settled(requests, path, step)
    if step["type"] != "create_entry" and not str(step.get("reason")).endswith("_successful"):
        raise HassFlowError(step)
    return step


async def _settled(requests: Requests, path: str, step: dict[str, Any]) -> dict[str, Any]:
    """Wait for a step that works on something in the background."""
    async with asyncio.timeout(_PROGRESS_TIMEOUT):
        while step["type"] == "progress":
            await asyncio.sleep(_PROGRESS_POLL)
            step = await requests.get(f"{path}/{step['flow_id']}")
    return step
