"""The handlingsplan in the panel: seen as it changes, commented, restored, turned off and on (R011.3, R011.4, HP.2)."""

import asyncio
from collections.abc import Mapping
import re
from typing import Any

import pytest
import pytest_asyncio

from demo import cast
from demo.hass import HassClient, HassError

from .stage import NARROW, OWNER, STAFF, WIDE, Seen, Stage
from .test_panel import press, sees, strangers, violations

pytestmark = [
    pytest.mark.real,
    pytest.mark.thorough,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(180),
]

PASSIVITY = "passivitet_formiddag"
DOOR = "ytterdorren_natt"
SENSORS = {
    "binary_sensor.sovrummet": ("Sovrummet rörelse", "motion"),
    "binary_sensor.hallen": ("Hallen rörelse", "motion"),
    "binary_sensor.ytterdorren": ("Ytterdörren", "door"),
    "binary_sensor.koket": ("Köket rökvarnare", "smoke"),
    "binary_sensor.larmknappen": ("Larmknappen", None),
}


def passivity(stage: Stage, hours: int, **inputs: object) -> Mapping[str, object]:
    """Return the line of the forenoon with so many hours, as the editor saves it."""
    given = {
        "brukare": stage.brukare_id,
        "sensors": {"entity_id": ["binary_sensor.sovrummet", "binary_sensor.hallen"]},
        "threshold": {"hours": hours, "minutes": 0, "seconds": 0},
        "from": "06:00:00",
        "to": "13:00:00",
        **inputs,
    }
    return cast.automation("Passivitetslarm förmiddag", "passivity", given)


def others(stage: Stage) -> dict[str, Mapping[str, object]]:
    """Return the other lines of the plan."""
    brukare = {"brukare": stage.brukare_id}
    door = {"doors": ["binary_sensor.ytterdorren"], "rooms": ["binary_sensor.sovrummet", "binary_sensor.hallen"]}
    smoke = {"sensors": {"entity_id": ["binary_sensor.koket"]}}
    button = {"button": {"entity_id": ["binary_sensor.larmknappen"]}}
    return {
        DOOR: cast.automation("Gått ut-larm natt", "gone_out", {**brukare, **door}),
        "brand": cast.automation("Brandlarm", "fire", {**brukare, **smoke}),
        "knapp": cast.automation("Trygghetslarm", "safety_button", {**brukare, **button}),
    }


async def get_plan(stage: Stage) -> dict[str, Any]:
    """Return the plan as the action tells it."""
    told: dict[str, Any] = await stage.client.call_service(
        "homecare_h2o", "get_plan", {"device_id": stage.brukare_id}, return_response=True
    )
    return told


async def line_of(stage: Stage, rule: str) -> dict[str, Any]:
    """Return a line of the plan as the action tells it."""
    return next(line for line in (await get_plan(stage))["lines"] if line["rule"] == rule)


async def changed(stage: Stage, rule: str, change: str) -> None:
    """Wait until the newest change of a line is of a kind: it is journalled after it is shown."""
    async with asyncio.timeout(30):
        while (await line_of(stage, rule))["changes"][0]["change"] != change:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def hours_of(stage: Stage) -> int:
    """Return the hours of the line of the forenoon as the editor of Home Assistant has them."""
    saved = await stage.client.get(f"/api/config/automation/config/{PASSIVITY}")
    return int(saved["use_blueprint"]["input"]["threshold"]["hours"])


async def show_sensors(stage: Stage) -> None:
    """Have the sensors that the lines listen to: all is quiet."""
    for entity_id, (name, kind) in SENSORS.items():
        told = {"friendly_name": name, **({"device_class": kind} if kind else {})}
        await stage.client.post(f"/api/states/{entity_id}", {"state": "off", "attributes": told})


def card(seen: Seen, name: str) -> Any:
    """Return the part of the page that is about a line."""
    return seen.page.get_by_role("region", name=name)


async def tap(part: Any, name: str | re.Pattern[str]) -> None:
    """Press the first button of this name in a part of the page."""
    await part.get_by_role("button", name=name).first.click()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def planned(theatre: Stage) -> Stage:
    """Return the stage with a plan of four lines, one of which was changed and commented on."""
    await show_sensors(theatre)
    for rule, config in others(theatre).items():
        await theatre.client.save_automation(rule, config)
    for hours, habit in ((6, "Stiger upp vid åtta"), (5, "Stiger upp vid åtta"), (5, "Sover till nio på helgen")):
        await theatre.client.save_automation(PASSIVITY, passivity(theatre, hours, adaptation=habit, placement="Hall"))
    return theatre


