"""Answers in plain text, from phones without buttons: "1" = taking it, "2 417" = no time for number 417 (R012.1).

Staff write on small keys and in a hurry: case, accents, signs and spaces do not matter. What is not understood
does nothing, and its sender is told.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, count
import re
import unicodedata
import zlib

from .alarm import Alarm
from .answers import Answer
from .events import RefusalReason

LONGEST_REPLY = 160
"""Characters of an SMS; nobody writes a longer answer."""

FIRST_NUMBER, NUMBERS = 100, 900
"""Numbers have three digits: none of them can be mistaken for the answers 1 and 2."""

WORDS: dict[Answer, frozenset[str]] = {
    Answer.TAKING: frozenset({"1", "ja", "atgardar", "jag atgardar", "tar", "jag tar", "yes", "take", "taking"}),
    Answer.DECLINE: frozenset({"2", "nej", "hinner ej", "hinner inte", "no", "decline", "no time"}),
    Answer.DONE: frozenset({"klar", "klart", "done"}),
    Answer.NEED_HELP: frozenset({"behover hjalp", "need help"}),
    Answer.HELP_GIVEN: frozenset({"hjalp given", "help given"}),
    Answer.NO_HELP_NEEDED: frozenset({"ingen hjalp", "ingen hjalp behovdes", "no help", "no help needed"}),
    Answer.FALSE_ALARM: frozenset(
        {"fel", "falskt", "felaktigt", "falskt larm", "felaktigt larm", "false", "false alarm"}
    ),
}
_ANSWERS = {word: answer for answer, words in WORDS.items() for word in words}


class ReplyOutcome(StrEnum):
    """What became of a reply."""

    TAKEN = "taken"
    DECLINED = "declined"
    DONE = "done"
    NEED_HELP = "need_help"
    HELP_GIVEN = "help_given"
    NO_HELP_NEEDED = "no_help_needed"
    FALSE_ALARM = "false_alarm"
    ALREADY_TAKEN = "already_taken"
    NOT_TAKEN = "not_taken"
    CLOSED = "closed"
    AMBIGUOUS = "ambiguous"
    NOT_UNDERSTOOD = "not_understood"
    NO_ALARM = "no_alarm"
    UNKNOWN_NUMBER = "unknown_number"
    UNKNOWN_SENDER = "unknown_sender"
    NOT_ALLOWED = "not_allowed"


ACCEPTED: dict[Answer, ReplyOutcome] = {
    Answer.TAKING: ReplyOutcome.TAKEN,
    Answer.DECLINE: ReplyOutcome.DECLINED,
    Answer.DONE: ReplyOutcome.DONE,
    Answer.NEED_HELP: ReplyOutcome.NEED_HELP,
    Answer.HELP_GIVEN: ReplyOutcome.HELP_GIVEN,
    Answer.NO_HELP_NEEDED: ReplyOutcome.NO_HELP_NEEDED,
    Answer.FALSE_ALARM: ReplyOutcome.FALSE_ALARM,
}
REFUSED: dict[RefusalReason, ReplyOutcome] = {
    RefusalReason.ALREADY_TAKEN: ReplyOutcome.ALREADY_TAKEN,
    RefusalReason.NOT_TAKEN: ReplyOutcome.NOT_TAKEN,
    RefusalReason.CLOSED: ReplyOutcome.CLOSED,
}
"""Any other reason means that the alarm was never this phone's to answer."""
OF_THE_TAKER = (Answer.DONE, Answer.NEED_HELP, Answer.HELP_GIVEN, Answer.NO_HELP_NEEDED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What a text says: an answer, and perhaps which alarm it is about."""

    answer: Answer
    number: int | None = None


def parse_reply(text: str) -> Reply | None:
    """Return what a text says, None if that is not certain."""
    if len(text) > LONGEST_REPLY:
        return None
    *words, last = _plain(text).split() or [""]
    if not words or not re.fullmatch(r"[0-9]{1,6}", last):
        answer = _ANSWERS.get(" ".join((*words, last)))
        return Reply(answer=answer) if answer else None
    answer = _ANSWERS.get(" ".join(words))
    return Reply(answer=answer, number=int(last)) if answer else None


def _plain(text: str) -> str:
    """Return a text without case, accents and signs."""
    bare = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return re.sub(r"[^\w\s]|_", " ", bare.casefold())


def calc_number(alarm_id: str, taken: Collection[int | None]) -> int:
    """Return an alarm's short number, one that no other open alarm has.

    It comes of the id and not of a counter, so that a late answer to a closed alarm hardly ever names another one.
    """
    first = zlib.crc32(alarm_id.encode())
    short = (FIRST_NUMBER + (first + step) % NUMBERS for step in range(NUMBERS))
    return next(number for number in chain(short, count(FIRST_NUMBER + NUMBERS)) if number not in taken)


def find_meant(alarms: Collection[Alarm], phone_id: str, reply: Reply) -> list[Alarm]:
    """Return the open alarms that a reply may mean; only those that its phone was called for are its own.

    Who is done or needs help means an alarm that he has taken. Nothing is guessed from the rest: an alarm that a
    colleague took a moment ago may be what "1" was about.
    """
    mine = [alarm for alarm in alarms if alarm.step_of(phone_id) is not None]
    if reply.number is not None:
        return [alarm for alarm in mine if alarm.number == reply.number]
    if reply.answer in OF_THE_TAKER:
        return [alarm for alarm in mine if alarm.is_taken_by(phone_id)] or mine
    return [alarm for alarm in mine if not alarm.is_over_for(phone_id)] or mine
