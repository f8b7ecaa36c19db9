"""Gone out: the outer door opens and nobody is in the home afterwards."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, time, timedelta

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.homecare_h2o.core.detection import BadRuleError
from custom_components.homecare_h2o.core.detection.gone_out import (
    GoneOutConfig,
    GoneOutFacts,
    Role,
    Seen,
    check,
    excuse,
    fired,
    next_due_at,
    observe,
)
from custom_components.homecare_h2o.core.windows import ALL_DAY, Window

from .playing import Player, kept
from .samples import MINUTE, STOCKHOLM, local

PLAYER = Player(next_due_at=next_due_at, fired=fired, observe=observe)
drain = PLAYER.drain
SECOND = timedelta(seconds=1)
DELAY = 20 * MINUTE
NIGHT = GoneOutConfig(window=Window(start=time(22), end=time(6)))
OPTION = replace(NIGHT, already_out=True)
# What is there when the rule is armed: everything is shut and still.
ARMED = GoneOutFacts(off=("door", "door 2", "hall", "room"))


def seen(text: str, source: str, on: bool | None, **marks: bool) -> Seen:
    """Make an observation; the role is the first word of the sensor's name."""
    return Seen(role=Role(source.split(maxsplit=1)[0]), source=source, on=on, at=local(text), **marks)


def on(text: str, source: str) -> list[Seen]:
    """Show a sensor that goes on and, a second later, off."""
    begin = seen(text, source, True)
    return [begin, replace(begin, on=False, at=begin.at + SECOND)]


def play(
    rule: GoneOutConfig, facts: GoneOutFacts, history: Iterable[Seen], until: str = "2026-06-02T12:00"
) -> list[datetime]:
    """Show all of this to a rule and collect what it raises until an instant."""
    facts, raised = PLAYER.play(rule, facts, history)
    return raised + drain(rule, facts, local(until))[1]


OPENED = seen("2026-06-02T02:00", "door", True)
CLOSED = seen("2026-06-02T02:00:10", "door", False)
DUE = local("2026-06-02T02:20")


@pytest.mark.parametrize(
    ("opened", "due"),
    [
        pytest.param(local("2026-06-02T02:00"), local("2026-06-02T02:20"), id="night"),
        pytest.param(local("2026-06-01T22:00"), local("2026-06-01T22:20"), id="window opens"),
        pytest.param(local("2026-06-02T05:55"), local("2026-06-02T06:15"), id="past the window"),
        pytest.param(local("2026-06-02T06:00"), None, id="window closed"),
        pytest.param(local("2026-06-01T21:59:59"), None, id="before the window"),
        pytest.param(local("2026-10-25T02:50"), local("2026-10-25T02:10", fold=1), id="autumn, first 02:50"),
        pytest.param(local("2026-10-25T02:50", fold=1), local("2026-10-25T03:10"), id="autumn, second 02:50"),
        pytest.param(local("2026-03-29T01:50"), local("2026-03-29T03:10"), id="spring"),
    ],
)
@pytest.mark.parametrize("closes", [True, False])
def test_the_deadline_is_the_delay_after_an_opening_in_the_window(
    opened: datetime, due: datetime | None, closes: bool
) -> None:
    """The vectors of the larmplan, whether the door is closed or left open."""
    moved = [replace(OPENED, at=opened), replace(CLOSED, at=opened + SECOND)][: 1 + closes]
    facts = ARMED
    for each in moved:
        facts = observe(NIGHT, facts, each, STOCKHOLM)
    assert next_due_at(NIGHT, facts, STOCKHOLM) == due
    assert due is None or due - opened == DELAY


