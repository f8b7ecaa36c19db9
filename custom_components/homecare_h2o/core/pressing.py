"""What a press of a button on a phone leads to."""

from datetime import datetime

from .alarm import Alarm
from .answers import Answer
from .calling import Rota
from .commands import acknowledge, decline, report_done, report_false_alarm, resolve_alarm
from .events import Actor, AlarmEvent, Outcome


def press(alarm: Alarm, answer: Answer, by: Actor, now: datetime, rota: Rota) -> list[AlarmEvent]:
    """Return what an answer from a phone leads to."""
    match answer:
        case Answer.TAKING:
            return acknowledge(alarm, by, now)
        case Answer.DECLINE | Answer.NEED_HELP:
            return decline(alarm, by, now, rota)
        case Answer.FALSE_ALARM:
            return report_false_alarm(alarm, by, now)
        case Answer.DONE:
            return report_done(alarm, by, now)
        case Answer.HELP_GIVEN | Answer.NO_HELP_NEEDED:  # pragma: no branch - mypy knows that no answer is left
            return resolve_alarm(alarm, by, Outcome(answer.value), None, now, report=False)
