"""Buttons: each press exactly once, however it shows itself."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.homecare_h2o.core.detection.pressed import PRESS_GAP, ButtonFacts, ButtonKind, Seen, evaluate

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
SENSOR, EVENT, PANEL, SIGNAL = ButtonKind.SENSOR, ButtonKind.EVENT, ButtonKind.PANEL, ButtonKind.SIGNAL
STATEFUL = (SENSOR, EVENT, PANEL)


def after(seconds: float) -> datetime:
    """Return the instant some seconds after the start."""
    return START + timedelta(seconds=seconds)


def run(kind: ButtonKind, seen: Iterable[Seen]) -> tuple[ButtonFacts, list[datetime]]:
    """Show a new button all this and collect its presses."""
    facts = ButtonFacts()
    presses = []
    for each in seen:
        facts, press_at = evaluate(kind, facts, each)
        presses.append(press_at)
    return facts, [press_at for press_at in presses if press_at is not None]


def every_minute(*states: str | None) -> list[Seen]:
    """Show one state a minute."""
    return [Seen(state=state, at=after(60 * i)) for i, state in enumerate(states)]


@pytest.mark.parametrize(
    ("kind", "states", "pressed_at_minutes"),
    [
        (SENSOR, ("off", "on"), [1]),
        (SENSOR, ("off", "on", "off", "on"), [1, 3]),
        (SENSOR, ("on",), []),
        (SENSOR, ("on", "off", "on"), [2]),
        (SENSOR, ("off", "on", "on"), [1]),
        (SENSOR, ("unavailable", "on"), []),
        (SENSOR, ("off", "unavailable", "on"), [2]),
        (SENSOR, ("off", "unknown", None, "", "on"), [4]),
        (SENSOR, ("off", "on", "unavailable", "on"), [1]),
        (PANEL, ("disarmed", "triggered"), [1]),
        (PANEL, ("armed_away", "triggered", "disarmed", "triggered"), [1, 3]),
        (PANEL, ("triggered",), []),
        (PANEL, ("unknown", "triggered"), []),
        (PANEL, ("disarmed", "unavailable", "triggered"), [2]),
        (PANEL, ("disarmed", "triggered", "unavailable", "triggered"), [1]),
        (SIGNAL, (None, None, None), [0, 1, 2]),
        (SIGNAL, ("unavailable",), [0]),
    ],
)
def test_a_press_is_a_change_and_unavailable_is_none(
    kind: ButtonKind, states: tuple[str | None, ...], pressed_at_minutes: list[int]
) -> None:
    """Only what is known to have changed is a press; a signal always is."""
    _, presses = run(kind, every_minute(*states))
    assert presses == [after(60 * minute) for minute in pressed_at_minutes]


@pytest.mark.parametrize("kind", STATEFUL)
@pytest.mark.parametrize("state", [None, "", "unknown", "unavailable"])
def test_no_information_changes_no_facts(kind: ButtonKind, state: str | None) -> None:
    """What was known stays known."""
    facts = ButtonFacts(last_state="off", last_press_at=START)
    assert evaluate(kind, facts, Seen(state=state, at=after(60))) == (facts, None)


@pytest.mark.parametrize("kind", [SENSOR, PANEL])
def test_the_last_state_is_remembered(kind: ButtonKind) -> None:
    """The next change is seen against it, also after a restart."""
    facts, _ = run(kind, every_minute("off", "on", "unavailable"))
    assert facts.last_state == "on"


def test_a_newer_timestamp_is_a_press_at_that_instant() -> None:
    """The press is when the button was pressed, not when the hub learnt of it."""
    facts, presses = run(EVENT, every_minute(after(-90).isoformat(), after(5).isoformat()))
    assert presses == [after(5)]
    assert facts == ButtonFacts(last_state=after(5).isoformat(), last_press_at=after(5))


@pytest.mark.parametrize(
    "states",
    [
        pytest.param((after(-60).isoformat(),), id="first sight"),
        pytest.param((after(-60).isoformat(), after(-60).isoformat()), id="shown again"),
        pytest.param((after(-60).isoformat(), "unavailable", after(-60).isoformat()), id="back again"),
        pytest.param((after(-60).isoformat(), after(-600).isoformat()), id="an older one restored"),
        pytest.param((after(-60).isoformat(), after(-600).isoformat(), after(-60).isoformat()), id="older, then last"),
        pytest.param(("pressed", after(-60).isoformat()), id="no timestamp is no history"),
        pytest.param((after(-60).isoformat(), "2026-13-01T12:00:00+00:00"), id="no such month"),
        pytest.param(
            (datetime(2026, 6, 1, 11, tzinfo=UTC).isoformat(), "2026-06-01T13:00:00+02:00"), id="same, other zone"
        ),
    ],
)
def test_a_timestamp_that_is_not_newer_is_no_press(states: tuple[str, ...]) -> None:
    """The event entity shows its last press again after every restart."""
    assert run(EVENT, every_minute(*states))[1] == []


def test_a_timestamp_without_a_zone_is_utc() -> None:
    """Rather a press an hour off than none."""
    assert run(EVENT, every_minute("2026-06-01T11:00:00", "2026-06-01T12:00:30"))[1] == [after(30)]


@pytest.mark.parametrize(
    ("seconds", "presses"),
    [
        ((0, 0.2), [0]),
        ((0, 0.999), [0]),
        ((0, 1), [0, 1]),
        ((0, 0.9, 1.8), [0, 1.8]),
        # The clock was set back: by an hour, and by less than the gap.
        ((0, -3600), [0, -3600]),
        ((0, -3600, -3599.5, -3598), [0, -3600, -3598]),
        ((0, -0.5), [0]),
    ],
)
def test_signals_closer_than_a_second_are_one_press(seconds: tuple[float, ...], presses: list[float]) -> None:
    """Press and release, or two clusters, are one; a clock set back swallows none."""
    seen = [Seen(state=None, at=after(each)) for each in seconds]
    assert run(SIGNAL, seen)[1] == [after(each) for each in presses]


@pytest.mark.parametrize(("kind", "rest", "press"), [(SENSOR, "off", "on"), (PANEL, "disarmed", "triggered")])
def test_a_bouncing_button_is_one_press(kind: ButtonKind, rest: str, press: str) -> None:
    """The gap holds for every kind."""
    seen = [Seen(state=state, at=after(0.2 * i)) for i, state in enumerate([rest, press, rest, press])]
    facts, presses = run(kind, seen)
    assert presses == [after(0.2)]
    assert facts.last_state == press


def test_an_event_that_bounces_is_one_press() -> None:
    """Press and release carry timestamps of their own."""
    stamps = [after(each).isoformat() for each in (-60, 0, 0.3, 5)]
    assert run(EVENT, every_minute(*stamps))[1] == [after(0), after(5)]


def test_an_event_after_the_clock_was_set_back_is_a_press() -> None:
    """It is older than the last one, but fresh."""
    seen = [Seen(state=after(each).isoformat(), at=after(each) + MILLISECOND) for each in (0, 60, -3600, -3500)]
    facts, presses = run(EVENT, seen)
    assert presses == [after(0), after(60), after(-3600), after(-3500)]
    assert facts.last_state == after(-3500).isoformat()


def test_presses_count_while_home_assistant_holds_timestamps_up_after_the_clock_was_set_back() -> None:
    """It lets them go on from the last one, a millisecond at a time, until the clock has caught up."""
    stamps = [after(3600), after(3600) + MILLISECOND, after(3600) + 2 * MILLISECOND]
    seen = [Seen(state=stamps[0].isoformat(), at=stamps[0] + MILLISECOND)]
    seen += [Seen(state=stamp.isoformat(), at=after(number)) for number, stamp in enumerate(stamps[1:])]
    assert run(EVENT, seen)[1] == [after(3600), after(0), after(1)]


def test_press_and_release_are_one_press_also_after_the_clock_was_set_back() -> None:
    """Both come within the gap of what the clock shows now."""
    stamps = [after(3600), after(3600) + MILLISECOND, after(3600) + 2 * MILLISECOND]
    seen = [Seen(state=stamps[0].isoformat(), at=stamps[0] + MILLISECOND)]
    seen += [Seen(state=stamp.isoformat(), at=after(number / 5)) for number, stamp in enumerate(stamps[1:])]
    assert run(EVENT, seen)[1] == [after(3600), after(0)]


def test_a_press_counts_that_follows_a_timestamp_restored_after_a_power_cut_when_the_clock_was_set_back() -> None:
    """The restored one is older than the last press, and what follows it is held up a millisecond after it."""
    restored = after(3600)
    facts = ButtonFacts(last_state=after(3613).isoformat(), last_press_at=after(3613))
    facts, press_at = evaluate(EVENT, facts, Seen(state=restored.isoformat(), at=after(3617)))
    assert press_at is None
    held_up = Seen(state=(restored + MILLISECOND).isoformat(), at=after(20), before=restored.isoformat())
    facts, press_at = evaluate(EVENT, facts, held_up)
    assert press_at == after(20)
    assert evaluate(EVENT, facts, held_up) == (facts, None)


def test_the_first_press_of_a_new_button_counts_once() -> None:
    """Its entity was unknown before, and shows the same timestamp again."""
    seen = [Seen(state=START.isoformat(), at=START + MILLISECOND), Seen(state=START.isoformat(), at=after(0.5))]
    assert run(EVENT, seen)[1] == [START]


def test_an_old_event_seen_in_1970_is_no_press() -> None:
    """A hub without a clock starts in 1970; the restored timestamp is not fresh there."""
    seen = [
        *every_minute(after(-60).isoformat()),
        Seen(state=after(-600).isoformat(), at=datetime(1970, 1, 1, tzinfo=UTC)),
    ]
    assert run(EVENT, seen)[1] == []


noise = st.lists(st.sampled_from(["unavailable", "unknown", None, ""]), max_size=3)
gaps = st.integers(int(PRESS_GAP / MILLISECOND), 10_000_000).map(lambda milliseconds: milliseconds * MILLISECOND)
rounds = st.lists(st.tuples(gaps, noise, noise), max_size=6)


def interleaved(rest: str, press: str, turns: list[tuple[timedelta, list[str | None], list[str | None]]]) -> list[Seen]:
    """Show rest, noise, press and noise in each turn; each press comes a gap after the last."""
    at = START
    seen = []
    for gap, before, between in turns:
        at += gap
        states = [*before, rest, *between, press, press, *before, press]
        seen += [Seen(state=state, at=at) for state in states]
    return seen


@pytest.mark.parametrize(("kind", "rest", "press"), [(SENSOR, "off", "on"), (PANEL, "disarmed", "triggered")])
@given(turns=rounds)
@settings(max_examples=50, deadline=None)
def test_each_press_counts_once_under_any_noise(
    kind: ButtonKind, rest: str, press: str, turns: list[tuple[timedelta, list[str | None], list[str | None]]]
) -> None:
    """However often the button goes away and comes back in between."""
    _, presses = run(kind, interleaved(rest, press, turns))
    assert presses == [START + sum((turn[0] for turn in turns[: i + 1]), timedelta()) for i in range(len(turns))]


@given(turns=rounds)
@settings(max_examples=50, deadline=None)
def test_each_event_counts_once_under_any_noise(
    turns: list[tuple[timedelta, list[str | None], list[str | None]]],
) -> None:
    """However often the entity goes away and shows its last timestamp again."""
    pressed_at = [START + sum((turn[0] for turn in turns[: i + 1]), timedelta()) for i in range(len(turns))]
    seen = [Seen(state=after(-60).isoformat(), at=START)]
    for at, (_, before, between) in zip(pressed_at, turns, strict=True):
        states = [*before, at.isoformat(), *between, at.isoformat()]
        seen += [Seen(state=state, at=at) for state in states]
    assert run(EVENT, seen)[1] == pressed_at


@given(steps=st.lists(st.integers(-5000, 5000), max_size=12))
@settings(max_examples=60, deadline=None)
def test_every_signal_has_a_press_within_the_gap(steps: list[int]) -> None:
    """However the clock jumps, no signal is further than the gap from a press that counts."""
    instants = [START + sum(steps[: i + 1]) * MILLISECOND for i in range(len(steps))]
    _, presses = run(SIGNAL, [Seen(state=None, at=at) for at in instants])
    assert all(any(abs(at - press_at) < PRESS_GAP for press_at in presses) for at in instants)
