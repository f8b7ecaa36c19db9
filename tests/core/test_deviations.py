"""The larmansvarig's inbox: what is filed, once; how it is worked on; when it is reminded of (R011.1)."""

from dataclasses import replace
from datetime import timedelta
from functools import reduce
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.homecare_h2o.core.alarm import begin
from custom_components.homecare_h2o.core.codec import from_plain, to_plain
from custom_components.homecare_h2o.core.commands import raise_alarm
from custom_components.homecare_h2o.core.deviations import (
    KEPT_ARCHIVED,
    Deviation,
    Inbox,
    Snapshot,
    calc_due_at,
    calc_filing,
    evolve,
    file_again,
    forget,
    is_source,
    make_deviation_id,
    next_reminder_at,
    update,
)
from custom_components.homecare_h2o.core.escalation import AlarmType
from custom_components.homecare_h2o.core.events import (
    Actor,
    AlarmAcknowledged,
    AlarmEvent,
    AlarmResolved,
    DeviationFiled,
    DeviationKind,
    DeviationsReminded,
    DeviationStatus,
    DeviationUpdated,
    Event,
    FalseAlarmReported,
    HubStarted,
    Outcome,
)

from .samples import PLAN, ROTA, T0, new_alarm, request
from .strategies import of_type

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NURSE = Actor(phone_id="p1", user_id="u1")
MANAGER = Actor(user_id="u9")
NEW, ONGOING, ARCHIVED = DeviationStatus


def closed(outcome: Outcome, *, report: bool = False, note: str | None = None) -> AlarmResolved:
    return AlarmResolved(at=T0, alarm_id="a1", by=NURSE, outcome=outcome, note=note, report=report)


def filed(deviation_id: str = "d1", at: Any = T0) -> DeviationFiled:
    return DeviationFiled(
        at=at,
        deviation_id=deviation_id,
        brukare_id="b1",
        deviation=DeviationKind.FALSE_ALARM,
        happened_at=at - HOUR,
        alarm_id="a1",
        alarm_type=AlarmType.PASSIVITY,
        text="inaktiv 4 timmar",
        comment=None,
        by=NURSE,
        source="false_alarm",
    )


def updated(
    deviation_id: str, status: DeviationStatus, at: Any = T0 + HOUR, comment: str | None = None
) -> DeviationUpdated:
    return DeviationUpdated(at=at, deviation_id=deviation_id, status=status, comment=comment, by=MANAGER)


def inbox(*events: Event) -> Inbox:
    return reduce(evolve, events, Inbox())


def only(*events: Event) -> Deviation:
    (item,) = inbox(*events).items
    return item


FALSE = FalseAlarmReported(at=T0, alarm_id="a1", by=NURSE)
KINDS = [
    pytest.param(AlarmType.PASSIVITY, FALSE, DeviationKind.FALSE_ALARM, id="false in one tap"),
    pytest.param(AlarmType.FIRE, closed(Outcome.FALSE_ALARM), DeviationKind.FALSE_ALARM, id="closed as false"),
    pytest.param(
        AlarmType.FIRE, closed(Outcome.FALSE_ALARM, report=True), DeviationKind.FALSE_ALARM, id="false and reported"
    ),
    pytest.param(AlarmType.FIRE, closed(Outcome.TECHNICAL_FAULT), DeviationKind.TECHNICAL, id="a technical fault"),
    pytest.param(AlarmType.FIRE, closed(Outcome.HELP_GIVEN, report=True), DeviationKind.REPORTED, id="reported"),
    pytest.param(AlarmType.FIRE, closed(Outcome.HELP_GIVEN), None, id="help given"),
    pytest.param(AlarmType.TECHNICAL, closed(Outcome.TECHNICAL_FAULT), None, id="filed when it was raised"),
    pytest.param(
        AlarmType.TECHNICAL, closed(Outcome.TECHNICAL_FAULT, report=True), DeviationKind.REPORTED, id="reported, too"
    ),
    pytest.param(AlarmType.TECHNICAL, FALSE, DeviationKind.FALSE_ALARM, id="a technical one that was false"),
    pytest.param(AlarmType.TEST, FALSE, None, id="a test is no false alarm"),
    pytest.param(
        AlarmType.TEST, closed(Outcome.FALSE_ALARM, report=True), DeviationKind.REPORTED, id="a test that is reported"
    ),
    pytest.param(
        AlarmType.TEST, closed(Outcome.TECHNICAL_FAULT), DeviationKind.TECHNICAL, id="a test that found a fault"
    ),
]


