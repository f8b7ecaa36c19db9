"""Passivity: no sign of life for a time inside a window."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise, takewhile

from hypothesis import assume, given, settings, strategies as st
import pytest

from custom_components.homecare_h2o.core.detection import BadRuleError
from custom_components.homecare_h2o.core.detection.inactive import InactiveConfig, InactiveFacts, check, next_due_at
from custom_components.homecare_h2o.core.windows import ALL_DAY, Window

from .samples import MINUTE, STOCKHOLM, local

HOUR = timedelta(hours=1)


def config(hours: str, threshold: timedelta) -> InactiveConfig:
    """Make a rule of a text such as 06:00-10:00."""
    start, end = hours.split("-")
    window = Window(start=time.fromisoformat(start), end=time.fromisoformat(end))
    return InactiveConfig(threshold=threshold, window=window)


ARMED = local("2026-06-01T00:00")
MORNING = config("06:00-10:00", 4 * HOUR)


@pytest.mark.parametrize(
    ("rule", "last_activity", "due"),
    [
        (MORNING, None, "2026-06-02T10:00:00"),
        (MORNING, "2026-06-01T22:00:00", "2026-06-02T10:00:00"),
        (MORNING, "2026-06-02T06:00:00", "2026-06-02T10:00:00"),
        (MORNING, "2026-06-02T06:00:01", None),
        (config("08:00-13:00", 5 * HOUR), "2026-06-02T07:40:00", "2026-06-02T13:00:00"),
        (config("08:00-13:00", 4 * HOUR), "2026-06-02T08:50:00", "2026-06-02T12:50:00"),
        (config("08:00-13:00", 4 * HOUR), "2026-06-02T09:00:00", "2026-06-02T13:00:00"),
        (config("08:00-13:00", 4 * HOUR), "2026-06-02T09:00:01", None),
        (config("22:00-06:00", 3 * HOUR), "2026-06-02T22:40:00", "2026-06-03T01:40:00"),
        (config("22:00-06:00", 3 * HOUR), "2026-06-03T02:59:00", "2026-06-03T05:59:00"),
        (config("22:00-06:00", 3 * HOUR), "2026-06-03T03:00:01", None),
    ],
)
def test_raised_at_the_deadline_inside_the_window_or_not_that_day(
    rule: InactiveConfig, last_activity: str | None, due: str | None
) -> None:
    """The vectors of the larmplan: max(window start, end of last activity) + threshold, up to the window's end."""
    facts = InactiveFacts(
        armed_since_at=local("2026-06-01T20:00"), last_activity_at=local(last_activity) if last_activity else None
    )
    found = next_due_at(rule, facts, STOCKHOLM)
    today = [found] if found and found < local("2026-06-03T06:30") else []
    assert today == [local(due) for due in [due] if due]


def test_after_a_sign_of_life_the_next_window_counts() -> None:
    """Activity at 06:00:01 saves today, not tomorrow."""
    facts = InactiveFacts(armed_since_at=ARMED, last_activity_at=local("2026-06-02T06:00:01"))
    assert next_due_at(MORNING, facts, STOCKHOLM) == local("2026-06-03T10:00")


@pytest.mark.parametrize(
    ("rule", "on_since", "stuck", "due"),
    [
        (MORNING, "2026-06-01T22:00", "2026-06-02T02:00", "2026-06-02T10:00"),
        (MORNING, "2026-06-02T05:59", "2026-06-02T09:59", "2026-06-02T10:00"),
        (MORNING, "2026-06-02T06:00", "2026-06-02T10:00", "2026-06-02T10:00"),
        (MORNING, "2026-06-02T05:30", "2026-06-02T17:30", "2026-06-03T10:00"),
        (config("08:00-13:00", 2 * HOUR), "2026-06-02T08:30", "2026-06-02T12:30", "2026-06-02T12:30"),
        (config("08:00-13:00", 2 * HOUR), "2026-06-02T09:30", "2026-06-02T13:30", "2026-06-03T10:00"),
        (
            InactiveConfig(threshold=2 * HOUR, window=ALL_DAY),
            "2026-06-02T08:30",
            "2026-06-02T12:30",
            "2026-06-02T12:30",
        ),
        (
            InactiveConfig(threshold=6 * HOUR, window=ALL_DAY),
            "2026-06-02T08:30",
            "2026-06-02T12:30",
            "2026-06-02T14:30",
        ),
    ],
)
def test_a_sensor_that_is_on_masks_until_it_counts_as_stuck(
    rule: InactiveConfig, on_since: str, stuck: str, due: str
) -> None:
    """A motion sensor that is on is activity until it goes off; one stuck on for hours no longer masks."""
    facts = InactiveFacts(
        armed_since_at=local("2026-06-01T20:00"), last_activity_at=local(on_since), masked_until_at=local(stuck)
    )
    assert next_due_at(rule, facts, STOCKHOLM) == local(due)


