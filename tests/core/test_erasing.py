"""What is left of a person's rows when the person is erased (S.2)."""

from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.homecare_h2o.core import codec
from custom_components.homecare_h2o.core.erasing import Eraser
from custom_components.homecare_h2o.core.erasing_events import PSEUDONYM, JournalErased
from custom_components.homecare_h2o.core.escalation import AlarmType
from custom_components.homecare_h2o.core.events import (
    Actor,
    AlarmRaised,
    Event,
    JournalPurged,
    MonitoringLost,
    NoteAdded,
    PurgedRows,
    VisitStarted,
)
from custom_components.homecare_h2o.core.plan_events import PlanChange, PlanChanged, PlannedLine
from custom_components.homecare_h2o.core.watching import Coverage, Fault, SourceFault

from .samples import PLAN
from .strategies import of_type

NOW = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)
PERSON = "01JBRUKAREKANPERSON"
BY = Actor(user_id="u1")


def eraser(key: bytes = b"secret") -> Eraser:
    return Eraser(PERSON, key, lambda text: text.replace("Tess", "…"))


def planned(brukare_id: str) -> PlanChanged:
    line = PlannedLine(
        rule="Tess hall",
        name="Tess hall",
        alarm_type=AlarmType.MOTION,
        config='{"alias":"Tess"}',
        is_on=True,
        is_broken=False,
    )
    return PlanChanged(
        at=NOW, change_id="c1", brukare_id=brukare_id, rule="Tess hall", change=PlanChange.CREATED, line=line, by=BY
    )


def lost(brukare_id: str) -> MonitoringLost:
    fault = SourceFault(source="binary_sensor.Tess", fault=Fault.DEAD)
    return MonitoringLost(at=NOW, brukare_id=brukare_id, rule="r1", coverage=Coverage.NOT, faults=(fault,))


def test_a_persons_line_keeps_its_larmtyp_and_no_text() -> None:
    erased = eraser().erase(planned(PERSON))
    assert isinstance(erased, PlanChanged)
    assert erased.line
    assert erased.brukare_id.startswith(PSEUDONYM)
    assert (erased.line.name, erased.line.config, erased.line.alarm_type) == ("", "{}", AlarmType.MOTION)
    assert erased.line.rule == erased.rule != "Tess hall"
    assert (erased.change_id, erased.by, erased.at) == ("c1", BY, NOW)


def test_anothers_line_can_still_be_brought_back() -> None:
    other = eraser().erase(planned("b2"))
    assert isinstance(other, PlanChanged)
    assert other.line
    assert (other.rule, other.line.rule, other.line.config) == ("Tess hall", "Tess hall", '{"alias":"Tess"}')
    assert other.line.name == "… hall"


def test_what_tells_one_sensor_from_another_still_does() -> None:
    person = eraser()
    first, second = (person.erase(lost(PERSON)) for _ in range(2))
    assert isinstance(first, MonitoringLost)
    assert first == second
    assert "Tess" not in first.faults[0].source
    assert first.faults[0].fault is Fault.DEAD


def test_another_secret_gives_other_names() -> None:
    assert eraser().erase(lost(PERSON)) != eraser(b"another").erase(lost(PERSON))
    assert eraser().pseudonym != eraser(b"another").pseudonym


def test_who_helped_is_kept() -> None:
    visit = VisitStarted(at=NOW, brukare_id=PERSON, by=Actor(phone_id="app:1", user_id="u1"), expires_at=NOW)
    erased = eraser().erase(visit)
    assert isinstance(erased, VisitStarted)
    assert erased.by == visit.by


@pytest.mark.parametrize(
    "event",
    [
        JournalPurged(at=NOW, before_at=NOW, gaps=(PurgedRows(first=1, last=2, before="Tess", digest="Tess"),)),
        JournalErased(at=NOW, rows=(), by=Actor(user_id="Tess")),
    ],
)
def test_what_proves_the_rest_is_never_changed(event: Event) -> None:
    assert eraser().erase(event) is event


def test_a_note_on_an_alarm_of_which_nothing_else_is_known_is_emptied() -> None:
    note = NoteAdded(at=NOW, alarm_id="gone", by=BY, note="Ring Karin")
    assert eraser().erase(note) == NoteAdded(at=NOW, alarm_id="gone", by=BY, note="")


def texts(value: Any, name: str = "") -> list[tuple[str, str]]:
    """Return every text in a record with the name of its field."""
    inner = [texts(getattr(value, field.name), field.name) for field in fields(value)] if is_dataclass(value) else []
    inner += [texts(item, name) for item in value] if isinstance(value, tuple) else []
    return [*([(name, value)] if type(value) is str else []), *(text for found in inner for text in found)]


@given(st.sampled_from(sorted(codec.KINDS)).flatmap(lambda kind: of_type(codec.KINDS[kind])))
def test_whatever_is_erased_can_be_written_and_read(event: Event) -> None:
    erased = eraser().erase(event)
    assert (erased.kind, erased.at) == (event.kind, event.at)
    assert codec.decode(erased.kind, codec.VERSION, codec.encode(erased)) == erased


def test_an_alarm_of_the_person_keeps_no_text_of_its_own() -> None:
    told: dict[str, Any] = {name: f"Tess {name}" for name in ("rule", "message", "response")}
    person = eraser()
    alarm = AlarmRaised(
        at=NOW,
        alarm_id="a1",
        brukare_id=PERSON,
        alarm_type=AlarmType.FIRE,
        due_at=NOW,
        late=False,
        sources=("sensor.Tess",),
        plan=PLAN,
        secret="00",
        **told,
    )
    assert [text for _, text in texts(person.erase(alarm)) if "Tess" in text] == []
