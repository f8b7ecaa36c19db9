"""The panel in a real Chromium, before a real Home Assistant (R010.7, R030.2)."""

import re
from typing import Any

import pytest

from .stage import NARROW, ONLOOKER, OWNER, STAFF, WIDE, Seen, Stage

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]

NAME = "Tess T. Person"
ADDRESS = "Testvägen 1, 111 11 Hultsfred"


async def sees(seen: Seen, text: str) -> None:
    """Wait until a text is to be seen."""
    await seen.page.get_by_text(text).locator("visible=true").first.wait_for()


async def press(seen: Seen, name: str) -> None:
    """Press a button."""
    await seen.page.get_by_role("button", name=name).first.click()


async def opened(stage: Stage, alarm_id: str) -> int:
    """Return how often who and where was opened for an alarm."""
    rows = await stage.journal()
    return sum(row["event"] == "personal_data_opened" and row["alarm_id"] == alarm_id for row in rows)


def strangers(stage: Stage, seen: Seen) -> list[str]:
    """Return what the page asked of anybody but the hub."""
    own = (stage.hass.url, stage.hass.url.replace("http", "ws"), "data:", "blob:")
    return [url for url in seen.requests if not url.startswith(own)]


async def is_in_view(seen: Seen, name: str) -> bool:
    """Return whether a button can be pressed without scrolling."""
    box = await seen.page.get_by_role("button", name=name).first.bounding_box()
    size = seen.page.viewport_size
    return bool(box and box["y"] >= 0 and box["y"] + box["height"] <= size["height"] and box["height"] >= 44)


async def test_whoever_opens_a_push_sees_who_where_how_to_get_in_and_what_to_do(stage: Stage) -> None:
    alarm_id = await stage.raise_alarm()
    async with stage.page(f"/alarm/{alarm_id}", size=NARROW) as seen:
        for text in ("Trygghetslarm", "Ring eller besök genast", NAME, ADDRESS, "Nyckelgömma", "Hör dåligt"):
            await sees(seen, text)
        call = seen.page.get_by_role("link", name="Ring 070-174 06 10")
        assert await call.get_attribute("href") == "tel:+46701740610"
        assert [await is_in_view(seen, name) for name in ("Åtgärdar", "Hinner ej", "Felaktigt larm")] == [True] * 3
        width = await seen.page.evaluate("document.documentElement.scrollWidth")
        assert (width, seen.errors, strangers(stage, seen)) == (NARROW["width"], [], [])
    assert await opened(stage, alarm_id) == 1


async def test_an_alarm_is_taken_and_closed_with_its_outcome(stage: Stage) -> None:
    alarm_id = await stage.raise_alarm()
    async with stage.page(f"/alarm/{alarm_id}", size=NARROW) as seen:
        await press(seen, "Åtgärdar")
        await sees(seen, "Du har tagit larmet")
        assert await stage.state_of(alarm_id) == "acknowledged"
        await press(seen, "Klart")
        await seen.page.get_by_text("Hjälp given").click()
        await press(seen, "Avsluta larmet")
        await sees(seen, "Hjälp given")
        await seen.page.get_by_text(NAME).wait_for(state="detached")
        assert (await stage.state_of(alarm_id), seen.errors) == ("resolved", [])


async def test_a_false_alarm_is_closed_by_two_presses_and_not_by_one(stage: Stage) -> None:
    alarm_id = await stage.raise_alarm()
    async with stage.page(f"/alarm/{alarm_id}", size=NARROW) as seen:
        await press(seen, "Felaktigt larm")
        sure = seen.page.get_by_role("button", name="Tryck igen: felaktigt")
        await sure.wait_for()
        assert await stage.state_of(alarm_id) == "raised"
        await sure.click()
        await sees(seen, "Avslutat")
        assert await stage.state_of(alarm_id) == "false_alarm"


async def test_an_alarm_is_handed_over_and_noted_on(stage: Stage) -> None:
    alarm_id = await stage.raise_alarm()
    async with stage.page(f"/alarm/{alarm_id}") as seen:
        await press(seen, "Lämna över")
        await press(seen, "Larmansvarig")
        await seen.page.locator(".timeline li", has_text="överlämnat").wait_for()
        await seen.page.get_by_label("Lägg till anteckning").fill("Nyckeln fastnar")
        await press(seen, "Spara")
        note = seen.page.locator(".timeline li", has_text="Nyckeln fastnar")
        await note.wait_for()
        assert STAFF.name in await note.inner_text()
        assert await seen.page.get_by_label("Lägg till anteckning").input_value() == ""
        assert seen.errors == []


