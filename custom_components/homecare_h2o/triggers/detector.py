"""A detector of the core as a trigger: states in, deadlines out, facts kept over a restart.

Each detector is a row of functions; this room joins them to Home Assistant's states, and knows nothing of rules.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
import logging
from typing import Any, ClassVar, override
from zoneinfo import ZoneInfo

from homeassistant.const import CONF_OPTIONS, STATE_OFF, STATE_ON, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import CALLBACK_TYPE, Event, EventStateChangedData, State, callback
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.helpers.trigger import TriggerActionRunner, TriggerNotTriggeredReporter
from homeassistant.helpers.typing import ConfigType
import probatio as vol

from ..core.codec import recall, to_plain
from ..core.detection.notes import Note, Why
from ..core.events import NoteKind
from ..hub import Hub
from .deadline import DeadlineWatch
from .watch import WatchTrigger

_LOGGER = logging.getLogger(__name__)

NOTED_EVERY = timedelta(minutes=1)
"""Each row of the journal is a write to the disk, and a sensor may flutter for days."""

ON_STATES: Mapping[str, bool] = {STATE_ON: True, STATE_OFF: False, "open": True, "closed": False}

type Roles = Mapping[str, str]
"""Entities, and the part that each plays in the rule."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What a source shows, and whether that may only have been restored at a start.

    reported: it says so now; otherwise it was only looked up.
    """

    role: str
    source: str
    state: State | None
    at: datetime
    restored: bool
    reported: bool


def as_on(state: State | None) -> bool | None:
    """Return whether a state means on; None where it says nothing."""
    return ON_STATES.get(state.state) if state else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Detector[C, F]:
    """A detector of the core: how its rule is read, and what it does with what is seen.

    ``is_silent`` tells, when a deadline is taken up at an instant, whether only the detector itself has to know of it.
    ``explain`` and ``note`` are asked with the facts before and after something was seen: why that is no alarm, and what
    of it is journalled.
    """

    schema: vol.Schema
    read: Callable[[ConfigType], C]
    facts: type[F]
    begin: Callable[[datetime], F]
    observe: Callable[[C, F, Look, ZoneInfo, bool], F]
    next_due_at: Callable[[C, F, ZoneInfo], datetime | None]
    fired: Callable[[C, F, datetime, ZoneInfo], F]
    sources: Callable[[C, F, datetime, ZoneInfo], Sequence[str]] | None = None
    is_silent: Callable[[C, F, datetime, datetime, ZoneInfo], bool] = lambda *_: False
    explain: Callable[[C, F, F, Look, ZoneInfo, bool], Why | None] = lambda *_: None
    note: Callable[[C, F, F, Look], Note | None] = lambda *_: None


class DetectorTrigger(WatchTrigger):
    """A trigger that fires at the deadlines of a detector, each exactly once."""

    detector: ClassVar[Detector[Any, Any]]
    watch: ClassVar[type[DetectorWatch]]

    @override
    @classmethod
    def validate(cls, config: ConfigType) -> ConfigType:
        validated: ConfigType = cls.detector.schema(config)
        cls.detector.read(validated[CONF_OPTIONS])
        return validated

    @override
    def make_watch(
        self, run_action: TriggerActionRunner, did_not_trigger: TriggerNotTriggeredReporter | None
    ) -> DetectorWatch:
        watch = self.watch(self._hass, self._config, run_action, did_not_trigger)
        watch.detector = self.detector
        return watch


class DetectorWatch(DeadlineWatch):
    """Watches sources for a detector."""

    detector: Detector[Any, Any]
    _stop_following: CALLBACK_TYPE | None = None
    _roles: Roles | None = None
    _change: EventStateChangedData | None = None
    """The change of state that is being taken up."""
    _unseen: set[str]
    _told: dict[str, Why]
    _noted: dict[tuple[str, ...], datetime]
    _unnoted: set[datetime]
    """Deadlines of which nobody needs to know that they were taken back: that they began was not journalled."""
    _rule: Any
    _facts: Any

    def find_roles(self) -> Roles:
        """Return the sources that the rule names now, and their parts in it."""
        raise NotImplementedError

    @override
    def find_sources(self) -> Collection[str]:
        """Return what the rule watches now."""
        return self.find_roles().keys()

    def may_be_older(self, source: str) -> bool:
        """Return whether what a source shows now for the first time may have begun while the hub was down."""
        return False

    def is_excused(self, look: Look) -> bool:
        """Return whether what is seen now is staff's doing."""
        return False

    @property
    def _tz(self) -> ZoneInfo:
        """The home's time zone."""
        return ZoneInfo(self.hass.config.time_zone)

    @override
    def begin(self, hub: Hub) -> None:
        """Go on from the facts, and look at what is shown now."""
        self._rule = self.detector.read(self.options)
        self._unseen = set()
        self._told, self._noted, self._unnoted = {}, {}, set()
        known = self.memory.get("facts")
        now = hub.clock.now()
        self._facts = self._recall(known, now) if known else self.detector.begin(self.since_at or now)
        self.go_on(hub)
        # Also what nothing was seen for yet: from when on it is watched must not move with every restart.
        self.remember(facts=to_plain(self._facts))
        self._follow(self.find_roles())

    def go_on(self, hub: Hub) -> None:
        """Change the facts for what the time between has done to them, before anything is found to be due."""

    def _recall(self, known: Any, now: datetime) -> Any:
        """Return the facts, anew if an older version wrote them in another shape: the rule must not be dead."""
        if (facts := recall(self.detector.facts, known)) is None:
            _LOGGER.warning("What was remembered of a rule cannot be read; it begins anew")
            return self.detector.begin(now)
        return facts

    @override
    def end(self) -> None:
        """Stop following."""
        self.cancel_timer()
        if self._stop_following:
            self._stop_following()
        self._stop_following = self._roles = None

    @override
    def sweep(self) -> None:
        """Follow the sources that the rule names now, and look at what is due."""
        roles = self.find_roles()
        if roles != self._roles:
            self._follow(roles)
        self.evaluate()

    def _follow(self, roles: Roles) -> None:
        """Follow these sources instead of those before; what they show may be no more than restored."""
        if self._stop_following:
            self._stop_following()
        # The first that a source shows after a start may be older than the start.
        known = roles.keys() if self.resumed and self._roles is None else (self._roles or {}).keys()
        self._unseen = (self._unseen & roles.keys()) | (roles.keys() - known)
        self._roles = roles
        self._stop_following = async_track_state_change_event(self.hass, list(roles), self._on_change)
        for source in roles:
            self.look(source, self._shown(source), reported=False)

    def _shown(self, source: str) -> State | None:
        """Return what a source shows; of one whose change is being taken up, what it showed before that."""
        change = self._change
        return change["old_state"] if change and change["entity_id"] == source else self.hass.states.get(source)

    @callback
    def _on_change(self, event: Event[EventStateChangedData]) -> None:
        """Take up a change of state; it may be what shows that a pause has ended, and comes after that."""
        self._change = event.data
        try:
            self.look(event.data["entity_id"], event.data["new_state"])
        finally:
            self._change = None

    def look(self, source: str, state: State | None, *, reported: bool = True) -> None:
        """Show the detector what a source shows; what was due before that is raised first."""
        if self.hub is None or self._roles is None or source not in self._roles:
            return
        self.evaluate()
        restored = source in self._unseen
        if is_informative(state):
            self._unseen.discard(source)
            restored |= reported and self.may_be_older(source)
        look = Look(
            role=self._roles[source],
            source=source,
            state=state,
            at=self.hub.clock.now(),
            restored=restored,
            reported=reported,
        )
        before, excused = self._facts, self.is_excused(look)
        facts = self.detector.observe(self._rule, before, look, self._tz, excused)
        if why := self.detector.explain(self._rule, before, facts, look, self._tz, excused):
            self.tell(source, why, state=state.state if state else None)
        self.note(self.detector.note(self._rule, before, facts, look), source)
        self.change(facts)

    def tell(self, source: str, why: Why, **data: str | None) -> None:
        """Tell the trace why this is no alarm, the same of a source only once."""
        if self.hub and self._told.get(source) != why:
            self._told[source] = why
            times = {"at": self.hub.clock.now(), "due_at": why.due_at, "active_from_at": why.active_from_at}
            self.report(why.reason, source=source, **data, **times)

    def note(self, note: Note | None, *sources: str) -> None:
        """Journal what is to be journalled of what was seen; of a source that flutters only the first of a minute."""
        if note is None or self.hub is None:
            return
        now = self.hub.clock.now()
        if note.kind is NoteKind.BEGAN and note.due_at:
            last_at = self._noted.get(sources)
            if last_at is not None and abs(now - last_at) < NOTED_EVERY:
                self._unnoted = {due_at for due_at in self._unnoted if due_at > now} | {note.due_at}
                return
            self._noted[sources] = now
        if note.due_at not in self._unnoted:
            self.journal(self.hub, note.kind, sources, note.due_at)

    def change(self, facts: Any) -> None:
        """Go on from other facts."""
        if facts != self._facts:
            self._facts = facts
            self.remember(facts=to_plain(facts))
        self.evaluate()

    @override
    def fire_due(self, due_at: datetime, now: datetime) -> None:
        """Run the action for a deadline, unless only the detector has to know of it."""
        rule, facts, tz = self._rule, self._facts, self._tz
        found = self.detector.sources(rule, facts, due_at, tz) if self.detector.sources else list(self._roles or ())
        is_silent = self.detector.is_silent(rule, facts, due_at, now, tz)
        self._facts = self.detector.fired(rule, facts, due_at, tz)
        if is_silent:
            self.remember(facts=to_plain(self._facts))
        else:
            self.fire(due_at, found, facts=to_plain(self._facts))

    @override
    def next_due_at(self) -> datetime | None:
        """Return the next deadline."""
        return self.detector.next_due_at(self._rule, self._facts, self._tz)


def is_informative(state: State | None) -> bool:
    """Return whether a state says anything."""
    return state is not None and state.state not in (STATE_UNAVAILABLE, STATE_UNKNOWN)
