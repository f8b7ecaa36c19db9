"""The checker sees what is wrong, and calls nothing wrong that is as it should be."""

import ast
from contextlib import closing
from pathlib import Path
import sqlite3
import sys

import pytest

from demo.chaos import checker
from demo.chaos.checker.journal import apply_log, read_journal

from .world import ALARM, PHONES, World, at, button, good_world, without


@pytest.fixture
def world(tmp_path: Path) -> World:
    return good_world(tmp_path)


def test_a_run_in_which_all_went_well_breaks_no_promise(world: World) -> None:
    assert world.broken() == set()


def test_the_wait_for_a_call_is_measured(world: World) -> None:
    world.write()
    assert world.judge().late == {"calm": 0.1}


# --- alarms -----------------------------------------------------------------------------------------


def test_an_alarm_that_is_not_in_the_journal_is_lost(world: World) -> None:
    world.raised(3, "r2", "01LOST")
    world.rows = [row for row in world.rows if row[1] != "01LOST"]
    assert world.broken() == {"no alarm lost"}


def test_an_alarm_that_only_memory_held_when_the_power_went_is_the_price_of_telling_it(world: World) -> None:
    world.lines = world.lines[:4]
    world.rows = []
    world.line(2, "blocked")
    world.raised(3)
    world.shown(3.1)
    world.rows = []
    world.killed(4)
    world.line(4, "unblocked", written=0)
    assert world.broken() == {"the run is whole"}


def test_a_repetition_that_is_not_in_the_journal_is_lost(world: World) -> None:
    again = {"rule": "r1", "alarm_type": "fire", "due_at": at(3), "alarm_id": ALARM, "outcome": "repeated"}
    world.line(3, "raised", number=2, asked_m=3, **again)
    assert world.broken() == {"no alarm lost"}


def test_an_alarm_that_no_phone_ever_showed_was_not_told(world: World) -> None:
    assert "called in time" in without(world, line="shown").broken()


def test_an_alarm_that_was_shown_too_late_is_told(world: World) -> None:
    world = without(world, line="shown")
    world.shown(7.9)
    assert "called in time" in world.broken()


def test_an_alarm_may_be_late_by_as_long_as_all_phones_on_duty_were_away(world: World) -> None:
    world = without(world, line="shown")
    world.lines[4:4] = [
        {"m": 1.5, "kind": "way", "phone": "htj1", "way": "push_hang"},
        {"m": 1.5, "kind": "way", "phone": "htj2", "way": "push_500"},
        {"m": 7.0, "kind": "way", "phone": "htj1", "way": "ok"},
    ]
    world.shown(7.9)
    assert "called in time" not in world.broken()


def test_an_alarm_that_waits_in_silence_is_told(world: World) -> None:
    world = good_world(world.folder)
    world.lines = [each for each in world.lines if each["m"] < 3]
    world.rows = world.rows[:2]
    world.closed(60)
    world.cleared(60.2, "htj1", "htj2")
    world.ended(61)
    assert world.broken() == {"never silent"}


def test_an_alarm_that_nothing_has_caused_is_told(world: World) -> None:
    world.journal_raised(3, "unasked", "01OTHER")
    world.shown(3.1, alarm_id="01OTHER")
    assert "no alarm out of nothing" in world.broken()


def test_two_alarms_for_one_deadline_are_told(world: World) -> None:
    world.journal_raised(2, "r1", "01TWIN")
    world.shown(2.1, alarm_id="01TWIN")
    assert "no alarm out of nothing" in world.broken()


def test_an_alarm_that_is_open_in_the_end_is_told(world: World) -> None:
    assert "always a next deadline" in without(world, row="resolved").broken()


def test_a_deadline_that_lies_behind_is_told(world: World) -> None:
    world.row(5, "called", step=1, reason="unanswered", phones=[PHONES["boss"]], next_deadline_at=at(1))
    assert "always a next deadline" in world.broken()


