"""Changes a line of the handlingsplan: brings it back, gives it other values, turns it on or off, says why (HP.2)."""

import asyncio
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from homeassistant.components.automation import CONF_STOP_ACTIONS, DATA_COMPONENT, DOMAIN as AUTOMATION
from homeassistant.const import (
    ATTR_ENTITY_ID,
    CONF_ID,
    SERVICE_RELOAD,
    SERVICE_TURN_OFF,
    SERVICE_TURN_ON,
    STATE_ON,
)
from homeassistant.core import Context, HomeAssistant, State, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import restore_state

from .automation_editor import Editor
from .core.alarm import Alarm
from .core.errors import (
    LineChangedMeanwhileError,
    LineIsSoAlreadyError,
    LineLivesElsewhereError,
    LineNotInUseError,
    NothingToRestoreError,
    PlanNotEditableError,
    UnknownDeviationError,
    UnknownPlanChangeError,
)
from .core.events import Actor, Event
from .core.handlingsplan import BLUEPRINT, INPUTS, Edit, LineChange
from .core.plan_events import PlanChanged, PlanCommented, PlannedLine
from .core.what_if import BadValuesError
from .hub import Hub
from .plan import Line, find_lines
from .plan_history import make_item_id
from .plan_words import BRUKARE, config_of
from .what_if import async_fill_in

JOURNALLED_WITHIN = 10.0
"""Seconds to wait for what is journalled after it is done, so that whoever asks next finds it."""


def find_change(hub: Hub, change_id: str) -> LineChange:
    """Return a change of the plan; raises UnknownPlanChangeError."""
    change = hub.plan.find_change(change_id)
    if change is None:
        raise UnknownPlanChangeError
    return change


async def async_restore(
    hass: HomeAssistant, hub: Hub, change_id: str, by: Actor, comment: str | None = None
) -> str | None:
    """Make a line as it was before a change, and say why; returns the id of the change that this is.

    As for async_save_values in all else.
    """
    change = find_change(hub, change_id)
    if (before := change.before) is None:
        raise NothingToRestoreError
    editor = await _async_open_editor(hass, change.rule, by)
    wanted = _stored_as(before)
    stored, state = await editor.async_read(), _state_of(hass, change.rule)
    if stored is None and state is not None:
        raise LineLivesElsewhereError
    now = hub.plan.lines.get((change.brukare_id, change.rule))
    is_in_use = now is not None and _stored_as(now) == wanted
    if stored == wanted and is_in_use and state is not None and (state.state == STATE_ON) is before.is_on:
        raise LineIsSoAlreadyError
    with _editing(hub, change.rule, Edit(by=by, restored_from=change_id)) as done:
        if stored != wanted:
            await editor.async_write(wanted)
        line = await _async_put_in_use(hass, hub, change.rule, by)
        await async_switch(hass, line, by, on=before.is_on)
        return await _async_say_why(hub, done, by, comment)


async def async_save_values(
    hass: HomeAssistant, hub: Hub, line: Line, values: Mapping[str, Any], by: Actor, *, seen: str, comment: str
) -> str | None:
    """Give a line other values in its blueprint, and say why; returns the id of the change that this is.

    A value that is None is what the blueprint says; whose line it is cannot be changed. ``seen``: the newest change of
    the line that whoever asks knows of; a line that was changed since, be it in the file alone, is left as it is. None is
    returned if the change is not journalled yet, and then nothing is said of it either. Raises an error that says why it
    cannot be done. A power cut after the file is written and before it is loaded loses nothing: the next start loads
    it, and what is found then is journalled. If it could not be loaded, the same asked again loads it.
    """
    if BRUKARE in values:
        raise BadValuesError(reason=BRUKARE)
    await async_fill_in(hass, line, values)
    editor = await _async_open_editor(hass, line.rule, by)
    with _editing(hub, line.rule, Edit(by=by)) as done:
        stored = await editor.async_read()
        if stored is None:
            raise LineLivesElsewhereError
        history = hub.plan.histories.get((line.brukare_id, line.rule))
        if history is None or history.line is None or history.changes[-1].change_id != seen:
            raise LineChangedMeanwhileError
        now = _stored_as(history.line)
        wanted = _with_values(now, values)
        if wanted == now:
            raise LineIsSoAlreadyError
        if stored not in (now, wanted):
            raise LineChangedMeanwhileError
        if stored == now:
            await editor.async_write(wanted)
        if (await _async_put_in_use(hass, hub, line.rule, by)).is_broken:
            raise LineNotInUseError
        return await _async_say_why(hub, done, by, comment)


