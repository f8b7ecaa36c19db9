"""Events as JSON, with the version they were written in."""

from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
import json
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from . import access_events, arming_events, erasing_events, events, hub_events, plan_events
from .errors import BadSettingError, CodecError
from .events import Event

VERSION = 1
"""Raise it when an event's fields change meaning, and teach ``decode`` the older ones."""

KINDS: dict[str, type[Event]] = {
    cls.kind: cls
    for module in (events, plan_events, arming_events, hub_events, access_events, erasing_events)
    for cls in vars(module).values()
    if isinstance(cls, type) and issubclass(cls, Event) and cls.kind
}


def encode(event: Event) -> str:
    """Return an event's fields as JSON text, the same text for the same event."""
    return json.dumps(to_plain(event), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def decode(kind: str, version: int, text: str) -> Event:
    """Return the event that was written; raises CodecError if this version cannot read it."""
    if version != VERSION or kind not in KINDS:
        raise CodecError(f"{kind} version {version}")
    try:
        return from_plain(KINDS[kind], json.loads(text))
    except (ArithmeticError, KeyError, RecursionError, TypeError, ValueError, BadSettingError) as err:
        raise CodecError(f"{kind}: {err}") from err


def to_plain(value: Any) -> Any:
    """Return a value as JSON knows it."""
    if is_dataclass(value):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    return value


def from_plain[T](kind: type[T], value: Any) -> T:
    """Return a record from what JSON knows; raises TypeError, ValueError or KeyError if it is of another shape."""
    record: Any = kind
    result: T = _rich(record)(value)
    return result


def recall[T](kind: type[T], value: Any) -> T | None:
    """Return a remembered record, None if there is none or another version wrote it in another shape."""
    try:
        return from_plain(kind, value) if value else None
    except KeyError, TypeError, ValueError:
        return None


@cache
def _rich(kind: Any) -> Callable[[Any], Any]:  # noqa: PLR0911 - a table of types
    """Return what makes a value of a type from JSON."""
    if get_origin(kind) in (Union, UnionType):
        inner = _rich(next(arm for arm in get_args(kind) if arm is not NoneType))
        return lambda value: None if value is None else inner(value)
    if get_origin(kind) is tuple:
        inner = _rich(get_args(kind)[0])
        return lambda value: tuple(inner(item) for item in _exactly(list, value))
    if is_dataclass(kind):
        return _record(kind)
    if kind is datetime:
        return _instant
    if kind is timedelta:
        return lambda value: timedelta(seconds=_exactly(float, value))
    if issubclass(kind, StrEnum):
        return _enum(kind)
    return lambda value: _exactly(kind, value)


def _instant(value: Any) -> datetime:
    """Return an instant of its text; raises ValueError for one that could be any."""
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError(f"{value} is in no time zone")
    return at


def _enum(kind: type[StrEnum]) -> Callable[[Any], Any]:
    """Return what makes a member of an enumeration of its text."""
    return kind


def _record(kind: Any) -> Callable[[Any], Any]:
    """Return what makes a record of a JSON object."""
    hints = get_type_hints(kind)
    makers = {field.name: _rich(hints[field.name]) for field in fields(kind)}
    optional = {field.name for field in fields(kind) if field.default is not MISSING}

    def make_record(value: Any) -> Any:
        found = _exactly(dict, value)
        return kind(
            **{name: make(found[name]) for name, make in makers.items() if name in found or name not in optional}
        )

    return make_record


def _exactly(kind: type, value: Any) -> Any:
    """Return a plain value; raises TypeError if it is of another type."""
    if type(value) is not kind:
        raise TypeError(f"{value!r} is not {kind.__name__}")
    return value
