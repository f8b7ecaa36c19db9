"""Missed: the medicine cabinet is not opened."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, time, timedelta

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.homecare_h2o.core.detection import BadRuleError
from custom_components.homecare_h2o.core.detection.missed import (
    MissedConfig,
    MissedFacts,
    Seen,
    check,
    fired,
    next_due_at,
    next_reminder_at,
    observe,
    reminded,
)
from custom_components.homecare_h2o.core.windows import ALL_DAY, Window

from .playing import kept
from .samples import MINUTE, STOCKHOLM, local

SECOND = timedelta(seconds=1)
HOUR = 60 * MINUTE
DOSE = MissedConfig(window=Window(start=time(10), end=time(11)))


ARMED = MissedFacts(armed_since_at=local("2026-06-01T20:00"), closed=("cabinet", "cabinet 2"))


def opening(text: str, source: str = "cabinet") -> list[Seen]:
    """Show a cabinet that is opened and, a second later, closed."""
    at = local(text)
    return [Seen(source=source, on=True, at=at), Seen(source=source, on=False, at=at + SECOND)]


def show(rule: MissedConfig, facts: MissedFacts, history: Iterable[Seen]) -> MissedFacts:
    """Show this without raising anything."""
    for each in history:
        facts = observe(rule, facts, each, STOCKHOLM)
    return facts


def drain(rule: MissedConfig, facts: MissedFacts, until_at: datetime) -> tuple[MissedFacts, list[tuple[str, datetime]]]:
    """Raise, then remind of, what is due by an instant."""
    told = []
    while (due_at := next_due_at(rule, facts, STOCKHOLM)) <= until_at:
        told.append(("alarm", due_at))
        facts = fired(facts, due_at)
    while (reminder_at := next_reminder_at(rule, facts, STOCKHOLM)) <= until_at:
        told.append(("reminder", reminder_at))
        facts = reminded(facts, reminder_at)
    return facts, told


def minutely(
    rule: MissedConfig, facts: MissedFacts, history: list[Seen], until_at: datetime
) -> list[tuple[str, datetime]]:
    """Show this to a rule whose hub looks at what is due every ten minutes."""
    told = []
    ticks = [facts.armed_since_at + i * 10 * MINUTE for i in range((until_at - facts.armed_since_at) // MINUTE // 10)]
    for at, shown in sorted([*((each, []) for each in ticks), *((each.at, [each]) for each in history)], key=at_of):
        facts, more = drain(rule, facts, at)
        told += more
        facts = show(rule, facts, shown)
    return told


def at_of(event: tuple[datetime, list[Seen]]) -> datetime:
    """Return when something happens."""
    return event[0]


@pytest.mark.parametrize(
    ("opened", "told"),
    [
        pytest.param([], ["reminder 10:00", "alarm 10:30"], id="never"),
        pytest.param(["08:59:59"], ["reminder 10:00", "alarm 10:30"], id="before the grace"),
        pytest.param(["09:00"], [], id="grace"),
        pytest.param(["09:30", "09:40"], [], id="grace, twice"),
        pytest.param(["10:00"], ["reminder 10:00"], id="at the start"),
        pytest.param(["10:29:59"], ["reminder 10:00"], id="after the reminder"),
        pytest.param(["10:30"], ["reminder 10:00", "alarm 10:30"], id="at the deadline"),
        pytest.param(["10:05", "10:40"], ["reminder 10:00"], id="a second opening does not undo the first"),
    ],
)
def test_reminded_at_the_start_and_raised_at_the_deadline(opened: list[str], told: list[str]) -> None:
    """The defaults of the larmplan."""
    history = [each for text in opened for each in opening(f"2026-06-02T{text}")]
    found = minutely(DOSE, ARMED, history, local("2026-06-02T23:00"))
    assert [f"{kind} {at.astimezone(STOCKHOLM):%H:%M}" for kind, at in found] == told


def test_the_option_reminds_when_the_default_raises() -> None:
    """Reminder 10:30, alarm 11:00: the window's end is inside."""
    rule = replace(DOSE, reminder_delay=30 * MINUTE, alarm_delay=60 * MINUTE)
    check(rule)
    assert next_reminder_at(rule, ARMED, STOCKHOLM) == local("2026-06-02T10:30")
    assert next_due_at(rule, ARMED, STOCKHOLM) == local("2026-06-02T11:00")


def test_a_dose_that_is_taken_leads_to_the_next_days() -> None:
    """Every day anew."""
    facts = show(DOSE, ARMED, opening("2026-06-02T09:30"))
    assert next_reminder_at(DOSE, facts, STOCKHOLM) == local("2026-06-03T10:00")
    assert next_due_at(DOSE, facts, STOCKHOLM) == local("2026-06-03T10:30")


