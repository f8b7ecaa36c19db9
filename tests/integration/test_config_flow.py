"""Setting up a home."""

from collections.abc import AsyncGenerator
from http import HTTPStatus
from pathlib import Path
from typing import Any
from unittest.mock import patch

from aiohttp.test_utils import TestClient
from homeassistant.config_entries import SOURCE_USER, ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service, get_schema_suggested_value
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.homecare_h2o import forms
from custom_components.homecare_h2o.const import DOMAIN

type Phones = dict[str, MockConfigEntry]

BRUKARE = {"code": "K7-31", "name": "Tess T. Person", "address": "Testvägen 1, 111 11 Hultsfred"}


@pytest.fixture(autouse=True)
async def own_folder(hass: HomeAssistant, tmp_path: Path) -> AsyncGenerator[None]:
    """Keep journals apart, and close them."""
    hass.config.config_dir = str(tmp_path)
    yield
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        await hass.config_entries.async_unload(entry.entry_id)


def device_of(hass: HomeAssistant, phone: MockConfigEntry) -> str:
    (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), phone.entry_id)
    return device.id


def group_of(hass: HomeAssistant, phones: Phones, /, **changes: object) -> dict[str, Any]:
    devices = [device_of(hass, phones["1 Htj dag"]), device_of(hass, phones["2 Htj dag"])]
    return {"name": "Htj dag", "role": "staff", "all_day": True, "phones": devices} | changes


async def begin(hass: HomeAssistant) -> ConfigFlowResult:
    return await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})


async def answer(hass: HomeAssistant, flow: ConfigFlowResult, user_input: dict[str, Any]) -> ConfigFlowResult:
    return await hass.config_entries.flow.async_configure(flow["flow_id"], user_input)


def suggested(flow: ConfigFlowResult, key: str) -> str:
    schema = flow["data_schema"]
    assert schema
    return str(get_schema_suggested_value(schema.schema, key))


async def at_brukare(hass: HomeAssistant) -> ConfigFlowResult:
    return await answer(hass, await begin(hass), {"serial_number": "H2O-1"})


async def at_group(hass: HomeAssistant) -> ConfigFlowResult:
    return await answer(hass, await at_brukare(hass), BRUKARE)


async def test_a_home_is_set_up_in_three_steps(hass: HomeAssistant, phones: Phones) -> None:
    flow = await answer(hass, await at_group(hass), group_of(hass, phones))
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert (flow["title"], flow["data"]) == ("Hub H2O-1", {"serial_number": "H2O-1"})
    entry = flow["result"]
    assert (entry.unique_id, entry.state) == ("H2O-1", ConfigEntryState.LOADED)
    brukare, group = entry.subentries.values()
    assert (brukare.subentry_type, brukare.title, dict(brukare.data)) == ("brukare", "K7-31", BRUKARE)
    assert (group.subentry_type, group.title) == ("receiver_group", "Htj dag")
    called = [f"app:{phones[name].entry_id}" for name in ("1 Htj dag", "2 Htj dag")]
    assert dict(group.data) == {"name": "Htj dag", "role": "staff", "phones": called}


async def test_the_first_form_suggests_a_serial_number(hass: HomeAssistant) -> None:
    flow = await begin(hass)
    assert (flow["type"], flow["step_id"], flow["errors"]) == (FlowResultType.FORM, "user", {})
    assert forms.CODE.fullmatch(suggested(flow, "serial_number"))


async def test_the_second_form_suggests_a_random_code(hass: HomeAssistant) -> None:
    flow = await at_brukare(hass)
    assert flow["step_id"] == "brukare"
    assert forms.CODE.fullmatch(suggested(flow, "code"))