@pytest.mark.parametrize(
    ("after", "raised"),
    [
        pytest.param([], [DUE], id="nobody"),
        pytest.param(on("2026-06-02T02:00:01", "room"), [], id="inner room at once"),
        pytest.param(on("2026-06-02T02:19:59", "room"), [], id="inner room in the last second"),
        pytest.param(on("2026-06-02T02:20:00", "room"), [DUE], id="inner room at the deadline"),
        pytest.param(on("2026-06-02T02:01:09", "hall"), [DUE], id="hall sees the person leave"),
        pytest.param(on("2026-06-02T02:01:10", "hall"), [], id="hall when the door has settled"),
        pytest.param(
            [seen("2026-06-02T02:00:30", "hall", True), seen("2026-06-02T02:03", "hall", False)], [DUE], id="hall holds"
        ),
        pytest.param(
            [seen("2026-06-02T02:05", source, state) for source in ("room", "hall") for state in (None, True)],
            [DUE],
            id="motion comes back with the sensor",
        ),
        pytest.param(
            [seen("2026-06-02T02:05", "room", each) for each in (True, False)], [], id="room, on and off at once"
        ),
        pytest.param([seen("2026-06-02T02:05", "room", True, restored=True)], [DUE], id="restored motion"),
        pytest.param([seen("2026-06-02T02:05", "door", None)], [DUE], id="the door is lost"),
        pytest.param(
            [*on("2026-06-02T02:10", "door"), *on("2026-06-02T02:10:59", "hall")], [DUE], id="second opening settles"
        ),
        pytest.param([*on("2026-06-02T02:10", "door 2"), *on("2026-06-02T02:11:01", "hall")], [], id="still in"),
        pytest.param(on("2026-06-02T02:10", "door"), [DUE], id="second opening does not move the deadline"),
        pytest.param(
            [*on("2026-06-02T02:10", "room"), *on("2026-06-02T02:30", "door")],
            [local("2026-06-02T02:50")],
            id="another episode",
        ),
        pytest.param(
            on("2026-06-02T02:30", "door"), [DUE, local("2026-06-02T02:50")], id="another episode after the alarm"
        ),
    ],
)
def test_only_somebody_seen_inside_ends_the_episode(after: list[Seen], raised: list[datetime]) -> None:
    """Motion in an inner room at once, in the hall if it begins after the door has settled."""
    assert play(NIGHT, ARMED, [OPENED, CLOSED, *after]) == raised


@pytest.mark.parametrize(
    ("states", "raised"),
    [
        pytest.param([(False, False), (None, False), (True, False)], 1, id="opened while it was not heard"),
        pytest.param([(True, False)] + 100 * [(None, False), (True, False)], 1, id="100 blips of an open door"),
        pytest.param([(True, False), (True, False)], 1, id="shown again"),
        pytest.param([(True, True)], 0, id="restored open"),
        pytest.param([(True, True), *100 * [(None, False), (True, False)]], 0, id="100 blips of a restored one"),
        pytest.param([(True, True), (False, True), (True, False)], 1, id="restored closed, then opened"),
    ],
)
def test_an_opening_is_a_change_from_closed(states: list[tuple[bool | None, bool]], raised: int) -> None:
    """What is there at a start is learnt, but is no opening."""
    history = [
        replace(OPENED, on=state, restored=restored, at=OPENED.at + i * SECOND)
        for i, (state, restored) in enumerate(states)
    ]
    assert len(play(NIGHT, ARMED, history)) == raised


def test_a_door_that_nothing_is_known_of_does_not_open() -> None:
    """Unknown → open may be as old as the door."""
    assert play(NIGHT, GoneOutFacts(), [OPENED]) == []


def test_motion_without_a_door_is_nothing() -> None:
    """No door has moved yet."""
    assert play(NIGHT, ARMED, on("2026-06-02T02:00", "hall")) == []


def test_staff_who_leaves_is_no_alarm() -> None:
    """A visit suppresses arming."""
    assert play(OPTION, ARMED, [replace(OPENED, suppressed=True), CLOSED], until="2026-06-03T12:00") == []


