"""Whether an alarm would reach anybody."""

from hypothesis import given, strategies as st
import pytest

from custom_components.homecare_h2o.core.calling import Rota
from custom_components.homecare_h2o.core.reaching import reaches_somebody

from .samples import PLAN, ROTA, STOCKHOLM, T0

PHONES = ("p1", "p2", "b1", "boss")


@pytest.mark.parametrize("phone", PHONES)
def test_one_phone_of_any_level_is_enough(phone: str) -> None:
    assert reaches_somebody(PLAN, ROTA, T0, lambda phone_id: phone_id == phone)


def test_phones_that_cannot_be_reached_are_nobody() -> None:
    assert not reaches_somebody(PLAN, ROTA, T0, lambda _: False)


def test_without_phones_there_is_nobody() -> None:
    assert not reaches_somebody(PLAN, Rota(groups=(), tz=STOCKHOLM), T0, lambda _: True)


@given(st.sets(st.sampled_from(PHONES)))
def test_somebody_is_reached_as_long_as_one_phone_is(reachable: set[str]) -> None:
    assert reaches_somebody(PLAN, ROTA, T0, reachable.__contains__) is bool(reachable)
