"""The demo of the whole larmplan leaves nothing out."""

from collections.abc import Mapping
from pathlib import Path

import pytest

import custom_components.homecare_h2o
from demo.hass.devices import FoundDevice
from demo.larmplan import plan
from demo.larmplan.devices import PLACES, Radio
from demo.larmplan.steps import STEPS

BLUEPRINTS = Path(custom_components.homecare_h2o.__file__).parent / "bundled_blueprints"
ALARMS = {path.stem for path in BLUEPRINTS.glob("*.yaml") if "homecare_h2o.raise_alarm" in path.read_text()}
"""Those that raise an alarm."""


@pytest.fixture
def rules() -> Mapping[str, plan.Rule]:
    devices = {
        name: FoundDevice(device_id=name, entity_ids={str(place.platform): f"{place.platform}.{number}"})
        for number, (name, place) in enumerate(PLACES.items())
    }
    return plan.make_plan("brukare", devices)


def test_every_blueprint_that_raises_an_alarm_is_in_the_plan(rules: Mapping[str, plan.Rule]) -> None:
    assert {rule.blueprint for rule in rules.values()} == ALARMS


def test_every_rule_of_the_plan_is_raised(rules: Mapping[str, plan.Rule]) -> None:
    assert {(step.larmtyp, step.rule) for step in STEPS} == {
        (rule.blueprint, rule_id) for rule_id, rule in rules.items()
    }


def test_every_radio_raises_alarms() -> None:
    assert {PLACES[step.device].radio for step in STEPS} == set(Radio)
