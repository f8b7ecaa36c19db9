"""Values are tried on what was recorded: the same alarms as live, wherever the record is split."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.homecare_h2o.core.detection import detected, gone_out, inactive, left_on, missed
from custom_components.homecare_h2o.core.detection.detected import DetectedConfig, DetectedFacts
from custom_components.homecare_h2o.core.detection.gone_out import GoneOutConfig, GoneOutFacts, Role
from custom_components.homecare_h2o.core.detection.inactive import InactiveConfig, InactiveFacts
from custom_components.homecare_h2o.core.detection.left_on import LeftOnConfig, LeftOnFacts
from custom_components.homecare_h2o.core.detection.missed import MissedConfig, MissedFacts
from custom_components.homecare_h2o.core.what_if import Player, Raised, Rule, count_by_day, replay, thin
from custom_components.homecare_h2o.core.windows import ALL_DAY, Window

from . import playing
from .samples import MINUTE, STOCKHOLM, local

BEGIN = local("2026-10-23T00:00")
"""Two days before the clock is set back."""
UNTIL = local("2026-10-28T00:00")
HOUR = timedelta(hours=1)
MORNING = Window(start=time(6), end=time(10))
NIGHT = Window(start=time(22), end=time(6))


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A detector of the core, with values, and how a contact or a motion sensor is shown to it."""

    config: Any
    facts: Any
    module: Any
    seen: Callable[[int, bool | None, datetime], Any]
    fired: Callable[[Any, datetime], Any]

    @property
    def rule(self) -> Rule[Any, Any]:
        return Rule(
            observe=lambda facts, seen: self.module.observe(self.config, facts, seen, STOCKHOLM),
            next_due_at=lambda facts: self.module.next_due_at(self.config, facts, STOCKHOLM),
            fired=self.fired,
            sources=lambda _facts, due_at: (due_at.isoformat(),),
        )

    @property
    def live(self) -> playing.Player[Any, Any, Any]:
        return playing.Player(next_due_at=self.module.next_due_at, fired=self.fired, observe=self.module.observe)


def _gone_out_seen(number: int, on: bool | None, at: datetime) -> gone_out.Seen:
    return gone_out.Seen(role=list(Role)[number % 3], source=f"s{number}", on=on, at=at)


CASES = {
    "gone_out": Case(
        config=GoneOutConfig(window=NIGHT, already_out=True),
        facts=GoneOutFacts(off=("s0", "s1", "s2", "s3")),
        module=gone_out,
        seen=_gone_out_seen,
        fired=gone_out.fired,
    ),
    "detected": Case(
        config=DetectedConfig(persistence=20 * MINUTE, window=NIGHT),
        facts=DetectedFacts(),
        module=detected,
        seen=lambda number, on, at: detected.Seen(source=f"s{number}", on=on, at=at),
        fired=detected.fired,
    ),
    "left_on": Case(
        config=LeftOnConfig(longest=3 * HOUR, allowed=MORNING, outside_delay=HOUR),
        facts=LeftOnFacts(),
        module=left_on,
        seen=lambda number, on, at: left_on.Seen(source=f"s{number}", on=on, at=at),
        fired=left_on.fired,
    ),
    "missed": Case(
        config=MissedConfig(window=MORNING),
        facts=MissedFacts(armed_since_at=BEGIN),
        module=missed,
        seen=lambda number, on, at: missed.Seen(source=f"s{number}", on=on, at=at),
        fired=missed.fired,
    ),
}
histories = st.lists(
    st.tuples(st.integers(0, 6 * 24 * 60), st.integers(0, 3), st.sampled_from((True, False, None))), max_size=60
).map(lambda drawn: sorted(drawn, key=lambda each: each[0]))
splits = st.lists(st.integers(0, 6 * 24 * 60), max_size=5).map(sorted)
cases = pytest.mark.parametrize("case", CASES.values(), ids=CASES)

type Drawn = Sequence[tuple[int, int, bool | None]]


def record_of(case: Case, drawn: Drawn) -> list[Any]:
    """Make a record of what was drawn: minutes, sensor, state."""
    return [case.seen(number, on, BEGIN + minute * MINUTE) for minute, number, on in drawn]


def dues(raised: Iterable[Raised]) -> list[datetime]:
    """Return the deadlines."""
    return [each.due_at for each in raised]


@cases
@given(drawn=histories)
def test_a_replay_raises_what_the_detector_raised_live(case: Case, drawn: Drawn) -> None:
    record = [seen for seen in record_of(case, drawn) if seen.at <= UNTIL]
    facts, raised = case.live.play(case.config, case.facts, record)
    raised += case.live.drain(case.config, facts, UNTIL)[1]
    assert dues(replay(case.rule, case.facts, record_of(case, drawn), UNTIL)) == raised


