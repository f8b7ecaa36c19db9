"""The hub's clock never goes back, and never stands still."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise

from hypothesis import given, strategies as st
import pytest

from custom_components.homecare_h2o.clock import HubClock

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
BOOT = datetime(1970, 1, 1, 0, 0, 30, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


class Clocks:
    """A wall clock that anybody can set, and a monotonic one that nobody can."""

    def __init__(self, wall: datetime = NOON) -> None:
        self.wall = wall
        self.monotonic = 1000.0
        self.hub = HubClock(lambda: self.wall, lambda: self.monotonic)

    def pass_time(self, passed: timedelta) -> None:
        self.wall += passed
        self.monotonic += passed.total_seconds()

    def now_after(self, passed: timedelta, *, jump: timedelta = timedelta()) -> datetime:
        """Return what the hub's clock shows when time has passed, and the wall clock has then been set."""
        self.pass_time(passed)
        self.wall += jump
        return self.hub.now()


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


def test_it_shows_the_wall_clock(clocks: Clocks) -> None:
    assert clocks.hub.now() == NOON
    assert clocks.now_after(HOUR) == NOON + HOUR
    assert not clocks.hub.is_behind


def test_it_follows_the_wall_clock_forward(clocks: Clocks) -> None:
    assert clocks.now_after(MINUTE, jump=HOUR) == NOON + MINUTE + HOUR
    assert not clocks.hub.is_behind


def test_a_clock_that_is_set_back_goes_on_as_time_passes(clocks: Clocks) -> None:
    clocks.hub.now()
    assert clocks.now_after(MINUTE, jump=-HOUR) == NOON + MINUTE
    assert clocks.now_after(MINUTE) == NOON + 2 * MINUTE
    assert clocks.hub.is_behind


def test_after_an_hour_it_is_the_wall_clock_again(clocks: Clocks) -> None:
    clocks.hub.now()
    clocks.now_after(MINUTE, jump=-HOUR)
    clocks.now_after(HOUR, jump=HOUR)
    assert clocks.hub.now() == clocks.wall
    assert not clocks.hub.is_behind


def test_a_boot_in_1970_goes_on_from_the_last_known_instant() -> None:
    clocks = Clocks(BOOT)
    clocks.hub.never_before(NOON)
    assert clocks.hub.now() == NOON
    assert clocks.now_after(MINUTE) == NOON + MINUTE
    assert clocks.hub.is_behind


def test_the_right_time_takes_over_when_it_comes() -> None:
    clocks = Clocks(BOOT)
    clocks.hub.never_before(NOON)
    clocks.pass_time(MINUTE)
    clocks.wall = NOON + HOUR
    assert clocks.hub.now() == NOON + HOUR


@pytest.mark.parametrize("earlier", [None, NOON - HOUR, NOON])
def test_what_has_passed_changes_nothing(clocks: Clocks, earlier: datetime | None) -> None:
    clocks.hub.never_before(earlier)
    assert clocks.hub.now() == NOON


def test_an_instant_in_the_future_is_a_floor(clocks: Clocks) -> None:
    clocks.hub.never_before(NOON + HOUR)
    assert clocks.now_after(MINUTE) == NOON + HOUR + MINUTE


def test_without_arguments_it_is_the_clock_of_the_machine() -> None:
    before = datetime.now(UTC)
    assert before <= HubClock().now() <= datetime.now(UTC)


STEPS = st.lists(st.tuples(st.integers(0, 10_000), st.integers(-10_000, 10_000)), max_size=20)


@given(STEPS)
def test_it_never_goes_back_and_is_never_slower_than_time(steps: Sequence[tuple[int, int]]) -> None:
    clocks = Clocks()
    shown = [clocks.hub.now()]
    shown += [clocks.now_after(timedelta(seconds=passed), jump=timedelta(seconds=jump)) for passed, jump in steps]
    grown = [later - earlier for earlier, later in pairwise(shown)]
    assert all(grew >= timedelta() for grew in grown)
    assert shown[-1] >= clocks.wall


@given(st.integers(10_001, 10**9), st.lists(st.integers(0, 10_000), max_size=20))
def test_a_clock_that_was_set_back_further_than_it_is_looked_at_loses_no_time(back: int, steps: list[int]) -> None:
    clocks = Clocks()
    clocks.hub.now()
    clocks.wall -= timedelta(seconds=back)
    shown = [clocks.now_after(timedelta(seconds=passed)) for passed in steps]
    assert shown == [NOON + timedelta(seconds=passed) for passed in accumulate(steps)]
