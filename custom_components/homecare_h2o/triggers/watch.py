"""What every detection trigger has in common: it waits for the hub, remembers, and fires each deadline once."""

from abc import ABC, abstractmethod
from asyncio import Task
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
import hashlib
import json
from typing import Any, ClassVar, override

from homeassistant.components.automation import BaseAutomationEntity
from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryState,
)
from homeassistant.const import CONF_OPTIONS, CONF_TARGET
from homeassistant.core import CALLBACK_TYPE, Context, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids
from homeassistant.helpers.trigger import (
    NotTriggeredInfo,
    Trigger,
    TriggerAction,
    TriggerActionPayloadBuilder,
    TriggerActionRunner,
    TriggerConfig,
    TriggerNotTriggeredReporter,
)
from homeassistant.helpers.typing import ConfigType
from homeassistant.util.hass_dict import HassKey
import probatio as vol

from ..const import DOMAIN, SIGNAL_CONSENT, SIGNAL_PAUSES, SIGNAL_SWEEP
from ..core.alarm import is_late
from ..core.errors import BadSettingError, EngineStoppedError
from ..core.events import DetectionNoted, NoteKind
from ..core.watching import Essential
from ..facts import Facts
from ..hub import Hub
from ..plan import Raised, find_raised, is_for_one

FORGET_AFTER = timedelta(days=1)
"""An action that could not be finished in a day would only confuse."""
FOR_PEOPLE = frozenset({"purpose"})
"""Options that change nothing of what a trigger does, nor of what it remembers."""
BEGUN = "begun_at"
"""Remembered: when the rule was begun, or the end of the last pause after which it was begun anew."""
SINCE = "since_pause_at"
"""Remembered: the end of the pause after which it was begun anew."""
RELOADED_WITHIN = timedelta(minutes=1)
"""A trigger that was away for longer than this, with the hub running, had been turned off."""


def _names_something(target: dict[str, Any]) -> dict[str, Any]:
    """Refuse a target that names nothing: the rule would be dead in silence."""
    if not TargetSelection(target).has_any_target:
        raise vol.Invalid("nothing is chosen")
    return target


TARGET = vol.All(cv.TARGET_FIELDS, _names_something)
_TAKEN: HassKey[set[str]] = HassKey("homecare_h2o_trigger_keys")
_LET_GO: HassKey[dict[tuple[str, str], dict[str, Mapping[str, Any]]]] = HassKey("homecare_h2o_triggers_let_go")
"""What the triggers of an automation that were detached remembered, under which keys, by what they are but for durations."""


def key_of(config: TriggerConfig) -> str:
    """Return the key of what a trigger remembers; another configuration remembers anew."""
    return _digest(config, config.options)


def kind_of(config: TriggerConfig) -> str:
    """Return what a trigger is but for its durations: with others it goes on with what it remembers."""
    options = config.options or {}
    return _digest(config, {name: value for name, value in options.items() if not isinstance(value, timedelta)})


def _digest(config: TriggerConfig, options: Mapping[str, Any] | None) -> str:
    """Return the digest of a trigger with some options."""
    acting = options and {name: value for name, value in options.items() if name not in FOR_PEOPLE}
    text = json.dumps([config.key, config.target, acting], sort_keys=True, default=str)
    return f"trigger.{hashlib.sha256(text.encode()).hexdigest()[:24]}"


def choose_key(key: str, taken: set[str], facts: Facts) -> str:
    """Return under which key a trigger remembers: triggers that are alike, as of a couple, have one each.

    It takes up a memory that nobody has let go of (the hub was down), else the one that was let go of last.
    """

    def rank(free: str) -> tuple[int, str]:
        memory = facts.get(free)
        if memory is None:
            return 0, ""
        detached_at = memory.get("detached_at")
        return (1, str(detached_at)) if detached_at else (2, "")

    keys = [key]
    while keys[-1] in taken or facts.get(keys[-1]) is not None:
        keys.append(f"{key}.{len(keys)}")
    return max((free for free in keys if free not in taken), key=rank)


def find_entities(
    hass: HomeAssistant, target: Mapping[str, Any], is_likely: Callable[[str, str | None], bool]
) -> list[str]:
    """Return the entities that a target names, and the likely ones of its devices, areas, floors and labels.

    ``is_likely`` is asked with the domain and the device class: a device has a battery, too, and a room a thermometer.
    """
    found = async_extract_referenced_entity_ids(hass, TargetSelection(dict(target)))
    registry = er.async_get(hass)

    def is_chosen(entity_id: str) -> bool:
        entry = registry.async_get(entity_id)
        if entry is None or entry.disabled:
            return False
        return is_likely(entry.domain, entry.device_class or entry.original_device_class)

    return sorted(found.referenced.union(filter(is_chosen, found.indirectly_referenced)))


