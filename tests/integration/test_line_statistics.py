"""The recorder keeps long-term statistics of how long each line was watched (R010.5)."""

from datetime import timedelta
from typing import Any

from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)

from .rules import House, local

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")


@pytest.fixture
def mock_recorder_before_hass(async_test_recorder: Any) -> None:
    """Have the recorder before anything else."""


async def test_the_recorder_keeps_the_minutes(recorder_mock: Recorder, hass: HomeAssistant, house: House) -> None:
    assert await async_setup_component(hass, "sensor", {})
    await house.motion("off")
    await house.use(house.passivity(all_day=True, threshold={"hours": 24}))
    sensor = er.async_get(hass).async_get_entity_id("sensor", "homecare_h2o", "brukare-1_watched_today_passivity 1")
    assert sensor
    for minute in (1, 6, 12):
        await house.at(local("2026-11-02 12:00:00") + timedelta(minutes=minute))
    await async_wait_recording_done(hass)
    do_adhoc_statistics(hass, start=local("2026-11-02 12:05:00"))
    await async_wait_recording_done(hass)
    kept = await get_instance(hass).async_add_executor_job(
        statistics_during_period, hass, local("2026-11-02 12:00:00"), None, {sensor}, "5minute", None, {"state", "sum"}
    )
    (row,) = kept[sensor]
    assert (row["start"], row["state"]) == (local("2026-11-02 12:05:00").timestamp(), 6.0)