def test_what_fell_due_while_the_hub_was_down_is_raised_without_a_reminder() -> None:
    """One alarm a day, and no invitation to take yesterday's dose."""
    _, told = drain(DOSE, ARMED, local("2026-06-04T10:10"))
    assert told == [
        ("alarm", local("2026-06-02T10:30")),
        ("alarm", local("2026-06-03T10:30")),
        ("reminder", local("2026-06-04T10:00")),
    ]


def test_an_opening_takes_back_no_older_deadline() -> None:
    """It is today's, whoever forgot to raise yesterday's."""
    facts = show(DOSE, ARMED, opening("2026-06-03T10:10"))
    assert next_due_at(DOSE, facts, STOCKHOLM) == local("2026-06-02T10:30")


@pytest.mark.parametrize(
    ("opened", "repeat"),
    [
        pytest.param(["10:05"], None, id="first"),
        pytest.param(["10:05", "10:20"], "10:20", id="second"),
        pytest.param(["09:00", "10:59:59"], "10:59:59", id="grace and end"),
        pytest.param(["08:59", "10:05"], None, id="before the grace"),
        pytest.param(["10:05", "11:00"], None, id="after the window"),
        pytest.param(["10:05", "10:20", "15:00"], "10:20", id="kept"),
        pytest.param(["10:40", "10:50"], "10:50", id="after the deadline"),
    ],
)
def test_a_second_opening_in_the_same_window_is_told(opened: list[str], repeat: str | None) -> None:
    """It is journalled: perhaps a double dose."""
    facts = show(DOSE, ARMED, [each for text in opened for each in opening(f"2026-06-02T{text}")])
    assert facts.last_repeat_at == (local(f"2026-06-02T{repeat}") if repeat else None)


@pytest.mark.parametrize(
    ("states", "met"),
    [
        pytest.param([(None, False), (True, False)], True, id="opened while it was not heard"),
        pytest.param([(True, True)], False, id="restored open"),
        pytest.param([(True, True), (None, False), (True, False)], False, id="restored open, blip"),
        pytest.param([(True, True), (False, False), (True, False)], True, id="then closed and opened"),
        pytest.param([(False, True), (True, False)], True, id="restored closed, then opened"),
    ],
)
def test_an_opening_is_a_change_from_closed(states: list[tuple[bool | None, bool]], met: bool) -> None:
    """What is there at a start is learnt, but is no opening."""
    at = local("2026-06-02T10:05")
    history = [Seen(source="cabinet", on=state, at=at, restored=restored) for state, restored in states]
    assert (show(DOSE, ARMED, history).settled_due_at is not None) is met


def test_a_cabinet_that_nothing_is_known_of_is_not_opened() -> None:
    """Unknown → open may be as old as the cabinet."""
    facts = show(DOSE, replace(ARMED, closed=()), opening("2026-06-02T10:05")[:1])
    assert facts.settled_due_at is None


def test_any_of_several_cabinets_counts() -> None:
    """One pill box or the other."""
    assert show(DOSE, ARMED, opening("2026-06-02T10:05", "cabinet 2")).settled_due_at == local("2026-06-02T10:30")


@pytest.mark.parametrize(
    ("armed", "reminder", "due"),
    [
        ("2026-06-02T09:59", "2026-06-02T10:00", "2026-06-02T10:30"),
        ("2026-06-02T10:00", "2026-06-03T10:00", "2026-06-02T10:30"),
        ("2026-06-02T10:30", "2026-06-03T10:00", "2026-06-03T10:30"),
    ],
)
def test_nothing_is_due_from_before_arming(armed: str, reminder: str, due: str) -> None:
    """A rule that was off reminds of nothing."""
    facts = MissedFacts(armed_since_at=local(armed))
    assert next_reminder_at(DOSE, facts, STOCKHOLM) == local(reminder)
    assert next_due_at(DOSE, facts, STOCKHOLM) == local(due)


@pytest.mark.parametrize(
    ("hours", "armed", "reminder", "due"),
    [
        pytest.param(
            ("02:10", "02:50"),
            "2026-03-28T20:00",
            local("2026-03-29T03:00"),
            local("2026-03-29T03:30"),
            id="skipped: all the same",
        ),
        pytest.param(
            ("02:10", "02:50"),
            "2026-10-24T20:00",
            local("2026-10-25T02:10"),
            local("2026-10-25T02:40"),
            id="shown twice: once",
        ),
        pytest.param(
            ("01:45", "03:00"),
            "2026-03-28T20:00",
            local("2026-03-29T01:45"),
            local("2026-03-29T03:15"),
            id="past a window cut short",
        ),
    ],
)
def test_a_change_of_the_clock_skips_no_dose(
    hours: tuple[str, str], armed: str, reminder: datetime, due: datetime
) -> None:
    """The delay neither stretches nor shrinks."""
    rule = MissedConfig(window=Window(start=time.fromisoformat(hours[0]), end=time.fromisoformat(hours[1])))
    facts = MissedFacts(armed_since_at=local(armed))
    assert next_reminder_at(rule, facts, STOCKHOLM) == reminder
    assert next_due_at(rule, facts, STOCKHOLM) == due


