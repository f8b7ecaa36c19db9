"""Keeps the handlingsplan's history: what was changed in the automations, when and by whom (R011.3, HP.1, HP.2).

A change is found at once, in the callback, so that who made it is known, and is known from then on, so that it is
found once; what follows (journal, alarm, inbox) is done in order. What is cut off is found at the next start.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import reduce
import logging
from typing import Any

from homeassistant.components.automation import DOMAIN as AUTOMATION, EVENT_AUTOMATION_RELOADED
from homeassistant.components.http import KEY_HASS_USER
from homeassistant.components.websocket_api import current_connection
from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.core import (
    CALLBACK_TYPE,
    Context,
    Event as HassEvent,
    EventStateChangedData,
    HomeAssistant,
    callback,
)
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import TrackStates, async_track_state_change_filtered
from homeassistant.helpers.http import current_request
from homeassistant.helpers.start import async_at_started
from homeassistant.util import ulid as ulid_util

from .const import SIGNAL_DEVIATIONS, SIGNAL_SWEEP
from .core.alarm import Alarm
from .core.commands import RaiseRequest
from .core.errors import EngineStoppedError, HomeCareError
from .core.escalation import AlarmType
from .core.events import Actor, DeviationFiled, DeviationKind, DeviationUpdated, Event
from .core.handlingsplan import Key, LineChange, calc_changes, evolve, replay
from .core.plan_events import PlanChange, PlanChanged, PlanCommented, PlannedLine
from .hub import Hub
from .plan_reading import read_plan
from .plan_words import async_summarize_change
from .repairs import async_tell_deleted_lines
from .settings import brukare_of

_LOGGER = logging.getLogger(__name__)

RULE = "system.plan"
KINDS = (PlanChanged.kind, PlanCommented.kind, DeviationFiled.kind, DeviationUpdated.kind)
GONE_AFTER = timedelta(minutes=1)
"""A line that is only being loaded anew is back before that."""
TOLD_WITHIN = timedelta(days=7)
"""What nobody was told of for longer than this was told, and the journal has forgotten it."""
PREFIX = "plan-"
SYSTEM = Actor()
SWITCHED = {STATE_ON, STATE_OFF}


def make_item_id(change_id: str) -> str:
    """Return what a change is known by in the larmansvarig's inbox: it is there once."""
    return f"{PREFIX}{change_id}"


