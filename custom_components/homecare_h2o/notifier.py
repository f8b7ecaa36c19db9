"""Puts messages on phones through Home Assistant's notifications."""

import asyncio
from collections.abc import Callable
from typing import Any

from homeassistant.components.mobile_app.const import DATA_NOTIFY, DOMAIN as MOBILE_APP
from homeassistant.components.notify import DOMAIN as NOTIFY, SERVICE_SEND_MESSAGE, BaseNotificationService
from homeassistant.const import ATTR_ENTITY_ID, STATE_UNAVAILABLE
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from .core.alarm import Alarm
from .core.answers import CALL_ANSWERS, TAKER_ANSWERS, Answer, make_button_id
from .core.errors import NotificationError
from .core.messages import Message, MessageKind
from .phones import APP, ENTITY, app_entry, phone_name, webhook_id
from .wording import Wording

_LOAD_POLL = 0.25
"""Seconds between looks for a phone that is not loaded yet, just after a start."""

type JsonDict = dict[str, Any]

QUIET: JsonDict = {"channel": "homecare_h2o", "alert_once": True, "push": {"sound": "none"}}
"""What replaces a call on a phone is read, not heard."""


def make_tag(alarm: Alarm) -> str:
    """Return what ties an alarm's notifications together on a phone: a newer one replaces the older."""
    return f"homecare_h2o-{alarm.alarm_id}"


def make_payload(message: Message, wording: Wording) -> JsonDict:
    """Return the data of a notification for the Home Assistant app on Android and iOS."""
    alarm, tag = message.alarm, make_tag(message.alarm)
    match message.kind:
        case MessageKind.CLEAR:
            return {"tag": tag}
        case MessageKind.TAKEN:
            return {"tag": tag, **QUIET}
        case MessageKind.YOURS:
            answers: tuple[Answer, ...] = TAKER_ANSWERS
        case MessageKind.CALL:
            answers = CALL_ANSWERS
    payload: JsonDict = {
        "tag": tag,
        "ttl": 0,
        "priority": "high",
        "persistent": True,
        "sticky": True,
        "actions": [
            {"action": make_button_id(alarm, message.phone_id, answer), "title": wording.button(answer)}
            for answer in answers
        ],
    }
    if message.kind is MessageKind.YOURS:
        return payload | QUIET
    return payload | {
        "confirmation": True,
        # Android sounds the alarm for this channel name alone, and never raises a channel's importance afterwards.
        "channel": "alarm_stream",
        "importance": "high",
        "push": {"interruption-level": "critical", "sound": {"name": "default", "critical": 1, "volume": 1.0}},
    }


class HassNotifier:
    """Tells phones through mobile_app, and anything else that Home Assistant can notify in plain text."""

    def __init__(self, hass: HomeAssistant, wording: Wording, code_of: Callable[[str], str]) -> None:
        """Keep what is needed; ``code_of`` gives a brukare's code."""
        self._hass = hass
        self._wording = wording
        self._code_of = code_of

    async def send(self, message: Message) -> None:
        """Hand a message over; raises NotificationError."""
        phone_id = message.phone_id
        try:
            if phone_id.startswith(APP):
                await self._send_to_app(message)
            elif phone_id.startswith(ENTITY):
                self._require_entity(phone_id.removeprefix(ENTITY))
                await self._call(SERVICE_SEND_MESSAGE, self._text(message) | {ATTR_ENTITY_ID: phone_id[len(ENTITY) :]})
            else:
                await self._call(phone_id.partition(":")[2], self._text(message))
        except HomeAssistantError as err:
            raise NotificationError(type(err).__name__) from err

    def _require_entity(self, entity_id: str) -> None:
        """Raise NotificationError for an entity that would be skipped in silence."""
        state = self._hass.states.get(entity_id)
        if state is None or state.state == STATE_UNAVAILABLE:
            raise NotificationError("unavailable")

    def _text(self, message: Message) -> JsonDict:
        """Return title and text."""
        taker = message.alarm.acknowledged_by
        name = phone_name(self._hass, taker.phone_id) if taker and taker.phone_id else None
        return {
            "title": self._wording.title(self._code_of(message.alarm.brukare_id), message.alarm),
            "message": self._wording.body(message.kind, message.alarm, self._wording.taker(name)),
        }

    async def _send_to_app(self, message: Message) -> None:
        """Send to exactly one phone.

        Not by a notify service: two phones of the same name share one, and ``notify.notify`` belongs to
        whichever platform came first.
        """
        webhook = await self._wait_until_loaded(message.phone_id)
        text = {"message": "clear_notification"} if message.kind is MessageKind.CLEAR else self._text(message)
        service: BaseNotificationService = self._hass.data[MOBILE_APP][DATA_NOTIFY]
        await service.async_send_message(**text, target=[webhook], data=make_payload(message, self._wording))

    async def _wait_until_loaded(self, phone_id: str) -> str:
        """Return where a phone is found, waiting for it just after a start; raises NotificationError."""
        while True:
            webhook = webhook_id(self._hass, phone_id)
            if webhook is not None and DATA_NOTIFY in self._hass.data.get(MOBILE_APP, {}):
                return webhook
            if app_entry(self._hass, phone_id) is None or self._hass.state is CoreState.running:
                raise NotificationError("phone_not_registered")
            await asyncio.sleep(_LOAD_POLL)

    async def _call(self, service: str, data: JsonDict) -> None:
        """Call a notify service and wait for it."""
        await self._hass.services.async_call(NOTIFY, service, data, blocking=True)
