"""The dashboard strategy and the documented cards in a real Chromium, before a real Home Assistant (R010.7, R030.2)."""

from collections.abc import Mapping
import json
from pathlib import Path
import re
from typing import Any

from homeassistant.util import slugify
from homeassistant.util.yaml import parse_yaml
import pytest
import pytest_asyncio

from demo import cast

from .stage import NARROW, ONLOOKER, OWNER, STAFF, WIDE, Account, Seen, Stage
from .test_panel import sees, strangers

pytestmark = [
    pytest.mark.real,
    pytest.mark.thorough,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(180),
]

ROOT = Path(__file__).resolve().parents[2]
PERSONAL = [value for key, value in cast.BRUKARE.items() if key != "code"]
CODE = cast.BRUKARE["code"]
LINE = "Passivity"
BROKEN = "hui-error-card, hui-warning, hui-error-badge, hui-warning-element"


def find_examples() -> list[tuple[str, dict[str, Any]]]:
    """Return every example of the documents that ends in a dashboard, and what it is called in a failure."""
    found: list[tuple[str, Any]] = []
    for path in sorted((ROOT / "docs").glob("dashboards*.md")):
        blocks = re.findall(r"^```yaml\n(.*?)^```$", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
        found += [(f"{path.name}-{number}", parse_yaml(block)) for number, block in enumerate(blocks, start=1)]
    return found


EXAMPLES = find_examples()
SCRIPTS = [example for _, example in EXAMPLES if "sequence" in example]
SHOWN = [pytest.param(example, id=name) for name, example in EXAMPLES if "sequence" not in example]


def as_dashboard(example: dict[str, Any]) -> dict[str, Any]:
    """Return a dashboard with an example in it: itself one, one of its views, or one card on a view."""
    if "views" in example or "strategy" in example:
        return example
    view = example if "sections" in example else {"title": "Example", "cards": [example]}
    return {"views": [view]}


async def save(stage: Stage, url_path: str, config: Mapping[str, Any]) -> None:
    """Save a dashboard as its editor does, the first time as a new one."""
    known = await stage.client.ws_command("lovelace/dashboards/list")
    new = {"url_path": url_path, "title": url_path, "require_admin": False, "show_in_sidebar": False}
    for missing in {url_path} - {dashboard["url_path"] for dashboard in known}:
        await stage.client.ws_command("lovelace/dashboards/create", **{**new, "url_path": missing})
    await stage.client.ws_command("lovelace/config/save", url_path=url_path, config=config)


async def show(stage: Stage, seen: Seen, url_path: str) -> None:
    """Go to a dashboard, and wait until it is drawn."""
    await seen.page.goto(f"{stage.hass.url}/{url_path}")
    await seen.page.locator("hui-card, hui-empty-state-card").locator("visible=true").first.wait_for()


async def set_state(stage: Stage, entity_id: str, state: str, device_class: str, name: str) -> None:
    """Let a sensor of the home say something."""
    attributes = {"device_class": device_class, "friendly_name": name}
    await stage.client.post(f"/api/states/{entity_id}", {"state": state, "attributes": attributes})


def rows(seen: Seen, heading: str) -> Any:
    """Return the tiles that are to be seen in a part of the dashboard."""
    part = seen.page.locator("hui-grid-section", has=seen.page.locator("hui-heading-card", has_text=heading))
    return part.locator("hui-tile-card").locator("visible=true")


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def _home(theatre: Stage) -> None:
    """Have a dashboard by the strategy, and a line of the plan that watches with a sensor."""
    await set_state(theatre, "binary_sensor.bedroom", "off", "motion", "Sovrummet")
    await set_state(theatre, "binary_sensor.kitchen", "off", "motion", "Köket")
    await set_state(theatre, "sensor.hall_battery", "80", "battery", "Hallens batteri")
    line = cast.passivity_automation(theatre.brukare_id, ["binary_sensor.bedroom"])
    await theatre.client.save_automation("passivity", {**line, "alias": LINE})
    await save(theatre, "home-care", {"strategy": {"type": "custom:homecare-h2o"}})


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
async def test_it_shows_everything_that_there_is_and_nothing_that_is_personal(
    stage: Stage, size: dict[str, int], dark: bool
) -> None:
    async with stage.page("", OWNER, size=size, dark=dark) as seen:
        await show(stage, seen, "home-care")
        for text in (
            "Inga öppna larm",
            "I tjänst",
            "Htj dag|Nattpatrull",
            CODE,
            "Övervakning",
            f"Övervakad tid – {LINE}",
        ):
            await seen.page.get_by_text(re.compile(text)).locator("visible=true").first.wait_for()
        for text in ("Sensorer", "Ingen sensor har lågt batteri", "Telefoner", "Planerat avbrott", "Larmlogg"):
            await sees(seen, text)
        told = await seen.page.locator("hui-view").inner_text()
        width = await seen.page.evaluate("document.documentElement.scrollWidth")
        assert [word for word in PERSONAL if word in told] == []
        assert await seen.page.locator(BROKEN).count() == 0
        assert (width, seen.errors, strangers(stage, seen)) == (size["width"], [], [])


async def test_an_alarm_that_opens_is_shown_at_once_and_leads_to_the_panel(stage: Stage) -> None:
    async with stage.page("", size=NARROW) as seen:
        await show(stage, seen, "home-care")
        await sees(seen, "Inga öppna larm")
        await stage.raise_alarm()
        row = rows(seen, "Öppna larm").filter(has_text=CODE)
        await row.wait_for()
        assert await seen.page.get_by_text("Inga öppna larm").locator("visible=true").count() == 0
        await row.click()
        await sees(seen, "Trygghetslarm")
        assert "/homecare-h2o" in seen.page.url
        assert seen.errors == []


async def test_it_speaks_english(stage: Stage) -> None:
    async with stage.page("", STAFF, language="en") as seen:
        await show(stage, seen, "home-care")
        for text in ("No open alarms", "On duty", "Alarm state", "Idle", "Monitoring problem", "Watched today"):
            await sees(seen, text)
        assert seen.errors == []


async def test_only_the_larmansvarig_pauses_and_not_without_a_yes(stage: Stage) -> None:
    async with stage.page("", OWNER) as seen:
        await show(stage, seen, "home-care")
        tile = rows(seen, CODE).filter(has=seen.page.get_by_text("Övervakning", exact=True))
        await tile.locator("ha-tile-icon").click()
        await sees(seen, "Pausa övervakningen i 24 timmar?")
        await seen.page.get_by_role("button", name="Avbryt").click()
        await sees(seen, "Ingen sensor har lågt batteri")
        await tile.locator("ha-tile-icon").click()
        await seen.page.get_by_role("button", name="OK", exact=True).click()
        await tile.filter(has_text="Av").wait_for()
        await stage.client.call_service("homecare_h2o", "resume", {"device_id": stage.brukare_id})
        await tile.filter(has_text="På").wait_for()
        assert seen.errors == []
    async with stage.page("", STAFF) as seen:
        await show(stage, seen, "home-care")
        tile = rows(seen, CODE).filter(has=seen.page.get_by_text("Övervakning", exact=True))
        await tile.wait_for()
        assert await tile.get_by_role("button").count() == 0


async def test_a_sensor_that_falls_silent_and_a_battery_that_runs_low_come_up(stage: Stage) -> None:
    async with stage.page("") as seen:
        await show(stage, seen, "home-care")
        await sees(seen, "Ingen sensor har lågt batteri")
        await set_state(stage, "sensor.hall_battery", "20", "battery", "Hallens batteri")
        await set_state(stage, "binary_sensor.kitchen", "unavailable", "motion", "Köket")
        await rows(seen, "Sensorer").filter(has_text="Hallens batteri").wait_for()
        await rows(seen, "Sensorer").filter(has_text="Köket").wait_for()
        assert await seen.page.get_by_text("Ingen sensor har lågt batteri").locator("visible=true").count() == 0
        assert seen.errors == []


@pytest.mark.parametrize("account", [STAFF, ONLOOKER], ids=["staff", "read-only"])
async def test_who_is_no_larmansvarig_sees_no_inbox_and_no_log(stage: Stage, account: Account) -> None:
    async with stage.page("", account) as seen:
        await show(stage, seen, "home-care")
        await sees(seen, "Inga öppna larm")
        assert await seen.page.get_by_text(re.compile("Avvikelser|Larmlogg")).locator("visible=true").count() == 0
        assert seen.errors == []


async def generated(seen: Seen, change: str) -> str:
    """Return the view that the strategy makes of what a browser may see; ``change`` is done to a copy of that first."""
    config = await seen.page.evaluate(
        f"""async () => {{
            const hass = {{ ...document.querySelector("home-assistant").hass }};
            {change};
            return customElements.get("ll-strategy-view-homecare-h2o").generate({{ type: "custom:homecare-h2o" }}, hass);
        }}"""
    )
    return json.dumps(config, ensure_ascii=False)


async def test_what_is_not_known_is_said_and_never_taken_for_calm(stage: Stage) -> None:
    async with stage.page("") as seen:
        await show(stage, seen, "home-care")
        no_hub = await generated(seen, "hass.devices = {}")
        not_theirs = await generated(seen, "hass.states = {}")
        no_brukare = await generated(
            seen,
            "hass.devices = Object.fromEntries(Object.entries(hass.devices).filter(([, each]) => !each.via_device_id))",
        )
        blind = await generated(
            seen,
            "hass.states = Object.fromEntries(Object.entries(hass.states)"
            ".filter(([id]) => hass.entities[id]?.translation_key !== 'alarm_state'))",
        )
        assert "Ingen hubb är inställd" in no_hub
        assert "visar ingenting om hubben för din användare" in not_theirs
        assert "Hubben har ingen brukare än" in no_brukare
        assert f"Larmläget kan inte visas för {CODE}" in blind
        assert ["Inga öppna larm" in told for told in (no_hub, not_theirs, no_brukare, blind)] == [False] * 4


async def test_a_plan_without_lines_is_a_warning(stage: Stage) -> None:
    async with stage.page("") as seen:
        await show(stage, seen, "home-care")
        told = await generated(
            seen,
            "hass.entities = Object.fromEntries(Object.entries(hass.entities)"
            ".filter(([, each]) => each.translation_key !== 'watched_today'))",
        )
        assert "Handlingsplanen har inga rader" in told


async def test_without_the_panel_nothing_leads_there(stage: Stage) -> None:
    async with stage.page("") as seen:
        await show(stage, seen, "home-care")
        assert "/homecare-h2o" not in await generated(seen, "hass.panels = {}")


async def test_it_is_offered_among_the_new_dashboards(stage: Stage) -> None:
    async with stage.page("", OWNER) as seen:
        await seen.page.goto(f"{stage.hass.url}/config/lovelace/dashboards")
        await seen.page.get_by_role("button", name="Lägg till kontrollpanel").click()
        card = seen.page.get_by_role("button", name="HomeCare H2O")
        await card.wait_for()
        assert "Öppna larm" in await card.inner_text()


@pytest_asyncio.fixture(loop_scope="module")
async def english(theatre: Stage) -> None:
    """Let the entities be called as on a hub that speaks English, as the document has them."""
    english: dict[str, Any] = json.loads(
        (ROOT / "custom_components/homecare_h2o/translations/en.json").read_text(encoding="utf-8")
    )["entity"]
    of = [each for each in await theatre.client.ws_command("config/entity_registry/list") if each["device_id"]]
    for each in [entity for entity in of if entity["device_id"] == theatre.brukare_id]:
        domain = each["entity_id"].split(".")[0]
        name = english[domain][each["translation_key"]]["name"].replace("{line}", LINE)
        wanted = f"{domain}.{slugify(f'{CODE} {name}')}"
        await theatre.client.ws_command(
            "config/entity_registry/update", entity_id=each["entity_id"], new_entity_id=wanted
        )


def named_in(example: Any) -> set[str]:
    """Return the entities of ours that an example names."""
    return set(re.findall(r"\b[a-z_]+\.k7_31_\w+", json.dumps(example))) - {"script.take_k7_31"}


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize("example", SHOWN)
async def test_every_documented_example_works(stage: Stage, example: dict[str, Any]) -> None:
    await stage.raise_alarm()
    await save(stage, "an-example", as_dashboard(example))
    known = {state["entity_id"] for state in await stage.client.get("/api/states")}
    assert named_in(example) - known == set()
    async with stage.page("", OWNER) as seen:
        await show(stage, seen, "an-example")
        await seen.page.wait_for_load_state("networkidle")
        broken = await seen.page.locator(BROKEN).all_inner_texts()
        missing = await seen.page.get_by_text("saknas").locator("visible=true").count()
        assert (broken, missing, seen.errors, strangers(stage, seen)) == ([], 0, [], [])


@pytest.mark.usefixtures("english")
async def test_the_documented_script_takes_the_one_alarm_that_waits_and_none_of_two(stage: Stage) -> None:
    (script,) = SCRIPTS
    alarm_id = await stage.raise_alarm()
    await stage.client.ws_command("execute_script", sequence=script["sequence"])
    assert await stage.state_of(alarm_id) == "acknowledged"
    both = [await stage.raise_alarm(), await stage.raise_alarm("fire")]
    await stage.client.ws_command("execute_script", sequence=script["sequence"])
    assert [await stage.state_of(alarm_id) for alarm_id in both] == ["raised", "raised"]