@pytest_asyncio.fixture(loop_scope="module")
async def five(stage: Stage, planned: Stage) -> Stage:
    """Return the stage with the plan, five hours for the forenoon, and no alarm of an earlier test."""
    await show_sensors(planned)
    await planned.close_all()
    await planned.client.save_automation(PASSIVITY, passivity(planned, 5, placement="Hall"))
    return planned


async def test_a_change_is_seen_as_it_is_made_with_the_old_value_struck_through(five: Stage) -> None:
    async with five.page("/plan", OWNER) as seen:
        line = card(seen, "Passivitetslarm förmiddag")
        await line.get_by_text("06:00–13:00").first.wait_for()
        await five.client.save_automation(PASSIVITY, passivity(five, 4, placement="Hall"))
        newest = line.locator(".changes li").first
        await newest.locator("ins", has_text="4 h").wait_for()
        old = newest.locator("del")
        assert (await old.inner_text()).split() == ["från", "5", "h"]
        assert await old.evaluate("each => getComputedStyle(each).textDecorationLine") == "line-through"
        assert OWNER.name in await newest.inner_text()
        assert (seen.errors, strangers(five, seen)) == ([], [])


async def test_a_change_is_commented_on_at_once(five: Stage) -> None:
    await five.client.save_automation(PASSIVITY, passivity(five, 3, placement="Hall"))
    async with five.page("/plan", OWNER, size=NARROW) as seen:
        newest = card(seen, "Passivitetslarm förmiddag").locator(".changes li").first
        await newest.locator("ins", has_text="3 h").wait_for()
        await tap(newest, re.compile("Kommentera"))
        dialog = seen.page.get_by_role("dialog", name="Varför ändrades Passivitetslarm förmiddag?")
        await dialog.get_by_label("Kommentar").fill("Ny medicin")
        await tap(dialog, "Spara")
        await newest.get_by_text("Ny medicin").wait_for()
        await dialog.wait_for(state="hidden")
        assert seen.errors == []
    change = (await line_of(five, PASSIVITY))["changes"][0]
    assert (change["comment"], change["comment_by"].startswith(OWNER.name)) == ("Ny medicin", True)


async def test_a_change_is_restored_and_it_is_said_before_what_changes_back(five: Stage) -> None:
    async with five.page("/plan", OWNER) as seen:
        rows = card(seen, "Passivitetslarm förmiddag").locator(".changes li")
        # Two that are saved before anybody looks are one change.
        for place, became in (("Hall", "4 h"), ("Köket", "Köket")):
            await five.client.save_automation(PASSIVITY, passivity(five, 4, placement=place))
            await rows.first.locator("ins", has_text=became).wait_for()
        await tap(rows.nth(1), re.compile("Återställ"))
        dialog = seen.page.get_by_role("dialog", name="Återställa Passivitetslarm förmiddag?")
        assert [text.split()[1:] for text in await dialog.locator("ins").all_inner_texts()] == [["Hall"], ["5", "h"]]
        await dialog.get_by_label("Kommentar").fill("Det blev fel")
        await tap(dialog, "Återställ raden")
        await rows.first.get_by_text("Det blev fel").wait_for()
        assert [await hours_of(five), seen.errors] == [5, []]
    assert (await line_of(five, PASSIVITY))["changes"][0]["restored_from"]


async def test_what_is_not_confirmed_is_not_done(five: Stage) -> None:
    async with five.page("/plan", OWNER) as seen:
        line = card(seen, "Gått ut-larm natt")
        off = line.get_by_role("button", name="Stäng av")
        await off.click()
        dialog = seen.page.get_by_role("dialog", name="Stänga av Gått ut-larm natt?")
        await tap(dialog, "Avbryt")
        await dialog.wait_for(state="hidden")
        assert await off.evaluate("each => each === each.getRootNode().activeElement")
    assert (await line_of(five, DOOR))["on"] is True


