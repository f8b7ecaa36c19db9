"""The escalation plans."""

from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from typing import Any

from aiohttp import ClientResponse
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData, section
from homeassistant.setup import async_setup_component
import probatio as vol
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, get_schema_suggested_value
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from .conftest import Pushed
from .rules import House
from .steps import get_alarm, go_on, raise_alarm, settle

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

FLOW = "/api/config/config_entries/options/flow"


def after(minutes: float = 0, seconds: float = 0) -> dict[str, float]:
    return {"hours": 0, "minutes": minutes, "seconds": seconds}


def level(delay: Any, receivers: list[str]) -> dict[str, Any]:
    return {"delay": delay, "receivers": receivers}


def form_of(*levels: dict[str, Any], repeat: Any = None, response: Any = None) -> dict[str, Any]:
    used = {f"level_{number}": level for number, level in enumerate(levels, 1)}
    return {
        **{f"level_{number}": {} for number in range(1, 7)},
        **used,
        "repeat_every": repeat or after(minutes=1),
        "response_time": response or after(minutes=10),
    }


AT_ONCE = level(after(), ["on_duty"])
LATER = level(after(minutes=1), ["larmansvarig"])
QUICK = form_of(AT_ONCE, LATER)
QUICK_OPTIONS = {
    "levels": [AT_ONCE | {"loud": True}, LATER | {"loud": True}],
    "repeat_every": after(minutes=1),
    "response_time": after(minutes=10),
}


async def at_plan(hass: HomeAssistant, home: MockConfigEntry, priority: str) -> ConfigFlowResult:
    flow = await hass.config_entries.options.async_init(home.entry_id)
    return await hass.config_entries.options.async_configure(flow["flow_id"], {"next_step_id": priority})


async def answer(hass: HomeAssistant, flow: ConfigFlowResult, plan: dict[str, Any]) -> ConfigFlowResult:
    flow = await hass.config_entries.options.async_configure(flow["flow_id"], plan)
    await settle(hass)
    return flow


async def set_plan(hass: HomeAssistant, home: MockConfigEntry, priority: str, plan: dict[str, Any]) -> None:
    flow = await answer(hass, await at_plan(hass, home, priority), plan)
    assert flow["type"] is FlowResultType.CREATE_ENTRY


def suggested(schema: vol.Schema, key: str) -> Any:
    return get_schema_suggested_value(schema.schema, key)


def shown(flow: ConfigFlowResult) -> dict[str, Any]:
    schema = flow["data_schema"]
    assert schema
    sections = {str(key): part.schema for key, part in schema.schema.items() if isinstance(part, section)}
    levels = {
        name: {key: value for key in ("delay", "receivers") if (value := suggested(part, key)) is not None}
        for name, part in sections.items()
    }
    return levels | {key: suggested(schema, key) for key in ("repeat_every", "response_time")}


async def test_there_is_a_plan_for_each_priority_and_the_limits_of_silence(
    hass: HomeAssistant, home: MockConfigEntry
) -> None:
    flow = await hass.config_entries.options.async_init(home.entry_id)
    assert (flow["type"], flow["menu_options"]) == (
        FlowResultType.MENU,
        ["normal", "urgent", "technical", "alarm_type", "preview", "silence", "retention", "power", "heartbeat"],
    )


@pytest.mark.parametrize(("priority", "pace"), [("normal", after(minutes=5)), ("urgent", after(minutes=2, seconds=30))])
async def test_the_default_plan_is_shown(
    hass: HomeAssistant, home: MockConfigEntry, priority: str, pace: dict[str, float]
) -> None:
    plan = shown(await at_plan(hass, home, priority))
    receivers = [plan[f"level_{number}"]["receivers"] for number in (1, 2, 3)]
    assert receivers == [["on_duty"], ["on_duty", "backup"], ["larmansvarig"]]
    assert (plan["level_2"]["delay"], plan["level_4"], plan["repeat_every"]) == (pace, {}, pace)


@pytest.mark.parametrize("priority", ["normal", "urgent", "technical"])
async def test_a_changed_plan_is_kept_and_shown(hass: HomeAssistant, home: MockConfigEntry, priority: str) -> None:
    await set_plan(hass, home, priority, QUICK)
    assert dict(home.options) == {priority: QUICK_OPTIONS}
    assert shown(await at_plan(hass, home, priority)) == QUICK


