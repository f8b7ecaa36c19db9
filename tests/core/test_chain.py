"""When each phone is tested, and what its tests say of it."""

from datetime import UTC, datetime, time, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.homecare_h2o.core.chain import (
    NO_RECEIPT,
    SPREAD,
    TEST_AT,
    ChainResult,
    PhoneTests,
    Probe,
    calc_slot,
    is_expired,
    is_news,
    judge,
    next_test_at,
    record,
)

STOCKHOLM = ZoneInfo("Europe/Stockholm")
NOON = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)
INSTANTS = st.integers(0, 5 * 365 * 24 * 3600).map(lambda seconds: NOON + timedelta(seconds=seconds))
NEW = PhoneTests(known_at=NOON)
PASSED, NOT_VERIFIED, FAILED = ChainResult.PASSED, ChainResult.NOT_VERIFIED, ChainResult.FAILED


def wall(at: datetime) -> datetime:
    """Return what the clock on the wall shows."""
    return at.astimezone(STOCKHOLM)


@given(phone_id=st.text(), day=INSTANTS)
def test_each_phone_has_its_minute_of_the_morning(phone_id: str, day: datetime) -> None:
    slot = calc_slot(phone_id, day, STOCKHOLM)
    first = datetime.combine(wall(day).date(), TEST_AT, tzinfo=STOCKHOLM)
    assert first <= wall(slot) < first + SPREAD
    assert slot == calc_slot(phone_id, slot, STOCKHOLM)


def test_phones_are_spread() -> None:
    assert len({calc_slot(f"app:{number}", NOON, STOCKHOLM) for number in range(20)}) > 10


@given(phone_id=st.text(max_size=5), known_at=INSTANTS)
def test_a_phone_is_tested_within_a_day_and_then_once_on_the_next(phone_id: str, known_at: datetime) -> None:
    first = next_test_at(PhoneTests(known_at=known_at), phone_id, STOCKHOLM)
    assert known_at < first <= known_at + timedelta(hours=25)
    then = next_test_at(PhoneTests(known_at=known_at, tested_at=first, result=PASSED), phone_id, STOCKHOLM)
    assert wall(then).date() == wall(first).date() + timedelta(days=1)
    assert wall(then).time() == wall(first).time()


@pytest.mark.parametrize("day", [datetime(2026, 3, 28, 11, tzinfo=UTC), datetime(2026, 10, 24, 11, tzinfo=UTC)])
def test_the_wall_clock_counts_when_summer_time_changes(day: datetime) -> None:
    then = next_test_at(PhoneTests(known_at=day, tested_at=day), "app:1", STOCKHOLM)
    assert time(10, 0) <= wall(then).time() < time(12, 0)


def test_what_fell_due_during_a_stop_is_due_at_once() -> None:
    tests = PhoneTests(known_at=NOON, tested_at=NOON - timedelta(days=5), result=PASSED)
    assert next_test_at(tests, "app:1", STOCKHOLM) < NOON


@pytest.mark.parametrize(
    ("failures", "wait"), [(1, timedelta(minutes=15)), (2, timedelta(hours=1)), (9, timedelta(hours=1))]
)
def test_a_test_that_failed_is_repeated_sooner(failures: int, wait: timedelta) -> None:
    tests = PhoneTests(known_at=NOON, tested_at=NOON, result=FAILED, error="timeout", failures=failures)
    assert next_test_at(tests, "app:1", STOCKHOLM) == NOON + wait


@pytest.mark.parametrize(("seconds", "expected"), [(0, False), (599, False), (600, True)])
def test_a_receipt_is_waited_for_ten_minutes(seconds: int, expected: bool) -> None:
    assert is_expired(NOON, NOON + timedelta(seconds=seconds)) is expected


@pytest.mark.parametrize(
    ("probe", "can_confirm", "expected"),
    [
        (Probe(sent=True, received_ms=80), True, (PASSED, None)),
        (Probe(sent=True, answered_ms=900), False, (PASSED, None)),
        (Probe(error="timeout", received_ms=80), True, (PASSED, None)),
        (Probe(sent=True), True, (FAILED, NO_RECEIPT)),
        (Probe(sent=True), False, (NOT_VERIFIED, None)),
        (Probe(error="http_500"), False, (FAILED, "http_500")),
        (Probe(), True, (FAILED, "timeout")),
    ],
)
def test_only_a_phone_that_says_so_has_passed(
    probe: Probe, can_confirm: bool, expected: tuple[ChainResult, str | None]
) -> None:
    assert judge(probe, can_confirm=can_confirm) == expected


def test_two_failures_in_a_row_are_a_failed_phone_and_a_pass_mends_it() -> None:
    once = record(NEW, FAILED, "timeout", NOON)
    twice = record(once, FAILED, "timeout", NOON)
    mended = record(twice, PASSED, None, NOON)
    assert [each.is_failed for each in (NEW, once, twice, mended)] == [False, False, True, False]
    assert mended == PhoneTests(known_at=NOON, tested_at=NOON, result=PASSED)


def test_a_failure_may_count_for_two() -> None:
    assert record(NEW, FAILED, "timeout", NOON, weight=2).is_failed


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([(PASSED, None)], True),
        ([(FAILED, "timeout"), (FAILED, "timeout")], True),
        ([(FAILED, "timeout"), (FAILED, "timeout"), (FAILED, "timeout")], False),
        ([(FAILED, "timeout"), (FAILED, "timeout"), (FAILED, "http_500")], True),
        ([(FAILED, "timeout"), (FAILED, "timeout"), (PASSED, None)], True),
    ],
)
def test_a_phone_that_stays_failed_is_no_news(results: list[tuple[ChainResult, str | None]], expected: bool) -> None:
    history = list(accumulate(results, lambda tests, test: record(tests, test[0], test[1], NOON), initial=NEW))
    assert is_news(history[-2], history[-1]) is expected
