"""A push in its three shapes: as the relay gets it, as the Android app hears it, as a person sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

CLEAR = "clear_notification"

# Android shows no more buttons than this, however many are sent.
ANDROID_BUTTONS = 3

# The relay passes nothing else of `data` on to the Android app; ttl and priority stay with Google.
_ANDROID_KEYS = (
    "alert_once",
    "car_ui",
    "channel",
    "chronometer",
    "clickAction",
    "color",
    "confirmation",
    "group",
    "icon_url",
    "image",
    "importance",
    "ledColor",
    "media_stream",
    "notification_icon",
    "persistent",
    "sticky",
    "subject",
    "tag",
    "timeout",
    "tts_text",
    "vibrationPattern",
    "visibility",
    "when",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One button. `key` goes into the event; a button with the key URI opens `uri` and fires nothing."""

    key: str
    title: str
    uri: str | None = None
    locked: bool = False
    destructive: bool = False

    @property
    def action_id(self) -> str:
        """Return what tells this button from the others of its notification."""
        return self.uri or self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """What a phone shows right now under one tag."""

    tag: str
    title: str
    message: str
    actions: tuple[Action, ...]
    is_critical: bool
    copies: int
    shown_at: datetime
    push: Mapping[str, Any]

    def find_action(self, action: str) -> Action | None:
        """Return the button with this key or address."""
        return next((item for item in self.actions if action in (item.action_id, item.key)), None)


def data_of(push: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the `data` of a push, empty if it has none."""
    data = push.get("data")
    return data if isinstance(data, Mapping) else {}


def read_actions(push: Mapping[str, Any]) -> tuple[Action, ...]:
    """Return all buttons of a push."""
    return tuple(
        Action(
            key=str(item.get("action", "")),
            title=str(item.get("title", "")),
            uri=item.get("uri"),
            locked=item.get("authenticationRequired") is True,
            destructive=item.get("destructive") is True,
        )
        for item in data_of(push).get("actions", ())
    )


def is_critical(push: Mapping[str, Any]) -> bool:
    """Tell whether this push makes itself heard on a silenced phone, on Android or on iOS."""
    data = data_of(push)
    if data.get("channel") in ("alarm_stream", "alarm_stream_max"):
        return True
    return is_critical_on_ios(push)


def is_critical_on_ios(push: Mapping[str, Any]) -> bool:
    """Tell whether iOS treats it as a critical alert, which it piles up instead of replacing it."""
    options = data_of(push).get("push", {})
    sound = options.get("sound")
    return options.get("interruption-level") == "critical" or (
        isinstance(sound, Mapping) and bool(sound.get("critical"))
    )


def flatten_for_android(push: Mapping[str, Any]) -> dict[str, str]:
    """Return the flat strings the Android app receives, and echoes in its events.

    They carry the webhook id, which is a credential: whoever keeps these events must not keep all of their data.
    """
    data = data_of(push)
    flat: dict[str, str] = {}
    for number, item in enumerate(data.get("actions", ()), start=1):
        for source, target in (("action", "key"), ("title", "title"), ("uri", "uri")):
            if item.get(source):
                flat[f"action_{number}_{target}"] = item[source]
    flat |= {key: _text(data[key]) for key in _ANDROID_KEYS if data.get(key)}
    flat |= {key: push[key] for key in ("message", "title") if push.get(key)}
    webhook_id = push.get("registration_info", {}).get("webhook_id")
    return flat | ({"webhook_id": webhook_id} if webhook_id else {})


def without_secrets(push: Mapping[str, Any]) -> dict[str, Any]:
    """Return a push as a log may keep it."""
    return {key: value for key, value in push.items() if key not in ("push_token", "registration_info")}


def _text(value: Any) -> str:
    """Return a value as the relay, which is JavaScript, writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
