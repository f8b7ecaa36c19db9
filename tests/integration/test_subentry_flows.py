"""Adding, changing and removing a brukare or a receiver group."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from homeassistant.config_entries import ConfigEntryState, ConfigSubentry, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockUser,
    async_mock_service,
    get_schema_suggested_value,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.homecare_h2o.const import SUBENTRY_BRUKARE, SUBENTRY_RECEIVER_GROUP
from custom_components.homecare_h2o.core.arming_events import ConsentRegistered
from custom_components.homecare_h2o.forms import CODE

from .conftest import Pushed
from .steps import call, journalled, raise_alarm, settle, state_of

type Phones = dict[str, MockConfigEntry]

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

DAY = "group-Htj dag"


async def add(hass: HomeAssistant, home: MockConfigEntry, kind: str) -> SubentryFlowResult:
    return await hass.config_entries.subentries.async_init((home.entry_id, kind), context={"source": "user"})


async def change(hass: HomeAssistant, home: MockConfigEntry, subentry_id: str) -> SubentryFlowResult:
    flow: SubentryFlowResult = await home.start_subentry_reconfigure_flow(hass, subentry_id)
    return flow


async def details(hass: HomeAssistant, home: MockConfigEntry) -> SubentryFlowResult:
    """Open the form of who the brukare is."""
    return await answer(hass, await change(hass, home, "brukare-1"), {"next_step_id": "details"})


async def answer(hass: HomeAssistant, flow: SubentryFlowResult, user_input: dict[str, Any]) -> SubentryFlowResult:
    flow = await hass.config_entries.subentries.async_configure(flow["flow_id"], user_input)
    await settle(hass)
    return flow


async def remove(hass: HomeAssistant, home: MockConfigEntry, subentry_id: str) -> None:
    hass.config_entries.async_remove_subentry(home, subentry_id)
    await settle(hass)


def suggested(flow: SubentryFlowResult, *keys: str) -> list[Any]:
    schema = flow["data_schema"]
    assert schema
    return [get_schema_suggested_value(schema.schema, key) for key in keys]


def device_of(hass: HomeAssistant, phone: MockConfigEntry) -> str:
    (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), phone.entry_id)
    return device.id


def codes_of(home: MockConfigEntry) -> list[str]:
    return [subentry.title for subentry in home.get_subentries_of_type(SUBENTRY_BRUKARE)]


def group_named(home: MockConfigEntry, name: str) -> ConfigSubentry:
    groups: Iterable[ConfigSubentry] = home.get_subentries_of_type(SUBENTRY_RECEIVER_GROUP)
    return next(group for group in groups if group.title == name)


async def test_a_couple_is_two_brukare(hass: HomeAssistant, home: MockConfigEntry) -> None:
    flow = await add(hass, home, SUBENTRY_BRUKARE)
    assert CODE.fullmatch(suggested(flow, "code")[0])
    flow = await answer(hass, flow, {"code": "k7-32", "instructions": "Ring på"})
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert codes_of(home) == ["K7-31", "K7-32"]
    second = home.get_subentries_of_type(SUBENTRY_BRUKARE)
    assert dict(list(second)[1].data) == {"code": "K7-32", "instructions": "Ring på"}


async def test_a_new_brukare_has_entities_at_once(hass: HomeAssistant, home: MockConfigEntry) -> None:
    await answer(hass, await add(hass, home, SUBENTRY_BRUKARE), {"code": "K7-32"})
    _, second = home.get_subentries_of_type(SUBENTRY_BRUKARE)
    assert state_of(hass, "sensor", "alarm_state", second.subentry_id) == "idle"


@pytest.mark.parametrize(
    ("brukare", "error"),
    [
        ({"code": "k7-31"}, "code_exists"),
        ({"code": "K7 32"}, "bad_code"),
        ({"code": "TESS-1", "name": "Tess T. Person"}, "code_tells_who"),
        ({"code": "VÄGEN", "address": "Testvägen 1"}, "code_tells_who"),
    ],
)
async def test_a_new_brukare_with_a_bad_code_is_refused_and_can_be_mended(
    hass: HomeAssistant, home: MockConfigEntry, brukare: dict[str, str], error: str
) -> None:
    flow = await answer(hass, await add(hass, home, SUBENTRY_BRUKARE), brukare)
    assert (flow["step_id"], flow["errors"], suggested(flow, "code")) == ("user", {"code": error}, [brukare["code"]])
    flow = await answer(hass, flow, brukare | {"code": "K7-32"})
    assert flow["type"] is FlowResultType.CREATE_ENTRY


async def test_a_brukare_is_shown_as_it_is_and_changed(hass: HomeAssistant, home: MockConfigEntry) -> None:
    flow = await details(hass, home)
    assert suggested(flow, "code", "name", "key_information") == ["K7-31", "Tess T. Person", None]
    flow = await answer(hass, flow, {"code": "K8-1", "key_information": "I nyckelskåpet"})
    assert (flow["type"], flow["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    brukare = home.subentries["brukare-1"]
    assert (brukare.title, dict(brukare.data)) == ("K8-1", {"code": "K8-1", "key_information": "I nyckelskåpet"})


async def test_a_brukares_telephone_is_kept_in_one_way_of_writing(hass: HomeAssistant, home: MockConfigEntry) -> None:
    flow = await answer(hass, await details(hass, home), {"code": "K8-1", "telephone": "070"})
    assert flow["errors"] == {"telephone": "bad_number"}
    await answer(hass, flow, {"code": "K8-1", "telephone": "070-174 06 05"})
    assert home.subentries["brukare-1"].data["telephone"] == "+46701740605"


async def test_a_brukare_may_keep_the_code(hass: HomeAssistant, home: MockConfigEntry) -> None:
    flow = await answer(hass, await details(hass, home), {"code": "K7-31", "name": "Tess"})
    assert flow["reason"] == "reconfigure_successful"


async def test_a_changed_code_is_refused_and_can_be_mended(hass: HomeAssistant, home: MockConfigEntry) -> None:
    flow = await answer(hass, await details(hass, home), {"code": "?"})
    assert (flow["step_id"], flow["errors"]) == ("details", {"code": "bad_code"})
    flow = await answer(hass, flow, {"code": "K8-1"})
    assert flow["reason"] == "reconfigure_successful"


async def test_a_changed_code_names_the_device(hass: HomeAssistant, home: MockConfigEntry, brukare_device: str) -> None:
    await answer(hass, await details(hass, home), {"code": "K8-1"})
    device = dr.async_get(hass).async_get(brukare_device)
    assert device
    assert device.name == "K8-1"


async def test_a_changed_code_is_on_the_phones_of_an_open_alarm(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, pushed: Pushed
) -> None:
    await raise_alarm(hass, brukare_device)
    await answer(hass, await details(hass, home), {"code": "K8-1"})
    assert pushed("1 Htj dag")[-1]["title"].startswith("K8-1")


async def test_a_group_is_added(hass: HomeAssistant, home: MockConfigEntry, phones: Phones) -> None:
    flow = await add(hass, home, SUBENTRY_RECEIVER_GROUP)
    assert suggested(flow, "name", "phones") == [None, None]
    reserve = {"name": " Reserv ", "role": "backup", "all_day": True, "phones": [device_of(hass, phones["2 Htj dag"])]}
    flow = await answer(hass, flow, reserve)
    assert (flow["type"], flow["title"]) == (FlowResultType.CREATE_ENTRY, "Reserv")
    assert group_named(home, "Reserv").data["phones"] == [f"app:{phones['2 Htj dag'].entry_id}"]


async def test_a_bad_group_is_refused_and_can_be_mended(hass: HomeAssistant, home: MockConfigEntry) -> None:
    reserve = {"name": "Reserv", "role": "backup", "all_day": True}
    flow = await answer(hass, await add(hass, home, SUBENTRY_RECEIVER_GROUP), reserve | {"phones": ["gone"]})
    assert (flow["step_id"], flow["errors"]) == ("user", {"phones": "phone_unknown"})
    flow = await answer(hass, flow, reserve)
    assert flow["type"] is FlowResultType.CREATE_ENTRY


async def test_a_group_is_shown_as_it_is(hass: HomeAssistant, home: MockConfigEntry, phones: Phones) -> None:
    flow = await change(hass, home, DAY)
    devices = [device_of(hass, phones["1 Htj dag"]), device_of(hass, phones["2 Htj dag"])]
    shown = suggested(flow, "name", "role", "all_day", "duty_from", "duty_to", "phones")
    assert shown == ["Htj dag", "staff", False, "06:46:00", "21:29:00", devices]


async def test_what_a_group_was_given_is_shown_back(hass: HomeAssistant, home: MockConfigEntry, phones: Phones) -> None:
    async_mock_service(hass, "notify", "sms")
    hass.states.async_set("notify.pager", "unknown")
    changed = {
        "name": "Htj",
        "role": "staff",
        "all_day": True,
        "phones": [device_of(hass, phones["2 Htj dag"])],
        "notify_entities": ["notify.pager"],
        "notify_services": ["sms"],
    }
    flow = await answer(hass, await change(hass, home, DAY), changed)
    assert flow["reason"] == "reconfigure_successful"
    assert home.subentries[DAY].title == "Htj"
    flow = await change(hass, home, DAY)
    assert suggested(flow, *changed) == [*changed.values()]
    assert suggested(flow, "duty_from") == [None]


def numbered(hass: HomeAssistant, phones: Phones, *pairs: tuple[str, str], name: str = "Reserv") -> dict[str, Any]:
    """Return a group of one phone as the form is filled in, with numbers of phones."""
    numbers = [{"phone": f"app:{phones[phone].entry_id}", "number": number} for phone, number in pairs]
    device = device_of(hass, phones["2 Htj dag"])
    return {"name": name, "role": "backup", "all_day": True, "phones": [device], "numbers": numbers}


async def test_a_phone_may_have_a_telephone_number(hass: HomeAssistant, home: MockConfigEntry, phones: Phones) -> None:
    filled_in = numbered(hass, phones, ("2 Htj dag", "070-174 06 05"))
    flow = await answer(hass, await add(hass, home, SUBENTRY_RECEIVER_GROUP), filled_in)
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    group = group_named(home, "Reserv")
    phone = f"app:{phones['2 Htj dag'].entry_id}"
    assert group.data["numbers"] == {phone: "+46701740605"}
    flow = await change(hass, home, group.subentry_id)
    assert suggested(flow, "numbers") == [[{"phone": phone, "number": "+46701740605"}]]
    await answer(hass, flow, {key: value for key, value in filled_in.items() if key != "numbers"})
    assert "numbers" not in group_named(home, "Reserv").data


@pytest.mark.parametrize(
    ("pairs", "error"),
    [
        ([("2 Htj dag", "nummer")], "bad_number"),
        ([("2 Htj dag", "")], "bad_number"),
        ([("1 Htj dag", "070-174 06 05")], "number_without_phone"),
        ([("2 Htj dag", "070-174 06 05"), ("2 Htj dag", "070-174 06 06")], "number_exists"),
    ],
)
async def test_a_bad_number_is_refused_and_can_be_mended(
    hass: HomeAssistant, home: MockConfigEntry, phones: Phones, pairs: list[tuple[str, str]], error: str
) -> None:
    flow = await answer(hass, await add(hass, home, SUBENTRY_RECEIVER_GROUP), numbered(hass, phones, *pairs))
    assert (flow["step_id"], flow["errors"]) == ("user", {"numbers": error})
    assert suggested(flow, "numbers") == [numbered(hass, phones, *pairs)["numbers"]]
    flow = await answer(hass, flow, numbered(hass, phones, ("2 Htj dag", "070-174 06 05")))
    assert flow["type"] is FlowResultType.CREATE_ENTRY


async def test_a_number_is_one_phones_in_the_whole_home(
    hass: HomeAssistant, home: MockConfigEntry, phones: Phones
) -> None:
    await answer(
        hass,
        await add(hass, home, SUBENTRY_RECEIVER_GROUP),
        numbered(hass, phones, ("2 Htj dag", "070-174 06 05")),
    )
    same_phone = numbered(hass, phones, ("2 Htj dag", "+46701740605"), name="Reserv 2")
    flow = await answer(hass, await add(hass, home, SUBENTRY_RECEIVER_GROUP), same_phone)
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    other = numbered(hass, phones, ("1 Nattpatrull", "0046701740605"), name="Natt")
    other["phones"] = [device_of(hass, phones["1 Nattpatrull"])]
    flow = await answer(hass, await add(hass, home, SUBENTRY_RECEIVER_GROUP), other)
    assert flow["errors"] == {"numbers": "number_exists"}


async def test_a_number_may_be_kept(hass: HomeAssistant, home: MockConfigEntry, phones: Phones) -> None:
    filled_in = numbered(hass, phones, ("2 Htj dag", "070-174 06 05"))
    await answer(hass, await add(hass, home, SUBENTRY_RECEIVER_GROUP), filled_in)
    flow = await change(hass, home, group_named(home, "Reserv").subentry_id)
    assert (await answer(hass, flow, filled_in))["reason"] == "reconfigure_successful"


async def test_an_sms_receiver_can_be_chosen_for_a_number(hass: HomeAssistant, home: MockConfigEntry) -> None:
    async_mock_service(hass, "notify", "sms")
    hass.states.async_set("notify.pager", "unknown")
    flow = await add(hass, home, SUBENTRY_RECEIVER_GROUP)
    numbers = [
        {"phone": "service:sms", "number": "0701740605"},
        {"phone": "entity:notify.pager", "number": "0701740606"},
    ]
    receivers = {"notify_services": ["notify.sms"], "notify_entities": ["notify.pager"], "numbers": numbers}
    flow = await answer(hass, flow, {"name": "SMS", "role": "backup", "all_day": True, **receivers})
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    kept = group_named(home, "SMS").data["numbers"]
    assert kept == {"service:sms": "+46701740605", "entity:notify.pager": "+46701740606"}


async def test_a_changed_group_is_refused_and_can_be_mended(hass: HomeAssistant, home: MockConfigEntry) -> None:
    flow = await answer(hass, await change(hass, home, DAY), {"name": " ", "role": "staff", "all_day": True})
    assert (flow["step_id"], flow["errors"]) == ("reconfigure", {"name": "name_missing"})
    assert suggested(flow, "role") == ["staff"]
    flow = await answer(hass, flow, {"name": "Htj", "role": "staff", "all_day": True})
    assert flow["reason"] == "reconfigure_successful"


async def test_a_phone_that_is_gone_is_not_shown(hass: HomeAssistant, home: MockConfigEntry, phones: Phones) -> None:
    await hass.config_entries.async_remove(phones["1 Htj dag"].entry_id)
    flow = await change(hass, home, DAY)
    assert suggested(flow, "phones") == [[device_of(hass, phones["2 Htj dag"])]]


async def test_a_changed_group_is_called_at_the_next_alarm(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, phones: Phones, pushed: Pushed
) -> None:
    only = {"name": "Htj", "role": "staff", "all_day": True, "phones": [device_of(hass, phones["1 Nattpatrull"])]}
    await answer(hass, await change(hass, home, DAY), only)
    await raise_alarm(hass, brukare_device)
    assert (len(pushed("1 Nattpatrull")), pushed("1 Htj dag")) == (1, [])


async def test_a_removed_brukare_takes_device_and_entities_along(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str
) -> None:
    await remove(hass, home, "brukare-1")
    assert home.state is ConfigEntryState.LOADED
    assert dr.async_get(hass).async_get(brukare_device) is None
    left = er.async_entries_for_config_entry(er.async_get(hass), home.entry_id)
    assert {entry.config_subentry_id for entry in left} == {None}
    assert not [entry for entry in left if "brukare-1" in entry.unique_id]


async def test_an_open_alarm_outlives_its_brukare(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, pushed: Pushed
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await remove(hass, home, "brukare-1")
    await call(hass, "acknowledge_alarm", alarm_id=alarm_id)
    assert (await call(hass, "get_alarms"))["alarms"][0]["state"] == "acknowledged"


async def test_an_open_alarm_says_whose_it_is_after_its_brukare_was_removed(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, pushed: Pushed
) -> None:
    await raise_alarm(hass, brukare_device)
    await remove(hass, home, "brukare-1")
    assert pushed("1 Htj dag")[-1]["title"] == "K7-31 · Trygghetslarm"


async def test_a_removed_group_is_no_longer_called(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, pushed: Pushed
) -> None:
    await remove(hass, home, DAY)
    await raise_alarm(hass, brukare_device)
    assert pushed("1 Htj dag") == []


async def test_the_frontend_can_show_and_send_the_forms(
    hass: HomeAssistant, home: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    assert await async_setup_component(hass, "config", {})
    client = await hass_client()
    path = "/api/config/config_entries/subentries/flow"
    asked = {"handler": [home.entry_id, SUBENTRY_RECEIVER_GROUP], "subentry_id": DAY, "show_advanced_options": False}
    response = await client.post(path, json=asked)
    assert response.status == HTTPStatus.OK, await response.text()
    shown = await response.json()
    fields = {field["name"]: field.get("description", {}).get("suggested_value") for field in shown["data_schema"]}
    assert fields["numbers"] is None
    sent = {key: value for key, value in fields.items() if value is not None}
    response = await client.post(f"{path}/{shown['flow_id']}", json=sent | {"name": "Htj"})
    assert (await response.json())["reason"] == "reconfigure_successful"
    await settle(hass)
    assert home.subentries[DAY].data["duty_from"] == "06:46:00"


# --- consent ------------------------------------------------------------------------------------------


async def consent(hass: HomeAssistant, home: MockConfigEntry) -> SubentryFlowResult:
    """Open the form in which a consent is registered."""
    return await answer(hass, await change(hass, home, "brukare-1"), {"next_step_id": "consent"})


async def consents_of(home: MockConfigEntry) -> list[ConsentRegistered]:
    return [event for event in await journalled(home) if isinstance(event, ConsentRegistered)]


GIVEN = {"service": "larm", "status": "given", "cohabitant": False, "decided_on": "2026-11-01"}


async def test_a_brukares_form_asks_first_what_is_to_be_changed(hass: HomeAssistant, home: MockConfigEntry) -> None:
    flow = await change(hass, home, "brukare-1")
    assert (flow["type"], flow["menu_options"]) == (FlowResultType.MENU, ["details", "consent"])


async def test_a_consent_is_registered_in_the_journal_and_not_in_the_settings(
    hass: HomeAssistant, home: MockConfigEntry
) -> None:
    before = dict(home.subentries["brukare-1"].data)
    flow = await consent(hass, home)
    assert flow["description_placeholders"] == {"registered": "inget samtycke registrerat"}
    told = {"version": "2", "reference": "Pärm 4", "expires_on": "2027-11-01"}
    flow = await answer(hass, flow, {**GIVEN, **told})
    assert (flow["type"], flow["reason"]) == (FlowResultType.ABORT, "consent_registered")
    (event,) = await consents_of(home)
    assert (event.decided_on, event.version, event.reference, event.expires_on) == ("2026-11-01", *told.values())
    assert dict(home.subentries["brukare-1"].data) == before


async def test_what_is_registered_is_shown(hass: HomeAssistant, home: MockConfigEntry) -> None:
    await answer(hass, await consent(hass, home), GIVEN)
    await answer(hass, await consent(hass, home), {**GIVEN, "status": "withdrawn", "cohabitant": True})
    flow = await consent(hass, home)
    shown = "larm, givet, 2026-11-01\nlarm, återkallat, sammanboende, 2026-11-01"
    assert flow["description_placeholders"] == {"registered": shown}
    assert state_of(hass, "sensor", "consent") == "withdrawn"


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"decided_on": "2026-11-03"}, {"base": "consent_in_future"}),
        ({"expires_on": "2026-10-01"}, {"base": "consent_ends_too_early"}),
        ({"version": "2" * 65}, {"version": "text_too_long"}),
        ({"reference": "4" * 256}, {"reference": "text_too_long"}),
    ],
)
async def test_a_consent_that_cannot_be_is_refused_and_can_be_mended(
    hass: HomeAssistant, home: MockConfigEntry, change: dict[str, str], errors: dict[str, str]
) -> None:
    flow = await answer(hass, await consent(hass, home), {**GIVEN, **change})
    assert (flow["step_id"], flow["errors"], suggested(flow, "status")) == ("consent", errors, ["given"])
    assert await consents_of(home) == []
    flow = await answer(hass, flow, GIVEN)
    assert flow["reason"] == "consent_registered"


async def test_a_consent_waits_for_the_hub(hass: HomeAssistant, home: MockConfigEntry) -> None:
    flow = await consent(hass, home)
    await home.runtime_data.engine.stop()
    flow = await answer(hass, flow, GIVEN)
    assert flow["errors"] == {"base": "hub_not_loaded"}
    await hass.config_entries.async_unload(home.entry_id)
    flow = await answer(hass, flow, GIVEN)
    assert (flow["type"], flow["reason"]) == (FlowResultType.ABORT, "hub_not_loaded")


async def test_who_registers_a_consent_is_known_by_the_login(
    hass: HomeAssistant, home: MockConfigEntry, hass_client: ClientSessionGenerator, hass_admin_user: MockUser
) -> None:
    assert await async_setup_component(hass, "config", {})
    client = await hass_client()
    url = "/api/config/config_entries/subentries/flow"
    answered = await client.post(url, json={"handler": [home.entry_id, "brukare"], "subentry_id": "brukare-1"})
    flow = await answered.json()
    await client.post(f"{url}/{flow['flow_id']}", json={"next_step_id": "consent"})
    answered = await client.post(f"{url}/{flow['flow_id']}", json=GIVEN)
    assert (await answered.json())["reason"] == "consent_registered"
    (event,) = await consents_of(home)
    assert event.by.user_id == hass_admin_user.id
