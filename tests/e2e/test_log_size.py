"""A log of many alarms: every one can be reached, chosen and told, and the page stays smooth."""

from collections import Counter
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from custom_components.homecare_h2o.core.escalation import AlarmType

from .past import TYPES, write_past
from .stage import NARROW, OWNER, WIDE, Seen, Stage

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]

ALARMS = 250
APART = timedelta(minutes=30)
"""The time between two: all of them lie within the week that the log shows first."""
NODES_OF_ROW = 12
"""Elements of a row, at the most."""
WATCH = """() => {
    window.smooth = { longest: 0, long: 0, gap: 0, frames: 0 };
    new PerformanceObserver((list) => list.getEntries().forEach((task) => {
        window.smooth.long += 1;
        window.smooth.longest = Math.max(window.smooth.longest, task.duration);
    })).observe({ type: "longtask" });
    let before = performance.now();
    const frame = (now) => {
        window.smooth.gap = Math.max(window.smooth.gap, now - before);
        window.smooth.frames += 1;
        before = now;
        requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
}"""
"""Note the longest task (ms) and the longest time between two frames (ms)."""
SCROLL = """async (main) => {
    for (let to = 0; to <= main.scrollHeight; to += main.clientHeight / 2) {
        main.scrollTo(0, to);
        await new Promise(requestAnimationFrame);
    }
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def archive(theatre: Stage) -> AsyncGenerator[Stage]:
    """Return the stage with a week full of closed alarms behind it."""
    await theatre.hass.stop()
    await write_past(theatre.hass.config, ALARMS, APART)
    await theatre.hass.start()
    await theatre.client.wait_running()
    yield theatre


async def measured(seen: Seen, what: str) -> dict[str, Any]:
    """Print how smooth the page has been, and return it."""
    smooth: dict[str, Any] = await seen.page.evaluate("window.smooth")
    print(f"\n{what}: {smooth}")  # noqa: T201 - told, not demanded
    return smooth


async def choose(seen: Seen, name: str, option: str) -> None:
    """Choose in the form, and have it shown."""
    await seen.page.locator(f"select[name={name}]").select_option(label=option)
    await seen.page.get_by_role("button", name="Visa", exact=True).click()


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
async def test_every_alarm_of_a_long_log_is_reached_and_told(archive: Stage, size: dict[str, int]) -> None:
    from playwright.async_api import expect

    async with archive.page("/log", OWNER, size=size) as seen:
        page = seen.page
        await page.get_by_text(f"{ALARMS} larm").wait_for()
        await page.evaluate(WATCH)
        rows = page.locator("tbody tr")
        assert await rows.count() == ALARMS
        assert await page.locator("tbody *").count() <= ALARMS * NODES_OF_ROW
        await page.locator("main").evaluate(SCROLL)
        await measured(seen, f"scrolled through {ALARMS} alarms, {size['width']} px")
        for place in (-1, ALARMS // 2, 0):
            link = rows.nth(place).get_by_role("link")
            name = await link.inner_text()
            await link.click()
            await page.get_by_role("heading", name=name).wait_for()
            await page.locator(".timeline li").nth(5).wait_for()
            await page.go_back()
            await expect(rows.nth(place)).to_be_in_viewport()
        await measured(seen, "and opened and left three of them")
        assert seen.errors == []


async def test_the_filter_of_a_long_log_shows_what_is_chosen_and_no_other(archive: Stage) -> None:
    wanted = Counter(TYPES[n % len(TYPES)] for n in range(ALARMS))[AlarmType.LEAK]
    async with archive.page("/log", OWNER) as seen:
        page = seen.page
        await page.get_by_text(f"{ALARMS} larm").wait_for()
        await choose(seen, "alarm_type", "LÄCKAGE")
        await page.get_by_text(f"{wanted} larm", exact=True).wait_for()
        names = await page.locator("tbody tr a").all_inner_texts()
        assert names == ["LÄCKAGE"] * wanted
        await choose(seen, "alarm_type", "BRAND")
        await page.get_by_text("Inga larm i urvalet").wait_for()
        await choose(seen, "alarm_type", "Alla")
        await page.get_by_text(f"{ALARMS} larm").wait_for()
        assert seen.errors == []
