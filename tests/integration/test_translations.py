"""The texts: complete, the same in both languages, and there for all that the code names."""

from collections.abc import Iterator
from datetime import date
import json
from pathlib import Path
import re
from string import Formatter
from typing import Any

import pytest

import custom_components.homecare_h2o as integration
from custom_components.homecare_h2o.bus import EVENT_TYPES
from custom_components.homecare_h2o.consent_flow import consent_schema
from custom_components.homecare_h2o.core import errors
from custom_components.homecare_h2o.core.alarm import AlarmState
from custom_components.homecare_h2o.core.answers import Answer
from custom_components.homecare_h2o.core.duty import Receiver, Role
from custom_components.homecare_h2o.core.errors import HomeCareError
from custom_components.homecare_h2o.core.escalation import AlarmType, Priority
from custom_components.homecare_h2o.core.events import Outcome
from custom_components.homecare_h2o.core.messages import MessageKind
from custom_components.homecare_h2o.escalation_flow import LEVELS
from custom_components.homecare_h2o.forms import brukare_schema, receiver_group_schema
from custom_components.homecare_h2o.services import ACTIONS

FOLDER = Path(integration.__file__).parent
LANGUAGES = ("en", "sv")
TEXTS: dict[str, dict[str, Any]] = {
    language: json.loads((FOLDER / "translations" / f"{language}.json").read_text()) for language in LANGUAGES
}
SOURCE = "\n".join(path.read_text() for path in FOLDER.rglob("*.py"))


def flat(texts: dict[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Return each text with its path."""
    for key, value in texts.items():
        if isinstance(value, dict):
            yield from flat(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


def placeholders(text: str) -> set[str]:
    """Return the names that a text fills in."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def missing(language: str, section: str, names: Any) -> list[str]:
    """Return the names without a text in a section."""
    texts = TEXTS[language]
    for key in section.split("."):
        texts = texts[key]
    return sorted(set(names) - texts.keys())


def all_errors(kind: type[HomeCareError] = HomeCareError) -> set[type[HomeCareError]]:
    """Return a class and all below it."""
    return {kind}.union(*map(all_errors, kind.__subclasses__()))


def test_both_languages_have_the_same_texts() -> None:
    english, swedish = (dict(flat(TEXTS[language])) for language in LANGUAGES)
    assert english.keys() ^ swedish.keys() == set()


def test_both_languages_fill_in_the_same() -> None:
    english, swedish = (dict(flat(TEXTS[language])) for language in LANGUAGES)
    assert [key for key in english if placeholders(english[key]) != placeholders(swedish[key])] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty_or_has_an_address(language: str) -> None:
    assert [key for key, text in flat(TEXTS[language]) if not text.strip() or "://" in text] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("section", "names"),
    [
        ("selector.alarm_type.options", AlarmType),
        ("selector.larmtext.options", AlarmType),
        ("selector.response.options", AlarmType),
        ("selector.answer.options", Answer),
        ("selector.phone_text.options", MessageKind),
        ("selector.outcome.options", Outcome),
        ("selector.role.options", Role),
        ("selector.receiver.options", Receiver),
        ("selector.event_type.options", EVENT_TYPES),
        ("selector.step.options", EVENT_TYPES),
        ("entity.event.alarm.state_attributes.event_type.state", EVENT_TYPES),
        ("entity.sensor.alarm_state.state", ["idle", *list(AlarmState)[:3]]),
        ("options.step.init.menu_options", Priority),
        ("options.step", Priority),
        ("options.step.normal.sections", LEVELS),
        ("options.step.urgent.sections", LEVELS),
        ("services", ACTIONS),
    ],
)
def test_every_name_has_a_text(language: str, section: str, names: Any) -> None:
    assert missing(language, section, names) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_has_a_text(language: str) -> None:
    keys = {kind.translation_key for kind in all_errors()}
    written = set(re.findall(r'translation_domain=DOMAIN, translation_key="(\w+)"', SOURCE))
    assert {"hub_not_loaded", "not_a_brukare"} <= written
    assert missing(language, "exceptions", keys | written) == []
    assert errors.HomeCareError.translation_key in TEXTS[language]["exceptions"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_issue_has_a_text(language: str) -> None:
    told = set(re.findall(r'_tell(?:_if)?\(\s*hass,\s*f?"(\w+?)[":{]', SOURCE)) - {"duty_gap_"}
    assert {"journal_damaged", "phone_missing"} <= told
    made = {f"duty_gap_{role}" for role in (Role.STAFF, Role.LARMANSVARIG)} | {"blueprint_edited"}
    assert missing(language, "issues", told | made) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("config.step.brukare", brukare_schema()),
        ("config.step.receiver_group", receiver_group_schema()),
        ("config_subentries.brukare.step.user", brukare_schema()),
        ("config_subentries.brukare.step.details", brukare_schema()),
        ("config_subentries.brukare.step.consent", consent_schema(date(2026, 11, 2))),
        ("config_subentries.receiver_group.step.user", receiver_group_schema()),
        ("config_subentries.receiver_group.step.reconfigure", receiver_group_schema()),
    ],
)
def test_every_field_has_a_name_and_a_description(language: str, path: str, fields: Any) -> None:
    names = {str(key) for key in fields.schema}
    assert missing(language, f"{path}.data", names) == []
    assert missing(language, f"{path}.data_description", names) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("flow", ["config", "config_subentries.brukare", "config_subentries.receiver_group", "options"])
