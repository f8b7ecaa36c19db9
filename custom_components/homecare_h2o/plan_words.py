"""What is in the handlingsplan, in its own words and not in those of the configuration (R011.3, HP.2)."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
import json
from typing import Any, Self

from homeassistant.components.automation.helpers import async_get_blueprints
from homeassistant.components.blueprint import Blueprint
from homeassistant.const import CONF_DEFAULT, CONF_NAME, CONF_SELECTOR
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from .const import DOMAIN
from .core.handlingsplan import BLUEPRINT, ID, INPUTS, PATH, LineChange, diff_values
from .core.plan_events import PlanChange, PlannedLine
from .hub import Hub
from .mask import make_mask
from .plan_values import Says, Selector, cut, is_plain
from .wording import Wording

BRUKARE = "brukare"
"""The input that says whose line it is: the head of the plan says it already."""
NAME = "alias"
OURS = f"{DOMAIN}/"
"""The folder of the blueprints whose names are "Svenska (English)"."""

type Config = Mapping[str, Any]
type Inputs = Mapping[str, Mapping[str, Any]]
"""What a blueprint asks for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """A value in words; ``is_default``: nobody has chosen it, the blueprint says so."""

    key: str
    name: str
    value: str
    is_default: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class SaidChange:
    """A change of a value in words; what was not given before, or is not any more, is what the blueprint says."""

    key: str
    name: str
    old: str
    new: str


