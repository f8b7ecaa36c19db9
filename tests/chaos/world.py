"""A run as its folder tells it: one alarm, raised, shown, taken, closed and cleared; and ways to spoil that."""

from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
import hmac
import json
from pathlib import Path
import sqlite3
from typing import Any

from demo.chaos.checker import Verdict, judge

START_AT = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
PHONES = {"htj1": "app:1", "htj2": "app:2", "res1": "app:3", "boss": "app:4"}
ALARM = "01ALARM"
TAG = f"homecare_h2o-{ALARM}"
SECRET = "secret"
TABLES = """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE events (seq INTEGER PRIMARY KEY, at TEXT, alarm_id TEXT, kind TEXT, version INTEGER, data TEXT,
        digest TEXT);
"""
PLAN = {"levels": [{"delay": 0.0}, {"delay": 5.0}], "repeat_every": 5.0, "response_time": 100.0}


def at(seconds: float) -> str:
    """Return an instant of the run, as the journal writes it."""
    return (START_AT + timedelta(seconds=seconds)).isoformat()


def button(answer: str = "taking", phone: str = "htj1", step: int = 0, alarm_id: str = ALARM) -> str:
    """Return the text of a button that a phone was given."""
    token = hmac.new(SECRET.encode(), f"{alarm_id}|{step}|{PHONES[phone]}".encode(), "sha256").hexdigest()[:16]
    return f"H2O~{alarm_id}~{step}~{answer}~{token}"


@dataclass(slots=True)
class World:
    """What is written of a run: lines of the log, rows of the journal."""

    folder: Path
    lines: list[dict[str, Any]] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)

    def line(self, m: float, kind: str, **what: Any) -> None:
        """Write a line of the log."""
        self.lines.append({"m": m, "t": m, "kind": kind, **what})

    def row(self, seconds: float, kind: str, alarm_id: str | None = ALARM, **data: Any) -> None:
        """Write a row of the journal."""
        about = {"alarm_id": alarm_id, "at": at(seconds), **data}
        self.rows.append([at(seconds), alarm_id, kind, 1, json.dumps(about)])

    def raised(self, m: float, rule: str = "r1", alarm_id: str = ALARM) -> None:
        """Raise an alarm by the action; it is in the journal, and called."""
        asked = {"rule": rule, "alarm_type": "fire", "due_at": at(m)}
        self.line(m, "raising", number=1, **asked)
        self.line(m + 0.01, "raised", number=1, asked_m=m, alarm_id=alarm_id, outcome="raised", **asked)
        self.journal_raised(m, rule, alarm_id)

    def journal_raised(self, m: float, rule: str = "r1", alarm_id: str = ALARM) -> None:
        """Write an alarm into the journal."""
        about = {"brukare_id": "b", "rule": rule, "due_at": at(m), "plan": PLAN, "secret": SECRET}
        self.row(m, "raised", alarm_id, **about)
        self.called(m, alarm_id=alarm_id)

    def called(self, m: float, step: int = 0, reason: str = "raised", alarm_id: str = ALARM) -> None:
        """Write a round of calls into the journal."""
        phones = [PHONES["htj1"], PHONES["htj2"]]
        self.row(m, "called", alarm_id, step=step, reason=reason, phones=phones, next_deadline_at=at(m + 5))

    def shown(self, m: float, phone: str = "htj1", step: int = 0, alarm_id: str = ALARM) -> None:
        """Let a phone show the alarm."""
        texts = [button(answer, phone, step, alarm_id) for answer in ("taking", "decline", "false_alarm")]
        self.line(m, "shown", phone=phone, tag=f"homecare_h2o-{alarm_id}", texts=texts, loud=True)

    def answered(self, m: float, text: str, phone: str = "htj1", how: str = "pressed") -> None:
        """Send an answer from a phone, which Home Assistant takes."""
        self.line(m, "answering", phone=phone, text=text, how=how)
        self.line(m + 0.01, "answered", sent_m=m, served=True, phone=phone, text=text, how=how)

    def acknowledged(self, m: float, phone: str = "htj1") -> None:
        """Write into the journal that a phone has taken the alarm."""
        by = {"phone_id": PHONES[phone], "user_id": "u"}
        self.row(m, "acknowledged", by=by, next_deadline_at=at(m + 100))

    def closed(self, m: float) -> None:
        """Close the alarm in Home Assistant, clear the phones, and end the run."""
        self.line(m, "healed")
        self.line(m, "closing")
        self.line(m, "acting", action="resolve_alarm", alarm_id=ALARM)
        by = {"phone_id": None, "user_id": "owner"}
        self.row(m, "resolved", by=by, outcome="no_help_needed", note=None, report=False)
        self.line(m + 0.1, "closed")

    def cleared(self, m: float, *phones: str) -> None:
        """Take the alarm away from phones."""
        for phone in phones:
            self.line(m, "cleared", phone=phone, tag=TAG)

    def begun(self) -> None:
        """Start the hub."""
        self.line(0, "home", phone_ids=PHONES, entry_id="entry", entities={}, brukare_id="d")
        self.line(0, "starting")
        self.line(1, "running", pid=1)
        self.line(1, "loaded")

    def killed(self, m: float) -> None:
        """Cut the power."""
        self.line(m, "killing")
        self.line(m, "dead", code=-9)

    def ended(self, m: float) -> None:
        """End the hub and the run."""
        self.line(m, "terminating")
        self.line(m + 1, "dead", code=0)
        self.line(m + 1, "end")

    def write(self, name: str = "journal.db") -> Path:
        """Write the journal with a whole chain; return its file."""
        folder = self.folder / "config" / "homecare_h2o" / "entry"
        folder.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(folder / name, autocommit=True)) as connection:
            connection.executescript(TABLES)
            digest = "0" * 64
            for seq, values in enumerate(self.rows, 1):
                text = json.dumps([seq, *values], separators=(",", ":"))
                digest = sha256(f"{digest}{text}".encode()).hexdigest()
                connection.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", [seq, *values, digest])
            connection.execute("INSERT INTO meta VALUES ('head', ?)", [f"{len(self.rows)} {digest}"])
        return folder / name

    def judge(self) -> Verdict:
        """Judge the run as it was written."""
        text = "".join(f"{json.dumps(line)}\n" for line in self.lines)
        (self.folder / "run.jsonl").write_text(text, encoding="utf-8")
        return judge(self.folder)

    def broken(self) -> set[str]:
        """Write the journal, judge the run, and return the promises that were broken."""
        self.write()
        return {violation.promise for violation in self.judge().violations}


def good_world(folder: Path) -> World:
    """Return a run in which everything went as it should."""
    world = World(folder)
    world.begun()
    world.raised(2)
    world.shown(2.1, "htj1")
    world.shown(2.1, "htj2")
    world.answered(4, button())
    world.acknowledged(4)
    world.closed(8)
    world.cleared(8.2, "htj1", "htj2")
    world.ended(9)
    return world


def without(world: World, *, line: str | None = None, row: str | None = None) -> World:
    """Return the world without the lines or the rows of a kind."""
    world.lines = [each for each in world.lines if each["kind"] != line]
    world.rows = [each for each in world.rows if each[2] != row]
    return world
