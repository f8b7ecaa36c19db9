"""Watches the watching: which lines of the handlingsplan are blind, since when, and for how long (R010.5, R060.5).

What a line needs is looked at with every change of its sensors, so that a blip is not missed, and with every sweep.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
import logging
from typing import Any
from zoneinfo import ZoneInfo

from homeassistant.components.automation import DOMAIN as AUTOMATION, EVENT_AUTOMATION_RELOADED
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import CALLBACK_TYPE, Event as HassEvent, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect, async_dispatcher_send
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.helpers.start import async_at_started
import probatio as vol

from .const import SIGNAL_PAUSES, SIGNAL_SWEEP, SIGNAL_WATCHING
from .core.codec import recall, to_plain
from .core.commands import RaiseRequest
from .core.detection import quiet
from .core.detection.quiet import QuietConfig, QuietFacts
from .core.errors import BadSettingError, EngineStoppedError
from .core.escalation import AlarmType
from .core.events import Event, MonitoringLost, MonitoringRestored
from .core.watching import (
    TELL_AFTER,
    Coverage,
    Essential,
    Fault,
    SourceFault,
    WatchFacts,
    calc_coverage,
    count,
    is_due,
    observe,
    pause,
    tell,
)
from .health import device_of_source, find_fault, find_last_seen_at, is_in_silent_network
from .hub import Hub
from .plan import Line, WatchedLine, find_lines
from .repairs import async_tell_line
from .settings import DEFAULT_SILENCE, silence_limit_of
from .trigger import TRIGGERS
from .triggers.watch import Watch, WatchTrigger

_LOGGER = logging.getLogger(__name__)

RULE = "system.watching"
SILENCE = "supervision.silence"
TOGETHER = timedelta(minutes=1)
"""Lines that fall blind within this time of each other are told in one alarm."""
WRITE_EVERY = timedelta(minutes=5)
"""How often what only goes on is written to disk."""
RESTORED_WITHIN = timedelta(minutes=5)
"""What is shown so soon after a start may only have been restored, or sent again by a broker."""


class Supervision:
    """Keeps ``hub.lines`` up to date, journals what is lost, and tells the larmansvarig."""

    def __init__(self, hass: HomeAssistant, hub: Hub) -> None:
        """Prepare."""
        self._hass = hass
        self._hub = hub
        self._stops: list[CALLBACK_TYPE] = []
        self._stop_following: CALLBACK_TYPE | None = None
        self._followed: frozenset[str] = frozenset()
        self._silence = QuietFacts()
        self._written_at: dict[str, datetime] = {}
        self._todo: list[Event | RaiseRequest] = []
        self._unwritten: set[str] = set()
        self._working = asyncio.Lock()
        self._is_first = True

    @callback
    def async_start(self) -> Callable[[], None]:
        """Begin when Home Assistant has started, for until then everything is missing; returns the way to stop."""
        self._stops.append(async_at_started(self._hass, self._on_started))
        return self._stop

    @callback
    def _on_started(self, _hass: HomeAssistant) -> None:
        """Begin."""
        self._stops += [
            async_dispatcher_connect(self._hass, SIGNAL_SWEEP, self.look),
            async_dispatcher_connect(self._hass, SIGNAL_PAUSES, self.look),
            self._hass.bus.async_listen(EVENT_AUTOMATION_RELOADED, self._on_reloaded),
        ]
        self.look()

    @callback
    def _stop(self) -> None:
        """Stop."""
        for stop in self._stops:
            stop()
        self._stops = []
        if self._stop_following:
            self._stop_following()
        self._stop_following, self._followed = None, frozenset()

    @callback
    def _on_reloaded(self, _event: HassEvent[Any]) -> None:
        """Look at the lines as they are now."""
        self.look()

    @callback
    def _on_change(self, event: HassEvent[EventStateChangedData]) -> None:
        """Look if a line was switched, or a sensor came or went."""
        old, new = (state and state.state for state in (event.data["old_state"], event.data["new_state"]))
        # An automation also changes when it runs: nothing must hold up the alarm that it raises just then.
        switched = event.data["entity_id"].startswith(f"{AUTOMATION}.") and old != new
        if switched or not {old, new}.isdisjoint((None, STATE_UNAVAILABLE)):
            self.look()

    @callback
    def look(self) -> None:
        """See how each line is watched now, and have done what follows from it."""
        hub, now = self._hub, self._hub.clock.now()
        watches = {line.rule: (line, _watches_of(self._hass, line)) for line in find_lines(self._hass, hub.entry)}
        sources = {source for _, found in watches.values() for watch in found or () for source in watch.find_sources()}
        self._follow(sources | {line.entity_id for line, _ in watches.values()})
        faults = self._find_faults(sources, now)
        is_armed = hub.make_is_armed()
        lines = {rule: self._look_at(line, found, faults, now, is_armed) for rule, (line, found) in watches.items()}
        for rule in hub.lines.keys() - lines.keys():
            self._unwritten.add(rule)
            async_tell_line(self._hass, rule, wrong=False, name="", why="")
        self._tell(lines, now)
        changed = _shown(lines) != _shown(hub.lines)
        self._work(hub.lines | lines)
        hub.lines = lines
        self._is_first = False
        if changed:
            self._show()
            async_dispatcher_send(self._hass, SIGNAL_WATCHING)

    def _show(self) -> None:
        """Show the lines that have been told of as repair issues, until they are watched again."""
        for rule, watched in self._hub.lines.items():
            trouble = watched.facts.trouble
            why = ", ".join(f"{each.source} ({self._hub.wording.fault(each.fault)})" for each in watched.faults)
            wrong = trouble is not None and trouble.told
            async_tell_line(self._hass, rule, wrong=wrong, name=watched.line.name, why=why)

    def _look_at(
        self,
        line: Line,
        watches: list[Watch] | None,
        faults: Mapping[str, Fault],
        now: datetime,
        is_armed: Callable[[Line], bool],
    ) -> WatchedLine:
        """Return how a line is watched now; what that changes is journalled."""
        before = self._facts_of(line.rule, now)
        if paused := self._hub.pauses.find_covering(line.brukare_id, line.rule, line.alarm_type):
            return self._look_at_paused(line, before, paused.until_at, now)
        if line.brukare_id in self._hub.consents.without_consent:
            return self._look_at_paused(line, before, None, now)
        essential, found = _judge(line, watches, faults)
        coverage = calc_coverage(essential, found)
        after = observe(before, coverage, found, now, self._tz, is_armed=is_armed(line))
        self._note(line, before, after, now)
        return WatchedLine(line=line, facts=after, faults=found)

    def _look_at_paused(self, line: Line, before: WatchFacts, until_at: datetime | None, now: datetime) -> WatchedLine:
        """Return how a line that is paused, or not agreed to, is watched: not at all, nobody's trouble (R010.6, S.2)."""
        after = pause(before, now, self._tz)
        if before.is_armed or before.trouble or self._is_time_to_write(line.rule, now):
            self._unwritten.add(line.rule)
        return WatchedLine(line=line, facts=after, paused_until_at=until_at)

    def _is_time_to_write(self, key: str, now: datetime) -> bool:
        """Return whether what only goes on is to be written again."""
        return now - self._written_at.get(key, now - WRITE_EVERY) >= WRITE_EVERY

    def _facts_of(self, rule: str, now: datetime) -> WatchFacts:
        """Return what is known of a line; while the hub was down, or the line was not there, nobody watched."""
        if watched := self._hub.lines.get(rule):
            return watched.facts
        facts = recall(WatchFacts, self._hub.facts.get(_key(rule)))
        if facts is None:
            self._unwritten.add(rule)
            return WatchFacts(counted_until_at=now)
        alive_at = self._hub.previous_alive_at if self._is_first else None
        if alive_at:
            facts = count(facts, min(alive_at, now), self._tz, is_watched=facts.is_watched)
        return count(facts, now, self._tz, is_watched=False)

    def _note(self, line: Line, before: WatchFacts, after: WatchFacts, now: datetime) -> None:
        """Journal that a line is lost, worse, or watched again."""
        old, new = before.trouble, after.trouble
        if new and (old is None or (old.coverage, old.faults) != (new.coverage, new.faults)):
            self._todo.append(
                MonitoringLost(
                    at=now, brukare_id=line.brukare_id, rule=line.rule, coverage=new.coverage, faults=new.faults
                )
            )
        elif old and new is None:
            self._todo.append(
                MonitoringRestored(at=now, brukare_id=line.brukare_id, rule=line.rule, lost_at=old.since_at)
            )
        is_news = old != new or before.is_armed != after.is_armed
        if is_news or self._is_time_to_write(line.rule, now):
            self._unwritten.add(line.rule)

    def _tell(self, lines: dict[str, WatchedLine], now: datetime) -> None:
        """Tell the larmansvarig of each brukare whose lines have not been watched for too long: one alarm for all."""
        due = dict.fromkeys(watched.line.brukare_id for watched in lines.values() if is_due(watched.facts, now))
        for brukare_id in due:
            together = [
                watched
                for watched in lines.values()
                if watched.line.brukare_id == brukare_id and is_due(watched.facts, now + TOGETHER)
            ]
            self._todo.append(self._request(brukare_id, together))
            for watched in together:
                told = WatchedLine(line=watched.line, facts=tell(watched.facts), faults=watched.faults)
                lines[watched.line.rule] = told
                self._unwritten.add(watched.line.rule)

    def _request(self, brukare_id: str, lines: list[WatchedLine]) -> RaiseRequest:
        """Return the technical alarm for some lines."""
        troubles = [watched.facts.trouble for watched in lines if watched.facts.trouble]
        due_at = min(trouble.worse_since_at for trouble in troubles) + TELL_AFTER
        faults = sorted({each for trouble in troubles for each in trouble.faults}, key=lambda each: each.source)
        return RaiseRequest(
            brukare_id=brukare_id,
            alarm_type=AlarmType.TECHNICAL,
            # Another trouble is another alarm: it must not hide behind one that is open.
            rule=f"{RULE}.{lines[0].line.rule}.{due_at.timestamp():.0f}",
            due_at=due_at,
            message=self._hub.wording.not_watched(
                dict.fromkeys(watched.line.alarm_type for watched in lines),
                dict.fromkeys(each.fault for each in faults),
                partly=all(trouble.coverage is Coverage.PARTLY for trouble in troubles),
            ),
            sources=tuple(each.source for each in faults),
        )

    # --- sensors --------------------------------------------------------------------------------

    @property
    def _tz(self) -> ZoneInfo:
        """The home's time zone."""
        return ZoneInfo(self._hass.config.time_zone)

    def _follow(self, entity_ids: Collection[str]) -> None:
        """Follow these entities instead of those before."""
        followed = frozenset(entity_id for entity_id in entity_ids if "." in entity_id)
        if followed == self._followed:
            return
        if self._stop_following:
            self._stop_following()
        self._followed = followed
        self._stop_following = async_track_state_change_event(self._hass, followed, self._on_change)

    def _find_faults(self, sources: Collection[str], now: datetime) -> dict[str, Fault]:
        """Return what is wrong with each of these sources that is not well."""
        silent = self._find_silent(sources, now)
        found = {
            source: find_fault(self._hass, source, now) or (Fault.SILENT if source in silent else None)
            for source in sources
        }
        return {source: fault for source, fault in found.items() if fault}

    def _find_silent(self, sources: Collection[str], now: datetime) -> set[str]:
        """Return the sources whose device has not been heard for longer than it may be silent."""
        devices = {source: device_of_source(self._hass, source) for source in sources}
        limits = {
            device_id: limit
            for device_id in set(devices.values())
            if device_id and (limit := self._limit_of(device_id))
        }
        before = self._recall_silence(now) if self._is_first else self._silence
        silence = quiet.follow(QuietConfig(limits=limits), before, now)
        for device_id in limits:
            seen_at = find_last_seen_at(self._hass, device_id, self._hub.started_at + RESTORED_WITHIN)
            silence = quiet.hear(silence, device_id, seen_at)
        # A device of a rule that is being loaded anew has been silent for no shorter time because of that.
        others = [each for each in before.silences if each.source not in limits]
        self._silence = QuietFacts(silences=(*silence.silences, *others))
        if self._silence != before and self._is_time_to_write(SILENCE, now):
            self._unwritten.add(SILENCE)
        lost = {each.source for each in silence.silences if now - each.silent_since_at >= limits[each.source]}
        return {source for source, device_id in devices.items() if device_id in lost}

    def _recall_silence(self, now: datetime) -> QuietFacts:
        """Return since when each device has been silent, the time in which the hub was deaf left out."""
        facts = recall(QuietFacts, self._hub.facts.get(SILENCE)) or QuietFacts()
        limits = {each.source: self._limit_of(each.source) or DEFAULT_SILENCE for each in facts.silences}
        alive_at = self._hub.previous_alive_at
        return quiet.listen_again(QuietConfig(limits=limits), facts, alive_at, now) if alive_at else facts

    def _limit_of(self, device_id: str) -> timedelta | None:
        """Return how long a device may be silent; None if nobody looks at that."""
        return silence_limit_of(
            self._hub.entry, device_id, is_in_silent_network=is_in_silent_network(self._hass, device_id)
        )

    # --- what follows ---------------------------------------------------------------------------

    @callback
    def _work(self, lines: Mapping[str, WatchedLine]) -> None:
        """Have what is to be journalled, told and remembered done, in this order; also of lines that have gone."""
        now = self._hub.clock.now()
        todo, self._todo = self._todo, []
        facts: dict[str, Any] = {SILENCE: to_plain(self._silence)} if SILENCE in self._unwritten else {}
        facts |= {_key(rule): to_plain(lines[rule].facts) for rule in self._unwritten - {SILENCE}}
        self._written_at |= dict.fromkeys(self._unwritten, now)
        self._unwritten = set()
        if todo or facts:
            self._hass.async_create_background_task(
                self._async_work(todo, facts), "homecare_h2o supervision", eager_start=True
            )

    async def _async_work(self, todo: Collection[Event | RaiseRequest], facts: Mapping[str, Any]) -> None:
        """Journal, tell, and only then remember: what is cut off is found again after the start."""
        async with self._working:
            try:
                for each in todo:
                    if isinstance(each, RaiseRequest):
                        await self._hub.engine.raise_alarm(each)
                    else:
                        await self._hub.engine.record(each)
            except EngineStoppedError:
                return
            for key, fact in facts.items():
                await self._hub.facts.put(key, fact)


