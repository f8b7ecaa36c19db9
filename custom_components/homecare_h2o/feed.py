"""What a browser is shown and kept up to date with: the whole of it at first, and again after each change.

It follows the hub over every loading anew, sends a beat while the hub looks after itself, and falls silent for a user
who may no longer see it.
"""

from collections.abc import Awaitable, Callable, Sequence
import logging
from typing import Any

from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry, ConfigEntryChange
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.util import dt as dt_util

from .const import DOMAIN, SIGNAL_SWEEP
from .core.alarm import Alarm
from .core.errors import HomeCareError
from .core.events import Event
from .core.roles import Permission, is_allowed
from .hub import Hub
from .roles import role_of_user

_LOGGER = logging.getLogger(__name__)

type Message = dict[str, Any]
type Build = Callable[[Hub], Awaitable[Message]]


class Feed:
    """One subscription of one browser."""

    def __init__(
        self, hass: HomeAssistant, connection: ActiveConnection, message_id: int, permission: Permission, build: Build
    ) -> None:
        """Keep what is needed; ``build`` returns all there is to be shown."""
        self._hass = hass
        self._connection = connection
        self._message_id = message_id
        self._permission = permission
        self._build = build
        self._hub: Hub | None = None
        self._leave_hub: CALLBACK_TYPE | None = None
        self._stops: list[CALLBACK_TYPE] = []
        self._is_changed = False
        self._is_telling = False
        self._told: Message | None = None

    @callback
    def async_start(self, signals: Sequence[str]) -> CALLBACK_TYPE:
        """Begin; ``signals`` tell of changes that no event does. Returns the way to stop."""
        self._stops = [
            async_dispatcher_connect(self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._on_entry),
            async_dispatcher_connect(self._hass, SIGNAL_SWEEP, self._on_sweep),
            *(async_dispatcher_connect(self._hass, signal, self._on_signal) for signal in signals),
        ]
        self._take_hub()
        self._tell_soon()
        return self.async_stop

    @callback
    def async_stop(self) -> None:
        """Stop."""
        for stop in self._stops:
            stop()
        self._stops = []
        self._let_hub_go()

    @callback
    def _on_entry(self, _change: ConfigEntryChange, entry: ConfigEntry[Any]) -> None:
        """Follow the hub when it is loaded, unloaded or loaded anew."""
        if entry.domain == DOMAIN:
            self._take_hub()

    @callback
    def _on_event(self, _event: Event, _alarm: Alarm | None) -> None:
        """Tell what has happened."""
        self._tell_soon()

    @callback
    def _on_signal(self, *_: Any) -> None:
        """Tell what has changed."""
        self._tell_soon()

    @callback
    def _on_sweep(self, *_: Any) -> None:
        """Show that all is well, and look at what only time has changed."""
        if self._told and self._told["type"] == "state" and self._may_see():
            self._send({"type": "beat"})
        self._tell_soon()

    def _take_hub(self) -> None:
        """Follow the hub that is loaded now, if there is one."""
        loaded = self._hass.config_entries.async_loaded_entries(DOMAIN)
        hub: Hub | None = loaded[0].runtime_data if loaded else None
        if hub is not self._hub:
            self._let_hub_go()
            self._hub = hub
            self._leave_hub = hub.engine.subscribe(self._on_event) if hub else None
            self._tell_soon()

    def _let_hub_go(self) -> None:
        """Follow no hub."""
        if self._leave_hub:
            self._leave_hub()
        self._leave_hub = self._hub = None

    def _may_see(self) -> bool:
        """Return whether the user may still see it: a role may be taken away while a page is open."""
        return is_allowed(role_of_user(self._connection.user), self._permission)

    def _tell_soon(self) -> None:
        """Tell how it is now; several changes at once if they come faster than they can be told."""
        self._is_changed = True
        if self._stops and not self._is_telling:
            self._is_telling = True
            # Later, for this may be called in the midst of what the engine does: phones are told before browsers.
            self._hass.async_create_background_task(self._tell(), "homecare_h2o panel", eager_start=False)

    async def _tell(self) -> None:
        """Tell until nothing has changed meanwhile; what has been told is not told again."""
        try:
            while self._is_changed and self._stops:
                self._is_changed = False
                hub = self._hub
                message = await self._describe(hub)
                # A hub that has been left is not told of any more, and nothing is told to a page that has been closed.
                if self._stops and hub is self._hub and message != self._told:
                    self._told = message
                    self._send(message)
        finally:
            self._is_telling = False

    async def _describe(self, hub: Hub | None) -> Message:
        """Return how it is now."""
        if not self._may_see():
            return {"type": "refused"}
        if hub is None:
            return {"type": "no_hub"}
        try:
            return {"type": "state", "state": await self._build(hub)}
        except HomeCareError as err:
            return {"type": "error", "error": err.translation_key, "placeholders": err.placeholders}
        except Exception:
            _LOGGER.exception("What the panel shows could not be put together")
            return {"type": "error", "error": "unknown_error", "placeholders": {}}

    def _send(self, message: Message) -> None:
        """Send something, with the hub's time: a browser's own clock may be wrong."""
        now = self._hub.clock.now() if self._hub else dt_util.utcnow()
        self._connection.send_event(self._message_id, {**message, "now": now.isoformat()})
