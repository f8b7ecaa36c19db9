"""The test of the alarm chain: silently every day, aloud when somebody asks for it."""

import asyncio
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Context, CoreState, HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker

from custom_components.homecare_h2o.const import DOMAIN
from custom_components.homecare_h2o.core.chain import PhoneTests
from custom_components.homecare_h2o.core.codec import to_plain
from custom_components.homecare_h2o.core.events import ChainTested, DeviationFiled

from .conftest import PUSH_URL, Pushed
from .steps import button, entity_id, go_on, journalled, raise_alarm, receipt, settle, state_of, user_of

type Phones = dict[str, MockConfigEntry]

pytestmark = pytest.mark.freeze_time("2026-11-02 12:30:00+01:00")

FIRST, BOSS = "1 Htj dag", "Larmansvarig"


async def results_of(home: MockConfigEntry, phone: MockConfigEntry) -> list[tuple[str, str | None]]:
    """Return what the journal has of a phone's tests."""
    phone_id = f"app:{phone.entry_id}"
    events = [event for event in await journalled(home) if isinstance(event, ChainTested)]
    return [(event.result, event.error) for event in events if event.phone_id == phone_id]


def silent(pushed: Pushed, name: str) -> list[dict[str, Any]]:
    """Return the silent tests that a phone was sent."""
    return [push for push in pushed(name) if push["data"]["tag"].startswith("homecare_h2o-test-")]


def issues(hass: HomeAssistant) -> list[str]:
    """Return the phones that are told to have failed."""
    found = [issue_id for domain, issue_id in ir.async_get(hass).issues if domain == DOMAIN]
    return [issue_id.partition(":")[2] for issue_id in found if issue_id.startswith("phone_failed_test:")]


@pytest.fixture
async def morning(hass: HomeAssistant, home: MockConfigEntry, freezer: FrozenDateTimeFactory) -> MockConfigEntry:
    """Have the hours come in which phones are tested."""
    await go_on(hass, freezer, seconds=20)
    freezer.move_to("2026-11-03 12:00:00+01:00")
    await go_on(hass, freezer, seconds=20)
    return home


# --- silently, every day -------------------------------------------------------------------------


async def test_every_phone_is_tested_in_silence_once_a_day(
    hass: HomeAssistant, morning: MockConfigEntry, phones: Phones, pushed: Pushed, freezer: FrozenDateTimeFactory
) -> None:
    (push,) = silent(pushed, FIRST)
    assert push["message"] == "clear_notification"
    assert push["data"] | {"tag": ""} == {"tag": "", "confirmation": True, "ttl": 0, "priority": "high"}
    await receipt(hass, phones[FIRST], tag=push["data"]["tag"])
    await go_on(hass, freezer, hours=6)
    assert await results_of(morning, phones[FIRST]) == [("passed", None)]
    freezer.move_to("2026-11-04 12:00:00+01:00")
    await go_on(hass, freezer, seconds=20)
    assert len(silent(pushed, FIRST)) == 2


async def test_nothing_is_sent_before_the_first_morning(
    hass: HomeAssistant, home: MockConfigEntry, pushed: Pushed, freezer: FrozenDateTimeFactory
) -> None:
    await go_on(hass, freezer, hours=20)
    assert silent(pushed, FIRST) == []


async def test_a_phone_is_not_tested_again_after_a_restart(
    hass: HomeAssistant, morning: MockConfigEntry, phones: Phones, pushed: Pushed, freezer: FrozenDateTimeFactory
) -> None:
    await receipt(hass, phones[FIRST], tag=silent(pushed, FIRST)[0]["data"]["tag"])
    await hass.config_entries.async_reload(morning.entry_id)
    await go_on(hass, freezer, seconds=20)
    assert len(silent(pushed, FIRST)) == 1


async def test_nothing_is_tested_while_home_assistant_starts(
    hass: HomeAssistant, home: MockConfigEntry, pushed: Pushed, freezer: FrozenDateTimeFactory
) -> None:
    await go_on(hass, freezer, seconds=20)
    hass.set_state(CoreState.starting)
    await go_on(hass, freezer, hours=24)
    assert silent(pushed, FIRST) == []
    hass.set_state(CoreState.running)


async def test_a_receipt_of_another_user_proves_nothing(
    hass: HomeAssistant, morning: MockConfigEntry, phones: Phones, pushed: Pushed
) -> None:
    await receipt(hass, phones[BOSS], tag=silent(pushed, FIRST)[0]["data"]["tag"])
    assert await results_of(morning, phones[FIRST]) == []


