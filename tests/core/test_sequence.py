"""Sequence: steps, each within a time of the one before, and then perhaps nothing for a time."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import combinations

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.homecare_h2o.core.detection import BadRuleError
from custom_components.homecare_h2o.core.detection.sequence import (
    Absence,
    Seen,
    SequenceConfig,
    SequenceFacts,
    SourceFacts,
    Step,
    check,
    fired,
    followed_sources,
    next_due_at,
    observe,
)
from custom_components.homecare_h2o.core.windows import Window

from .playing import NEVER, Player, kept
from .samples import STOCKHOLM

PLAYER = Player(next_due_at=next_due_at, fired=fired, observe=observe)
drain = PLAYER.drain
SECOND = timedelta(seconds=1)
MINUTE = 60 * SECOND
START = datetime(2026, 6, 1, 12, tzinfo=UTC)
BED, BATH, HALL = (Step(sources=(name,), within=10 * SECOND) for name in ("bed", "bath", "hall"))
TWO = SequenceConfig(steps=(BED, BATH))
THREE = SequenceConfig(steps=(BED, BATH, HALL))
# Up from bed, into the bathroom, and not out of it.
FALL = replace(TWO, absence=Absence(sources=("hall", "bath"), duration=30 * SECOND))
STILL = SequenceFacts(states=tuple(SourceFacts(source=name, state="off") for name in ("bath", "bed", "hall")))


def after(seconds: float) -> datetime:
    """Return the instant some seconds after the start."""
    return START + seconds * SECOND


def seen(seconds: float, source: str, state: str | None = "on", *, restored: bool = False) -> Seen:
    """Make an observation."""
    return Seen(source=source, state=state, at=after(seconds), restored=restored)


def pulses(text: str) -> list[Seen]:
    """Make sensors go on and off at once, from a text such as 0 bed 5 bath."""
    words = text.split()
    pairs = zip(words[::2], words[1::2], strict=True)
    return [seen(float(seconds), source, state) for seconds, source in pairs for state in ("on", "off")]


def play(rule: SequenceConfig, history: Iterable[Seen], facts: SequenceFacts) -> tuple[SequenceFacts, list[datetime]]:
    """Show all of this to a rule, look at what is due before and after each, and collect what it raises."""
    raised = []
    for each in history:
        facts, dues = drain(rule, facts, each.at)
        raised += dues
        facts, dues = drain(rule, observe(rule, facts, each, STOCKHOLM), each.at)
        raised += dues
    return facts, raised


def raised_after(rule: SequenceConfig, history: Iterable[Seen]) -> list[float]:
    """Return after how many seconds a rule raises, however long it takes."""
    facts, raised = play(rule, history, STILL)
    return [(due_at - START) / SECOND for due_at in raised + drain(rule, facts, NEVER - SECOND)[1]]


@pytest.mark.parametrize(
    ("rule", "shown", "raised"),
    [
        pytest.param(TWO, "0 bed 5 bath", [5], id="in order"),
        pytest.param(TWO, "0 bath 5 bed", [], id="the other way round"),
        pytest.param(TWO, "0 bed 10 bath", [10], id="just in time"),
        pytest.param(TWO, "0 bed 11 bath", [], id="too late"),
        pytest.param(TWO, "0 bed 8 bed 15 bath", [15], id="a new first step"),
        pytest.param(TWO, "0 bed 5 bath 6 bath", [5], id="once for each first step"),
        pytest.param(TWO, "0 bed 5 bath 20 bed 22 bath", [5, 22], id="again"),
        pytest.param(TWO, "0 bed 2 hall 5 bath", [5], id="something else between"),
        pytest.param(THREE, "0 bed 5 bath 14 hall", [14], id="each from the one before"),
        pytest.param(THREE, "0 bed 5 bath 16 hall", [], id="the third too late"),
        pytest.param(THREE, "0 bed 2 bath 9 bath 18 hall", [18], id="the newest second step counts"),
        pytest.param(THREE, "0 bed 2 bath 4 bed 11 hall", [11], id="a new first step leaves the older at its step"),
        pytest.param(THREE, "0 bed 1 bath 2 bed 3 hall 4 bath 5 hall", [3, 5], id="overlapping"),
        pytest.param(SequenceConfig(steps=(BED,)), "0 bed 5 bed", [0, 5], id="one step"),
        pytest.param(SequenceConfig(steps=(BED, BED)), "0 bed 5 bed 8 bed 20 bed", [5, 8], id="overlapping by one"),
        pytest.param(
            SequenceConfig(steps=(BED, BATH, BED)), "0 bed 1 bath 2 bed 3 bath 4 bed", [2, 4], id="the last begins anew"
        ),
        pytest.param(FALL, "0 bed 5 bath", [35], id="and then nothing"),
        pytest.param(FALL, "0 bed 5 bath 34 hall", [], id="out again"),
        pytest.param(FALL, "0 bed 5 bath 35 hall", [35], id="a sign at the deadline"),
        pytest.param(FALL, "0 bed 5 bath 20 bath", [], id="moves in the bathroom"),
        pytest.param(FALL, "0 bed 5 bath 20 bed", [35], id="a sign that does not matter"),
        pytest.param(FALL, "0 bed 5 bath 20 bed 22 bath", [52], id="moves as the last step: from there"),
        pytest.param(
            replace(FALL, absence=Absence(sources=("hall",), duration=30 * SECOND)),
            "0 bed 5 bath 20 bed 22 bath",
            [35],
            id="a second time does not put it off",
        ),
        pytest.param(FALL, "0 bed 5 bath 20 hall 22 bed 25 bath", [55], id="out, and in again"),
    ],
)
def test_raised_when_the_steps_follow_in_time(rule: SequenceConfig, shown: str, raised: list[float]) -> None:
    """And once for each time that they do."""
    assert raised_after(rule, pulses(shown)) == raised


@pytest.mark.parametrize(
    ("history", "raised"),
    [
        pytest.param([seen(0, "bed"), seen(1, "bed", None), seen(2, "bath")], [32], id="no information"),
        pytest.param(
            [seen(0, "bed", "unavailable"), seen(1, "bed"), seen(2, "bath")], [32], id="a step over a time unheard"
        ),
        pytest.param([seen(0, "bed", restored=True), seen(2, "bath")], [], id="restored is no step"),
        pytest.param(
            [seen(0, "bed", restored=True), seen(1, "bed", "unknown"), seen(1, "bed"), seen(2, "bath")],
            [],
            id="nor is its blip",
        ),
        pytest.param(
            [seen(0, "bed"), seen(1, "bath"), *[seen(2, "bath", each) for each in 100 * (None, "on")]],
            [31],
            id="100 blips",
        ),
        pytest.param(
            [seen(0, "bed"), seen(1, "bath"), seen(9, "hall", None), seen(9, "hall")], [31], id="a sign over a blip"
        ),
        pytest.param([seen(0, "bed"), seen(1, "bath"), seen(9, "hall", restored=True)], [31], id="a restored sign"),
        pytest.param([seen(0, "bed"), seen(1, "bath"), seen(9, "bath", "off")], [31], id="off is no sign"),
        pytest.param([seen(0, "bed"), seen(1, "bath"), seen(9, "hall", "open")], [], id="any other is"),
    ],
)
def test_only_a_change_that_is_known_is_a_step_or_a_sign(history: list[Seen], raised: list[float]) -> None:
    """A state that is shown at a start, or comes back with its sensor, is as old as may be."""
    assert raised_after(FALL, history) == raised


def test_a_source_that_nothing_is_known_of_takes_no_step() -> None:
    """Unknown → on may be as old as the sensor."""
    history = [seen(0, "bed", "unknown"), seen(1, "bed"), seen(2, "bath")]
    assert play(FALL, history, SequenceFacts())[0].candidates == ()


def test_a_step_to_any_state_is_every_change() -> None:
    """Such as an event entity's next timestamp."""
    rule = SequenceConfig(steps=(Step(sources=("bed", "bath"), to_state=None),))
    assert raised_after(rule, [seen(1, "bed", "open"), seen(2, "bath", "off"), seen(3, "bath", "7")]) == [1, 3]


