"""The handlingsplan and its history: whatever was found, the journal tells how it came to that (R011.3, HP.2)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import reduce
from itertools import count, pairwise
import json
from typing import Any

from hypothesis import given, strategies as st

from custom_components.homecare_h2o.core import codec
from custom_components.homecare_h2o.core.escalation import AlarmType
from custom_components.homecare_h2o.core.events import Actor, VisitStarted
from custom_components.homecare_h2o.core.handlingsplan import (
    Handlingsplan,
    ValueChange,
    calc_changes,
    diff_values,
    evolve,
    replay,
)
from custom_components.homecare_h2o.core.plan_events import PlanChange, PlanChanged, PlanCommented, PlannedLine

from .samples import T0, minutes

ANNA, BO, NOBODY = Actor(user_id="anna"), Actor(user_id="bo"), Actor()
K1, K2 = "K1", "K2"

type Found = Mapping[str, tuple[str, PlannedLine]]
"""What Home Assistant has at one instant: each rule with its brukare."""


def blueprint(path: str = "homecare_h2o/passivity.yaml", **inputs: Any) -> str:
    """Return the configuration of an automation that was made with a blueprint."""
    return json.dumps({"id": "r1", "alias": "Passivity", "use_blueprint": {"path": path, "input": inputs}})


def by_hand(**parts: Any) -> str:
    """Return the configuration of an automation that was made by hand."""
    return json.dumps({"id": "r1", "alias": "Passivity", **parts})


LINE = PlannedLine(
    rule="r1",
    name="Passivity",
    alarm_type=AlarmType.PASSIVITY,
    config=blueprint(threshold={"hours": 5}),
    is_on=True,
    is_broken=False,
)
SHORTER = replace(LINE, config=blueprint(threshold={"hours": 4}))


class Story:
    """A plan that is looked at now and then, and what the journal has of it."""

    def __init__(self) -> None:
        self.plan = Handlingsplan()
        self.journal: list[PlanChanged] = []
        self._ids = map(str, count(1))

    def find(self, *lines: PlannedLine, brukare_id: str = K1, by: Actor = ANNA, at: datetime = T0) -> list[PlanChanged]:
        """Look at the plan of one brukare; return what happened to it."""
        return self.find_all([(brukare_id, line) for line in lines], by, at)

    def find_all(
        self, found: Sequence[tuple[str, PlannedLine]], by: Actor = ANNA, at: datetime = T0
    ) -> list[PlanChanged]:
        """Look at the plans of all."""
        changes = calc_changes(self.plan, found, by, at, lambda: next(self._ids))
        self.journal += changes
        for change in changes:
            self.plan = evolve(self.plan, change)
        return changes


def kinds(changes: Sequence[PlanChanged]) -> list[PlanChange]:
    """Return what happened, one thing after the other."""
    return [each.change for each in changes]


# --- whatever happens

configs = st.one_of(
    st.builds(lambda hours: blueprint(threshold={"hours": hours}), st.integers(1, 5)),
    st.builds(lambda to: by_hand(triggers=[{"to": to}]), st.sampled_from(("on", "off"))),
    st.just(""),
)
lines = st.builds(
    PlannedLine,
    rule=st.just(""),
    name=st.sampled_from(("Fall", "Passivity")),
    alarm_type=st.sampled_from((AlarmType.PASSIVITY, AlarmType.FIRE)),
    config=configs,
    is_on=st.booleans(),
    is_broken=st.booleans(),
)


@st.composite
def looks(draw: st.DrawFn) -> Found:
    """Draw what Home Assistant has at one instant."""
    rules = draw(st.lists(st.sampled_from(("r1", "r2", "r3")), unique=True))
    return {rule: (draw(st.sampled_from((K1, K2))), replace(draw(lines), rule=rule)) for rule in rules}


def told(found: Found) -> Story:
    """Return a story of a single look."""
    story = Story()
    story.find_all(list(found.values()))
    return story


def unbroken(found: Found) -> dict[tuple[str, str], PlannedLine]:
    """Return the lines of which Home Assistant says everything."""
    return {(brukare_id, rule): line for rule, (brukare_id, line) in found.items() if not line.is_broken}


@given(st.lists(looks(), max_size=6))
def test_the_journal_gives_the_plan_that_was_found_last(history: list[Found]) -> None:
    """All that is on disk is the events; nothing else is needed to know the plan."""
    story = Story()
    for found in history:
        story.find_all(list(found.values()))
    plan = replay(story.journal)
    last = history[-1] if history else {}
    assert plan == story.plan
    assert set(plan.lines) == {(brukare_id, rule) for rule, (brukare_id, _) in last.items()}
    assert {key: line for key, line in plan.lines.items() if not line.is_broken} == unbroken(last)


@given(st.lists(looks(), min_size=1, max_size=4))
def test_a_plan_that_has_not_changed_tells_nothing(history: list[Found]) -> None:
    """Two looks in a row, or a start with nothing new, journal nothing."""
    story = Story()
    for found in history:
        story.find_all(list(found.values()))
    assert story.find_all(list(history[-1].values())) == []


@given(st.lists(looks(), max_size=6))
def test_each_change_goes_on_from_where_the_one_before_left_the_line(history: list[Found]) -> None:
    """Old and new of a change are never the same, and form a chain (R011.3)."""
    story = Story()
    for found in history:
        story.find_all(list(found.values()))
    for line in story.plan.histories.values():
        assert line.changes[0].before is None
        assert all(change.before != change.after for change in line.changes)
        assert all(one.after == next_.before for one, next_ in pairwise(line.changes))
        assert line.changes[-1].after == line.line


@given(st.lists(looks(), max_size=4))
def test_what_happened_survives_the_disk(history: list[Found]) -> None:
    """Each event is read as it was written."""
    story = Story()
    for found in history:
        story.find_all(list(found.values()))
    read = [codec.decode(event.kind, codec.VERSION, codec.encode(event)) for event in story.journal]
    assert read == story.journal


@given(st.lists(looks(), max_size=6), st.lists(st.tuples(st.integers(0, 20), st.sampled_from("abc")), max_size=6))
def test_what_is_read_is_what_was_taken_up_while_it_happened(
    history: list[Found], comments: list[tuple[int, str]]
) -> None:
    """At a start all of it is read at once; comments come at any time, also on what nobody knows."""
    story = Story()
    for found in history:
        story.find_all(list(found.values()))
    said = [
        PlanCommented(at=T0, change_id=str(number), brukare_id=K1, comment=text, by=BO) for number, text in comments
    ]
    events = [*story.journal[:3], *said, *story.journal, *said]
    assert replay(events) == reduce(evolve, events, Handlingsplan())


@given(looks())
def test_an_event_that_is_read_twice_changes_nothing(found: Found) -> None:
    """While the journal is read, what happens meanwhile may come both ways."""
    story = told(found)
    assert replay([*story.journal, *story.journal]) == story.plan


# --- what happens to a line


def test_a_line_that_was_never_seen_was_created() -> None:
    """Its date is when it came into the plan (HP.1)."""
    story = Story()
    assert kinds(story.find(LINE)) == [PlanChange.CREATED]
    (history,) = story.plan.lines_of(K1)
    assert (history.created_at, history.created_by, history.line) == (T0, ANNA, LINE)


def test_a_value_that_was_changed_is_known_as_it_was_and_as_it_is() -> None:
    """What, old and new, when, who (R011.3)."""
    story = Story()
    story.find(LINE)
    story.find(SHORTER, by=BO, at=minutes(5))
    (history,) = story.plan.lines_of(K1)
    change = history.changes[-1]
    assert (change.change, change.at, change.by) == (PlanChange.CHANGED, minutes(5), BO)
    assert (change.before, change.after) == (LINE, SHORTER)
    assert (history.created_at, history.created_by) == (T0, ANNA)


def test_a_line_that_is_renamed_was_changed() -> None:
    """The name is a part of the plan."""
    story = Story()
    story.find(LINE)
    assert kinds(story.find(replace(LINE, name="Fall"))) == [PlanChange.CHANGED]


def test_several_things_at_once_are_told_one_after_the_other() -> None:
    """A line that was changed, mended and turned off between two looks."""
    story = Story()
    story.find(replace(LINE, is_broken=True))
    changes = story.find(replace(SHORTER, is_on=False))
    assert kinds(changes) == [PlanChange.CHANGED, PlanChange.MENDED, PlanChange.TURNED_OFF]
    assert [each.line for each in changes] == [
        replace(SHORTER, is_broken=True),
        SHORTER,
        replace(SHORTER, is_on=False),
    ]


def test_a_line_is_turned_on_again() -> None:
    """Both ways are told."""
    story = Story()
    story.find(replace(LINE, is_on=False))
    assert kinds(story.find(LINE)) == [PlanChange.TURNED_ON]


def test_a_deleted_line_is_remembered() -> None:
    """It can be brought back, and its history goes on."""
    story = Story()
    story.find(LINE)
    assert kinds(story.find(by=BO)) == [PlanChange.DELETED]
    (history,) = story.plan.lines_of(K1)
    assert (history.line, history.changes[-1].before) == (None, LINE)
    assert story.plan.lines == {}
    assert kinds(story.find(LINE)) == [PlanChange.CREATED]
    assert story.plan.lines_of(K1)[0].created_at == T0


def test_a_line_that_comes_to_another_brukare_was_deleted_from_the_one_and_created_for_the_other() -> None:
    """Each plan tells its own story."""
    story = Story()
    story.find(LINE)
    changes = story.find(LINE, brukare_id=K2)
    assert [(each.brukare_id, each.change) for each in changes] == [
        (K1, PlanChange.DELETED),
        (K2, PlanChange.CREATED),
    ]


# --- lines that Home Assistant does not accept


def test_a_broken_line_is_neither_on_nor_off() -> None:
    """Home Assistant shows it as unavailable; that nobody turned it off is known."""
    story = Story()
    story.find(LINE)
    assert kinds(story.find(replace(LINE, is_broken=True, is_on=False))) == [PlanChange.BROKEN]
    assert kinds(story.find(LINE)) == [PlanChange.MENDED]


def test_a_broken_line_of_which_nothing_is_said_keeps_what_was_known() -> None:
    """Only that it is broken is new."""
    story = Story()
    story.find(LINE)
    changes = story.find(replace(LINE, config="", is_broken=True))
    assert [(each.change, each.line) for each in changes] == [(PlanChange.BROKEN, replace(LINE, is_broken=True))]


def test_a_broken_line_keeps_its_inputs_where_only_what_came_of_them_is_shown() -> None:
    """With a sensor that is gone Home Assistant shows the blueprint filled in, not the inputs."""
    story = Story()
    story.find(LINE)
    shown = replace(LINE, config=by_hand(triggers=[]), is_broken=True, alarm_type=AlarmType.FIRE)
    assert story.find(shown)[0].line == replace(LINE, is_broken=True)


def test_a_change_that_breaks_a_line_is_told_with_its_values() -> None:
    """What was done comes before what came of it."""
    story = Story()
    story.find(LINE)
    assert kinds(story.find(replace(SHORTER, is_broken=True))) == [PlanChange.CHANGED, PlanChange.BROKEN]


# --- comments


def test_the_newest_comment_on_a_change_counts() -> None:
    """Why it was done is asked for afterwards, and may be said better."""
    story = Story()
    (created,) = story.find(LINE)
    story.find(SHORTER)
    plan = story.plan
    for text, at in (("Sover länge", minutes(1)), ("Sover länge på helgen", minutes(2))):
        said = PlanCommented(at=at, change_id=created.change_id, brukare_id=K1, comment=text, by=BO)
        plan = evolve(plan, said)
    change = plan.find_change(created.change_id)
    assert change
    assert (change.comment, change.comment_by, change.comment_at) == ("Sover länge på helgen", BO, minutes(2))
    assert [each.comment for each in plan.changes] == ["Sover länge på helgen", None]


def test_a_comment_on_a_change_that_nobody_knows_changes_nothing() -> None:
    """Nor does anything else that happens."""
    story = Story()
    story.find(LINE)
    comment = PlanCommented(at=T0, change_id="?", brukare_id=K1, comment="Sover länge", by=BO)
    visit = VisitStarted(at=T0, brukare_id=K1, by=BO, expires_at=T0)
    assert evolve(evolve(story.plan, comment), visit) == story.plan
    assert replay([*story.journal, comment, visit]) == story.plan


# --- values


def values(found: Sequence[ValueChange]) -> Iterator[tuple[str, Any, Any]]:
    """Return name, old and new of each."""
    return ((each.key, each.old, each.new) for each in found)


def test_the_values_of_a_blueprint_are_its_inputs() -> None:
    """5 hours were changed to 4, an input was left out and another given; the rest is as it was."""
    before = blueprint(threshold={"hours": 5}, sensors=["a"], to="10:00")
    after = blueprint(threshold={"hours": 4}, sensors=["a"], message="Ring på")
    assert list(values(diff_values(before, after))) == [
        ("message", None, "Ring på"),
        ("threshold", {"hours": 5}, {"hours": 4}),
        ("to", "10:00", None),
    ]


def test_another_blueprint_is_a_changed_value() -> None:
    """As is the name."""
    before = blueprint()
    after = json.dumps(json.loads(blueprint(path="homecare_h2o/motion.yaml")) | {"alias": "Rörelse"})
    assert list(values(diff_values(before, after))) == [
        ("alias", "Passivity", "Rörelse"),
        ("use_blueprint", "homecare_h2o/passivity.yaml", "homecare_h2o/motion.yaml"),
    ]


def test_the_values_of_an_automation_made_by_hand_are_its_parts() -> None:
    """Its id is no value."""
    before = by_hand(triggers=[{"to": "on"}], mode="single")
    after = json.dumps(json.loads(by_hand(triggers=[{"to": "off"}], mode="single")) | {"id": "r2"})
    assert list(values(diff_values(before, after))) == [("triggers", [{"to": "on"}], [{"to": "off"}])]


def test_what_is_not_known_has_no_values() -> None:
    """Nor has something that is no automation, or a blueprint without inputs."""
    nothing_filled_in = json.dumps({"use_blueprint": {"path": "p", "input": None}})
    assert diff_values("", "[]") == ()
    assert list(values(diff_values("", nothing_filled_in))) == [("use_blueprint", None, "p")]