def _key(rule: str) -> str:
    """Return the key of what is remembered of a line."""
    return f"line.{rule}"


def _shown(lines: Mapping[str, WatchedLine]) -> dict[str, Any]:
    """Return what people are shown of the lines."""
    return {
        rule: (watched.line, watched.facts.trouble, watched.faults, watched.paused_until_at)
        for rule, watched in lines.items()
    }


def _watches_of(hass: HomeAssistant, line: Line) -> list[Watch] | None:
    """Return what watches for a line; None if one of its triggers is not as it should be."""
    found = []
    for trigger in line.triggers:
        kind = TRIGGERS.get(trigger.key)
        if kind is None:
            return None
        if not issubclass(kind, WatchTrigger):
            continue
        try:
            found.append(kind.look_at(hass, trigger.key, dict(trigger.config)))
        except (BadSettingError, vol.Invalid) as err:
            _LOGGER.debug("The trigger %s of %s is not valid: %s", trigger.key, line.entity_id, err)
            return None
    return found


def _judge(
    line: Line, watches: list[Watch] | None, faults: Mapping[str, Fault]
) -> tuple[Essential, tuple[SourceFault, ...]]:
    """Return what a line needs, and what is wrong with it and its sources."""
    if watches is None or line.is_broken:
        return (), (SourceFault(source=line.entity_id, fault=Fault.BROKEN),)
    if not line.is_on:
        return (), (SourceFault(source=line.entity_id, fault=Fault.TURNED_OFF),)
    essential = tuple(group for watch in watches for group in watch.find_essential())
    sources = sorted({source for watch in watches for source in watch.find_sources()})
    found = [SourceFault(source=source, fault=faults[source]) for source in sources if source in faults]
    if not all(essential):
        found.append(SourceFault(source=line.entity_id, fault=Fault.MISSING))
    return essential, tuple(found)
