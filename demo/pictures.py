"""Pictures of the blueprints in Home Assistant's own editor, for the README of their folder.

``scripts/pictures`` brings the library that steers the browser; the browser is the machine's own Chromium.
"""

import asyncio
from collections.abc import Mapping
import json
from pathlib import Path
import shutil
import time

from playwright.async_api import Page, async_playwright

from demo import cast
from demo.check import PACE
from demo.larmplan import RadioPorts, plan
from demo.larmplan.devices import BEDROOM, HALL, HELP_BOX, STOVE
from demo.larmplan.home import FullHome, open_full_home

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "images" / "blueprints"
WIDTH, HEIGHT = 780, 2400  # Narrow enough for the sidebar to stand aside.
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
DRAWN_AFTER = 2500
"""Milliseconds until the editor has drawn its selectors."""


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


async def take_pictures(folder: Path, ports: RadioPorts) -> bool:
    """Open the home, save an automation of each blueprint, and take a picture of it in the editor."""
    await asyncio.to_thread(FOLDER.mkdir, parents=True, exist_ok=True)
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    async with open_full_home(folder, ports, PACE) as home, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        context = await browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, locale="sv-SE")
        await context.add_init_script(f"localStorage.setItem('hassTokens', {json.dumps(await _tokens(home))})")
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