async def test_a_bounce_on_hand_over_hands_nothing_over(stage: Stage) -> None:
    alarm_id = await stage.raise_alarm()
    async with stage.page(f"/alarm/{alarm_id}", size=NARROW) as seen:
        await seen.page.get_by_role("button", name="Lämna över").dblclick()
        await sees(seen, "Lämna över till")
        await seen.page.wait_for_timeout(1000)
        await sees(seen, "Lämna över till")
    assert await stage.state_of(alarm_id) == "raised"


async def test_the_list_lives_and_the_back_button_leads_back(stage: Stage) -> None:
    async with stage.page("", size=NARROW) as seen:
        await sees(seen, "Inga öppna larm")
        alarm_id = await stage.raise_alarm("fire")
        row = seen.page.locator("a.row", has_text="BRAND")
        await row.click()
        await sees(seen, NAME)
        assert seen.page.url.endswith(f"/homecare-h2o/alarm/{alarm_id}")
        await seen.page.go_back()
        await row.wait_for()
        await seen.page.get_by_text(NAME).wait_for(state="detached")
        assert seen.errors == []


async def test_a_power_cut_is_told_and_mended_without_a_new_opening(stage: Stage) -> None:
    alarm_id = await stage.raise_alarm()
    async with stage.page(f"/alarm/{alarm_id}") as seen:
        await sees(seen, NAME)
        lost = seen.page.get_by_text(re.compile("Ingen kontakt med hubben sedan"))
        stage.hass.kill()
        await lost.wait_for()
        await sees(seen, ADDRESS)
        assert await seen.page.get_by_role("button", name="Åtgärdar").is_disabled()
        await stage.hass.wait()
        await stage.hass.start()
        await lost.wait_for(state="detached")
        await press(seen, "Åtgärdar")
        await sees(seen, "Du har tagit larmet")
        assert await stage.state_of(alarm_id) == "acknowledged"
    assert await opened(stage, alarm_id) == 1


async def test_a_page_that_is_open_during_an_update_of_the_integration_goes_on(stage: Stage) -> None:
    async with stage.page("/alarm") as seen:
        await sees(seen, "Larm")
        files = [url for url in seen.requests if url.endswith("/panel.js")]
        renewed = [url.replace("/panel.js", "/charts.js") for url in files] + files
        for url in renewed:
            await seen.page.evaluate("url => import(url)", f"{url}?renewed")
        assert (len(renewed), seen.errors) == (2, [])


async def test_a_connection_that_is_dead_and_does_not_say_so_is_told(stage: Stage) -> None:
    async with stage.page("", own_time=True) as seen:
        await sees(seen, "Inga öppna larm")
        await seen.page.clock.fast_forward("00:45")
        lost = seen.page.get_by_text(re.compile("Ingen kontakt med hubben sedan"))
        await lost.wait_for()
        # The next sign of life of the hub takes it back.
        await lost.wait_for(state="detached", timeout=19_000)


async def test_who_may_only_look_at_home_assistant_sees_nothing(stage: Stage) -> None:
    alarm_id = await stage.raise_alarm()
    async with stage.page(f"/alarm/{alarm_id}", ONLOOKER) as seen:
        await sees(seen, "Din användare får inte se detta")
        told = await seen.page.locator("homecare-h2o-panel main").inner_text()
        assert [word for word in (NAME, "Testvägen", "Trygghetslarm", "K7-31") if word in told] == []
    assert await opened(stage, alarm_id) == 0


async def test_the_larmansvarig_finds_everything_in_one_place(stage: Stage) -> None:
    alarm_id = await stage.raise_alarm("technical")
    await stage.client.call_service("homecare_h2o", "report_false_alarm", {"alarm_id": alarm_id})
    async with stage.page("/overview", OWNER) as seen:
        for text in ("Tjänstgöring", "Inga luckor i schemat", "Handlingsplanen har inga rader"):
            await sees(seen, text)
        assert await seen.page.get_by_text(NAME).count() == 0
        await press(seen, "Visa vem och var")
        await sees(seen, ADDRESS)
        await seen.page.get_by_role("link", name="Larmlogg").click()
        await seen.page.locator("td", has_text="Tekniskt larm").first.wait_for()
        async with seen.page.expect_download() as file:
            await press(seen, "Spara som CSV")
        assert (await file.value).suggested_filename.endswith(".csv")
        await seen.page.get_by_role("link", name="Avvikelser").click()
        await seen.page.locator("a.row", has_text="Felaktigt larm").first.click()
        await press(seen, "Börja arbeta")
        await seen.page.get_by_text("Pågår").wait_for()
        await seen.page.locator(".timeline").wait_for()
        assert (seen.errors, strangers(stage, seen)) == ([], [])