def test_an_excused_opening_is_no_alarm() -> None:
    """The visit was registered after the door had opened."""
    facts = observe(OPTION, ARMED, OPENED, STOCKHOLM)
    assert next_due_at(OPTION, excuse(facts), STOCKHOLM) is None


def test_staff_who_comes_and_goes_does_not_save_who_went_out_before() -> None:
    """An opening during a visit does not end the episode before it."""
    assert play(NIGHT, ARMED, [OPENED, CLOSED, replace(OPENED, at=DUE - SECOND, suppressed=True)]) == [DUE]


@pytest.mark.parametrize(
    ("rule", "history", "until", "raised"),
    [
        pytest.param(OPTION, on("2026-06-01T15:00", "door"), "2026-06-02T12:00", ["2026-06-01T22:20"], id="out"),
        pytest.param(NIGHT, on("2026-06-01T15:00", "door"), "2026-06-02T12:00", [], id="not asked for"),
        pytest.param(
            OPTION,
            [*on("2026-06-01T15:00", "door"), *on("2026-06-01T21:00", "room")],
            "2026-06-02T12:00",
            [],
            id="came home",
        ),
        pytest.param(
            OPTION,
            [*on("2026-06-01T15:00", "door"), *on("2026-06-01T22:19", "room")],
            "2026-06-02T12:00",
            [],
            id="came home just in time",
        ),
        pytest.param(
            OPTION,
            on("2026-06-01T15:00", "door"),
            "2026-06-03T12:00",
            ["2026-06-01T22:20", "2026-06-02T22:20"],
            id="each night",
        ),
        pytest.param(
            OPTION,
            on("2026-06-01T22:00", "door"),
            "2026-06-02T12:00",
            ["2026-06-01T22:20"],
            id="opens with the window: once",
        ),
        pytest.param(
            OPTION,
            [*on("2026-06-01T21:50", "door"), *on("2026-06-01T22:05", "door")],
            "2026-06-02T12:00",
            ["2026-06-01T22:20"],
            id="the same absence",
        ),
        pytest.param(
            OPTION,
            on("2026-06-01T23:00", "door"),
            "2026-06-03T12:00",
            ["2026-06-01T23:20", "2026-06-02T22:20"],
            id="went out inside, still out the next night",
        ),
        pytest.param(
            replace(OPTION, window=ALL_DAY),
            on("2026-06-01T15:00", "door"),
            "2026-06-03T12:00",
            ["2026-06-01T15:20"],
            id="all day has no start",
        ),
        pytest.param(
            GoneOutConfig(window=Window(start=time(2, 10), end=time(2, 50)), already_out=True),
            on("2026-03-28T15:00", "door"),
            "2026-03-30T12:00",
            ["2026-03-30T02:30"],
            id="a window that the clock skips",
        ),
    ],
)
def test_out_already_when_the_window_opens(
    rule: GoneOutConfig, history: list[Seen], until: str, raised: list[str]
) -> None:
    """The option: due the delay after the window's start."""
    assert play(rule, ARMED, history, until) == [local(each) for each in raised]


@pytest.mark.parametrize(
    ("rule", "key"),
    [
        (replace(NIGHT, delay=timedelta()), "delay_not_positive"),
        (replace(NIGHT, delay=-MINUTE), "delay_not_positive"),
        (replace(NIGHT, settle_time=-SECOND), "settle_time_negative"),
    ],
)
def test_a_rule_that_could_not_work_is_refused(rule: GoneOutConfig, key: str) -> None:
    """With a reason."""
    with pytest.raises(BadRuleError) as refusal:
        check(rule)
    assert refusal.value.translation_key == key


@pytest.mark.parametrize("rule", [NIGHT, OPTION, replace(NIGHT, delay=MINUTE, settle_time=timedelta())])
def test_a_rule_that_can_work_is_accepted(rule: GoneOutConfig) -> None:
    """The defaults are the larmplan's."""
    check(rule)


