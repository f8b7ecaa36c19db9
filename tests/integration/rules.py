"""Rules as the automation editor writes them, and what they have raised."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er, issue_registry as ir
from homeassistant.util.yaml import dump
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.homecare_h2o.const import DOMAIN
from custom_components.homecare_h2o.core.events import AlarmRaised, AlarmRepeated, Event
from custom_components.homecare_h2o.gaps import RULE as GAP
from custom_components.homecare_h2o.hub import Hub
from custom_components.homecare_h2o.plan_history import RULE as PLAN
from custom_components.homecare_h2o.supervision import RULE as SUPERVISION

STOCKHOLM = ZoneInfo("Europe/Stockholm")
MOTION = "binary_sensor.motion"
SOS = "binary_sensor.sos"
MORNING = {"from": "06:00:00", "to": "10:00:00", "threshold": {"hours": 4}}


def local(text: str) -> datetime:
    """Return the instant (UTC) of a wall-clock time in Stockholm."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).astimezone(UTC)


async def settle(hass: HomeAssistant) -> None:
    """Let everything that has begun come to its end."""
    await hass.async_block_till_done(wait_background_tasks=True)


class House:
    """A home with rules, seen from outside: sensors, time, and what is in the journal."""

    def __init__(
        self, hass: HomeAssistant, entry: MockConfigEntry, brukare: str, freezer: FrozenDateTimeFactory, folder: Path
    ) -> None:
        self.hass = hass
        self.entry = entry
        self.brukare = brukare
        self.freezer = freezer
        self.folder = folder
        (folder / "configuration.yaml").write_text("automation: !include automations.yaml\n")
        self.write()

    @property
    def hub(self) -> Hub:
        hub: Hub = self.entry.runtime_data
        return hub

    # --- rules

    def rule(self, blueprint: str, rule_id: str, inputs: dict[str, Any]) -> dict[str, Any]:
        used = {"path": f"homecare_h2o/{blueprint}.yaml", "input": {"brukare": self.brukare, **inputs}}
        return {"id": rule_id, "alias": rule_id, "use_blueprint": used}

    def passivity(self, rule_id: str = "passivity 1", target: Any = None, **inputs: Any) -> dict[str, Any]:
        return self.rule("passivity", rule_id, {"sensors": target or {"entity_id": [MOTION]}, **inputs})

    def button(self, rule_id: str = "button 1", target: Any = None, **inputs: Any) -> dict[str, Any]:
        return self.rule("safety_button", rule_id, {"button": target or {"entity_id": [SOS]}, **inputs})

    def write(self, *rules: dict[str, Any]) -> None:
        """Write the rules to the file that Home Assistant loads."""
        (self.folder / "automations.yaml").write_text(dump(list(rules)))

    async def reload(self) -> None:
        """Reload the automations, as the editor does after each change."""
        await self.hass.services.async_call("automation", "reload", blocking=True)
        await settle(self.hass)

    async def use(self, *rules: dict[str, Any]) -> None:
        """Have these rules and no others."""
        self.write(*rules)
        await self.reload()

    async def switch(self, rule_id: str, *, on: bool) -> None:
        """Turn a rule on or off."""
        target = {"entity_id": self.automation(rule_id)}
        await self.hass.services.async_call("automation", "turn_on" if on else "turn_off", target, blocking=True)
        await settle(self.hass)

    def automation(self, rule_id: str) -> str:
        """Return the entity of a rule."""
        entity_id = er.async_get(self.hass).async_get_entity_id("automation", "automation", rule_id)
        assert entity_id
        return entity_id

    def broken(self, rule_id: str = "passivity 1") -> str:
        """Return what Home Assistant tells about a rule that it does not accept."""
        automation = self.automation(rule_id)
        state = self.hass.states.get(automation)
        assert state
        assert state.state == STATE_UNAVAILABLE
        (told,) = [
            issue.translation_placeholders["error"]
            for issue in ir.async_get(self.hass).issues.values()
            if issue.issue_id.startswith(automation) and issue.translation_placeholders
        ]
        return told

    # --- the world

    async def show(self, entity_id: str, state: str, device_class: str | None = None, **attributes: Any) -> None:
        """Have an entity show a state."""
        self.show_now(entity_id, state, device_class, **attributes)
        await settle(self.hass)

    async def shows(self, entity_id: str, *states: str, device_class: str | None = "motion") -> None:
        """Have an entity show states, one after the other."""
        for state in states:
            await self.show(entity_id, state, device_class)

    def show_now(self, entity_id: str, state: str, device_class: str | None = None, **attributes: Any) -> None:
        """Have an entity show a state, and wait for nothing."""
        kind = {"device_class": device_class} if device_class else {}
        self.hass.states.async_set(entity_id, state, {**kind, **attributes})

    async def motion(self, state: str, entity_id: str = MOTION) -> None:
        """Have a motion sensor show a state."""
        await self.show(entity_id, state, "motion")

    async def press(self, entity_id: str = SOS) -> None:
        """Press a button that is a binary sensor, and let go."""
        await self.show(entity_id, "on")
        await self.show(entity_id, "off")

    async def fire(self, event_type: str, /, **data: Any) -> None:
        """Fire an event on the bus."""
        self.hass.bus.async_fire(event_type, data)
        await settle(self.hass)

    async def at(self, instant: str | datetime) -> None:
        """Let time pass until an instant; a text is wall-clock time in Stockholm."""
        self.freezer.move_to(local(instant) if isinstance(instant, str) else instant)
        async_fire_time_changed(self.hass)
        await settle(self.hass)

    async def moves_at(self, *instants: str) -> None:
        """Have somebody move for ten seconds up to each instant."""
        for instant in instants:
            await self.at(local(instant) - timedelta(seconds=10))
            await self.motion("on")
            await self.at(instant)
            await self.motion("off")

    async def stop_hub(self) -> None:
        """Unload the config entry."""
        await settle(self.hass)
        assert await self.hass.config_entries.async_unload(self.entry.entry_id)

    async def start_hub(self) -> None:
        """Load the config entry."""
        assert await self.hass.config_entries.async_setup(self.entry.entry_id)
        await settle(self.hass)

    async def start_hub_again(self) -> None:
        """Load the config entry, in whatever state it is."""
        await self.hass.config_entries.async_reload(self.entry.entry_id)
        await settle(self.hass)

    async def restart(self, at: str | None = None, states: dict[str, str] | None = None) -> None:
        """Stop everything, let time pass, and start from the same files; sensors come back as they are told to."""
        rules = (self.folder / "automations.yaml").read_text()
        before = [state for state in self.hass.states.async_all() if state.domain != "automation"]
        await self.stop_hub()
        await self.use()
        for state in before:
            self.hass.states.async_remove(state.entity_id)
        self.freezer.move_to(local(at) if at else datetime.now(UTC))
        for state in before:
            self.hass.states.async_set(
                state.entity_id, (states or {}).get(state.entity_id, state.state), state.attributes
            )
        await self.start_hub()
        (self.folder / "automations.yaml").write_text(rules)
        await self.reload()

    # --- what came of it

    async def journal(self) -> list[Event]:
        """Return everything that is in the journal."""
        return [row.event for row in await self.hub.journal.read()]

    async def raised(self) -> list[AlarmRaised]:
        """Return the alarms that were raised, without those of the supervision, of monitoring gaps and of the plan."""
        raised = [event for event in await self.journal() if isinstance(event, AlarmRaised)]
        return [event for event in raised if not event.rule.startswith((SUPERVISION, GAP, PLAN))]

    async def told(self) -> list[AlarmRaised]:
        """Return the alarms that tell of rules that are not watched."""
        raised = [event for event in await self.journal() if isinstance(event, AlarmRaised)]
        return [event for event in raised if event.rule.startswith(SUPERVISION)]

    async def due(self) -> list[datetime]:
        """Return the deadlines that were raised, in the order of the journal."""
        return [event.due_at for event in await self.raised()]

    async def due_by_rule(self, rule: str) -> list[datetime]:
        """Return the deadlines of one rule that were raised."""
        return [event.due_at for event in await self.raised() if event.rule == rule]

    async def presses(self) -> list[datetime]:
        """Return the deadlines that were raised or repeated, in the order of the journal."""
        told = [event for event in await self.journal() if isinstance(event, AlarmRaised | AlarmRepeated)]
        return [event.due_at for event in told if not event.rule.startswith((SUPERVISION, GAP, PLAN))]

    def issues(self) -> list[str]:
        """Return the ids of our repair issues."""
        return [issue_id for domain, issue_id in ir.async_get(self.hass).issues if domain == DOMAIN]

    # --- what belongs to it

    def device(self, name: str, domain: str = "zha", **kwargs: Any) -> dr.DeviceEntry:
        """Register a device."""
        owner = MockConfigEntry(domain=domain)
        owner.add_to_hass(self.hass)
        return dr.async_get(self.hass).async_get_or_create(
            config_entry_id=owner.entry_id, identifiers={(domain, name)}, name=name, **kwargs
        )

    def entity(
        self, device: dr.DeviceEntry, name: str, domain: str = "binary_sensor", device_class: str | None = None
    ) -> str:
        """Register an entity of a device."""
        entry = er.async_get(self.hass).async_get_or_create(
            domain,
            "zha",
            name,
            suggested_object_id=name,
            device_id=device.id,
            original_device_class=device_class,
        )
        return entry.entity_id


def count(events: Iterable[Event], kind: type[Event]) -> int:
    """Return how many events are of a kind."""
    return sum(isinstance(event, kind) for event in events)
