"""A value of an automation as people read it: by the selector that it was chosen with (HP.2)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import time, timedelta
import json
from typing import Any

from homeassistant.const import CONF_ACTION, CONF_ALIAS, CONF_CONDITION, CONF_PLATFORM, CONF_TARGET, CONF_TRIGGER
from homeassistant.core import HomeAssistant, valid_entity_id
from homeassistant.helpers import (
    area_registry as ar,
    config_validation as cv,
    device_registry as dr,
    entity_registry as er,
    floor_registry as fr,
    label_registry as lr,
)
from homeassistant.helpers.redact import async_redact_data
import probatio as vol

from .wording import Wording

SECRETS = frozenset({"code", "disarm_code", "password", "pin", "token"})
"""What is never shown of a part that was made by hand."""
LONGEST = 80
"""Letters of a value in one line."""
LONGEST_PART = 400
"""Letters of a part that is shown as it is written."""
POINTS_AT = ("entity_id", "device_id", "area_id", "floor_id", "label_id")
NOTHING = "–"
KINDS = (CONF_ACTION, CONF_CONDITION, CONF_PLATFORM, CONF_TRIGGER)
"""What names a kind of step, and may look like an entity."""

type Pick = Callable[[str], str]
"""What chooses the half of a name that is in the hub's language."""
type Selector = Mapping[str, Any]


class Says:
    """Says values in the hub's language."""

    def __init__(self, hass: HomeAssistant, wording: Wording) -> None:
        """Know where the names are."""
        self._hass = hass
        self._wording = wording

    def value(self, selector: Selector, value: Any, pick: Pick = str) -> str:
        """Return a value in words; as it is written where it is not what its selector gives."""
        if value is None or value in ("", [], {}):
            return NOTHING
        # A blueprint's inputs are not held to their selectors.
        with suppress(AttributeError, LookupError, TypeError, ValueError, vol.Invalid):
            return self._value(selector, value, pick)
        return self._as_written(value)

    def names(self, selector: Selector, value: Any) -> Sequence[str]:
        """Return the names of the sensors and other things that a value points at."""
        kind, settings = _kind(selector)
        if kind == "object":
            fields = settings.get("fields") or {}
            found = [
                self.names(field["selector"], item[key])
                for item in _items(value)
                for key, field in fields.items()
                if isinstance(item, Mapping) and key in item
            ]
            return [name for names in found for name in names]
        with suppress(AttributeError, LookupError, TypeError, ValueError):
            return list(self._pointed(kind, value))
        return []

    def _value(self, selector: Selector, value: Any, pick: Pick) -> str:
        """Return a value in words; raises something for one that its selector does not give."""
        kind, settings = _kind(selector)
        say: Mapping[str, Callable[[], str]] = {
            "action": lambda: "; ".join(map(self._step, _items(value))),
            "boolean": lambda: self._wording.plan("yes" if cv.boolean(value) else "no"),
            "duration": lambda: say_duration(cv.time_period(value)),
            "number": lambda: _number(settings, value),
            "object": lambda: "; ".join(self._fields(settings["fields"], each, pick) for each in _items(value)),
            "select": lambda: ", ".join(_label(settings, each, pick) for each in _items(value)),
            "text": lambda: self._text(settings, value),
            "time": lambda: say_time(value),
        }
        return say[kind]() if kind in say else ", ".join(self._pointed(kind, value)) or self._as_written(value)

    def _text(self, settings: Mapping[str, Any], value: Any) -> str:
        """Return one or several texts; a secret is never shown."""
        return (
            self._wording.plan("secret") if settings.get("type") == "password" else ", ".join(map(str, _items(value)))
        )

    def _fields(self, fields: Mapping[str, Any], item: Mapping[str, Any], pick: Pick) -> str:
        """Return what is chosen together, such as a step of a sequence."""
        return ", ".join(
            f"{pick(str(field.get('label') or key))}: {self.value(field.get('selector') or {}, item[key], pick)}"
            for key, field in fields.items()
            if key in item
        )

    def _step(self, step: Mapping[str, Any]) -> str:
        """Return a step of a script: what it is called, or what it does and to what."""
        if alias := step.get(CONF_ALIAS):
            return str(alias)
        target = ", ".join(self._pointed("target", step.get(CONF_TARGET) or {}))
        action = step.get(CONF_ACTION)
        return f"{action} ({target})" if action and target else str(action or self._as_written(step))

    def _pointed(self, kind: str, value: Any) -> Iterator[str]:
        """Yield the names of what a value points at."""
        match kind:
            case "entity" | "device" | "area" | "floor" | "label":
                yield from (self._name(kind, str(each)) for each in _items(value))
            case "target":
                for key in POINTS_AT:
                    yield from self._pointed(key.removesuffix("_id"), value.get(key) or [])
            case _:
                return

    def _name(self, kind: str, its_id: str) -> str:
        """Return what something is called; its id, and that it is missing, if it is gone."""
        found = self._find_name(kind, its_id)
        return found or f"{its_id} ({self._wording.plan('missing')})"

    def _find_name(self, kind: str, its_id: str) -> str | None:
        """Return what something is called, None if it is gone."""
        hass = self._hass
        match kind:
            case "entity":
                if state := hass.states.get(its_id):
                    return state.name
                entity = er.async_get(hass).async_get(its_id)
                return (entity.name or entity.original_name or its_id) if entity else None
            case "device":
                device = dr.async_get(hass).async_get(its_id)
                return (device.name_by_user or device.name) if device else None
            case "area":
                area = ar.async_get(hass).async_get_area(its_id)
                return area.name if area else None
            case "floor":
                floor = fr.async_get(hass).async_get_floor(its_id)
                return floor.name if floor else None
            case _:
                label = lr.async_get(hass).async_get_label(its_id)
                return label.name if label else None

    def _as_written(self, value: Any) -> str:
        """Return a value that no selector tells of; what points at something is named all the same."""
        if isinstance(value, bool):
            return self._wording.plan("yes" if value else "no")
        if isinstance(value, str | int | float):
            return str(value)
        shown = json.dumps(async_redact_data(value, SECRETS), ensure_ascii=False, default=str)
        return cut(shown, LONGEST_PART)


