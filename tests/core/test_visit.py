"""Visit: staff is in the home, and leaves it without that being an alarm."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.homecare_h2o.core.detection import BadRuleError, gone_out
from custom_components.homecare_h2o.core.detection.visit import (
    VisitConfig,
    VisitFacts,
    check,
    end,
    expired,
    is_active,
    next_expiry_at,
    start,
    suppresses,
)
from custom_components.homecare_h2o.core.windows import Window

from .playing import NEVER, kept
from .samples import MINUTE, STOCKHOLM

START = datetime(2026, 6, 1, 21, tzinfo=UTC)
CONFIG = VisitConfig()


def after(minutes: float) -> datetime:
    """Return the instant some minutes after the start."""
    return START + minutes * MINUTE


def act(facts: VisitFacts, *steps: tuple[str, float]) -> VisitFacts:
    """Start and end visits after some minutes."""
    does = {"start": lambda facts, at: start(CONFIG, facts, at), "end": end}
    for name, minutes in steps:
        facts = does[name](facts, after(minutes))
    return facts


BEGUN = act(VisitFacts(), ("start", 0))
ENDED = act(VisitFacts(), ("start", 0), ("end", 30))
EXPIRED_THEN_ENDED = act(VisitFacts(), ("start", 0), ("end", 130))


@pytest.mark.parametrize(
    ("facts", "minutes", "active", "excused"),
    [
        pytest.param(VisitFacts(), 0, False, False, id="none"),
        pytest.param(BEGUN, -2.1, False, False, id="long before"),
        pytest.param(BEGUN, -2, False, True, id="arrives"),
        pytest.param(BEGUN, 0, True, True, id="start"),
        pytest.param(BEGUN, 119.9, True, True, id="never ended"),
        pytest.param(BEGUN, 120, False, False, id="expired"),
        pytest.param(ENDED, 29.9, True, True, id="just before the end"),
        pytest.param(ENDED, 30, False, True, id="end"),
        pytest.param(ENDED, 35, False, True, id="leaves"),
        pytest.param(ENDED, 35.1, False, False, id="has left"),
        pytest.param(EXPIRED_THEN_ENDED, 125, False, False, id="expired, not ended yet"),
        pytest.param(EXPIRED_THEN_ENDED, 128, False, True, id="left, then ended"),
        pytest.param(EXPIRED_THEN_ENDED, 135, False, True, id="ended, then left"),
        pytest.param(act(VisitFacts(), ("end", 30)), 28, False, True, id="end without a start, left"),
        pytest.param(act(VisitFacts(), ("end", 30)), 27.9, False, False, id="end without a start, before"),
        pytest.param(act(ENDED, ("end", 60)), 45, False, False, id="a second end is no longer visit"),
        pytest.param(act(ENDED, ("end", 60)), 62, False, True, id="a second end"),
        pytest.param(act(BEGUN, ("start", 100)), 50, True, True, id="registered again: the same visit"),
        pytest.param(act(BEGUN, ("start", 100)), 219, True, True, id="registered again: longer"),
        pytest.param(act(BEGUN, ("start", 100)), 220, False, False, id="registered again: expires"),
        pytest.param(act(ENDED, ("start", 60)), 50, False, False, id="between two visits"),
        pytest.param(act(ENDED, ("start", 60)), 60, True, True, id="the second visit"),
        pytest.param(VisitFacts(started_at=START), 0, False, False, id="a visit that would never end is none"),
    ],
)
def test_an_opening_is_staffs_during_and_around_a_visit(
    facts: VisitFacts, minutes: float, active: bool, excused: bool
) -> None:
    """Two minutes before its start and end, five after its end, and never longer than two hours."""
    assert is_active(facts, after(minutes)) is active
    assert suppresses(CONFIG, facts, after(minutes)) is excused


@pytest.mark.parametrize(
    ("facts", "expiry"),
    [(VisitFacts(), None), (BEGUN, after(120)), (ENDED, None), (act(ENDED, ("start", 60)), after(180))],
)
def test_a_visit_that_nobody_ends_expires(facts: VisitFacts, expiry: datetime | None) -> None:
    """By itself, also over a restart."""
    assert next_expiry_at(kept(facts)) == expiry
    assert next_expiry_at(expired(facts)) is None


@pytest.mark.parametrize(
    "config",
    [VisitConfig(longest=timedelta()), VisitConfig(lead=-MINUTE), VisitConfig(tail=-MINUTE)],
)
def test_times_that_could_not_work_are_refused(config: VisitConfig) -> None:
    """With a reason."""
    with pytest.raises(BadRuleError) as refusal:
        check(config)
    assert refusal.value.translation_key == "visit_time_out_of_range"


def test_the_defaults_are_accepted() -> None:
    """And no time around the visit at all."""
    check(CONFIG)
    check(VisitConfig(lead=timedelta(), tail=timedelta()))


@pytest.mark.parametrize(
    ("visit", "opened", "armed"),
    [
        pytest.param(ENDED, 31, False, id="staff leaves"),
        pytest.param(ENDED, 36, True, id="the brukare leaves"),
        pytest.param(BEGUN, 121, True, id="a visit that was forgotten"),
    ],
)
def test_staff_who_leaves_at_night_has_not_gone_out(visit: VisitFacts, opened: float, armed: bool) -> None:
    """The opening is shown to gone_out with what the visit says."""
    rule = gone_out.GoneOutConfig(window=Window(start=time(22), end=time(6)))
    at = after(opened)
    opening = gone_out.Seen(
        role=gone_out.Role.DOOR, source="door", on=True, at=at, suppressed=suppresses(CONFIG, visit, at)
    )
    facts = gone_out.observe(rule, gone_out.GoneOutFacts(off=("door",)), opening, STOCKHOLM)
    assert (gone_out.next_due_at(rule, facts, STOCKHOLM) is not None) is armed


actions = st.lists(st.tuples(st.sampled_from(["start", "end"]), st.integers(0, 300)), max_size=8).map(
    lambda steps: sorted(steps, key=lambda step: step[1])
)


@given(steps=actions, cut=st.integers(0, 8))
@settings(max_examples=100, deadline=None)
def test_a_restart_anywhere_changes_nothing(steps: Sequence[tuple[str, float]], cut: int) -> None:
    """The visit goes on and ends as if there had been none."""
    assert act(kept(act(VisitFacts(), *steps[:cut])), *steps[cut:]) == act(VisitFacts(), *steps)


@given(steps=actions, minutes=st.integers(0, 600))
@settings(max_examples=100, deadline=None)
def test_no_visit_outlasts_its_longest_time(steps: Sequence[tuple[str, float]], minutes: int) -> None:
    """Two hours after anybody has registered anything, an opening is an opening."""
    last = max([minute for _, minute in steps], default=0)
    facts = act(VisitFacts(), *steps)
    assert not suppresses(CONFIG, facts, after(last + 120 + minutes))
    assert (next_expiry_at(facts) or NEVER) in {NEVER, *(after(minute + 120) for _, minute in steps)}
