"""Plays a world to a real Home Assistant with the integration in it, as fast as it can."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from pathlib import Path
from random import Random
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant import loader
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED, STATE_ON
from homeassistant.core import CoreState, Event, HomeAssistant, ServiceCall, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr, frame
from homeassistant.util.async_ import get_scheduled_timer_handles
from homeassistant.util.yaml import dump
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_test_home_assistant

from custom_components.homecare_h2o.const import DOMAIN, EVENT_ALARM

from .home import DEVICE_CLASS
from .plan import BRUKARE_ID, PHONES, make_entry, make_rules
from .spans import MINUTE, SECOND
from .world import Happening, PowerCut, Reading, VisitEnds, VisitStarts, World

LONGEST_STEP = 10 * MINUTE
"""What looks at things every 15 s in life does so at least as often as this here."""
SHORTEST_STEP = timedelta(milliseconds=1)
"""A timer that is due but for a rounding error must not keep time from going on."""
OUR_ROOMS = "custom_components.homecare_h2o"


class NotPlayedError(Exception):
    """The home could not be set up as it was meant: whatever came of it would say nothing."""


@dataclass(kw_only=True, slots=True)
class Run:
    """What a run came to."""

    journal: Path
    steps: int = 0
    readings: int = 0
    cuts: int = 0
    calls: int = 0
    refused: int = 0


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Answer:
    """Staff answers an alarm by an action."""

    at: datetime
    alarm_id: str
    closes: bool


class Player:
    """Moves the clock from one happening to the next, or to what the hub itself waits for."""

    def __init__(
        self, hass: HomeAssistant, entry: MockConfigEntry, clock: FrozenDateTimeFactory, world: World, run: Run
    ) -> None:
        """Prepare."""
        self._hass = hass
        self._entry = entry
        self._clock = clock
        self._world = world
        self._run = run
        self._folder = Path(hass.config.config_dir)
        self._rules: list[dict[str, Any]] = []
        self._answers: list[Answer] = []
        self._instants = sorted(
            {at for each in world.truth.situations for at in (each.due_at, each.due_at + 15 * SECOND)}
        )

    async def play(self) -> None:
        """Set up the home, play everything, and stop the hub."""
        await self._set_up()
        waiting = list(reversed(self._world.happenings))
        while (at := self._next_at(waiting)) < self._world.end_at:
            await self._move_to(at)
            while waiting and waiting[-1].at <= _now():
                await self._happen(waiting.pop())
            while self._answers and self._answers[0].at <= _now():
                await self._answer(heappop(self._answers))
        await self._move_to(self._world.end_at)
        await self._settle()
        await self._hass.config_entries.async_unload(self._entry.entry_id)
        await self._use([])

    # --- the home

    async def _set_up(self) -> None:
        """Set up phones, sensors, the hub and the larmplan."""
        for phone in PHONES:
            self._hass.services.async_register("notify", phone, self._on_call)
        self._hass.bus.async_listen(EVENT_ALARM, self._on_alarm)
        (self._folder / "configuration.yaml").write_text("automation: !include automations.yaml\n")
        (self._folder / "automations.yaml").write_text("[]")
        for sensor, state in self._world.first.items():
            self._show(sensor, state)
        self._entry.add_to_hass(self._hass)
        self._hass.set_state(CoreState.starting)
        await self._hass.config_entries.async_setup(self._entry.entry_id)
        await self._settle()
        device = dr.async_get(self._hass).async_get_device_by_identifier((DOMAIN, BRUKARE_ID), self._entry.entry_id)
        if device is None:
            raise NotPlayedError("the person has no device")
        self._rules = make_rules(device.id)
        await self._use(self._rules)
        await self._started()

    async def _started(self) -> None:
        """Have Home Assistant be done with its start."""
        self._hass.set_state(CoreState.running)
        self._hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
        await self._settle()
        rules = [state.state for state in self._hass.states.async_all("automation")]
        if rules != [STATE_ON] * len(self._rules) or self._entry.state is not ConfigEntryState.LOADED:
            raise NotPlayedError(f"the hub is {self._entry.state}, its rules are {rules}")

    async def _use(self, rules: list[dict[str, Any]]) -> None:
        """Have these rules and no others."""
        (self._folder / "automations.yaml").write_text(dump(rules))
        await self._hass.services.async_call("automation", "reload", blocking=True)
        await self._settle()

    def _show(self, sensor: str, state: str) -> None:
        """Have a sensor show a state."""
        attributes: dict[str, Any] = {"device_class": DEVICE_CLASS[sensor]}
        if sensor.startswith("event.") and state[:1].isdigit():
            attributes["event_type"] = "pressed"
        self._hass.states.async_set(sensor, state, attributes)

    # --- time

    def _next_at(self, waiting: list[Happening]) -> datetime:
        """Return the next instant at which anything happens or is looked at."""
        now = _now()
        while self._instants and self._instants[0] <= now:
            self._instants.pop(0)
        instants = [now + LONGEST_STEP, *self._instants[:1], *_wanted(self._hass, now)]
        instants += [waiting[-1].at] if waiting else []
        instants += [self._answers[0].at] if self._answers else []
        return max(min(instants), now)

    async def _move_to(self, at: datetime) -> None:
        """Move the clock, and let everything that is due then come to its end."""
        if at > _now():
            self._clock.move_to(at)
        self._run.steps += 1
        await self._settle()

    async def _settle(self) -> None:
        """Let everything that has begun come to its end."""
        await asyncio.sleep(0)
        await self._hass.async_block_till_done(wait_background_tasks=True)

    # --- what happens

    async def _happen(self, happening: Happening) -> None:
        """Have something happen."""
        match happening:
            case Reading():
                self._run.readings += 1
                self._show(happening.sensor, happening.state)
            case VisitStarts():
                await self._visit("start_visit")
            case VisitEnds():
                await self._visit("end_visit")
            case PowerCut():
                await self._cut_power(happening)
        await self._settle()

    async def _visit(self, action: str) -> None:
        """Have staff register a visit."""
        device = self._rules[0]["use_blueprint"]["input"]["brukare"]
        try:
            await self._act(action, {"device_id": device})
        except ServiceValidationError:
            self._run.refused += 1

    async def _cut_power(self, cut: PowerCut) -> None:
        """Stop everything, let time pass, and start again from the same files."""
        self._run.cuts += 1
        await self._hass.config_entries.async_unload(self._entry.entry_id)
        await self._use([])
        for sensor in cut.restored:
            self._hass.states.async_remove(sensor)
        self._clock.move_to(cut.until_at)
        for sensor, state in cut.restored.items():
            self._show(sensor, state)
        self._hass.set_state(CoreState.starting)
        await self._hass.config_entries.async_setup(self._entry.entry_id)
        await self._use(self._rules)
        await self._started()

    # --- staff

    async def _on_call(self, _call: ServiceCall) -> None:
        """Have a phone ring."""
        self._run.calls += 1

    @callback
    def _on_alarm(self, event: Event[Mapping[str, Any]]) -> None:
        """Have staff take an alarm after a while, now and then a long one, and close it when they have been there."""
        if event.data["type"] != "raised":
            return
        dice = Random(f"{self._world.seed}/{_now().isoformat()}/{event.data['alarm_type']}")  # noqa: S311
        taken_at = _now() + dice.choice([1, 2, 3, 4, 4, 13]) * dice.uniform(0.7, 1) * MINUTE
        closed_at = taken_at + dice.uniform(6, 25) * MINUTE
        heappush(self._answers, Answer(at=taken_at, alarm_id=event.data["alarm_id"], closes=False))
        heappush(self._answers, Answer(at=closed_at, alarm_id=event.data["alarm_id"], closes=True))

    async def _answer(self, answer: Answer) -> None:
        """Have staff answer; who was away for too long takes the alarm again before closing it."""
        data = {"alarm_id": answer.alarm_id}
        try:
            await self._act("acknowledge_alarm", data)
        except ServiceValidationError:
            self._run.refused += 1
        if answer.closes:
            await self._act("resolve_alarm", {**data, "outcome": "help_given"})
        await self._settle()

    async def _act(self, action: str, data: dict[str, str]) -> None:
        """Call an action of the integration."""
        await self._hass.services.async_call(DOMAIN, action, data, blocking=True)


def _now() -> datetime:
    """Return what the clock shows (UTC)."""
    return datetime.now(UTC)


def _wanted(hass: HomeAssistant, now: datetime) -> list[datetime]:
    """Return when the integration's own timers are due; a timer that repeats is fired by every step anyway."""
    loop_now = hass.loop.time()
    return [
        now + max(SHORTEST_STEP, timedelta(seconds=handle.when() - loop_now))
        for handle in get_scheduled_timer_handles(hass.loop)
        if not handle.cancelled() and _is_ours(handle)
    ]


