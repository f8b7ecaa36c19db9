"""The panel's files and its place in the sidebar; the alarms need neither."""

import hashlib
from http import HTTPStatus
from pathlib import Path
import re
import shutil

from homeassistant.components import frontend
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.homecare_h2o.panel import FOLDER, calc_digest

from .steps import get_alarm, raise_alarm

LIT = "b878e7f95dec8a9b6e9b217faca6b6a11bad82ebc44c0caa77419ed83edd81f2"
"""The digest of lit-html.js in version 3.3.3 of the npm package lit-html."""
CHART = "87364cc2b2a76a6684929e7d6b80b18a897794db38400caff1fcf1791c6925d2"
"""The digest of dist/chart.umd.min.js in version 4.6.1 of the npm package chart.js."""
PUBLISHED = ("lit-html.js", "chart.umd.min.js")


@pytest.fixture
async def module_url(hass: HomeAssistant, home: MockConfigEntry) -> str:
    """Return where the panel's module is."""
    assert await async_setup_component(hass, "frontend", {})
    await hass.async_block_till_done()
    panel = hass.data[frontend.DATA_PANELS]["homecare-h2o"]
    assert panel.config
    return str(panel.config["_panel_custom"]["module_url"])


async def test_everybody_who_can_log_in_has_the_panel_in_the_sidebar(hass: HomeAssistant, module_url: str) -> None:
    panel = hass.data[frontend.DATA_PANELS]["homecare-h2o"]
    assert (panel.sidebar_title, panel.sidebar_icon, panel.require_admin) == ("HomeCare H2O", "mdi:home-heart", False)


async def test_its_files_are_served_and_kept_by_the_browser_until_they_change(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, module_url: str
) -> None:
    client = await hass_client()
    answer = await client.get(module_url)
    assert (answer.status, answer.content_type) == (HTTPStatus.OK, "text/javascript")
    assert "max-age" in answer.headers["Cache-Control"]
    assert f"/{calc_digest(FOLDER)}/" in module_url


def test_another_content_is_another_address(tmp_path: Path) -> None:
    copy = tmp_path / "frontend"
    shutil.copytree(FOLDER, copy)
    assert calc_digest(copy) == calc_digest(FOLDER)
    (copy / "texts.js").write_text("")
    assert calc_digest(copy) != calc_digest(FOLDER)


async def test_without_a_frontend_the_alarms_go_on(hass: HomeAssistant, brukare_device: str) -> None:
    assert "frontend" not in hass.config.components
    alarm_id = await raise_alarm(hass, brukare_device)
    assert (await get_alarm(hass, alarm_id))["open"] is True


async def test_a_frontend_in_trouble_keeps_no_alarm_back(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, caplog: pytest.LogCaptureFixture
) -> None:
    frontend.async_register_built_in_panel(hass, "custom", frontend_url_path="homecare-h2o")
    assert await async_setup_component(hass, "frontend", {})
    await hass.async_block_till_done()
    assert "Overwriting panel homecare-h2o" in caplog.text
    assert await raise_alarm(hass, brukare_device)


def test_lit_is_the_file_that_was_published() -> None:
    assert hashlib.sha256((FOLDER / "lit-html.js").read_bytes()).hexdigest() == LIT
    assert "BSD" in (FOLDER / "LICENSE.lit-html").read_text(encoding="utf-8")


def test_chart_js_is_the_file_that_was_published() -> None:
    assert hashlib.sha256((FOLDER / "chart.umd.min.js").read_bytes()).hexdigest() == CHART
    assert "The MIT License" in (FOLDER / "LICENSE.chartjs").read_text(encoding="utf-8")


def test_the_panel_asks_nobody_but_the_hub() -> None:
    own = [path for path in FOLDER.glob("*.js") if path.name not in PUBLISHED]
    text = "\n".join(path.read_text(encoding="utf-8") for path in own)
    assert re.findall(r"https?://\S+|\bfetch\(|XMLHttpRequest|localStorage", text) == []


def test_every_module_is_reached_by_its_neighbours_alone() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.js"))
    imported = set(re.findall(r'(?:from |import\()"\./([\w.-]+\.js)"', text))
    assert imported | {"panel.js", "strategy.js"} == {path.name for path in FOLDER.glob("*.js")}


def test_both_languages_have_every_word() -> None:
    text = (FOLDER / "texts.js").read_text(encoding="utf-8")
    swedish, english = (re.findall(r"^  (\w+): \"(.+)\",$", part, re.MULTILINE) for part in text.split("const en ="))
    assert [word for word, _ in swedish] == [word for word, _ in english]
    marks = [[sorted(re.findall(r"\{\w+\}", told)) for _, told in words] for words in (swedish, english)]
    assert marks[0] == marks[1]


def test_every_word_is_used() -> None:
    others = [path.read_text(encoding="utf-8") for path in FOLDER.glob("*.js") if path.name != "texts.js"]
    words = re.findall(r"^  (\w+): \"", (FOLDER / "texts.js").read_text(encoding="utf-8"), re.MULTILINE)
    used = set(re.findall(r'"(\w+)"', "\n".join(others)))
    made = {f"consent_{state}" for state in ("given", "not_registered", "expired", "withdrawn")}
    assert set(words) - used - made == set()