def _kind(selector: Selector) -> tuple[str, Mapping[str, Any]]:
    """Return the kind of a selector and its settings."""
    kind, settings = next(iter(selector.items()), ("", None))
    return kind, settings or {}


def _items(value: Any) -> list[Any]:
    """Return one or several values as several."""
    return list(value) if isinstance(value, list | tuple) else [value]


def _label(settings: Mapping[str, Any], value: Any, pick: Pick) -> str:
    """Return what a choice is called."""
    labels = {each["value"]: each["label"] for each in settings["options"] if isinstance(each, Mapping)}
    return pick(str(labels.get(value, value)))


def _number(settings: Mapping[str, Any], value: Any) -> str:
    """Return a number with its unit."""
    return " ".join(filter(None, (f"{float(value):g}", settings.get("unit_of_measurement"))))


def say_duration(span: timedelta) -> str:
    """Return a span of time as people read it, such as "1 h 30 min"."""
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 min"


def say_time(value: str) -> str:
    """Return a time of day without the seconds that it has not."""
    at = time.fromisoformat(value)
    return f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"


def find_entities(config: Any) -> Iterator[str]:
    """Yield the entities that a configuration names, wherever in it."""
    if isinstance(config, Mapping):
        for key, value in config.items():
            if key not in KINDS:
                yield from find_entities(value)
    elif isinstance(config, list | tuple):
        for value in config:
            yield from find_entities(value)
    elif isinstance(config, str) and valid_entity_id(config):
        yield config


def cut(text: str, length: int = LONGEST) -> str:
    """Return a text in one line that is no longer than this."""
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[: length - 1]}…"


def is_plain(text: str) -> bool:
    """Return whether a value can be shown in a line; not what only a machine reads."""
    return not text.startswith(("{", "["))
