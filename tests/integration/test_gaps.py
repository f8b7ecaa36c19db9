"""The time in which nobody watched is journalled, shown, and told once (R010.5)."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.homecare_h2o import gaps
from custom_components.homecare_h2o.const import DOMAIN
from custom_components.homecare_h2o.core.errors import JournalUnavailableError
from custom_components.homecare_h2o.core.events import AlarmRaised
from custom_components.homecare_h2o.core.gaps import SHORTEST, Gap
from custom_components.homecare_h2o.core.hub_events import MonitoringGap
from custom_components.homecare_h2o.journal import SqliteJournal

from .conftest import Pushed
from .rules import House, count, local
from .steps import call

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

NOTHING_TOLD: list[Any] = []


async def told(house: House) -> list[AlarmRaised]:
    raised = [event for event in await house.journal() if isinstance(event, AlarmRaised)]
    return [event for event in raised if event.rule.startswith(gaps.RULE)]


async def inbox(house: House) -> list[tuple[str, str]]:
    items = (await call(house.hass, "get_deviations"))["deviations"]
    return [(item["kind"], item["text"]) for item in items]


def shown(house: House) -> tuple[str, dict[str, Any]]:
    found = er.async_get(house.hass).async_get_entity_id("sensor", DOMAIN, "hub-1_last_gap")
    state = house.hass.states.get(found or "")
    assert state
    return state.state, {key: state.attributes.get(key) for key in ("from", "to", "earlier")}


async def stand_still(house: House, until: str) -> None:
    await house.stop_hub()
    house.freezer.move_to(local(until))
    await house.start_hub()


async def test_a_long_gap_is_told_at_once(house: House, pushed: Pushed) -> None:
    await house.at("2026-11-02 12:05:00")
    await house.restart("2026-11-02 15:00:00")
    (alarm,) = await told(house)
    assert alarm.message == (
        "Ingen övervakning från 2026-11-02 12:05 till 2026-11-02 15:00: hubben var inte igång. "
        "Larm som skulle ha kommit under tiden skickas nu och är märkta som försenade."
    )
    assert (alarm.alarm_type, alarm.late) == ("technical", False)
    assert [push["title"] for push in pushed("Larmansvarig")] == ["K7-31 · Tekniskt larm"]
    assert await inbox(house) == [("technical", alarm.message)]


async def test_a_short_gap_waits_in_the_inbox(house: House) -> None:
    await house.restart("2026-11-02 12:09:59")
    assert await told(house) == NOTHING_TOLD
    ((kind, _),) = await inbox(house)
    assert kind == "monitoring_gap"


async def test_a_reload_and_a_quick_restart_are_not_told(house: House) -> None:
    await house.at("2026-11-02 12:01:30")
    await house.start_hub_again()
    await house.restart("2026-11-02 12:03:29")
    assert await inbox(house) == NOTHING_TOLD
    assert count(await house.journal(), MonitoringGap) == 0
    assert shown(house)[0] == "unknown"


async def test_the_first_start_follows_no_gap(house: House) -> None:
    assert house.hub.gaps.newest == ()


async def test_a_gap_is_told_once(house: House) -> None:
    await house.restart("2026-11-02 15:00:00")
    await house.start_hub_again()
    await house.restart("2026-11-02 15:01:00")
    assert (len(await told(house)), len(await inbox(house))) == (1, 1)


async def test_each_gap_is_an_alarm_of_its_own(house: House) -> None:
    await house.restart("2026-11-02 15:00:00")
    await house.restart("2026-11-02 16:00:00")
    assert len({alarm.rule for alarm in await told(house)}) == 2


async def test_the_newest_gap_is_shown_with_those_before_it(house: House) -> None:
    await stand_still(house, "2026-11-02 12:05:00")
    await stand_still(house, "2026-11-02 15:05:00")
    earlier = [{"from": "2026-11-02T11:00:00+00:00", "to": "2026-11-02T11:05:00+00:00"}]
    assert shown(house) == (
        "180.0",
        {"from": "2026-11-02T11:05:00+00:00", "to": "2026-11-02T14:05:00+00:00", "earlier": earlier},
    )


async def test_what_fell_due_in_the_gap_is_late(house: House) -> None:
    await house.motion("off")
    await house.use(house.passivity())
    await house.at("2026-11-03 09:30:00")
    await house.restart("2026-11-03 11:00:00")
    (alarm,) = await house.raised()
    assert (alarm.due_at, alarm.late) == (local("2026-11-03 10:00:00"), True)


async def test_earlier_gaps_that_cannot_be_read_keep_nothing_from_starting(house: House) -> None:
    await house.restart("2026-11-02 12:05:00")
    await house.stop_hub()
    real = SqliteJournal.load_kinds

    async def load_kinds(self: SqliteJournal, kinds: Any) -> Any:
        return await {True: refuse, False: real}[MonitoringGap.kind in kinds](self, kinds)

    async def refuse(self: SqliteJournal, kinds: Any) -> Any:
        raise JournalUnavailableError("busy")

    with patch.object(SqliteJournal, "load_kinds", load_kinds):
        await house.at("2026-11-02 12:25:00")
        await house.start_hub()
    assert house.hub.gaps.newest == (Gap(from_at=local("2026-11-02 12:05:00"), to_at=local("2026-11-02 12:25:00")),)
    assert len(await told(house)) == 1


# --- a clock that is wrong --------------------------------------------------------------------------


@pytest.fixture
def _real_steps(_long_steps: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gaps, "LONGEST_STEP", SHORTEST)


@pytest.mark.usefixtures("_real_steps")
async def test_a_start_in_1970_is_no_gap_until_the_clock_is_set(house: House) -> None:
    await house.restart("1970-01-01 01:00:30")
    assert await told(house) == NOTHING_TOLD
    house.freezer.move_to(local("2026-11-02 15:00:00"))
    await house.at("2026-11-02 15:01:00")
    (alarm,) = await told(house)
    assert alarm.message
    assert alarm.message.startswith("Ingen övervakning från 2026-11-02 12:00 till 2026-11-02 15:01: hubben stod stilla")
    (gap,) = house.hub.gaps.newest
    assert timedelta(hours=3) <= gap.length < timedelta(hours=3, minutes=2)


@pytest.mark.usefixtures("_real_steps")
async def test_a_hub_that_stood_still_tells_of_it(house: House) -> None:
    await house.at("2026-11-02 12:01:00")
    await house.at("2026-11-02 12:02:00")
    numbers = [len(house.hub.gaps.newest)]
    await house.at("2026-11-02 12:30:00")
    assert house.hub.gaps.newest == (Gap(from_at=local("2026-11-02 12:02:00"), to_at=local("2026-11-02 12:30:00")),)
    assert numbers == [0]
    assert len(await told(house)) == 1


async def test_a_hub_that_is_closed_meanwhile_files_nothing(house: House) -> None:
    await house.hub.engine.stop()
    await house.hub.gaps._async_file("too late")
    await house.start_hub_again()
    assert await inbox(house) == NOTHING_TOLD