async def test_a_line_is_turned_off_with_a_warning_and_on_again_and_both_outlive_a_power_cut(five: Stage) -> None:
    async with five.page("/plan", OWNER) as seen:
        line = card(seen, "Gått ut-larm natt")
        await tap(line, "Stäng av")
        dialog = seen.page.get_by_role("dialog", name="Stänga av Gått ut-larm natt?")
        for text in ("Då övervakas inte längre", "Ytterdörren", "22:00–06:00", "slås inte på av sig själv"):
            await dialog.get_by_text(text).first.wait_for()
        await tap(dialog, "Stäng av raden")
        await line.get_by_text("Avstängd: övervakas inte").wait_for()
        await changed(five, DOOR, "turned_off")
        five.hass.kill()
        await five.hass.wait()
        await five.hass.start()
        await five.client.wait_running()
        assert (await line_of(five, DOOR))["on"] is False
        await tap(line, "Slå på")
        await tap(seen.page.get_by_role("dialog"), "Slå på")
        await line.get_by_role("button", name="Stäng av").wait_for()
        assert (await line_of(five, DOOR))["on"] is True


async def test_a_line_is_paused_with_a_reason_and_resumed(five: Stage) -> None:
    async with five.page("/plan", OWNER) as seen:
        line = card(seen, "Passivitetslarm förmiddag")
        await tap(line, "Pausa")
        dialog = seen.page.get_by_role("dialog", name="Pausa Passivitetslarm förmiddag?")
        await dialog.get_by_label("Hur länge").select_option(label="4 tim")
        await dialog.get_by_label("Orsak").fill("Dottern är på besök")
        await tap(dialog, "Pausa raden")
        await line.get_by_text(re.compile("Pausad till .*Dottern är på besök")).wait_for()
        await tap(line, "Avsluta pausen")
        await tap(seen.page.get_by_role("dialog"), "Avsluta pausen")
        await line.get_by_role("button", name="Pausa").wait_for()
        assert seen.errors == []


async def test_a_whole_brukare_is_paused_which_every_view_says_and_resumed(five: Stage) -> None:
    async with five.page("/overview", OWNER, size=NARROW) as seen:
        await seen.page.get_by_role("link", name="Visa handlingsplanen").click()
        await press(seen, "Pausa K7-31")
        dialog = seen.page.get_by_role("dialog", name="Pausa K7-31?")
        await dialog.get_by_text("inga andra larm om brukaren än trygghetslarm").wait_for()
        await dialog.get_by_label("Hur länge").select_option(label="3 dygn")
        await dialog.get_by_label("Orsak").fill("På sjukhus")
        await tap(dialog, "Pausa brukaren")
        await seen.page.get_by_text(re.compile("Pausad till .*På sjukhus")).wait_for()
        door = card(seen, "Gått ut-larm natt")
        await door.get_by_text("brukaren eller hela hubben är pausad").wait_for()
        await card(seen, "Brandlarm").get_by_text(re.compile("På ·")).wait_for()
        await seen.page.locator("nav a", has_text="Översikt").click()
        await sees(seen, "Trygghetslarm, brand och läckage larmar ändå")
        await seen.page.go_back()
        await press(seen, "Avsluta pausen")
        await tap(seen.page.get_by_role("dialog", name="Avsluta pausen för K7-31?"), "Avsluta pausen")
        await door.get_by_role("button", name="Pausa").wait_for()
        await door.get_by_text("är pausad").wait_for(state="detached")
        assert seen.errors == []


async def test_a_line_that_was_deleted_is_shown_and_brought_back(five: Stage) -> None:
    async with five.page("/plan", OWNER) as seen:
        await card(seen, "Brandlarm").wait_for()
        await five.client.delete("/api/config/automation/config/brand")
        gone = card(seen, "Brandlarm").filter(has_text="Borttagen")
        await tap(gone, re.compile("Återställ"))
        await tap(seen.page.get_by_role("dialog"), "Återställ raden")
        await card(seen, "Brandlarm").get_by_role("button", name="Stäng av").wait_for()
        assert seen.errors == []
    assert (await line_of(five, "brand"))["on"] is True


async def test_a_line_leads_to_its_editor_in_home_assistant(five: Stage) -> None:
    async with five.page("/plan", OWNER) as seen:
        await card(seen, "Trygghetslarm").get_by_role("link", name="Redigera i Home Assistant").click()
        await seen.page.wait_for_url("**/config/automation/edit/knapp")
        await seen.page.locator("ha-automation-editor").wait_for(state="attached")


