"""Quiet: a device that says nothing for a time, whatever its state; blind is not quiet (R060.5)."""

from datetime import timedelta
from typing import Any

import pytest

from .rules import House, local

pytestmark = pytest.mark.freeze_time("2026-11-02 20:00:00+01:00")

SENSOR = "binary_sensor.hall"
OTHER = "binary_sensor.bedroom"
NOT_AT_ALL: list[Any] = []
DUE = "2026-11-03 02:00:00"


def rule(target: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    """Return a rule as the editor writes it."""
    return {
        "id": "rule 1",
        "alias": "rule 1",
        "triggers": [
            {
                "trigger": "homecare_h2o.quiet",
                "target": {"entity_id": [SENSOR]} if target is None else target,
                "options": options,
            }
        ],
        "actions": [
            {
                "action": "homecare_h2o.raise_alarm",
                "data": {
                    "device_id": "{{ device_id }}",
                    "alarm_type": "technical",
                    "rule": "rule 1",
                    "due_at": "{{ trigger.due_at }}",
                    "late": "{{ trigger.late }}",
                    "sources": "{{ trigger.sources }}",
                },
            }
        ],
    }


async def watch(house: House, target: dict[str, Any] | None = None, **options: Any) -> None:
    """Have a rule, and sensors that have said something."""
    await house.show(SENSOR, "off")
    await house.show(OTHER, "off")
    await house.use({**rule(target, **options), "variables": {"device_id": house.brukare}})


async def again(house: House) -> None:
    """Load the rule anew, as the editor does when it is saved."""
    await house.switch("rule 1", on=False)
    await house.switch("rule 1", on=True)


async def test_silence_is_raised_exactly_at_its_limit_and_once(house: House) -> None:
    await watch(house)
    await house.at(local(DUE) - timedelta(seconds=1))
    assert await house.raised() == NOT_AT_ALL
    await house.at(DUE)
    await house.at("2026-11-04 20:00:00")
    (alarm,) = await house.raised()
    assert (alarm.alarm_type, alarm.due_at, alarm.late, alarm.sources) == ("technical", local(DUE), False, (SENSOR,))
    assert await house.presses() == [local(DUE)]


@pytest.mark.parametrize(
    ("state", "attributes"),
    [
        pytest.param("on", {}, id="a change"),
        pytest.param("off", {}, id="the same again"),
        pytest.param("off", {"battery": 90}, id="another attribute"),
    ],
)
async def test_every_report_counts(house: House, state: str, attributes: dict[str, Any]) -> None:
    await watch(house)
    await house.at("2026-11-02 21:00:00")
    await house.show(SENSOR, state, **attributes)
    await house.at(DUE)
    assert await house.due() == NOT_AT_ALL
    await house.at("2026-11-03 03:00:00")
    assert await house.due() == [local("2026-11-03 03:00:00")]


@pytest.mark.parametrize("state", ["unavailable", "unknown"])
async def test_a_device_that_drops_out_has_said_nothing(house: House, state: str) -> None:
    await watch(house)
    await house.at("2026-11-02 21:00:00")
    await house.show(SENSOR, state)
    await house.at(DUE)
    assert await house.due() == [local(DUE)]


async def test_a_device_that_was_heard_again_can_fall_silent_again(house: House) -> None:
    await watch(house)
    await house.at(DUE)
    await house.at("2026-11-03 03:00:00")
    await house.show(SENSOR, "off")
    await house.at("2026-11-03 09:00:00")
    assert await house.presses() == [local(DUE), local("2026-11-03 09:00:00")]


async def test_each_device_has_its_own_silence(house: House) -> None:
    await watch(house, {"entity_id": [SENSOR, OTHER]})
    await house.at("2026-11-02 21:00:00")
    await house.show(OTHER, "off")
    await house.at(DUE)
    (alarm,) = await house.raised()
    assert alarm.sources == (SENSOR,)
    await house.at("2026-11-03 03:00:00")
    assert await house.presses() == [local(DUE), local("2026-11-03 03:00:00")]


async def test_a_limit_of_ones_own(house: House) -> None:
    await watch(house, limit={"minutes": 10})
    await house.at("2026-11-02 20:10:00")
    assert await house.due() == [local("2026-11-02 20:10:00")]


async def test_the_time_in_which_the_hub_was_down_does_not_count(house: House) -> None:
    await watch(house)
    await house.at("2026-11-02 21:00:00")
    await house.restart("2026-11-03 05:00:00")
    assert await house.due() == NOT_AT_ALL
    await house.at("2026-11-03 09:59:59")
    assert await house.due() == NOT_AT_ALL
    await house.at("2026-11-03 10:00:00")
    assert await house.due() == [local("2026-11-03 10:00:00")]


async def test_two_starts_count_only_the_time_in_which_the_hub_could_hear(house: House) -> None:
    await watch(house)
    await house.at("2026-11-02 21:00:00")
    await house.restart("2026-11-03 05:00:00")
    await house.at("2026-11-03 06:00:00")
    await house.restart("2026-11-03 07:00:00")
    assert await house.due() == NOT_AT_ALL
    await house.at("2026-11-03 11:00:00")
    assert await house.due() == [local("2026-11-03 11:00:00")]


async def test_the_time_in_which_the_entry_was_unloaded_does_not_count(house: House) -> None:
    await watch(house)
    await house.at("2026-11-02 21:00:00")
    await house.stop_hub()
    await house.at("2026-11-03 05:00:00")
    await house.start_hub()
    await house.at("2026-11-03 09:59:59")
    assert await house.due() == NOT_AT_ALL
    await house.at("2026-11-03 10:00:00")
    assert await house.due() == [local("2026-11-03 10:00:00")]


async def test_a_start_in_between_is_no_report(house: House) -> None:
    await watch(house)
    await house.at("2026-11-02 21:00:00")
    await house.restart()
    await house.at(DUE)
    assert await house.due() == [local(DUE)]


async def test_a_rule_that_is_loaded_anew_has_heard_no_report(house: House) -> None:
    await watch(house)
    await house.at("2026-11-02 21:00:00")
    await again(house)
    await house.at(DUE)
    assert await house.due() == [local(DUE)]


async def test_what_is_known_to_be_silent_is_not_told_again_if_the_rule_is_loaded_anew(house: House) -> None:
    await watch(house)
    await house.at(DUE)
    await again(house)
    await house.at("2026-11-04 20:00:00")
    assert await house.presses() == [local(DUE)]


async def test_what_is_known_to_be_silent_is_not_told_again_after_a_restart(house: House) -> None:
    await watch(house)
    await house.at(DUE)
    await house.restart("2026-11-03 03:00:00")
    await house.at("2026-11-04 20:00:00")
    assert await house.presses() == [local(DUE)]


async def test_the_devices_of_a_target_are_found_anew(house: House) -> None:
    device = house.device("hall")
    first = house.entity(device, "first")
    await house.show(first, "off")
    await watch(house, {"device_id": [device.id]})
    await house.at("2026-11-02 21:00:00")
    second = house.entity(device, "second")
    await house.show(second, "off")
    await house.at("2026-11-02 21:00:20")
    await house.at(DUE)
    (alarm,) = await house.raised()
    assert alarm.sources == (first,)


@pytest.mark.parametrize(
    ("target", "options", "told"),
    [
        pytest.param({}, {}, "nothing is chosen", id="nobody"),
        pytest.param(None, {"limit": {"seconds": 0}}, "limit", id="no time"),
        pytest.param(None, {"limit": {"seconds": 30}}, "limit", id="hardly any time"),
        pytest.param(None, {"threshold": {"hours": 1}}, "threshold", id="a misspelt option"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    house: House, target: dict[str, Any] | None, options: dict[str, Any], told: str
) -> None:
    await watch(house, target, **options)
    assert told in house.broken("rule 1")