@pytest.mark.parametrize(("seconds", "raised"), [(8 * 3600 - 1, []), (8 * 3600, [8 * 3600 + 5])])
def test_the_first_step_must_happen_in_the_window(seconds: int, raised: list[float]) -> None:
    """22:00 in Stockholm is eight hours after the start; the rest may come later."""
    rule = replace(TWO, window=Window(start=time(22), end=time(22, 0, 1)))
    assert raised_after(rule, pulses(f"{seconds} bed {seconds + 5} bath")) == raised


def test_a_deadline_that_fired_takes_no_later_one_along() -> None:
    """Only what is due by then."""
    facts = replace(STILL, due_at=after(9))
    assert next_due_at(FALL, fired(facts, after(8)), STOCKHOLM) == after(9)
    assert next_due_at(FALL, fired(facts, after(9)), STOCKHOLM) is None
    assert next_due_at(FALL, fired(STILL, after(9)), STOCKHOLM) is None


@pytest.mark.parametrize(("rule", "names"), [(TWO, ("bath", "bed")), (FALL, ("bath", "bed", "hall"))])
def test_every_source_is_followed(rule: SequenceConfig, names: tuple[str, ...]) -> None:
    """Those of the steps and those that must stay away."""
    assert followed_sources(rule) == names


@pytest.mark.parametrize(
    ("rule", "key"),
    [
        (SequenceConfig(steps=()), "sequence_without_steps"),
        (SequenceConfig(steps=(BED, Step(sources=(), within=SECOND))), "step_without_sensor"),
        (replace(FALL, absence=Absence(sources=(), duration=SECOND)), "step_without_sensor"),
        (SequenceConfig(steps=(BED, replace(BATH, within=None))), "step_time_not_positive"),
        (SequenceConfig(steps=(BED, replace(BATH, within=timedelta()))), "step_time_not_positive"),
        (replace(FALL, absence=Absence(sources=("hall",), duration=timedelta())), "absence_time_not_positive"),
    ],
)
def test_a_rule_that_could_not_work_is_refused(rule: SequenceConfig, key: str) -> None:
    """With a reason."""
    with pytest.raises(BadRuleError) as refusal:
        check(rule)
    assert refusal.value.translation_key == key


