"""Visits: staff is in the home, and leaves it at night without that being an alarm (R020.6)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.dispatcher import async_dispatcher_send

from .const import SIGNAL_VISIT
from .core.codec import recall, to_plain
from .core.detection import visit
from .core.detection.visit import VisitConfig, VisitFacts
from .core.events import Actor, VisitEnded, VisitStarted
from .devices import find_brukare
from .engine import Engine
from .facts import Facts
from .ports import Clock
from .settings import brukare_of

RULE = VisitConfig()


def _key(brukare_id: str) -> str:
    """Return the key of what is remembered of a brukare's visits."""
    return f"visit.{brukare_id}"


def visit_of(facts: Facts, brukare_id: str) -> VisitFacts:
    """Return what is known of a brukare's last visit."""
    return recall(VisitFacts, facts.get(_key(brukare_id))) or VisitFacts()


def is_visited(
    hass: HomeAssistant, entry: ConfigEntry[Any], facts: Facts, device_ids: Sequence[str], at: datetime
) -> bool:
    """Return whether a door that moves now is staff's doing; without devices a visit to anybody of the home counts."""
    brukare = {find_brukare(hass, entry, device_id) for device_id in device_ids} - {None}
    chosen = brukare or {subentry.subentry_id for subentry in brukare_of(entry)}
    return any(visit.suppresses(RULE, visit_of(facts, brukare_id), at) for brukare_id in chosen if brukare_id)


class Visits:
    """Registers visits; they expire by themselves."""

    def __init__(self, hass: HomeAssistant, engine: Engine, facts: Facts, clock: Clock) -> None:
        """Keep what is needed."""
        self._hass = hass
        self._engine = engine
        self._facts = facts
        self._clock = clock

    def expires_at(self, brukare_id: str) -> datetime | None:
        """Return when the visit that lasts now ends by itself; None if none lasts."""
        facts = visit_of(self._facts, brukare_id)
        return facts.expires_at if visit.is_active(facts, self._clock.now()) else None

    async def start(self, brukare_id: str, by: Actor) -> datetime:
        """Register that staff came; return when the visit ends by itself."""
        now = self._clock.now()
        facts = visit.start(RULE, visit_of(self._facts, brukare_id), now)
        expires_at = facts.expires_at or now
        await self._engine.record(VisitStarted(at=now, brukare_id=brukare_id, by=by, expires_at=expires_at))
        await self._keep(brukare_id, facts)
        return expires_at

    async def end(self, brukare_id: str, by: Actor) -> None:
        """Register that staff leaves; without a start it still tells that the door is theirs."""
        now = self._clock.now()
        await self._engine.record(VisitEnded(at=now, brukare_id=brukare_id, by=by, expired=False))
        await self._keep(brukare_id, visit.end(visit_of(self._facts, brukare_id), now))

    async def expire(self, brukare_ids: Sequence[str]) -> None:
        """End the visits that nobody has ended in time."""
        now = self._clock.now()
        for brukare_id in brukare_ids:
            facts = visit_of(self._facts, brukare_id)
            expiry_at = visit.next_expiry_at(facts)
            if expiry_at is not None and expiry_at <= now:
                await self._engine.record(VisitEnded(at=now, brukare_id=brukare_id, by=Actor(), expired=True))
                await self._keep(brukare_id, visit.expired(facts))

    async def _keep(self, brukare_id: str, facts: VisitFacts) -> None:
        """Remember a visit, and tell those who watch the doors."""
        await self._facts.put(_key(brukare_id), to_plain(facts))
        async_dispatcher_send(self._hass, SIGNAL_VISIT)
