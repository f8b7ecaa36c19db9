"""Quiet: a device has said nothing for a time."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.homecare_h2o.core.detection import BadRuleError
from custom_components.homecare_h2o.core.detection.quiet import (
    BATTERY_LIMIT,
    MAINS_LIMIT,
    QuietConfig,
    QuietFacts,
    Seen,
    check,
    fired,
    follow,
    listen_again,
    next_due_at,
    observe,
    sources,
)

from .playing import NEVER, kept
from .samples import STOCKHOLM

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
RULE = QuietConfig(limits={"motion": BATTERY_LIMIT, "plug": MAINS_LIMIT})
FOLLOWED = follow(RULE, QuietFacts(), START)


def seen(hours: float, source: str = "plug", *, restored: bool = False) -> Seen:
    """Make a report some hours after the start."""
    return Seen(source=source, at=START + hours * HOUR, restored=restored)


def drain(facts: QuietFacts, until_at: datetime) -> tuple[QuietFacts, list[tuple[datetime, tuple[str, ...]]]]:
    """Raise what is due by an instant."""
    raised = []
    while (due_at := next_due_at(RULE, facts, STOCKHOLM) or NEVER) <= until_at:
        raised.append((due_at, sources(RULE, facts, due_at)))
        facts = fired(RULE, facts, due_at)
    return facts, raised


def play(facts: QuietFacts, history: Iterable[Seen]) -> tuple[QuietFacts, list[tuple[datetime, tuple[str, ...]]]]:
    """Show all of this to the rule and collect what it raises until the last is heard."""
    raised = []
    for each in history:
        facts, dues = drain(facts, each.at)
        raised += dues
        facts = observe(RULE, facts, each, STOCKHOLM)
    return facts, raised


def raised_by(history: Iterable[Seen], hours: float) -> list[tuple[float, str]]:
    """Return what the rule raises in some hours."""
    facts, raised = play(FOLLOWED, history)
    raised += drain(facts, START + hours * HOUR)[1]
    return [((due_at - START) / HOUR, " ".join(silent)) for due_at, silent in raised]


@pytest.mark.parametrize(
    ("history", "raised"),
    [
        pytest.param([], [(2, "plug"), (6, "motion")], id="silent from the first: each once"),
        pytest.param([seen(1)], [(3, "plug"), (6, "motion")], id="then silent"),
        pytest.param([seen(3)], [(2, "plug"), (5, "plug"), (6, "motion")], id="heard and silent again"),
        pytest.param([seen(2)], [(2, "plug"), (4, "plug"), (6, "motion")], id="heard at the deadline"),
        pytest.param([seen(4, "motion"), seen(4)], [(2, "plug"), (6, "plug"), (10, "motion")], id="by themselves"),
        pytest.param([seen(1, restored=True)], [(2, "plug"), (6, "motion")], id="a restored state is no report"),
        pytest.param([seen(1, "stranger")], [(2, "plug"), (6, "motion")], id="not of this rule"),
    ],
)
def test_each_silence_is_raised_once(history: list[Seen], raised: list[tuple[float, str]]) -> None:
    """Six hours on a battery, two on mains."""
    assert raised_by(history, 24) == raised


def test_silences_that_are_due_together_are_one() -> None:
    """A radio that is lost takes all its devices along."""
    facts, _ = play(FOLLOWED, [seen(4)])
    assert sources(RULE, facts, START + 6 * HOUR) == ("motion", "plug")
    assert next_due_at(RULE, fired(RULE, facts, START + 6 * HOUR), STOCKHOLM) is None


def test_new_sources_are_followed_and_old_ones_forgotten() -> None:
    """What is known stays, what is new has its whole time."""
    rule = QuietConfig(limits={"plug": MAINS_LIMIT, "smoke": BATTERY_LIMIT})
    facts = follow(rule, FOLLOWED, START + HOUR)
    assert [(each.source, each.silent_since_at) for each in facts.silences] == [
        ("plug", START),
        ("smoke", START + HOUR),
    ]


def test_a_source_that_is_no_longer_asked_for_is_not_due() -> None:
    """Its facts may be older than the rule."""
    rule = QuietConfig(limits={"motion": BATTERY_LIMIT})
    assert next_due_at(rule, FOLLOWED, STOCKHOLM) == START + BATTERY_LIMIT
    assert listen_again(rule, FOLLOWED, START, START + HOUR).silences[1].silent_since_at == START


@pytest.mark.parametrize(
    ("deaf_from", "deaf_to", "raised"),
    [
        pytest.param(1, 1.5, [(2.5, "plug"), (6.5, "motion")], id="short"),
        pytest.param(1, 11, [(12, "plug"), (16, "motion")], id="longer than the limits"),
        pytest.param(2, 11, [(2, "plug"), (15, "motion")], id="due as the hub stopped"),
        pytest.param(-1, 1, [(3, "plug"), (7, "motion")], id="not heard since the last sign of life was kept"),
    ],
)
def test_nobody_is_silent_while_the_hub_is_deaf(
    deaf_from: float, deaf_to: float, raised: list[tuple[float, str]]
) -> None:
    """The time of silence goes on after a start where it stopped; what was due before stays due."""
    facts = listen_again(RULE, FOLLOWED, START + deaf_from * HOUR, START + deaf_to * HOUR)
    _, found = drain(facts, START + 24 * HOUR)
    assert [((due_at - START) / HOUR, " ".join(silent)) for due_at, silent in found] == raised


@pytest.mark.parametrize("limit", [timedelta(), -HOUR])
def test_a_limit_that_is_not_positive_is_refused(limit: timedelta) -> None:
    """With a reason."""
    with pytest.raises(BadRuleError) as refusal:
        check(QuietConfig(limits={"motion": BATTERY_LIMIT, "plug": limit}))
    assert refusal.value.translation_key == "quiet_limit_not_positive"


def test_the_limits_of_the_platform_are_accepted() -> None:
    """A rule without sources may get some later."""
    check(RULE)
    check(QuietConfig(limits={}))


@st.composite
def histories(draw: st.DrawFn) -> list[Seen]:
    """Draw reports over some days."""
    steps = st.tuples(st.integers(0, 5 * 60), st.sampled_from(["motion", "plug", "stranger"]), st.booleans())
    minutes = 0
    history = []
    for gap, source, restored in draw(st.lists(steps, max_size=25)):
        minutes += gap
        history.append(seen(minutes / 60, source, restored=restored))
    return history


@given(history=histories(), cut=st.integers(0, 25))
@settings(max_examples=100, deadline=None)
def test_a_restart_anywhere_changes_nothing(history: list[Seen], cut: int) -> None:
    """What is raised before the restart and after it is what would be raised without one."""
    facts, early = play(FOLLOWED, history[:cut])
    found, late = play(kept(facts), history[cut:])
    assert (found, early + late) == play(FOLLOWED, history)


@given(history=histories())
@settings(max_examples=100, deadline=None)
def test_every_silence_is_as_long_as_its_limit(history: list[Seen]) -> None:
    """None is raised early, twice, or for a source that was heard."""
    _, raised = play(FOLLOWED, history)
    pairs = [(source, due_at) for due_at, silent in raised for source in silent]
    heard = {(each.source, each.at) for each in history if not each.restored} | {("motion", START), ("plug", START)}
    assert {(source, due_at - RULE.limits[source]) for source, due_at in pairs} <= heard
    assert len(set(pairs)) == len(pairs)
