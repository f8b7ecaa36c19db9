"""Left on: a plug that is on for too long, or outside the hours in which it may be on."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, time, timedelta

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.homecare_h2o.core.detection import BadRuleError
from custom_components.homecare_h2o.core.detection.left_on import (
    LeftOnConfig,
    LeftOnFacts,
    PlugFacts,
    Seen,
    check,
    check_power,
    fired,
    next_due_at,
    observe,
    power_is_on,
    sources,
)
from custom_components.homecare_h2o.core.windows import ALL_DAY, Window

from .playing import Player, kept
from .samples import MINUTE, STOCKHOLM, local

HOUR = 60 * MINUTE
PLAYER = Player(next_due_at=next_due_at, fired=fired, observe=observe)
drain = PLAYER.drain
SECOND = timedelta(seconds=1)
LONG = LeftOnConfig(longest=30 * MINUTE)
DAY = Window(start=time(6), end=time(22))
OUTSIDE = LeftOnConfig(allowed=DAY)
BOTH = LeftOnConfig(longest=8 * HOUR, allowed=DAY, outside_delay=30 * MINUTE)


def seen(text: str, on: bool | None, source: str = "stove", *, restored: bool = False) -> Seen:
    """Make an observation of a time on the first of June."""
    return Seen(source=source, on=on, at=local(f"2026-06-01T{text}"), restored=restored)


def play(
    rule: LeftOnConfig, history: Iterable[Seen], facts: LeftOnFacts | None = None
) -> tuple[LeftOnFacts, list[datetime]]:
    """Show all of this to a rule and collect what it raises until the last is seen."""
    return PLAYER.play(rule, facts or LeftOnFacts(), history)


def raised_by(rule: LeftOnConfig, history: Iterable[Seen], until: str) -> list[str]:
    """Return what a rule raises until an instant, as wall-clock times."""
    facts, raised = play(rule, history)
    raised += drain(rule, facts, local(until))[1]
    return [f"{due_at.astimezone(STOCKHOLM):%d %H:%M}" for due_at in raised]


BLIPS = [seen(f"12:00:{i // 2 + 1:02}", (None, True)[i % 2]) for i in range(100)]


@pytest.mark.parametrize(
    ("history", "raised"),
    [
        pytest.param([seen("12:00", True)], ["01 12:30"], id="too long"),
        pytest.param([seen("12:00", True), seen("12:29:59", False)], [], id="off in time"),
        pytest.param([seen("12:00", True), seen("12:30", False)], ["01 12:30"], id="off at the deadline"),
        pytest.param([seen("12:00", True), *BLIPS], ["01 12:30"], id="100 blips"),
        pytest.param([seen("12:00", True), seen("12:10", None)], ["01 12:30"], id="unavailable"),
        pytest.param([seen("12:00", True), seen("12:10", None), seen("12:20", False)], [], id="back, and off"),
        pytest.param([seen("12:00", True), seen("12:10", True)], ["01 12:30"], id="shown again"),
        pytest.param(
            [seen("12:00", True), seen("13:00", False), seen("13:10", True)], ["01 12:30", "01 13:40"], id="again"
        ),
        pytest.param([seen("12:00", True, restored=True)], ["01 12:30"], id="on when discovered"),
        pytest.param([seen("12:00", True), seen("12:10", True, restored=True)], ["01 12:30"], id="restart"),
        pytest.param(
            [seen("12:00", False), seen("12:10", True, restored=True)], ["01 12:40"], id="turned on while it was down"
        ),
        pytest.param([seen("12:00", False, restored=True)], [], id="off at the first start"),
        pytest.param([seen("12:00", True), seen("12:10", False, restored=True)], ["01 12:30"], id="restored off"),
        pytest.param(
            [seen("12:00", True), seen("12:10", False, restored=True), seen("12:11", True, restored=True)],
            ["01 12:30"],
            id="restored off, on again",
        ),
        pytest.param(
            [seen("12:00", True), seen("12:10", False, restored=True), seen("12:20", True)],
            ["01 12:50"],
            id="restored off, then turned on",
        ),
        pytest.param(
            [seen("12:00", True), seen("12:10", False, restored=True), seen("12:20", False)], [], id="really off"
        ),
        pytest.param([seen("12:00", True), seen("12:05", True, "iron")], ["01 12:30", "01 12:35"], id="each plug"),
    ],
)
def test_left_on_for_too_long_is_raised_once(history: list[Seen], raised: list[str]) -> None:
    """From when it went on, whatever the radio does."""
    assert raised_by(LONG, history, "2026-06-02T12:00") == raised


@pytest.mark.parametrize(
    ("rule", "on", "raised"),
    [
        pytest.param(OUTSIDE, "12:00", ["01 22:00", "02 22:00"], id="when the hours end, each night"),
        pytest.param(OUTSIDE, "22:00", ["01 22:00", "02 22:00"], id="turned on as they end"),
        pytest.param(OUTSIDE, "23:15", ["01 23:15", "02 22:00"], id="turned on outside"),
        pytest.param(OUTSIDE, "05:59", ["01 05:59", "01 22:00", "02 22:00"], id="just before they begin"),
        pytest.param(OUTSIDE, "06:00", ["01 22:00", "02 22:00"], id="as they begin"),
        pytest.param(replace(OUTSIDE, outside_delay=HOUR), "05:00", ["01 06:00", "01 23:00", "02 23:00"], id="fits"),
        pytest.param(replace(OUTSIDE, outside_delay=HOUR), "05:01", ["01 23:00", "02 23:00"], id="is allowed first"),
        pytest.param(BOTH, "12:00", ["01 20:00", "01 22:30", "02 22:30"], id="both limits"),
        pytest.param(BOTH, "14:10", ["01 22:10", "01 22:30", "02 22:30"], id="both in the same night"),
        pytest.param(BOTH, "14:30", ["01 22:30", "02 22:30"], id="both at once"),
        pytest.param(replace(LONG, allowed=ALL_DAY), "12:00", ["01 12:30"], id="always allowed"),
    ],
)
def test_on_outside_the_hours_is_raised_each_time_they_end(rule: LeftOnConfig, on: str, raised: list[str]) -> None:
    """Due at max(on since, end of the hours) + delay."""
    check(rule)
    assert raised_by(rule, [seen(on, True)], "2026-06-03T05:00") == raised


def test_a_plug_that_is_on_for_a_month_is_still_raised() -> None:
    """The search goes on from the last deadline."""
    assert len(raised_by(BOTH, [seen("12:00", True)], "2026-07-01T12:00")) == 31


@pytest.mark.parametrize(
    ("hours", "delay", "on", "due"),
    [
        pytest.param(("06:00", "01:30"), 30 * MINUTE, "2026-03-28T12:00", "2026-03-29T03:00", id="spring"),
        pytest.param(("06:00", "01:30"), 4 * HOUR, "2026-03-28T12:00", "2026-03-30T05:30", id="too short a night"),
        pytest.param(("06:00", "01:30"), HOUR, "2026-10-24T12:00", "2026-10-25T02:30", id="autumn"),
        pytest.param(("02:10", "02:50"), timedelta(), "2026-03-29T01:00", "2026-03-29T01:00", id="skipped hours"),
    ],
)
def test_a_change_of_the_clock_moves_the_hours_and_not_the_delay(
    hours: tuple[str, str], delay: timedelta, on: str, due: str
) -> None:
    """Durations never stretch or shrink."""
    allowed = Window(start=time.fromisoformat(hours[0]), end=time.fromisoformat(hours[1]))
    rule = LeftOnConfig(allowed=allowed, outside_delay=delay)
    facts, _ = play(rule, [Seen(source="stove", on=True, at=local(on))])
    assert next_due_at(rule, facts, STOCKHOLM) == local(due)


def test_hours_that_the_clock_skips_end_no_second_time() -> None:
    """One night without them is one night."""
    rule = LeftOnConfig(allowed=Window(start=time(2, 10), end=time(2, 50)))
    facts, _ = play(rule, [Seen(source="stove", on=True, at=local("2026-03-28T12:00"))])
    _, raised = drain(rule, facts, local("2026-03-30T12:00"))
    assert raised == [local("2026-03-28T12:00"), local("2026-03-30T02:50")]


def test_the_plugs_of_a_deadline_are_told() -> None:
    """Those that are due then."""
    facts, _ = play(LONG, [seen("12:00", True, "b"), seen("12:00", True, "a"), seen("12:01", True, "c")])
    assert sources(LONG, facts, local("2026-06-01T12:30"), STOCKHOLM) == ("a", "b")


def test_a_plug_that_went_on_before_another_was_raised_keeps_its_deadline() -> None:
    """It is heard of a moment too late."""
    facts, _ = play(OUTSIDE, [seen("23:00:00.001", True, "a")])
    facts = fired(facts, local("2026-06-01T23:00:00.001"))
    facts = observe(OUTSIDE, facts, seen("23:00", True, "b"), STOCKHOLM)
    assert next_due_at(OUTSIDE, facts, STOCKHOLM) == local("2026-06-01T23:00")


@pytest.mark.parametrize(
    ("rule", "key"),
    [
        (LeftOnConfig(), "left_on_without_limit"),
        (LeftOnConfig(allowed=ALL_DAY), "left_on_without_limit"),
        (LeftOnConfig(longest=timedelta()), "left_on_time_not_positive"),
        (replace(OUTSIDE, outside_delay=-SECOND), "outside_delay_out_of_range"),
        (replace(OUTSIDE, outside_delay=8 * HOUR + SECOND), "outside_delay_out_of_range"),
    ],
)
def test_a_rule_that_could_not_work_is_refused(rule: LeftOnConfig, key: str) -> None:
    """With a reason."""
    with pytest.raises(BadRuleError) as refusal:
        check(rule)
    assert refusal.value.translation_key == key


def test_a_rule_without_hours_is_accepted() -> None:
    """The larmplan's default."""
    check(LONG)


