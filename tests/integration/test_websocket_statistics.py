"""The figures of a period, as the panel asks for them (R011.6, R010.5)."""

from collections.abc import Awaitable, Callable
import logging
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.auth.const import GROUP_ID_ADMIN
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.homecare_h2o.core.errors import JournalUnavailableError

from .conftest import group, leaks
from .rules import House
from .steps import call, go_on, raise_alarm
from .test_websocket import Browser, log_in

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

MONDAY = {"from": "2026-11-02", "to": "2026-11-02"}

type Read = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture(autouse=True)
def _as_installed(caplog: pytest.LogCaptureFixture) -> None:
    """Log as an installed Home Assistant does: only one that is being debugged logs what browsers are sent."""
    caplog.set_level(logging.INFO, "homeassistant.components.websocket_api")


@pytest.fixture
async def open_page(
    hass: HomeAssistant, home: MockConfigEntry, hass_ws_client: WebSocketGenerator
) -> Callable[[], Awaitable[Browser]]:
    """Return what opens a page for the larmansvarig; one that is open does not live through a leap of the clock."""
    boss = await hass.auth.async_create_user("Boss", group_ids=[GROUP_ID_ADMIN])

    async def open_now() -> Browser:
        return await log_in(hass, hass_ws_client, boss)

    return open_now


@pytest.fixture
def read(open_page: Callable[[], Awaitable[Browser]]) -> Read:
    """Return what asks for the figures of a period, by default of the day."""

    async def ask(**period: str) -> dict[str, Any]:
        return await (await open_page()).get("statistics", **(period or MONDAY))

    return ask


def number(rows: list[dict[str, Any]], key: str) -> dict[str, int]:
    return {row[key]: row["number"] for row in rows}


async def test_no_alarms_are_told_as_none(read: Read) -> None:
    told = await read()
    nothing = {"number": 0, "false": 0, "false_share": 0, "answered": 0, "median_seconds": None, "p90_seconds": None}
    answers = {"before": 0, "after": 0, "unacknowledged": 0, "waiting": 0}
    assert told["total"] == {**nothing, "answers": answers}
    assert (told["by_type"], told["by_group"], told["by_hour"], told["watched"]) == ([], [], [nothing] * 24, [])
    assert (told["from"], told["to"]) == ("2026-11-02T00:00:00+01:00", "2026-11-03T00:00:00+01:00")


async def test_the_figures_are_those_of_the_alarms(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, brukare_device: str, read: Read
) -> None:
    taken = await raise_alarm(hass, brukare_device, "passivity")
    await go_on(hass, freezer, seconds=40)
    await call(hass, "acknowledge_alarm", alarm_id=taken)
    false = await raise_alarm(hass, brukare_device, "fire")
    await go_on(hass, freezer, seconds=20)
    await call(hass, "report_false_alarm", alarm_id=false)
    late = await raise_alarm(hass, brukare_device, "door")
    await go_on(hass, freezer, minutes=10)
    await go_on(hass, freezer, minutes=1)
    await call(hass, "acknowledge_alarm", alarm_id=late)
    await raise_alarm(hass, brukare_device, "leak")
    await raise_alarm(hass, brukare_device, "test")
    told = await read()
    assert (told["total"]["number"], told["total"]["false"], told["total"]["false_share"]) == (4, 1, 0.25)
    assert told["total"]["answers"] == {"before": 1, "after": 1, "unacknowledged": 1, "waiting": 1}
    assert number(told["by_type"], "alarm_type") == {"door": 1, "fire": 1, "leak": 1, "passivity": 1, "test": 1}
    assert number(told["by_group"], "group") == {"Htj dag": 4, "Larmansvarig": 1}
    waits = {row["group"]: (row["answered"], row["median_seconds"], row["p90_seconds"]) for row in told["by_group"]}
    assert waits == {"Htj dag": (3, 40, 660), "Larmansvarig": (1, 60, 60)}
    assert [(hour["number"], hour["median_seconds"]) for hour in told["by_hour"][11:14]] == [
        (0, None),
        (4, 40),
        (0, None),
    ]


async def test_what_was_answered_after_the_period_counts(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, brukare_device: str, read: Read
) -> None:
    freezer.move_to("2026-11-02 23:59:00+01:00")
    alarm_id = await raise_alarm(hass, brukare_device)
    await go_on(hass, freezer, minutes=2)
    await call(hass, "report_false_alarm", alarm_id=alarm_id)
    monday, tuesday = await read(), await read(**{"from": "2026-11-03", "to": "2026-11-03"})
    assert (monday["total"]["number"], monday["total"]["false"], monday["by_hour"][23]["median_seconds"]) == (1, 1, 120)
    assert tuesday["total"]["number"] == 0


async def test_an_alarm_that_could_not_be_written_yet_is_counted(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, read: Read
) -> None:
    journal, full = home.runtime_data.journal, JournalUnavailableError("full")
    with (
        patch.object(journal, "append", side_effect=full),
        patch.object(journal, "append_raise", side_effect=full),
    ):
        await raise_alarm(hass, brukare_device)
        told = await read()
    assert (told["total"]["number"], told["total"]["answers"]["waiting"]) == (1, 1)


async def test_a_period_before_the_journal_began_is_told(read: Read) -> None:
    told = await read(**{"from": "2020-01-01", "to": "2026-11-02"})
    assert told["begun"] == "2026-11-02T12:00:00+01:00"
    assert (await read(**{"from": "2026-11-03", "to": "2026-11-03"}))["begun"] is None


async def test_a_period_without_a_length_is_refused(open_page: Callable[[], Awaitable[Browser]]) -> None:
    answer = await (await open_page()).ask("statistics", **{"from": "2026-11-02", "to": "2026-11-01"})
    assert answer["error"]["translation_key"] == "bad_period"


async def test_how_long_each_line_was_watched_is_told_with_what_nobody_counted(house: House, read: Read) -> None:
    await house.motion("off")
    await house.use(house.passivity(all_day=True, threshold={"hours": 24}))
    await house.at("2026-11-02 12:00:15")
    await house.at("2026-11-02 18:00:15")
    (told,) = (await read())["watched"]
    assert told == {
        "code": "K7-31",
        "line": "passivity 1",
        "alarm_type": "passivity",
        "watched_seconds": 6 * 3600 + 15,
        "not_watched_seconds": 0,
        "uncounted_seconds": 12 * 3600,
        "share": 0.3335,
    }


async def test_nobody_is_named(hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, read: Read) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await call(hass, "hand_over_alarm", alarm_id=alarm_id, receiver_group="Nattpatrull")
    subentry = next(each for each in home.subentries.values() if each.title == "Nattpatrull")
    renamed = group("Nattpatrull", "relative", [])["data"] | {"name": "Dotter till Tess T. Person"}
    hass.config_entries.async_update_subentry(home, subentry, data={**subentry.data, **renamed})
    await hass.async_block_till_done()
    told = await read()
    assert leaks([told]) == []
    assert number(told["by_group"], "group") == {"Htj dag": 1, "Anhörig": 1}
