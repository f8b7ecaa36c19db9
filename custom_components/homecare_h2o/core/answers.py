"""The buttons on a phone: each carries the alarm, the step and a token that only this phone was given.

A button's id comes back as any text that a caller cares to write, so nothing in it is believed unchecked.
"""

from dataclasses import dataclass
from enum import StrEnum
import hashlib
import hmac

from .alarm import Alarm, AlarmState
from .events import RefusalReason

PREFIX = "H2O"
TOKEN_LENGTH = 16


class Answer(StrEnum):
    """What a button says."""

    TAKING = "taking"
    DECLINE = "decline"
    FALSE_ALARM = "false_alarm"
    DONE = "done"
    NEED_HELP = "need_help"
    HELP_GIVEN = "help_given"
    NO_HELP_NEEDED = "no_help_needed"


CALL_ANSWERS = (Answer.TAKING, Answer.DECLINE, Answer.FALSE_ALARM)
TAKER_ANSWERS = (Answer.DONE, Answer.NEED_HELP)
OUTCOME_ANSWERS = (Answer.HELP_GIVEN, Answer.NO_HELP_NEEDED, Answer.FALSE_ALARM)


@dataclass(frozen=True, kw_only=True, slots=True)
class Button:
    """The parts of a button's id."""

    alarm_id: str
    step: int
    answer: Answer
    token: str


def make_button_id(alarm: Alarm, phone_id: str, answer: Answer) -> str:
    """Return the id of a button for a phone in its newest step."""
    step = alarm.step_of(phone_id) or 0
    return "~".join((PREFIX, alarm.alarm_id, str(step), answer, make_token(alarm, phone_id, step)))


def make_token(alarm: Alarm, phone_id: str, step: int) -> str:
    """Return the token that binds a phone's answer to an alarm and a step."""
    text = f"{alarm.alarm_id}|{step}|{phone_id}"
    return hmac.new(alarm.secret.encode(), text.encode(), hashlib.sha256).hexdigest()[:TOKEN_LENGTH]


def parse_button_id(text: str) -> Button | None:
    """Return the parts of a button's id, None if it is not one of ours."""
    parts = text.split("~")
    if len(parts) != 5 or parts[0] != PREFIX or not parts[2].isascii() or not parts[2].isdecimal():
        return None
    if len(parts[2]) > 6 or parts[3] not in list(Answer):
        return None
    return Button(alarm_id=parts[1], step=int(parts[2]), answer=Answer(parts[3]), token=parts[4])


def find_phone(alarm: Alarm, button: Button) -> str | None:
    """Return the phone that was given this button, None if it is forged."""
    for phone_id, _ in alarm.calls:
        if hmac.compare_digest(
            make_token(alarm, phone_id, button.step).encode(), button.token.encode(errors="replace")
        ):
            return phone_id
    return None


def find_refusal(alarm: Alarm, button: Button, phone_id: str) -> RefusalReason | None:
    """Return why this phone's answer is refused, None if it is valid.

    A button of an older step is refused: a phone that was out of reach may deliver a press long after
    somebody gave up on it, and a stale "taking" would silence an alarm that nobody is going to.
    """
    if not alarm.is_open:
        return RefusalReason.CLOSED
    if button.step != alarm.step_of(phone_id):
        return RefusalReason.OUTDATED
    if alarm.is_taken and not alarm.is_taken_by(phone_id):
        return RefusalReason.CLOSED if alarm.state is AlarmState.DONE else RefusalReason.ALREADY_TAKEN
    if not alarm.is_taken and button.answer not in CALL_ANSWERS:
        return RefusalReason.NOT_TAKEN
    return None
