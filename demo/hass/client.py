"""A client of Home Assistant's REST and websocket interfaces that outlives its restarts."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

import aiohttp

from . import flows
from .errors import HassError, HassUnreachableError
from .flows import Answer
from .login import Account, Login
from .websocket import EventCallback, HassSocket, Unsubscribe

_HTTP_TIMEOUT = aiohttp.ClientTimeout(total=60)
_POLL = 0.1


class HassClient:
    """One signed-in user. Enter it with `async with`; the websocket reconnects and subscribes again by itself."""

    def __init__(self, url: str, account: Account) -> None:
        """Remember whom to sign in where."""
        self.url = url
        self.account = account

    async def __aenter__(self) -> Self:
        """Sign in and open the websocket."""
        self._session = aiohttp.ClientSession(timeout=_HTTP_TIMEOUT)
        self._login = Login(self._session, self.url, self.account)
        self._socket = HassSocket(self._session, self.url, self._login)
        try:
            await self._login.token()
            self._socket.open()
        except BaseException:
            await self._session.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the websocket and the session."""
        await self._socket.close()
        await self._session.close()

    def login(self, account: Account) -> HassClient:
        """Return a client of another user of the same Home Assistant, to be entered by the caller."""
        return HassClient(self.url, account)

    async def access_token(self) -> str:
        """Return an access token, for a browser that is to be logged in."""
        return await self._login.token()

    async def get(self, path: str) -> Any:
        """Return the parsed answer to a GET, for example of `/api/states`."""
        return await self._request("GET", path, None)

    async def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Return the parsed answer to a POST."""
        return await self._request("POST", path, body or {})

    async def delete(self, path: str) -> Any:
        """Return the parsed answer to a DELETE."""
        return await self._request("DELETE", path, None)

    async def ws_command(self, command: str, /, **fields: Any) -> Any:
        """Return the result of a websocket command; waits for the connection for up to thirty seconds."""
        return await self._socket.command(command, **fields)

    async def subscribe(self, callback: EventCallback, command: str, **fields: Any) -> Unsubscribe:
        """Subscribe by any websocket command; return what ends the subscription."""
        return await self._socket.subscribe(callback, command, **fields)

    async def subscribe_events(self, event_type: str | None, callback: EventCallback) -> Unsubscribe:
        """Subscribe to the event bus, to one type of event or to all."""
        fields = {} if event_type is None else {"event_type": event_type}
        return await self.subscribe(callback, "subscribe_events", **fields)

    async def call_service(
        self, domain: str, service: str, data: Mapping[str, Any] | None = None, *, return_response: bool = False
    ) -> Any:
        """Call a service, wait for it, and return its response data if they were asked for."""
        fields = {"return_response": True} if return_response else {}
        result = await self.ws_command(
            "call_service", domain=domain, service=service, service_data=dict(data or {}), **fields
        )
        return result.get("response")

    async def create_user(self, account: Account, *, admin: bool = False) -> str:
        """Return the id of the user with this account; makes the user if there is none."""
        for known in await self.ws_command("config/auth/list"):
            if known.get("username") == account.username:
                return str(known["id"])
        group = "system-admin" if admin else "system-users"
        created = await self.ws_command("config/auth/create", name=account.name, group_ids=[group])
        user_id = str(created["user"]["id"])
        await self.ws_command(
            "config/auth_provider/homeassistant/create",
            user_id=user_id,
            username=account.username,
            password=account.password,
        )
        return user_id

    async def run_config_flow(self, handler: str, *steps: Answer) -> dict[str, Any]:
        """Set up an integration; return the flow's last step with the entry in `result`."""
        return await flows.run(self, flows.CONFIG, {"handler": handler}, steps)

    async def run_options_flow(self, entry_id: str, *steps: Answer) -> dict[str, Any]:
        """Change an entry's options."""
        return await flows.run(self, flows.OPTIONS, {"handler": entry_id}, steps)

    async def run_subentry_flow(
        self, entry_id: str, subentry_type: str, *steps: Answer, subentry_id: str | None = None
    ) -> dict[str, Any]:
        """Add a subentry, or reconfigure the one with this id."""
        start: dict[str, Any] = {"handler": [entry_id, subentry_type]}
        if subentry_id is not None:
            start["subentry_id"] = subentry_id
        return await flows.run(self, flows.SUBENTRY, start, steps)

    async def resume_flow(self, finished: Mapping[str, Any], *steps: Answer) -> dict[str, Any]:
        """Go on with the flow that a finished one leads into."""
        return await flows.resume(self, finished, steps)

    async def save_automation(self, automation_id: str, config: Mapping[str, Any]) -> None:
        """Save an automation as Home Assistant's own editor does; it is loaded a moment after this returns."""
        await self.post(f"/api/config/automation/config/{automation_id}", config)

    async def wait_running(self) -> None:
        """Wait until the core is running, also through a restart; the caller sets the limit."""
        while not await self._is_running():  # noqa: ASYNC110 - nothing tells us
            await asyncio.sleep(_POLL)

    async def _is_running(self) -> bool:
        """Ask for the state of the core."""
        try:
            return bool((await self.get("/api/core/state"))["state"] == "RUNNING")
        except HassUnreachableError:
            return False

    async def _request(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        """Send one request; a token that is no longer good is replaced once."""
        for attempt in range(2):
            headers = {"Authorization": f"Bearer {await self._login.token()}"}
            try:
                async with self._session.request(method, self.url + path, json=body, headers=headers) as response:
                    if response.status == HTTPStatus.UNAUTHORIZED and attempt == 0:
                        self._login.forget()
                        continue
                    return await _answer(response)
            except (aiohttp.ClientError, TimeoutError) as err:
                raise HassUnreachableError(f"{method} {path}: {err}") from err
        raise AssertionError("unreachable")


async def _answer(response: aiohttp.ClientResponse) -> Any:
    """Return the parsed body, or raise HassError."""
    is_json = response.content_type == "application/json"
    body = await response.json() if is_json else await response.text()
    if response.status >= HTTPStatus.BAD_REQUEST:
        raise HassError(response.status, body)
    return body