def _with_values(config: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return an automation with other values in its blueprint."""
    used = config[BLUEPRINT]
    given = {key: value for key, value in {**used.get(INPUTS, {}), **values}.items() if value is not None}
    return {**config, BLUEPRINT: {**used, INPUTS: given}}


def _stored_as(line: PlannedLine) -> dict[str, Any]:
    """Return a line as the editor has it."""
    return {key: value for key, value in config_of(line).items() if key != CONF_ID}


async def async_switch(hass: HomeAssistant, line: Line, by: Actor, *, on: bool) -> None:
    """Turn a line on or off, and have that kept over a power cut; raises LineNotInUseError for one that is broken."""
    if line.is_broken:
        raise LineNotInUseError
    if line.is_on is on:
        return
    data: dict[str, Any] = {ATTR_ENTITY_ID: line.entity_id}
    if not on:
        # What has come true already is still raised.
        data[CONF_STOP_ACTIONS] = False
    service = SERVICE_TURN_ON if on else SERVICE_TURN_OFF
    await hass.services.async_call(AUTOMATION, service, data, blocking=True, context=Context(user_id=by.user_id))
    # Home Assistant writes down what is on only now and then.
    await restore_state.async_get(hass).async_dump_states()


async def async_comment(hub: Hub, change_id: str, comment: str, by: Actor) -> None:
    """Say why a line was changed: in the inbox, from where the plan takes it; in the plan alone if it is not there."""
    change = find_change(hub, change_id)
    said = PlanCommented(at=hub.clock.now(), change_id=change_id, brukare_id=change.brukare_id, comment=comment, by=by)
    if change.comment == comment:
        return
    with _journalled(hub, lambda event: replace(event, at=said.at) == said) as journalled:
        try:
            await hub.deviations.update(make_item_id(change_id), by, comment=comment)
        except UnknownDeviationError:
            await hub.engine.record(said)
        await _async_wait(journalled)


async def _async_open_editor(hass: HomeAssistant, rule: str, by: Actor) -> Editor:
    """Return the editor of a line as whoever asks would use it; raises PlanNotEditableError if that is nobody."""
    user = await hass.auth.async_get_user(by.user_id or "")
    if user is None:
        raise PlanNotEditableError(reason="no user")
    return Editor(hass, user, rule)


@contextmanager
def _editing(hub: Hub, rule: str, edit: Edit) -> Generator[asyncio.Future[Event]]:
    """Have what happens to a line journalled as this edit, and give it; one at a time, else PlanNotEditableError."""
    if rule in hub.edits:
        raise PlanNotEditableError(reason="busy")

    def is_it(event: Event) -> bool:
        if not isinstance(event, PlanChanged):
            return False
        return (event.rule, event.by, event.restored_from) == (rule, edit.by, edit.restored_from)

    hub.edits[rule] = edit
    try:
        with _journalled(hub, is_it) as done:
            yield done
    finally:
        del hub.edits[rule]


@contextmanager
def _journalled(hub: Hub, is_it: Callable[[Event], bool]) -> Generator[asyncio.Future[Event]]:
    """Give the first event of this kind that is journalled from now on."""
    journalled: asyncio.Future[Event] = hub.hass.loop.create_future()

    @callback
    def on_event(event: Event, _alarm: Alarm | None) -> None:
        if is_it(event) and not journalled.done():
            journalled.set_result(event)

    stop = hub.engine.subscribe(on_event)
    try:
        yield journalled
    finally:
        stop()


async def _async_wait(journalled: asyncio.Future[Event]) -> Event | None:
    """Return what was journalled, None if it was not in time; it will be, or was already."""
    with suppress(TimeoutError):
        async with asyncio.timeout(JOURNALLED_WITHIN):
            return await journalled
    return None


async def _async_put_in_use(hass: HomeAssistant, hub: Hub, rule: str, by: Actor) -> Line:
    """Have Home Assistant load a line, and return it; raises LineNotInUseError."""
    # The editor loads it, too, but some time later: a second time changes nothing.
    try:
        await hass.services.async_call(
            AUTOMATION, SERVICE_RELOAD, {CONF_ID: rule}, blocking=True, context=Context(user_id=by.user_id)
        )
    except HomeAssistantError as err:
        raise LineNotInUseError from err
    line = next((each for each in find_lines(hass, hub.entry) if each.rule == rule), None)
    if line is None:
        raise LineNotInUseError
    return line


async def _async_say_why(hub: Hub, done: asyncio.Future[Event], by: Actor, comment: str | None) -> str | None:
    """Comment on a change as soon as it is journalled; returns its id, None if it is not in time."""
    changed = await _async_wait(done)
    if not isinstance(changed, PlanChanged):
        return None
    if comment:
        await async_comment(hub, changed.change_id, comment, by)
    return changed.change_id


def _state_of(hass: HomeAssistant, rule: str) -> State | None:
    """Return the state of a line, None if Home Assistant has no such automation."""
    component = hass.data.get(DATA_COMPONENT)
    found = (each.entity_id for each in component.entities if each.unique_id == rule) if component else iter(())
    return hass.states.get(next(found, ""))
