"""What a phone sends to Home Assistant: requests to the webhook of its registration."""

from collections.abc import Mapping
from typing import Any

import aiohttp

_TIMEOUT = aiohttp.ClientTimeout(total=10)


class WebhookError(Exception):
    """Home Assistant did not take what the phone sent."""


async def send(
    session: aiohttp.ClientSession, hass_url: str, webhook_id: str, kind: str, data: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Send one webhook command; return its answer, or None from a webhook that nobody serves.

    Home Assistant answers 200 with an empty body to a webhook it does not (or not yet) know.
    """
    url = f"{hass_url}/api/webhook/{webhook_id}"
    try:
        async with session.post(url, json={"type": kind, "data": data}, timeout=_TIMEOUT) as response:
            text = await response.text()
            if response.status != 200:
                raise WebhookError(f"status {response.status}")
            answer: dict[str, Any] | None = await response.json() if text else None
            return answer
    except (aiohttp.ClientError, TimeoutError) as err:
        raise WebhookError(f"{type(err).__name__}: {err}") from err