class PlanHistory:
    """Keeps ``hub.plan``, journals what happens to it, and tells the larmansvarig."""

    def __init__(self, hass: HomeAssistant, hub: Hub) -> None:
        """Know nothing yet."""
        self._hass = hass
        self._hub = hub
        self._stops: list[CALLBACK_TYPE] = []
        self._telling = asyncio.Lock()
        self._reading = asyncio.Lock()
        self._is_known = False
        self._is_first = True
        self._may_look = False
        self._found = hub.plan
        """The plan as it was found last; what is journalled of it is ``hub.plan``."""
        self._is_in_doubt = False
        self._live: list[Event] = []
        """What was journalled before the history was known."""
        self._loading_since: dict[Key, datetime] = {}
        self._comments: dict[str, str | None] = {}
        """What the inbox has of each change."""

    async def async_start(self) -> Callable[[], None]:
        """Read what is known; begin to look when Home Assistant has started. Returns the way to stop."""
        self._stops.append(self._hub.engine.subscribe(self._on_event))
        await self._async_read()
        self._stops.append(async_at_started(self._hass, self._on_started))
        return self._stop

    @callback
    def _stop(self) -> None:
        """Stop."""
        for stop in self._stops:
            stop()
        self._stops = []
        self._may_look = False

    @callback
    def _on_started(self, hass: HomeAssistant) -> None:
        """Begin: until now the automations may not have been loaded."""
        self._may_look = True
        self._stops += [
            async_dispatcher_connect(hass, SIGNAL_SWEEP, self._on_sweep),
            async_dispatcher_connect(hass, SIGNAL_DEVIATIONS, self._show),
            hass.bus.async_listen(EVENT_AUTOMATION_RELOADED, self._on_reloaded),
            hass.bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, self._on_registry),
            async_track_state_change_filtered(
                hass, TrackStates(all_states=False, entities=set(), domains={AUTOMATION}), self._on_state
            ).async_remove,
        ]
        self._look(SYSTEM)
        self._show()

    # --- when to look -----------------------------------------------------------------------------

    @callback
    def _on_sweep(self) -> None:
        """Look for what nobody told of, and believe it the second time: whoever is changing it now will say so."""
        if not self._is_known and not self._reading.locked():
            self._spawn(self._async_read())
        was_in_doubt, self._is_in_doubt = self._is_in_doubt, bool(self._find(SYSTEM))
        if was_in_doubt:
            self._look(SYSTEM)

    @callback
    def _on_reloaded(self, event: HassEvent[Any]) -> None:
        """Look at what the editor, or whoever loaded them anew, has done: all of it is done now."""
        self._look(_find_actor(event.context), is_settled=True)

    @callback
    def _on_registry(self, event: HassEvent[er.EventEntityRegistryUpdatedData]) -> None:
        """Look if an automation was deleted or disabled; what is new there is only being loaded."""
        data = event.data
        is_gone = data["action"] == "remove" or (data["action"] == "update" and "disabled_by" in data["changes"])
        if is_gone and data["entity_id"].startswith(f"{AUTOMATION}."):
            self._look(_find_actor(event.context))

    @callback
    def _on_state(self, event: HassEvent[EventStateChangedData]) -> None:
        """Look if an automation was turned on or off; what becomes unavailable is being loaded anew."""
        old, new = event.data["old_state"], event.data["new_state"]
        if old and new and old.state != new.state and {old.state, new.state} == SWITCHED:
            self._look(Actor(user_id=event.context.user_id))

    @callback
    def _look(self, by: Actor, *, is_settled: bool = False) -> None:
        """See what has happened to the plan, and have done what follows from it.

        ``is_settled``: no automation is being loaded, so what is not there is gone.
        """
        if not (self._may_look and self._is_known):
            return
        changes = [self._with_edit(change) for change in self._find(by, is_settled=is_settled)]
        is_silent, self._is_first = self._is_first and not self._found.histories, False
        if changes:
            self._found = reduce(evolve, changes, self._found)
            self._spawn(self._async_take_up(changes, is_silent=is_silent))

    def _find(self, by: Actor, *, is_settled: bool = False) -> list[PlanChanged]:
        """Return what has happened to the plan since it was looked at."""
        return calc_changes(self._found, self._read(is_settled=is_settled), by, self._now, ulid_util.ulid_now)

    def _read(self, *, is_settled: bool) -> list[tuple[str, PlannedLine]]:
        """Return the lines that there are, also those that are being loaded anew and have been for no long time."""
        known, now = self._found.lines, self._now
        reading = read_plan(self._hass, self._hub.entry, known)
        since = self._loading_since
        self._loading_since = {key: since.get(key, now) for key in reading.loading}
        waited_for = {key for key, at in self._loading_since.items() if not is_settled and abs(now - at) < GONE_AFTER}
        return [*reading.found, *((key[0], known[key]) for key in known if key in waited_for)]

    def _with_edit(self, change: PlanChanged) -> PlanChanged:
        """Return a change with who makes it, and what it brings back."""
        edit = self._hub.edits.get(change.rule)
        return replace(change, by=edit.by, restored_from=edit.restored_from) if edit else change

    @property
    def _now(self) -> datetime:
        """The time."""
        return self._hub.clock.now()

    # --- what follows -----------------------------------------------------------------------------

    def _spawn(self, work: Any) -> None:
        """Have something done."""
        self._hass.async_create_background_task(work, "homecare_h2o plan", eager_start=True)

    async def _async_take_up(self, changes: Sequence[PlanChanged], *, is_silent: bool) -> None:
        """Journal what happened, and tell it; the plan that was there before there was a history is not told."""
        async with self._telling:
            with suppress(EngineStoppedError):
                for change in changes:
                    await self._hub.engine.record(change)
                if not is_silent:
                    await self._async_tell([self._hub.plan.find_change(change.change_id) for change in changes])

    async def _async_tell(self, changes: Iterable[LineChange | None]) -> None:
        """Raise the alarms for lines that are gone, and put everything into the inbox.

        A brukare who is gone needs neither.
        """
        there = {subentry.subentry_id for subentry in brukare_of(self._hub.entry)}
        told = [change for change in changes if change and change.brukare_id in there]
        for request in self._calc_alarms(told):
            await self._hub.engine.raise_alarm(request)
        for change in told:
            await self._hub.deviations.file(
                change.brukare_id,
                DeviationKind.PLAN_CHANGED,
                await self._async_summarize(change),
                source=change.change_id,
                by=change.by,
                deviation_id=make_item_id(change.change_id),
            )

    async def _async_summarize(self, change: LineChange) -> str:
        """Return a change in one line; that there was one must be told whatever the blueprint has in it."""
        try:
            return await async_summarize_change(self._hass, self._hub, change)
        except Exception:
            _LOGGER.exception("A change of the handlingsplan cannot be put into words")
            return self._hub.wording.plan_change(change.change)

    def _calc_alarms(self, changes: Iterable[LineChange]) -> list[RaiseRequest]:
        """Return one technical alarm for all lines that a brukare lost at once: nothing else would tell of them."""
        lost: dict[tuple[str, datetime], list[LineChange]] = {}
        for change in changes:
            if change.change is PlanChange.DELETED and self._is_deleted(change):
                lost.setdefault((change.brukare_id, change.at), []).append(change)
        return [
            RaiseRequest(
                brukare_id=brukare_id,
                alarm_type=AlarmType.TECHNICAL,
                rule=f"{RULE}.{together[0].change_id}",
                due_at=at,
                message=self._hub.wording.lines_deleted(
                    dict.fromkeys(change.before.alarm_type for change in together if change.before)
                ),
            )
            for (brukare_id, at), together in lost.items()
        ]

    def _is_deleted(self, change: LineChange) -> bool:
        """Return whether a line that was deleted has not come back, as it has when it was restored at once."""
        return (change.brukare_id, change.rule) not in self._found.lines

    @callback
    def _show(self) -> None:
        """Show each line that was deleted until it is back, or the larmansvarig has archived that."""
        wrong: dict[str, dict[str, str]] = {}
        for history in self._hub.plan.histories.values():
            change = history.changes[-1]
            item = self._hub.deviations.inbox.find(make_item_id(change.change_id))
            if history.line is None and change.before and item and item.is_open:
                wrong[f"{history.brukare_id}.{history.rule}"] = {
                    "name": change.before.name,
                    "code": self._hub.code_of(history.brukare_id),
                }
        async_tell_deleted_lines(self._hass, wrong)

    # --- what is journalled -----------------------------------------------------------------------

    @callback
    def _on_event(self, event: Event, _alarm: Alarm | None) -> None:
        """Take up what is journalled, here or elsewhere."""
        match event:
            case PlanChanged() | PlanCommented():
                if not self._is_known:
                    self._live.append(event)
                self._hub.plan = evolve(self._hub.plan, event)
                self._found = evolve(self._found, event)
                self._show()
            case DeviationFiled() | DeviationUpdated():
                if comment := self._take_comment(event):
                    self._spawn(self._async_comment([comment]))

    def _take_comment(self, event: DeviationFiled | DeviationUpdated) -> PlanCommented | None:
        """Return the comment on a change that somebody has just written into the inbox."""
        change_id = event.deviation_id.removeprefix(PREFIX)
        if change_id == event.deviation_id or event.comment == self._comments.get(change_id):
            return None
        change = self._hub.plan.find_change(change_id)
        if change is None:
            return None
        self._comments[change_id] = event.comment
        return PlanCommented(
            at=event.at,
            change_id=change_id,
            brukare_id=change.brukare_id,
            comment=event.comment or "",
            by=event.by,
        )

    async def _async_comment(self, comments: Iterable[PlanCommented]) -> None:
        """Journal comments; a hub that is being closed does it at its next start."""
        with suppress(EngineStoppedError):
            for comment in comments:
                await self._hub.engine.record(comment)

    async def _async_read(self) -> None:
        """Read the history, and do what was cut off; it is tried again if the journal cannot be read now."""
        async with self._reading:
            unwritten = self._hub.engine.unwritten.events
            try:
                events = [*(row.event for row in await self._hub.journal.load_kinds(KINDS)), *unwritten]
            except HomeCareError:
                _LOGGER.warning("The history of the handlingsplan cannot be read now", exc_info=True)
                return
            self._hub.plan = self._found = reduce(evolve, self._live, replay(events))
            self._is_known = True
        self._spawn(self._async_catch_up(events))

    async def _async_catch_up(self, events: Sequence[Event]) -> None:
        """Tell what was journalled and not told, because the hub was killed in between."""
        inbox = [each for each in events if isinstance(each, DeviationFiled | DeviationUpdated)]
        journalled = {(each.change_id, each.comment) for each in events if isinstance(each, PlanCommented)}
        comments = [comment for comment in map(self._take_comment, inbox) if comment]
        filed = {each.deviation_id for each in inbox}
        changes, since = self._hub.plan.changes, self._now - TOLD_WITHIN
        # The plan that was there before there was a history is not told.
        begun_at = changes[0].at if changes else since
        untold = [
            change
            for change in changes
            if change.at >= since and change.at > begun_at and make_item_id(change.change_id) not in filed
        ]
        await self._async_comment(each for each in comments if (each.change_id, each.comment) not in journalled)
        async with self._telling:
            with suppress(EngineStoppedError):
                await self._async_tell(untold)


@callback
def _find_actor(context: Context) -> Actor:
    """Return who is behind what happens now: the editor says it only by the request that is being answered."""
    if context.user_id:
        return Actor(user_id=context.user_id)
    if connection := current_connection.get():
        return Actor(user_id=connection.user.id)
    request = current_request.get()
    user = request.get(KEY_HASS_USER) if request is not None else None
    return Actor(user_id=user.id) if user else SYSTEM
