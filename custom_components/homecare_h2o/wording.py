"""What is written on a phone: in the hub's language, and never a word about who or where (R010.7)."""

from collections.abc import Iterable, Mapping
from typing import Self

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .core.alarm import Alarm
from .core.answers import Answer
from .core.messages import MessageKind


def _clock(alarm: Alarm) -> str:
    """Return when it happened, with the date if it was raised on another day."""
    due_at, raised_at = dt_util.as_local(alarm.due_at), dt_util.as_local(alarm.raised_at)
    return f"{due_at:%H:%M}" if due_at.date() == raised_at.date() else f"{due_at:%Y-%m-%d %H:%M}"


class Wording:
    """The texts of a language."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        """Take the texts of a language."""
        self._texts = texts

    @classmethod
    async def async_load(cls, hass: HomeAssistant) -> Self:
        """Load the texts of the hub's language."""
        return cls(await async_get_translations(hass, hass.config.language, "selector", {DOMAIN}))

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
        return "\n".join(parts)

    def not_watched(self, alarm_types: Iterable[str], faults: Iterable[str], *, partly: bool) -> str:
        """Return that some larmtyper are not watched, or only in part, and why."""
        return self._text(
            "phone_text",
            "partly_watched" if partly else "not_watched",
            what=", ".join(map(self.alarm_type, alarm_types)),
            why=", ".join(map(self.fault, faults)),
        )

    def fault(self, fault: str) -> str:
        """Return what is wrong with a sensor or a rule."""
        return self._text("fault", fault)

    def taker(self, name: str | None) -> str:
        """Return what to call whoever took an alarm: a phone's name, or the hub when it was taken there."""
        return name or self._text("phone_text", "taken_on_hub")

    def visit(self, kind: str) -> str:
        """Return what became of a visit in words."""
        return self._text("visit", kind)

    def step(self, kind: str, phone: str | None) -> str:
        """Return a step of an alarm's life in words."""
        text = self._text("step", kind)
        return f"{text} ({phone})" if phone else text
