"""A watcher outside, reached over a real connection, that answers as it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from .serving import serving


class Watcher:
    """Takes signs of life; ``status`` is what it answers, one that is ``hung`` never answers at all."""

    def __init__(self) -> None:
        self.url = ""
        self.status = 200
        self.hung = False
        self.taken: list[dict[str, Any]] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Take one sign of life."""
        self.taken.append(await request.json())
        await (asyncio.Event().wait() if self.hung else asyncio.sleep(0))
        return web.Response(status=self.status, headers={"Location": "/elsewhere"})


@asynccontextmanager
async def running_watcher() -> AsyncIterator[Watcher]:
    """Run a watcher."""
    watcher = Watcher()
    async with serving("/ping/secret", watcher.handle) as watcher.url:
        yield watcher
