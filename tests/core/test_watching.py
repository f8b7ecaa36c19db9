"""Whether a line is watched, since when not, and for how long: blind is not quiet."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.homecare_h2o.core.codec import from_plain, to_plain
from custom_components.homecare_h2o.core.watching import (
    DAYS_KEPT,
    SETTLED_AFTER,
    TELL_AFTER,
    Coverage,
    Day,
    Essential,
    Fault,
    SourceFault,
    WatchFacts,
    calc_coverage,
    count,
    is_due,
    observe,
    tell,
)

STOCKHOLM = ZoneInfo("Europe/Stockholm")
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
START = datetime(2026, 11, 2, 12, tzinfo=UTC)
NEW = WatchFacts(counted_until_at=START)
LOST = (SourceFault(source="hall", fault=Fault.UNAVAILABLE),)
STUCK = (SourceFault(source="kitchen", fault=Fault.STUCK),)
NOTHING: tuple[SourceFault, ...] = ()
NO_DAYS: tuple[Day, ...] = ()
ANY_OF_TWO: Essential = (frozenset({"hall", "kitchen"}),)
BOTH: Essential = (frozenset({"hall"}), frozenset({"kitchen"}))


def see(
    facts: WatchFacts, faults: tuple[SourceFault, ...], at: datetime, coverage: Coverage = Coverage.NOT
) -> WatchFacts:
    return observe(facts, coverage if faults else Coverage.WATCHED, faults, at, STOCKHOLM)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).astimezone(UTC)


@pytest.mark.parametrize(
    ("essential", "faults", "coverage"),
    [
        (ANY_OF_TWO, NOTHING, Coverage.WATCHED),
        (ANY_OF_TWO, LOST, Coverage.PARTLY),
        (ANY_OF_TWO, LOST + STUCK, Coverage.NOT),
        (BOTH, LOST, Coverage.NOT),
        ((frozenset({"door"}),), LOST, Coverage.PARTLY),
        ((frozenset(),), NOTHING, Coverage.NOT),
        ((), NOTHING, Coverage.WATCHED),
        (ANY_OF_TWO, (SourceFault(source="automation.rule", fault=Fault.TURNED_OFF),), Coverage.NOT),
        (ANY_OF_TWO, (SourceFault(source="automation.rule", fault=Fault.BROKEN),), Coverage.NOT),
    ],
)
def test_a_line_is_blind_when_a_group_that_it_needs_is_lost(
    essential: Essential, faults: tuple[SourceFault, ...], coverage: Coverage
) -> None:
    assert calc_coverage(essential, faults) is coverage


def test_what_is_well_stays_well() -> None:
    facts = see(NEW, NOTHING, START + HOUR)
    assert (facts.trouble, facts.coverage) == (None, Coverage.WATCHED)


def test_trouble_is_told_when_it_has_lasted() -> None:
    facts = see(NEW, LOST, START)
    assert not is_due(facts, START + TELL_AFTER - SECOND)
    assert is_due(facts, START + TELL_AFTER)
    assert not is_due(tell(facts), START + TELL_AFTER)


def test_what_is_well_is_not_told() -> None:
    assert not is_due(NEW, START + TELL_AFTER)
    assert tell(NEW) == NEW


def test_trouble_is_over_when_all_has_been_well_for_a_while() -> None:
    facts = see(see(NEW, LOST, START), NOTHING, START + MINUTE)
    assert facts.coverage is Coverage.NOT
    assert see(facts, NOTHING, START + MINUTE + SETTLED_AFTER - SECOND).trouble is not None
    assert see(facts, NOTHING, START + MINUTE + SETTLED_AFTER).trouble is None


def test_a_hundred_blips_are_one_trouble() -> None:
    facts = see(NEW, LOST, START)
    instants = [START + number * SECOND for number in range(100)]
    blips = [faults for _ in instants for faults in (LOST, NOTHING)]
    for at, faults in zip([at for at in instants for _ in range(2)], blips, strict=True):
        facts = see(facts, faults, at)
    assert facts.trouble
    assert (facts.trouble.since_at, facts.trouble.faults) == (START, LOST)


def test_a_sensor_that_is_back_is_not_told() -> None:
    facts = see(see(NEW, LOST, START), NOTHING, START + 6 * MINUTE)
    assert not is_due(facts, START + TELL_AFTER)


@pytest.mark.parametrize(
    ("faults", "coverage"), [(LOST + STUCK, Coverage.NOT), (LOST + STUCK, Coverage.PARTLY), (LOST, Coverage.NOT)]
)
def test_trouble_that_gets_worse_is_told_again(faults: tuple[SourceFault, ...], coverage: Coverage) -> None:
    facts = see(tell(see(NEW, LOST, START, Coverage.PARTLY)), faults, START + HOUR, coverage)
    assert not is_due(facts, START + HOUR + TELL_AFTER - SECOND)
    assert is_due(facts, START + HOUR + TELL_AFTER)


def test_trouble_that_gets_better_in_part_is_not_told_again() -> None:
    facts = see(tell(see(NEW, LOST + STUCK, START)), LOST, START + HOUR)
    assert not is_due(facts, START + 2 * HOUR)


def test_a_sensor_that_keeps_dropping_out_is_told() -> None:
    facts = see(see(see(NEW, LOST, START), NOTHING, START + MINUTE), LOST, START + 3 * MINUTE)
    assert is_due(facts, START + TELL_AFTER)


def test_trouble_is_as_bad_as_it_was_at_worst() -> None:
    facts = see(see(NEW, LOST, START, Coverage.PARTLY), LOST + STUCK, START + MINUTE)
    facts = see(facts, STUCK, START + 2 * MINUTE, Coverage.PARTLY)
    assert facts.trouble
    assert (facts.coverage, facts.trouble.faults) == (Coverage.NOT, LOST + STUCK)


def test_the_time_is_counted_as_it_was_before() -> None:
    facts = see(see(see(NEW, NOTHING, START + HOUR), LOST, START + 2 * HOUR), LOST, START + 3 * HOUR)
    assert facts.days == (Day(date="2026-11-02", watched=2 * HOUR, not_watched=HOUR),)


def test_a_line_that_is_partly_watched_is_watched() -> None:
    facts = see(see(NEW, LOST, START, Coverage.PARTLY), LOST, START + HOUR, Coverage.PARTLY)
    assert facts.days == (Day(date="2026-11-02", watched=HOUR),)


@pytest.mark.parametrize(
    ("day", "length"), [("2026-03-29", 23 * HOUR), ("2026-06-01", 24 * HOUR), ("2026-10-25", 25 * HOUR)]
)
def test_each_day_has_its_hours(day: str, length: timedelta) -> None:
    begun = WatchFacts(counted_until_at=local(f"{day}T00:00") - HOUR)
    facts = count(begun, local(f"{day}T00:00") + 30 * HOUR, STOCKHOLM, is_watched=True)
    assert {each.date: each.watched for each in facts.days}[day] == length


def test_time_is_not_counted_twice() -> None:
    facts = count(NEW, START + HOUR, STOCKHOLM, is_watched=True)
    assert count(facts, START, STOCKHOLM, is_watched=False) == facts


def test_old_days_are_forgotten() -> None:
    facts = count(NEW, START + timedelta(days=100), STOCKHOLM, is_watched=True)
    assert len(facts.days) == DAYS_KEPT
    assert facts.days[-1].date == "2027-02-10"


looks = st.lists(
    st.tuples(st.integers(0, 40 * 60), st.sampled_from([NOTHING, LOST, STUCK, LOST + STUCK])), min_size=1, max_size=40
)


@given(looks=looks)
@settings(max_examples=200, deadline=None)
def test_every_second_is_counted_once_whatever_happens(
    looks: list[tuple[int, tuple[SourceFault, ...]]],
) -> None:
    facts, at = NEW, START
    for after, faults in looks:
        at += timedelta(seconds=after)
        facts = see(facts, faults, at)
    assert sum((day.watched + day.not_watched for day in facts.days), timedelta()) == at - START
    assert all(earlier.date < later.date for earlier, later in pairwise(facts.days))


@given(looks=looks)
@settings(max_examples=100, deadline=None)
def test_a_restart_between_any_two_looks_changes_nothing(
    looks: list[tuple[int, tuple[SourceFault, ...]]],
) -> None:
    straight = resumed = NEW
    at = START
    for after, faults in looks:
        at += timedelta(seconds=after)
        straight = see(straight, faults, at)
        resumed = see(from_plain(WatchFacts, to_plain(resumed)), faults, at)
    assert resumed == straight


# --- armed ------------------------------------------------------------------------------------------


def test_a_line_that_is_not_armed_is_not_watched_from_then_on() -> None:
    facts = NEW
    facts = observe(facts, Coverage.WATCHED, (), START + 10 * MINUTE, STOCKHOLM, is_armed=False)
    facts = observe(facts, Coverage.WATCHED, (), START + 15 * MINUTE, STOCKHOLM)
    facts = observe(facts, Coverage.WATCHED, (), START + 16 * MINUTE, STOCKHOLM)
    assert facts.days == (Day(date="2026-11-02", watched=11 * MINUTE, not_watched=5 * MINUTE),)


def test_to_be_armed_does_not_make_a_blind_line_watched() -> None:
    facts = observe(NEW, Coverage.NOT, LOST, START, STOCKHOLM)
    assert not facts.is_watched
    assert facts.is_armed


def test_facts_of_a_version_that_did_not_know_are_armed() -> None:
    assert from_plain(WatchFacts, {"counted_until_at": START.isoformat(), "trouble": None, "days": []}).is_watched