def test_every_error_of_a_form_has_a_text(language: str, flow: str) -> None:
    known = {
        "config": {"bad_serial_number", "bad_code", "code_exists", "code_tells_who", "name_missing", "phone_unknown"},
        "config_subentries.brukare": {
            *("bad_code", "code_exists", "code_tells_who"),
            *("consent_in_future", "consent_ends_too_early", "hub_not_loaded", "text_too_long"),
        },
        "config_subentries.receiver_group": {"name_missing", "phone_unknown", "duty_hours_missing"},
        "options": {"bad_plan", "not_a_power_sensor", "bad_url", "bad_topic", "mqtt_missing"},
    }
    assert missing(language, f"{flow}.error", known[flow]) == []


def test_every_action_and_entity_has_an_icon() -> None:
    icons = json.loads((FOLDER / "icons.json").read_text())
    assert ACTIONS.keys() - icons["services"].keys() == set()
    entities = {platform: set(texts) for platform, texts in TEXTS["en"]["entity"].items()}
    assert {platform: set(texts) for platform, texts in icons["entity"].items()} == entities


def test_every_field_of_an_action_has_a_text() -> None:
    fields = {name: {str(key) for key in schema.schema} for name, (_, schema, *_) in ACTIONS.items()}
    texts = {name: set(TEXTS["en"]["services"][name]["fields"]) for name in ACTIONS}
    assert texts == fields


def test_every_field_of_an_action_is_shown() -> None:
    from homeassistant.util.yaml import load_yaml_dict

    shown = load_yaml_dict(str(FOLDER / "services.yaml"))
    fields = {name: {str(key) for key in schema.schema} for name, (_, schema, *_) in ACTIONS.items()}
    assert {name: set(shown[name]["fields"]) for name in ACTIONS} == fields


def test_what_can_be_chosen_in_an_action_is_what_there_is() -> None:
    from homeassistant.util.yaml import load_yaml_dict

    shown = load_yaml_dict(str(FOLDER / "services.yaml"))
    types = shown["raise_alarm"]["fields"]["alarm_type"]["selector"]["select"]["options"]
    outcomes = shown["resolve_alarm"]["fields"]["outcome"]["selector"]["select"]["options"]
    assert (types, outcomes) == (list(AlarmType), [outcome for outcome in Outcome if outcome is not Outcome.NOT_STATED])
