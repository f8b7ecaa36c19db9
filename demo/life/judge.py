"""Compares what the journal says was raised with what was true."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
import json
from pathlib import Path
import sqlite3

from .spans import SECOND
from .truth import LARMTYPER, TECHNICAL, Excuse, Situation, Truth

RAISED, REPEATED = "raised", "repeated"
EARLY = 1 * SECOND
"""A reading carries whole seconds."""
TOGETHER = 61 * SECOND
"""Sensors that are lost within a minute of each other are told in one alarm."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Raised:
    """An alarm that was raised, or repeated while it was open (UTC)."""

    at: datetime
    larmtyp: str
    due_at: datetime
    is_new: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A real situation, and how long after the larmplan's deadline its alarm came."""

    situation: Situation
    late: timedelta


@dataclass(kw_only=True, slots=True)
class Verdict:
    """What came of a larmtyp."""

    larmtyp: str
    found: list[Found] = field(default_factory=list)
    missed: list[Situation] = field(default_factory=list)
    beyond: list[Situation] = field(default_factory=list)
    explained: list[tuple[Raised, Excuse]] = field(default_factory=list)
    unexplained: list[Raised] = field(default_factory=list)

    @property
    def real(self) -> int:
        """How many real situations the hub could know of."""
        return len(self.found) + len(self.missed)

    @property
    def false(self) -> int:
        """How many alarms were raised for nothing."""
        return len(self.explained) + len(self.unexplained)


def read_journal(path: Path) -> list[Raised]:
    """Return what a journal says was raised, oldest first."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        rows = connection.execute(
            "SELECT at, kind, alarm_id, data FROM events WHERE kind IN (?, ?) ORDER BY seq", (RAISED, REPEATED)
        ).fetchall()
    types: dict[str, str] = {}
    raised = []
    for at, kind, alarm_id, text in rows:
        data = json.loads(text)
        larmtyp = types.setdefault(alarm_id, str(data.get("alarm_type", "")))
        raised.append(
            Raised(
                at=datetime.fromisoformat(at),
                larmtyp=larmtyp,
                due_at=datetime.fromisoformat(data["due_at"]),
                is_new=kind == RAISED,
            )
        )
    return raised


def judge(truth: Truth, raised: Sequence[Raised]) -> list[Verdict]:
    """Return the verdict for each larmtyp."""
    larmtyper = dict.fromkeys((*LARMTYPER, *(each.larmtyp for each in raised)))
    return [_judge(larmtyp, truth, [each for each in raised if each.larmtyp == larmtyp]) for larmtyp in larmtyper]


def is_sound(verdicts: Iterable[Verdict]) -> bool:
    """Return whether nothing that concerns the person was missed."""
    return not any(each.missed for each in verdicts if each.larmtyp != TECHNICAL)


def _judge(larmtyp: str, truth: Truth, raised: list[Raised]) -> Verdict:
    """Match one larmtyp's alarms with its situations, then the rest with the excuses."""
    verdict = Verdict(larmtyp=larmtyp)
    left = list(raised)
    for situation in (each for each in truth.situations if each.larmtyp == larmtyp):
        mine = [each for each in raised if _is_about(each, situation)]
        in_time = [each for each in mine if each.at <= situation.by_at]
        left = [each for each in left if each not in mine]
        if in_time:
            late = max(timedelta(), in_time[0].at - situation.due_at)
            verdict.found.append(Found(situation=situation, late=late))
        elif situation.beyond:
            verdict.beyond.append(situation)
        else:
            verdict.missed.append(situation)
    excuses = [each for each in truth.excuses if each.larmtyp == larmtyp]
    for alarm in (each for each in left if each.is_new):
        if excuse := next((each for each in excuses if each.from_at <= alarm.at <= each.until_at), None):
            verdict.explained.append((alarm, excuse))
        else:
            verdict.unexplained.append(alarm)
    return verdict


def _is_about(alarm: Raised, situation: Situation) -> bool:
    """Return whether an alarm is about a situation: not before it is due, nor after it is over."""
    early = TOGETHER if situation.larmtyp == TECHNICAL else EARLY
    return situation.due_at - early <= alarm.at <= situation.until_at
