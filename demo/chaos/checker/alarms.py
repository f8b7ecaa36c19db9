"""Each alarm as the rows of the journals tell it, and which buttons it gave to whom."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
import hashlib
import hmac
from typing import Any

from .journal import Journal, Row

TAG = "homecare_h2o-"
ENDINGS = ("resolved", "false_alarm")
ACCEPTED = {
    "taking": "acknowledged",
    "decline": "declined",
    "need_help": "declined",
    "false_alarm": "false_alarm",
    "done": "done",
    "help_given": "resolved",
    "no_help_needed": "resolved",
}
"""What an answer leads to."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Button:
    """The parts of a button's text, as somebody sent it."""

    text: str
    alarm_id: str
    step: int
    answer: str
    token: str


def read_button(text: str) -> Button | None:
    """Return the parts of a text, None if it is no button of ours."""
    parts = text.split("~")
    if len(parts) != 5 or parts[0] != "H2O" or not parts[2].isdecimal() or parts[3] not in ACCEPTED:
        return None
    return Button(text=text, alarm_id=parts[1], step=int(parts[2]), answer=parts[3], token=parts[4])


@dataclass(slots=True)
class Case:
    """The rows of one alarm, in order, each once."""

    alarm_id: str
    rows: list[Row] = field(default_factory=list)

    @property
    def raised(self) -> Row | None:
        """The row that began it."""
        return next((row for row in self.rows if row.kind == "raised"), None)

    @property
    def is_open(self) -> bool:
        """Whether nothing has ended it."""
        return not any(row.kind in ENDINGS for row in self.rows)

    @property
    def tag(self) -> str:
        """What ties its notifications together on a phone."""
        return TAG + self.alarm_id

    def owner_of(self, button: Button, phones: Iterable[str]) -> str | None:
        """Return the phone (its id in the journal) that a button was made for, None if nobody made it."""
        raised = self.raised
        if raised is None:
            return None
        for phone in phones:
            text = f"{self.alarm_id}|{button.step}|{phone}"
            token = hmac.new(raised.data["secret"].encode(), text.encode(), hashlib.sha256).hexdigest()[:16]
            if hmac.compare_digest(token.encode(), button.token.encode()):
                return phone
        return None

    def steps_before(self) -> Iterable[tuple[Row, Mapping[str, int]]]:
        """Yield each row with the newest step in which each phone had been called before it."""
        steps: dict[str, int] = {}
        for row in self.rows:
            yield row, dict(steps)
            if row.kind == "called":
                called = dict.fromkeys(row.data["phones"], row.data["step"])
                # A start calls again what was called: buttons that phones show stay good.
                steps = called | steps if row.data["reason"] == "restarted" else steps | called

    def accepted(self, button: Button, phone: str) -> bool:
        """Return whether an answer from a phone was taken while its step was the newest."""
        return any(
            row.kind == ACCEPTED[button.answer]
            and row.data["by"]["phone_id"] == phone
            and steps.get(phone) == button.step
            and (row.kind != "resolved" or row.data["outcome"] == button.answer)
            for row, steps in self.steps_before()
        )

    def refused(self, text: str) -> bool:
        """Return whether an answer was noted as one that changed nothing."""
        return any(row.kind == "refused" and row.data["answer"] == text[:200] for row in self.rows)


def instant(text: str) -> datetime:
    """Return an instant of its text."""
    return datetime.fromisoformat(text)


def collect(journals: Sequence[Journal], *, only_sound: bool = True) -> dict[str, Case]:
    """Return the alarms of all journals; a replacement begins with copies of rows, which count once.

    ``only_sound``: of a damaged journal only the rows that follow from the ones before them.
    """
    alarms: dict[str, Case] = {}
    known: set[tuple[Any, ...]] = set()
    for journal in journals:
        for row in journal.rows:
            if row.alarm_id is None or (only_sound and journal.is_damaged and not row.sound):
                continue
            key = (row.alarm_id, row.at, row.kind, repr(sorted(row.data.items(), key=lambda item: item[0])))
            if key not in known:
                known.add(key)
                alarms.setdefault(row.alarm_id, Case(row.alarm_id)).rows.append(row)
    return alarms
