"""``pressed``: a button, in every way that one can show itself; exactly once per press."""

from collections.abc import Iterable
from datetime import datetime
import logging
from typing import Any, override

from homeassistant.components.alarm_control_panel import DOMAIN as PANEL_DOMAIN, AlarmControlPanelState
from homeassistant.components.binary_sensor import DOMAIN as SENSOR_DOMAIN
from homeassistant.components.event import ATTR_EVENT_TYPE, DOMAIN as EVENT_DOMAIN
from homeassistant.const import (
    ATTR_CODE,
    ATTR_ENTITY_ID,
    CONF_OPTIONS,
    CONF_TARGET,
    SERVICE_ALARM_DISARM,
    STATE_UNAVAILABLE,
)
from homeassistant.core import CALLBACK_TYPE, Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv, device_registry as dr, entity_registry as er
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids
from homeassistant.helpers.trigger import TriggerActionRunner, TriggerConfig, TriggerNotTriggeredReporter
from homeassistant.helpers.typing import ConfigType
import probatio as vol

from ..core.detection.notes import Reason
from ..core.detection.pressed import ButtonFacts, ButtonKind, Seen, evaluate
from ..core.watching import Essential
from ..hub import Hub
from ..signals import SIGNAL_BUTTON, Signal, recent_signals
from .mqtt_buttons import mqtt_buttons_of
from .watch import TARGET, Watch, WatchTrigger, find_entities

_LOGGER = logging.getLogger(__name__)

CONF_COMMANDS = "commands"
CONF_DISARM_CODE = "disarm_code"
CONF_OPTIONAL = "optional"

KINDS = {SENSOR_DOMAIN: ButtonKind.SENSOR, EVENT_DOMAIN: ButtonKind.EVENT, PANEL_DOMAIN: ButtonKind.PANEL}
NO_BUTTON = frozenset({"battery", "battery_charging", "connectivity", "problem", "tamper", "update"})
"""Kinds of binary sensor that come with a button's device, and are not the button."""


def is_button(domain: str, device_class: str | None) -> bool:
    """Return whether an entity that nobody named is likely to be a button."""
    return domain in KINDS and device_class not in NO_BUTTON


SCHEMA = vol.Schema(
    {
        vol.Required(CONF_TARGET): TARGET,
        vol.Optional(CONF_OPTIONS, default=dict): {
            vol.Optional(CONF_COMMANDS, default=list): vol.All(cv.ensure_list, [cv.string]),
            vol.Optional(CONF_DISARM_CODE): vol.Any(None, cv.string),
            vol.Optional(CONF_OPTIONAL): cv.boolean,
        },
    }
)
OPTIONAL_SCHEMA = SCHEMA.extend({vol.Required(CONF_TARGET, default=dict): cv.TARGET_FIELDS})
"""For a rule that has other ways than a button, as a visit has: the button may be left out."""


