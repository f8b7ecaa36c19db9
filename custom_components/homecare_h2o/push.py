"""The last step to the Home Assistant app on a phone, which tells when it fails.

mobile_app's own notify service hides every failure of its push service, so this room does what that service does,
through mobile_app's own registration and local channel. Raises NotificationError with one of these reasons:
timeout, no_connection, rate_limited, http_<status>, push_failed, not_connected, not_confirmed.
"""

import asyncio
from http import HTTPStatus
from typing import Any

from aiohttp import ClientConnectionError, ClientError, ClientResponse
from homeassistant.components.mobile_app.const import (
    ATTR_APP_DATA,
    ATTR_APP_ID,
    ATTR_APP_VERSION,
    ATTR_OS_VERSION,
    ATTR_PUSH_RATE_LIMITS,
    ATTR_PUSH_TOKEN,
    ATTR_PUSH_URL,
    ATTR_WEBHOOK_ID,
    DATA_PUSH_CHANNEL,
    DOMAIN as MOBILE_APP,
    SIGNAL_RECORD_NOTIFICATION,
)
from homeassistant.components.mobile_app.push_notification import PushChannel
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.dispatcher import async_dispatcher_send

from .core.budget import RATE_LIMITED
from .core.errors import NotificationError

_TAKEN = (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED)
CONFIRM_TIMEOUT = 3.0
"""Seconds for a phone on the local channel to confirm; then the push service is asked, too."""
_CONFIRM_POLL = 0.1
_BODY_TIMEOUT = 1.0
"""Seconds for the rest of an answer that has said already that the message is taken."""

type JsonDict = dict[str, Any]


async def async_push(hass: HomeAssistant, entry: ConfigEntry[Any], data: JsonDict) -> int | None:
    """Push to one phone; return how many pushes it has left today, None if that is not known.

    Raises NotificationError; a phone whose push service does not answer is for the caller to give up.
    """
    webhook_id: str = entry.data[ATTR_WEBHOOK_ID]
    channel: PushChannel | None = hass.data[MOBILE_APP][DATA_PUSH_CHANNEL].get(webhook_id)
    has_push_service = ATTR_PUSH_URL in entry.data[ATTR_APP_DATA]
    if channel is None and not has_push_service:
        raise NotificationError("not_connected")
    remaining = None
    if channel is None or not await _push_locally(channel, dict(data)):
        if not has_push_service:
            raise NotificationError("not_confirmed")
        remaining = await _push_remotely(hass, entry, data)
    async_dispatcher_send(hass, SIGNAL_RECORD_NOTIFICATION, webhook_id)
    return remaining


async def _push_locally(channel: PushChannel, data: JsonDict) -> bool:
    """Hand over to a phone that is connected; return whether it has it, as far as it can say."""

    async def on_lost(_data: JsonDict) -> None:
        """Leave it to us to go another way."""

    channel.async_send_notification(data, on_lost)  # type: ignore[no-untyped-call]
    if not channel.support_confirm:
        return True
    for _ in range(round(CONFIRM_TIMEOUT / _CONFIRM_POLL)):
        await asyncio.sleep(_CONFIRM_POLL)
        if channel.on_teardown is None:
            return False
        if data["hass_confirm_id"] not in channel.pending_confirms:
            return True
    return False


async def _push_remotely(hass: HomeAssistant, entry: ConfigEntry[Any], data: JsonDict) -> int | None:
    """Ask the app's push service; return how many pushes are left."""
    app_data = entry.data[ATTR_APP_DATA]
    about = (ATTR_APP_ID, ATTR_APP_VERSION, ATTR_WEBHOOK_ID, ATTR_OS_VERSION)
    body = {
        **data,
        ATTR_PUSH_TOKEN: app_data[ATTR_PUSH_TOKEN],
        "registration_info": {key: entry.data[key] for key in about if key in entry.data},
    }
    try:
        response = await async_get_clientsession(hass).post(app_data[ATTR_PUSH_URL], json=body)
        try:
            if response.status not in _TAKEN:
                limited = response.status == HTTPStatus.TOO_MANY_REQUESTS
                raise NotificationError(RATE_LIMITED if limited else f"http_{response.status}")
            return await _read_remaining(response)
        finally:
            response.release()
    except TimeoutError as err:
        raise NotificationError("timeout") from err
    except ClientConnectionError as err:
        raise NotificationError("no_connection") from err
    except ClientError as err:
        raise NotificationError("push_failed") from err


async def _read_remaining(response: ClientResponse) -> int | None:
    """Return how many pushes are left; the message is handed over, whatever the answer says."""
    try:
        async with asyncio.timeout(_BODY_TIMEOUT):
            remaining = (await response.json())[ATTR_PUSH_RATE_LIMITS]["remaining"]
    except ClientError, KeyError, TimeoutError, TypeError, ValueError:
        return None
    return remaining if isinstance(remaining, int) else None