@pytest.mark.parametrize("rule", [TWO, THREE, FALL, SequenceConfig(steps=(Step(sources=("bed",)),))])
def test_a_rule_that_can_work_is_accepted(rule: SequenceConfig) -> None:
    """The first step needs no time."""
    check(rule)


rules = st.sampled_from(
    [
        TWO,
        THREE,
        FALL,
        SequenceConfig(steps=(BED, BED)),
        SequenceConfig(steps=(BED, BATH, BED)),
        replace(THREE, absence=FALL.absence),
    ]
)
steps = st.tuples(
    st.integers(0, 12),
    st.sampled_from(["bed", "bath", "hall"]),
    st.sampled_from(["on", "off", "on", "off", None, "unavailable"]),
    st.sampled_from([False, False, False, True]),
)


@st.composite
def histories(draw: st.DrawFn) -> list[Seen]:
    """Draw what sensors show over some minutes."""
    seconds = 0
    history = []
    for gap, source, state, restored in draw(st.lists(steps, max_size=30)):
        seconds += gap
        history.append(seen(seconds, source, state, restored=restored))
    return history


@given(rule=rules, history=histories(), cut=st.integers(0, 30))
@settings(max_examples=100, deadline=None)
def test_a_restart_anywhere_changes_nothing(rule: SequenceConfig, history: list[Seen], cut: int) -> None:
    """What is raised before the restart and after it is what would be raised without one."""
    facts, early = play(rule, history[:cut], STILL)
    found, late = play(rule, history[cut:], kept(facts))
    assert (found, early + late) == play(rule, history, STILL)


@given(rule=rules, history=histories())
@settings(max_examples=100, deadline=None)
def test_what_is_remembered_is_bounded(rule: SequenceConfig, history: list[Seen]) -> None:
    """One state a source and one candidate a step but the last."""
    facts, _ = play(rule, history, STILL)
    assert len(facts.states) == 3
    assert len({each.step for each in facts.candidates}) == len(facts.candidates) < len(rule.steps)


events = st.lists(st.tuples(st.integers(1, 12), st.sampled_from(["bed", "bath", "hall"])), max_size=14)


@given(shown=events)
@settings(max_examples=100, deadline=None)
def test_raised_first_when_any_steps_in_time_are_complete(shown: list[tuple[int, str]]) -> None:
    """Among all choices of three events, the earliest that follow each other in time."""
    times = [sum(gap for gap, _ in shown[: i + 1]) for i in range(len(shown))]
    named = [(at, source) for at, (_, source) in zip(times, shown, strict=True)]
    complete = [
        third[0]
        for first, second, third in combinations(named, 3)
        if (first[1], second[1], third[1]) == ("bed", "bath", "hall")
        if second[0] - first[0] <= 10 and third[0] - second[0] <= 10
    ]
    raised = raised_after(THREE, pulses(" ".join(f"{at} {source}" for at, source in named)))
    assert raised[:1] == sorted(complete)[:1]
    assert set(raised) <= set(complete)