def test_a_start_after_which_nobody_is_called_again_is_told(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.begun()
    world.raised(2)
    world.shown(2.1)
    world.killed(3)
    world.line(3, "starting")
    world.line(6, "loaded")
    world.closed(20)
    world.cleared(20.1, "htj1")
    world.ended(21)
    assert world.broken() == {"called again after a start"}


# --- sensors ----------------------------------------------------------------------------------------


def test_a_sensor_that_tripped_for_nothing_is_told(world: World) -> None:
    world.lines.insert(4, {"m": 1.5, "kind": "tripping", "name": "leak_1"})
    assert world.broken() == {"no sensor unheard"}


@pytest.mark.parametrize(("all_files", "broken"), [(True, set()), (False, {"no sensor unheard"})])
def test_a_sensor_is_forgotten_only_if_no_file_could_be_written_when_the_power_went(
    tmp_path: Path, all_files: bool, broken: set[str]
) -> None:
    world = World(tmp_path)
    world.begun()
    world.line(2, "blocked", all_files=all_files)
    world.line(3, "tripping", name="smoke_1")
    world.killed(4)
    world.line(4, "unblocked", written=0)
    world.line(4, "starting")
    world.line(6, "loaded")
    world.raised(7)
    world.shown(7.1)
    world.closed(20)
    world.cleared(20.1, "htj1")
    world.ended(21)
    assert world.broken() == broken


def test_nobody_can_tell_whether_a_sensor_was_heard_when_its_row_may_be_destroyed(world: World) -> None:
    before = World(world.folder)
    before.journal_raised(1, "smoke_1", "01GONE")
    file = before.write("journal.db.damaged-20261123T050000Z")
    with closing(sqlite3.connect(file, autocommit=True)) as connection:
        connection.execute("UPDATE events SET data = '' WHERE seq = 1")
    world.line(1.2, "tripping", name="smoke_1")
    world.line(1.5, "corrupted", file="journal.db", changed=[])
    assert "no sensor unheard" not in world.broken()


def test_a_press_of_a_button_for_nothing_is_told(world: World) -> None:
    world.line(3, "pushed", name="button_1", said_m=3, heard={"state": at(3), "changed": at(3), "now": at(3)})
    assert world.broken() == {"no sensor unheard"}


# --- answers ----------------------------------------------------------------------------------------


def test_an_acknowledgement_that_is_not_in_the_journal_is_lost(world: World) -> None:
    assert without(world, row="acknowledged").broken() == {"no answer lost"}


def test_an_answer_that_was_refused_is_not_lost(world: World) -> None:
    world = without(world, row="acknowledged")
    by = {"phone_id": PHONES["htj1"], "user_id": "u"}
    world.row(4, "refused", by=by, answer=button(), reason="outdated")
    assert world.broken() == set()


def test_an_answer_just_before_the_power_went_may_be_lost(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.begun()
    world.raised(2)
    world.shown(2.1)
    world.answered(4, button())
    world.killed(4.5)
    world.line(4.5, "starting")
    world.line(6, "loaded")
    world.shown(6.1)
    world.closed(7)
    world.cleared(7.1, "htj1")
    world.ended(8)
    assert world.broken() == set()


def test_an_answer_that_nobody_gave_is_told(world: World) -> None:
    assert without(world, line="answering").broken() == {"no answer from nobody"}


def test_a_forged_answer_that_was_accepted_is_told(world: World) -> None:
    world.lines = [each for each in world.lines if each["kind"] not in ("answering", "answered")]
    world.answered(4, f"{button()[:-4]}0000", how="forged")
    assert world.broken() == {"no answer from nobody", "no answer lost"}


def test_an_answer_with_another_phones_button_that_was_accepted_is_told(world: World) -> None:
    world.lines = [each for each in world.lines if each["kind"] not in ("answering", "answered")]
    world.answered(4, button(phone="htj2"), how="foreign")
    assert world.broken() == {"no answer from nobody", "no answer lost"}


def test_an_answer_of_an_older_step_that_was_accepted_is_told(world: World) -> None:
    late = World(world.folder)
    late.called(3, step=1, reason="unanswered")
    world.rows[2:2] = late.rows
    assert world.broken() == {"no answer from nobody", "no answer lost"}


def test_the_button_of_an_older_step_is_good_after_a_start_that_called_again(world: World) -> None:
    late = World(world.folder)
    late.called(3, step=0, reason="restarted")
    world.rows[2:2] = late.rows
    assert world.broken() == set()


def test_nobody_can_tell_whose_an_answer_was_when_the_beginning_of_its_alarm_is_destroyed(world: World) -> None:
    before = World(world.folder)
    before.called(1, alarm_id="01HALF")
    before.row(2, "acknowledged", "01HALF", by={"phone_id": PHONES["htj1"], "user_id": "u"}, next_deadline_at=at(99))
    file = before.write("journal.db.damaged-20261123T050000Z")
    with closing(sqlite3.connect(file, autocommit=True)) as connection:
        connection.execute("UPDATE events SET digest = '' WHERE seq = 1")
    world.line(1.5, "corrupted", file="journal.db", changed=[])
    world.row(3, "journal_replaced", None, file=file.name, reason="")
    assert "no answer from nobody" not in world.broken()


def test_what_the_system_itself_may_not_do_is_told(world: World) -> None:
    world = without(world, row="acknowledged")
    world.row(5, "acknowledged", by={"phone_id": None, "user_id": None}, next_deadline_at=at(105))
    assert "no answer from nobody" in world.broken()


# --- phones -----------------------------------------------------------------------------------------


def test_a_phone_that_still_shows_a_closed_alarm_is_told(world: World) -> None:
    assert without(world, line="cleared").broken() == {"every phone cleared"}


def test_a_phone_that_was_told_by_memory_only_when_the_power_went_may_keep_the_alarm(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.begun()
    world.raised(2)
    world.shown(2.1)
    world.line(3, "blocked")
    world.shown(3.1, "htj2", step=1)
    world.killed(4)
    world.line(4, "unblocked", written=0)
    world.line(4, "starting")
    world.line(6, "loaded")
    world.shown(6.1)
    world.closed(7)
    world.cleared(7.1, "htj1")
    world.ended(8)
    assert world.broken() == set()


def test_a_storm_of_pushes_is_told(world: World) -> None:
    storm = World(world.folder)
    for number in range(20):
        storm.shown(3 + number / 100)
    world.lines[8:8] = storm.lines
    assert world.broken() == {"no storm of pushes"}


# --- the chain --------------------------------------------------------------------------------------


def spoil(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path, autocommit=True)) as connection:
        connection.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET data = replace(data, 'r1', 'r2') WHERE seq = 1",
        "UPDATE events SET at = '2026-11-23T05:00:02.5+00:00' WHERE seq = 2",
        "DELETE FROM events WHERE seq = 2",
        "DELETE FROM events WHERE seq = 4",
    ],
)
def test_a_chain_that_is_not_whole_is_told(world: World, statement: str) -> None:
    spoil(world.write(), statement)
    assert "hash chain whole" in {violation.promise for violation in world.judge().violations}