@cases
@given(drawn=histories, woken=splits)
def test_it_does_not_matter_when_anybody_looks(case: Case, drawn: Drawn, woken: list[int]) -> None:
    record = record_of(case, drawn)
    whole, in_steps = Player(case.rule, case.facts), Player(case.rule, case.facts)
    wakes = [BEGIN + minute * MINUTE for minute in woken]
    for seen in record:
        whole.show(seen)
        for at in wakes:
            in_steps.wake(min(at, seen.at))
        in_steps.show(seen)
    whole.wake(UNTIL + 10 * HOUR)
    in_steps.wake(UNTIL + 10 * HOUR)
    assert in_steps.raised == whole.raised


@cases
@given(drawn=histories, at=st.integers(0, 6 * 24 * 60))
def test_what_is_raised_up_to_an_instant_depends_on_nothing_later(case: Case, drawn: Drawn, at: int) -> None:
    record, split_at = record_of(case, drawn), BEGIN + at * MINUTE
    first = replay(case.rule, case.facts, record, split_at)
    assert first == replay(case.rule, case.facts, [seen for seen in record if seen.at <= split_at], split_at)
    assert replay(case.rule, case.facts, record, UNTIL + 24 * HOUR)[: len(first)] == first


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """Somebody moved."""

    at: datetime


@pytest.mark.parametrize("window", [ALL_DAY, MORNING, NIGHT], ids=["all day", "morning", "night"])
@given(
    minutes=st.lists(st.integers(0, 6 * 24 * 60), max_size=80).map(sorted),
    threshold=st.integers(1, 240).map(lambda minutes: minutes * MINUTE),
)
def test_what_is_left_out_changes_nothing(window: Window, minutes: list[int], threshold: timedelta) -> None:
    config = InactiveConfig(threshold=threshold, window=window)
    rule: Rule[InactiveFacts, Moved] = Rule(
        observe=lambda facts, moved: replace(facts, last_activity_at=moved.at),
        next_due_at=lambda facts: inactive.next_due_at(config, facts, STOCKHOLM),
        fired=lambda facts, due_at: replace(facts, last_due_at=due_at),
        sources=lambda _facts, _due_at: ("motion",),
    )
    record = [Moved(at=BEGIN + minute * MINUTE) for minute in minutes]
    facts = InactiveFacts(armed_since_at=BEGIN)
    thinned = list(thin(record, lambda moved: moved.at + threshold))
    assert len(thinned) <= len(record)
    assert replay(rule, facts, thinned, UNTIL) == replay(rule, facts, record, UNTIL)


def test_of_what_comes_close_together_little_is_looked_at() -> None:
    record = [Moved(at=BEGIN + minute * MINUTE) for minute in range(600)]
    kept = [(moved.at - BEGIN) // MINUTE for moved in thin(record, lambda moved: moved.at + 2 * HOUR)]
    assert kept == [0, 119, 238, 357, 476, 595, 599]


def test_a_deadline_that_only_the_detector_has_to_know_of_is_no_alarm() -> None:
    at = local("2026-10-23T06:30")
    rule = CASES["missed"].rule
    silent = replace(rule, is_silent=lambda _facts, due_at: due_at == at)
    facts = CASES["missed"].facts
    until = local("2026-10-24T12:00")
    assert dues(replay(rule, facts, [], until)) == [at, local("2026-10-24T06:30")]
    assert dues(replay(silent, facts, [], until)) == [local("2026-10-24T06:30")]


def test_each_alarm_says_what_it_is_about() -> None:
    seen = [_gone_out_seen(0, True, local("2026-10-23T23:00"))]
    case = CASES["gone_out"]
    due_at = local("2026-10-23T23:20")
    assert replay(case.rule, case.facts, seen, UNTIL)[0] == Raised(due_at=due_at, sources=(due_at.isoformat(),))


def test_days_are_those_of_the_home_and_none_is_left_out() -> None:
    instants = [local("2026-10-24T23:59"), local("2026-10-25T00:00"), local("2026-10-25T23:59")]
    counted = count_by_day(instants, local("2026-10-24T12:00"), local("2026-10-26T12:00"), STOCKHOLM)
    assert {day.isoformat(): number for day, number in counted.items()} == {
        "2026-10-24": 1,
        "2026-10-25": 2,
        "2026-10-26": 0,
    }
