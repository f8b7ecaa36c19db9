"""What is written on a phone: in the hub's language, and never a word about who or where (R010.7)."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Self

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .core.alarm import Alarm
from .core.answers import Answer
from .core.escalation import AlarmType
from .core.events import HandoverReason
from .core.messages import MessageKind


def _clock(alarm: Alarm) -> str:
    """Return when it happened, with the date if it was raised on another day."""
    due_at, raised_at = dt_util.as_local(alarm.due_at), dt_util.as_local(alarm.raised_at)
    return f"{due_at:%H:%M}" if due_at.date() == raised_at.date() else f"{due_at:%Y-%m-%d %H:%M}"


def _minute(at: datetime) -> str:
    """Return a minute with its date."""
    return f"{dt_util.as_local(at):%Y-%m-%d %H:%M}"


class Wording:
    """The texts of a language."""

    def __init__(self, texts: Mapping[str, str], language: str = "en") -> None:
        """Take the texts of a language."""
        self._texts = texts
        self.language = language

    @classmethod
    async def async_load(cls, hass: HomeAssistant, language: str | None = None) -> Self:
        """Load the texts of a language, by default the hub's."""
        chosen = language or hass.config.language
        return cls(await async_get_translations(hass, chosen, "selector", {DOMAIN}), chosen)

    def _text(self, table: str, key: str, **values: str) -> str:
        """Return a text with its values filled in; its key where there is none, for an alarm must be told."""
        return self._texts.get(f"component.{DOMAIN}.selector.{table}.options.{key}", key).format(**values)

    def alarm_type(self, alarm_type: str) -> str:
        """Return the name of a larmtyp."""
        return self._text("alarm_type", alarm_type)

    def title(self, code: str, alarm: Alarm) -> str:
        """Return the title: the brukare's code and the larmtyp."""
        return f"{code} · {self.alarm_type(alarm.alarm_type)}"

    def button(self, answer: Answer) -> str:
        """Return a button's text."""
        return self._text("answer", answer)

    def ring(self) -> str:
        """Return the text of the button that rings the brukare."""
        return self._text("answer", "ring")

    def body(self, kind: MessageKind, alarm: Alarm, taker: str) -> str:
        """Return the text below the title."""
        values = {
            "what": alarm.message or self._text("larmtext", alarm.alarm_type),
            "time": _clock(alarm),
            "response": alarm.response or self._text("response", alarm.alarm_type),
            "taker": taker,
        }
        parts = [self._text("phone_text", kind, **values)]
        if kind is MessageKind.CALL and alarm.late:
            parts.append(self._text("phone_text", "late"))
        if kind is MessageKind.CALL and alarm.level:
            parts.append(self._text("phone_text", "escalated", level=str(alarm.level + 1)))
        if alarm.repetitions and kind in (MessageKind.CALL, MessageKind.YOURS):
            parts.append(self._text("phone_text", "repeated", times=str(alarm.repetitions + 1)))
        if kind is MessageKind.YOURS and alarm.is_reminded:
            parts.append(self._text("phone_text", "reminded"))
        if alarm.handed_over and kind in (MessageKind.CALL, MessageKind.TAKEN):
            parts += self._handed_over(kind, alarm.handed_over, alarm, values)
        return "\n".join(parts)

    def _handed_over(
        self, kind: MessageKind, reason: HandoverReason, alarm: Alarm, values: Mapping[str, str]
    ) -> list[str]:
        """Return what is known of an alarm that was handed over: who has or had it, and what it is about."""
        if kind is MessageKind.TAKEN:
            first = [self._text("phone_text", "known", **values)]
        else:
            first = [self._text("phone_text", "was_taken", **values)] if alarm.acknowledged_by else []
        return [*first, self._text("handed_over", reason)]

    def how_to_reply(self, kind: MessageKind, alarm: Alarm) -> list[str]:
        """Return how a phone without buttons answers, nothing where there is nothing to answer."""
        if alarm.number is None or kind not in (MessageKind.CALL, MessageKind.YOURS, MessageKind.OUTCOME):
            return []
        return [self._text("how_to_reply", kind, number=str(alarm.number))]

    def reply(self, outcome: str, values: Mapping[str, str]) -> str:
        """Return what to answer a text."""
        return self._text("reply", outcome, **values)

    def not_watched(self, alarm_types: Iterable[str], faults: Iterable[str], *, partly: bool) -> str:
        """Return that some larmtyper are not watched, or only in part, and why."""
        return self._text(
            "phone_text",
            "partly_watched" if partly else "not_watched",
            what=", ".join(map(self.alarm_type, alarm_types)),
            why=", ".join(map(self.fault, faults)),
        )

    def lines_deleted(self, alarm_types: Iterable[str]) -> str:
        """Return that lines of some larmtyper were deleted from the handlingsplan."""
        return self._text("phone_text", "lines_deleted", what=", ".join(map(self.alarm_type, alarm_types)))

    def fault(self, fault: str) -> str:
        """Return what is wrong with a sensor or a rule."""
        return self._text("fault", fault)

    def chain_test(self) -> tuple[str, str, str]:
        """Return title, text and button of a loud test of the alarm chain."""
        return self.alarm_type(AlarmType.TEST), self._text("phone_text", "chain_test"), self._text("answer", "seen")

    def phone_failed(self, name: str, error: str) -> str:
        """Return that a phone could not be reached when it was tested."""
        return self._text("phone_text", "phone_failed", name=name, error=self._text("push_error", error))

    def gap(self, what: str, from_at: datetime, to_at: datetime) -> str:
        """Return that nobody watched for a time."""
        return self._text("hub", what, start=_minute(from_at), end=_minute(to_at))

    def power(self, news: str, at: datetime) -> str:
        """Return that the mains are gone, are back, or that nobody knows."""
        return self._text("hub", f"power_{news}", time=_minute(at))

    def taker(self, name: str | None) -> str:
        """Return what to call whoever took an alarm: a phone's name, or the hub when it was taken there."""
        return name or self._text("phone_text", "taken_on_hub")

    def deviation(self, kind: str) -> str:
        """Return why something is in the larmansvarig's inbox."""
        return self._text("deviation", kind)

    def deviation_status(self, status: str) -> str:
        """Return how far the larmansvarig has come with it."""
        return self._text("deviation_status", status)

    def waiting(self, numbers: Iterable[tuple[str, int]], since_at: datetime) -> tuple[str, str]:
        """Return title and text of the reminder: how many deviations wait for each code, and since when."""
        codes = ", ".join(f"{code} ({number})" for code, number in numbers)
        since = f"{dt_util.as_local(since_at):%Y-%m-%d %H:%M}"
        return self._text("phone_text", "deviations"), self._text("phone_text", "waiting", codes=codes, since=since)

    def consent_service(self, service: str) -> str:
        """Return what somebody agrees to."""
        return self._text("consent_service", service)

    def consent_withdrawn(self, service: str) -> str:
        """Return that a consent was withdrawn, and what follows from that."""
        return self._text("consent", f"{service}_withdrawn")

    def consent_ends(self, service: str, last: date) -> str:
        """Return that a consent has ended, or is soon to end, after its last day."""
        return self._text("consent", "ends", service=self.consent_service(service), date=last.isoformat())

    def consent_state(self, state: str) -> str:
        """Return how it stands with a consent."""
        return self._text("consent", state)

    def consent(self, service: str, status: str, *, cohabitant: bool) -> str:
        """Return what was registered of whose consent."""
        whose = self._text("consent", "cohabitant") if cohabitant else None
        return ", ".join(filter(None, (self.consent_service(service), self._text("consent", status), whose)))

    def pause(self, key: str, **values: str) -> str:
        """Return a word about pauses."""
        return self._text("pause", key, **values)

    def interruption(self, codes: Iterable[str], until_at: datetime, *, is_over: bool) -> tuple[str, str]:
        """Return title and text for the groups on duty: manual routines apply, or no longer (R010.6)."""
        kind = "interruption_over" if is_over else "interruption"
        title = f"{', '.join(codes)} · {self.pause(f'{kind}_title')}"
        return title, self.pause(kind, until=_minute(until_at))

    def visit(self, kind: str) -> str:
        """Return what became of a visit in words."""
        return self._text("visit", kind)

    def receipt(self, progress: str) -> str:
        """Return how far a call to a phone is known to have come."""
        return self._text("receipt", progress)

    def outcome(self, outcome: str) -> str:
        """Return how an alarm ended."""
        return self._text("outcome", outcome)

    def role(self, role: str) -> str:
        """Return what a receiver group is for."""
        return self._text("role", role)

    def response(self, alarm_type: str) -> str:
        """Return what to do about an alarm of a larmtyp, as the larmplan says."""
        return self._text("response", alarm_type)

    def coverage(self, coverage: str) -> str:
        """Return how far something is watched."""
        return self._text("coverage", coverage)

    def receiver(self, receiver: str) -> str:
        """Return whom an escalation level names; the id of a group as it is."""
        return self._text("receiver", receiver)

    def plan(self, key: str, **values: str) -> str:
        """Return a word of the handlingsplan."""
        return self._text("plan", key, **values)

    def plan_part(self, key: str) -> str:
        """Return what a part of an automation that was made by hand is called."""
        return self._text("plan_part", key)

    def plan_change(self, change: str) -> str:
        """Return what became of a line of the handlingsplan."""
        return self._text("plan_change", change)

    def journal(self, key: str, **values: str) -> str:
        """Return a word of the exported journal."""
        return self._text("journal", key, **values)

    def step(self, kind: str, phone: str | None) -> str:
        """Return a step of an alarm's life in words."""
        text = self._text("step", kind)
        return f"{text} ({phone})" if phone else text
