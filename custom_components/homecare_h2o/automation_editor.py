"""Reads and saves an automation by the same way as the editor of Home Assistant.

The editor's own view reads, validates and writes ``automations.yaml`` under its own lock, and so no other automation is
ever lost, whoever saves at the same moment. As with every save in the editor, comments in that file are not kept.
"""

from collections.abc import Mapping
from http import HTTPStatus
import json
from typing import Any

from aiohttp import web
from homeassistant.auth.models import User
from homeassistant.components.http import KEY_AUTHENTICATED, KEY_HASS, KEY_HASS_USER
from homeassistant.const import CONF_ID
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.aiohttp import MockRequest

from .const import DOMAIN
from .core.errors import LineNotAcceptedError, PlanNotEditableError
from .plan_values import cut

EDITOR = "/api/config/automation/config/{config_key}"
"""Where Home Assistant's editor reads and saves an automation."""


class Editor:
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
        """Store the automation; raises LineNotAcceptedError if Home Assistant does not accept it."""
        status, answer = await self._async_ask("POST", json.dumps(config).encode())
        if status != HTTPStatus.OK:
            raise LineNotAcceptedError(reason=cut(str(answer.get("message", status)), 300))

    async def _async_ask(self, method: str, content: bytes = b"") -> tuple[int, dict[str, Any]]:
        """Ask the editor's view; raises PlanNotEditableError if there is none, or the file cannot be used."""
        handler = _find_handler(self._hass, method)
        request = _Request(self._hass, self._user, self._rule, method, content)
        try:
            response = await handler(request)
        except (
            ArithmeticError,
            AttributeError,
            HomeAssistantError,
            OSError,
            TypeError,
            ValueError,
            web.HTTPException,
        ) as err:
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
