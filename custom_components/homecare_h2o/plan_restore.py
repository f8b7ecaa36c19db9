"""Brings a line of the handlingsplan back as it was, by the same way as the editor of Home Assistant (HP.2).

The editor's own view reads, validates and writes ``automations.yaml`` under its own lock, and so no other automation is
ever lost, whoever saves at the same moment. As with every save in the editor, comments in that file are not kept.
"""

import asyncio
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from http import HTTPStatus
import json
from typing import Any

from aiohttp import web
from homeassistant.auth.models import User
from homeassistant.components.automation import CONF_STOP_ACTIONS, DATA_COMPONENT, DOMAIN as AUTOMATION
from homeassistant.components.http import KEY_AUTHENTICATED, KEY_HASS, KEY_HASS_USER
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
from homeassistant.util.aiohttp import MockRequest

from .const import DOMAIN
from .core.alarm import Alarm
from .core.errors import (
    LineIsSoAlreadyError,
    LineLivesElsewhereError,
    LineNotInUseError,
    LineNotRestorableError,
    NothingToRestoreError,
    PlanNotEditableError,
    UnknownDeviationError,
    UnknownPlanChangeError,
)
from .core.events import Actor, Event
from .core.handlingsplan import LineChange, Restoring
from .core.plan_events import PlanChanged, PlanCommented, PlannedLine
from .hub import Hub
from .plan import Line, find_lines
from .plan_history import make_item_id
from .plan_values import cut
from .plan_words import config_of

EDITOR = "/api/config/automation/config/{config_key}"
"""Where Home Assistant's editor reads and saves an automation."""
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

    None if that is not journalled yet, and then nothing is said of it either. Raises an error that says why it cannot be done. A power cut after the file is written and before it is loaded loses
    nothing: the next start loads it, and what is found then is journalled.
    """
    change = find_change(hub, change_id)
    if (before := change.before) is None:
        raise NothingToRestoreError
    user = await hass.auth.async_get_user(by.user_id or "")
    if user is None:
        raise PlanNotEditableError(reason="no user")
    editor = _Editor(hass, user, change.rule)
    wanted = {key: value for key, value in config_of(before).items() if key != CONF_ID}
    stored, state = await editor.async_read(), _state_of(hass, change.rule)
    if stored is None and state is not None:
        raise LineLivesElsewhereError
    if stored == wanted and state is not None and (state.state == STATE_ON) is before.is_on:
        raise LineIsSoAlreadyError
    with (
        _restoring(hub, change, by),
        _journalled(hub, lambda event: isinstance(event, PlanChanged) and event.restored_from == change_id) as done,
    ):
        if stored != wanted:
            await editor.async_write(wanted)
        await _async_put_in_use(hass, hub, before, by)
        restored = await _async_wait(done)
    if not isinstance(restored, PlanChanged):
        return None
    if comment:
        await async_comment(hub, restored.change_id, comment, by)
    return restored.change_id


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


@contextmanager
def _restoring(hub: Hub, change: LineChange, by: Actor) -> Generator[None]:
    """Have what happens to a line journalled as a restoring; raises PlanNotEditableError if it is being restored."""
    if change.rule in hub.restoring:
        raise PlanNotEditableError(reason="restoring")
    hub.restoring[change.rule] = Restoring(change_id=change.change_id, by=by)
    try:
        yield
    finally:
        del hub.restoring[change.rule]


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


async def _async_put_in_use(hass: HomeAssistant, hub: Hub, before: PlannedLine, by: Actor) -> None:
    """Have Home Assistant load a line, and turn it on or off as it was; raises LineNotInUseError."""
    # The editor loads it, too, but some time later: a second time changes nothing.
    await hass.services.async_call(
        AUTOMATION, SERVICE_RELOAD, {CONF_ID: before.rule}, blocking=True, context=Context(user_id=by.user_id)
    )
    line = next((each for each in find_lines(hass, hub.entry) if each.rule == before.rule), None)
    if line is None:
        raise LineNotInUseError
    await async_switch(hass, line, by, on=before.is_on)


def _state_of(hass: HomeAssistant, rule: str) -> State | None:
    """Return the state of a line, None if Home Assistant has no such automation."""
    component = hass.data.get(DATA_COMPONENT)
    found = (each.entity_id for each in component.entities if each.unique_id == rule) if component else iter(())
    return hass.states.get(next(found, ""))


class _Editor:
    """The editor of Home Assistant, used by somebody who is logged in."""

    def __init__(self, hass: HomeAssistant, user: User, rule: str) -> None:
        """Edit one automation."""
        self._hass = hass
        self._user = user
        self._rule = rule

    async def async_read(self) -> dict[str, Any] | None:
        """Return the automation as it is stored, None if the editor does not know it."""
        status, answer = await self._async_ask("GET")
        if status == HTTPStatus.NOT_FOUND:
            return None
        return {key: value for key, value in answer.items() if key != CONF_ID}

    async def async_write(self, config: Mapping[str, Any]) -> None:
        """Store the automation; raises LineNotRestorableError if Home Assistant does not accept it."""
        status, answer = await self._async_ask("POST", json.dumps(config).encode())
        if status != HTTPStatus.OK:
            raise LineNotRestorableError(reason=cut(str(answer.get("message", status)), 300))

    async def _async_ask(self, method: str, content: bytes = b"") -> tuple[int, dict[str, Any]]:
        """Ask the editor's view; raises PlanNotEditableError if there is none, or the file cannot be used."""
        handler = _find_handler(self._hass, method)
        request = _Request(self._hass, self._user, self._rule, method, content)
        try:
            response = await handler(request)
        except (AttributeError, HomeAssistantError, OSError, TypeError, web.HTTPException) as err:
            raise PlanNotEditableError(reason=cut(str(err), 300)) from err
        return response.status, json.loads(response.body)


class _Request(MockRequest):
    """What a view needs to know of a request that does not come from outside."""

    def __init__(self, hass: HomeAssistant, user: User, rule: str, method: str, content: bytes) -> None:
        """Ask as a user who is logged in."""
        super().__init__(content, mock_source=DOMAIN, method=method, url=EDITOR)
        self.app = {KEY_HASS: hass}
        self.path = EDITOR
        self.match_info = {"config_key": rule}
        self._known = {KEY_AUTHENTICATED: True, KEY_HASS_USER: user}

    def get(self, key: str, default: Any = None) -> Any:
        """Return what is known of who asks."""
        return self._known.get(key, default)

    def __getitem__(self, key: str) -> Any:
        """Return what is known of who asks."""
        return self._known[key]


def _find_handler(hass: HomeAssistant, method: str) -> Any:
    """Return what answers the editor; raises PlanNotEditableError if Home Assistant runs without one."""
    for resource in hass.http.app.router.resources():
        if resource.canonical == EDITOR:
            for route in resource:
                if route.method == method:
                    return route.handler
    raise PlanNotEditableError(reason="config")