class PressedWatch(Watch):
    """Watches buttons.

    What happens while no hub is there waits in ``_early``; what happened while this one was not there, as during a
    reload, is in ``_recent``, beside what the one before has handled. A state is compared with the one remembered.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        config: TriggerConfig,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None,
    ) -> None:
        """Prepare."""
        super().__init__(hass, config, run_action, did_not_trigger)
        self._early: list[Signal] = []
        self._recent: list[Signal] = []
        self._entities: list[str] = []
        self._stop_following: CALLBACK_TYPE | None = None

    @property
    def _devices(self) -> set[str]:
        """The devices that the target names."""
        found = async_extract_referenced_entity_ids(self.hass, TargetSelection(dict(self.target)))
        return found.referenced_devices

    @override
    async def async_listen(self) -> Iterable[CALLBACK_TYPE]:
        """Hear buttons that only send events."""
        self._recent = recent_signals(self.hass)
        stop = async_dispatcher_connect(self.hass, SIGNAL_BUTTON, self._on_signal)
        await mqtt_buttons_of(self.hass).async_refresh(self._devices)
        return [stop]

    @override
    def begin(self, hub: Hub) -> None:
        """Compare with what is remembered, and catch up with what came early."""
        if "since_at" not in self.memory:
            self.remember(since_at=hub.clock.now().isoformat(), states={}, presses={}, handled_at={})
        self.sweep()
        waiting = [*filter(self._is_new, self._recent), *self._early]
        self._recent, self._early = [], []
        for signal in waiting:
            self._take(signal)

    @override
    def end(self) -> None:
        """Stop following states."""
        if self._stop_following:
            self._stop_following()
        self._stop_following, self._entities = None, []

    @override
    def forget(self, since_at: datetime) -> None:
        """Go on: a press has no duration, and one that was handled must not be taken for another."""

    @override
    def sweep(self) -> None:
        """Follow the entities, and listen to the devices, that the target names now."""
        work = mqtt_buttons_of(self.hass).async_refresh(self._devices)
        self.hass.async_create_background_task(work, "homecare_h2o MQTT buttons", eager_start=True)
        entities = self._find_buttons()
        if entities == self._entities:
            self._rearm_latched()
            return
        self.end()
        self._entities = entities
        self._stop_following = async_track_state_change_event(self.hass, entities, self._on_change)
        for entity_id in entities:
            self._on_state(entity_id, self.hass.states.get(entity_id))

    def _find_buttons(self) -> list[str]:
        """Return the entities that the target names now and that can show a press."""
        found = find_entities(self.hass, self.target, is_button)
        return [entity_id for entity_id in found if entity_id.partition(".")[0] in KINDS]

    @override
    def find_sources(self) -> set[str]:
        """Return the buttons, and the devices of those that have only events."""
        buttons = self._find_buttons()
        entries = map(er.async_get(self.hass).async_get, buttons)
        return {*buttons, *(self._devices - {entry.device_id for entry in entries if entry})}

    @override
    def find_essential(self) -> Essential:
        """Return the buttons; nothing where one may be left out and is."""
        sources = frozenset(self.find_sources())
        return () if self.options.get(CONF_OPTIONAL) and not sources else (sources,)

    @callback
    def _on_change(self, event: Event[EventStateChangedData]) -> None:
        """Take up a change of state."""
        old, new = event.data["old_state"], event.data["new_state"]
        # A button that was unavailable comes back with its last press, which is none now.
        if new and old and STATE_UNAVAILABLE not in (old.state, new.state) and old.state != new.state:
            self._explain(str(new.attributes.get(ATTR_EVENT_TYPE, "")), event.data["entity_id"])
        self._on_state(event.data["entity_id"], new, before=old.state if old else None)

    def _explain(self, command: str, source: str) -> None:
        """Tell the trace of a press that does not count."""
        if self.hub and self._ignores(command):
            self.report(Reason.OTHER_COMMAND, source=source, command=command, at=self.hub.clock.now())

    @callback
    def _on_state(self, entity_id: str, state: State | None, before: str | None = None) -> None:
        """Find out whether a state is a press."""
        if state is None or self._ignores(str(state.attributes.get(ATTR_EVENT_TYPE, ""))):
            return
        kind = KINDS[state.domain]
        seen = Seen(state=state.state, at=state.last_changed, before=before)
        self._press(kind, entity_id, self._button_of(entity_id), seen)
        if kind is ButtonKind.PANEL and state.state == AlarmControlPanelState.TRIGGERED:
            self._rearm(entity_id)

    @callback
    def _on_signal(self, signal: Signal) -> None:
        """Take up a signal; one that comes before the hub waits for it."""
        if self.hub is None:
            self._early.append(signal)
            return
        if signal.device_id in self._devices:
            self._explain(signal.command, self._name_of(signal.device_id))
        self._take(signal)

    def _take(self, signal: Signal) -> None:
        """Take a signal for a press."""
        if signal.device_id not in self._devices or self._ignores(signal.command):
            return
        self.memory["handled_at"][signal.device_id] = signal.at.isoformat()
        self._press(ButtonKind.SIGNAL, signal.device_id, signal.device_id, Seen(state=None, at=signal.at))

    def _is_new(self, signal: Signal) -> bool:
        """Return whether a signal that was sent before this trigger was there has not been handled."""
        handled_at = self.memory["handled_at"].get(signal.device_id, self.memory["since_at"])
        return signal.at > datetime.fromisoformat(handled_at)

    def _ignores(self, command: str) -> bool:
        """Return whether only other commands count."""
        commands = self.options[CONF_COMMANDS]
        return bool(command and commands and command not in commands)

    def _button_of(self, entity_id: str) -> str:
        """Return what an entity's presses are counted by: its device, for one press may show itself in many ways."""
        entry = er.async_get(self.hass).async_get(entity_id)
        return entry.device_id if entry and entry.device_id else entity_id

    def _press(self, kind: ButtonKind, source: str, button: str, seen: Seen) -> None:
        """Fire if this is a press."""
        states, presses = self.memory["states"], self.memory["presses"]
        last_press = presses.get(button)
        before = ButtonFacts(
            last_state=states.get(source), last_press_at=datetime.fromisoformat(last_press) if last_press else None
        )
        facts, press_at = evaluate(kind, before, seen)
        if facts == before:
            return
        states[source] = facts.last_state
        if press_at is None:
            self.remember()
            return
        presses[button] = press_at.isoformat()
        self.fire(press_at, [self._name_of(source)])

    def _name_of(self, source: str) -> str:
        """Return what a source is told as: its entity, or its device's name."""
        device = dr.async_get(self.hass).async_get(source)
        return (device.name_by_user or device.name or source) if device else source

    def _rearm_latched(self) -> None:
        """Disarm the panels that have stayed triggered, as when that did not reach them."""
        for entity_id in self._entities:
            state = self.hass.states.get(entity_id)
            if state and state.domain == PANEL_DOMAIN and state.state == AlarmControlPanelState.TRIGGERED:
                self._rearm(entity_id)

    def _rearm(self, entity_id: str) -> None:
        """Disarm a panel that latches, so that the next press is seen."""
        data: dict[str, Any] = {ATTR_ENTITY_ID: entity_id}
        if code := self.options.get(CONF_DISARM_CODE):
            data[ATTR_CODE] = code
        # Not at once: the panel's integration is still telling of its state, and would lose the next.
        self.hass.async_create_background_task(
            self._async_disarm(data), f"homecare_h2o re-arm {entity_id}", eager_start=False
        )

    async def _async_disarm(self, data: dict[str, Any]) -> None:
        """Disarm a panel."""
        try:
            await self.hass.services.async_call(PANEL_DOMAIN, SERVICE_ALARM_DISARM, data, blocking=True)
        except (HomeAssistantError, vol.Invalid) as err:
            _LOGGER.error("%s stays triggered, and its next press will not be seen: %s", data[ATTR_ENTITY_ID], err)


class PressedTrigger(WatchTrigger):
    """Fires once for each press of a button."""

    watch = PressedWatch

    @override
    @classmethod
    def validate(cls, config: ConfigType) -> ConfigType:
        is_optional = (config.get(CONF_OPTIONS) or {}).get(CONF_OPTIONAL)
        validated: ConfigType = (OPTIONAL_SCHEMA if is_optional else SCHEMA)(config)
        return validated