async def test_a_phone_that_cannot_confirm_is_never_said_to_have_passed(
    hass: HomeAssistant, home: MockConfigEntry, phones: Phones, freezer: FrozenDateTimeFactory
) -> None:
    data = {**phones[FIRST].data, "os_name": "iOS"}
    hass.config_entries.async_update_entry(phones[FIRST], data=data)
    await go_on(hass, freezer, seconds=20)
    await go_on(hass, freezer, hours=24)
    assert await results_of(home, phones[FIRST]) == [("not_verified", None)]
    state = hass.states.get(entity_id(hass, "binary_sensor", "phone_problem"))
    assert state
    assert (state.state, state.attributes["not_verified"]) == ("off", [FIRST])


async def test_two_missing_receipts_in_a_row_are_told_to_everybody_who_must_know(
    hass: HomeAssistant, morning: MockConfigEntry, phones: Phones, freezer: FrozenDateTimeFactory
) -> None:
    await go_on(hass, freezer, minutes=11)
    assert (issues(hass), state_of(hass, "binary_sensor", "phone_problem")) == ([], "off")
    await go_on(hass, freezer, minutes=16)
    await go_on(hass, freezer, minutes=11)
    assert await results_of(morning, phones[FIRST]) == [("failed", "no_receipt")] * 2
    assert f"app:{phones[FIRST].entry_id}" in issues(hass)
    state = hass.states.get(entity_id(hass, "binary_sensor", "phone_problem"))
    assert state
    assert state.state == "on"
    assert FIRST in state.attributes["failed"]
    filed = [event for event in await journalled(morning) if isinstance(event, DeviationFiled)]
    assert any("1 Htj dag" in (event.text or "") for event in filed)
    assert {event.deviation for event in filed} == {"chain_test"}


@pytest.fixture
async def failed(hass: HomeAssistant, morning: MockConfigEntry, freezer: FrozenDateTimeFactory) -> MockConfigEntry:
    """Have all phones failed."""
    await go_on(hass, freezer, minutes=11)
    await go_on(hass, freezer, minutes=16)
    await go_on(hass, freezer, minutes=11)
    return morning


async def test_a_phone_that_passes_is_well_again(
    hass: HomeAssistant, failed: MockConfigEntry, phones: Phones, pushed: Pushed, freezer: FrozenDateTimeFactory
) -> None:
    await go_on(hass, freezer, minutes=61)
    await receipt(hass, phones[FIRST], tag=silent(pushed, FIRST)[-1]["data"]["tag"])
    assert f"app:{phones[FIRST].entry_id}" not in issues(hass)
    assert (await results_of(failed, phones[FIRST]))[-1] == ("passed", None)


async def test_a_phone_that_stays_failed_is_journalled_and_filed_once(
    hass: HomeAssistant, failed: MockConfigEntry, phones: Phones, freezer: FrozenDateTimeFactory
) -> None:
    before = len(await journalled(failed))
    await go_on(hass, freezer, minutes=61)
    await go_on(hass, freezer, minutes=11)
    assert len(await journalled(failed)) == before


async def test_the_receipt_of_an_alarm_proves_a_phone(
    hass: HomeAssistant, failed: MockConfigEntry, brukare_device: str, phones: Phones, pushed: Pushed
) -> None:
    await raise_alarm(hass, brukare_device)
    await receipt(hass, phones[FIRST], action_1_key=button(pushed(FIRST)[-1], 0))
    assert f"app:{phones[FIRST].entry_id}" not in issues(hass)


async def test_a_failed_phone_is_still_told_after_a_reload_and_forgotten_when_it_is_put_away(
    hass: HomeAssistant, failed: MockConfigEntry, phones: Phones
) -> None:
    await hass.config_entries.async_reload(failed.entry_id)
    assert len(issues(hass)) == 4
    group = failed.subentries["group-Htj dag"]
    hass.config_entries.async_update_subentry(failed, group, data={**group.data, "phones": []})
    await settle(hass)
    assert len(issues(hass)) == 2


async def test_a_phone_that_cannot_be_sent_to_has_failed(
    hass: HomeAssistant,
    home: MockConfigEntry,
    phones: Phones,
    pushes: AiohttpClientMocker,
    freezer: FrozenDateTimeFactory,
) -> None:
    pushes.clear_requests()
    pushes.post(PUSH_URL, status=HTTPStatus.INTERNAL_SERVER_ERROR, json={})
    await go_on(hass, freezer, seconds=20)
    await go_on(hass, freezer, hours=24)
    assert await results_of(home, phones[FIRST]) == [("failed", "http_500")]


