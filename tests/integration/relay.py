"""A push service on this machine, reached over a real connection, that answers as it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .serving import serving


class Relay:
    """Takes pushes by token; ``status`` is what each token is answered, ``hung`` are never answered at all."""

    def __init__(self) -> None:
        self.url = ""
        self.status: dict[str, int] = {}
        self.hung: set[str] = set()
        self.body: str | None = None
        self.remaining = 400
        self.taken: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one push."""
        push: dict[str, Any] = await request.json()
        token = push["push_token"]
        self.taken.append(push)
        self.headers.append({key: value for key, value in request.headers.items() if key != "Content-Length"})
        await (asyncio.Event().wait() if token in self.hung else asyncio.sleep(0))
        limits = {"successful": 500 - self.remaining, "errors": 0, "maximum": 500, "remaining": self.remaining}
        answer = {"rateLimits": {**limits, "resetsAt": "2026-11-03T00:00:00+00:00"}}
        status = self.status.get(token, 201)
        if self.body is not None:
            return web.Response(text=self.body, status=status)
        return web.json_response(answer, status=status)

    def of(self, name: str) -> list[dict[str, Any]]:
        """Return what was pushed to a phone."""
        return [push for push in self.taken if push["push_token"] == name]


@asynccontextmanager
async def running_relay() -> AsyncIterator[Relay]:
    """Run a push service."""
    relay = Relay()
    async with serving("/push", relay.handle) as relay.url:
        yield relay


def move(hass: HomeAssistant, phone: MockConfigEntry, url: str) -> None:
    """Have a phone be reached at another address."""
    data = {**phone.data, "app_data": {**phone.data["app_data"], "push_url": url}}
    hass.config_entries.async_update_entry(phone, data=data)
