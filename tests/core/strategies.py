"""Strategies for everything the core knows, drawn from the types themselves."""

from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from custom_components.homecare_h2o.core.duty import Receiver, ReceiverGroup, Role
from custom_components.homecare_h2o.core.escalation import SHORTEST_INTERVAL, EscalationPlan, Level
from custom_components.homecare_h2o.core.windows import ALL_DAY, Window

from .samples import T0

instants = st.timedeltas(timedelta(days=-13_000), timedelta(days=27_000)).map(T0.__add__)
seconds = st.integers(0, 7200).map(lambda number: timedelta(seconds=number))
intervals = st.timedeltas(SHORTEST_INTERVAL, timedelta(days=2))
receivers = st.lists(st.sampled_from((*Receiver, "g0", "g1", "deleted")), min_size=1, max_size=3).map(tuple)


@st.composite
def plans(draw: st.DrawFn) -> EscalationPlan:
    """Draw any escalation plan that is allowed."""
    delays = [timedelta(0), *sorted(draw(st.lists(seconds, max_size=4)))]
    levels = tuple(Level(delay=delay, receivers=draw(receivers)) for delay in delays)
    return EscalationPlan(levels=levels, repeat_every=draw(intervals), response_time=draw(intervals))


@st.composite
def rotas(draw: st.DrawFn) -> tuple[ReceiverGroup, ...]:
    """Draw receiver groups, some without phones, some on duty for an hour only."""
    windows = st.one_of(
        st.just(ALL_DAY),
        st.lists(st.times(), min_size=2, max_size=2, unique=True).map(lambda two: Window(start=two[0], end=two[1])),
    )
    return tuple(
        ReceiverGroup(
            group_id=f"g{number}",
            name=f"g{number}",
            role=draw(st.sampled_from(Role)),
            duty=draw(windows),
            phones=tuple(draw(st.lists(st.sampled_from(("p1", "p2", "p3", "p4")), max_size=2, unique=True))),
        )
        for number in range(draw(st.integers(0, 4)))
    )


def of_type(kind: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for any type that an event's fields have."""
    known: dict[Any, st.SearchStrategy[Any]] = {
        datetime: instants,
        timedelta: st.timedeltas(timedelta(0), timedelta(days=400)),
        EscalationPlan: plans(),
        str: st.text(max_size=20),
        int: st.integers(0, 1000),
        bool: st.booleans(),
    }
    if kind in known:
        return known[kind]
    if get_origin(kind) in (Union, UnionType):
        return st.one_of(st.none(), *(of_type(arm) for arm in get_args(kind) if arm is not NoneType))
    if get_origin(kind) is tuple:
        return st.lists(of_type(get_args(kind)[0]), max_size=4).map(tuple)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return st.builds(kind, **{field.name: of_type(hints[field.name]) for field in fields(kind)})
    assert issubclass(kind, StrEnum)
    return st.sampled_from(kind)
