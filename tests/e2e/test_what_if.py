"""Other values are tried in the plan of a real home, on a fortnight that its recorder has kept (R010.1)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
import re
from typing import Any

import pytest
import pytest_asyncio

from demo import cast

from .recorded import live, write_days
from .stage import NARROW, OWNER, WIDE, Seen, Stage
from .test_panel import strangers, violations

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]

RULE = "passivitet_morgon"
NAME = "Passivitetslarm morgon"
SENSORS = [f"binary_sensor.rum_{number}" for number in range(10)]
DAYS = 16
A_DAY = 500
"""Changes of each sensor."""
MOTION = {"state": "off", "attributes": {"device_class": "motion", "friendly_name": "Rörelse"}}


async def show(stage: Stage) -> None:
    """Have all sensors show that nobody moves."""
    for entity_id in SENSORS:
        await stage.client.post(f"/api/states/{entity_id}", MOTION)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def recorded(theatre: Stage) -> Stage:
    """Return the stage with a line of three hours in the morning, and a fortnight that was recorded."""
    await show(theatre)
    given = {
        "brukare": theatre.brukare_id,
        "sensors": {"entity_id": SENSORS},
        "threshold": {"hours": 3},
        "from": "06:00:00",
        "to": "13:00:00",
    }
    await theatre.client.save_automation(RULE, cast.automation(NAME, "passivity", given))
    button = {"brukare": theatre.brukare_id, "button": {"entity_id": ["binary_sensor.knapp"]}}
    await theatre.client.save_automation("knapp", cast.automation("Trygghetslarm", "safety_button", button))
    await theatre.hass.stop()
    now = datetime.now(UTC)
    write_days(theatre.hass.config, {entity: live(now, DAYS, A_DAY, seed) for seed, entity in enumerate(SENSORS)})
    await theatre.hass.start()
    await theatre.client.wait_running()
    await show(theatre)
    return theatre


def form(seen: Seen) -> Any:
    """Return where values are tried."""
    return seen.page.get_by_role("region", name="Prova andra värden")


async def open_form(seen: Seen, name: str = NAME) -> Any:
    """Open it for a line, and return it once the values are there."""
    await seen.page.get_by_role("region", name=name).get_by_role("button", name="Prova andra värden").click()
    await form(seen).get_by_role("button", name="Räkna").wait_for()
    return form(seen)


async def ask(stage: Stage, **inputs: object) -> Mapping[str, Any]:
    """Ask the hub as the panel does."""
    told: Mapping[str, Any] = await stage.client.ws_command("homecare_h2o/what_if", rule=RULE, inputs=inputs)
    return told


async def test_a_shorter_time_gives_more_alarms_and_the_page_says_so(recorded: Stage) -> None:
    async with recorded.page("/plan", OWNER) as seen:
        seen.page.set_default_timeout(15_000)
        part = await open_form(seen)
        time = part.get_by_role("spinbutton", name="Inaktiv i")
        assert (await time.input_value(), await part.get_by_label("Aktiv från").input_value()) == ("3", "06:00")
        await time.fill("2")
        await part.get_by_role("button", name="Räkna").click()
        told = await ask(recorded, threshold={"hours": 2})
        assert told["then"]["count"] > told["now"]["count"] > 0
        said = f"Nu: {told['now']['count']} larm, föreslaget: {told['then']['count']} larm"
        await part.get_by_text(said).wait_for()
        rows = part.get_by_role("row")
        assert await rows.count() == 1 + len(told["now"]["days"])
        assert (seen.errors, strangers(recorded, seen)) == ([], [])


async def test_nothing_is_saved_by_trying(recorded: Stage) -> None:
    before = await recorded.client.get(f"/api/config/automation/config/{RULE}")
    async with recorded.page("/plan", OWNER) as seen:
        part = await open_form(seen)
        await part.get_by_label("Aktiv till").fill("11:00")
        await part.get_by_role("button", name="Räkna").click()
        await part.get_by_text(re.compile("Nu: ")).wait_for()
        link = part.get_by_role("link", name="Ändra raden i Home Assistant")
        assert await link.get_attribute("href") == f"/config/automation/edit/{RULE}"
        await part.get_by_role("button", name="Stäng").click()
        await part.wait_for(state="detached")
    assert await recorded.client.get(f"/api/config/automation/config/{RULE}") == before


async def test_an_answer_never_stands_beside_values_that_were_changed_meanwhile(recorded: Stage) -> None:
    async with recorded.page("/plan", OWNER) as seen:
        seen.page.set_default_timeout(15_000)
        part = await open_form(seen)
        time = part.get_by_role("spinbutton", name="Inaktiv i")
        await part.get_by_role("button", name="Räkna").click()
        await time.fill("2")
        await time.press("Tab")
        await part.get_by_role("button", name="Räkna", exact=True).wait_for()
        assert await part.get_by_text(re.compile("Nu: ")).count() == 0


async def test_a_time_longer_than_the_window_is_refused_in_words(recorded: Stage) -> None:
    async with recorded.page("/plan", OWNER) as seen:
        part = await open_form(seen)
        await part.get_by_role("spinbutton", name="Inaktiv i").fill("9")
        await part.get_by_role("button", name="Räkna").click()
        await part.get_by_role("alert").get_by_text("Det gick inte").wait_for()
        assert await part.get_by_role("table").count() == 0


async def test_a_button_says_that_its_presses_are_not_kept(recorded: Stage) -> None:
    async with recorded.page("/plan", OWNER) as seen:
        part = await open_form(seen, "Trygghetslarm")
        await part.get_by_role("button", name="Räkna").click()
        await part.get_by_text("tryck på en knapp").wait_for()


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["360", "1600"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_it_is_readable_on_any_screen(
    recorded: Stage, size: Mapping[str, int], dark: bool, tmp_path: Path
) -> None:
    async with recorded.page("/plan", OWNER, size=size, dark=dark) as seen:
        part = await open_form(seen)
        await part.get_by_role("spinbutton", name="Inaktiv i").fill("2")
        await part.get_by_role("button", name="Räkna").click()
        await part.get_by_role("table").wait_for()
        width = await seen.page.evaluate("document.documentElement.scrollWidth")
        boxes = [await each.bounding_box() for each in await part.locator("button, a, input, select").all()]
        assert (width, min(box["height"] for box in boxes if box) >= 24, seen.errors) == (size["width"], True, [])
        await part.screenshot(path=tmp_path / "what_if.png")
        assert await violations(seen) == []


async def test_what_was_tried_is_saved_with_a_word_of_why_and_holds_at_once(recorded: Stage) -> None:
    async with recorded.page("/plan", OWNER) as seen:
        part = await open_form(seen)
        await part.get_by_role("button", name="Räkna").click()
        await part.get_by_role("table").wait_for()
        assert await part.get_by_role("button", name="Spara de här värdena").count() == 0
        await part.get_by_role("spinbutton", name="Inaktiv i").fill("2")
        await part.get_by_label("Aktiv till").fill("12:00")
        await part.get_by_role("button", name="Räkna").click()
        await part.get_by_role("button", name="Spara de här värdena").click()
        dialog = seen.page.get_by_role("dialog")
        assert await violations(seen) == []
        told = await dialog.inner_text()
        assert ("3 timmar" in told, "2 timmar" in told, "12:00" in told) == (True, True, True)
        await dialog.get_by_role("button", name="Ändra raden").click()
        assert await dialog.is_visible(), "why is missing"
        await dialog.get_by_label("Kommentar").fill("Stiger upp tidigare nu")
        await dialog.get_by_role("button", name="Ändra raden").click()
        await part.wait_for(state="detached")
        line = seen.page.get_by_role("region", name=NAME)
        await line.get_by_text("Stiger upp tidigare nu").wait_for()
        stored = await recorded.client.get(f"/api/config/automation/config/{RULE}")
        inputs = stored["use_blueprint"]["input"]
        assert (inputs["threshold"], inputs["to"]) == ({"hours": 2, "minutes": 0, "seconds": 0}, "12:00:00")
        assert (seen.errors, strangers(recorded, seen)) == ([], [])


async def test_a_form_that_is_open_says_that_the_line_was_changed_meanwhile(recorded: Stage) -> None:
    async with recorded.page("/plan", OWNER) as seen:
        part = await open_form(seen)
        await part.get_by_label("Aktiv till").fill("11:30")
        await part.get_by_role("button", name="Räkna").click()
        await part.get_by_role("button", name="Spara de här värdena").wait_for()
        stored = await recorded.client.get(f"/api/config/automation/config/{RULE}")
        inputs = {**stored["use_blueprint"]["input"], "to": "12:30:00"}
        await recorded.client.save_automation(RULE, cast.automation(NAME, "passivity", inputs))
        await part.get_by_text("Raden har ändrats sedan du öppnade den här").wait_for()
        assert await part.get_by_role("button", name="Räkna").is_disabled()
        assert await part.get_by_role("button", name="Spara de här värdena").is_disabled()