@pytest.mark.parametrize(("alarm_type", "event", "kind"), KINDS)
def test_what_is_filed_when_an_alarm_is_closed(
    alarm_type: AlarmType, event: AlarmEvent, kind: DeviationKind | None
) -> None:
    found = calc_filing(event, new_alarm(alarm_type=alarm_type), T0)
    assert (found.deviation if found else None) is kind


@pytest.mark.parametrize(("alarm_type", "event", "kind"), KINDS)
def test_whatever_is_filed_is_looked_for(alarm_type: AlarmType, event: AlarmEvent, kind: DeviationKind | None) -> None:
    assert is_source(event) or kind is None


@pytest.mark.parametrize("alarm_type", list(AlarmType))
def test_a_technical_alarm_is_filed_when_it_is_raised(alarm_type: AlarmType) -> None:
    raised, _ = raise_alarm(request(alarm_type=alarm_type), PLAN, "A1", "secret", T0, ROTA)
    found = calc_filing(raised, begin(raised), T0)
    technical = alarm_type is AlarmType.TECHNICAL
    assert (is_source(raised), found is not None) == (technical, technical)


@pytest.mark.parametrize(
    "event",
    [
        HubStarted(at=T0, last_alive_at=None),
        AlarmAcknowledged(at=T0, alarm_id="a1", by=NURSE, next_deadline_at=T0),
        closed(Outcome.HELP_GIVEN),
    ],
)
def test_nothing_else_is_looked_for(event: Event) -> None:
    assert not is_source(event)


def test_what_is_filed_tells_what_the_list_shows() -> None:
    alarm = new_alarm(message="inaktiv 4 timmar")
    found = calc_filing(FALSE, alarm, T0 + HOUR)
    assert found == DeviationFiled(
        at=T0 + HOUR,
        deviation_id=make_deviation_id(alarm.alarm_id, DeviationKind.FALSE_ALARM),
        brukare_id=alarm.brukare_id,
        deviation=DeviationKind.FALSE_ALARM,
        happened_at=alarm.raised_at,
        alarm_id=alarm.alarm_id,
        alarm_type=alarm.alarm_type,
        text="inaktiv 4 timmar",
        comment=None,
        by=NURSE,
        source="false_alarm",
    )


def test_a_note_tells_more_than_the_larmtext() -> None:
    found = calc_filing(closed(Outcome.FALSE_ALARM, note="var i badet"), new_alarm(message="inaktiv"), T0)
    assert found
    assert found.text == "var i badet"


# --- what becomes of it --------------------------------------------------------------------------


def test_what_is_filed_is_new() -> None:
    item = only(filed())
    assert (item.status, item.is_open, item.filed_at, item.touched_at) == (NEW, True, T0, T0)


def test_what_is_filed_twice_is_there_once() -> None:
    assert inbox(filed(), filed(at=T0 + DAY)) == inbox(filed())


def test_what_is_worked_on_is_touched() -> None:
    item = only(filed(), updated("d1", ONGOING, comment="flyttar sensorn"))
    told = (item.status, item.comment, item.touched_at, item.touched_by, item.is_open)
    assert told == (ONGOING, "flyttar sensorn", T0 + HOUR, MANAGER, True)


def test_one_that_is_not_known_is_left_alone() -> None:
    assert inbox(filed(), updated("d2", ARCHIVED)) == inbox(filed())


def test_only_what_waits_is_waited_for() -> None:
    box = inbox(filed("d1"), filed("d2"), updated("d1", ARCHIVED))
    assert [item.deviation_id for item in box.waiting] == ["d2"]


def test_other_events_change_nothing() -> None:
    assert inbox(filed(), HubStarted(at=T0, last_alive_at=None)) == inbox(filed())


def test_only_the_newest_of_what_is_done_is_kept_and_everything_that_waits() -> None:
    names = [f"d{number}" for number in range(KEPT_ARCHIVED + 2)]
    box = inbox(
        *map(filed, names),
        *(updated(name, ARCHIVED, at=T0 + HOUR * number) for number, name in enumerate(names) if number),
    )
    assert [item.deviation_id for item in box.items] == ["d0", *names[2:]]


@given(st.lists(of_type(DeviationFiled) | of_type(DeviationUpdated) | of_type(DeviationsReminded), max_size=8))
def test_an_inbox_is_remembered_as_it_is(events: list[Event]) -> None:
    snapshot = Snapshot(inbox=inbox(*events), seq=7, digest="d")
    assert from_plain(Snapshot, to_plain(snapshot)) == snapshot


NAMES = ("d0", "d1", "d2")


