"""The mains: a blip is nothing, what lasts is told once, and so is the end of it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from hypothesis import given, strategies as st

from custom_components.homecare_h2o.core.codec import from_plain, to_plain
from custom_components.homecare_h2o.core.power import (
    BLIND_AFTER,
    SETTLED_AFTER,
    Mains,
    PowerFacts,
    PowerNews,
    find_news,
    next_look_at,
    observe,
    tell,
)

from .samples import T0

LOOK = timedelta(seconds=15)
type Told = tuple[float, PowerNews]


def seconds(number: float) -> datetime:
    return T0 + timedelta(seconds=number)


def look(facts: PowerFacts, mains: Mains, at: datetime) -> tuple[PowerFacts, PowerNews | None]:
    seen = observe(facts, mains, at)
    news = find_news(seen, at)
    return (tell(seen, news) if news else seen), news


def watch(*shown: Mains, every: float = 15, facts: PowerFacts | None = None) -> Iterator[Told]:
    """Return what is told, and after how many seconds, when this is seen in turn."""
    facts = facts or PowerFacts()
    for number, mains in enumerate(shown):
        facts, news = look(facts, mains, seconds(number * every))
        yield from [(number * every, news)] if news else []


ON, LOST, UNKNOWN = Mains.ON, Mains.LOST, Mains.UNKNOWN
AFTER_A_CUT = PowerFacts(lost_at=seconds(-60), told=True)


def test_power_that_is_gone_for_half_a_minute_is_told_once() -> None:
    assert list(watch(ON, *[LOST] * 100)) == [(45, PowerNews.LOST)]


def test_a_blip_is_nothing() -> None:
    assert list(watch(LOST, LOST, ON, LOST, LOST, ON)) == []


def test_power_that_is_back_for_half_a_minute_is_told_once() -> None:
    assert list(watch(*[ON] * 100, facts=AFTER_A_CUT)) == [(30, PowerNews.RESTORED)]


def test_power_that_comes_and_goes_is_not_back() -> None:
    assert list(watch(*[ON, ON, LOST] * 10, facts=AFTER_A_CUT)) == []


def test_what_is_not_known_changes_nothing() -> None:
    assert list(watch(*[UNKNOWN] * 10, facts=AFTER_A_CUT)) == []


def test_a_sensor_that_falls_silent_with_the_power_has_told_of_it() -> None:
    assert list(watch(LOST, UNKNOWN, UNKNOWN, UNKNOWN)) == [(30, PowerNews.LOST)]


def test_not_to_know_for_ten_minutes_is_told_once() -> None:
    assert list(watch(*[UNKNOWN] * 100)) == [(BLIND_AFTER.total_seconds(), PowerNews.BLIND)]


def test_not_to_know_is_told_again_after_something_was_known() -> None:
    assert [news for _, news in watch(*[UNKNOWN] * 50, ON, *[UNKNOWN] * 50)] == [PowerNews.BLIND] * 2


def test_facts_outlast_a_restart() -> None:
    facts = PowerFacts(lost_at=T0, told=True, back_at=seconds(5), unknown_at=None, unknown_told=False)
    assert from_plain(PowerFacts, to_plain(facts)) == facts


SHOWN = st.lists(st.sampled_from(Mains), max_size=120)


@given(SHOWN)
def test_lost_and_restored_are_told_in_turn(shown: list[Mains]) -> None:
    told = [news for _, news in watch(*shown) if news is not PowerNews.BLIND]
    assert told == [PowerNews.LOST, PowerNews.RESTORED] * (len(told) // 2) + [PowerNews.LOST] * (len(told) % 2)


@given(SHOWN)
def test_power_that_is_there_at_every_look_within_half_a_minute_is_never_lost(shown: list[Mains]) -> None:
    mixed = [each for mains in shown for each in (mains, ON)]
    assert [news for _, news in watch(*mixed) if news is not PowerNews.BLIND] == []


@given(SHOWN)
def test_a_cut_that_lasts_to_the_end_has_been_told(shown: list[Mains]) -> None:
    facts = PowerFacts()
    for number, mains in enumerate([*shown, LOST, LOST, LOST]):
        facts, _ = look(facts, mains, T0 + number * LOOK)
    assert facts.told
    assert SETTLED_AFTER == 2 * LOOK


def test_what_waits_to_be_told_is_looked_at_when_it_has_lasted() -> None:
    assert next_look_at(PowerFacts()) is None
    assert next_look_at(observe(PowerFacts(), LOST, T0)) == T0 + SETTLED_AFTER
    assert next_look_at(AFTER_A_CUT) is None
    assert next_look_at(observe(AFTER_A_CUT, ON, T0)) == T0 + SETTLED_AFTER
    assert next_look_at(observe(AFTER_A_CUT, UNKNOWN, T0)) == T0 + BLIND_AFTER
    assert next_look_at(tell(observe(AFTER_A_CUT, UNKNOWN, T0), PowerNews.BLIND)) is None
