"""Buttons: who was given them, and until when they are valid."""

from dataclasses import replace

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.homecare_h2o.core.alarm import Alarm
from custom_components.homecare_h2o.core.answers import (
    CALL_ANSWERS,
    OUTCOME_ANSWERS,
    TAKER_ANSWERS,
    TOKEN_LENGTH,
    Answer,
    Button,
    find_phone,
    find_refusal,
    make_button_id,
    make_token,
    parse_button_id,
)
from custom_components.homecare_h2o.core.commands import acknowledge, advance, report_done, report_false_alarm
from custom_components.homecare_h2o.core.events import RefusalReason

from .samples import DESK, P1, P2, ROTA, after, minutes, new_alarm

RAISED = new_alarm()
TAKEN = after(RAISED, acknowledge(RAISED, P1, minutes(1)))
ESCALATED = after(RAISED, advance(RAISED, minutes(5), ROTA))
DONE = after(TAKEN, report_done(TAKEN, P1, minutes(9)))
CLOSED = after(RAISED, report_false_alarm(RAISED, P1, minutes(1)))
TOKEN = "0" * TOKEN_LENGTH


def button(alarm: Alarm, phone_id: str, answer: Answer = Answer.TAKING) -> Button:
    found = parse_button_id(make_button_id(alarm, phone_id, answer))
    assert found
    return found


@pytest.mark.parametrize("answer", Answer)
def test_a_button_comes_back_as_it_was_made(answer: Answer) -> None:
    assert button(ESCALATED, "p1", answer) == Button(
        alarm_id="A1", step=1, answer=answer, token=make_token(ESCALATED, "p1", 1)
    )


def test_every_answer_is_on_some_button() -> None:
    assert set(CALL_ANSWERS) | set(TAKER_ANSWERS) | set(OUTCOME_ANSWERS) == set(Answer)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "H2O",
        "~~~~",
        f"H2O~A1~0~taking~{TOKEN}~",
        f"H2O~A1~0~taking{TOKEN}",
        f"h2o~A1~0~taking~{TOKEN}",
        f"H2O~A1~-1~taking~{TOKEN}",
        f"H2O~A1~~taking~{TOKEN}",
        f"H2O~A1~²~taking~{TOKEN}",
        f"H2O~A1~٣~taking~{TOKEN}",
        f"H2O~A1~1.0~taking~{TOKEN}",
        f"H2O~A1~1000000~taking~{TOKEN}",
        f"H2O~A1~0~TAKING~{TOKEN}",
        f"H2O~A1~0~explode~{TOKEN}",
        "homecare_h2o_acknowledge",
    ],
)
def test_what_is_no_button_of_ours(text: str) -> None:
    assert parse_button_id(text) is None


@settings(max_examples=100)
@given(text=st.text(max_size=60) | st.lists(st.text(max_size=8), min_size=5, max_size=5).map("~".join))
def test_any_text_may_come_back(text: str) -> None:
    assert parse_button_id(text) is None or text.startswith("H2O~")


@pytest.mark.parametrize("phone_id", ["p1", "p2"])
def test_a_button_tells_whose_it_is(phone_id: str) -> None:
    assert find_phone(RAISED, button(RAISED, phone_id)) == phone_id


def test_a_button_of_an_older_step_tells_whose_it_was() -> None:
    assert find_phone(ESCALATED, button(RAISED, "p1")) == "p1"


@pytest.mark.parametrize("token", ["", TOKEN, "å", "\ud83d", make_token(RAISED, "p1", 1), make_token(RAISED, "b1", 0)])
def test_a_token_that_nobody_was_given_is_forged(token: str) -> None:
    assert find_phone(RAISED, replace(button(RAISED, "p1"), token=token)) is None


def test_a_token_of_another_alarm_is_forged() -> None:
    other = replace(RAISED, alarm_id="A2")
    assert find_phone(RAISED, button(other, "p1")) is None
    assert find_phone(replace(RAISED, secret="another"), button(RAISED, "p1")) is None


@settings(max_examples=100)
@given(token=st.text(max_size=TOKEN_LENGTH + 1), step=st.integers(0, 999_999))
def test_no_token_can_be_guessed(token: str, step: int) -> None:
    assert find_phone(RAISED, Button(alarm_id="A1", step=step, answer=Answer.TAKING, token=token)) is None


@pytest.mark.parametrize(
    ("alarm", "answer", "phone_id", "reason"),
    [
        (RAISED, Answer.TAKING, "p1", None),
        (RAISED, Answer.DECLINE, "p1", None),
        (RAISED, Answer.FALSE_ALARM, "p1", None),
        (RAISED, Answer.DONE, "p1", RefusalReason.NOT_TAKEN),
        (RAISED, Answer.NEED_HELP, "p1", RefusalReason.NOT_TAKEN),
        (TAKEN, Answer.TAKING, "p1", None),
        (TAKEN, Answer.DONE, "p1", None),
        (TAKEN, Answer.NEED_HELP, "p1", None),
        (TAKEN, Answer.FALSE_ALARM, "p1", None),
        (TAKEN, Answer.TAKING, "p2", RefusalReason.ALREADY_TAKEN),
        (TAKEN, Answer.FALSE_ALARM, "p2", RefusalReason.ALREADY_TAKEN),
        (TAKEN, Answer.DONE, "p2", RefusalReason.ALREADY_TAKEN),
        (RAISED, Answer.HELP_GIVEN, "p1", RefusalReason.NOT_TAKEN),
        (TAKEN, Answer.HELP_GIVEN, "p1", None),
        (DONE, Answer.NO_HELP_NEEDED, "p1", None),
        (DONE, Answer.FALSE_ALARM, "p1", None),
        (DONE, Answer.NEED_HELP, "p1", None),
        (DONE, Answer.TAKING, "p2", RefusalReason.CLOSED),
        (CLOSED, Answer.TAKING, "p1", RefusalReason.CLOSED),
        (CLOSED, Answer.DONE, "p2", RefusalReason.CLOSED),
    ],
)
def test_what_is_refused(alarm: Alarm, answer: Answer, phone_id: str, reason: RefusalReason | None) -> None:
    assert find_refusal(alarm, button(alarm, phone_id, answer), phone_id) is reason


def test_a_button_from_before_the_last_call_is_outdated() -> None:
    assert find_refusal(ESCALATED, button(RAISED, "p1"), "p1") is RefusalReason.OUTDATED


def test_a_button_is_valid_while_others_are_called() -> None:
    later = after(ESCALATED, advance(ESCALATED, minutes(10), ROTA))
    assert later.step == 2
    assert find_refusal(later, button(ESCALATED, "p1"), "p1") is None


@pytest.mark.parametrize("by", [DESK, P2])
def test_taken_by_somebody_else(by: object) -> None:
    alarm = replace(TAKEN, acknowledged_by=by)  # type: ignore[arg-type]
    assert find_refusal(alarm, button(alarm, "p1"), "p1") is RefusalReason.ALREADY_TAKEN
