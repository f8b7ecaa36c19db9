"""A run's verdict: what must not be, and the figures."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
import json
from pathlib import Path
from typing import Any

from .evidence import Evidence, Violation
from .journal import read_journals
from .promises import PROMISES
from .story import Story


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What became of a run."""

    violations: Sequence[Violation]
    late: Mapping[str, float]
    """The longest wait for a call by what had hindered it; seconds."""
    struck: Mapping[str, int]
    """What shows that faults struck, by their names."""
    counts: Mapping[str, int]

    def as_json(self) -> str:
        """Return it as one line."""
        violations = [{"promise": each.promise, "what": each.what} for each in self.violations]
        return json.dumps(
            {"violations": violations, "late": self.late, "struck": self.struck, "counts": self.counts},
            ensure_ascii=False,
        )


def judge(folder: Path) -> Verdict:
    """Judge what a run has left in its folder."""
    story = Story.read(folder / "run.jsonl")
    evidence = Evidence(story, read_journals(folder / "config" / "homecare_h2o" / story.home["entry_id"]))
    violations = [
        Violation(promise=promise, what=what) for promise, check in PROMISES.items() for what in check(evidence)
    ]
    late: dict[str, float] = {}
    for each in evidence.lateness:
        late[each.after] = round(max(each.seconds, late.get(each.after, 0.0)), 2)
    return Verdict(violations=violations, late=late, struck=_struck(evidence), counts=_counts(evidence))


def _struck(evidence: Evidence) -> Mapping[str, int]:
    """Return how often each fault can be seen to have struck, by what it left behind and not by its name alone."""
    story = evidence.story
    struck: Counter[str] = Counter(str(line["way"]) for line in story.of("struck"))
    refusals = Counter(
        row.data["reason"] for case in evidence.alarms.values() for row in case.rows if row.kind == "refused"
    )
    hows = Counter(str(line["how"]) for line in story.of("answered", "answer_failed"))
    struck["killed"] = sum(line["code"] == -9 for line in story.of("dead"))
    struck["terminated"] = sum(line["code"] == 0 for line in story.of("dead"))
    struck["journal_took_nothing"] = sum(line["written"] == 0 for line in story.of("unblocked"))
    struck["journals_set_aside"] = sum(journal.is_damaged for journal in evidence.journals)
    struck["starts_without_journal"] = len(story.of("retried"))
    struck["entry_reloaded"] = len(story.of("reloaded"))
    struck["automations_reloaded"] = len(story.of("reloaded_automations"))
    struck["bytes_changed"] = len(story.of("corrupted"))
    struck["clock_seen_moved"] = sum(_is_moved(line) for line in story.of("moved"))
    struck["relay_down"] = sum(not line["reachable"] for line in story.of("relay"))
    struck["answers_dropped"] = len(story.of("dropped"))
    struck["entity_gone"] = sum(bool(line["found"] and line["gone"]) for line in story.of("deleted"))
    struck["raised_in_flood"] = len([line for line in story.of("raised") if str(line["rule"]).startswith("flood")])
    struck |= {f"answers_{how}": number for how, number in hows.items()}
    struck |= {f"refused_{reason}": number for reason, number in refusals.items()}
    return {name: number for name, number in sorted(struck.items()) if number}


def _is_moved(line: Mapping[str, Any]) -> bool:
    """Return whether Home Assistant told another time than the true one."""
    heard = line["heard"]
    if not heard:
        return False
    return abs(datetime.fromisoformat(heard["now"]).timestamp() - float(line["t"])) > 60


def _counts(evidence: Evidence) -> Mapping[str, int]:
    """Return how much went on."""
    story = evidence.story
    return {
        "alarms": sum(case.raised is not None for case in evidence.alarms.values()),
        "answers": len(story.of("answered")),
        "pushes": len(story.of("shown")),
        "rows": sum(len(journal.rows) for journal in evidence.journals),
        "starts": len(story.of("starting")),
    }