async def test_one_plan_does_not_change_the_other(hass: HomeAssistant, home: MockConfigEntry) -> None:
    await set_plan(hass, home, "normal", QUICK)
    await set_plan(hass, home, "urgent", QUICK | {"repeat_every": after(minutes=3)})
    assert home.options["normal"] == QUICK_OPTIONS
    assert home.options["urgent"]["repeat_every"] == after(minutes=3)


@pytest.mark.parametrize(
    "plan",
    [
        pytest.param(form_of(), id="no level"),
        pytest.param(form_of({"delay": after()}), id="a level that reaches nobody"),
        pytest.param(form_of({"receivers": ["on_duty"]}), id="a level that is never due"),
        pytest.param(form_of(level(after(minutes=2), ["on_duty"]), LATER), id="back in time"),
        pytest.param(form_of(AT_ONCE, repeat=after(seconds=4)), id="repeated all the time"),
        pytest.param(form_of(AT_ONCE, response=after(seconds=4)), id="no time to respond"),
    ],
)
async def test_a_bad_plan_is_refused_and_can_be_mended(
    hass: HomeAssistant, home: MockConfigEntry, plan: dict[str, Any]
) -> None:
    flow = await answer(hass, await at_plan(hass, home, "normal"), plan)
    assert (flow["step_id"], flow["errors"]) == ("normal", {"base": "bad_plan"})
    assert shown(flow) == plan
    assert dict(home.options) == {}
    flow = await answer(hass, flow, QUICK)
    assert flow["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("hours", [7 * 24 + 1, 1_000_000], ids=["more than a week", "more than a life"])
async def test_a_plan_that_nobody_would_wait_for_is_refused(
    hass: HomeAssistant, home: MockConfigEntry, hours: int
) -> None:
    plan = form_of(AT_ONCE, level({"hours": hours}, ["larmansvarig"]))
    flow = await answer(hass, await at_plan(hass, home, "normal"), plan)
    assert flow["errors"] == {"base": "bad_plan"}


@pytest.mark.parametrize(
    "plan",
    [
        pytest.param(form_of(level(after(minutes=-1), ["on_duty"])), id="before the alarm"),
        pytest.param(form_of(level(after(), ["nobody"])), id="an unknown receiver"),
        pytest.param({"repeat_every": after(minutes=1), "response_time": after(minutes=10)}, id="no levels"),
    ],
)
async def test_a_plan_that_is_none_is_refused(hass: HomeAssistant, home: MockConfigEntry, plan: dict[str, Any]) -> None:
    with pytest.raises(InvalidData):
        await answer(hass, await at_plan(hass, home, "normal"), plan)
    assert dict(home.options) == {}


async def test_a_plan_survives_a_restart_of_the_hub(hass: HomeAssistant, home: MockConfigEntry) -> None:
    await set_plan(hass, home, "normal", QUICK)
    assert await hass.config_entries.async_reload(home.entry_id)
    assert shown(await at_plan(hass, home, "normal")) == QUICK


async def test_the_next_alarm_follows_the_changed_plan(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, freezer: FrozenDateTimeFactory, pushed: Pushed
) -> None:
    await set_plan(hass, home, "normal", QUICK)
    await raise_alarm(hass, brukare_device, "motion")
    assert pushed("Larmansvarig") == []
    await go_on(hass, freezer, seconds=61)
    assert len(pushed("Larmansvarig")) == 1


async def test_an_open_alarm_keeps_the_plan_it_was_raised_with(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, freezer: FrozenDateTimeFactory, pushed: Pushed
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device, "motion")
    await set_plan(hass, home, "normal", QUICK)
    await go_on(hass, freezer, seconds=61)
    assert pushed("Larmansvarig") == []
    assert (await get_alarm(hass, alarm_id))["next_deadline_at"] == "2026-11-02T11:05:00+00:00"


async def test_a_group_may_be_named_and_is_called(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, pushed: Pushed
) -> None:
    await set_plan(hass, home, "normal", form_of(level(after(), ["group-Nattpatrull"])))
    await raise_alarm(hass, brukare_device, "motion")
    assert (len(pushed("1 Nattpatrull")), pushed("1 Htj dag")) == (1, [])


async def test_a_plan_that_names_a_removed_group_can_be_shown_and_mended(
    hass: HomeAssistant, home: MockConfigEntry
) -> None:
    await set_plan(hass, home, "normal", form_of(level(after(), ["group-Nattpatrull", "on_duty"])))
    hass.config_entries.async_remove_subentry(home, "group-Nattpatrull")
    await settle(hass)
    flow = await at_plan(hass, home, "normal")
    assert shown(flow)["level_1"]["receivers"] == ["on_duty"]


async def test_a_level_that_nobody_is_left_in_is_not_used(hass: HomeAssistant, home: MockConfigEntry) -> None:
    await set_plan(hass, home, "normal", form_of(AT_ONCE, level(after(minutes=5), []), LATER))
    assert home.options["normal"]["levels"] == QUICK_OPTIONS["levels"]


async def open_plan(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, home: MockConfigEntry, step: str
) -> tuple[Callable[..., Awaitable[ClientResponse]], ClientResponse]:
    """Choose a plan in the options as the frontend does; return what posts to its form, and the form."""
    assert await async_setup_component(hass, "config", {})
    client = await hass_client()
    menu = await (await client.post(FLOW, json={"handler": home.entry_id})).json()
    send = partial(client.post, f"{FLOW}/{menu['flow_id']}")
    return send, await send(json={"next_step_id": step})


async def test_the_frontend_can_show_and_send_a_plan(
    hass: HomeAssistant, home: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    send, response = await open_plan(hass, hass_client, home, "urgent")
    assert response.status == HTTPStatus.OK, await response.text()
    fields = {field["name"]: field for field in (await response.json())["data_schema"]}
    assert [fields[f"level_{number}"]["expanded"] for number in (1, 3, 4)] == [True, True, False]
    delay, receivers, loud = fields["level_1"]["schema"]
    assert ("duration" in delay["selector"], loud["default"]) == (True, True)
    assert {"value": "group-Htj dag", "label": "Htj dag"} in receivers["selector"]["select"]["options"]
    response = await send(json=QUICK)
    assert (await response.json())["type"] == "create_entry"
    await settle(hass)
    assert home.options["urgent"] == QUICK_OPTIONS


async def test_the_frontend_is_told_of_what_is_no_plan(
    hass: HomeAssistant, home: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    send, _ = await open_plan(hass, hass_client, home, "normal")
    response = await send(json=form_of(level({"minutes": "soon"}, ["on_duty"])))
    assert response.status == HTTPStatus.BAD_REQUEST


async def test_every_sensor_may_be_silent_for_as_long_as_is_set(hass: HomeAssistant, home: MockConfigEntry) -> None:
    flow = await at_plan(hass, home, "silence")
    schema = flow["data_schema"]
    assert schema
    assert get_schema_suggested_value(schema.schema, "limit") == {"hours": 25, "minutes": 0, "seconds": 0}
    await answer(hass, flow, {"limit": after(minutes=90)})
    assert home.options["silence"] == {"default": after(minutes=90)}


async def test_a_device_has_a_limit_of_its_own(hass: HomeAssistant, home: MockConfigEntry, house: House) -> None:
    device = house.device("Smoke detector", "zwave_js")
    await answer(hass, await at_plan(hass, home, "silence"), {"device_id": device.id, "limit": after(minutes=30)})
    assert home.options["silence"] == {device.id: after(minutes=30)}
    flow = await at_plan(hass, home, "silence")
    assert flow["description_placeholders"] == {"limits": "Smoke detector: 0:30:00"}
    await answer(hass, flow, {"limit": after(minutes=90)})
    assert home.options["silence"] == {device.id: after(minutes=30), "default": after(minutes=90)}


async def test_the_journal_is_kept_for_as_long_as_is_set(hass: HomeAssistant, home: MockConfigEntry) -> None:
    flow = await at_plan(hass, home, "retention")
    schema = flow["data_schema"]
    assert schema
    assert get_schema_suggested_value(schema.schema, "retention_days") == 730
    await answer(hass, flow, {"retention_days": 365.0})
    assert home.options["retention_days"] == 365


@pytest.mark.parametrize("days", [29, 0, -1, 4000])
async def test_the_journal_is_not_kept_for_too_short_or_too_long(
    hass: HomeAssistant, home: MockConfigEntry, days: int
) -> None:
    with pytest.raises(InvalidData):
        await answer(hass, await at_plan(hass, home, "retention"), {"retention_days": days})
    assert dict(home.options) == {}


# --- a plan of its own ----------------------------------------------------------------------------


async def at_own_plan(hass: HomeAssistant, home: MockConfigEntry, alarm_type: str) -> ConfigFlowResult:
    return await answer(hass, await at_plan(hass, home, "alarm_type"), {"alarm_type": alarm_type})


async def test_a_larmtyp_begins_with_the_plan_of_its_priority(hass: HomeAssistant, home: MockConfigEntry) -> None:
    assert shown(await at_own_plan(hass, home, "fire")) == shown(await at_plan(hass, home, "urgent"))
    assert shown(await at_own_plan(hass, home, "door")) == shown(await at_plan(hass, home, "normal"))


async def test_a_larmtyp_has_a_plan_of_its_own_and_the_others_have_not(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, pushed: Pushed
) -> None:
    only_boss = form_of(level(after(), ["larmansvarig"]))
    await answer(hass, await at_own_plan(hass, home, "door"), only_boss | {"follow": False})
    assert shown(await at_own_plan(hass, home, "door")) == only_boss
    await raise_alarm(hass, brukare_device, "door")
    assert (len(pushed("Larmansvarig")), len(pushed("1 Htj dag"))) == (1, 0)
    await raise_alarm(hass, brukare_device, "passivity")
    assert (len(pushed("Larmansvarig")), len(pushed("1 Htj dag"))) == (1, 1)


async def test_a_larmtyp_follows_the_plan_of_its_priority_again(hass: HomeAssistant, home: MockConfigEntry) -> None:
    await answer(hass, await at_own_plan(hass, home, "door"), QUICK | {"follow": False})
    await answer(hass, await at_own_plan(hass, home, "leak"), QUICK | {"follow": False})
    await answer(hass, await at_own_plan(hass, home, "door"), QUICK | {"follow": True})
    assert home.options["own_plans"] == {"leak": QUICK_OPTIONS}


async def test_a_bad_plan_of_its_own_is_refused_and_can_be_mended(hass: HomeAssistant, home: MockConfigEntry) -> None:
    flow = await answer(hass, await at_own_plan(hass, home, "door"), form_of() | {"follow": False})
    assert (flow["step_id"], flow["errors"]) == ("own_plan", {"base": "bad_plan"})
    flow = await answer(hass, flow, QUICK | {"follow": False})
    assert home.options["own_plans"] == {"door": QUICK_OPTIONS}


async def test_options_that_cannot_be_read_lose_no_alarm(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, pushed: Pushed
) -> None:
    hass.config_entries.async_update_entry(home, options={"own_plans": {"door": {"levels": "?"}, "unknown": {}}})
    await settle(hass)
    await raise_alarm(hass, brukare_device, "door")
    assert len(pushed("1 Htj dag")) == 1


@pytest.mark.parametrize(
    ("loud", "channel", "interruption"),
    [(True, "alarm_stream", "critical"), (False, "homecare_h2o_call", "time-sensitive")],
)
async def test_a_level_rings_through_the_silence_of_a_phone_or_not(
    hass: HomeAssistant,
    home: MockConfigEntry,
    brukare_device: str,
    pushed: Pushed,
    loud: bool,
    channel: str,
    interruption: str,
) -> None:
    await set_plan(hass, home, "normal", form_of(AT_ONCE | {"loud": loud}, LATER))
    await raise_alarm(hass, brukare_device, "passivity")
    (push,) = pushed("1 Htj dag")
    assert (push["data"]["channel"], push["data"]["push"]["interruption-level"]) == (channel, interruption)
    assert len(push["data"]["actions"]) == 3


# --- who is told when -----------------------------------------------------------------------------


async def test_who_is_told_when_is_shown_for_a_chosen_hour(hass: HomeAssistant, home: MockConfigEntry) -> None:
    flow = await at_plan(hass, home, "preview")
    flow = await answer(hass, flow, {"alarm_type": "passivity", "at": "21:25:00"})
    assert flow["description_placeholders"] == {
        "preview": "- **21:25:00** Htj dag (1 Htj dag, 2 Htj dag) \N{BELL}\n"
        "- **21:30:00** Nattpatrull (1 Nattpatrull) \N{BELL}\n"
        "- **21:35:00** Larmansvarig (Larmansvarig) \N{BELL}\n"
        "- \N{CLOCKWISE OPEN CIRCLE ARROW} 5 min"
    }
    assert home.options == {}


async def test_what_rings_through_is_marked(hass: HomeAssistant, home: MockConfigEntry) -> None:
    await set_plan(hass, home, "normal", form_of(AT_ONCE | {"loud": False}, LATER))
    flow = await answer(hass, await at_plan(hass, home, "preview"), {"alarm_type": "door", "at": "12:00:00"})
    placeholders = flow["description_placeholders"]
    assert placeholders
    assert placeholders["preview"].splitlines()[0] == "- **12:00:00** Htj dag (1 Htj dag, 2 Htj dag)"