@pytest.mark.parametrize("serial_number", ["", "X", "h2o 1", "-H2O", "Å123", "H" * 33])
async def test_a_bad_serial_number_is_refused_and_can_be_mended(hass: HomeAssistant, serial_number: str) -> None:
    flow = await answer(hass, await begin(hass), {"serial_number": serial_number})
    assert (flow["step_id"], flow["errors"]) == ("user", {"serial_number": "bad_serial_number"})
    assert suggested(flow, "serial_number") == serial_number
    flow = await answer(hass, flow, {"serial_number": " h2o-1 "})
    assert flow["step_id"] == "brukare"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code": ""}, "bad_code"),
        ({"code": "K7 31"}, "bad_code"),
        ({"code": "K-7-3-1"}, "bad_code"),
        ({"code": "TOOLONGONE"}, "bad_code"),
        ({"code": "Tess"}, "code_tells_who"),
        ({"code": "tes-1"}, "code_tells_who"),
        ({"code": "HULTSF-1"}, "code_tells_who"),
    ],
)
async def test_a_bad_code_is_refused_and_can_be_mended(
    hass: HomeAssistant, changes: dict[str, str], error: str
) -> None:
    flow = await answer(hass, await at_brukare(hass), BRUKARE | changes)
    assert (flow["step_id"], flow["errors"]) == ("brukare", {"code": error})
    assert suggested(flow, "name") == "Tess T. Person"
    flow = await answer(hass, flow, BRUKARE)
    assert flow["step_id"] == "receiver_group"


async def test_a_short_name_is_not_taken_as_a_code(hass: HomeAssistant) -> None:
    flow = await answer(hass, await at_brukare(hass), {"code": "BO-EK", "name": "Bo Ek"})
    assert flow["errors"] == {"code": "code_tells_who"}


async def test_a_personal_identity_number_is_not_taken_as_a_code(hass: HomeAssistant) -> None:
    flow = await answer(hass, await at_brukare(hass), BRUKARE | {"code": "000101-0000"})
    assert flow["errors"]


async def test_a_brukare_needs_no_more_than_a_code(hass: HomeAssistant) -> None:
    flow = await answer(hass, await at_brukare(hass), {"code": " å1 "})
    assert flow["step_id"] == "receiver_group"


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"name": "  "}, {"name": "name_missing"}),
        ({"phones": ["no-such-device"]}, {"phones": "phone_unknown"}),
        ({"notify_services": ["no_such_service"]}, {"notify_services": "phone_unknown"}),
        ({"all_day": False}, {"base": "duty_hours_missing"}),
        ({"all_day": False, "duty_from": "06:46:00"}, {"base": "duty_hours_missing"}),
        ({"all_day": False, "duty_to": "21:29:00", "name": ""}, {"base": "duty_hours_missing", "name": "name_missing"}),
    ],
)
async def test_a_bad_group_is_refused_and_can_be_mended(
    hass: HomeAssistant, phones: Phones, changes: dict[str, Any], errors: dict[str, str]
) -> None:
    flow = await answer(hass, await at_group(hass), group_of(hass, phones, **changes))
    assert (flow["step_id"], flow["errors"]) == ("receiver_group", errors)
    flow = await answer(hass, flow, group_of(hass, phones))
    assert flow["type"] is FlowResultType.CREATE_ENTRY


async def test_a_notify_entity_that_is_not_there_is_refused(hass: HomeAssistant, phones: Phones) -> None:
    flow = await answer(hass, await at_group(hass), group_of(hass, phones, notify_entities=["notify.nobody"]))
    assert flow["errors"] == {"notify_entities": "phone_unknown"}


async def test_a_device_that_is_no_phone_is_refused(hass: HomeAssistant, phones: Phones) -> None:
    other = MockConfigEntry(domain="test")
    other.add_to_hass(hass)
    lamp = dr.async_get(hass).async_get_or_create(config_entry_id=other.entry_id, identifiers={("test", "lamp")})
    flow = await answer(hass, await at_group(hass), group_of(hass, phones, phones=[lamp.id]))
    assert flow["errors"] == {"phones": "phone_unknown"}


