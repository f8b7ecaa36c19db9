"""Puts messages on phones through Home Assistant's notifications."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from homeassistant.components.mobile_app.const import DATA_PUSH_CHANNEL, DOMAIN as MOBILE_APP
from homeassistant.components.notify import DOMAIN as NOTIFY, SERVICE_SEND_MESSAGE
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import ATTR_ENTITY_ID, STATE_UNAVAILABLE
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from .const import PANEL_PATH
from .core.alarm import Alarm
from .core.answers import make_button_id
from .core.budget import HELD_BACK
from .core.errors import NotificationError
from .core.messages import Message, MessageKind
from .phones import APP, ENTITY, app_entry, phone_name
from .push import JsonDict, async_push
from .push_count import PushCount
from .wording import Wording

_LOAD_POLL = 0.25
"""Seconds between looks for a phone that is not loaded yet, just after a start."""

QUIET: JsonDict = {"channel": "homecare_h2o", "alert_once": True, "push": {"sound": "none"}}
"""What replaces a call on a phone is read, not heard."""
HEARD: JsonDict = {
    "confirmation": True,
    "channel": "homecare_h2o_call",
    "importance": "high",
    "push": {"interruption-level": "time-sensitive", "sound": "default"},
}
"""A call that is heard as the phone is set."""
RINGING: JsonDict = {
    "ttl": 0,
    "priority": "high",
    "confirmation": True,
    # Android sounds the alarm for this channel name alone, and never raises a channel's importance afterwards.
    "channel": "alarm_stream",
    "importance": "high",
    "push": {"interruption-level": "critical", "sound": {"name": "default", "critical": 1, "volume": 1.0}},
}
"""A call is heard also on a phone that is silent."""
LANES = 3
"""Pushes that may be on their way to one phone at a time."""
MOST_BUTTONS = 3
"""Android shows no more."""
CLEAR_TEXT = {"message": "clear_notification"}
"""Takes away what the app shows under a tag."""


def make_tag(alarm: Alarm) -> str:
    """Return what ties an alarm's notifications together on a phone: a newer one replaces the older."""
    return f"homecare_h2o-{alarm.alarm_id}"


def alarm_path(alarm: Alarm) -> str:
    """Return where a tap leads, on Android and iOS: there whoever is logged in sees who and where (R010.7)."""
    return f"/{PANEL_PATH}/alarm/{alarm.alarm_id}"


def make_payload(message: Message, wording: Wording, number: str | None = None) -> JsonDict:
    """Return the data of a notification for the Home Assistant app on Android and iOS.

    ``number`` is the brukare's telephone: whoever has taken the alarm may ring it with one tap (P001.4).
    """
    alarm, tag = message.alarm, make_tag(message.alarm)
    if message.kind is MessageKind.CLEAR:
        return {"tag": tag}
    path = alarm_path(alarm)
    tapped = {"clickAction": path, "url": path}
    if message.kind is MessageKind.TAKEN:
        return {"tag": tag, **tapped, **QUIET}
    payload: JsonDict = {
        "tag": tag,
        **tapped,
        "ttl": 0,
        "priority": "high",
        "persistent": True,
        "sticky": True,
        "actions": [
            {"action": make_button_id(alarm, message.phone_id, answer), "title": wording.button(answer)}
            for answer in message.answers
        ],
    }
    if number and message.kind is MessageKind.YOURS and len(payload["actions"]) < MOST_BUTTONS:
        payload["actions"].append({"action": "URI", "title": wording.ring(), "uri": f"tel:{number}"})
    if not message.is_loud:
        return payload | QUIET
    return payload | (RINGING if message.rings_through else HEARD)


class HassNotifier:
    """Tells phones through mobile_app, and anything else that Home Assistant can notify in plain text."""

    def __init__(
        self,
        hass: HomeAssistant,
        wording: Wording,
        code_of: Callable[[str], str],
        may_reply: Callable[[str], bool] = lambda _phone_id: False,
        *,
        count: PushCount,
        mask: Callable[[str], str] = str,
        number_of: Callable[[str], str | None] = lambda _brukare_id: None,
    ) -> None:
        """Keep what is needed; ``code_of`` gives a brukare's code, ``may_reply`` who answers by text.

        ``mask`` takes the names out of what somebody has written, ``number_of`` gives a brukare's telephone.
        """
        self._number_of = number_of
        self._mask = mask
        self._hass = hass
        self._wording = wording
        self._code_of = code_of
        self._may_reply = may_reply
        self._count = count
        self._lanes: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(LANES))

    async def send(self, message: Message) -> None:
        """Hand a message over; raises NotificationError."""
        if not self._count.may_send(message):
            raise NotificationError(HELD_BACK)
        is_over = message.kind is MessageKind.CLEAR and message.phone_id.startswith(APP)
        text = CLEAR_TEXT if is_over else self._text(message)
        await self.tell(
            message.phone_id, text, make_payload(message, self._wording, self._number_of(message.alarm.brukare_id))
        )
        self._count.note(message)

    async def tell(self, phone_id: str, text: Mapping[str, str], payload: JsonDict) -> None:
        """Tell one phone something; raises NotificationError. Only the Home Assistant app takes the payload."""
        try:
            if phone_id.startswith(APP):
                await self._tell_app(phone_id, {**text, "data": payload})
            elif phone_id.startswith(ENTITY):
                self._require_entity(phone_id.removeprefix(ENTITY))
                await self._call(SERVICE_SEND_MESSAGE, {**text, ATTR_ENTITY_ID: phone_id.removeprefix(ENTITY)})
            else:
                await self._call(phone_id.partition(":")[2], dict(text))
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
        body = self._wording.body(message.kind, message.alarm, self._wording.taker(name))
        if not message.phone_id.startswith(APP) and self._may_reply(message.phone_id):
            body = "\n".join((body, *self._wording.how_to_reply(message.kind, message.alarm)))
        return {
            "title": self._wording.title(self._code_of(message.alarm.brukare_id), message.alarm),
            "message": self._mask(body),
        }

    async def _tell_app(self, phone_id: str, data: JsonDict) -> None:
        """Push to exactly one phone: two of the same name share one notify service."""
        entry = await self._wait_until_loaded(phone_id)
        # Home Assistant keeps a hundred connections to a host, and all phones push to one: those that hang must not
        # take the last of them.
        async with self._lanes[phone_id]:
            self._count.add(phone_id, await async_push(self._hass, entry, data))

    async def _wait_until_loaded(self, phone_id: str) -> ConfigEntry[Any]:
        """Return a phone's registration, waiting for it just after a start; raises NotificationError."""
        while True:
            entry = app_entry(self._hass, phone_id)
            is_loaded = entry is not None and entry.state is ConfigEntryState.LOADED
            if entry and is_loaded and DATA_PUSH_CHANNEL in self._hass.data.get(MOBILE_APP, {}):
                return entry
            if entry is None or self._hass.state is CoreState.running:
                raise NotificationError("phone_not_registered")
            await asyncio.sleep(_LOAD_POLL)

    async def _call(self, service: str, data: JsonDict) -> None:
        """Call a notify service and wait for it."""
        await self._hass.services.async_call(NOTIFY, service, data, blocking=True)
