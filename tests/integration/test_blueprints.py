"""The larmplan's blueprints are in the user's configuration, and what somebody has changed stays."""

from collections.abc import Iterator
import logging
from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.components.automation import automations_with_blueprint
from homeassistant.components.automation.helpers import async_get_blueprints
from homeassistant.components.blueprint import Blueprint
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util.yaml import load_yaml_dict
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.homecare_h2o import blueprints
from custom_components.homecare_h2o.blueprints import SOURCE, Installed, async_install_blueprints, install

from .rules import House
from .steps import call, raise_alarm

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

NAMES = sorted(path.name for path in SOURCE.glob("*.yaml"))
PASSIVITY = "passivity.yaml"
LED_LIGHT = "led_light.yaml"
VISIT = "visit.yaml"
HELP = "help_on_the_way.yaml"
NO_ALARM = {HELP, LED_LIGHT, VISIT}
ISSUE = "blueprint_edited:passivity.yaml"

# --- what to do with a file ---------------------------------------------------------------------------


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return what is shipped: one blueprint."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    (folder / "a.yaml").write_bytes(b"one")
    return folder


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "config" / "blueprints"


def digests_of(source: Path, target: Path) -> dict[str, str]:
    """Return what is known after a first installation."""
    return install(source, target, {}).digests


def test_what_is_new_is_copied(source: Path, target: Path) -> None:
    installed = install(source, target, {})
    assert (target / "a.yaml").read_bytes() == b"one"
    assert installed.edited == ()
    assert installed.digests.keys() == {"a.yaml"}


def test_what_is_as_it_was_installed_is_brought_up_to_date(source: Path, target: Path) -> None:
    known = digests_of(source, target)
    (source / "a.yaml").write_bytes(b"two")
    installed = install(source, target, known)
    assert (target / "a.yaml").read_bytes() == b"two"
    assert installed.edited == ()
    assert installed.digests != known


def test_what_was_edited_stays_and_is_told_when_there_is_a_newer_one(source: Path, target: Path) -> None:
    known = digests_of(source, target)
    (target / "a.yaml").write_bytes(b"mine")
    assert install(source, target, known) == Installed(digests=known)
    (source / "a.yaml").write_bytes(b"two")
    assert install(source, target, known) == Installed(digests=known, edited=("a.yaml",))
    assert (target / "a.yaml").read_bytes() == b"mine"


def test_what_was_there_before_us_stays_and_is_told(source: Path, target: Path) -> None:
    target.mkdir(parents=True)
    (target / "a.yaml").write_bytes(b"mine")
    assert install(source, target, {}) == Installed(edited=("a.yaml",))
    assert (target / "a.yaml").read_bytes() == b"mine"


def test_what_is_the_same_is_known_from_then_on(source: Path, target: Path) -> None:
    target.mkdir(parents=True)
    (target / "a.yaml").write_bytes(b"one")
    known = digests_of(source, target)
    (source / "a.yaml").write_bytes(b"two")
    install(source, target, known)
    assert (target / "a.yaml").read_bytes() == b"two"


def test_what_was_deleted_comes_back(source: Path, target: Path) -> None:
    known = digests_of(source, target)
    (target / "a.yaml").unlink()
    assert install(source, target, known) == Installed(digests=known, written=("a.yaml",))
    assert (target / "a.yaml").read_bytes() == b"one"


def test_a_file_is_never_half_there(source: Path, target: Path) -> None:
    known = digests_of(source, target)
    (source / "a.yaml").write_bytes(b"two")
    with patch.object(Path, "replace", side_effect=OSError("no power")), pytest.raises(OSError, match="no power"):
        install(source, target, known)
    assert (target / "a.yaml").read_bytes() == b"one"
    assert install(source, target, known).edited == ()
    assert [path.name for path in target.iterdir()] == ["a.yaml"]


# --- in Home Assistant -----------------------------------------------------------------------------------


@pytest.fixture
def folder(home: MockConfigEntry, tmp_path: Path) -> Path:
    """Return where the blueprints are installed."""
    return tmp_path / "blueprints" / "automation" / "homecare_h2o"


@pytest.fixture
def newer(home: MockConfigEntry, tmp_path: Path) -> Iterator[Path]:
    """Ship newer blueprints."""
    shipped = tmp_path / "newer"
    shipped.mkdir()
    text = (SOURCE / PASSIVITY).read_text()
    (shipped / PASSIVITY).write_text(text.replace("author: HomeCare H2O", "author: Somebody newer"))
    with patch.object(blueprints, "SOURCE", shipped):
        yield shipped


async def load(hass: HomeAssistant, name: str) -> Blueprint:
    return await async_get_blueprints(hass).async_get_blueprint(f"homecare_h2o/{name}")