async def test_phones_entities_and_services_are_kept_in_order_and_once(hass: HomeAssistant, phones: Phones) -> None:
    async_mock_service(hass, "notify", "sms")
    hass.states.async_set("notify.pager", "unknown")
    others = {"notify_entities": ["notify.pager"], "notify_services": ["notify.sms", " sms "]}
    phone = device_of(hass, phones["1 Htj dag"])
    flow = await answer(hass, await at_group(hass), group_of(hass, phones, phones=[phone, phone], **others))
    _, group = flow["result"].subentries.values()
    assert group.data["phones"] == [f"app:{phones['1 Htj dag'].entry_id}", "entity:notify.pager", "service:sms"]


async def test_duty_hours_are_kept(hass: HomeAssistant, phones: Phones) -> None:
    hours = {"all_day": False, "duty_from": "06:46:00", "duty_to": "21:29:00"}
    flow = await answer(hass, await at_group(hass), group_of(hass, phones, **hours))
    _, group = flow["result"].subentries.values()
    assert (group.data["duty_from"], group.data["duty_to"]) == ("06:46:00", "21:29:00")


async def test_hours_of_a_group_that_is_on_duty_all_day_are_forgotten(hass: HomeAssistant, phones: Phones) -> None:
    flow = await answer(hass, await at_group(hass), group_of(hass, phones, duty_from="06:46:00", duty_to="21:29:00"))
    _, group = flow["result"].subentries.values()
    assert "duty_from" not in group.data


async def test_a_role_that_is_none_is_refused(hass: HomeAssistant, phones: Phones) -> None:
    with pytest.raises(InvalidData):
        await answer(hass, await at_group(hass), group_of(hass, phones, role="stranger"))


async def test_a_home_has_one_hub(hass: HomeAssistant, home: MockConfigEntry) -> None:
    flow = await begin(hass)
    assert (flow["type"], flow["reason"]) == (FlowResultType.ABORT, "single_instance_allowed")


async def test_a_hub_that_was_set_up_meanwhile_is_recognised(hass: HomeAssistant) -> None:
    flow = await begin(hass)
    MockConfigEntry(domain=DOMAIN, unique_id="H2O-1").add_to_hass(hass)
    flow = await answer(hass, flow, {"serial_number": "H2O-1"})
    assert (flow["type"], flow["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_a_code_in_use_is_never_suggested(hass: HomeAssistant, home: MockConfigEntry) -> None:
    letters, numbers = iter("KA"), iter((7, 21, 1, 22))
    with (
        patch.object(forms.secrets, "choice", lambda _: next(letters)),
        patch.object(forms.secrets, "randbelow", lambda _: next(numbers)),
    ):
        assert forms.suggest_code(home) == "A1-32"


FLOW = "/api/config/config_entries/flow"


async def post(client: TestClient[Any, Any], path: str, data: dict[str, Any]) -> dict[str, Any]:
    response = await client.post(path, json=data)
    assert response.status == HTTPStatus.OK, await response.text()
    result: dict[str, Any] = await response.json()
    return result


async def test_the_frontend_can_show_and_send_every_form(
    hass: HomeAssistant, phones: Phones, hass_client: ClientSessionGenerator
) -> None:
    assert await async_setup_component(hass, "config", {})
    client = await hass_client()
    shown = await post(client, FLOW, {"handler": DOMAIN})
    path = f"{FLOW}/{shown['flow_id']}"
    assert [field["name"] for field in shown["data_schema"]] == ["serial_number"]
    shown = await post(client, path, {"serial_number": "H2O-1"})
    assert [field["name"] for field in shown["data_schema"]] == [
        *BRUKARE,
        "key_information",
        "instructions",
        "telephone",
    ]
    shown = await post(client, path, BRUKARE)
    fields = {field["name"]: field["selector"] for field in shown["data_schema"]}
    assert fields["phones"]["device"] == {"multiple": True, "integration": "mobile_app"} | fields["phones"]["device"]
    assert fields["role"]["select"]["options"] == ["staff", "backup", "larmansvarig", "relative"]
    shown = await post(client, path, group_of(hass, phones, notify_entities=[], notify_services=[]))
    assert (shown["type"], shown["title"]) == ("create_entry", "Hub H2O-1")
