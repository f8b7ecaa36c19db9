"""What every detection trigger has in common: it waits for the hub, remembers, and fires each deadline once."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
import hashlib
import json
from typing import Any

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids
from homeassistant.helpers.trigger import (
    NotTriggeredInfo,
    TriggerActionRunner,
    TriggerConfig,
    TriggerNotTriggeredReporter,
)

from ..const import DOMAIN, SIGNAL_HUB_GONE, SIGNAL_HUB_READY, SIGNAL_SWEEP
from ..core.alarm import is_late
from ..hub import Hub

FORGET_AFTER = timedelta(days=1)
"""An action that could not be finished in a day would only confuse."""


def key_of(config: TriggerConfig) -> str:
    """Return the key of what a trigger remembers; another configuration remembers anew."""
    text = json.dumps([config.key, config.target, config.options], sort_keys=True, default=str)
    return f"trigger.{hashlib.sha256(text.encode()).hexdigest()[:24]}"


def find_entities(hass: HomeAssistant, target: Mapping[str, Any]) -> list[str]:
    """Return the entities that a target names, by themselves or by device, area, floor or label."""
    found = async_extract_referenced_entity_ids(hass, TargetSelection(dict(target)))
    return sorted(found.referenced | found.indirectly_referenced)


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
        self._key = key_of(config)
        self._run_action = run_action
        self._did_not_trigger = did_not_trigger
        self._stops: list[CALLBACK_TYPE] = []
        self._pending: dict[str, list[str]] = {}
        self.hub: Hub | None = None
        self.memory: dict[str, Any] = {}

    async def async_attach(self) -> CALLBACK_TYPE:
        """Start; returns the way to stop."""
        self._stops = [
            async_dispatcher_connect(self.hass, SIGNAL_HUB_READY, self._on_hub_ready),
            async_dispatcher_connect(self.hass, SIGNAL_HUB_GONE, self._on_hub_gone),
            async_dispatcher_connect(self.hass, SIGNAL_SWEEP, self._on_sweep),
            *await self.async_listen(),
        ]
        for entry in self.hass.config_entries.async_loaded_entries(DOMAIN):
            self._on_hub_ready(entry.runtime_data)
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
            self._did_not_trigger(NotTriggeredInfo(reason=reason, data=data))

    @callback
    def _run(self, due: str) -> None:
        """Run the action for a remembered deadline."""
        if self.hub is None:
            return
        due_at = datetime.fromisoformat(due)
        payload = {"due_at": due_at, "late": is_late(due_at, self.hub.clock.now()), "sources": self._pending[due]}
        task = self._run_action(payload, f"due at {due}")

        @callback
        def done(_task: Any) -> None:
            if not task.cancelled() and self._pending.pop(due, None) is not None:
                self.remember()

        task.add_done_callback(done)

    @callback
    def _on_hub_ready(self, hub: Hub) -> None:
        """Go on from what is remembered; an action that was cut off is run again for the same deadline."""
        self.hub = hub
        memory = dict(hub.facts.get(self._key) or {})
        oldest = (hub.clock.now() - FORGET_AFTER).isoformat()
        self._pending = {due: sources for due, sources in memory.pop("pending", {}).items() if due > oldest}
        self.memory = memory
        for due in list(self._pending):
            self._run(due)
        self.begin(hub)

    @callback
    def _on_hub_gone(self) -> None:
        """Stop watching until the hub is back."""
        if self.hub:
            self.end()
            self.hub = None

    @callback
    def _on_sweep(self) -> None:
        """Look again."""
        if self.hub:
            self.sweep()

    @callback
    def _detach(self) -> None:
        """Stop for good."""
        self._on_hub_gone()
        for stop in self._stops:
            stop()
