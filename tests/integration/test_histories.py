"""Random histories through the real triggers: a restart between any two instants changes nothing (R010.5)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import count as numbers
from typing import Any

from hypothesis import HealthCheck, example, given, settings, strategies as st
import pytest

from custom_components.homecare_h2o.core.events import Actor, AlarmRaised, AlarmRepeated

from .rules import House, local

pytestmark = [pytest.mark.freeze_time("2026-11-02 12:00:00+01:00"), pytest.mark.timeout(600)]

WEEK = timedelta(days=7)
LAST = timedelta(hours=42)
KINDS = {"motion": "motion", "door": "door", "hall": "motion", "smoke": "smoke", "cabinet": "door", "stove": None}
PULSE = timedelta(seconds=30)
"""How long a motion sensor stays on."""

type Step = tuple[timedelta, str, str]
"""When, counted from noon, which sensor shows what."""

instants = st.integers(1, int(LAST.total_seconds()) - 60).map(lambda seconds: timedelta(seconds=seconds))
pulses = st.tuples(instants, st.sampled_from(["motion", "hall"])).map(
    lambda drawn: [(drawn[0], drawn[1], "on"), (drawn[0] + PULSE, drawn[1], "off")]
)
changes = st.tuples(
    instants, st.sampled_from(["door", "smoke", "cabinet", "stove"]), st.sampled_from(["on", "off", "unavailable"])
).map(lambda drawn: [drawn])
histories = st.lists(pulses | changes, max_size=25).map(lambda drawn: sorted(step for steps in drawn for step in steps))
restarts = st.lists(instants, min_size=1, max_size=3)

_passes = numbers()


def rules_of(house: House, sensor: dict[str, str], number: int) -> list[dict[str, Any]]:
    """Return the larmplan over some sensors, as it stands."""

    def target(name: str) -> dict[str, Any]:
        return {"entity_id": [sensor[name]]}

    inputs: dict[str, dict[str, Any]] = {
        "passivity": {"sensors": target("motion")},
        "gone_out": {"doors": [sensor["door"]], "hall": [sensor["hall"]]},
        "fire": {"sensors": target("smoke")},
        "medicine": {"cabinet": target("cabinet")},
        "power_on": {"plugs": target("stove")},
    }
    return [house.rule(name, f"{name} {number}", chosen) for name, chosen in inputs.items()]


def between(history: list[Step], wanted: Iterable[timedelta]) -> list[timedelta]:
    """Return instants at which no motion sensor is on: whether that goes on over a stop, nobody can know."""
    lit = [at for at, _, state in history if state == "on"]
    return sorted({at for at in wanted if not any(on <= at <= on + PULSE for on in lit)})


async def live(house: House, history: list[Step], stops: list[timedelta]) -> set[tuple[str, timedelta]]:
    """Play a history from noon, with the hub stopped and started at some instants; return what was raised, and when."""
    number = next(_passes)
    noon = local("2026-11-02 12:00:00") + WEEK * (number + 1)
    sensor = {name: f"binary_sensor.{name}_{number}" for name in KINDS}
    await house.use()
    await house.at(noon)
    for name, kind in KINDS.items():
        house.show_now(sensor[name], "off", kind)
    await house.use(*rules_of(house, sensor, number))
    steps = sorted([*history, *((at, "", "") for at in [*stops, LAST])])
    for at, name, state in steps:
        await house.at(noon + at)
        await act(house, sensor, name, state)
    raised = await raised_in(house, noon)
    for alarm_id in house.hub.engine.alarms:
        await house.hub.engine.report_false_alarm(alarm_id, Actor())
    return {(event.rule.split()[0], event.due_at - noon) for event in raised}


async def act(house: House, sensor: dict[str, str], name: str, state: str) -> None:
    """Do a step; one without a sensor is a restart."""
    await {True: lambda: house.show(sensor[name], state, KINDS[name]), False: house.restart}[bool(name)]()


async def raised_in(house: House, noon: datetime) -> list[AlarmRaised | AlarmRepeated]:
    """Return what was raised in a pass, each checked against the promises that hold for every alarm."""
    raised = [
        event
        for event in [row.event for row in await house.hub.journal.read(limit=1_000_000)]
        if isinstance(event, AlarmRaised | AlarmRepeated) and event.at >= noon and not event.rule.startswith("system")
    ]
    assert all(event.at >= event.due_at for event in raised)
    assert len({(event.rule, event.due_at) for event in raised}) == len(raised)
    return raised


@given(history=histories, stops=restarts)
@example(
    history=[(timedelta(hours=11), "door", "on"), (timedelta(hours=12), "smoke", "on")],
    stops=[timedelta(hours=11, minutes=10), timedelta(hours=12, seconds=30)],
)
@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
async def test_the_same_is_raised_whether_the_hub_ran_all_the_time_or_was_restarted_anywhere(
    house: House, history: list[Step], stops: list[timedelta]
) -> None:
    straight = await live(house, history, [])
    assert await live(house, history, between(history, stops)) == straight