async def _async_record(hub: Hub, event: DetectionNoted) -> None:
    """Journal an event; a hub that stops takes no more."""
    with suppress(EngineStoppedError):
        await hub.engine.record(event)


class Watch(ABC):
    """One attached detection trigger."""

    def __init__(
        self,
        hass: HomeAssistant,
        config: TriggerConfig,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None,
    ) -> None:
        """Prepare."""
        self.hass = hass
        self.options = config.options or {}
        self.target = config.target or {}
        self._config_key = key_of(config)
        self._kind = kind_of(config)
        self._name = config.key.rpartition(".")[2]
        self._key = ""
        self._run_action = run_action
        self._did_not_trigger = did_not_trigger
        self._stops: list[CALLBACK_TYPE] = []
        self._pending: dict[str, list[str]] = {}
        self._unwritten: set[str] = set()
        """Deadlines whose alarm only memory has: if the power goes now, they are run again."""
        self.hub: Hub | None = None
        self.resumed = False
        """Whether somebody watched until a moment ago, so that what differs now has happened since."""
        self.memory: dict[str, Any] = {}
        self.automation: BaseAutomationEntity | None = None
        """What the watch is attached for; None if that is no automation."""
        self._raised: Raised | None = None

    async def async_attach(self) -> CALLBACK_TYPE:
        """Start; returns the way to stop."""
        self._stops = [
            async_dispatcher_connect(self.hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._on_entry_changed),
            async_dispatcher_connect(self.hass, SIGNAL_SWEEP, self._on_sweep),
            async_dispatcher_connect(self.hass, SIGNAL_PAUSES, self.begin_anew),
            async_dispatcher_connect(self.hass, SIGNAL_CONSENT, self.begin_anew),
            *await self.async_listen(),
        ]
        for entry in self.hass.config_entries.async_loaded_entries(DOMAIN):
            self._on_entry_changed(ConfigEntryChange.UPDATED, entry)
        return self._detach

    async def async_listen(self) -> Iterable[CALLBACK_TYPE]:
        """Start listening to what must not be missed while no hub is there."""
        return ()

    @abstractmethod
    def begin(self, hub: Hub) -> None:
        """Start watching with what is remembered in ``memory``."""

    @abstractmethod
    def end(self) -> None:
        """Stop watching."""

    @abstractmethod
    def sweep(self) -> None:
        """Look again at what is due: the clock may have been moved."""

    def forget(self, since_at: datetime) -> Mapping[str, Any] | None:
        """Return the memory with which a rule begins anew that was paused until then; None if it goes on as it was.

        What was due, or had begun, while nobody was to be told of it is nobody's alarm; what is shown then, is (R010.6).
        """
        return {SINCE: since_at.isoformat()}

    @property
    def since_at(self) -> datetime | None:
        """Since when the rule has been watched anew, if it was paused before; what passed before that is left out."""
        since = self.memory.get(SINCE)
        return datetime.fromisoformat(since) if since else None

    @abstractmethod
    def find_sources(self) -> Collection[str]:
        """Return what the rule watches now: entities, and devices that have nothing but events."""

    def find_essential(self) -> Essential:
        """Return the groups of sources of which the rule needs one each, or it is blind (R060.5)."""
        return (frozenset(self.find_sources()),)

    def remember(self, **values: Any) -> None:
        """Remember values over a restart."""
        self.memory |= values
        if self.hub:
            put = self.hub.facts.put(self._key, {**self.memory, "pending": self._pending})
            self.hass.async_create_background_task(put, f"homecare_h2o {self._key}", eager_start=True)

    def fire(self, due_at: datetime, sources: Iterable[str], **values: Any) -> None:
        """Run the action for a deadline, and remember it until the action is done."""
        self._pending[due_at.isoformat()] = list(sources)
        self.remember(**values)
        self._run(due_at.isoformat())

    def report(self, reason: str, **data: Any) -> None:
        """Tell the trace why the trigger did not fire."""
        if self._did_not_trigger:
            told = {key: value.isoformat() if isinstance(value, datetime) else value for key, value in data.items()}
            known = {key: value for key, value in told.items() if value is not None}
            self._did_not_trigger(NotTriggeredInfo(reason=reason, data=known))

    def journal(self, hub: Hub, kind: NoteKind, sources: Iterable[str], due_at: datetime | None) -> None:
        """Have it journalled that something was seen which raises no alarm, or none yet."""
        event = DetectionNoted(at=hub.clock.now(), note=kind, trigger=self._name, sources=tuple(sources), due_at=due_at)
        self.hass.async_create_background_task(
            _async_record(hub, event), f"homecare_h2o note {self._key}", eager_start=True
        )

    @callback
    def _run(self, due: str) -> None:
        """Run the action for a remembered deadline."""
        if (hub := self.hub) is None:
            return
        due_at = datetime.fromisoformat(due)
        payload = {"due_at": due_at, "late": is_late(due_at, hub.clock.now()), "sources": self._pending[due]}
        task = self._run_action(payload, f"due at {due}")

        @callback
        def done(_task: Any) -> None:
            # Without the hub, or with another, it may have been refused: it is run again.
            if not task.cancelled() and self.hub is hub and not hub.engine.is_stopped and due in self._pending:
                self._unwritten.add(due)
                self._forget_written(hub)

        task.add_done_callback(done)

    def _forget_written(self, hub: Hub) -> None:
        """Forget the deadlines whose action is done, as soon as the journal has what came of it."""
        if self._unwritten and not hub.engine.is_journal_behind:
            self._pending = {due: sources for due, sources in self._pending.items() if due not in self._unwritten}
            self._unwritten.clear()
            self.remember()

    @callback
    def _on_entry_changed(self, _change: ConfigEntryChange, entry: ConfigEntry[Any]) -> None:
        """Watch while the hub's entry is loaded; before and after that an alarm would be refused, and lost."""
        if entry.domain != DOMAIN:
            return
        if entry.state is not ConfigEntryState.LOADED:
            self._on_hub_gone()
        elif self.hub is not entry.runtime_data:
            self._on_hub_gone()
            self._on_hub_ready(entry.runtime_data)

    @callback
    def _on_hub_ready(self, hub: Hub) -> None:
        """Go on from what is remembered; an action that was cut off is run again for the same deadline."""
        self.resumed = bool(self._key)
        self.hub = hub
        if not self._key:
            taken = self.hass.data.setdefault(_TAKEN, set())
            self._key = choose_key(self._config_key, taken, hub.facts)
            taken.add(self._key)
            self._inherit(hub)
        memory: dict[str, Any] = dict(hub.facts.get(self._key) or {})
        oldest = (hub.clock.now() - FORGET_AFTER).isoformat()
        self._pending = {due: sources for due, sources in memory.pop("pending", {}).items() if due > oldest}
        self._unwritten.clear()
        detached_at = memory.pop("detached_at", None)
        away_since_at = datetime.fromisoformat(detached_at) if detached_at else None
        if away_since_at and hub.clock.now() - away_since_at <= RELOADED_WITHIN:
            self.resumed |= away_since_at >= hub.started_at
        elif away_since_at:
            # Nobody watched, so that nothing is known of the time between: what fell due then is nobody's alarm.
            memory = {}
        # A rule that is new, or begins anew, has nothing to do with pauses that are over.
        self.memory = memory or {BEGUN: hub.clock.now().isoformat()}
        for due in list(self._pending):
            self._run(due)
        # One that is for a couple goes on: what has begun for the other must not end with the pause of the one.
        line = self.automation if self.automation and is_for_one(self.automation) else None
        self._raised = find_raised(self.hass, hub.entry, line) if line else None
        self._forget_pause(hub)
        self.begin(hub)

    @property
    def _owner(self) -> tuple[str, str]:
        """Whose memory this is, and of what: the same automation may go on with it, with other durations."""
        return str(self.automation and self.automation.unique_id), self._kind

    def _inherit(self, hub: Hub) -> None:
        """Take over what the trigger remembered that this one replaces, if only its durations are others.

        What it waits for goes on: to begin anew could lose an alarm that is on its way (R011.2).
        """
        oldest = (hub.clock.now() - RELOADED_WITHIN).isoformat()
        let_go = self.hass.data.get(_LET_GO, {}).pop(self._owner, {}) if self.automation else {}
        recent = {key: memory for key, memory in let_go.items() if memory["detached_at"] >= oldest}
        if not recent:
            return
        # Nothing was changed, if its own is among them.
        key = self._key if self._key in recent else next(iter(recent))
        memory = recent.pop(key)
        self.hass.data[_LET_GO][self._owner] = recent
        if key != self._key:
            put = hub.facts.put(self._key, memory)
            self.hass.async_create_background_task(put, f"homecare_h2o {self._key}", eager_start=True)

    def _forget_pause(self, hub: Hub) -> bool:
        """Forget what was noticed before the end of a pause, if one has ended; return whether that has changed."""
        if (raised := self._raised) is None:
            return False
        paused_until_at = hub.pauses.last_end_at(raised.brukare_id, raised.rule, raised.alarm_type)
        ends = (paused_until_at, hub.consents.book.armed_again_at(raised.brukare_id))
        ended_at = max(filter(None, ends), default=None)
        begun_at = self.memory.get(BEGUN)
        if ended_at is None or (begun_at and datetime.fromisoformat(begun_at) >= ended_at):
            return False
        kept = self.forget(ended_at)
        self.memory = {**(self.memory if kept is None else kept), BEGUN: ended_at.isoformat()}
        self.resumed &= kept is None
        return kept is not None

    @callback
    def begin_anew(self) -> None:
        """Begin with what is shown now, if a pause has ended since the rule was begun."""
        if self.hub and self._forget_pause(self.hub):
            self.end()
            self.begin(self.hub)

    @callback
    def _on_hub_gone(self) -> None:
        """Stop watching until the hub is back."""
        if self.hub:
            self.end()
            self.hub = None

    @callback
    def _on_sweep(self) -> None:
        """Look again."""
        self.begin_anew()
        if self.hub:
            self._forget_written(self.hub)
            self.sweep()

    @callback
    def _detach(self) -> None:
        """Stop for good."""
        if self.hub:
            self.remember(detached_at=self.hub.clock.now().isoformat())
        if self.hub and self.automation:
            let_go = self.hass.data.setdefault(_LET_GO, {}).setdefault(self._owner, {})
            let_go[self._key] = {**self.memory, "pending": dict(self._pending)}
        self._on_hub_gone()
        self.hass.data.get(_TAKEN, set()).discard(self._key)
        for stop in self._stops:
            stop()


