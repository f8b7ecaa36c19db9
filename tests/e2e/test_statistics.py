"""The figures in the panel: drawn, and the same in the tables as the journal's alarms give (R011.6, R010.5)."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
import csv
from datetime import UTC, datetime, timedelta
import os
from pathlib import Path
import re
import statistics

import pytest
import pytest_asyncio

from custom_components.homecare_h2o.core.escalation import AlarmType
from demo import cast

from .evaluated import BOSS_GROUP, DAY_GROUP, NIGHT_GROUP, STOCKHOLM, Story, tell, write_month
from .stage import NARROW, OWNER, STAFF, WIDE, Seen, Stage
from .test_panel import press, sees, strangers, violations

pytestmark = [
    pytest.mark.real,
    pytest.mark.thorough,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(180),
]

ALARMS = 54
NAMES = {
    AlarmType.SAFETY_BUTTON: "Trygghetslarm",
    AlarmType.PASSIVITY: "Passivitetslarm",
    AlarmType.DOOR: "Dörrlarm",
    AlarmType.MEDICINE: "Medicinlarm",
    AlarmType.GONE_OUT: "Gått ut-larm",
    AlarmType.FIRE: "BRAND",
    AlarmType.TEST: "Provlarm",
}
SUM = "Alla utom provlarm"
CHARTS = (
    "Larm per larmtyp",
    "Hur larmen togs",
    "Tid till svar per grupp",
    "Tid till svar per timme på dygnet",
    "Övervakad tid per brukare och rad",
)
INKS = """canvas => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const inks = new Set();
    for (let at = 0; at < data.length; at += 4) if (data[at + 3] > 250) inks.add(data.slice(at, at + 3).join());
    return [...inks];
}"""
"""The colours that a canvas is painted with."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told() -> list[Story]:
    """Return what has happened in the home."""
    return tell(ALARMS, datetime.now(UTC))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def month(theatre: Stage, told: list[Story]) -> Stage:
    """Return the stage with a month behind it, and two lines that were watched."""
    await theatre.client.post(
        "/api/states/binary_sensor.sovrummet", {"state": "off", "attributes": {"device_class": "motion"}}
    )
    for rule, name in (("formiddag", "Passivitetslarm förmiddag"), ("natt", "Passivitetslarm natten mot helgen")):
        inputs = {"brukare": theatre.brukare_id, "sensors": {"entity_id": ["binary_sensor.sovrummet"]}}
        await theatre.client.save_automation(rule, cast.automation(name, "passivity", inputs))
    await theatre.hass.stop()
    await write_month(theatre.hass.config, told, {"formiddag": 24, "natt": 18})
    await theatre.hass.start()
    await theatre.client.wait_running()
    return theatre


async def read_table(seen: Seen, name: str) -> dict[str, list[str]]:
    """Return the rows of a table by their heads."""
    table = seen.page.get_by_role("table", name=name)
    await table.wait_for()
    rows = await table.locator("tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim()))"
    )
    return {head: cells for head, *cells in rows}


