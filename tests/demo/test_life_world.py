"""A simulated life: what the world says must be true of any seed, and what a judge must see."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
import json
from pathlib import Path
import sqlite3

import pytest

from demo.life.diary import Absence, Act, Call, Diary, Visit, Who, cut_out
from demo.life.home import BATHROOM, BEDROOM, BUTTON, CABINET, DEVICE_CLASS, DOOR, HALL, SMOKE, STOVE, Troubles
from demo.life.judge import Raised, is_sound, judge, read_journal
from demo.life.reckoning import reckon
from demo.life.report import _time
from demo.life.spans import DAY, HOUR, MINUTE, SECOND, Sight, Span, is_night, lasting, merge, wall
from demo.life.truth import Excuse, Fall, Situation, Truth
from demo.life.world import PowerCut, Reading, World, make_world as make_world_anew

NOVEMBER = date(2026, 11, 2)
SEEDS = range(1, 6)
FIRST_DAYS = [
    pytest.param(date(2026, 10, 5), id="to winter time"),
    pytest.param(date(2027, 3, 10), id="to summer time"),
]
AT = datetime(2026, 11, 2, 12, tzinfo=UTC)
SITUATION = Situation(
    larmtyp="fire",
    what="it burns",
    began_at=AT,
    due_at=AT + MINUTE,
    by_at=AT + 2 * MINUTE,
    until_at=AT + 30 * MINUTE,
)
EXCUSE = Excuse(larmtyp="fire", why="burnt the food", from_at=AT + HOUR, until_at=AT + 2 * HOUR)
TRUTH = Truth(situations=(SITUATION,), excuses=(EXCUSE,), falls=())
NO_TROUBLES = Troubles(cuts=(), dropouts=(), sight=Sight(cuts=(), blind={}))


@cache
def make_world(first: date, days: int, seed: int) -> World:
    return make_world_anew(first, days, seed)


def raised(after: timedelta, larmtyp: str = "fire", *, is_new: bool = True) -> Raised:
    return Raised(at=AT + after, larmtyp=larmtyp, due_at=AT + after, is_new=is_new)


def readings(world: World, sensor: str) -> list[Reading]:
    return [each for each in world.happenings if isinstance(each, Reading) and each.sensor == sensor]


def cut_of(start_hours: float, end_hours: float, *sensors: str) -> Troubles:
    cut = Span(start_at=wall(NOVEMBER, start_hours), end_at=wall(NOVEMBER, end_hours))
    return Troubles(cuts=(cut,), dropouts=(), sight=Sight(cuts=(cut,), blind=dict.fromkeys(sensors, (cut,))))


def out_of_sight(sensor: str, start_hours: float, end_hours: float) -> Troubles:
    span = Span(start_at=wall(NOVEMBER, start_hours), end_at=wall(NOVEMBER, end_hours))
    return NO_TROUBLES.adding([(sensor, span)])


def diary_of(*acts: tuple[str, float, timedelta, str], who: Who = Who.PERSON) -> Diary:
    diary = Diary()
    diary.acts = [
        Act(sensor=sensor, span=lasting(wall(NOVEMBER, hours), length), who=who, why=why)
        for sensor, hours, length, why in acts
    ]
    return diary


def found(diary: Diary, troubles: Troubles = NO_TROUBLES, larmtyp: str = "") -> tuple[list[Situation], list[str]]:
    truth = reckon(diary, troubles, NOVEMBER, 1)
    return (
        [each for each in truth.situations if each.larmtyp == larmtyp],
        [each.why for each in truth.excuses if each.larmtyp == larmtyp],
    )


# --- the world ------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", FIRST_DAYS)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_seed_makes_the_same_world(first: date, seed: int) -> None:
    assert make_world(first, 30, seed) == make_world_anew(first, 30, seed)


def test_another_seed_makes_another_world() -> None:
    assert make_world(NOVEMBER, 5, 1).happenings != make_world(NOVEMBER, 5, 2).happenings


@pytest.mark.parametrize("first", FIRST_DAYS)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_world_is_in_order_and_within_its_days(first: date, seed: int) -> None:
    world = make_world(first, 30, seed)
    instants = [each.at for each in world.happenings]
    assert instants == sorted(instants)
    assert world.start_at < instants[0] < instants[-1] < world.end_at


@pytest.mark.parametrize("first", FIRST_DAYS)
def test_thirty_days_are_thirty_days_by_the_wall_clock(first: date) -> None:
    world = make_world(first, 30, 1)
    assert abs(world.end_at - world.start_at - 30 * DAY) == HOUR


@pytest.mark.parametrize("sensor", DEVICE_CLASS)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_hub_is_shown_nothing_while_it_has_no_power(sensor: str, seed: int) -> None:
    world = make_world(NOVEMBER, 30, seed)
    cuts = [each for each in world.happenings if isinstance(each, PowerCut)]
    shown = [each.at for each in readings(world, sensor)]
    assert [at for cut in cuts for at in shown if cut.at < at < cut.until_at] == []


@pytest.mark.parametrize("sensor", sorted(DEVICE_CLASS.keys() - {BUTTON}))
@pytest.mark.parametrize("seed", SEEDS)
def test_a_sensor_never_shows_the_same_twice_but_after_a_cut(sensor: str, seed: int) -> None:
    world = make_world(NOVEMBER, 30, seed)
    cuts = [each for each in world.happenings if isinstance(each, PowerCut)]
    shown = readings(world, sensor)
    repeated = [two for one, two in pairwise(shown) if one.state == two.state]
    assert [each for each in repeated if not any(cut.at < each.at < cut.until_at + 2 * MINUTE for cut in cuts)] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_true_is_due_in_its_time(seed: int) -> None:
    truth = make_world(NOVEMBER, 30, seed).truth
    assert all(s.began_at <= s.due_at <= s.by_at <= s.until_at for s in truth.situations if s.beyond is None)
    assert all(excuse.from_at < excuse.until_at for excuse in truth.excuses)
    assert all(fall.at < fall.found_at for fall in truth.falls)


def test_a_month_has_something_of_everything() -> None:
    truths = [make_world(NOVEMBER, 30, seed).truth for seed in SEEDS]
    assert {each.larmtyp for truth in truths for each in truth.situations} == {
        "fire",
        "gone_out",
        "leak",
        "medicine",
        "passivity",
        "power_on",
        "safety_button",
        "technical",
    }


# --- spans ----------------------------------------------------------------------------------------


def test_the_wall_clock_over_the_change_to_winter_time() -> None:
    assert wall(date(2026, 10, 25), 6) - wall(date(2026, 10, 24), 22) == 9 * HOUR


def test_the_wall_clock_over_the_change_to_summer_time() -> None:
    assert wall(date(2027, 3, 28), 6) - wall(date(2027, 3, 27), 22) == 7 * HOUR


@pytest.mark.parametrize(("hours", "expected"), [(21.99, False), (22, True), (26, True), (30, False)])
def test_the_night(hours: float, *, expected: bool) -> None:
    assert is_night(wall(NOVEMBER, hours)) is expected


def test_spans_that_touch_are_one() -> None:
    spans = [lasting(AT + HOUR, HOUR), lasting(AT, HOUR), lasting(AT + 3 * HOUR, HOUR)]
    assert list(merge(spans)) == [lasting(AT, 2 * HOUR), lasting(AT + 3 * HOUR, HOUR)]


def test_what_is_left_of_a_span() -> None:
    assert cut_out(lasting(AT, 3 * HOUR), [lasting(AT + HOUR, HOUR)]) == [
        lasting(AT, HOUR),
        lasting(AT + 2 * HOUR, HOUR),
    ]


@pytest.mark.parametrize(
    ("span", "text"), [(12 * SECOND, "12 s"), (5 * MINUTE, "5 min"), (3 * HOUR + 2 * MINUTE, "3 h 02 min")]
)
def test_times_as_people_read_them(span: timedelta, text: str) -> None:
    assert _time(span) == text


# --- what is true ---------------------------------------------------------------------------------


def test_smoke_is_due_after_a_minute() -> None:
    (fire,), _ = found(diary_of((SMOKE, 12, 30 * MINUTE, "it burns"), who=Who.NOBODY), larmtyp="fire")
    assert (fire.due_at - fire.began_at, fire.beyond) == (MINUTE, None)


def test_a_fire_while_the_hub_has_no_power_is_due_when_it_has() -> None:
    troubles = cut_of(11.9, 12.2, SMOKE)
    (fire,), _ = found(diary_of((SMOKE, 12, 30 * MINUTE, "it burns"), who=Who.NOBODY), troubles, "fire")
    assert wall(NOVEMBER, 12.2) < fire.by_at <= wall(NOVEMBER, 12.2) + 2 * MINUTE


def test_a_fire_that_no_sensor_could_show_is_beyond() -> None:
    troubles = out_of_sight(SMOKE, 11.9, 13)
    (fire,), _ = found(diary_of((SMOKE, 12, 30 * MINUTE, "it burns"), who=Who.NOBODY), troubles, "fire")
    assert fire.beyond == "the hub could not see the sensor"


def test_burnt_toast_is_nothing() -> None:
    assert found(diary_of((SMOKE, 12, 40 * SECOND, "burnt the food")), larmtyp="fire") == ([], [])


def test_a_person_who_lies_still_all_morning() -> None:
    diary = diary_of((BATHROOM, 2, MINUTE, ""))
    diary.falls.append(Fall(at=wall(NOVEMBER, 2.01), found_at=wall(NOVEMBER, 10.5), found_by="passivity"))
    (passivity,), _ = found(diary, larmtyp="passivity")
    assert passivity.due_at == wall(NOVEMBER, 10)


@pytest.mark.parametrize(
    ("acts", "troubles", "why"),
    [
        pytest.param([(BEDROOM, 10.2, MINUTE, "")], NO_TROUBLES, ["sleeps long"], id="sleeps"),
        pytest.param([(BEDROOM, 7, MINUTE, "")], NO_TROUBLES, [], id="gets up"),
        pytest.param(
            [(BEDROOM, 7, MINUTE, "")],
            out_of_sight(BEDROOM, 6.9, 7.5),
            ["moved while the hub could not see it"],
            id="unseen",
        ),
    ],
)
def test_a_quiet_morning_without_danger(
    acts: list[tuple[str, float, timedelta, str]], troubles: Troubles, why: list[str]
) -> None:
    assert found(diary_of(*acts), troubles, "passivity") == ([], why)


@pytest.mark.parametrize(
    ("hours", "real"), [(8.9, 1), (9, 0), (10.49, 0), (10.5, 1)], ids=["too early", "early", "in time", "too late"]
)
def test_medicine_is_taken_from_nine_to_half_past_ten(hours: float, real: int) -> None:
    situations, _ = found(diary_of((CABINET, hours, 30 * SECOND, "")), larmtyp="medicine")
    assert len(situations) == real


def lost(*acts: tuple[str, float, timedelta, str]) -> Diary:
    diary = diary_of((DOOR, 1, 10 * SECOND, ""), *acts)
    diary.absences.append(Absence(span=lasting(wall(NOVEMBER, 1), HOUR), lost=True))
    return diary


def test_a_person_who_is_lost_at_night() -> None:
    (gone,), _ = found(lost(), larmtyp="gone_out")
    assert (gone.due_at - gone.began_at, gone.beyond) == (20 * MINUTE, None)


def test_a_person_who_leaves_while_a_visit_goes_on_by_the_books_is_beyond() -> None:
    diary = lost()
    started_at = wall(NOVEMBER, 0.2)
    diary.visits.append(Visit(span=lasting(started_at, 20 * MINUTE), started_at=started_at, ended_at=None))
    (gone,), _ = found(diary, larmtyp="gone_out")
    assert gone.beyond == "staff had left without saying so: by their visit the door was theirs"


@pytest.mark.parametrize(
    ("seen", "count"),
    [
        pytest.param((BEDROOM, 1.1, MINUTE, ""), 0, id="in a room"),
        pytest.param((HALL, 1.01, MINUTE, ""), 1, id="in the hall, leaving"),
        pytest.param((HALL, 1.1, MINUTE, ""), 0, id="in the hall, later"),
        pytest.param((BEDROOM, 1.5, MINUTE, ""), 1, id="too late"),
    ],
)
def test_staff_that_did_not_register(seen: tuple[str, float, timedelta, str], count: int) -> None:
    diary = diary_of((DOOR, 1, 10 * SECOND, ""), seen, who=Who.STAFF)
    assert found(diary, larmtyp="gone_out") == ([], ["staff left without registering the visit"] * count)


@pytest.mark.parametrize(
    ("minutes", "why", "real", "excused"),
    [(29, "forgot the stove", 0, 0), (31, "forgot the stove", 1, 0), (31, "cooked for long", 0, 1)],
)
def test_the_stove(minutes: int, why: str, real: int, excused: int) -> None:
    situations, excuses = found(diary_of((STOVE, 12, minutes * MINUTE, why)), larmtyp="power_on")
    assert (len(situations), len(excuses)) == (real, excused)


def test_a_press_that_nobody_hears_is_due_when_it_is_heard() -> None:
    diary = Diary(calls=[Call(presses=(wall(NOVEMBER, 12), wall(NOVEMBER, 12.5)), by_mistake=False)])
    (call,), _ = found(diary, cut_of(11.9, 12.2, BUTTON), "safety_button")
    assert wall(NOVEMBER, 12.5) < call.by_at <= wall(NOVEMBER, 12.5) + MINUTE


# --- the judge ------------------------------------------------------------------------------------


def test_an_alarm_in_time_is_found() -> None:
    verdicts = {each.larmtyp: each for each in judge(TRUTH, [raised(70 * SECOND)])}
    assert [each.late for each in verdicts["fire"].found] == [10 * SECOND]
    assert is_sound(verdicts.values())


def test_a_repetition_of_an_open_alarm_is_found_too() -> None:
    verdicts = judge(TRUTH, [raised(70 * SECOND, is_new=False)])
    assert is_sound(verdicts)


@pytest.mark.parametrize(
    "journal",
    [
        pytest.param([], id="none"),
        pytest.param([raised(3 * MINUTE)], id="too late"),
        pytest.param([raised(30 * SECOND)], id="before it can be known"),
        pytest.param([raised(70 * SECOND, "leak")], id="of another larmtyp"),
    ],
)
def test_a_situation_without_its_alarm_is_missed(journal: list[Raised]) -> None:
    verdicts = judge(TRUTH, journal)
    assert [each.missed for each in verdicts if each.larmtyp == "fire"] == [[SITUATION]]
    assert not is_sound(verdicts)


def test_what_no_hub_could_know_is_not_missed() -> None:
    truth = replace(TRUTH, situations=(replace(SITUATION, beyond="the sensor was away"),))
    assert is_sound(judge(truth, []))


def test_false_alarms_are_explained_or_not() -> None:
    (fire,) = [v for v in judge(TRUTH, [raised(90 * MINUTE), raised(5 * HOUR)]) if v.larmtyp == "fire"]
    assert ([alarm.at for alarm, _ in fire.explained], [each.at for each in fire.unexplained]) == (
        [AT + 90 * MINUTE],
        [AT + 5 * HOUR],
    )


def test_the_journal_is_read_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    rows = [
        (1, AT.isoformat(), "raised", "a", json.dumps({"alarm_type": "fire", "due_at": AT.isoformat()})),
        (2, AT.isoformat(), "acknowledged", "a", "{}"),
        (3, AT.isoformat(), "repeated", "a", json.dumps({"due_at": AT.isoformat()})),
    ]
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE events (seq, at, kind, alarm_id, data)")
    connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()
    assert read_journal(path) == [raised(timedelta()), raised(timedelta(), is_new=False)]
