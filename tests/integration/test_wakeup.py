"""A timer is only a wake-up: what is due is found also when the timer is wrong."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.homecare_h2o.clock import HubClock
from custom_components.homecare_h2o.const import SIGNAL_SWEEP
from custom_components.homecare_h2o.core.events import AlarmEscalated, ReceiversCalled
from custom_components.homecare_h2o.wakeup import Wakeup

from .rules import House, count, local, settle

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

SECOND = timedelta(seconds=1)
NOON = "2026-11-02 12:00:00"


class FakeEngine:
    """An engine with one deadline that notes when it is woken."""

    def __init__(self, clock: HubClock) -> None:
        self.next_deadline_at: datetime | None = None
        self.woken_at: list[datetime] = []
        self.listeners: list[Callable[..., None]] = []
        self.error: Exception | None = None
        self.during_wake: Callable[[], None] = lambda: None
        self._clock = clock

    def subscribe(self, listener: Callable[..., None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    async def wake(self) -> None:
        self.woken_at.append(self._clock.now())
        self.during_wake()
        if self.error:
            raise self.error

    def due(self, at: datetime | None) -> None:
        """Set the deadline, as something that happened would."""
        self.next_deadline_at = at
        for listener in self.listeners:
            listener(None, None)


@pytest.fixture
def clock() -> HubClock:
    return HubClock()


@pytest.fixture
def engine(clock: HubClock) -> FakeEngine:
    return FakeEngine(clock)


@pytest.fixture
async def wakeup(hass: HomeAssistant, engine: FakeEngine, clock: HubClock) -> AsyncIterator[Wakeup]:
    wakeup = Wakeup(hass, engine, clock)  # type: ignore[arg-type]
    wakeup.async_start()
    yield wakeup
    wakeup.async_stop()


type Pass = Callable[[timedelta], Any]


@pytest.fixture
def passes(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> Pass:
    """Return what lets time pass."""

    async def passed(time: timedelta) -> None:
        freezer.tick(time)
        async_fire_time_changed(hass)
        await settle(hass)

    return passed


async def test_the_engine_is_woken_at_its_deadline(engine: FakeEngine, wakeup: Wakeup, passes: Pass) -> None:
    engine.due(local(NOON) + 10 * SECOND)
    await passes(9 * SECOND)
    assert engine.woken_at == []
    await passes(SECOND)
    assert engine.woken_at == [local(NOON) + 10 * SECOND]


async def test_what_is_due_already_is_done_at_once(engine: FakeEngine, wakeup: Wakeup, passes: Pass) -> None:
    engine.due(local(NOON) - SECOND)
    await passes(timedelta())
    assert engine.woken_at[:1] == [local(NOON)]


async def test_an_earlier_deadline_replaces_a_later_one(engine: FakeEngine, wakeup: Wakeup, passes: Pass) -> None:
    engine.due(local(NOON) + 10 * SECOND)
    engine.due(local(NOON) + 5 * SECOND)
    await passes(5 * SECOND)
    assert engine.woken_at == [local(NOON) + 5 * SECOND]


async def test_a_deadline_that_is_no_more_wakes_nobody(engine: FakeEngine, wakeup: Wakeup, passes: Pass) -> None:
    engine.due(local(NOON) + 10 * SECOND)
    engine.due(None)
    await passes(10 * SECOND)
    assert engine.woken_at == []


async def test_the_same_deadline_keeps_its_timer(hass: HomeAssistant, engine: FakeEngine, wakeup: Wakeup) -> None:
    engine.due(local(NOON) + 10 * SECOND)
    with patch("custom_components.homecare_h2o.wakeup.async_call_later") as call_later:
        engine.due(local(NOON) + 10 * SECOND)
    assert not call_later.called


async def test_the_next_deadline_follows(engine: FakeEngine, wakeup: Wakeup, passes: Pass) -> None:
    def next_one() -> None:
        engine.next_deadline_at = local(NOON) + 12 * SECOND

    engine.due(local(NOON) + 10 * SECOND)
    engine.during_wake = next_one
    await passes(10 * SECOND)
    await passes(2 * SECOND)
    assert engine.woken_at == [local(NOON) + 10 * SECOND, local(NOON) + 12 * SECOND]


async def test_the_engine_and_the_watchers_look_again_every_fifteen_seconds(
    hass: HomeAssistant, engine: FakeEngine, wakeup: Wakeup, passes: Pass
) -> None:
    sweeps: list[int] = []
    stop = async_dispatcher_connect(hass, SIGNAL_SWEEP, callback(lambda: sweeps.append(1)))
    await passes(15 * SECOND)
    await passes(15 * SECOND)
    stop()
    assert len(engine.woken_at) == 2
    assert len(sweeps) == 2


async def test_the_watchers_look_again_although_the_engine_is_in_trouble(
    hass: HomeAssistant, engine: FakeEngine, wakeup: Wakeup, passes: Pass, caplog: pytest.LogCaptureFixture
) -> None:
    sweeps: list[int] = []
    stop = async_dispatcher_connect(hass, SIGNAL_SWEEP, callback(lambda: sweeps.append(1)))
    engine.error = RuntimeError("trouble")
    await passes(15 * SECOND)
    stop()
    assert sweeps == [1]
    assert "trouble" in caplog.text


async def test_nobody_is_woken_after_the_stop(engine: FakeEngine, wakeup: Wakeup, passes: Pass) -> None:
    engine.due(local(NOON) + 10 * SECOND)
    wakeup.async_stop()
    await passes(timedelta(minutes=1))
    assert engine.woken_at == []
    assert engine.listeners == []


async def test_a_stop_while_the_engine_is_at_work_is_final(engine: FakeEngine, wakeup: Wakeup, passes: Pass) -> None:
    def stop() -> None:
        engine.next_deadline_at = local(NOON) + 20 * SECOND
        wakeup.async_stop()

    engine.due(local(NOON) + 10 * SECOND)
    engine.during_wake = stop
    await passes(10 * SECOND)
    await passes(timedelta(minutes=1))
    assert engine.woken_at == [local(NOON) + 10 * SECOND]


# --- with the real engine ------------------------------------------------------------------------------


async def raise_leak(house: House) -> None:
    """Raise an alarm whose next level is due after five minutes."""
    data = {"device_id": house.brukare, "alarm_type": "leak"}
    await house.hass.services.async_call("homecare_h2o", "raise_alarm", data, blocking=True)
    await settle(house.hass)


async def test_an_alarm_goes_on_to_the_next_level_on_time(house: House) -> None:
    await raise_leak(house)
    await house.at("2026-11-02 12:04:59")
    assert count(await house.journal(), AlarmEscalated) == 0
    await house.at("2026-11-02 12:05:00")
    (escalated,) = [event for event in await house.journal() if isinstance(event, AlarmEscalated)]
    assert (escalated.due_at, escalated.late) == (local("2026-11-02 12:05:00"), False)


async def test_a_sweep_finds_what_a_step_of_the_clock_made_due(house: House) -> None:
    await raise_leak(house)
    with patch.object(house.hub.clock, "_wall", lambda: local("2026-11-02 13:00:00")):
        await house.at("2026-11-02 12:00:15")
    (escalated,) = [event for event in await house.journal() if isinstance(event, AlarmEscalated)]
    assert escalated.late


async def test_a_sweep_finds_a_rule_that_a_step_of_the_clock_made_due(house: House) -> None:
    await house.motion("off")
    await house.use(house.passivity(all_day=True, threshold={"hours": 12}))
    with patch.object(house.hub.clock, "_wall", lambda: local("2026-11-03 06:00:00")):
        await house.at("2026-11-02 12:00:15")
    (alarm,) = await house.raised()
    assert (alarm.due_at, alarm.late) == (local("2026-11-03 00:00:00"), True)


@pytest.mark.parametrize("wall", ["2026-11-02 11:00:00", "1970-01-01 00:00:30"])
async def test_a_clock_that_is_set_back_neither_hastens_nor_loses_a_deadline(house: House, wall: str) -> None:
    clock = house.hub.clock
    await raise_leak(house)
    with patch.object(clock, "_wall", lambda: local(wall)), patch.object(clock, "_monotonic") as monotonic:
        monotonic.return_value = clock._floor_mark + 290.0
        await house.hub.engine.wake()
        assert count(await house.journal(), AlarmEscalated) == 0
        monotonic.return_value += 10.0
        await house.hub.engine.wake()
    assert count(await house.journal(), AlarmEscalated) == 1


async def test_no_level_is_told_twice_although_the_clock_is_set_back(house: House) -> None:
    await raise_leak(house)
    await house.at("2026-11-02 12:05:00")
    house.freezer.move_to(local("2026-11-02 11:00:00"))
    await house.hub.engine.wake()
    await house.hub.engine.wake()
    assert count(await house.journal(), ReceiversCalled) == 2


async def test_nothing_is_woken_when_the_hub_is_stopped(house: House) -> None:
    await raise_leak(house)
    engine = house.hub.engine
    await house.stop_hub()
    with patch.object(engine, "wake") as wake:
        await house.at("2026-11-02 12:30:00")
    assert not wake.called
    await house.start_hub()
    assert count(await house.journal(), AlarmEscalated) == 1