@pytest.mark.parametrize(
    ("phone_id", "state", "expected"),
    [
        ("entity:notify.pager", "unknown", "not_verified"),
        ("entity:notify.pager", "unavailable", "failed"),
        ("entity:notify.nobody", "unknown", "failed"),
        ("service:persistent_notification", "unknown", "not_verified"),
        ("service:nobody", "unknown", "failed"),
    ],
)
async def test_what_is_no_app_is_only_looked_for(
    hass: HomeAssistant,
    home: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    phone_id: str,
    state: str,
    expected: str,
) -> None:
    hass.states.async_set("notify.pager", state)
    group = home.subentries["group-Htj dag"]
    hass.config_entries.async_update_subentry(home, group, data={**group.data, "phones": [phone_id]})
    await settle(hass)
    await go_on(hass, freezer, seconds=20)
    await go_on(hass, freezer, hours=24)
    events = [event for event in await journalled(home) if isinstance(event, ChainTested)]
    assert [event.result for event in events if event.phone_id == phone_id] == [expected]


# --- aloud, when asked for -----------------------------------------------------------------------


class Ringing:
    """A loud test that is going on."""

    def __init__(self, hass: HomeAssistant, device_id: str, seconds: int) -> None:
        data = {"device_id": device_id, "timeout": seconds}
        work = hass.services.async_call(DOMAIN, "test_alarm_chain", data, blocking=True, return_response=True)
        self.task = hass.async_create_background_task(work, "test", eager_start=True)

    async def report(self) -> dict[str, dict[str, Any]]:
        """Return what each phone is said to have done."""
        response: Any = await self.task
        return {phone["phone"]: phone for phone in response["phones"]}


async def turns() -> None:
    """Let everything happen that happens at once."""
    await asyncio.sleep(0.1)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for answers for a moment only."""
    monkeypatch.setattr("custom_components.homecare_h2o.chain_test.SECOND", 0.05)


@pytest.mark.freeze_time("2026-11-02 12:30:00+01:00", tick=True)
async def test_a_loud_test_rings_every_phone_and_tells_what_each_answered(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, phones: Phones, pushed: Pushed, short: None
) -> None:
    ringing = Ringing(hass, brukare_device, 10)
    await turns()
    (push,) = pushed(FIRST)
    assert (push["title"], push["data"]["channel"]) == ("K7-31 · Provlarm", "alarm_stream")
    context = Context(user_id=user_of(phones[FIRST]))
    hass.bus.async_fire("mobile_app_notification_received", {"tag": push["data"]["tag"]}, context=context)
    hass.bus.async_fire("mobile_app_notification_action", {"action": button(push, 0)}, context=context)
    report = await ringing.report()
    await settle(hass)
    first, boss = report[FIRST], report[BOSS]
    assert (first["result"], first["sent"], first["error"]) == ("passed", True, None)
    assert 0 < first["received_ms"] <= first["answered_ms"] < 2000
    assert (boss["result"], boss["sent"], boss["error"]) == ("failed", True, "no_receipt")
    assert await results_of(home, phones[FIRST]) == [("passed", None)]
    assert pushed(FIRST)[-1]["message"] == "clear_notification"


@pytest.mark.freeze_time("2026-11-02 12:30:00+01:00", tick=True)
async def test_a_phone_that_cannot_be_sent_to_is_told_at_once(
    hass: HomeAssistant,
    home: MockConfigEntry,
    brukare_device: str,
    phones: Phones,
    pushes: AiohttpClientMocker,
) -> None:
    pushes.clear_requests()
    pushes.post(PUSH_URL, status=HTTPStatus.TOO_MANY_REQUESTS, json={})
    report = await Ringing(hass, brukare_device, 300).report()
    assert {phone["error"] for phone in report.values()} == {"rate_limited"}
    await settle(hass)
    assert len(issues(hass)) == 4


async def test_staff_may_not_ring_every_phone(hass: HomeAssistant, brukare_device: str, phones: Phones) -> None:
    data = {"device_id": brukare_device}
    user = await hass.auth.async_create_user("Personal", group_ids=["system-users"])
    with pytest.raises(ServiceValidationError):
        await hass.services.async_call(
            DOMAIN, "test_alarm_chain", data, blocking=True, context=Context(user_id=user.id), return_response=True
        )


async def test_what_is_kept_of_a_phone_is_read_again(hass: HomeAssistant, home: MockConfigEntry) -> None:
    hub = home.runtime_data
    tests = PhoneTests(known_at=hub.clock.now() - timedelta(days=1), failures=2)
    await hub.facts.put("chain.app:x", to_plain(tests))
    assert hub.chain.tests_of("app:x") == tests