async def test_the_plan_is_printed_by_the_browser_alone(five: Stage) -> None:
    async with five.page("/plan", OWNER) as seen:
        await card(seen, "Brandlarm").wait_for()
        # What would be printed is noted instead of sent to a printer.
        await seen.page.evaluate(
            """new MutationObserver(([{addedNodes}]) => [...addedNodes].filter((node) => node.tagName === 'IFRAME')
            .forEach((frame) => frame.addEventListener('load', () => { frame.contentWindow.print =
            () => { window.printed = frame.contentDocument.body.innerText; }; }, true)))
            .observe(document.body, {childList: true})"""
        )
        await press(seen, "Skriv ut")
        await seen.page.wait_for_function("window.printed")
        page = await seen.page.evaluate("window.printed")
        assert [word for word in ("K7-31", "Brandlarm", "Gått ut-larm natt", "06:00–13:00") if word not in page] == []
        assert [word for word in ("Tess", "Testvägen") if word in page] == []
        assert (seen.errors, strangers(five, seen)) == ([], [])


async def refusals(client: HassClient, wishes: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return why each wish is refused."""
    told = []
    for command, data in wishes.items():
        with pytest.raises(HassError) as caught:
            await client.ws_command(f"homecare_h2o/{command}", **data)
        told.append(str(caught.value))
    return told


async def test_staff_sees_no_plan_and_is_refused_by_the_hub(five: Stage) -> None:
    line = await line_of(five, DOOR)
    change_id = line["changes"][0]["change_id"]
    wishes: dict[str, dict[str, Any]] = {
        "comment_plan_change": {"change_id": change_id, "comment": "nej"},
        "restore_plan_line": {"change_id": change_id},
        "set_plan_line": {"automation_id": line["entity_id"], "on": False},
        "print_plan": {"brukare_id": "x"},
        "plan": {},
    }
    async with five.page("/plan", STAFF) as seen:
        await sees(seen, "Inga öppna larm")
        assert await seen.page.locator("homecare-h2o-panel nav a").all_inner_texts() == ["Larm"]
    async with HassClient(five.hass.url, STAFF) as client:
        assert [text for text in await refusals(client, wishes) if "may not do this" not in text] == []
    after = await line_of(five, DOOR)
    assert (after["on"], after["changes"][0]) == (True, line["changes"][0])


async def test_a_plan_of_nobody_says_so_and_leads_to_those_there_are(five: Stage) -> None:
    async with five.page("/plan/nobody", OWNER, size=NARROW) as seen:
        await sees(seen, "Det finns ingen sådan brukare")
        await seen.page.get_by_role("link", name=re.compile("K7-31")).click()
        await card(seen, "Brandlarm").wait_for()
        assert seen.errors == []


async def test_it_speaks_english(five: Stage) -> None:
    async with five.page("/plan", OWNER, language="en") as seen:
        for text in ("Individual plan", "What to do", "Turn off", "Inactive for", "Who is told"):
            await sees(seen, text)


async def test_other_values_are_tried_below_the_line_and_put_away_again(five: Stage) -> None:
    async with five.page("/plan", OWNER) as seen:
        line = card(seen, "Passivitetslarm förmiddag")
        button = line.get_by_role("button", name="Prova andra värden")
        await button.click()
        tried = line.locator(".what-if")
        await tried.wait_for()
        assert await button.get_attribute("aria-expanded") == "true"
        await button.click()
        await tried.wait_for(state="detached")
        assert (await hours_of(five), seen.errors) == (5, [])


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
async def test_the_plan_can_be_read_and_used_by_everybody(five: Stage, size: dict[str, int], dark: bool) -> None:
    async with five.page("/plan", OWNER, size=size, dark=dark) as seen:
        await card(seen, "Passivitetslarm förmiddag").locator("del").first.wait_for()
        await seen.page.get_by_text("Alla värden").first.click()
        found = await violations(seen)
        for button in ("Stäng av", "Pausa"):
            await press(seen, button)
            await seen.page.get_by_role("dialog").wait_for()
            found += await violations(seen)
            await press(seen, "Avbryt")
        await tap(seen.page, re.compile("Återställ"))
        found += await violations(seen)
        width = await seen.page.evaluate("document.documentElement.scrollWidth")
        assert (found, width, seen.errors) == ([], size["width"], [])
        await press(seen, "Avbryt")
        await seen.page.locator(".changes").last.evaluate("each => each.scrollIntoView()")
        assert (
            await seen.page.get_by_role("navigation", name="Vyer").evaluate("each => each.getBoundingClientRect().top")
            == 0
        )