@given(
    st.lists(st.sampled_from([updated(name, status) for name in NAMES for status in DeviationStatus]), max_size=12),
    st.data(),
)
def test_the_end_of_what_happened_may_be_seen_twice(updates: list[Event], data: st.DataObject) -> None:
    events = [*map(filed, NAMES), *updates]
    again = data.draw(st.integers(0, len(events)))
    assert inbox(*events, *events[again:]) == inbox(*events)


# --- working on it -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "said", "after"),
    [
        (NEW, {"status": ONGOING}, (ONGOING, None)),
        (NEW, {"status": ARCHIVED}, (ARCHIVED, None)),
        (NEW, {"comment": "ringt IT"}, (ONGOING, "ringt IT")),
        (NEW, {"comment": "ringt IT", "status": NEW}, (NEW, "ringt IT")),
        (NEW, {"comment": ""}, (ONGOING, "")),
        (ONGOING, {"status": NEW}, (NEW, None)),
        (ARCHIVED, {"comment": "flyttad"}, (ARCHIVED, "flyttad")),
        (ARCHIVED, {"status": ONGOING}, (ONGOING, None)),
    ],
)
def test_what_is_done_is_told(
    before: DeviationStatus, said: dict[str, Any], after: tuple[DeviationStatus, str | None]
) -> None:
    item = only(filed(), updated("d1", before))
    (event,) = update(item, MANAGER, T0 + DAY, **said)
    told = (event.deviation_id, event.at, event.by, event.status, event.comment)
    assert told == ("d1", T0 + DAY, MANAGER, *after)


@pytest.mark.parametrize("said", [{}, {"status": ONGOING}, {"comment": "ringt IT"}])
def test_what_changes_nothing_is_not_told(said: dict[str, Any]) -> None:
    item = only(filed(), updated("d1", ONGOING, comment="ringt IT"))
    assert update(item, MANAGER, T0 + DAY, **said) == []


@pytest.mark.parametrize("status", list(DeviationStatus))
def test_what_was_in_a_damaged_journal_is_filed_as_it_is(status: DeviationStatus) -> None:
    events = [filed()] if status is NEW else [filed(), updated("d1", status, comment="ringt IT")]
    item, again = only(*events), only(*file_again(only(*events), T0 + DAY))
    told = [(one.status, one.comment, one.kind, one.happened_at, one.by, one.touched_by) for one in (item, again)]
    assert told[0] == told[1]


# --- reminding -----------------------------------------------------------------------------------


def reminded(due_at: Any) -> DeviationsReminded:
    return DeviationsReminded(at=due_at, deviation_ids=("d1",), phones=(), due_at=due_at)


@pytest.mark.parametrize(
    ("events", "due_at"),
    [
        pytest.param([], None, id="nothing waits"),
        pytest.param([filed(), updated("d1", ARCHIVED)], None, id="everything is done"),
        pytest.param([filed()], T0 + DAY, id="a day after it came"),
        pytest.param([filed(), updated("d1", ONGOING)], T0 + HOUR + DAY, id="a day after it was worked on"),
        pytest.param([filed(), reminded(T0 + DAY)], T0 + 2 * DAY, id="once a day"),
        pytest.param([filed(), filed("d2", T0 + HOUR)], T0 + DAY, id="the one that has waited longest"),
        pytest.param(
            [filed(), filed("d2", T0 + HOUR), reminded(T0 + DAY)], T0 + 2 * DAY, id="one reminder for all of them"
        ),
        pytest.param(
            [filed(), reminded(T0 + DAY), updated("d1", ONGOING, T0 + DAY + HOUR)], T0 + 2 * DAY + HOUR, id="worked on"
        ),
    ],
)
def test_when_a_reminder_is_due(events: list[Event], due_at: Any) -> None:
    box = inbox(*events)
    assert next_reminder_at(box, box.waiting) == due_at


@pytest.mark.parametrize(
    ("late", "due"),
    [(-HOUR, 0 * DAY), (0 * DAY, 0 * DAY), (HOUR, 0 * DAY), (DAY, DAY), (3 * DAY + HOUR, 3 * DAY)],
)
def test_one_reminder_makes_up_for_those_that_were_missed(late: timedelta, due: timedelta) -> None:
    assert calc_due_at(T0, T0 + late) == T0 + due


def test_whoever_is_erased_waits_for_nobody() -> None:
    inbox = reduce(evolve, [filed("d1"), replace(filed("d2"), brukare_id="b2")], Inbox())
    assert [item.deviation_id for item in forget(inbox, "b1").items] == ["d2"]
    assert evolve(inbox, replace(filed("d3"), brukare_id="erased-0123")) is inbox
