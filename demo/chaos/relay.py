"""The phones' push relay with its troubles, and phones that write down what they show and send."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, override

from aiohttp import web

from demo.phones import EntryKind, LogEntry, PhoneServer, VirtualPhone
from demo.phones.webhook import WebhookError

from .record import Record

ANSWERED = "mobile_app_notification_action"
SIGN_OF_LIFE = "ANOTHER_BUTTON"
"""A button of somebody else's notification: that it is pressed tells that the phone is there."""


class Way(StrEnum):
    """How the way from the push service to a phone behaves."""

    OK = "ok"
    ERROR = "push_500"
    SHOWN_ERROR = "push_shown_500"
    """The phone shows it, and the answer says that it could not be reached."""
    HANG = "push_hang"
    RESET = "push_reset"
    """The connection is dropped before an answer."""
    DELAY = "push_delay"
    """Taken at once, and shown seconds later; what comes after it waits as well, as in a queue."""
    DOUBLE = "push_double"


@dataclass(slots=True)
class Line:
    """A phone's way, and what it does with what comes."""

    way: Way = Way.OK
    delay: float = 0.0
    healed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the way changes: what hangs is dropped then, as when a network comes back."""
    queue: asyncio.Queue[tuple[float, Mapping[str, Any]]] | None = None


class ChaosRelay(PhoneServer):
    """A relay whose ways can be broken, one for each phone, or all of them at once."""

    def __init__(self, phones: Iterable[VirtualPhone], record: Record, *, store: Path, port: int) -> None:
        """Take in the phones and write down what happens to them."""
        super().__init__(phones, store=store, port=port)
        self._record = record
        self.lines = {phone_id: Line() for phone_id in self.phones}
        self.subscribe(self._write)

    def break_way(self, phone_id: str, way: Way, delay: float = 0.0) -> None:
        """Change how the way to a phone behaves, from the next push on."""
        line = self.lines[phone_id]
        line.way, line.delay = way, delay
        line.healed.set()
        line.healed = asyncio.Event()
        self._record.write("way", phone=phone_id, way=way, delay=delay)

    async def set_reachable(self, *, reachable: bool) -> None:
        """Refuse every connection, as when the line to the push service is down, or take them again."""
        if reachable:
            await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        else:
            for site in list(self._runner.sites):
                await site.stop()
        self._record.write("relay", reachable=reachable)

    async def answer(self, phone: VirtualPhone, text: str, **about: Any) -> bool:
        """Send an answer in a phone's name; return whether Home Assistant took it.

        ``served``: an answer without a body comes from a webhook that nobody serves (yet).
        """
        said = {"phone": phone.phone_id, "text": text, **about}
        sent_at = self._record.write("answering", **said)
        try:
            answer = await self.send(phone, "fire_event", {"event_type": ANSWERED, "event_data": {"action": text}})
        except WebhookError as err:
            self._record.write("answer_failed", sent_m=sent_at, error=str(err), **said)
            return False
        self._record.write("answered", sent_m=sent_at, served=answer is not None, **said)
        return answer is not None

    @override
    async def _handle_push(self, request: web.Request) -> web.StreamResponse:
        """Take a push as its way says."""
        phone = self._by_token.get(request.match_info["token"])
        if phone is None:
            return web.json_response({"errorMessage": "unknown"}, status=404)
        push: dict[str, Any] = await request.json()
        line = self.lines[phone.phone_id]
        if line.way is not Way.OK:
            self._record.write("struck", phone=phone.phone_id, way=line.way, tag=push.get("data", {}).get("tag"))
        return await self._take(request, phone, line, push)

    async def _take(
        self, request: web.Request, phone: VirtualPhone, line: Line, push: dict[str, Any]
    ) -> web.StreamResponse:
        """Bring a push to its phone, or not."""
        match line.way:
            case Way.ERROR:
                return web.json_response({"errorMessage": "unreachable"}, status=500)
            case Way.SHOWN_ERROR:
                self._show(phone, line, push)
                return web.json_response({"errorMessage": "unreachable"}, status=500)
            case Way.HANG:
                await line.healed.wait()
                return _drop(request)
            case Way.RESET:
                return _drop(request)
            case Way.DOUBLE:
                self._show(phone, line, push)
        self._show(phone, line, push)
        return web.json_response(self._success(phone), status=201)

    def _show(self, phone: VirtualPhone, line: Line, push: Mapping[str, Any]) -> None:
        """Show a push, after those that wait for this phone."""
        if line.queue is None and line.way is not Way.DELAY:
            self._arrive(phone, push)
            return
        if line.queue is None:
            line.queue = asyncio.Queue()
            self._start(self._deliver(phone, line))
        wait = line.delay if line.way is Way.DELAY else 0.0
        line.queue.put_nowait((asyncio.get_running_loop().time() + wait, push))

    async def _deliver(self, phone: VirtualPhone, line: Line) -> None:
        """Bring what waits, in order, until nothing does."""
        while line.queue and not line.queue.empty():
            due, push = line.queue.get_nowait()
            await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
            self._arrive(phone, push)
        line.queue = None

    def _arrive(self, phone: VirtualPhone, push: Mapping[str, Any]) -> None:
        """Let a push be on its phone."""
        phone.take_push(push)
        self._start(phone.send_receipt(push))

    def _write(self, phone: VirtualPhone, entry: LogEntry) -> None:
        """Write down what a phone notes, at once."""
        payload = dict(entry.payload)
        data = payload.get("data", {})
        match entry.kind:
            case EntryKind.SHOWN:
                texts = [action["action"] for action in data.get("actions", ()) if action["action"] != "URI"]
                self._record.write(
                    "shown",
                    phone=phone.phone_id,
                    tag=data.get("tag"),
                    title=payload.get("title"),
                    texts=texts,
                    loud=bool(data.get("confirmation")),
                )
            case EntryKind.CLEARED:
                self._record.write("cleared", phone=phone.phone_id, tag=data.get("tag"))
            case EntryKind.RECEIPT | EntryKind.ANSWER_FAILED:
                self._record.write(f"receipt_{entry.kind}", phone=phone.phone_id, tag=payload.get("tag"))


def _drop(request: web.Request) -> web.Response:
    """Drop the connection; the answer goes nowhere."""
    if request.transport:
        request.transport.abort()
    return web.Response(status=500)
