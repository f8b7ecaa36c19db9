"""Levels, their deadlines, and plans that are refused."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.homecare_h2o.core.escalation import (
    SHORTEST_INTERVAL,
    AlarmType,
    BadPlanError,
    EscalationPlan,
    Level,
    Priority,
    calc_priority,
)

from .samples import MINUTE, PLAN, T0, minutes
from .strategies import plans

AT_ONCE = Level(delay=timedelta(0), receivers=("staff",))


def plan(**changes: Any) -> EscalationPlan:
    facts: dict[str, Any] = {"levels": (AT_ONCE,), "repeat_every": MINUTE, "response_time": MINUTE}
    return EscalationPlan(**facts | changes)


@pytest.mark.parametrize(("level", "due"), [(0, 0), (1, 5), (2, 10), (3, 15), (4, 20), (1000, 5000)])
def test_levels_go_on_for_ever(level: int, due: int) -> None:
    assert PLAN.due_at(T0, level) == minutes(due)


@pytest.mark.parametrize(
    ("after", "level"),
    [(-0.1, -1), (0, 0), (4.99, 0), (5, 1), (9.99, 1), (10, 2), (14.99, 2), (15, 3), (60, 12), (1440, 288)],
)
def test_level_that_is_due(after: float, level: int) -> None:
    assert PLAN.calc_level(T0, minutes(after)) == level


@pytest.mark.parametrize(
    ("first", "last", "receivers"),
    [
        (0, 0, ("on_duty",)),
        (1, 1, ("on_duty", "backup")),
        (2, 2, ("larmansvarig",)),
        (0, 1, ("on_duty", "backup")),
        (1, 2, ("on_duty", "backup", "larmansvarig")),
        (2, 3, ("on_duty", "backup", "larmansvarig")),
        (7, 7, ("on_duty", "backup", "larmansvarig")),
    ],
)
def test_beyond_the_last_level_everyone_is_told(first: int, last: int, receivers: tuple[str, ...]) -> None:
    assert PLAN.calc_receivers(first, last) == receivers


@pytest.mark.parametrize(
    ("first", "left"),
    [
        (("on_duty", "relative"), ("relative",)),
        (("on_duty",), ("on_duty",)),
        (("backup",), ("backup",)),
    ],
)
def test_staff_is_left_out_of_the_first_level_alone_and_never_so_that_nobody_is_told(
    first: tuple[str, ...], left: tuple[str, ...]
) -> None:
    levels = (replace(PLAN.levels[0], receivers=first), *PLAN.levels[1:])
    told = replace(PLAN, levels=levels).not_telling_first("on_duty")
    assert (told.levels[0].receivers, told.levels[1:]) == (left, PLAN.levels[1:])


@pytest.mark.parametrize(("level", "loud"), [(0, False), (1, True), (2, False), (3, False), (100, False)])
def test_a_level_rings_through_as_it_says_and_beyond_the_last_as_the_last(level: int, loud: bool) -> None:
    levels = tuple(replace(each, loud=number == 1) for number, each in enumerate(PLAN.levels))
    assert replace(PLAN, levels=levels).is_loud(level) is loud


def test_one_more_receiver_is_told_from_the_first_level_on() -> None:
    told = PLAN.telling("relative")
    assert told.levels[0].receivers == ("on_duty", "relative")
    assert told.levels[1:] == PLAN.levels[1:]
    assert told.telling("relative") == told


@pytest.mark.parametrize(
    "changes",
    [
        {"levels": ()},
        {"levels": (AT_ONCE, Level(delay=MINUTE, receivers=()))},
        {"levels": (Level(delay=MINUTE, receivers=("a",)), AT_ONCE)},
        {"levels": (Level(delay=-MINUTE, receivers=("a",)),)},
        {"levels": (Level(delay=MINUTE, receivers=("a",)),)},
        {"repeat_every": timedelta(0)},
        {"repeat_every": SHORTEST_INTERVAL - timedelta(milliseconds=1)},
        {"response_time": timedelta(0)},
        {"response_time": -MINUTE},
    ],
)
def test_plan_that_could_leave_an_alarm_unanswered_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BadPlanError):
        plan(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"levels": (AT_ONCE, AT_ONCE)},
        {"repeat_every": SHORTEST_INTERVAL, "response_time": SHORTEST_INTERVAL},
    ],
)
def test_delay_of_nothing_is_allowed(changes: dict[str, Any]) -> None:
    assert plan(**changes).delay_of(0) >= timedelta(0)


@pytest.mark.parametrize(
    ("alarm_type", "priority"),
    [
        (AlarmType.FIRE, Priority.URGENT),
        (AlarmType.SAFETY_BUTTON, Priority.URGENT),
        (AlarmType.PASSIVITY, Priority.NORMAL),
        (AlarmType.LEAK, Priority.NORMAL),
        (AlarmType.TEST, Priority.NORMAL),
    ],
)
def test_fire_and_the_safety_button_are_urgent(alarm_type: AlarmType, priority: Priority) -> None:
    assert calc_priority(alarm_type) is priority


@settings(max_examples=100)
@given(plan=plans(), level=st.integers(0, 50), shift=st.timedeltas(timedelta(days=-1), timedelta(days=30)))
def test_a_level_is_due_from_its_instant_on(plan: EscalationPlan, level: int, shift: timedelta) -> None:
    now = plan.due_at(T0, level) + shift
    assert (plan.calc_level(T0, now) >= level) is (plan.due_at(T0, level) <= now)


@settings(max_examples=100)
@given(plan=plans(), level=st.integers(0, 50))
def test_at_the_very_instant_and_not_a_moment_before(plan: EscalationPlan, level: int) -> None:
    due_at = plan.due_at(T0, level)
    assert plan.calc_level(T0, due_at) >= level
    assert plan.calc_level(T0, due_at - timedelta.resolution) < level


@settings(max_examples=100)
@given(plan=plans(), after=st.timedeltas(timedelta(0), timedelta(days=30)))
def test_something_is_always_due_later(plan: EscalationPlan, after: timedelta) -> None:
    now = T0 + after
    assert plan.due_at(T0, plan.calc_level(T0, now) + 1) > now