@pytest.mark.parametrize(
    ("watts", "was_on", "on"),
    [
        (11.0, False, True),
        (10.0, False, False),
        (10.0, True, True),
        (5.0, True, True),
        (5.0, None, None),
        (4.9, True, False),
        (None, True, None),
        (float("nan"), True, None),
        (float("inf"), False, True),
    ],
)
def test_power_means_on_with_hysteresis(watts: float | None, was_on: bool | None, on: bool | None) -> None:
    """On above 10 W, off below 5 W, as before between the two."""
    assert power_is_on(watts, was_on, on_above=10, off_below=5) is on


@pytest.mark.parametrize(("on_above", "off_below"), [(5, 10), (float("nan"), 5)])
def test_crossed_limits_are_refused(on_above: float, off_below: float) -> None:
    """With a reason."""
    with pytest.raises(BadRuleError) as refusal:
        check_power(on_above, off_below)
    assert refusal.value.translation_key == "power_limits_crossed"


def test_equal_limits_are_accepted() -> None:
    """A threshold without hysteresis."""
    check_power(5, 5)


def test_a_restored_off_is_remembered() -> None:
    """It does not end the time that the plug has been on."""
    facts, _ = play(LONG, [seen("12:00", True), seen("12:10", False, restored=True)])
    assert facts.plugs == (PlugFacts(source="stove", on=False, on_since_at=local("2026-06-01T12:00")),)


