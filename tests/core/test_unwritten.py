"""What the journal has refused belongs to the histories all the same."""

from dataclasses import replace

from custom_components.homecare_h2o.core.commands import raise_alarm
from custom_components.homecare_h2o.core.events import HubStarted, NoteAdded
from custom_components.homecare_h2o.core.unwritten import complete, join

from .samples import DESK, PLAN, ROTA, T0, request

RAISED, _ = raise_alarm(request(), PLAN, "A1", "secret", T0, ROTA)
NOTE = NoteAdded(at=T0, alarm_id="A1", by=DESK, note="ringt")
ELSEWHERE = NoteAdded(at=T0, alarm_id="closed long ago", by=DESK, note="ringt")


def test_an_alarm_that_began_unwritten_is_there() -> None:
    assert complete([], [RAISED, NOTE]) == [[RAISED, NOTE]]


def test_an_alarm_goes_on_with_what_was_not_written() -> None:
    assert complete([[RAISED]], [NOTE]) == [[RAISED, NOTE]]


def test_what_belongs_to_no_open_alarm_is_left_out() -> None:
    assert complete([[RAISED]], [HubStarted(at=T0, last_alive_at=None), ELSEWHERE]) == [[RAISED]]


def test_a_history_that_cannot_be_read_is_in_nobodys_way() -> None:
    assert complete([[], [RAISED]], [NOTE]) == [[], [RAISED, NOTE]]


def test_what_is_written_already_is_not_joined_to_itself() -> None:
    first, second, third = (replace(NOTE, note=str(number)) for number in (1, 2, 3))
    assert join([], [first]) == [first]
    assert join([first], []) == [first]
    assert join([first, second], [third]) == [first, second, third]
    assert join([first, second], [second, third]) == [first, second, third]
    assert join([first, second], [first, second, third]) == [first, second, third]
