"""Answers in plain text."""

from dataclasses import replace
import string

from hypothesis import given, strategies as st
import pytest

from custom_components.homecare_h2o.core.alarm import Alarm
from custom_components.homecare_h2o.core.answers import Answer
from custom_components.homecare_h2o.core.commands import acknowledge, decline
from custom_components.homecare_h2o.core.events import RefusalReason
from custom_components.homecare_h2o.core.text_replies import (
    ACCEPTED,
    FIRST_NUMBER,
    NUMBERS,
    REFUSED,
    WORDS,
    Reply,
    ReplyOutcome,
    calc_number,
    find_meant,
    parse_reply,
)

from .samples import P1, P2, ROTA, after, minutes, new_alarm

TAKE, DONE = Reply(answer=Answer.TAKING), Reply(answer=Answer.DONE)

# --- what is written ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("1", Answer.TAKING),
        (" 1 ", Answer.TAKING),
        ("1.", Answer.TAKING),
        ("1️⃣", Answer.TAKING),
        ("ja", Answer.TAKING),
        ("JA!", Answer.TAKING),
        ("Åtgärdar", Answer.TAKING),
        ("ÅTGÄRDAR", Answer.TAKING),
        ("atgardar", Answer.TAKING),
        ("A\u030atga\u0308rdar", Answer.TAKING),
        ("jag tar", Answer.TAKING),
        ("take", Answer.TAKING),
        ("2", Answer.DECLINE),
        ("nej", Answer.DECLINE),
        ("Hinner ej", Answer.DECLINE),
        ("hinner   inte\n", Answer.DECLINE),
        ("klar", Answer.DONE),
        ("Done", Answer.DONE),
        ("Behöver hjälp", Answer.NEED_HELP),
        ("need help", Answer.NEED_HELP),
        ("hjälp given", Answer.HELP_GIVEN),
        ("ingen hjälp", Answer.NO_HELP_NEEDED),
        ("fel", Answer.FALSE_ALARM),
        ("Falskt!", Answer.FALSE_ALARM),
        ("false", Answer.FALSE_ALARM),
        ("felaktigt larm", Answer.FALSE_ALARM),
    ],
)
def test_what_staff_write_is_understood(text: str, answer: Answer) -> None:
    assert parse_reply(text) == Reply(answer=answer)


@pytest.mark.parametrize(
    ("text", "answer", "number"),
    [
        ("1 417", Answer.TAKING, 417),
        ("1  417.", Answer.TAKING, 417),
        ("1,417", Answer.TAKING, 417),
        ("1 #417", Answer.TAKING, 417),
        ("ja 17", Answer.TAKING, 17),
        ("2 417", Answer.DECLINE, 417),
        ("hinner ej 417", Answer.DECLINE, 417),
        ("KLAR 417", Answer.DONE, 417),
        ("fel 0417", Answer.FALSE_ALARM, 417),
        ("1 1", Answer.TAKING, 1),
    ],
)
def test_an_answer_may_name_its_alarm(text: str, answer: Answer, number: int) -> None:
    assert parse_reply(text) == Reply(answer=answer, number=number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "!",
        "3",
        "12",
        "417",
        "417 1",
        "1417",
        "ja nej",
        "ja jag kommer",
        "inte klar",
        "är det klart",
        "1 417 2",
        "1 1234567",
        "1 ٤",
        "x" * 161,
        "1" + " " * 160,
    ],
)
def test_what_is_not_certain_does_nothing(text: str) -> None:
    assert parse_reply(text) is None


@given(st.text())
def test_no_text_breaks_anything(text: str) -> None:
    assert isinstance(parse_reply(text), Reply | None)


@given(st.sampled_from([(a, w) for a, words in WORDS.items() for w in words]), st.data())
def test_case_and_signs_around_a_word_do_not_matter(word: tuple[Answer, str], data: st.DataObject) -> None:
    signs = st.text(alphabet=string.whitespace + ".,!?", max_size=3)
    shouted = "".join(data.draw(st.sampled_from((char, char.upper()))) for char in word[1])
    assert parse_reply(data.draw(signs) + shouted + data.draw(signs)) == Reply(answer=word[0])


def test_no_word_means_two_things() -> None:
    words = [word for several in WORDS.values() for word in several]
    assert len(words) == len(set(words))
    assert WORDS.keys() == ACCEPTED.keys() == set(Answer)


def test_every_outcome_can_be() -> None:
    other = {
        ReplyOutcome.AMBIGUOUS,
        ReplyOutcome.NOT_UNDERSTOOD,
        ReplyOutcome.NO_ALARM,
        ReplyOutcome.UNKNOWN_NUMBER,
        ReplyOutcome.UNKNOWN_SENDER,
        ReplyOutcome.NOT_ALLOWED,
    }
    assert {*ACCEPTED.values(), *REFUSED.values(), *other} == set(ReplyOutcome)
    assert REFUSED.keys() <= set(RefusalReason)


# --- numbers -----------------------------------------------------------------------------------------


def test_a_number_is_the_same_for_the_same_alarm() -> None:
    assert calc_number("A1", set()) == calc_number("A1", {None})


@given(st.text(), st.sets(st.integers(FIRST_NUMBER, FIRST_NUMBER + NUMBERS - 1), max_size=NUMBERS - 1))
def test_no_two_open_alarms_have_a_number_of_three_digits_in_common(alarm_id: str, taken: set[int]) -> None:
    number = calc_number(alarm_id, taken)
    assert number not in taken
    assert len(str(number)) == 3


def test_when_all_are_taken_there_are_more() -> None:
    taken = set(range(FIRST_NUMBER, FIRST_NUMBER + NUMBERS))
    assert [calc_number("A1", taken), calc_number("A1", taken | {1000, 1001})] == [1000, 1002]


# --- which alarm -------------------------------------------------------------------------------------


def numbered(number: int | None) -> Alarm:
    return replace(new_alarm(), alarm_id=f"A{number}", number=number)


def taken(alarm: Alarm) -> Alarm:
    return after(alarm, acknowledge(alarm, P1, minutes(1)))


def test_the_only_alarm_is_meant() -> None:
    assert find_meant([numbered(None)], "p1", TAKE) == [numbered(None)]


def test_a_number_tells_which() -> None:
    alarms = [numbered(417), numbered(418)]
    assert find_meant(alarms, "p1", Reply(answer=Answer.TAKING, number=418)) == [numbered(418)]
    assert find_meant(alarms, "p1", Reply(answer=Answer.TAKING, number=419)) == []


def test_nothing_is_guessed_of_several() -> None:
    alarms = [taken(numbered(417)), numbered(418)]
    assert find_meant(alarms, "p2", TAKE) == alarms


def test_an_alarm_that_the_phone_was_not_called_for_is_not_meant() -> None:
    assert find_meant([numbered(417)], "b1", TAKE) == []
    assert find_meant([numbered(417)], "b1", Reply(answer=Answer.TAKING, number=417)) == []


def test_who_is_done_means_what_he_has_taken() -> None:
    mine = taken(numbered(417))
    assert find_meant([mine, numbered(418)], "p1", DONE) == [mine]
    assert find_meant([mine, numbered(418)], "p2", DONE) == [mine, numbered(418)]


def test_an_alarm_that_was_declined_is_meant_when_there_is_no_other() -> None:
    alarm = numbered(417)
    declined = after(alarm, decline(alarm, P2, minutes(1), ROTA))
    assert find_meant([declined], "p2", TAKE) == [declined]
    assert find_meant([declined, numbered(418)], "p2", TAKE) == [numbered(418)]
