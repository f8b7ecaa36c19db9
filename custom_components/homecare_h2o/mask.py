"""Nothing that leaves the hub names a person or an address, whatever somebody has written (R010.7)."""

from collections.abc import Callable, Mapping
import re
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.util import slugify

from .const import CONF_ADDRESS, CONF_CODE, CONF_NAME
from .settings import brukare_of

SHORTEST_NAME = 3
"""Letters of a name or an address that are not let out; shorter words tell nobody."""


def make_mask(entry: ConfigEntry[Any]) -> Callable[[str], str]:
    """Return what puts the code in the place of every word of a brukare's name and address."""
    hidden = _hidden(entry)
    pattern = _pattern(hidden)
    if pattern is None:
        return str
    return lambda text: pattern.sub(lambda found: hidden[found[1].casefold()], text)


def make_hiding(data: Mapping[str, Any]) -> Callable[[str], str]:
    """Return what takes every word of one brukare's name, address and code out of a text."""
    pattern = _pattern(dict.fromkeys(_words_of(data) | {data[CONF_CODE].casefold()}, ""))
    return lambda text: pattern.sub("…", text) if pattern else text


def _hidden(entry: ConfigEntry[Any]) -> dict[str, str]:
    """Return everything that tells who and where, with the code that stands for it."""
    found: dict[str, str] = {}
    for subentry in brukare_of(entry):
        for word in _words_of(subentry.data):
            found.setdefault(word, subentry.data[CONF_CODE])
    return found


def _words_of(data: Mapping[str, Any]) -> set[str]:
    """Return everything that tells who and where a brukare is."""
    name, address = data.get(CONF_NAME, ""), data.get(CONF_ADDRESS, "")
    words = [name, address, *name.split(), *re.split(r"[,\n]", address)]
    told = {word.strip(" .").casefold() for word in words if len(word.strip(" .")) >= SHORTEST_NAME}
    return told | {slugify(word) for word in told}


def _pattern(hidden: Mapping[str, str]) -> re.Pattern[str] | None:
    """Return what finds the hidden words, also in an entity id; None if there are none."""
    longest_first = sorted(hidden, key=len, reverse=True)
    words = "|".join(re.escape(word) for word in longest_first)
    return re.compile(rf"(?<![^\W_])({words})s?(?![^\W_])", re.IGNORECASE) if words else None
