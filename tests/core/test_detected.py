"""Detected: fire, leak, motion or an open door, once it has lasted."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.homecare_h2o.core.detection import BadRuleError
from custom_components.homecare_h2o.core.detection.detected import (
    DetectedConfig,
    DetectedFacts,
    Seen,
    SensorFacts,
    check,
    fired,
    next_due_at,
    observe,
    sources,
)
from custom_components.homecare_h2o.core.windows import Window

from .playing import NEVER, Player, kept
from .samples import MINUTE, STOCKHOLM, local

PLAYER = Player(next_due_at=next_due_at, fired=fired, observe=observe)
drain = PLAYER.drain
SECOND = timedelta(seconds=1)
START = datetime(2026, 6, 1, 12, tzinfo=UTC)
FIRE = DetectedConfig()
NIGHT = Window(start=time(22), end=time(6))
DOOR = DetectedConfig(persistence=timedelta(), window=NIGHT, edge_only=True)

type Shown = tuple[float, bool | None] | tuple[float, bool | None, str]


def after(seconds: float) -> datetime:
    """Return the instant some seconds after the start."""
    return START + seconds * SECOND


def seen(seconds: float, on: bool | None, source: str = "smoke", *, restored: bool = False) -> Seen:
    """Make an observation."""
    return Seen(source=source, on=on, at=after(seconds), restored=restored)


def play(
    rule: DetectedConfig, history: Iterable[Seen], facts: DetectedFacts | None = None
) -> tuple[DetectedFacts, list[datetime]]:
    """Show all of this to a rule and collect what it raises until the last is seen."""
    return PLAYER.play(rule, facts or DetectedFacts(), history)


def raised_after(rule: DetectedConfig, history: Iterable[Seen]) -> list[float]:
    """Return after how many seconds a rule raises, however long it takes."""
    facts, raised = play(rule, history)
    return [(due_at - START) / SECOND for due_at in raised + drain(rule, facts, NEVER - SECOND)[1]]


BLIPS = [seen(10 + i, state) for i in range(100) for state in (None, True)]


@pytest.mark.parametrize(
    ("history", "raised"),
    [
        pytest.param([seen(0, True)], [60], id="persists"),
        pytest.param([seen(0, True), seen(59.999, False)], [], id="off in time"),
        pytest.param([seen(0, True), seen(60, False)], [60], id="off at the deadline"),
        pytest.param([seen(0, True), seen(30, None)], [60], id="burnt"),
        pytest.param([seen(0, True), seen(30, None), seen(40, False)], [], id="back, and off"),
        pytest.param([seen(0, False), seen(5, True), *BLIPS], [65], id="100 blips"),
        pytest.param([seen(0, True), seen(30, False), seen(40, True)], [100], id="begins anew"),
        pytest.param([seen(0, True), seen(90, False), seen(100, True)], [60, 160], id="again"),
        pytest.param([seen(0, None), seen(5, True)], [65], id="discovered"),
        pytest.param([seen(0, False), seen(5, None), seen(9, True)], [69], id="began while it was not heard"),
        pytest.param([seen(0, True), seen(20, True, "smoke 2")], [60, 80], id="each sensor by itself"),
        pytest.param([seen(0, True), seen(0, True, "smoke 2")], [60], id="both at once"),
        pytest.param([seen(0, True), seen(40, False), seen(30, True, "smoke 2")], [90], id="the other"),
        pytest.param([seen(9, True, restored=True)], [9], id="on when discovered at a start: at once"),
        pytest.param([seen(0, False), seen(9, True, restored=True)], [9], id="tripped while the hub was down"),
        pytest.param([seen(0, True), seen(9, True, restored=True)], [60], id="restarted inside the minute"),
        pytest.param([seen(0, True), seen(90, True, restored=True)], [60], id="raised already"),
        pytest.param([seen(0, True), seen(9, False, restored=True)], [60], id="a restored off clears nothing"),
        pytest.param(
            [seen(0, True), seen(9, False, restored=True), seen(12, True)], [60], id="nor puts it off when it is on"
        ),
        pytest.param([seen(0, True), seen(9, False, restored=True), seen(12, False)], [], id="a real one does"),
        pytest.param(
            [seen(0, True), seen(90, False, restored=True), seen(100, True)], [60, 160], id="on anew after a start"
        ),
    ],
)
def test_raised_once_for_each_on_that_persists(history: list[Seen], raised: list[float]) -> None:
    """A minute of smoke, whatever the radio does."""
    assert raised_after(FIRE, history) == raised


def test_a_persistence_of_nothing_raises_at_once() -> None:
    """0 is allowed."""
    check(replace(FIRE, persistence=timedelta()))
    assert raised_after(replace(FIRE, persistence=timedelta()), [seen(3, True), seen(3, False)]) == [3]


@pytest.mark.parametrize(
    ("history", "raised"),
    [
        pytest.param([seen(0, False), seen(5, True)], [5], id="opens"),
        pytest.param([seen(5, True)], [], id="open when discovered"),
        pytest.param([seen(0, False), seen(5, True, restored=True)], [], id="restored"),
        pytest.param([seen(0, False), seen(5, True, restored=True), *BLIPS], [], id="restored, 100 blips"),
        pytest.param([seen(0, False), seen(5, True), *BLIPS], [5], id="100 blips"),
        pytest.param([seen(0, False), seen(5, None), seen(9, True)], [9], id="opened while it was not heard"),
        pytest.param([seen(0, False), seen(1, True), seen(2, False), seen(3, True)], [1, 3], id="twice"),
    ],
)
def test_motion_and_doors_must_be_seen_to_begin(history: list[Seen], raised: list[float]) -> None:
    """What is there at a start is no movement."""
    assert raised_after(DetectedConfig(persistence=timedelta(), edge_only=True), history) == raised


def test_a_restart_keeps_what_must_be_seen_to_begin() -> None:
    """A door that stays open for the whole time, over a start that first shows it shut."""
    rule = DetectedConfig(edge_only=True)
    history = [seen(0, False), seen(1, True), seen(2, False, restored=True), seen(3, True, restored=True)]
    assert raised_after(rule, history) == [61]


@pytest.mark.parametrize(
    ("rule", "at", "due"),
    [
        pytest.param(DOOR, "2026-06-01T22:00", "2026-06-01T22:00", id="opens with the window"),
        pytest.param(DOOR, "2026-06-01T21:59:59", None, id="opened before it"),
        pytest.param(DOOR, "2026-06-02T06:00", None, id="opened after it"),
        pytest.param(
            replace(DOOR, persistence=MINUTE), "2026-06-02T05:59:59", "2026-06-02T06:00:59", id="past the window"
        ),
        pytest.param(replace(FIRE, window=NIGHT), "2026-06-01T12:00", "2026-06-01T22:00", id="on when it opens"),
        pytest.param(
            replace(FIRE, window=NIGHT), "2026-06-01T21:59:30", "2026-06-01T22:00:30", id="lasts into the window"
        ),
        pytest.param(
            replace(FIRE, window=Window(start=time(2, 10), end=time(2, 50))),
            "2026-03-28T12:00",
            "2026-03-30T02:10",
            id="a window that the clock skips",
        ),
    ],
)
def test_the_window_decides(rule: DetectedConfig, at: str, due: str | None) -> None:
    """What begins must begin inside; what lasts counts when the window opens."""
    history = [Seen(source="door", on=False, at=local("2026-03-01T12:00")), Seen(source="door", on=True, at=local(at))]
    facts, _ = play(rule, history)
    assert next_due_at(rule, facts, STOCKHOLM) == (local(due) if due else None)


def test_the_sensors_of_a_deadline_are_told() -> None:
    """Those that are due by then and not raised yet, in order."""
    facts, _ = play(FIRE, [seen(0, True, "b"), seen(0, True, "a"), seen(1, True, "c"), seen(1, False, "d")])
    assert sources(facts, after(60)) == ("a", "b")
    assert sources(fired(facts, after(60)), after(61)) == ("c",)
    assert [each.on_since_at for each in facts.sensors] == [after(0), after(0), after(1), None]


def test_no_information_changes_nothing() -> None:
    """Not even of a sensor that is not known."""
    facts = DetectedFacts(sensors=(SensorFacts(source="smoke", on_since_at=START),))
    assert observe(FIRE, facts, seen(1, None), STOCKHOLM) == facts
    assert observe(FIRE, facts, seen(1, None, "other"), STOCKHOLM) == facts


def test_a_negative_persistence_is_refused() -> None:
    """With a reason."""
    with pytest.raises(BadRuleError) as refusal:
        check(replace(FIRE, persistence=-SECOND))
    assert refusal.value.translation_key == "persistence_negative"


rules = st.builds(
    DetectedConfig,
    persistence=st.integers(0, 90).map(lambda seconds: seconds * SECOND),
    window=st.sampled_from([FIRE.window, NIGHT]),
    edge_only=st.booleans(),
)
steps = st.tuples(
    st.integers(0, 3600),
    st.sampled_from(["a", "b"]),
    st.sampled_from([True, False, True, False, None]),
    st.sampled_from([False, False, True]),
)


@st.composite
def histories(draw: st.DrawFn) -> list[Seen]:
    """Draw what sensors show over some hours."""
    seconds = draw(st.sampled_from([0, 7 * 3600, 15 * 3600]))
    history = []
    for gap, source, state, restored in draw(st.lists(steps, max_size=25)):
        seconds += gap
        history.append(seen(seconds, state, source, restored=restored))
    return history


@given(rule=rules, history=histories(), cut=st.integers(0, 25))
@settings(max_examples=100, deadline=None)
def test_a_restart_anywhere_changes_nothing(rule: DetectedConfig, history: list[Seen], cut: int) -> None:
    """What is raised before the restart and after it is what would be raised without one."""
    facts, early = play(rule, history[:cut])
    found, late = play(rule, history[cut:], kept(facts))
    assert (found, early + late) == play(rule, history)


@given(rule=rules, history=histories())
@settings(max_examples=100, deadline=None)
def test_no_alarm_before_it_has_lasted_and_none_twice(rule: DetectedConfig, history: list[Seen]) -> None:
    """Each alarm has an on of its own, as old as it must be."""
    facts, raised = play(rule, history)
    ons = [each.at + rule.persistence * (not each.restored) for each in history if each.on]
    assert all(any(lasted_at <= due_at for lasted_at in ons) for due_at in raised)
    assert len(raised) <= len(ons)
    assert len(facts.sensors) <= 2


@given(history=histories(), seconds=st.integers(0, 3600))
@settings(max_examples=100, deadline=None)
def test_no_fire_is_lost(history: list[Seen], seconds: int) -> None:
    """Smoke after any history of any sensor, and then nothing more of it."""
    last = max([each.at for each in history], default=START)
    history = [*history, Seen(source="a", on=False, at=last), Seen(source="a", on=True, at=last + seconds * SECOND)]
    facts, _ = play(FIRE, history)
    assert history[-1].at + MINUTE in drain(FIRE, facts, NEVER - SECOND)[1]