class PlanWords:
    """Says what a line's values are called and what they are; never who the brukare is, or where (R010.7)."""

    def __init__(self, hass: HomeAssistant, hub: Hub, blueprints: Mapping[str, Blueprint], wording: Wording) -> None:
        """Take the blueprints that lines are made of, by their paths."""
        self._wording = wording
        self._blueprints = blueprints
        self._is_swedish = wording.language.startswith("sv")
        self._says = Says(hass, wording)
        self.mask = make_mask(hub.entry)

    @classmethod
    async def async_load(
        cls, hass: HomeAssistant, hub: Hub, lines: Iterable[PlannedLine | None], wording: Wording | None = None
    ) -> Self:
        """Load the blueprints of some lines; one that is gone or broken leaves its lines without its names.

        ``wording``: the texts of whoever reads it, by default the hub's.
        """
        found: dict[str, Blueprint] = {}
        for path in sorted({_path_in(config_of(line)) for line in lines if line} - {""}):
            with suppress(HomeAssistantError):
                found[path] = await async_get_blueprints(hass).async_get_blueprint(path)
        return cls(hass, hub, found, wording or hub.wording)

    def values(self, line: PlannedLine) -> list[Said]:
        """Return the values of a line in the order of its blueprint, those that nobody has chosen included."""
        config = config_of(line)
        if BLUEPRINT not in config:
            return [self._said(config, key, value) for key, value in config.items() if key not in (ID, NAME)]
        given = _given_in(config)
        keys = dict.fromkeys((*self._inputs(config), *given))
        return [self._said(config, key, given.get(key)) for key in keys if key != BRUKARE]

    def changes(self, change: LineChange) -> list[SaidChange]:
        """Return what was changed in a line; nothing if it was made, deleted, or only turned on or off."""
        before, after = change.before, change.after
        if before is None or after is None:
            return []
        old, new = config_of(before), config_of(after)
        found = [
            self._changed(old, new, each.key, each.old, each.new) for each in diff_values(before.config, after.config)
        ]
        if before.name != after.name and NAME not in {each.key for each in found}:
            found.append(self._changed({}, {}, NAME, before.name, after.name))
        return found

    def summarize(self, change: LineChange) -> str:
        """Return a change in one line, such as "Passivitet – sovrum: Inaktiv i 5 h → 4 h"."""
        line = change.after or change.before
        return f"{self.mask(line.name) if line else change.rule}: {self.what(change)}"

    def what(self, change: LineChange) -> str:
        """Return what was done to a line."""
        said = [self._short(each) for each in self.changes(change)] if change.change is PlanChange.CHANGED else []
        what = "; ".join(said) or self._wording.plan_change(change.change)
        return f"{what} ({self._wording.plan('restored')})" if change.restored_from else what

    def inputs(self, line: PlannedLine) -> dict[str, tuple[Selector, Any]]:
        """Return the inputs of a line and how they are chosen; what nobody has chosen is what the blueprint says."""
        config = config_of(line)
        given = _given_in(config)
        return {
            key: (found.get(CONF_SELECTOR) or {}, given.get(key, found.get(CONF_DEFAULT)))
            for key, found in self._inputs(config).items()
        }

    def names(self, selector: Selector, value: Any) -> Sequence[str]:
        """Return the names of what a value points at, none if it points at nothing."""
        return [self.mask(name) for name in self._says.names(selector, value)]

    def _changed(self, before: Config, after: Config, key: str, old: Any, new: Any) -> SaidChange:
        """Return a change of a value in words."""
        was, said = self._said(before, key, old), self._said(after, key, new)
        return SaidChange(
            key=key, name=said.name if key in self._inputs(after) else was.name, old=was.value, new=said.value
        )

    def _short(self, change: SaidChange) -> str:
        """Return a change of a value in a few words."""
        if change.old == change.new or not (is_plain(change.old) and is_plain(change.new)):
            return f"{change.name} {self._wording.plan('changed')}"
        return f"{change.name} {cut(change.old)} → {cut(change.new)}"

    def _said(self, config: Config, key: str, value: Any) -> Said:
        """Return a value of a line in words; what is not given is what the blueprint says."""
        inputs = self._inputs(config)
        if key not in inputs:
            # A part of an automation; or an input of a blueprint that is gone, or that asks for it no more.
            name = self._wording.plan_part(key) if key.isidentifier() and key not in _given_in(config) else key
            shown = self._blueprint(value) if key == BLUEPRINT else self._says.value({}, value)
            return Said(key=key, name=name, value=self.mask(shown))
        found = inputs[key]
        default = found.get(CONF_DEFAULT)
        is_default = value is None and default not in (None, "", [], {})
        text = self._says.value(
            found.get(CONF_SELECTOR) or {}, default if is_default else value, lambda name: self._pick(config, name)
        )
        shown = f"{self.mask(text)} ({self._wording.plan('default')})" if is_default else self.mask(text)
        name = self._pick(config, str(found.get(CONF_NAME) or key))
        return Said(key=key, name=name, value=shown, is_default=is_default)

    def _inputs(self, config: Config) -> Inputs:
        """Return what the blueprint of a line asks for; nothing if the line was made by hand."""
        blueprint = self._blueprints.get(_path_in(config))
        return {key: found or {} for key, found in blueprint.inputs.items()} if blueprint else {}

    def _blueprint(self, path: Any) -> str:
        """Return the name of a blueprint; its path if it is gone."""
        blueprint = self._blueprints.get(str(path))
        return self._pick({BLUEPRINT: {PATH: path}}, blueprint.name) if blueprint else self._says.value({}, path)

    def _pick(self, config: Config, name: str) -> str:
        """Return the half of a name that is in the language of the texts."""
        swedish, bracket, english = name.partition(" (")
        if not bracket or not english.endswith(")") or not _path_in(config).startswith(OURS):
            return name
        return swedish if self._is_swedish else english[:1].upper() + english[1:-1]


async def async_summarize_change(hass: HomeAssistant, hub: Hub, change: LineChange) -> str:
    """Return a change in one line, in the hub's language and without a name or an address."""
    words = await PlanWords.async_load(hass, hub, (change.before, change.after))
    return words.summarize(change)


def config_of(line: PlannedLine) -> Config:
    """Return the automation of a line; nothing if it says nothing."""
    found = json.loads(line.config) if line.config else {}
    return found if isinstance(found, dict) else {}


def path_of(line: PlannedLine) -> str:
    """Return the path of a line's blueprint, nothing if it was made by hand."""
    return _path_in(config_of(line))


def given_of(line: PlannedLine) -> Mapping[str, Any]:
    """Return the inputs of a line that somebody has chosen."""
    return _given_in(config_of(line))


def _path_in(config: Config) -> str:
    """Return the path of a line's blueprint, nothing if it was made by hand."""
    used = config.get(BLUEPRINT)
    return str(used.get(PATH) or "") if isinstance(used, Mapping) else ""


def _given_in(config: Config) -> Mapping[str, Any]:
    """Return the inputs that somebody has chosen."""
    used = config.get(BLUEPRINT)
    given = used.get(INPUTS) if isinstance(used, Mapping) else None
    return given if isinstance(given, Mapping) else {}
