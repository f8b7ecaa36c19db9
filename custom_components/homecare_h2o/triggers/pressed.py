"""``pressed``: a button, in every way that one can show itself; exactly once per press."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, override

from homeassistant.components.alarm_control_panel import DOMAIN as PANEL_DOMAIN
from homeassistant.components.binary_sensor import DOMAIN as SENSOR_DOMAIN
from homeassistant.components.event import DOMAIN as EVENT_DOMAIN
from homeassistant.const import ATTR_CODE, ATTR_ENTITY_ID, CONF_OPTIONS, CONF_TARGET, SERVICE_ALARM_DISARM
from homeassistant.core import CALLBACK_TYPE, Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.helpers import config_validation as cv, device_registry as dr, entity_registry as er
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids
from homeassistant.helpers.trigger import Trigger, TriggerActionRunner, TriggerConfig, TriggerNotTriggeredReporter
from homeassistant.helpers.typing import ConfigType
import probatio as vol

from ..core.detection.pressed import ButtonFacts, ButtonKind, Seen, evaluate
from ..hub import Hub
from ..signals import SIGNAL_BUTTON, Signal, recent_signals
from .mqtt_buttons import async_attach_mqtt_buttons
from .watch import Watch, find_entities

CONF_COMMANDS = "commands"
CONF_DISARM_CODE = "disarm_code"

KINDS = {SENSOR_DOMAIN: ButtonKind.SENSOR, EVENT_DOMAIN: ButtonKind.EVENT, PANEL_DOMAIN: ButtonKind.PANEL}
NO_BUTTON = frozenset({"battery", "battery_charging", "connectivity", "problem", "tamper", "update"})
"""Kinds of binary sensor that come with a button's device, and are not the button."""

SCHEMA = vol.Schema(
    {
        vol.Required(CONF_TARGET): cv.TARGET_FIELDS,
        vol.Optional(CONF_OPTIONS, default=dict): {
            vol.Optional(CONF_COMMANDS, default=list): vol.All(cv.ensure_list, [cv.string]),
            vol.Optional(CONF_DISARM_CODE): vol.Any(None, cv.string),
        },
    }
)


class PressedTrigger(Trigger):
    """Fires once for each press of a button."""

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Keep the configuration."""
        super().__init__(hass, config)
        self._config = config

    @override
    @classmethod
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        """Validate."""
        validated: ConfigType = SCHEMA(config)
        return validated

    @override
    async def async_attach_runner(
        self, run_action: TriggerActionRunner, did_not_trigger: TriggerNotTriggeredReporter | None = None
    ) -> CALLBACK_TYPE:
        """Attach."""
        return await PressedWatch(self._hass, self._config, run_action, did_not_trigger).async_attach()


class PressedWatch(Watch):
    """Watches buttons.

    What happens while no hub is there waits in ``_early``; a state is compared with the one remembered.
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
        self._early = recent_signals(self.hass)
        return [
            async_dispatcher_connect(self.hass, SIGNAL_BUTTON, self._on_signal),
            await async_attach_mqtt_buttons(self.hass, self._devices, self._on_signal),
        ]

    @override
    def begin(self, hub: Hub) -> None:
        """Compare with what is remembered, and catch up with what came early."""
        if "since_at" not in self.memory:
            self.remember(since_at=hub.clock.now().isoformat(), states={}, presses={}, handled_at={})
        self.sweep()
        early, self._early = self._early, []
        for signal in early:
            self._on_signal(signal)

    @override
    def end(self) -> None:
        """Stop following states."""
        if self._stop_following:
            self._stop_following()
        self._stop_following, self._entities = None, []

    @override
    def sweep(self) -> None:
        """Follow the entities that the target names now."""
        entities = [entity_id for entity_id in find_entities(self.hass, self.target) if self._is_button(entity_id)]
        if entities == self._entities:
            return
        self.end()
        self._entities = entities
        self._stop_following = async_track_state_change_event(self.hass, entities, self._on_change)
        for entity_id in entities:
            self._on_state(entity_id, self.hass.states.get(entity_id))

    def _is_button(self, entity_id: str) -> bool:
        """Return whether an entity can be a button: one that is named, or a likely one of a named device."""
        named = self.target.get(ATTR_ENTITY_ID, ())
        domain = entity_id.partition(".")[0]
        if domain not in KINDS or entity_id in ([named] if isinstance(named, str) else named):
            return domain in KINDS
        entry = er.async_get(self.hass).async_get(entity_id)
        return entry is not None and (entry.device_class or entry.original_device_class) not in NO_BUTTON

    @callback
    def _on_change(self, event: Event[EventStateChangedData]) -> None:
        """Take up a change of state."""
        self._on_state(event.data["entity_id"], event.data["new_state"])

    @callback
    def _on_state(self, entity_id: str, state: State | None) -> None:
        """Find out whether a state is a press."""
        if state is None or self._ignores(str(state.attributes.get("event_type", ""))):
            return
        kind = KINDS[state.domain]
        seen = Seen(state=state.state, at=state.last_changed)
        if self._press(kind, entity_id, self._button_of(entity_id), seen) and kind is ButtonKind.PANEL:
            self._rearm(entity_id)

    @callback
    def _on_signal(self, signal: Signal) -> None:
        """Find out whether a signal is a press that has not been handled."""
        if self.hub is None:
            self._early.append(signal)
            return
        if signal.device_id not in self._devices or self._ignores(signal.command):
            return
        handled_at = self.memory["handled_at"].get(signal.device_id, self.memory["since_at"])
        if signal.at <= datetime.fromisoformat(handled_at):
            return
        self.memory["handled_at"][signal.device_id] = signal.at.isoformat()
        self._press(ButtonKind.SIGNAL, signal.device_id, signal.device_id, Seen(state=None, at=signal.at))

    def _ignores(self, command: str) -> bool:
        """Return whether only other commands count."""
        commands = self.options[CONF_COMMANDS]
        return bool(command and commands and command not in commands)

    def _button_of(self, entity_id: str) -> str:
        """Return what an entity's presses are counted by: its device, for one press may show itself in many ways."""
        entry = er.async_get(self.hass).async_get(entity_id)
        return entry.device_id if entry and entry.device_id else entity_id

    def _press(self, kind: ButtonKind, source: str, button: str, seen: Seen) -> bool:
        """Fire if this is a press; return whether it is."""
        states, presses = self.memory["states"], self.memory["presses"]
        last_press = presses.get(button)
        before = ButtonFacts(
            last_state=states.get(source), last_press_at=datetime.fromisoformat(last_press) if last_press else None
        )
        facts, press_at = evaluate(kind, before, seen)
        if facts == before:
            return False
        states[source] = facts.last_state
        if press_at is None:
            self.remember()
            return False
        presses[button] = press_at.isoformat()
        self.fire(press_at, [self._name_of(source)])
        return True

    def _name_of(self, source: str) -> str:
        """Return what a source is told as: its entity, or its device's name."""
        device = dr.async_get(self.hass).async_get(source)
        return (device.name_by_user or device.name or source) if device else source

    def _rearm(self, entity_id: str) -> None:
        """Disarm a panel that latches, so that the next press is seen."""
        data: dict[str, Any] = {ATTR_ENTITY_ID: entity_id}
        if code := self.options.get(CONF_DISARM_CODE):
            data[ATTR_CODE] = code
        work = self.hass.services.async_call(PANEL_DOMAIN, SERVICE_ALARM_DISARM, data, blocking=True)
        self.hass.async_create_background_task(work, f"homecare_h2o re-arm {entity_id}")
