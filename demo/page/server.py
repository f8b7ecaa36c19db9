"""The demo's page on loopback: static files, a small API, and a stream of events."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
import json
import logging
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from demo.loopback import LOOPBACK, LoopbackPort
from demo.phones import Behaviour, LogEntry, PhoneError, VirtualPhone

from .guard import add_headers, guard
from .timeline import Timeline
from .views import view_phone, view_timeline

_LOGGER = logging.getLogger(__name__)
_STATIC = Path(__file__).parent / "static"
_FILES = {"/": "index.html", "/page.js": "page.js", "/page.css": "page.css", "/icon.svg": "icon.svg"}

# A browser that stands still is dropped and starts over with a snapshot.
_QUEUE_LENGTH = 1000

type Control = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeAssistantLink:
    """Where Home Assistant is and how to log in; shown on the page."""

    url: str
    username: str
    password: str


class PageServer:
    """Serves the page. Enter it with `async with`; everything it shows and moves is given to it."""

    def __init__(
        self,
        phones: Mapping[str, VirtualPhone],
        controls: Mapping[str, Control],
        timeline: Timeline,
        link: HomeAssistantLink,
        *,
        port: int = 0,
    ) -> None:
        """Take the phones, the home's controls by name (see page.js for their labels) and the timeline."""
        self._phones = phones
        self._controls = controls
        self._timeline = timeline
        self._link = link
        self._port = LoopbackPort(port)
        self._streams: set[asyncio.Queue[str | None]] = set()

    @property
    def url(self) -> str:
        """Return the page's address."""
        return f"http://{LOOPBACK}:{self._port.number}/"

    async def __aenter__(self) -> Self:
        """Listen on loopback and follow what is shown."""
        app = web.Application(middlewares=[guard])
        app.on_response_prepare.append(add_headers)
        for path in _FILES:
            app.router.add_get(path, self._get_file)
        app.router.add_get("/api/state", self._get_state)
        app.router.add_get("/api/events", self._get_events)
        app.router.add_post("/api/phones/{phone_id}/{deed:press|dismiss|behaviour}", self._post_phone)
        app.router.add_post("/api/home/{control}", self._post_home)
        await self._port.open(app, handler_cancellation=True, shutdown_timeout=0.5)
        self._ends = [phone.subscribe(self._phone_changed) for phone in self._phones.values()]
        self._ends.append(self._timeline.subscribe(self._timeline_changed))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the streams and stop listening."""
        for end in self._ends:
            end()
        for stream in self._streams:
            stream.put_nowait(None)
        await self._port.close()

    async def _get_file(self, request: web.Request) -> web.FileResponse:
        """Serve the page."""
        return web.FileResponse(_STATIC / _FILES[request.path])

    async def _get_state(self, _request: web.Request) -> web.Response:
        """Answer with everything the page shows."""
        return web.json_response(self._snapshot())

    async def _get_events(self, request: web.Request) -> web.StreamResponse:
        """Stream a snapshot, then every change, as server-sent events."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        stream: asyncio.Queue[str | None] = asyncio.Queue()
        stream.put_nowait(_event("snapshot", self._snapshot()))
        self._streams.add(stream)
        try:
            while (event := await stream.get()) is not None:
                await response.write(event.encode())
        except ConnectionResetError:
            _LOGGER.debug("a browser went away")
        finally:
            self._streams.discard(stream)
        return response

    async def _post_phone(self, request: web.Request) -> web.Response:
        """Press a button, dismiss a notification, or change how the phone behaves."""
        phone = self._phones.get(request.match_info["phone_id"])
        if phone is None:
            return _refused(404, "Telefonen finns inte.")
        body = await _body(request)
        try:
            match request.match_info["deed"]:
                case "press":
                    await phone.press(body["tag"], body["action"])
                case "dismiss":
                    await phone.dismiss(body["tag"])
                case _:
                    phone.behaviour = Behaviour(body["behaviour"])
        except (KeyError, ValueError) as err:
            return _refused(400, f"Felaktig begäran: {err}")
        except PhoneError as err:
            return _refused(409, str(err))
        return web.json_response({})

    async def _post_home(self, request: web.Request) -> web.Response:
        """Move something in the simulated home."""
        control = self._controls.get(request.match_info["control"])
        if control is None:
            return _refused(404, "Reglaget finns inte.")
        try:
            await control()
        except Exception as err:
            _LOGGER.exception("the control %s failed", request.match_info["control"])
            return _refused(502, f"Hemmet svarade inte: {err}")
        return web.json_response({})

    def _snapshot(self) -> dict[str, Any]:
        """Return everything the page shows."""
        return {
            "home_assistant": asdict(self._link),
            "controls": list(self._controls),
            "phones": [view_phone(phone) for phone in self._phones.values()],
            "timeline": view_timeline(self._timeline),
        }

    def _phone_changed(self, phone: VirtualPhone, _entry: LogEntry) -> None:
        """Send the phone to every browser."""
        self._send(_event("phone", view_phone(phone)))

    def _timeline_changed(self) -> None:
        """Send the timeline to every browser."""
        self._send(_event("timeline", view_timeline(self._timeline)))

    def _send(self, event: str) -> None:
        """Send an event to every browser; one that stands still is dropped."""
        for stream in self._streams:
            stream.put_nowait(event if stream.qsize() < _QUEUE_LENGTH else None)


def _event(kind: str, data: Mapping[str, Any]) -> str:
    """Return a server-sent event."""
    return f"event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


async def _body(request: web.Request) -> dict[str, Any]:
    """Return the JSON object sent; anything else counts as empty."""
    try:
        body = await request.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _refused(status: int, reason: str) -> web.Response:
    """Return an error the page can show."""
    return web.json_response({"error": reason}, status=status)