def span(wait: timedelta) -> str:
    """Return how the page says a wait."""
    seconds = round(wait.total_seconds())
    parts = ((seconds // 3600, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number)


def waits(waited: Iterable[timedelta]) -> list[str]:
    """Return the median and what nine of ten do not exceed, both waits that really were."""
    ordered = sorted(waited)
    return [span(statistics.median_low(ordered)), span(ordered[-(-len(ordered) * 9 // 10) - 1])]


def share(part: int, whole: int) -> str:
    """Return how the page says a share, with its unbreakable blank."""
    return f"{100 * round(part / whole, 3):.1f}".replace(".0", "").replace(".", ",") + "\N{NO-BREAK SPACE}%"


def real(told: list[Story]) -> list[Story]:
    """Return the alarms that are no tests."""
    return [story for story in told if story.alarm_type is not AlarmType.TEST]


def by_type(told: list[Story]) -> dict[str, list[Story]]:
    """Return the alarms as the tables have them: by larmtyp, and all but the tests."""
    types = {
        NAMES[kind]: [story for story in told if story.alarm_type is kind]
        for kind in {story.alarm_type for story in told}
    }
    return {**types, SUM: real(told)}


async def test_the_tables_say_what_the_journals_alarms_give(month: Stage, told: list[Story]) -> None:
    async with month.page("/statistics", OWNER) as seen:
        parts = by_type(told)
        assert await read_table(seen, CHARTS[0]) == {
            name: [str(len(part)), str(false := sum(story.is_false for story in part)), share(false, len(part))]
            for name, part in parts.items()
        }
        ends = {name: Counter((story.is_false, story.is_escalated) for story in part) for name, part in parts.items()}
        assert await read_table(seen, CHARTS[1]) == {
            name: [str(end[False, False]), str(end[False, True]), str(end[True, False]), "0"]
            for name, end in ends.items()
        }
        later = timedelta(minutes=5)
        called = {
            **{name: [story.wait for story in real(told) if story.group == name] for name in (DAY_GROUP, NIGHT_GROUP)},
            BOSS_GROUP: [story.wait - later for story in real(told) if story.is_escalated],
        }
        assert await read_table(seen, CHARTS[2]) == {
            name: [str(len(waited)), str(len(waited)), *waits(waited)] for name, waited in called.items()
        }
        hours = {
            hour: [story.wait for story in real(told) if story.hour == hour]
            for hour in {story.hour for story in real(told)}
        }
        assert await read_table(seen, CHARTS[3]) == {
            f"{hour:02}–{(hour + 1) % 24:02}": [str(len(waited)), *waits(waited)] for hour, waited in hours.items()
        }
        lines = await read_table(seen, CHARTS[4])
        assert {name: cells[0] for name, cells in lines.items()} == {
            "K7-31 Passivitetslarm förmiddag": "480 h",
            "K7-31 Passivitetslarm natten mot helgen": "360 h",
        }
        assert (seen.errors, strangers(month, seen)) == ([], [])


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
async def test_the_charts_are_drawn_and_everybody_can_read_the_page(
    month: Stage, size: Mapping[str, int], dark: bool
) -> None:
    async with month.page("/statistics", OWNER, size=size, dark=dark) as seen:
        charts = [seen.page.get_by_role("img", name=name) for name in CHARTS]
        inks = [await chart.evaluate(INKS) for chart in charts]
        assert [len(found) > 3 for found in inks] == [True] * len(CHARTS)
        assert await seen.page.evaluate("document.documentElement.scrollWidth") == size["width"]
        main = seen.page.locator("homecare-h2o-panel main")
        assert await main.evaluate("each => each.scrollWidth - each.clientWidth") == 0
        assert (await violations(seen), seen.errors) == ([], [])
        await picture(seen, f"statistics-{size['width']}-{'dark' if dark else 'light'}")


async def picture(seen: Seen, name: str) -> None:
    """Keep a picture of the whole view, for whoever names a folder in the environment."""
    size = seen.page.viewport_size
    height = await seen.page.locator("homecare-h2o-panel main").evaluate("each => each.scrollHeight")
    await seen.page.set_viewport_size({"width": size["width"], "height": height + 60})
    shot = await seen.page.screenshot()
    await asyncio.to_thread(keep, f"{name}.png", shot)


def keep(name: str, shot: bytes) -> None:
    """Keep a picture if there is a folder for it."""
    if folder := os.environ.get("HOMECARE_PICTURES"):
        (Path(folder) / name).write_bytes(shot)


async def test_a_shorter_period_has_fewer_alarms_and_what_is_shown_is_what_is_taken_out(
    month: Stage, told: list[Story]
) -> None:
    today = datetime.now(UTC).astimezone(STOCKHOLM).date()
    latest = [story for story in told if today - story.raised_at.astimezone(STOCKHOLM).date() < timedelta(days=7)]
    async with month.page("/statistics", OWNER) as seen:
        await press(seen, "7 dagar")
        await sees(seen, f"{len(real(latest))} larm {today - timedelta(days=6)} – {today}")
        assert await seen.page.get_by_role("button", name="7 dagar").get_attribute("aria-pressed") == "true"
        shown = await read_table(seen, CHARTS[0])
        assert shown[SUM][0] == str(len(real(latest)))
        async with seen.page.expect_download() as download:
            await press(seen, "Spara som CSV")
        path = Path(await (await download.value).path())
        text = await asyncio.to_thread(path.read_text, encoding="utf-8-sig")
        rows = list(csv.reader(text.splitlines()))
        begin = rows.index(["Larm per larmtyp"])
        assert rows[begin + 1] == ["Larmtyp", "Antal", "Felaktiga", "Andel felaktiga (%)"]
        assert [row[:3] for row in rows[begin + 2 : begin + 2 + len(shown)]] == [
            [name, *cells[:2]] for name, cells in shown.items()
        ]
        assert seen.errors == []


async def test_a_period_of_ones_own_without_alarms_says_so(month: Stage) -> None:
    async with month.page("/statistics", OWNER, size=NARROW) as seen:
        show = seen.page.get_by_role("button", name="Visa", exact=True)
        await seen.page.get_by_label("Från").fill("2020-01-01")
        await seen.page.get_by_label("Till och med").fill("2020-01-31")
        await show.click()
        await sees(seen, "Inga larm 2020-01-01 – 2020-01-31")
        assert await seen.page.get_by_role("table", name=CHARTS[0]).count() == 0
        await seen.page.get_by_label("Till och med").fill("2019-12-31")
        await show.click()
        await seen.page.get_by_role("alert").wait_for()


async def test_another_theme_is_drawn_in_its_own_colours(month: Stage) -> None:
    async with month.page("/statistics", OWNER) as seen:
        chart = seen.page.get_by_role("img", name=CHARTS[0])
        light = await chart.evaluate(INKS)
        await seen.page.emulate_media(color_scheme="dark")
        await seen.page.locator("homecare-h2o-panel[dark]").wait_for()
        dark = await chart.evaluate(INKS)
        assert set(light) != set(dark)


async def test_a_chart_of_somebody_else_is_left_as_it_was(month: Stage) -> None:
    async with month.page("", OWNER) as seen:
        await sees(seen, "Inga öppna larm")
        await seen.page.evaluate("window.Chart = 'of a card'")
        await seen.page.get_by_role("link", name="Statistik").click()
        await seen.page.get_by_role("img", name=CHARTS[0]).wait_for()
        assert await seen.page.evaluate("window.Chart") == "of a card"


async def test_it_speaks_english(month: Stage) -> None:
    async with month.page("/statistics", OWNER, language="en") as seen:
        await seen.page.get_by_role("img", name="Alarms by alarm type").wait_for()
        await sees(seen, "Nine of ten within")


async def test_it_is_not_for_staff(month: Stage) -> None:
    async with month.page("/statistics", STAFF) as seen:
        await sees(seen, "Inga öppna larm")
        assert await seen.page.get_by_role("table").count() == 0


async def test_figures_stay_while_the_hub_is_away_and_can_be_counted_again_when_it_is_back(month: Stage) -> None:
    async with month.page("/statistics", OWNER) as seen:
        shown, week_ago = await read_table(seen, CHARTS[0]), datetime.now(STOCKHOLM).date() - timedelta(days=6)
        month.hass.kill()
        lost = seen.page.get_by_text(re.compile("Ingen kontakt med hubben sedan"))
        await lost.wait_for()
        show = seen.page.get_by_role("button", name="Visa", exact=True)
        assert (await show.is_disabled(), await read_table(seen, CHARTS[0])) == (True, shown)
        await month.hass.wait()
        await month.hass.start()
        await lost.wait_for(state="detached")
        await press(seen, "7 dagar")
        await sees(seen, f"larm {week_ago} – ")