def test_all_are_installed_at_set_up(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == NAMES


@pytest.mark.parametrize("name", NAMES)
async def test_each_is_a_valid_blueprint(hass: HomeAssistant, folder: Path, name: str) -> None:
    blueprint = await load(hass, name)
    assert blueprint.validate() is None
    assert blueprint.metadata["homeassistant"]["min_version"] == "2026.10.0"


def walk(node: Any) -> Iterator[dict[str, Any]]:
    """Return every mapping within a blueprint."""
    if isinstance(node, dict):
        yield node
        yield from (found for value in node.values() for found in walk(value))
    elif isinstance(node, list):
        yield from (found for value in node for found in walk(value))


DOCUMENTED = {
    "rule": "{{ this.attributes.id if this else '' }}",
    "due_at": "{{ trigger.due_at }}",
    "late": "{{ trigger.late }}",
    "sources": "{{ trigger.sources }}",
}
"""The only templates: they hand on, and compute nothing."""


@pytest.mark.parametrize("name", [name for name in NAMES if name not in NO_ALARM])
async def test_each_is_policy_and_no_process(name: str) -> None:
    blueprint = load_yaml_dict(SOURCE / name)
    assert (blueprint["mode"], blueprint["max"], blueprint["max_exceeded"]) == ("parallel", 50, "critical")
    assert {trigger["trigger"].partition(".")[0] for trigger in blueprint["triggers"]} == {"homecare_h2o"}
    (action,) = [found for found in walk(blueprint["actions"]) if "action" in found]
    assert action["action"] == "homecare_h2o.raise_alarm"
    assert action["data"].items() >= DOCUMENTED.items()
    assert str(blueprint).count("{{") == len(DOCUMENTED)
    assert not [
        found for found in walk(blueprint["actions"]) if found.keys() & {"delay", "for", "wait_template", "variables"}
    ]


async def test_the_one_that_raises_no_alarm_only_turns_lamps_on_and_off() -> None:
    blueprint = load_yaml_dict(SOURCE / LED_LIGHT)
    actions = [found for found in walk(blueprint["actions"]) if "action" in found]
    assert [found["action"] for found in actions] == ["homeassistant.turn_on", "homeassistant.turn_off"]
    assert [found["target"] for found in actions] == [{"entity_id": "{{ trigger.lamps }}"}] * 2
    assert str(blueprint).count("{{") == 2


async def test_its_two_triggers_differ_only_in_their_stage() -> None:
    on, off = load_yaml_dict(SOURCE / LED_LIGHT)["triggers"]
    assert (on.pop("id"), on["options"].pop("stage")) == ("on", "on")
    assert (off.pop("id"), off["options"].pop("stage")) == ("off", "off")
    assert on == off


async def test_the_one_that_raises_no_alarm_is_about_nobody() -> None:
    sections = load_yaml_dict(SOURCE / LED_LIGHT)["blueprint"]["input"]
    assert {key for key, value in sections.items() if "input" not in value} == {"sensors", "lights"}
    nested = [value["input"] for value in sections.values() if "input" in value]
    assert all("default" in field for inputs in nested for field in inputs.values())


async def test_the_one_for_visits_only_starts_and_ends_them_one_after_the_other() -> None:
    blueprint = load_yaml_dict(SOURCE / VISIT)
    assert (blueprint["mode"], blueprint["max"], blueprint["max_exceeded"]) == ("queued", 50, "critical")
    actions = [found["action"] for found in walk(blueprint["actions"]) if "action" in found]
    assert set(actions) == {"homecare_h2o.start_visit", "homecare_h2o.end_visit"}
    assert "{{" not in str(blueprint)
    inputs = blueprint["blueprint"]["input"]
    assert [key for key, field in inputs.items() if not field.keys() & {"default", "input"}] == ["brukare"]


async def test_the_one_for_help_on_its_way_only_follows_alarms() -> None:
    blueprint = load_yaml_dict(SOURCE / HELP)
    assert (blueprint["mode"], blueprint["max"], blueprint["max_exceeded"]) == ("queued", 50, "critical")
    assert {trigger["trigger"] for trigger in blueprint["triggers"]} == {"homecare_h2o.alarm"}
    assert [found for found in walk(blueprint["actions"]) if "action" in found] == []
    assert "{{" not in str(blueprint)
    inputs = blueprint["blueprint"]["input"]
    needed = [key for key, field in inputs.items() if not field.keys() & {"default", "input"}]
    assert needed == ["brukare", "taken_actions"]


def told(name: str) -> list[dict[str, Any]]:
    return [{"event": name}]


@pytest.fixture
def heard(hass: HomeAssistant) -> list[str]:
    """Collect what a care recipient would notice."""
    names: list[str] = []
    for name in ("help_is_coming", "it_is_over"):
        hass.bus.async_listen(name, lambda event: names.append(str(event.event_type)))
    return names


@pytest.mark.parametrize(
    ("inputs", "heard_in_the_end"),
    [
        ({"closed_actions": told("it_is_over")}, ["help_is_coming", "it_is_over"]),
        ({}, ["help_is_coming"]),
        ({"alarm_types": ["safety_button"]}, ["help_is_coming"]),
        ({"alarm_types": ["fire"]}, []),
    ],
)
async def test_the_care_recipient_notices_that_help_is_on_its_way(
    hass: HomeAssistant,
    house: House,
    brukare_device: str,
    heard: list[str],
    inputs: dict[str, Any],
    heard_in_the_end: list[str],
) -> None:
    await house.use(house.rule("help_on_the_way", "help 1", {"taken_actions": told("help_is_coming"), **inputs}))
    alarm_id = await raise_alarm(hass, brukare_device)
    assert heard == []
    await call(hass, "acknowledge_alarm", alarm_id=alarm_id)
    assert heard == heard_in_the_end[:1]
    await call(hass, "resolve_alarm", alarm_id=alarm_id, outcome="help_given")
    assert heard == heard_in_the_end
    assert house.hub.lines == {}


@pytest.mark.parametrize(("name", "needed"), [("passivity.yaml", "sensors"), ("safety_button.yaml", "button")])
async def test_every_input_can_be_left_out_but_whom_and_what(name: str, needed: str) -> None:
    sections = load_yaml_dict(SOURCE / name)["blueprint"]["input"]
    bare = {key for key, value in sections.items() if "input" not in value and "default" not in value}
    nested = [value["input"] for value in sections.values() if "input" in value]
    assert bare == {"brukare", needed}
    assert all("default" in field for inputs in nested for field in inputs.values())


async def test_a_rule_made_of_one_runs_in_parallel(hass: HomeAssistant, house: House) -> None:
    await house.use(house.passivity(), house.button())
    states = [hass.states.get(house.automation(rule)) for rule in ("passivity 1", "button 1")]
    assert [(state.attributes["mode"], state.attributes["max"]) for state in states if state] == [("parallel", 50)] * 2
    assert automations_with_blueprint(hass, "homecare_h2o/passivity.yaml") == [house.automation("passivity 1")]


async def test_an_update_reaches_a_file_that_nobody_edited(hass: HomeAssistant, folder: Path, newer: Path) -> None:
    assert (await load(hass, PASSIVITY)).metadata["author"] == "HomeCare H2O"
    await async_install_blueprints(hass)
    assert (await load(hass, PASSIVITY)).metadata["author"] == "Somebody newer"
    assert ir.async_get(hass).async_get_issue("homecare_h2o", ISSUE) is None


async def test_an_update_reaches_the_rules_that_are_made_of_it(hass: HomeAssistant, house: House, newer: Path) -> None:
    text = (newer / PASSIVITY).read_text()
    (newer / PASSIVITY).write_text(text.replace("max: 50", "max: 60"))
    await house.use(house.passivity())
    await async_install_blueprints(hass)
    await hass.async_block_till_done()
    state = hass.states.get(house.automation("passivity 1"))
    assert state
    assert state.attributes["max"] == 60


async def test_an_edited_file_is_kept_and_told_until_it_is_mended(
    hass: HomeAssistant, folder: Path, newer: Path
) -> None:
    shipped = (newer / PASSIVITY).read_bytes()
    (folder / PASSIVITY).write_text("mine")
    await async_install_blueprints(hass)
    assert (folder / PASSIVITY).read_text() == "mine"
    issue = ir.async_get(hass).async_get_issue("homecare_h2o", ISSUE)
    assert issue
    assert (issue.translation_key, issue.translation_placeholders) == ("blueprint_edited", {"file": PASSIVITY})
    (folder / PASSIVITY).write_bytes(shipped)
    await async_install_blueprints(hass)
    assert ir.async_get(hass).async_get_issue("homecare_h2o", ISSUE) is None


async def test_a_deleted_file_comes_back_and_its_rules_with_it(hass: HomeAssistant, house: House, folder: Path) -> None:
    (folder / PASSIVITY).unlink()
    await async_get_blueprints(hass).async_reset_cache()
    await house.use(house.passivity())
    assert "Unable to find" in house.broken()
    await async_install_blueprints(hass)
    await hass.async_block_till_done()
    state = hass.states.get(house.automation("passivity 1"))
    assert state
    assert state.state == "on"


async def test_what_is_as_it_should_be_reloads_nothing(
    hass: HomeAssistant, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await house.use(house.passivity())
    blueprint = await load(hass, PASSIVITY)
    reloads: list[Any] = []
    hass.bus.async_listen("automation_reloaded", reloads.append)
    await async_install_blueprints(hass)
    await hass.async_block_till_done()
    assert await load(hass, PASSIVITY) is blueprint
    assert reloads == []


async def test_a_disk_that_refuses_does_not_stop_the_alarms(
    hass: HomeAssistant, home: MockConfigEntry, newer: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with patch.object(blueprints, "install", side_effect=PermissionError("read-only")):
        await async_install_blueprints(hass)
    assert "The blueprints could not be installed" in caplog.text
    assert [record.levelno for record in caplog.records if "could not be installed" in record.message] == [
        logging.ERROR
    ]
