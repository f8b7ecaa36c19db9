"""Why a rule that saw something did not fire, and what is journalled before it does."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from custom_components.homecare_h2o.core.detection import detected, gone_out, left_on, missed, sequence
from custom_components.homecare_h2o.core.detection.detected import DetectedConfig, DetectedFacts
from custom_components.homecare_h2o.core.detection.gone_out import GoneOutConfig, GoneOutFacts, Role
from custom_components.homecare_h2o.core.detection.left_on import LeftOnConfig, LeftOnFacts
from custom_components.homecare_h2o.core.detection.missed import MissedConfig, MissedFacts
from custom_components.homecare_h2o.core.detection.notes import Note, Reason, Why, note_deadline, outside
from custom_components.homecare_h2o.core.detection.sequence import Absence, SequenceConfig, SequenceFacts, Step
from custom_components.homecare_h2o.core.events import NoteKind
from custom_components.homecare_h2o.core.windows import Window

from .samples import MINUTE, STOCKHOLM, T0, minutes

NIGHT = Window(start=time(22), end=time(6))
NIGHTFALL = datetime(2026, 11, 2, 21, 0, tzinfo=UTC)
"""T0 is the noon before."""
SECOND = timedelta(seconds=1)

type Shown = tuple[float, str, bool | None] | tuple[float, str, bool | None, str]


def why(reason: Reason, due_after: float | None = None, active_from_at: datetime | None = None) -> Why:
    """Return what is told, its deadline in minutes."""
    return Why(reason=reason, due_at=None if due_after is None else minutes(due_after), active_from_at=active_from_at)


def marks(shown: Shown) -> set[str]:
    """Return what a thing that is shown is marked as."""
    return set(shown[3:])


def see(kind: Callable[..., Any], shown: Shown) -> Any:
    """Make an observation of a detector."""
    return kind(source=shown[1], on=shown[2], at=minutes(shown[0]), restored="restored" in marks(shown))


# --- fire, leak, motion, door ----------------------------------------------------------------------------

FIRE = DetectedConfig()
AT_NIGHT = DetectedConfig(persistence=timedelta(), window=NIGHT, edge_only=True)
MOTION = DetectedConfig(persistence=timedelta(), edge_only=True)


def observe_detected(rule: DetectedConfig, shown: Sequence[Shown]) -> tuple[DetectedFacts, DetectedFacts, Any]:
    """Return the facts before and after the last that is shown, and that."""
    before = after = DetectedFacts()
    for each in shown:
        before, after = after, detected.observe(rule, after, see(detected.Seen, each), STOCKHOLM)
    return before, after, see(detected.Seen, shown[-1])


@pytest.mark.parametrize(
    ("rule", "shown", "told"),
    [
        pytest.param(FIRE, [(0, "a", False), (0, "a", True), (0.5, "a", False)], why(Reason.DID_NOT_LAST, 1), id="off"),
        pytest.param(FIRE, [(0, "a", True), (0.5, "a", None)], None, id="unavailable"),
        pytest.param(FIRE, [(0, "a", True), (0.5, "a", True)], None, id="still on"),
        pytest.param(FIRE, [(0, "a", True), (0.5, "b", False)], None, id="another one off"),
        pytest.param(FIRE, [(0, "a", True), (0.5, "a", False, "restored")], None, id="off at a start"),
        pytest.param(FIRE, [(0, "a", None)], None, id="nothing is known"),
        pytest.param(FIRE, [(0, "a", False)], None, id="off and was never on"),
        pytest.param(MOTION, [(0, "a", True)], why(Reason.NOT_SEEN_TO_BEGIN), id="first seen on"),
        pytest.param(
            MOTION,
            [(0, "a", False), (1, "a", True, "restored")],
            why(Reason.NOT_SEEN_TO_BEGIN),
            id="on at a start",
        ),
        pytest.param(MOTION, [(0, "a", False), (1, "a", True)], None, id="seen to begin"),
        pytest.param(MOTION, [(0, "a", True), (1, "a", True)], None, id="goes on"),
        pytest.param(
            AT_NIGHT,
            [(0, "a", False), (1, "a", True)],
            why(Reason.OUTSIDE_WINDOW, active_from_at=NIGHTFALL),
            id="by day",
        ),
        pytest.param(replace(FIRE, window=NIGHT), [(0, "a", False), (1, "a", True)], None, id="waits for the night"),
    ],
)
def test_why_what_a_sensor_shows_is_no_alarm(rule: DetectedConfig, shown: list[Shown], told: Why | None) -> None:
    before, after, seen = observe_detected(rule, shown)
    assert detected.explain(rule, before, after, seen, STOCKHOLM) == told


@pytest.mark.parametrize(
    ("rule", "shown", "told"),
    [
        pytest.param(FIRE, [(0, "a", True)], Note(kind=NoteKind.BEGAN, due_at=minutes(1)), id="smoke"),
        pytest.param(
            FIRE,
            [(0, "a", True), (0.5, "a", False)],
            Note(kind=NoteKind.WITHDRAWN, due_at=minutes(1)),
            id="no smoke any more",
        ),
        pytest.param(FIRE, [(0, "a", True), (0.5, "a", None), (0.6, "a", True)], None, id="a blip"),
        pytest.param(FIRE, [(0, "a", True, "restored")], None, id="due at once"),
        pytest.param(replace(FIRE, persistence=timedelta()), [(0, "a", True)], None, id="need not last"),
        pytest.param(FIRE, [(0, "a", None)], None, id="nothing is known"),
        pytest.param(MOTION, [(0, "a", False), (1, "a", True)], None, id="motion is raised at once"),
    ],
)
def test_what_is_journalled_of_a_sensor(rule: DetectedConfig, shown: list[Shown], told: Note | None) -> None:
    assert detected.note(*observe_detected(rule, shown)) == told


# --- gone out --------------------------------------------------------------------------------------------

OUT = GoneOutConfig(window=Window(start=time(11), end=time(22)))
BY_NIGHT = GoneOutConfig(window=NIGHT)
SHUT = [(0.0, "door", False), (0.0, "hall", False), (0.0, "room", False)]


def observe_out(rule: GoneOutConfig, shown: Sequence[Any]) -> tuple[GoneOutFacts, GoneOutFacts, gone_out.Seen]:
    """Return the facts before and after the last that is shown, and that."""
    before = after = GoneOutFacts()
    seen = [
        replace(
            gone_out.Seen(role=Role(each[1]), source=each[1], on=each[2], at=minutes(each[0])),
            restored="restored" in marks(each),
            suppressed="excused" in marks(each),
        )
        for each in [*SHUT, *shown]
    ]
    for each in seen:
        before, after = after, gone_out.observe(rule, after, each, STOCKHOLM)
    return before, after, seen[-1]


@pytest.mark.parametrize(
    ("rule", "shown", "told"),
    [
        pytest.param(OUT, [(1, "door", True), (5, "room", True)], why(Reason.SEEN_INSIDE, 21), id="in a room"),
        pytest.param(OUT, [(1, "door", True), (5, "hall", True)], why(Reason.SEEN_INSIDE, 21), id="in the hall"),
        pytest.param(OUT, [(1, "door", True), (1.5, "hall", True)], None, id="in the hall, leaving"),
        pytest.param(OUT, [(1, "door", True)], None, id="out"),
        pytest.param(OUT, [(1, "room", True)], None, id="never out"),
        pytest.param(OUT, [(1, "door", True), (2, "room", True), (3, "door", False)], None, id="the door closes"),
        pytest.param(OUT, [(1, "door", True, "restored")], why(Reason.NOT_SEEN_TO_BEGIN), id="open at a start"),
        pytest.param(OUT, [(1, "door", None), (2, "door", True, "restored"), (3, "door", True)], None, id="stays open"),
        pytest.param(OUT, [(1, "door", True, "excused")], why(Reason.EXCUSED_BY_VISIT, 21), id="staff"),
        pytest.param(BY_NIGHT, [(1, "door", True)], why(Reason.OUTSIDE_WINDOW, None, NIGHTFALL), id="by day"),
        pytest.param(replace(BY_NIGHT, already_out=True), [(1, "door", True)], None, id="by day, and not back"),
    ],
)
def test_why_nobody_is_out(rule: GoneOutConfig, shown: list[Any], told: Why | None) -> None:
    before, after, seen = observe_out(rule, shown)
    assert gone_out.explain(rule, before, after, seen, STOCKHOLM) == told


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        pytest.param([(1, "door", True)], Note(kind=NoteKind.BEGAN, due_at=minutes(21)), id="out"),
        pytest.param(
            [(1, "door", True), (5, "room", True)], Note(kind=NoteKind.WITHDRAWN, due_at=minutes(21)), id="in again"
        ),
        pytest.param([(1, "door", True), (2, "door", False)], None, id="the door closes"),
        pytest.param([(1, "door", True, "excused")], None, id="staff"),
    ],
)
def test_what_is_journalled_of_a_door(shown: list[Any], told: Note | None) -> None:
    before, after, seen = observe_out(OUT, shown)
    assert gone_out.note(OUT, before, after, seen.at) == told


# --- medicine --------------------------------------------------------------------------------------------

DOSE = MissedConfig(window=Window(start=time(13), end=time(14)))
CABINET = [(0, "a", False), (65, "a", True), (66, "a", False)]


def observe_missed(shown: Sequence[Any]) -> tuple[MissedFacts, MissedFacts]:
    """Return the facts before and after the last that is shown."""
    before = after = MissedFacts(armed_since_at=T0)
    for each in shown:
        before, after = after, missed.observe(DOSE, after, see(missed.Seen, each), STOCKHOLM)
    return before, after


@pytest.mark.parametrize(
    ("shown", "told", "noted"),
    [
        pytest.param(CABINET[:2], why(Reason.DONE_IN_TIME, 90), None, id="opened"),
        pytest.param(CABINET, None, None, id="closed"),
        pytest.param([*CABINET, (70, "a", True)], None, Note(kind=NoteKind.REPEATED), id="opened once more"),
    ],
)
def test_why_the_medicine_is_not_missed(shown: list[Any], told: Why | None, noted: Note | None) -> None:
    before, after = observe_missed(shown)
    assert (missed.explain(before, after), missed.note(before, after)) == (told, noted)


# --- power left on ---------------------------------------------------------------------------------------

LONG = LeftOnConfig(longest=30 * MINUTE)


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        pytest.param([(0, "a", True), (10, "a", False)], why(Reason.TURNED_OFF_IN_TIME, 30), id="off"),
        pytest.param([(0, "a", True), (10, "a", True)], None, id="still on"),
        pytest.param([(0, "a", True), (10, "a", None)], None, id="unavailable"),
        pytest.param([(0, "a", True), (10, "b", False)], None, id="another one off"),
        pytest.param([(0, "a", True), (10, "a", False, "restored")], None, id="off at a start"),
        pytest.param([(0, "a", False)], None, id="never on"),
    ],
)
def test_why_nothing_is_left_on(shown: list[Shown], told: Why | None) -> None:
    before = after = LeftOnFacts()
    for each in shown:
        before, after = after, left_on.observe(LONG, after, see(left_on.Seen, each), STOCKHOLM)
    assert left_on.explain(LONG, before, after, see(left_on.Seen, shown[-1]), STOCKHOLM) == told


# --- sequences -------------------------------------------------------------------------------------------

BED, BATH, HALL = (Step(sources=(name,), within=10 * MINUTE) for name in ("bed", "bath", "hall"))
THREE = SequenceConfig(steps=(BED, BATH, HALL))
FALL = SequenceConfig(steps=(BED, BATH), absence=Absence(sources=("hall",), duration=30 * MINUTE))
FIRST_OF_TWO = SequenceConfig(steps=(Step(sources=("bed",)), replace(BATH, within=None)))


def observe_sequence(rule: SequenceConfig, shown: Sequence[Any]) -> tuple[SequenceFacts, SequenceFacts, sequence.Seen]:
    """Return the facts before and after the last that is shown, and that."""
    before = after = SequenceFacts()
    still = [(0, name, "off") for name in ("bed", "bath", "hall")]
    seen = [
        sequence.Seen(source=each[1], state=each[2], at=minutes(each[0]), restored="restored" in each[3:])
        for each in [*still, *shown]
    ]
    for each in seen:
        before, after = after, sequence.observe(rule, after, each, STOCKHOLM)
    return before, after, seen[-1]


@pytest.mark.parametrize(
    ("rule", "shown", "told"),
    [
        pytest.param(FALL, [(1, "bed", "on"), (2, "bath", "on")], None, id="all steps"),
        pytest.param(
            FALL,
            [(1, "bed", "on"), (2, "bath", "on"), (3, "hall", "on")],
            why(Reason.SIGN_SEEN, 32),
            id="seen afterwards",
        ),
        pytest.param(FALL, [(1, "bed", "on"), (12, "bath", "on")], why(Reason.STEP_TOO_LATE, 11), id="too late"),
        pytest.param(THREE, [(1, "bed", "on"), (2, "hall", "on")], why(Reason.STEP_OUT_OF_ORDER, 11), id="too early"),
        pytest.param(THREE, [(1, "bed", "on"), (20, "hall", "on")], None, id="long after the first step"),
        pytest.param(THREE, [(1, "bath", "on")], None, id="nothing had begun"),
        pytest.param(THREE, [(1, "bed", "on"), (2, "bath", None)], None, id="nothing is known"),
        pytest.param(THREE, [(1, "bed", "on"), (12, "bath", "off")], None, id="no change"),
        pytest.param(THREE, [(1, "bed", "on"), (12, "bath", "on", "restored")], None, id="at a start"),
        pytest.param(THREE, [(1, "bed", "on"), (2, "bed", "off")], None, id="no step"),
        pytest.param(THREE, [(1, "door", "on")], None, id="first seen"),
        pytest.param(
            replace(THREE, window=NIGHT), [(1, "bed", "on")], why(Reason.OUTSIDE_WINDOW, None, NIGHTFALL), id="by day"
        ),
        pytest.param(FIRST_OF_TWO, [(1, "bed", "on"), (2, "bath", "on")], why(Reason.STEP_TOO_LATE, 1), id="no time"),
    ],
)
def test_why_a_sequence_is_no_alarm(rule: SequenceConfig, shown: list[Any], told: Why | None) -> None:
    before, after, seen = observe_sequence(rule, shown)
    assert sequence.explain(rule, before, after, seen, STOCKHOLM) == told


# --- what they have in common ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "opens_at"),
    [
        pytest.param(T0, NIGHTFALL, id="by day"),
        pytest.param(NIGHTFALL, NIGHTFALL + timedelta(days=1), id="as it opens"),
        pytest.param(NIGHTFALL + SECOND, NIGHTFALL + timedelta(days=1), id="inside"),
    ],
)
def test_when_it_matters_again(at: datetime, opens_at: datetime) -> None:
    assert outside(NIGHT, at, STOCKHOLM).active_from_at == opens_at


def test_a_window_that_the_clock_skips_does_not_matter() -> None:
    skipped = Window(start=time(2, 10), end=time(2, 50))
    at = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    assert outside(skipped, at, STOCKHOLM).active_from_at == datetime(2026, 3, 30, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "after", "note"),
    [
        pytest.param(None, None, None, id="none"),
        pytest.param(None, minutes(2), Note(kind=NoteKind.BEGAN, due_at=minutes(2)), id="begins"),
        pytest.param(None, minutes(1), None, id="is due at once"),
        pytest.param(minutes(2), None, Note(kind=NoteKind.WITHDRAWN, due_at=minutes(2)), id="is taken back"),
        pytest.param(minutes(2), minutes(2), None, id="stays"),
        pytest.param(minutes(2), minutes(3), None, id="moves"),
    ],
)
def test_a_deadline_begins_or_is_taken_back(before: datetime | None, after: datetime | None, note: Note | None) -> None:
    assert note_deadline(before, after, minutes(1)) == note