def test_a_deadline_that_fired_is_not_due_again() -> None:
    """The same silence is due once in each window."""
    facts = InactiveFacts(armed_since_at=ARMED, last_due_at=local("2026-06-01T10:00"))
    assert next_due_at(MORNING, facts, STOCKHOLM) == local("2026-06-02T10:00")


def test_silence_after_renewed_activity_is_due_in_the_same_window() -> None:
    """Somebody moves after the alarm, then no more."""
    facts = InactiveFacts(
        armed_since_at=ARMED, last_activity_at=local("2026-06-01T10:30"), last_due_at=local("2026-06-01T10:00")
    )
    assert next_due_at(config("08:00-13:00", 2 * HOUR), facts, STOCKHOLM) == local("2026-06-01T12:30")


def test_a_rule_armed_long_ago_is_still_due() -> None:
    """The search starts at the last activity, not months before it."""
    facts = InactiveFacts(armed_since_at=local("2026-01-01T00:00"), last_activity_at=local("2026-06-01T22:00"))
    assert next_due_at(MORNING, facts, STOCKHOLM) == local("2026-06-02T10:00")


@pytest.mark.parametrize(
    ("armed", "due"),
    [
        ("2026-06-01T09:59:59.999999", "2026-06-01T10:00"),
        ("2026-06-01T10:00", "2026-06-02T10:00"),
        ("2026-06-01T10:01", "2026-06-02T10:00"),
    ],
)
def test_a_deadline_not_later_than_arming_has_passed(armed: str, due: str) -> None:
    """What fell due while the rule was off is nobody's alarm."""
    assert next_due_at(MORNING, InactiveFacts(armed_since_at=local(armed)), STOCKHOLM) == local(due)


@pytest.mark.parametrize(
    ("rule", "evening", "due"),
    [
        # The night of 29 March is an hour short: 22-06 lasts seven hours, 02-06 three.
        (config("22:00-06:00", 7 * HOUR), "2026-03-28T21:00", "2026-03-29T06:00"),
        (config("22:00-06:00", 8 * HOUR), "2026-03-28T21:00", "2026-03-30T06:00"),
        (config("02:00-06:00", 4 * HOUR), "2026-03-28T21:00", "2026-03-30T06:00"),
        (config("00:00-04:00", 2 * HOUR), "2026-03-28T21:00", "2026-03-29T03:00"),
        # The night of 25 October is an hour longer; the deadline does not stretch.
        (config("22:00-06:00", 8 * HOUR), "2026-10-24T21:00", "2026-10-25T05:00"),
        (config("00:00-04:00", 4 * HOUR), "2026-10-24T21:00", "2026-10-25T03:00"),
    ],
)
def test_the_elapsed_window_counts_over_a_change_of_the_clock(rule: InactiveConfig, evening: str, due: str) -> None:
    """Durations never stretch or shrink; a night that is too short is left out."""
    assert next_due_at(rule, InactiveFacts(armed_since_at=local(evening)), STOCKHOLM) == local(due)


def test_a_threshold_that_never_fits_is_never_due() -> None:
    """Even an unchecked rule comes to an end."""
    assert next_due_at(config("06:00-10:00", 5 * HOUR), InactiveFacts(armed_since_at=ARMED), STOCKHOLM) is None


ALWAYS = InactiveConfig(threshold=12 * HOUR, window=ALL_DAY)