rules = st.sampled_from([LONG, OUTSIDE, BOTH, replace(OUTSIDE, outside_delay=2 * HOUR)])
steps = st.tuples(
    st.integers(0, 6 * 3600),
    st.sampled_from(["a", "b"]),
    st.sampled_from([True, False, True, False, None]),
    st.sampled_from([False, False, True]),
)


@st.composite
def histories(draw: st.DrawFn) -> list[Seen]:
    """Draw what plugs show over some days."""
    at = draw(st.sampled_from([local("2026-06-01T12:00"), local("2026-10-24T12:00"), local("2026-03-28T12:00")]))
    history = []
    for seconds, source, state, restored in draw(st.lists(steps, max_size=20)):
        at += seconds * SECOND
        history.append(Seen(source=source, on=state, at=at, restored=restored))
    return history


@given(rule=rules, history=histories(), cut=st.integers(0, 20))
@settings(max_examples=100, deadline=None)
def test_a_restart_anywhere_changes_nothing(rule: LeftOnConfig, history: list[Seen], cut: int) -> None:
    """What is raised before the restart and after it is what would be raised without one."""
    facts, early = play(rule, history[:cut])
    found, late = play(rule, history[cut:], kept(facts))
    assert (found, early + late) == play(rule, history)


@given(rule=st.sampled_from([LONG, replace(LONG, longest=5 * HOUR)]), history=histories())
@settings(max_examples=100, deadline=None)
def test_every_alarm_is_the_longest_time_after_a_plug_went_on(rule: LeftOnConfig, history: list[Seen]) -> None:
    """None is early."""
    _, raised = play(rule, history)
    assert {due_at - (rule.longest or HOUR) for due_at in raised} <= {each.at for each in history if each.on}


@given(history=histories())
@settings(max_examples=100, deadline=None)
def test_nothing_is_raised_inside_the_hours(history: list[Seen]) -> None:
    """Being on is allowed there."""
    _, raised = play(OUTSIDE, history)
    assert not any(DAY.contains(due_at, STOCKHOLM) for due_at in raised)
