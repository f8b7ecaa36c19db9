"""Led light, whatever happens in what order: nobody's lamp is touched, and none of its own is left lit."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from hypothesis import given, settings, strategies as st

from custom_components.homecare_h2o.core.detection.led_light import STUCK_AFTER, LedLightConfig

from .led_home import ALWAYS, HOUR, LAMPS, NIGHT, NOT_AT_ALL, SECOND, Home, local
from .samples import STOCKHOLM

type Step = tuple[int, str, str, bool | None]

steps = st.tuples(
    st.integers(0, 3 * 3600) | st.integers(0, 30) | st.just(20 * 60),
    st.sampled_from(["motion", "motion", "hand", "radio", "daylight"]),
    st.sampled_from(["a", "b"]),
    st.sampled_from([True, True, False, False, None]),
)
begins = st.sampled_from(["2026-06-01T18:00", "2026-10-24T22:00", "2026-03-28T23:00"])
rules = st.sampled_from([NIGHT, ALWAYS, replace(NIGHT, off_after=HOUR), replace(NIGHT, off_after=SECOND)])


class Witness(Home):
    """A home that knows who lit which lamp, when somebody last moved, and what was done wrong."""

    def __init__(self, rule: LedLightConfig, begin: str) -> None:
        self.by_rule: set[str] = set()
        self.truth = dict.fromkeys(LAMPS, False)
        self.reached = dict.fromkeys(LAMPS, True)
        self.light: set[str] = set()
        self.on_since: dict[str, datetime] = {}
        self.moved_at = local(begin)
        self.wrongs: list[str] = []
        super().__init__(rule, begin)

    def live(self, history: Iterable[Step]) -> None:
        for seconds, kind, name, on in history:
            self.at(self.now + seconds * SECOND)
            self.happen(kind, name, on)
            self.look()
        self.at(self.now + 5 * HOUR)
        self.look()

    def happen(self, kind: str, name: str, on: bool | None) -> None:
        """Have something happen now."""
        {"motion": self.step, "hand": self.touch, "radio": self.reach, "daylight": self.shine}[kind](name, on)

    def take(self, due_at: datetime) -> None:
        before = len(self.log)
        super().take(due_at)
        for _, lamp, told in (each.split() for each in self.log[before:]):
            self.judge(lamp, told)

    def judge(self, lamp: str, told: str) -> None:
        """Have a lamp do what it is told, and tell what it should not have been told."""
        if told == "off":
            self.wrongs += [] if lamp in self.by_rule else [f"turned off a hand's {lamp}"]
            self.by_rule.discard(lamp)
        else:
            open_now = self.rule.window.contains(self.now, STOCKHOLM)
            self.wrongs += [] if open_now and not self.light else [f"lit {lamp} for nothing"]
            self.wrongs += [] if not self.truth[lamp] and self.reached[lamp] else [f"lit {lamp} twice"]
            self.by_rule.add(lamp)
        self.truth[lamp] = told == "on"

    def step(self, name: str, on: bool | None) -> None:
        """Have a sensor show something; what it shows without an off before is no motion."""
        was = self.shown.get(name)
        if on and was is False:
            self.on_since[name] = self.now
        if on is False and (since_at := self.on_since.pop(name, None)):
            self.moved_at = max(self.moved_at, min(self.now, since_at + STUCK_AFTER))
        if on:
            self.moved_at = max(self.moved_at, min(self.now, self.on_since.get(name, self.moved_at) + STUCK_AFTER))
        self.motion(on, source=name)

    def touch(self, name: str, on: bool | None) -> None:
        """Turn a lamp on or off by hand."""
        lamp = LAMPS[name == "a"]
        if on is None or self.truth[lamp] is on or not self.reached[lamp]:
            return
        self.by_rule.discard(lamp)
        self.truth[lamp] = on
        self.lamp(on, source=lamp)

    def reach(self, name: str, on: bool | None) -> None:
        """Lose a lamp, or find it again."""
        lamp = LAMPS[name == "a"]
        self.reached[lamp] = bool(on)
        self.lamp(self.truth[lamp] if on else None, source=lamp)

    def shine(self, name: str, on: bool | None) -> None:
        """Have it be light or dark."""
        self.light = {*self.light} - {name} | ({name} if on else set())
        self.daylight(on, source=f"lux {name}")

    def look(self) -> None:
        """Tell which lamps are lit for too long."""
        ends = [self.moved_at, *(min(self.now, since_at + STUCK_AFTER) for since_at in self.on_since.values())]
        over = self.now > max(ends) + self.rule.off_after
        lit = [lamp for lamp in sorted(self.by_rule) if self.reached[lamp]]
        self.wrongs += [f"{lamp} is still lit" for lamp in lit if over]


@given(rule=rules, begin=begins, history=st.lists(steps, max_size=25))
@settings(max_examples=300, deadline=None)
def test_no_lamp_is_ever_lit_for_nothing_nor_left_lit_nor_taken_from_a_hand(
    rule: LedLightConfig, begin: str, history: list[Step]
) -> None:
    """Whatever happens in what order."""
    home = Witness(rule, begin)
    home.live(history)
    assert home.wrongs == NOT_AT_ALL


@given(rule=rules, begin=begins, history=st.lists(steps, max_size=20), cut=st.integers(0, 20))
@settings(max_examples=200, deadline=None)
def test_a_reload_anywhere_changes_nothing(rule: LedLightConfig, begin: str, history: list[Step], cut: int) -> None:
    """What is done before it and after it is what would have been done without it."""
    through, reloaded = Witness(rule, begin), Witness(rule, begin)
    through.live(history)
    for seconds, kind, name, on in history[:cut]:
        reloaded.at(reloaded.now + seconds * SECOND)
        reloaded.happen(kind, name, on)
    shown = {source: on for source, on in reloaded.shown.items() if not source.startswith("lux")}
    reloaded.shown = shown
    reloaded.go_on(reloaded.now, reloaded.now, restored=False)
    reloaded.live(history[cut:])
    assert (reloaded.log, reloaded.wrongs) == (through.log, NOT_AT_ALL)


@given(begin=begins, history=st.lists(steps, max_size=20), down=st.integers(0, 6 * 3600))
@settings(max_examples=200, deadline=None)
def test_what_the_rule_lit_goes_off_also_over_a_restart(begin: str, history: list[Step], down: int) -> None:
    """And no hand's lamp does."""
    home = Witness(NIGHT, begin)
    home.live(history[:10])
    home.shown = {source: on for source, on in home.shown.items() if not source.startswith("lux")}
    home.go_on(home.now, home.now + down * SECOND, restored=True)
    home.live(history[10:])
    assert home.wrongs == NOT_AT_ALL