def _is_ours(handle: asyncio.TimerHandle) -> bool:
    """Return whether a timer calls the integration once."""
    # ``async_call_later`` keeps the job that it calls as the timer's last argument.
    arguments: tuple[Any, ...] = getattr(handle, "_args", None) or ()
    target = getattr(arguments[-1], "target", None) if arguments else None
    return str(getattr(target, "__module__", "")).startswith(OUR_ROOMS)


@asynccontextmanager
async def _home_assistant(folder: Path) -> AsyncIterator[HomeAssistant]:
    """Run Home Assistant with its files in a folder."""
    async with async_test_home_assistant(asyncio.get_running_loop(), config_dir=str(folder)) as hass:
        hass.data.pop(loader.DATA_CUSTOM_COMPONENTS)
        frame.async_setup(hass)
        await hass.config.async_set_time_zone("Europe/Stockholm")
        hass.config.language = "sv"
        yield hass
        await hass.async_stop(force=True)


async def play(world: World, folder: Path, clock: FrozenDateTimeFactory) -> Run:
    """Play a world, and return what it came to; the journal is in the folder."""
    entry = make_entry()
    run = Run(journal=folder / DOMAIN / entry.entry_id / "journal.db")
    async with _home_assistant(folder) as hass:
        await Player(hass, entry, clock, world, run).play()
    return run
