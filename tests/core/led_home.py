"""A home with lamps that follow somebody at night, for tests of the core."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
import json
from typing import Any

from custom_components.homecare_h2o.core import codec
from custom_components.homecare_h2o.core.detection.led_light import (
    LedLightConfig,
    LedLightFacts,
    Role,
    Seen,
    next_due_at,
    next_on_at,
    observe,
    resume,
    take_off,
    take_on,
)
from custom_components.homecare_h2o.core.windows import ALL_DAY, Window

from .samples import MINUTE, STOCKHOLM

SECOND = timedelta(seconds=1)
HOUR = 60 * MINUTE
NEVER = datetime(2026, 12, 31, tzinfo=UTC)
NIGHT = LedLightConfig(window=Window(start=time(20), end=time(8)))
ALWAYS = LedLightConfig(window=ALL_DAY)
LAMPS = ("bed", "hall")
NOT_AT_ALL: list[Any] = []


def local(text: str, fold: int = 0) -> datetime:
    """Make an instant of a wall-clock time in Stockholm, of the first of June if no day is given."""
    day_and_time = text if "T" in text else f"2026-06-01T{text}"
    return datetime.fromisoformat(day_and_time).replace(tzinfo=STOCKHOLM, fold=fold).astimezone(UTC)


def wall(at: datetime) -> str:
    """Return what the clock on the wall shows."""
    return f"{at.astimezone(STOCKHOLM):%H:%M:%S}"


class Home:
    """Lamps that do as they are told, and everybody else."""

    def __init__(self, rule: LedLightConfig = NIGHT, begin: str = "19:00", lamps: Iterable[str] = LAMPS) -> None:
        self.rule = rule
        self.now = local(begin)
        self.facts = LedLightFacts()
        self.shown: dict[str, bool | None] = {}
        self.log: list[str] = []
        self.obeys = True
        for lamp in lamps:
            self.sees(Role.LAMP, lamp, False)

    # --- what happens

    def at(self, instant: str | datetime) -> Home:
        """Let time pass, and do what is due."""
        at = local(instant) if isinstance(instant, str) else instant
        while (due_at := next_due_at(self.rule, self.facts, STOCKHOLM) or NEVER) <= at:
            self.now = max(self.now, due_at)
            self.take(due_at)
        self.now = max(self.now, at)
        return self

    def take(self, due_at: datetime) -> None:
        """Do what is due."""
        is_on = due_at == next_on_at(self.rule, self.facts, STOCKHOLM)
        on_taken = take_on(self.rule, self.facts, self.now, STOCKHOLM)
        self.facts, lamps = on_taken if is_on else take_off(self.rule, self.facts, self.now)
        self.log += [f"{wall(self.now)} {lamp} {'on' if is_on else 'off'}" for lamp in lamps]
        for lamp in filter(lambda _: self.obeys, lamps):
            self.sees(Role.LAMP, lamp, is_on)

    def sees(self, role: Role, source: str, on: bool | None, **how: bool) -> Home:
        """Show something now."""
        self.at(self.now)
        self.facts = observe(self.facts, Seen(role=role, source=source, on=on, at=self.now, **how))
        self.shown[source] = on
        return self.at(self.now)

    def motion(self, *shown: bool | None, source: str = "pir", **how: bool) -> Home:
        for on in shown:
            self.sees(Role.MOTION, source, on, **how)
        return self

    def lamp(self, *shown: bool | None, source: str = "bed", **how: bool) -> Home:
        for on in shown:
            self.sees(Role.LAMP, source, on, **how)
        return self

    def daylight(self, *shown: bool | None, source: str = "lux") -> Home:
        for on in shown:
            self.sees(Role.DAYLIGHT, source, on)
        return self

    def moves(self, since: str, until: str, source: str = "pir") -> Home:
        """Have somebody move."""
        return self.at(since).motion(False, True, source=source).at(until).motion(False, source=source)

    def remember(self) -> Home:
        """Write the facts to the disk and read them back."""
        self.facts = codec.from_plain(LedLightFacts, json.loads(json.dumps(codec.to_plain(self.facts))))
        return self

    def restart(self, alive: str, back: str, **shown: bool | None) -> Home:
        """Lose everything but the facts at an instant, and start again at another."""
        self.shown |= shown
        return self.at(alive).go_on(local(alive), local(back), restored=True)

    def go_on(self, gone_at: datetime, back_at: datetime, *, restored: bool) -> Home:
        """Go on from what is remembered, and look at everything."""
        self.remember()
        on = {source for source, on in self.shown.items() if on}
        self.facts = resume(self.facts, gone_at, on if restored else self.shown.keys())
        self.now = max(self.now, back_at)
        for source, on_now in sorted(self.shown.items(), key=lambda each: each[0] in LAMPS):
            self.sees(Role.LAMP if source in LAMPS else Role.MOTION, source, on_now, restored=restored)
        return self
