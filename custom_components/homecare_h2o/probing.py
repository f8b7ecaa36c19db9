"""Test messages to phones: what is sent, and what comes back."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
import secrets

from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback

from .core.chain import Probe
from .core.errors import NotificationError
from .notifier import CLEAR_TEXT, RINGING, HassNotifier
from .outbox import SEND_TIMEOUT
from .phone_events import ACTION_EVENTS, RECEIVED_EVENT, button_text
from .phones import APP, is_reachable, may_answer
from .push import JsonDict
from .wording import Wording

PREFIX = "H2OTEST"
"""Of the buttons of a loud test; no alarm's button begins like this."""


@dataclass(slots=True)
class Running:
    """A test message on its way; ``tag`` is known to the phone alone that it was sent to."""

    phone_id: str
    began_at: float
    tag: str = field(default_factory=lambda: f"homecare_h2o-test-{secrets.token_hex(8)}")
    probe: Probe = field(default_factory=Probe)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_settled(self) -> bool:
        """Whether no more can be learnt from a loud test."""
        return self.probe.answered_ms is not None or self.probe.error is not None


class Prober:
    """Sends test messages, and hears what comes back; ``on_heard`` is told of each."""

    def __init__(self, hass: HomeAssistant, notifier: HassNotifier, wording: Wording) -> None:
        """Have nothing on its way."""
        self._hass = hass
        self._notifier = notifier
        self._wording = wording
        self._running: dict[str, Running] = {}

    @callback
    def async_start(self, on_heard: Callable[[Running], None]) -> CALLBACK_TYPE:
        """Start listening; returns the way to stop that."""

        @callback
        def on_received(event: Event) -> None:
            if running := self._find(event, str(event.data.get("tag") or "")):
                running.probe = replace(running.probe, received_ms=running.probe.received_ms or self._since(running))
                running.changed.set()
                on_heard(running)

        @callback
        def on_action(event: Event) -> None:
            prefix, _, tag = button_text(event.data).partition("~")
            if prefix == PREFIX and (running := self._find(event, tag)):
                running.probe = replace(running.probe, answered_ms=running.probe.answered_ms or self._since(running))
                running.changed.set()
                on_heard(running)

        stops = [self._hass.bus.async_listen(kind, on_action) for kind in ACTION_EVENTS]
        stops.append(self._hass.bus.async_listen(RECEIVED_EVENT, on_received))

        @callback
        def stop() -> None:
            for each in stops:
                each()

        return stop

    def begin(self, phone_id: str) -> Running:
        """Make a test message ready."""
        running = Running(phone_id, self._hass.loop.time())
        self._running[running.tag] = running
        return running

    @callback
    def end(self, running: Running) -> None:
        """Listen no more for what comes back."""
        self._running.pop(running.tag, None)

    async def send_silently(self, running: Running) -> None:
        """Send what nobody hears or sees; anything but the app is only looked for."""
        if not running.phone_id.startswith(APP):
            is_there = is_reachable(self._hass, running.phone_id)
            running.probe = replace(running.probe, sent=is_there, error=None if is_there else "unavailable")
            return
        payload = {"tag": running.tag, "confirmation": True, "ttl": 0, "priority": "high"}
        await self._send(running, CLEAR_TEXT, payload)

    async def send_loudly(self, running: Running, code: str) -> None:
        """Send what rings like an alarm and says that it is none."""
        title, text, seen = self._wording.chain_test()
        actions = [{"action": f"{PREFIX}~{running.tag}", "title": seen}]
        await self._send(
            running,
            {"title": f"{code} · {title}", "message": text},
            {"tag": running.tag, "actions": actions, **RINGING},
        )

    async def clear(self, running: Running) -> None:
        """Take a loud test from a phone; what fails is no harm."""
        if running.phone_id.startswith(APP):
            await self._tell(running.phone_id, dict(CLEAR_TEXT), {"tag": running.tag})

    async def _send(self, running: Running, text: dict[str, str], payload: JsonDict) -> None:
        """Send a test message, and note how that went."""
        error = await self._tell(running.phone_id, text, payload)
        running.probe = replace(running.probe, sent=error is None, error=error)
        running.changed.set()

    async def _tell(self, phone_id: str, text: dict[str, str], payload: JsonDict) -> str | None:
        """Tell a phone something; return why it failed, None if it was handed over."""
        try:
            async with asyncio.timeout(SEND_TIMEOUT):
                await self._notifier.tell(phone_id, text, payload)
        except TimeoutError:
            return "timeout"
        except NotificationError as err:
            return str(err)
        except Exception as err:  # noqa: BLE001 - whatever a notify service raises is an answer
            return type(err).__name__
        return None

    def _find(self, event: Event, tag: str) -> Running | None:
        """Return what is answered, if it may be by whoever does."""
        running = self._running.get(tag)
        return running if running and may_answer(self._hass, running.phone_id, event.context.user_id) else None

    def _since(self, running: Running) -> int:
        """Return how many milliseconds ago it was sent."""
        return round((self._hass.loop.time() - running.began_at) * 1000)
