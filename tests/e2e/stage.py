"""A real Home Assistant with a home and its phones, and a browser in front of it."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
import json
from pathlib import Path
import socket
import time
from typing import Any

from demo import cast
from demo.hass import OWNER, Account, HassClient, HassProcess
from demo.home import set_up_integration
from demo.phones import PhoneServer, VirtualPhone

BRUKARE = {**cast.BRUKARE, "telephone": "070-174 06 10"}
STAFF = Account("Undersköterska", "usk", "usk")
ONLOOKER = Account("Gäst", "gast", "gast")
NARROW = {"width": 360, "height": 640}
WIDE = {"width": 1600, "height": 900}
PACE = cast.Pace(level=timedelta(minutes=5))


def free_port() -> int:
    """Return a port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(kw_only=True)
class Seen:
    """A page, with everything it has complained of and asked for."""

    page: Any
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def note_console(self, message: Any) -> None:
        """Note what the browser's console calls an error."""
        if message.type == "error":
            self.errors.append(message.text)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """What a test has in its hands."""

    hass: HassProcess
    client: HassClient
    phones: Mapping[str, VirtualPhone]
    brukare_id: str
    browser: Any

    async def raise_alarm(self, alarm_type: str = "safety_button", **data: Any) -> str:
        """Raise an alarm, and return its id."""
        data = {"device_id": self.brukare_id, "alarm_type": alarm_type, "rule": f"{alarm_type} {time.time()}", **data}
        told = await self.client.call_service("homecare_h2o", "raise_alarm", data, return_response=True)
        return str(told["alarm_id"])

    async def state_of(self, alarm_id: str) -> str:
        """Return where an alarm is on its way."""
        told = await self.client.call_service("homecare_h2o", "get_alarms", {"limit": 500}, return_response=True)
        return next(str(alarm["state"]) for alarm in told["alarms"] if alarm["alarm_id"] == alarm_id)

    async def journal(self) -> list[dict[str, Any]]:
        """Return the rows of today's journal."""
        days = {"from": "2020-01-01", "to": "2099-12-31"}
        told = await self.client.call_service("homecare_h2o", "export_journal", days, return_response=True)
        rows: list[dict[str, Any]] = told["rows"]
        return rows

    async def close_all(self) -> None:
        """Close every alarm that is open."""
        data = {"open_only": True, "limit": 500}
        told = await self.client.call_service("homecare_h2o", "get_alarms", data, return_response=True)
        for alarm in told["alarms"]:
            await self.client.call_service("homecare_h2o", "report_false_alarm", {"alarm_id": alarm["alarm_id"]})

    @asynccontextmanager
    async def page(
        self,
        path: str,
        account: Account = STAFF,
        *,
        size: Mapping[str, int] = WIDE,
        dark: bool = False,
        language: str = "sv",
        own_time: bool = False,
        scale: float = 1,
    ) -> AsyncGenerator[Seen]:
        """Open an address of the panel as a user; with ``own_time`` the test can let the page's time pass."""
        async with HassClient(self.hass.url, account) as client:
            context = await self.browser.new_context(
                viewport=dict(size),
                locale="sv-SE",
                color_scheme="dark" if dark else "light",
                has_touch=size is NARROW,
                device_scale_factor=scale,
            )
            tokens = json.dumps(await _tokens(self.hass.url, client))
            await context.add_init_script(
                f"localStorage.setItem('hassTokens', {json.dumps(tokens)});"
                f"localStorage.setItem('selectedLanguage', {json.dumps(json.dumps(language))});"
            )
            page = await context.new_page()
            if own_time:
                await page.clock.install()
            seen = Seen(page=page)
            page.on("console", seen.note_console)
            page.on("pageerror", lambda error: seen.errors.append(str(error)))
            page.on("request", lambda request: seen.requests.append(request.url))
            await page.goto(f"{self.hass.url}/homecare-h2o{path}")
            try:
                yield seen
            finally:
                await context.close()


async def _tokens(url: str, client: HassClient) -> dict[str, Any]:
    """Return what the frontend keeps of somebody who is logged in."""
    return {
        "access_token": await client.access_token(),
        "token_type": "Bearer",
        "expires_in": 1800,
        "expires": int(time.time() * 1000) + 1_800_000,
        "hassUrl": url,
        "clientId": f"{url}/",
        "refresh_token": "",
    }


@asynccontextmanager
async def open_browser(chromium: str) -> AsyncGenerator[Any]:
    """Start a browser, and end it."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def open_stage(folder: Path, chromium: str, *, extra: str = "") -> AsyncGenerator[Stage]:
    """Start everything, and end it; ``extra`` ends configuration.yaml."""
    async with AsyncExitStack() as stack:
        hass = HassProcess(folder / "config", free_port(), extra=extra)
        stack.push_async_callback(hass.stop)
        await hass.start()
        client = await stack.enter_async_context(hass.client())
        phones = PhoneServer(cast.make_phones(), store=folder / "phones.json", port=free_port())
        await stack.enter_async_context(phones)
        await phones.enrol(client)
        brukare_id = await set_up_integration(client, phones, PACE, BRUKARE)
        await client.create_user(STAFF)
        user_id = await client.create_user(ONLOOKER)
        await client.ws_command("config/auth/update", user_id=user_id, group_ids=["system-read-only"])
        browser = await stack.enter_async_context(open_browser(chromium))
        yield Stage(hass=hass, client=client, phones=phones.phones, brukare_id=brukare_id, browser=browser)


__all__ = ["NARROW", "ONLOOKER", "OWNER", "STAFF", "WIDE", "Seen", "Stage", "open_browser", "open_stage"]