@pytest.mark.parametrize(
    ("armed", "last_activity", "last_due", "due"),
    [
        pytest.param("2026-06-01T20:00", None, None, "2026-06-02T08:00", id="no activity: from arming"),
        pytest.param("2026-06-01T09:00", "2026-06-01T21:00", None, "2026-06-02T09:00", id="over midnight"),
        pytest.param("2026-06-01T09:00", "2026-06-01T08:00", None, "2026-06-01T20:00", id="activity before arming"),
        pytest.param("2026-06-01T20:00", "2026-06-01T08:00", None, "2026-06-02T08:00", id="due at arming: from arming"),
        pytest.param("2026-06-01T20:00", "2026-05-20T08:00", None, "2026-06-02T08:00", id="due before: from arming"),
        pytest.param("2026-06-01T09:00", "2026-06-01T08:00", "2026-06-01T20:00", None, id="fired: once"),
        pytest.param("2026-06-01T20:00", None, "2026-06-02T08:00", None, id="fired without any activity: once"),
        pytest.param(
            "2026-06-01T09:00", "2026-06-01T21:00", "2026-06-01T20:00", "2026-06-02T09:00", id="fired, then activity"
        ),
        pytest.param("2026-03-28T09:00", "2026-03-28T20:00", None, "2026-03-29T09:00", id="spring"),
        pytest.param("2026-10-24T09:00", "2026-10-24T20:00", None, "2026-10-25T07:00", id="autumn"),
    ],
)
def test_all_day_is_one_unbroken_window(
    armed: str, last_activity: str | None, last_due: str | None, due: str | None
) -> None:
    """Each stretch without activity is due once, also over midnight."""
    facts = InactiveFacts(
        armed_since_at=local(armed),
        last_activity_at=local(last_activity) if last_activity else None,
        last_due_at=local(last_due) if last_due else None,
    )
    assert next_due_at(ALWAYS, facts, STOCKHOLM) == (local(due) if due else None)


@pytest.mark.parametrize("threshold", [timedelta(), -HOUR])
@pytest.mark.parametrize("window", [ALL_DAY, Window(start=time(6), end=time(10))])
def test_a_threshold_that_is_not_positive_is_refused(threshold: timedelta, window: Window) -> None:
    """It would always be an alarm."""
    with pytest.raises(BadRuleError) as refusal:
        check(InactiveConfig(threshold=threshold, window=window))
    assert refusal.value.translation_key == "threshold_not_positive"


@pytest.mark.parametrize(
    "rule",
    [
        config("06:00-10:00", 4 * HOUR + timedelta(seconds=1)),
        config("22:00-06:00", 9 * HOUR),
        InactiveConfig(threshold=25 * HOUR, window=ALL_DAY),
    ],
)
def test_a_threshold_longer_than_the_window_is_refused(rule: InactiveConfig) -> None:
    """It would never be an alarm (larmplan)."""
    with pytest.raises(BadRuleError) as refusal:
        check(rule)
    assert refusal.value.translation_key == "threshold_longer_than_window"


@pytest.mark.parametrize("rule", [MORNING, config("22:00-06:00", 8 * HOUR), ALWAYS])
def test_a_rule_that_can_come_due_is_accepted(rule: InactiveConfig) -> None:
    """A threshold as long as the window is the default."""
    check(rule)
    assert next_due_at(rule, InactiveFacts(armed_since_at=ARMED), STOCKHOLM) is not None


wall_minutes = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))
windows = st.lists(wall_minutes, min_size=2, max_size=2, unique=True).map(
    lambda ends: Window(start=ends[0], end=ends[1])
)
rules = st.one_of(windows, st.just(ALL_DAY)).flatmap(
    lambda window: st.builds(
        InactiveConfig,
        threshold=st.integers(1, window.ordinary_length // MINUTE).map(lambda minutes: minutes * MINUTE),
        window=st.just(window),
    )
)
# Three days around each change of the clock.
instants = st.builds(
    lambda day, seconds: datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=seconds),
    st.sampled_from([date(2026, 3, 27), date(2026, 10, 23), date(2026, 6, 1)]),
    st.integers(0, 4 * 86400),
)
all_facts = st.builds(
    InactiveFacts,
    armed_since_at=instants,
    last_activity_at=st.one_of(st.none(), instants),
    last_due_at=st.one_of(st.none(), instants),
)


def due_of(rule: InactiveConfig, facts: InactiveFacts) -> datetime:
    """Return the deadline of an example that has one."""
    due_at = next_due_at(rule, facts, STOCKHOLM)
    assume(due_at is not None)
    return due_at or datetime.max.replace(tzinfo=UTC)