async def test_what_is_written_of_a_deviation_is_kept_by_whoever_archives_it_without_saving_first(stage: Stage) -> None:
    alarm_id = await stage.raise_alarm("leak")
    await stage.client.call_service("homecare_h2o", "report_false_alarm", {"alarm_id": alarm_id})
    async with stage.page("/deviations", OWNER) as seen:
        await seen.page.locator("a.row", has_text="Läckage").first.click()
        await seen.page.get_by_label("Kommentar").fill("Vatten spilldes vid diskning")
        await press(seen, "Arkivera")
        await seen.page.get_by_role("button", name="Öppna igen").wait_for()
        assert seen.errors == []
    told = await stage.client.call_service(
        "homecare_h2o", "get_deviations", {"status": ["archived"]}, return_response=True
    )
    kept = {each["alarm_id"]: each["comment"] for each in told["deviations"]}
    assert kept[alarm_id] == "Vatten spilldes vid diskning"


async def test_staff_is_shown_no_view_that_is_not_theirs(stage: Stage) -> None:
    async with stage.page("/overview", STAFF) as seen:
        await sees(seen, "Inga öppna larm")
        assert await seen.page.locator("homecare-h2o-panel nav a").all_inner_texts() == ["Larm"]


@pytest.mark.parametrize("path", ["/alarm/nothing", "/alarm/%E0%A4%A"])
async def test_an_address_of_no_alarm_says_so_and_leads_back(stage: Stage, path: str) -> None:
    async with stage.page(path, size=NARROW) as seen:
        await sees(seen, "Det finns inget sådant larm.")
        await seen.page.get_by_role("link", name="Alla öppna larm").click()
        await sees(seen, "Inga öppna larm")
        assert seen.errors == []


async def test_it_speaks_english(stage: Stage) -> None:
    alarm_id = await stage.raise_alarm("leak")
    async with stage.page(f"/alarm/{alarm_id}", language="en") as seen:
        for text in ("I take it", "What to do", "Waits for somebody to take it", "alarm raised"):
            await sees(seen, text)


async def violations(seen: Seen) -> list[tuple[str, Any]]:
    """Return where the panel breaks the rules of accessibility; the frame around it is not ours."""
    from axe_playwright_python.async_playwright import Axe

    rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
    found = (await Axe().run(seen.page, options=rules)).response["violations"]
    ours = [(each["id"], node["target"]) for each in found for node in each["nodes"]]
    return [(rule, target) for rule, target in ours if "homecare-h2o-panel" in str(target)]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
async def test_every_view_can_be_read_and_used_by_everybody(stage: Stage, size: dict[str, int], dark: bool) -> None:
    alarm_id = await stage.raise_alarm()
    async with stage.page(f"/alarm/{alarm_id}", OWNER, size=size, dark=dark) as seen:
        await sees(seen, NAME)
        found = await violations(seen)
        for path, text in (
            ("overview", "Tjänstgöring"),
            ("log", "Spara som CSV"),
            ("plan", "Handlingsplan"),
            ("statistics", "Statistik"),
            ("deviations", "Nya"),
        ):
            await seen.page.locator(f"nav a[href$='/{path}']").click()
            await sees(seen, text)
            found += await violations(seen)
        assert found == []


async def test_an_alarm_is_taken_by_the_keyboard_alone(stage: Stage) -> None:
    alarm_id = await stage.raise_alarm()
    async with stage.page(f"/alarm/{alarm_id}") as seen:
        await sees(seen, NAME)
        button = seen.page.get_by_role("button", name="Åtgärdar")
        await button.focus()
        await seen.page.keyboard.press("Enter")
        await sees(seen, "Du har tagit larmet")
        assert await stage.state_of(alarm_id) == "acknowledged"
