"""What keeps coming is told once an hour."""

from datetime import timedelta

from custom_components.homecare_h2o.core.once import MOST, ONCE_IN, OncePerHour

from .samples import T0, minutes


def test_the_same_is_told_once_an_hour() -> None:
    once: OncePerHour[str] = OncePerHour()
    told = [once.is_new("a", minutes(at)) for at in (0, 1, 59.9, 60, 61, 120)]
    assert told == [True, False, False, True, False, True]


def test_something_else_is_told_as_well() -> None:
    once: OncePerHour[str] = OncePerHour()
    assert [once.is_new(key, T0) for key in ("a", "b", "a", "b")] == [True, True, False, False]


def test_a_clock_that_was_set_back_silences_nothing() -> None:
    once: OncePerHour[str] = OncePerHour()
    assert [once.is_new("a", at) for at in (T0, T0 - ONCE_IN, T0 - ONCE_IN + timedelta(minutes=1))] == [
        True,
        True,
        False,
    ]


def test_no_more_is_remembered_than_there_is_room_for() -> None:
    once: OncePerHour[int] = OncePerHour()
    assert all(once.is_new(key, T0) for key in range(MOST + 1))
    assert len(once._told) == MOST
    assert [once.is_new(MOST, T0), once.is_new(0, T0)] == [False, True]