@given(rule=rules, facts=all_facts)
@settings(max_examples=100, deadline=None)
def test_no_deadline_before_the_threshold_after_activity(rule: InactiveConfig, facts: InactiveFacts) -> None:
    """Whoever moved a shorter while ago than the threshold is not passive."""
    due_at = due_of(rule, facts)
    assert due_at >= (facts.last_activity_at or due_at - rule.threshold) + rule.threshold


@given(rule=rules, facts=all_facts)
@settings(max_examples=100, deadline=None)
def test_every_deadline_is_later_than_arming_and_than_the_last(rule: InactiveConfig, facts: InactiveFacts) -> None:
    """No deadline fires twice, none from before arming."""
    assert due_of(rule, facts) > max(facts.armed_since_at, facts.last_due_at or facts.armed_since_at)


@given(rule=rules.filter(lambda rule: not rule.window.all_day), facts=all_facts)
@settings(max_examples=100, deadline=None)
def test_the_threshold_passes_inside_one_occurrence(rule: InactiveConfig, facts: InactiveFacts) -> None:
    """The whole time without activity lies between the window's start and its end, the end included."""
    due_at = due_of(rule, facts)
    days = [due_at.astimezone(STOCKHOLM).date() + timedelta(days=offset) for offset in (-2, -1, 0)]
    occurrences = [rule.window.occurrence(day, STOCKHOLM) for day in days]
    assert any(each.start_at + rule.threshold <= due_at <= each.end_at for each in occurrences)


@given(rule=rules, facts=all_facts)
@settings(max_examples=100, deadline=None)
def test_nothing_is_due_while_a_sensor_masks_whatever_the_facts(rule: InactiveConfig, facts: InactiveFacts) -> None:
    """A sensor that is on tells of somebody until it counts as stuck."""
    masked_until_at = due_of(rule, facts) + timedelta(hours=1)
    due_at = next_due_at(rule, replace(facts, masked_until_at=masked_until_at), STOCKHOLM)
    assert due_at is None or due_at >= masked_until_at


@given(rule=rules.filter(lambda rule: not rule.window.all_day), facts=all_facts)
@settings(max_examples=100, deadline=None)
def test_the_deadline_is_the_earliest_of_all_occurrences(rule: InactiveConfig, facts: InactiveFacts) -> None:
    """The formula of the larmplan, tried on every day around, leads to the same one."""
    days = [date(2026, month, 20) + timedelta(days=offset) for month in (3, 5, 10) for offset in range(40)]
    occurrences = [rule.window.occurrence(day, STOCKHOLM) for day in days]
    ends = [
        (max(each.start_at, facts.last_activity_at or each.start_at) + rule.threshold, each.end_at)
        for each in occurrences
    ]
    floor_at = max(facts.armed_since_at, facts.last_due_at or facts.armed_since_at)
    assert due_of(rule, facts) == min(due_at for due_at, end_at in ends if floor_at < due_at <= end_at)


def fired(rule: InactiveConfig, facts: InactiveFacts) -> Iterator[datetime]:
    """Let the deadlines fire one after the other, each remembered."""
    return iter_until_none(lambda last_due_at: next_due_at(rule, replace(facts, last_due_at=last_due_at), STOCKHOLM))


def iter_until_none(following: Callable[[datetime | None], datetime | None]) -> Iterator[datetime]:
    """Yield following(None), following of that, and so on."""
    due_at = following(None)
    while due_at is not None:
        yield due_at
        due_at = following(due_at)


@given(rule=rules, facts=all_facts.map(lambda facts: replace(facts, last_due_at=None)), restart=st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_a_restart_between_any_two_deadlines_changes_none(
    rule: InactiveConfig, facts: InactiveFacts, restart: int
) -> None:
    """The facts on the disk are all it takes: what fires after the restart is what would have fired without it."""
    straight = list(islice(fired(rule, facts), 5))
    before = straight[:restart]
    restarted = replace(facts, last_due_at=max(before, default=None))
    after = list(takewhile(lambda due_at: due_at <= max(straight, default=due_at), resumed(rule, restarted)))
    assert before + after == straight
    assert all(earlier < later for earlier, later in pairwise(straight))


def resumed(rule: InactiveConfig, facts: InactiveFacts) -> Iterator[datetime]:
    """Go on firing from facts that already know a last deadline, for a few times."""
    return islice(
        iter_until_none(
            lambda last_due_at: next_due_at(
                rule, replace(facts, last_due_at=last_due_at or facts.last_due_at), STOCKHOLM
            )
        ),
        6,
    )
