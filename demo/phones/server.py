"""The push relay on loopback: it takes Home Assistant's pushes and brings them to the virtual phones."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import UTC, datetime, timedelta
import logging
from pathlib import Path
import secrets
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web

from demo.hass import Account, HassClient

from . import webhook
from .phone import Behaviour, EntryKind, PhoneListener, PhoneOS, VirtualPhone
from .store import Registration, RegistrationStore

_LOGGER = logging.getLogger(__name__)
_LOOPBACK = "127.0.0.1"
_PUSHES_PER_DAY = 500

_APPS: Mapping[PhoneOS, Mapping[str, str]] = {
    PhoneOS.ANDROID: {
        "app_id": "io.homeassistant.companion.android",
        "manufacturer": "Google",
        "model": "Pixel 9a",
        "os_version": "16",
    },
    PhoneOS.IOS: {
        "app_id": "io.robbins.HomeAssistant",
        "manufacturer": "Apple",
        "model": "iPhone17,5",
        "os_version": "26.1",
    },
}


class PhoneServer:
    """All phones of the demo behind one address. Enter it with `async with`, then bring the phones into service."""

    def __init__(self, phones: Iterable[VirtualPhone], *, store: Path | None = None, port: int = 0) -> None:
        """Take in the phones; `store` keeps their registrations, port 0 takes a free one."""
        self.phones = {phone.phone_id: phone for phone in phones}
        self._store = RegistrationStore(store)
        self._port = port
        self._hass_url = ""
        self._by_token: dict[str, VirtualPhone] = {}
        self._pushes: dict[str, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        for phone in self.phones.values():
            phone.sender = self

    @property
    def url(self) -> str:
        """Return the relay's base address."""
        return f"http://{_LOOPBACK}:{self._port}"

    async def __aenter__(self) -> Self:
        """Listen on loopback."""
        self._session = aiohttp.ClientSession()
        app = web.Application()
        app.router.add_post("/push/{token}", self._handle_push)
        # A hung push ends with the connection: Home Assistant gives up after ten seconds.
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, _LOOPBACK, self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening and drop answers under way."""
        await self._runner.cleanup()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()

    def subscribe(self, listener: PhoneListener) -> Callable[[], None]:
        """Call back on every new log entry of every phone; return what ends it."""
        ends = [phone.subscribe(listener) for phone in self.phones.values()]

        def unsubscribe() -> None:
            """End all of them."""
            for end in ends:
                end()

        return unsubscribe

    async def enrol(self, owner: HassClient) -> None:
        """Bring every phone into service, with its registration of an earlier run or as a new user and phone."""
        self._hass_url = owner.url
        for phone in self.phones.values():
            if not await self._resume(phone):
                account = Account(phone.name, phone.user, phone.user)
                user_id = await owner.create_user(account)
                async with owner.login(account) as staff:
                    await self._register(phone, staff, user_id)

    async def send(self, phone: VirtualPhone, kind: str, data: Mapping[str, Any]) -> dict[str, Any] | None:
        """Send a phone's webhook command to Home Assistant; WebhookError if it does not arrive."""
        if phone.webhook_id is None:
            raise webhook.WebhookError("the phone is not registered")
        return await webhook.send(self._session, self._hass_url, phone.webhook_id, kind, data)

    async def _resume(self, phone: VirtualPhone) -> bool:
        """Tell Home Assistant the phone's present address; False if it knows no such registration."""
        registration = self._store.find(phone.phone_id)
        if registration is None:
            return False
        self._put_in_service(phone, registration)
        try:
            answer = await self.send(phone, "update_registration", self._description(phone, registration.push_token))
        except webhook.WebhookError as err:
            _LOGGER.info("the registration of %s is gone: %s", phone.name, err)
            return False
        return bool(answer)

    async def _register(self, phone: VirtualPhone, staff: HassClient, user_id: str) -> None:
        """Register as the app does after its user has signed in."""
        token = secrets.token_urlsafe(24)
        body = {
            **self._description(phone, token),
            "app_id": _APPS[phone.os]["app_id"],
            "app_name": "Home Assistant",
            "device_id": phone.device_id,
            "os_name": str(phone.os),
            "supports_encryption": False,
        }
        answer = await staff.post("/api/mobile_app/registrations", body)
        phone.webhook_id = answer["webhook_id"]
        config = await self.send(phone, "get_config", {})
        if not config:
            raise webhook.WebhookError(f"Home Assistant does not serve the webhook of {phone.name}")
        registration = Registration(
            webhook_id=answer["webhook_id"],
            push_token=token,
            user_id=user_id,
            hass_device_id=config["hass_device_id"],
        )
        self._store.keep(phone.phone_id, registration)
        self._put_in_service(phone, registration)

    def _description(self, phone: VirtualPhone, token: str) -> dict[str, Any]:
        """Return what a phone tells of itself, at its registration and at every update of it."""
        app = _APPS[phone.os]
        return {
            "app_data": {"push_url": f"{self.url}/push/{token}", "push_token": token},
            "app_version": "2026.11.1",
            "device_name": phone.name,
            "manufacturer": app["manufacturer"],
            "model": app["model"],
            "os_version": app["os_version"],
        }

    def _put_in_service(self, phone: VirtualPhone, registration: Registration) -> None:
        """Let pushes with this registration's token reach the phone."""
        phone.webhook_id = registration.webhook_id
        phone.user_id = registration.user_id
        phone.hass_device_id = registration.hass_device_id
        self._by_token[registration.push_token] = phone
        phone.note(EntryKind.REGISTERED, {"user": phone.user})

    async def _handle_push(self, request: web.Request) -> web.StreamResponse:
        """Answer Home Assistant as the relay does, then bring the push to the phone."""
        phone = self._by_token.get(request.match_info["token"])
        if phone is None:
            return _failure(404, "unknown push token")
        push: dict[str, Any] = await request.json()
        match phone.behaviour:
            case Behaviour.ERROR_500:
                phone.note(EntryKind.REFUSED, {"title": push.get("title"), "message": push.get("message")})
                return _failure(500, "the phone could not be reached")
            case Behaviour.HANG:
                phone.note(EntryKind.HUNG, {"title": push.get("title"), "message": push.get("message")})
                await asyncio.Event().wait()
            case Behaviour.OK:
                phone.take_push(push)
                self._start(phone.send_receipt(push))
        return web.json_response(self._success(phone), status=201)

    def _success(self, phone: VirtualPhone) -> dict[str, Any]:
        """Return the relay's answer, which counts the pushes of the day."""
        sent = self._pushes[phone.phone_id] = self._pushes.get(phone.phone_id, 0) + 1
        limits = {
            "attempts": sent,
            "successful": sent,
            "errors": 0,
            "total": sent,
            "maximum": _PUSHES_PER_DAY,
            "remaining": _PUSHES_PER_DAY - sent,
            "resetsAt": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
        }
        return {"messageId": secrets.token_hex(8), "target": phone.phone_id, "rateLimits": limits}

    def _start(self, answer: Coroutine[Any, Any, None]) -> None:
        """Run a phone's answer beside the push it answers."""
        task = asyncio.create_task(answer, name="demo phone answer")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _failure(status: int, message: str) -> web.Response:
    """Return an error in the relay's form."""
    return web.json_response({"errorType": "InternalError", "errorMessage": message}, status=status)
