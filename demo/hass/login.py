"""Onboarding and signing in: from a user name to an access token."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
import time
from typing import Any

import aiohttp

from .errors import HassError, HassUnreachableError

# A token is replaced a little before it ends.
_MARGIN = 60.0


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the demo's Home Assistant; all are invented."""

    name: str
    username: str
    password: str


class Login:
    """Keeps one account's access token good."""

    def __init__(self, session: aiohttp.ClientSession, url: str, account: Account) -> None:
        """Remember whom to sign in where."""
        self._session = session
        self._url = url
        self._account = account
        self._client_id = f"{url}/"
        self._token: str | None = None
        self._good_until = 0.0
        self._lock = asyncio.Lock()

    def forget(self) -> None:
        """Drop a token that Home Assistant does not know, as after a kill before it was saved."""
        self._token = None

    async def token(self) -> str:
        """Return an access token; signs in when there is none, at the very first start by onboarding."""
        async with self._lock:
            if self._token is None or time.monotonic() > self._good_until:
                try:
                    self._token = await self._sign_in()
                except (aiohttp.ClientError, TimeoutError) as err:
                    raise HassUnreachableError(f"sign-in: {err}") from err
            return self._token

    async def _sign_in(self) -> str:
        """Fetch a fresh access token."""
        code = await self._onboard() if await self._is_new() else await self._log_in()
        form = {"grant_type": "authorization_code", "code": code, "client_id": self._client_id}
        async with self._session.post(f"{self._url}/auth/token", data=form) as response:
            answer = await _checked(response)
        self._good_until = time.monotonic() + answer["expires_in"] - _MARGIN
        return str(answer["access_token"])

    async def _is_new(self) -> bool:
        """Tell whether Home Assistant has no user yet."""
        async with self._session.get(f"{self._url}/api/onboarding") as response:
            if response.status == HTTPStatus.NOT_FOUND:
                return False
            steps = await _checked(response)
        return any(step["step"] == "user" and not step["done"] for step in steps)

    async def _onboard(self) -> str:
        """Make the first user, who owns the home."""
        answer = await self._post(
            "/api/onboarding/users",
            {
                "client_id": self._client_id,
                "name": self._account.name,
                "username": self._account.username,
                "password": self._account.password,
                "language": "sv",
            },
        )
        return str(answer["auth_code"])

    async def _log_in(self) -> str:
        """Go through the login form."""
        form = {
            "client_id": self._client_id,
            "handler": ["homeassistant", None],
            "redirect_uri": self._client_id,
        }
        flow = await self._post("/auth/login_flow", form)
        answer = await self._post(
            f"/auth/login_flow/{flow['flow_id']}",
            {
                "client_id": self._client_id,
                "username": self._account.username,
                "password": self._account.password,
            },
        )
        if answer["type"] != "create_entry":
            raise HassError(HTTPStatus.UNAUTHORIZED, answer)
        return str(answer["result"])

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Post JSON without a token."""
        async with self._session.post(self._url + path, json=body) as response:
            answer: dict[str, Any] = await _checked(response)
        return answer


async def _checked(response: aiohttp.ClientResponse) -> Any:
    """Return the parsed body of a good answer."""
    if response.status >= HTTPStatus.BAD_REQUEST:
        raise HassError(response.status, await response.text())
    return await response.json()