class WatchTrigger(Trigger):
    """A trigger whose work is done by a watch."""

    watch: ClassVar[type[Watch]]

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Keep the configuration."""
        super().__init__(hass, config)
        self._config = config
        self._automation: BaseAutomationEntity | None = None

    @classmethod
    @abstractmethod
    def validate(cls, config: ConfigType) -> ConfigType:
        """Return the configuration as the schema has it; raises BadSettingError for a rule that could never fire."""

    @override
    @classmethod
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        """Validate, and refuse a rule that could never fire."""
        try:
            return cls.validate(config)
        except BadSettingError as err:
            raise vol.Invalid(str(err)) from err

    @override
    async def async_attach_action(
        self,
        action: TriggerAction,
        action_payload_builder: TriggerActionPayloadBuilder,
        *,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        """Attach, knowing whose action it is: two rules that are alike, as of a couple, are paused one by one."""
        owner = getattr(action, "__self__", None)
        self._automation = owner if isinstance(owner, BaseAutomationEntity) else None
        return await super().async_attach_action(action, action_payload_builder, did_not_trigger=did_not_trigger)

    @override
    async def async_attach_runner(
        self, run_action: TriggerActionRunner, did_not_trigger: TriggerNotTriggeredReporter | None = None
    ) -> CALLBACK_TYPE:
        """Attach."""
        watch = self.make_watch(run_action, did_not_trigger)
        watch.automation = self._automation
        return await watch.async_attach()

    def make_watch(self, run_action: TriggerActionRunner, did_not_trigger: TriggerNotTriggeredReporter | None) -> Watch:
        """Return the watch."""
        return self.watch(self._hass, self._config, run_action, did_not_trigger)

    @classmethod
    def look_at(cls, hass: HomeAssistant, key: str, config: ConfigType) -> Watch:
        """Return a watch that is not attached, to find out what it would watch; raises BadSettingError, vol.Invalid."""
        validated = cls.validate(config)
        configured = TriggerConfig(key=key, target=validated.get(CONF_TARGET), options=validated.get(CONF_OPTIONS))
        return cls(hass, configured).make_watch(_no_action, None)


def _no_action(extra_trigger_payload: dict[str, Any], description: str, context: Context | None = None) -> Task[Any]:
    """Refuse: what is not attached fires nothing."""
    raise NotImplementedError
