"""One virtual phone: what it shows, what its owner presses, how it behaves."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol

from .pushes import (
    ANDROID_BUTTONS,
    CLEAR,
    Notification,
    data_of,
    flatten_for_android,
    is_critical,
    is_critical_on_ios,
    read_actions,
    without_secrets,
)
from .webhook import WebhookError

# A long demo must not grow without end.
_LOG_LENGTH = 500


class PhoneOS(StrEnum):
    """What the phone runs; it decides what it can answer."""

    ANDROID = "Android"
    IOS = "iOS"


class Behaviour(StrEnum):
    """How the way to the phone behaves."""

    OK = "ok"
    ERROR_500 = "error_500"
    HANG = "hang"


class EntryKind(StrEnum):
    """What a line of a phone's log tells."""

    REGISTERED = "registered"
    SHOWN = "shown"
    CLEARED = "cleared"
    REFUSED = "refused"
    HUNG = "hung"
    RECEIPT = "receipt"
    PRESSED = "pressed"
    OPENED = "opened"
    DISMISSED = "dismissed"
    ANSWER_FAILED = "answer_failed"
    BEHAVIOUR = "behaviour"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One thing that happened on a phone, at a UTC instant."""

    at: datetime
    kind: EntryKind
    payload: Mapping[str, Any]


class PhoneError(Exception):
    """The phone does not show what its owner is to press."""


class Sender(Protocol):
    """The way from a phone to Home Assistant."""

    async def send(self, phone: VirtualPhone, kind: str, data: Mapping[str, Any]) -> dict[str, Any] | None:
        """Send a webhook command; WebhookError if it does not arrive."""


type PhoneListener = Callable[[VirtualPhone, LogEntry], None]


class VirtualPhone:
    """A phone as its owner and Home Assistant know it. It works once a PhoneServer has taken it in."""

    def __init__(
        self, phone_id: str, name: str, *, group: str, os: PhoneOS, user: str | None = None, number: str | None = None
    ) -> None:
        """Describe the phone; `user` is its owner's user name in Home Assistant, by default the phone's id."""
        self.phone_id = phone_id
        self.name = name
        self.group = group
        self.os = os
        self.user = user or phone_id
        self.number = number
        self.notifications: dict[str, Notification] = {}
        self.log: list[LogEntry] = []
        self.webhook_id: str | None = None
        self.user_id: str | None = None
        self.hass_device_id: str | None = None
        self.sender: Sender | None = None
        self._behaviour = Behaviour.OK
        self._listeners: list[PhoneListener] = []
        self._untagged = 0

    @property
    def device_id(self) -> str:
        """Return the app's own device id; events carry this one, not Home Assistant's."""
        return f"demo-{self.phone_id}"

    @property
    def behaviour(self) -> Behaviour:
        """Return how the way to the phone behaves."""
        return self._behaviour

    @behaviour.setter
    def behaviour(self, behaviour: Behaviour) -> None:
        """Change how the way to the phone behaves, from the next push on."""
        self._behaviour = behaviour
        self.note(EntryKind.BEHAVIOUR, {"behaviour": behaviour})

    def subscribe(self, listener: PhoneListener) -> Callable[[], None]:
        """Call back on every new log entry; everything that changes a phone is logged. Return what ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def wait_until(self, predicate: Callable[[VirtualPhone], bool], timeout: float) -> None:  # noqa: ASYNC109
        """Return as soon as the predicate holds; TimeoutError after so many seconds."""
        changed = asyncio.Event()
        unsubscribe = self.subscribe(lambda _phone, _entry: changed.set())
        try:
            async with asyncio.timeout(timeout):
                while not predicate(self):
                    changed.clear()
                    await changed.wait()
        finally:
            unsubscribe()

    def note(self, kind: EntryKind, payload: Mapping[str, Any]) -> None:
        """Add to the log and tell the listeners."""
        entry = LogEntry(at=datetime.now(UTC), kind=kind, payload=payload)
        self.log.append(entry)
        del self.log[:-_LOG_LENGTH]
        for listener in list(self._listeners):
            listener(self, entry)

    def take_push(self, push: Mapping[str, Any]) -> None:
        """Show, replace or clear a notification, as the app does when a push reaches it."""
        tag = data_of(push).get("tag")
        if push.get("message") != CLEAR:
            self._show(push, str(tag) if tag else self._next_untagged())
        elif tag:
            self.notifications.pop(str(tag), None)
            self.note(EntryKind.CLEARED, without_secrets(push))

    async def send_receipt(self, push: Mapping[str, Any]) -> None:
        """Confirm a push that asked for it; only the Android app can."""
        if self.os is PhoneOS.ANDROID and data_of(push).get("confirmation"):
            await self._answer(
                EntryKind.RECEIPT, "mobile_app_notification_received", self._with_device(flatten_for_android(push))
            )

    async def press(self, tag: str, action: str) -> None:
        """Press a button by its key (or address); PhoneError if it is not shown.

        As on a real phone, the notification goes away when Home Assistant has taken the answer, and stays otherwise.
        """
        notification = self._shown(tag)
        button = notification.find_action(action)
        if button is None:
            raise PhoneError(f"{self.name} shows no button {action} on {tag}")
        if button.uri is not None:
            self.note(EntryKind.OPENED, {"tag": tag, "title": button.title, "uri": button.uri})
            return
        data = {**self._echo(notification), "action": button.key}
        if await self._answer(EntryKind.PRESSED, "mobile_app_notification_action", data, button.title):
            self._put_away(notification)

    async def dismiss(self, tag: str) -> None:
        """Swipe a notification away; only the Android app tells."""
        notification = self._shown(tag)
        del self.notifications[tag]
        self.note(EntryKind.DISMISSED, {"tag": tag})
        if self.os is PhoneOS.ANDROID:
            await self.fire_event("mobile_app_notification_cleared", self._echo(notification))

    async def fire_event(self, event_type: str, data: Mapping[str, Any]) -> None:
        """Fire any event in this phone's name, also a late or forged one; WebhookError if it does not arrive."""
        if self.sender is None or self.webhook_id is None:
            raise WebhookError("the phone is not registered")
        await self.sender.send(self, "fire_event", {"event_type": event_type, "event_data": dict(data)})

    async def _answer(
        self, kind: EntryKind, event_type: str, data: Mapping[str, Any], title: str | None = None
    ) -> bool:
        """Fire an event and log how it went."""
        noted = {"tag": data.get("tag"), "action": data.get("action"), "title": title}
        try:
            await self.fire_event(event_type, data)
        except WebhookError as err:
            self.note(EntryKind.ANSWER_FAILED, {**noted, "error": str(err)})
            return False
        self.note(kind, noted)
        return True

    def _show(self, push: Mapping[str, Any], tag: str) -> None:
        """Put a notification on top, in place of the one with its tag."""
        before = self.notifications.pop(tag, None)
        actions = read_actions(push)
        shown = Notification(
            tag=tag,
            title=str(push.get("title") or ""),
            message=str(push.get("message") or ""),
            actions=actions[:ANDROID_BUTTONS] if self.os is PhoneOS.ANDROID else actions,
            is_critical=is_critical(push),
            copies=1,
            shown_at=datetime.now(UTC),
            push=without_secrets(push),
        )
        if before is not None and self.os is PhoneOS.IOS and is_critical_on_ios(push):
            shown = replace(shown, copies=before.copies + 1)
        self.notifications[tag] = shown
        self.note(EntryKind.SHOWN, shown.push)

    def _put_away(self, pressed: Notification) -> None:
        """Take away a notification whose button was pressed."""
        # A replacement may have come in before the answer to the press: that one stays.
        if self.notifications.get(pressed.tag) is pressed and not data_of(pressed.push).get("sticky"):
            del self.notifications[pressed.tag]
            self.note(EntryKind.DISMISSED, {"tag": pressed.tag})

    def _echo(self, notification: Notification) -> dict[str, Any]:
        """Return what the app tells of a notification in its events."""
        if self.os is PhoneOS.IOS:
            data = data_of(notification.push)
            return {"action_data": data["action_data"]} if "action_data" in data else {}
        flat = flatten_for_android({**notification.push, "registration_info": {"webhook_id": self.webhook_id}})
        return self._with_device(flat)

    def _with_device(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Add the device id that the Android app adds to every event."""
        return {**data, "device_id": self.device_id}

    def _shown(self, tag: str) -> Notification:
        """Return a notification that is shown."""
        try:
            return self.notifications[tag]
        except KeyError:
            raise PhoneError(f"{self.name} shows no notification {tag}") from None

    def _next_untagged(self) -> str:
        """Return a tag of our own for a push without one: it replaces nothing."""
        self._untagged += 1
        return f"untagged-{self._untagged}"