rules = st.builds(
    GoneOutConfig,
    window=st.sampled_from([NIGHT.window, ALL_DAY, Window(start=time(23), end=time(23, 30))]),
    delay=st.integers(1, 40).map(lambda minutes: minutes * MINUTE),
    settle_time=st.integers(0, 90).map(lambda seconds: seconds * SECOND),
    already_out=st.booleans(),
)
steps = st.tuples(
    st.integers(0, 1800),
    st.sampled_from([(Role.DOOR, "door"), (Role.DOOR, "door 2"), (Role.HALL, "hall"), (Role.ROOM, "room")]),
    st.sampled_from([True, False, True, False, None]),
    st.sampled_from([(False, False), (False, False), (True, False), (False, True)]),
)
starts = st.sampled_from(
    [local("2026-06-01T21:00"), local("2026-10-25T00:30"), local("2026-03-29T00:30"), local("2026-06-02T05:00")]
)


@st.composite
def histories(draw: st.DrawFn) -> list[Seen]:
    """Draw what sensors show over some hours."""
    at = draw(starts)
    history = []
    for seconds, (role, source), state, (restored, suppressed) in draw(st.lists(steps, max_size=25)):
        at += seconds * SECOND
        history.append(Seen(role=role, source=source, on=state, at=at, restored=restored, suppressed=suppressed))
    return history


@given(rule=rules, history=histories(), cut=st.integers(0, 25))
@settings(max_examples=100, deadline=None)
def test_a_restart_anywhere_changes_nothing(rule: GoneOutConfig, history: list[Seen], cut: int) -> None:
    """What fell due while the hub was down is raised at the same deadline, and nothing twice."""
    facts, early = PLAYER.play(rule, ARMED, history[:cut])
    late = play(rule, kept(facts), history[cut:], "2026-12-01T00:00")
    assert early + late == play(rule, ARMED, history, "2026-12-01T00:00")


def openings(rule: GoneOutConfig, history: list[Seen]) -> list[datetime]:
    """Return the openings inside the window that no visit suppresses, and all that the facts do not decide."""
    return [
        each.at
        for i, each in enumerate(history)
        if each.role is Role.DOOR and each.on and rule.window.contains(each.at, STOCKHOLM)
        if not each.restored and not each.suppressed and is_edge(history[:i], each)
    ]


def is_edge(before: list[Seen], now: Seen) -> bool:
    """Return whether the last that a door was known to be is closed."""
    known = [each.on for each in before if each.source == now.source and each.on is not None]
    return [False, *known][-1] is False


def signs(history: list[Seen], roles: set[Role]) -> list[datetime]:
    """Return when motion was seen at all."""
    return [each.at for each in history if each.role in roles and each.on and not each.restored]


@given(rule=rules.map(lambda rule: replace(rule, already_out=False)), history=histories())
@settings(max_examples=100, deadline=None)
def test_every_alarm_is_the_delay_after_an_opening(rule: GoneOutConfig, history: list[Seen]) -> None:
    """None is early, none is doubled."""
    raised = play(rule, ARMED, history, "2026-12-01T00:00")
    assert {due_at - rule.delay for due_at in raised} <= set(openings(rule, history))
    assert len(set(raised)) == len(raised)


@given(rule=rules, history=histories())
@settings(max_examples=100, deadline=None)
def test_no_opening_is_lost_unless_somebody_moves_afterwards(rule: GoneOutConfig, history: list[Seen]) -> None:
    """Whoever went out and was not seen again is told of by the promised time at the latest."""
    raised = play(rule, ARMED, history, "2026-12-01T00:00")
    moved = signs(history, {Role.HALL, Role.ROOM})
    alone = [at for at in openings(rule, history) if not any(at <= each < at + rule.delay for each in moved)]
    assert all(any(at <= due_at <= at + rule.delay for due_at in raised) for at in alone)
