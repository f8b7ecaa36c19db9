"""Monitoring gaps: long enough to be told, and the newest of them."""

from datetime import timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.homecare_h2o.core.events import HubStarted
from custom_components.homecare_h2o.core.gaps import NEWEST, SHORTEST, Gap, calc_newest, find_gap
from custom_components.homecare_h2o.core.hub_events import MonitoringGap

from .samples import T0, minutes


@pytest.mark.parametrize(("length", "is_told", "is_long"), [(1.9, False, False), (2, True, False), (9.9, True, False)])
def test_a_gap_of_two_minutes_is_one(length: float, is_told: bool, is_long: bool) -> None:
    gap = find_gap(T0, minutes(length))
    assert (gap is not None, gap is not None and gap.is_long) == (is_told, is_long)


def test_a_gap_of_ten_minutes_is_told_at_once() -> None:
    gap = find_gap(T0, minutes(10))
    assert gap == Gap(from_at=T0, to_at=minutes(10))
    assert gap.is_long


def test_the_first_start_follows_no_gap() -> None:
    assert find_gap(None, T0) is None


@given(st.timedeltas(min_value=timedelta(days=-3650), max_value=timedelta(days=3650)))
def test_a_gap_is_never_less_than_the_shortest(length: timedelta) -> None:
    assert all(gap.length >= SHORTEST for gap in filter(None, [find_gap(T0, T0 + length)]))


@given(st.integers(0, 30))
def test_the_newest_gaps_come_first(number: int) -> None:
    told = [MonitoringGap(at=minutes(each), from_at=minutes(each - 1), to_at=minutes(each)) for each in range(number)]
    newest = calc_newest([HubStarted(at=T0, last_alive_at=None), *told])
    assert [gap.to_at for gap in newest] == [event.to_at for event in told[::-1]][:NEWEST]
