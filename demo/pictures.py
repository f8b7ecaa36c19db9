"""Pictures for the docs: the blueprints in Home Assistant's own editor, and the handlingsplan as it is printed.

``scripts/pictures`` brings the library that steers the browser; the browser is the machine's own Chromium.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
import json
from pathlib import Path
import shutil
import time
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

from demo import cast
from demo.larmplan import RadioPorts, plan
from demo.larmplan.devices import BEDROOM, HALL, HELP_BOX, STOVE
from demo.larmplan.home import FullHome, open_full_home

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
FOLDER = IMAGES / "blueprints"
PRINT = IMAGES / "plan" / "print.png"
WIDTH, HEIGHT = 780, 2400  # Narrow enough for the sidebar to stand aside.
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
DRAWN_AFTER = 2500
"""Milliseconds until the editor has drawn its selectors."""
PAPER = {"width": 794, "height": 1123}
"""A4, in the pixels of a browser."""
LARMPLAN = cast.Pace(level=timedelta(minutes=5))
"""As fast as the larmplan has it."""
PLANNED = "bild_plan"
PLAN_TIMEOUT = 20.0
"""Seconds that a saved line may take to come into the plan."""


def _lines(home: FullHome) -> Mapping[str, Mapping[str, object]]:
    """Return an automation of each blueprint, by the blueprint's name."""
    made: dict[str, Mapping[str, object]] = {}
    for rule in plan.make_plan(home.brukare_id, home.devices).values():
        made.setdefault(rule.blueprint, rule.config())
    sensors = {"entity_id": [home.entity(HALL), home.entity(BEDROOM)]}
    made["led_light"] = cast.automation("Ledljus", "led_light", {"sensors": sensors, "lights": [home.entity(STOVE)]})
    button = {"device_id": [home.devices[HELP_BOX].device_id]}
    made["visit"] = cast.automation("Besök", "visit", {"brukare": home.brukare_id, "button": button})
    lamp = [{"action": "homeassistant.turn_on", "target": {"entity_id": home.entity(STOVE)}}]
    made["help_on_the_way"] = cast.automation(
        "Hjälp är på väg", "help_on_the_way", {"brukare": home.brukare_id, "taken_actions": lamp}
    )
    return made


async def _take(page: Page, name: str) -> None:
    """Take a picture of the editor that is open."""
    await page.locator("blueprint-automation-editor").wait_for(state="visible", timeout=30_000)
    await page.wait_for_timeout(DRAWN_AFTER)
    await page.locator("blueprint-automation-editor ha-card").first.screenshot(path=FOLDER / f"{name}.png")
    print(f"  {name}", flush=True)


async def _change_plan(home: FullHome) -> str:
    """Have the only line of a plan changed from five hours to four, and say why; returns the plan as a page."""
    for hours in (5, 4):
        inputs = {
            "brukare": home.brukare_id,
            "sensors": {"entity_id": [home.entity(BEDROOM), home.entity(HALL)]},
            "threshold": {"hours": hours},
            "to": "12:00:00",
            "placement": "Sovrum, på väggen mitt emot sängen; hallen vid badrumsdörren",
            "adaptation": "Sover till nio. Går upp en gång om natten.",
        }
        await home.client.save_automation(PLANNED, cast.automation("Passivitet – sovrum", "passivity", inputs))
        await _wait_planned(home, f"{hours} h")
    (change, *_) = (await _plan(home))["lines"][0]["changes"]
    comment = {"change_id": change["change_id"], "comment": "Vaknar tidigare sedan i höstas, enligt kontaktpersonen."}
    await home.client.call_service("homecare_h2o", "comment_plan_change", comment)
    return str((await _plan(home, "html"))["content"])


async def _plan(home: FullHome, how: str = "json") -> dict[str, Any]:
    """Return the handlingsplan."""
    asked = {"device_id": home.brukare_id, "format": how}
    found: dict[str, Any] = await home.client.call_service("homecare_h2o", "get_plan", asked, return_response=True)
    return found


async def _wait_planned(home: FullHome, value: str) -> None:
    """Wait until a value is in the plan; TimeoutError if it never is."""
    async with asyncio.timeout(PLAN_TIMEOUT):
        while value not in str((await _plan(home))["lines"]):  # noqa: ASYNC110 - a look costs less than a subscription
            await asyncio.sleep(0.2)


async def _take_print(browser: Browser, text: str) -> None:
    """Take a picture of the first sheet of the plan."""
    await asyncio.to_thread(PRINT.parent.mkdir, parents=True, exist_ok=True)
    page = await browser.new_page(viewport=PAPER, device_scale_factor=1.5)
    await page.emulate_media(media="print")
    await page.set_content(text)
    await page.screenshot(path=PRINT)
    await page.close()
    print("  plan", flush=True)


async def take_pictures(folder: Path, ports: RadioPorts) -> bool:
    """Open the home, save an automation of each blueprint, and take a picture of it in the editor."""
    await asyncio.to_thread(FOLDER.mkdir, parents=True, exist_ok=True)
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    async with open_full_home(folder, ports, LARMPLAN) as home, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        context = await browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, locale="sv-SE")
        await context.add_init_script(f"localStorage.setItem('hassTokens', {json.dumps(await _tokens(home))})")
        await _take_print(browser, await _change_plan(home))
        page = await context.new_page()
        for name, config in _lines(home).items():
            await home.client.save_automation(f"bild_{name}", config)
            await page.goto(f"{home.hass.url}/config/automation/edit/bild_{name}")
            await _take(page, name)
        await browser.close()
    return True


async def _tokens(home: FullHome) -> str:
    """Return what the frontend keeps of somebody who is logged in."""
    url = home.hass.url
    tokens = {
        "access_token": await home.client.access_token(),
        "token_type": "Bearer",
        "expires_in": 1800,
        "expires": int(time.time() * 1000) + 1_800_000,
        "hassUrl": url,
        "clientId": f"{url}/",
        "refresh_token": "",
    }
    return json.dumps(tokens)