def test_a_journal_that_was_set_aside_for_nothing_is_told(world: World) -> None:
    world.write("journal.db.damaged-20261123T050000Z")
    assert world.broken() == {"hash chain whole"}


def test_an_open_alarm_that_is_left_behind_in_a_damaged_journal_is_told(world: World) -> None:
    before = World(world.folder)
    before.journal_raised(1, "r1", "01LEFT")
    before.write("journal.db.damaged-20261123T050000Z")
    world.line(1.5, "corrupted", file="journal.db", changed=[])
    assert "open alarms survive damage" in world.broken()


def test_a_gap_that_a_purge_tells_of_is_whole(world: World) -> None:
    path = world.write()
    with closing(sqlite3.connect(path, autocommit=True)) as connection:
        digests = [digest for (digest,) in connection.execute("SELECT digest FROM events ORDER BY seq")]
    gap = {"first": 1, "last": 2, "before": "0" * 64, "digest": digests[1]}
    path.unlink()
    world.row(9, "journal_purged", None, before_at=at(0), gaps=[gap])
    spoil(world.write(), "DELETE FROM events WHERE seq <= 2")
    assert read_journal(path).breaks == []


def test_pages_of_a_log_are_read_whatever_its_check_sums_say(world: World) -> None:
    path = world.write()
    with closing(sqlite3.connect(path, autocommit=True)) as connection:
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
        connection.execute("INSERT INTO events VALUES (99, '', NULL, 'late', 1, '{}', '')")
        log = bytearray(path.with_name("journal.db-wal").read_bytes())
    spoil(path, "DELETE FROM events WHERE seq = 99")
    log[32 + 16] ^= 1
    apply_log(path, bytes(log))
    assert read_journal(path).rows[-1].kind == "late"


# --- its independence -------------------------------------------------------------------------------


def imports(path: Path) -> set[str]:
    """Return the modules that a file imports from outside its folder, by their first names."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    plain = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    froms = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level == 0}
    above = {"above" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level > 1}
    return {name.partition(".")[0] for name in plain | froms | above}


def test_the_checker_shares_no_code_with_what_it_checks() -> None:
    found = set().union(*map(imports, Path(checker.__file__).parent.glob("*.py")))
    assert found <= set(sys.stdlib_module_names)
