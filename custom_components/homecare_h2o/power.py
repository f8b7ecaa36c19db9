"""Watches the mains, or the UPS, that the user has named: tells when they are gone, and when they are back (R010.5)."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import (
    CALLBACK_TYPE,
    Event as HassEvent,
    EventStateChangedData,
    HassJob,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_call_later, async_track_state_change_event
from homeassistant.helpers.start import async_at_started

from .const import CONF_POWER_ENTITY, CONF_POWER_INVERTED, SIGNAL_SWEEP
from .core.codec import recall, to_plain
from .core.errors import EngineStoppedError
from .core.events import Actor
from .core.hub_events import PowerLost, PowerRestored
from .core.power import BLIND_AFTER, SETTLED_AFTER, Mains, PowerFacts, PowerNews, find_news, next_look_at, observe, tell
from .hub import Hub

RULE = "system.power"
RULE_BLIND = "system.power_unknown"
KEY = "power"
_MARGIN = timedelta(milliseconds=5)
"""A timer that runs a moment early would only have to be set again."""

ON_BATTERY = frozenset({"ob", "onbatt", "on battery"})
ON_MAINS = frozenset({"ol", "online"})
"""What the sensors of a UPS say; NUT and apcupsd say it among other words, in Home Assistant's or their own."""


@callback
def read_mains(state: State | None, *, inverted: bool = False) -> Mains:
    """Return what an entity says of the mains; ``inverted``: it is on during a power cut."""
    if state is None or state.state in (STATE_UNAVAILABLE, STATE_UNKNOWN):
        return Mains.UNKNOWN
    if state.state in (STATE_ON, STATE_OFF):
        return Mains.ON if (state.state == STATE_ON) is not inverted else Mains.LOST
    said = state.state.casefold()
    words = {*said.replace(",", " ").split(), *(part.strip() for part in said.split(","))}
    if words & ON_BATTERY:
        return Mains.LOST
    return Mains.ON if words & ON_MAINS else Mains.UNKNOWN


class PowerWatch:
    """Looks at the mains with each change and each sweep, and has told what lasts."""

    def __init__(self, hass: HomeAssistant, hub: Hub, entity_id: str, *, inverted: bool) -> None:
        """Take up what is remembered."""
        self._hass = hass
        self._hub = hub
        self._entity_id = entity_id
        self._inverted = inverted
        self._facts = recall(PowerFacts, hub.facts.get(KEY)) or PowerFacts()
        self._working = asyncio.Lock()
        self._stops: list[CALLBACK_TYPE] = []
        self._cancel_timer: CALLBACK_TYPE | None = None

    @callback
    def async_start(self) -> CALLBACK_TYPE:
        """Begin when Home Assistant has started, for until then nothing is known; returns the way to stop."""
        self._stops.append(async_at_started(self._hass, self._on_started))
        return self._stop

    @callback
    def _on_started(self, _hass: HomeAssistant) -> None:
        """Begin."""
        self._stops += [
            async_dispatcher_connect(self._hass, SIGNAL_SWEEP, self.look),
            async_track_state_change_event(self._hass, self._entity_id, self._on_change),
        ]
        self.look()

    @callback
    def _stop(self) -> None:
        """Stop."""
        for stop in self._stops:
            stop()
        self._stops = []
        self._set_timer(None)

    @callback
    def _set_timer(self, at: datetime | None) -> None:
        """Look again then; the sweep looks too, for a timer knows nothing of a clock that is moved."""
        if self._cancel_timer:
            self._cancel_timer()
        self._cancel_timer = None
        if at is not None:
            wait = max(timedelta(0), at - self._hub.clock.now()) + _MARGIN
            self._cancel_timer = async_call_later(
                self._hass, wait, HassJob(self._on_timer, "HomeCare H2O power", cancel_on_shutdown=True)
            )

    @callback
    def _on_timer(self, _now: datetime) -> None:
        """Look at what has lasted."""
        self._cancel_timer = None
        self.look()

    @callback
    def _on_change(self, _event: HassEvent[EventStateChangedData]) -> None:
        """Look at once: the hub may have no power for long."""
        self.look()

    @callback
    def look(self) -> None:
        """See whether there is power, and have done what follows from it."""
        now, before = self._hub.clock.now(), self._facts
        mains = read_mains(self._hass.states.get(self._entity_id), inverted=self._inverted)
        observed = observe(before, mains, now)
        news = find_news(observed, now)
        self._facts = tell(observed, news) if news else observed
        self._set_timer(next_look_at(self._facts))
        if self._facts != before:
            work = self._async_work(news, observed, self._facts, now)
            self._hass.async_create_background_task(work, "homecare_h2o power", eager_start=True)

    async def _async_work(self, news: PowerNews | None, seen: PowerFacts, after: PowerFacts, now: datetime) -> None:
        """Journal, tell, and only then remember: what is cut off is found again after the start."""
        async with self._working:
            try:
                await self._async_tell(news, seen, now)
            except EngineStoppedError:
                return
            await self._hub.facts.put(KEY, to_plain(after))

    async def _async_tell(self, news: PowerNews | None, seen: PowerFacts, now: datetime) -> None:
        """Journal what is news, and tell the larmansvarig."""
        hub, wording = self._hub, self._hub.wording
        if news is PowerNews.LOST and seen.lost_at:
            await hub.engine.record(PowerLost(at=now, source=self._entity_id, lost_at=seen.lost_at))
            message = wording.power(news, seen.lost_at)
            await hub.async_raise_technical(RULE, message=message, due_at=seen.lost_at + SETTLED_AFTER)
        elif news is PowerNews.RESTORED and seen.lost_at and seen.back_at:
            await hub.engine.record(
                PowerRestored(at=now, source=self._entity_id, lost_at=seen.lost_at, back_at=seen.back_at)
            )
            await self._async_note(wording.power(news, seen.back_at))
        elif news is PowerNews.BLIND and seen.unknown_at:
            message = wording.power(news, seen.unknown_at)
            await hub.async_raise_technical(RULE_BLIND, message=message, due_at=seen.unknown_at + BLIND_AFTER)

    async def _async_note(self, text: str) -> None:
        """Write on the open alarms that the power is back; whoever has gone there closes them."""
        for alarm in self._hub.engine.alarms.values():
            if alarm.rule == RULE:
                await self._hub.engine.add_note(alarm.alarm_id, text, Actor())


@callback
def async_watch_power(hass: HomeAssistant, hub: Hub) -> CALLBACK_TYPE:
    """Watch the mains if the user has named what shows them; returns the way to stop."""
    entity_id = power_entity_of(hub.entry)
    if entity_id is None:
        return lambda: None
    inverted = bool(hub.entry.options.get(CONF_POWER_INVERTED, False))
    return PowerWatch(hass, hub, entity_id, inverted=inverted).async_start()


def power_entity_of(entry: ConfigEntry[Any]) -> str | None:
    """Return the entity that shows the mains, None if there is none."""
    options: Mapping[str, Any] = entry.options
    return options.get(CONF_POWER_ENTITY)