@pytest.mark.parametrize(
    ("rule", "key"),
    [
        (replace(DOSE, alarm_delay=timedelta()), "alarm_delay_outside_window"),
        (replace(DOSE, alarm_delay=HOUR + SECOND), "alarm_delay_outside_window"),
        (replace(DOSE, reminder_delay=-SECOND), "reminder_not_before_alarm"),
        (replace(DOSE, reminder_delay=30 * MINUTE), "reminder_not_before_alarm"),
        (replace(DOSE, grace=-SECOND), "grace_out_of_range"),
        (replace(DOSE, grace=24 * HOUR), "grace_out_of_range"),
    ],
)
def test_a_rule_that_could_not_work_is_refused(rule: MissedConfig, key: str) -> None:
    """With a reason."""
    with pytest.raises(BadRuleError) as refusal:
        check(rule)
    assert refusal.value.translation_key == key


rules = st.builds(
    MissedConfig,
    window=st.sampled_from([DOSE.window, Window(start=time(1, 30), end=time(3, 15)), ALL_DAY]),
    reminder_delay=st.integers(0, 20).map(lambda minutes: minutes * MINUTE),
    alarm_delay=st.integers(21, 60).map(lambda minutes: minutes * MINUTE),
    grace=st.integers(0, 120).map(lambda minutes: minutes * MINUTE),
)
steps = st.tuples(
    st.integers(1, 5 * 3600),
    st.sampled_from(["cabinet", "cabinet 2"]),
    st.sampled_from([True, False, True, False, None]),
    st.sampled_from([False, False, True]),
)


@st.composite
def histories(draw: st.DrawFn) -> tuple[MissedFacts, list[Seen]]:
    """Draw a rule that is armed, and what cabinets show over some days."""
    at = draw(st.sampled_from([local("2026-06-01T21:00"), local("2026-10-24T21:00"), local("2026-03-28T21:00")]))
    facts = replace(ARMED, armed_since_at=at)
    history = []
    for seconds, source, state, restored in draw(st.lists(steps, max_size=25)):
        at += seconds * SECOND
        history.append(Seen(source=source, on=state, at=at, restored=restored))
    return facts, history


def play(
    rule: MissedConfig, facts: MissedFacts, history: list[Seen], until_at: datetime
) -> tuple[MissedFacts, list[tuple[str, datetime]]]:
    """Show all of this to a rule and collect what it tells."""
    told = []
    for each in history:
        facts, more = drain(rule, facts, each.at)
        told += more
        facts = observe(rule, facts, each, STOCKHOLM)
    facts, more = drain(rule, facts, until_at)
    return facts, told + more


@given(rule=rules, known=histories(), cut=st.integers(0, 25))
@settings(max_examples=100, deadline=None)
def test_a_restart_anywhere_changes_nothing(
    rule: MissedConfig, known: tuple[MissedFacts, list[Seen]], cut: int
) -> None:
    """What is told before the restart and after it is what would be told without one."""
    armed, history = known
    end_at = armed.armed_since_at + 240 * HOUR
    facts, early = play(rule, armed, history[:cut], armed.armed_since_at)
    found, late = play(rule, kept(facts), history[cut:], end_at)
    assert (found, early + late) == play(rule, armed, history, end_at)


@given(rule=rules, known=histories())
@settings(max_examples=100, deadline=None)
def test_every_day_is_either_met_or_raised(rule: MissedConfig, known: tuple[MissedFacts, list[Seen]]) -> None:
    """No dose is forgotten, none is told twice."""
    armed, history = known
    _, told = play(rule, armed, history, armed.armed_since_at + 240 * HOUR)
    first_day = armed.armed_since_at.astimezone(STOCKHOLM).date()
    starts = [rule.window.occurrence(first_day + timedelta(days=i), STOCKHOLM).start_at for i in range(1, 10)]
    shown = [each.at for each in history if each.on]
    untouched = {
        ("alarm", start_at + rule.alarm_delay)
        for start_at in starts
        if not any(start_at - rule.grace <= at < start_at + rule.alarm_delay for at in shown)
    }
    assert untouched <= set(told)
    assert len(set(told)) == len(told)
