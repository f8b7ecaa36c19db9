"""What each user of Home Assistant may do (R030.2, R011.4)."""

from collections.abc import Callable
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.auth.const import GROUP_ID_ADMIN, GROUP_ID_READ_ONLY, GROUP_ID_USER
from homeassistant.auth.models import User
from homeassistant.core import Context, HomeAssistant, SupportsResponse
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.homecare_h2o.const import DOMAIN
from custom_components.homecare_h2o.core.events import AccessRefused, AlarmAcknowledged, AlarmRaised, AnswerRefused
from custom_components.homecare_h2o.core.roles import Permission, UserRole
from custom_components.homecare_h2o.roles import async_may, async_require, async_role_of
from custom_components.homecare_h2o.services import ACTIONS

from .conftest import Pushed
from .rules import House
from .steps import button, call, entity_id, get_alarm, go_on, journalled, press, raise_alarm, settle, user_of

type Phones = dict[str, MockConfigEntry]

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

FIRST = "1 Htj dag"
ISSUE = "phone_user_not_allowed"
UNKNOWN = "0123456789abcdef0123456789abcdef"


@pytest.fixture
async def users(hass: HomeAssistant, phones: Phones) -> dict[str, str | None]:
    """Register one user of each kind; the first user of a Home Assistant is its owner."""
    owner = await hass.auth.async_get_owner()
    assert owner
    made: dict[str, User] = {
        name: await hass.auth.async_create_user(name, group_ids=groups)
        for name, groups in {
            "admin": [GROUP_ID_ADMIN],
            "user": [GROUP_ID_USER],
            "ungrouped": [],
            "both": [GROUP_ID_USER, GROUP_ID_READ_ONLY],
            "read_only": [GROUP_ID_READ_ONLY],
            "inactive": [GROUP_ID_USER],
            "inactive_admin": [GROUP_ID_ADMIN],
        }.items()
    }
    await hass.auth.async_deactivate_user(made["inactive"])
    await hass.auth.async_deactivate_user(made["inactive_admin"])
    ids = {name: user.id for name, user in made.items()}
    return {**ids, "owner": owner.id, "unknown": UNKNOWN, "automation": None}


async def refusals(home: MockConfigEntry) -> list[tuple[str | None, Permission]]:
    return [(one.user_id, one.permission) for one in await journalled(home) if isinstance(one, AccessRefused)]


async def refused(hass: HomeAssistant, action: str, user_id: str | None, **data: Any) -> str | None:
    """Return why an action is refused."""
    answers = ACTIONS[action][2] is not SupportsResponse.NONE
    context = Context(user_id=user_id)
    with pytest.raises(ServiceValidationError) as caught:
        await hass.services.async_call(DOMAIN, action, data, blocking=True, return_response=answers, context=context)
    await settle(hass)
    return caught.value.translation_key


# --- who is who --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("owner", UserRole.LARMANSVARIG),
        ("admin", UserRole.LARMANSVARIG),
        ("user", UserRole.STAFF),
        ("ungrouped", UserRole.STAFF),
        ("both", UserRole.STAFF),
        ("read_only", UserRole.NOBODY),
        ("inactive", UserRole.NOBODY),
        ("inactive_admin", UserRole.NOBODY),
        ("unknown", UserRole.NOBODY),
        ("automation", UserRole.SYSTEM),
    ],
)
async def test_who_is_who(hass: HomeAssistant, users: dict[str, str | None], name: str, role: UserRole) -> None:
    assert await async_role_of(hass, users[name]) is role


async def test_a_removed_user_is_nobody(hass: HomeAssistant, users: dict[str, str | None]) -> None:
    user = await hass.auth.async_get_user(str(users["user"]))
    assert user
    await hass.auth.async_remove_user(user)
    assert await async_may(hass, user.id, Permission.HANDLE) is False


# --- actions -----------------------------------------------------------------------------------------

MAY_RAISE = ["owner", "admin", "user", "automation"]
MAY_NOT = ["read_only", "inactive", "inactive_admin", "unknown"]


@pytest.mark.parametrize("name", MAY_RAISE)
async def test_who_may_take_and_close_an_alarm(
    hass: HomeAssistant, brukare_device: str, users: dict[str, str | None], name: str
) -> None:
    who = users[name]
    data = {"device_id": brukare_device, "alarm_type": "fire"}
    alarm_id = (await call(hass, "raise_alarm", who, **data))["alarm_id"]
    assert (await call(hass, "acknowledge_alarm", who, alarm_id=alarm_id))["state"] == "acknowledged"
    assert (await call(hass, "resolve_alarm", who, alarm_id=alarm_id, outcome="help_given"))["state"] == "resolved"
    assert (await call(hass, "get_alarms", who))["alarms"]


@pytest.mark.parametrize("name", MAY_NOT)
@pytest.mark.parametrize(
    ("action", "more"),
    [
        ("raise_alarm", {"alarm_type": "fire"}),
        ("acknowledge_alarm", None),
        ("decline_alarm", None),
        ("report_false_alarm", None),
        ("start_visit", {}),
        ("end_visit", {}),
        ("get_plan", {}),
        ("get_alarms", {}),
    ],
)
async def test_who_may_only_look_may_do_nothing(
    hass: HomeAssistant,
    home: MockConfigEntry,
    brukare_device: str,
    users: dict[str, str | None],
    name: str,
    action: str,
    more: dict[str, Any] | None,
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    before = len(await journalled(home))
    data = {"alarm_id": alarm_id} if more is None else {"device_id": brukare_device, **more}
    assert await refused(hass, action, users[name], **data) == "not_allowed"
    assert (await get_alarm(hass, alarm_id))["state"] == "raised"
    assert await refusals(home) == [(users[name], ACTIONS[action][3])]
    assert len(await journalled(home)) == before + 1


@pytest.mark.parametrize("action", list(ACTIONS))
async def test_every_action_asks_who_calls(
    hass: HomeAssistant, home: MockConfigEntry, users: dict[str, str | None], action: str
) -> None:
    assert isinstance(ACTIONS[action][3], Permission)


async def test_a_refusal_is_told_in_words_and_journalled_once_an_hour(
    hass: HomeAssistant,
    home: MockConfigEntry,
    brukare_device: str,
    users: dict[str, str | None],
    freezer: FrozenDateTimeFactory,
) -> None:
    who = users["read_only"]
    await refused(hass, "get_alarms", who)
    await refused(hass, "get_alarms", who)
    await refused(hass, "start_visit", who, device_id=brukare_device)
    assert await refusals(home) == [(who, Permission.READ), (who, Permission.VISIT)]
    await go_on(hass, freezer, hours=1)
    await refused(hass, "get_alarms", who)
    assert len(await refusals(home)) == 3


async def test_without_a_hub_nobody_is_let_in_either(
    hass: HomeAssistant, home: MockConfigEntry, users: dict[str, str | None]
) -> None:
    await hass.config_entries.async_unload(home.entry_id)
    assert await refused(hass, "get_alarms", users["read_only"]) == "not_allowed"
    assert await refused(hass, "get_alarms", users["user"]) == "hub_not_loaded"


async def test_while_the_hub_stops_a_refusal_is_a_refusal(
    hass: HomeAssistant, home: MockConfigEntry, users: dict[str, str | None]
) -> None:
    await home.runtime_data.engine.stop()
    assert await refused(hass, "get_alarms", users["read_only"]) == "not_allowed"


@pytest.mark.parametrize("permission", [Permission.PLAN, Permission.EXPORT, Permission.DEVIATIONS])
async def test_only_larmansvarig_changes_what_is_watched(
    hass: HomeAssistant, home: MockConfigEntry, users: dict[str, str | None], permission: Permission
) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await async_require(hass, Context(user_id=users["user"]), permission)
    assert (caught.value.translation_domain, caught.value.translation_key) == (DOMAIN, "not_allowed")
    await async_require(hass, Context(user_id=users["admin"]), permission)
    await async_require(hass, None, permission)
    assert await refusals(home) == [(users["user"], permission)]


async def test_an_automation_that_somebody_sets_off_is_the_system(
    hass: HomeAssistant, home: MockConfigEntry, house: House, users: dict[str, str | None]
) -> None:
    await house.use(house.button())
    rule = {"entity_id": house.automation("button 1")}
    trigger = {"due_at": "2026-11-02T12:00:00+01:00", "late": False, "sources": []}
    await hass.services.async_call(
        "automation",
        "trigger",
        {**rule, "skip_condition": True, "variables": {"trigger": trigger}},
        blocking=True,
        context=Context(user_id=users["user"]),
    )
    await settle(hass)
    assert await refusals(home) == []


# --- the test button ---------------------------------------------------------------------------------


async def press_test(hass: HomeAssistant, user_id: str | None) -> None:
    target = {"entity_id": entity_id(hass, "button", "test_alarm")}
    await hass.services.async_call("button", "press", target, blocking=True, context=Context(user_id=user_id))
    await settle(hass)


async def tests_of(home: MockConfigEntry) -> int:
    return len([event for event in await journalled(home) if isinstance(event, AlarmRaised)])


@pytest.mark.parametrize("name", ["owner", "admin", "automation"])
async def test_larmansvarig_and_rules_test_the_chain(
    hass: HomeAssistant, home: MockConfigEntry, users: dict[str, str | None], name: str
) -> None:
    await press_test(hass, users[name])
    assert await tests_of(home) == 1


async def test_staff_do_not_test_the_chain(
    hass: HomeAssistant, home: MockConfigEntry, users: dict[str, str | None]
) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await press_test(hass, users["user"])
    assert caught.value.translation_key == "not_allowed"
    assert (await tests_of(home), await refusals(home)) == (0, [(users["user"], Permission.TEST_CHAIN)])


@pytest.mark.parametrize("name", ["read_only", "unknown"])
async def test_who_may_only_look_does_not_test_the_chain(
    hass: HomeAssistant, home: MockConfigEntry, users: dict[str, str | None], name: str
) -> None:
    with pytest.raises(HomeAssistantError):
        await press_test(hass, users[name])
    assert await tests_of(home) == 0


# --- phones ------------------------------------------------------------------------------------------


async def turn_off(hass: HomeAssistant, user: User) -> None:
    await hass.auth.async_deactivate_user(user)


async def let_only_look(hass: HomeAssistant, user: User) -> None:
    await hass.auth.async_update_user(user, group_ids=[GROUP_ID_READ_ONLY])


async def remove(hass: HomeAssistant, user: User) -> None:
    await hass.auth.async_remove_user(user)


WAYS = pytest.mark.parametrize("change", [turn_off, let_only_look, remove])
SECOND = "2 Htj dag"


async def user_behind(hass: HomeAssistant, phone: MockConfigEntry) -> User:
    user = await hass.auth.async_get_user(user_of(phone))
    assert user
    return user


@WAYS
async def test_a_phone_whose_user_may_not_answer_changes_nothing_and_is_journalled_once(
    hass: HomeAssistant,
    home: MockConfigEntry,
    brukare_device: str,
    phones: Phones,
    pushed: Pushed,
    change: Callable[[HomeAssistant, User], Any],
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await change(hass, await user_behind(hass, phones[SECOND]))
    await press(hass, phones[SECOND], button(pushed(SECOND)[0], 0))
    await press(hass, phones[SECOND], button(pushed(SECOND)[0], 0))
    assert (await get_alarm(hass, alarm_id))["state"] == "raised"
    assert [one.reason for one in await journalled(home) if isinstance(one, AnswerRefused)] == ["foreign"]


async def test_whoever_answers_on_a_phone_is_known_by_the_phones_user(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, phones: Phones, pushed: Pushed
) -> None:
    await raise_alarm(hass, brukare_device)
    await press(hass, phones[FIRST], button(pushed(FIRST)[0], 0))
    (taken,) = [event for event in await journalled(home) if isinstance(event, AlarmAcknowledged)]
    assert (taken.by.user_id, taken.by.phone_id) == (user_of(phones[FIRST]), f"app:{phones[FIRST].entry_id}")


@pytest.mark.parametrize("change", [turn_off, let_only_look])
async def test_a_phone_that_would_be_called_in_vain_is_told_until_it_is_mended(
    hass: HomeAssistant,
    home: MockConfigEntry,
    phones: Phones,
    freezer: FrozenDateTimeFactory,
    change: Callable[[HomeAssistant, User], Any],
) -> None:
    issues = ir.async_get(hass)
    await go_on(hass, freezer, minutes=1)
    assert issues.async_get_issue(DOMAIN, ISSUE) is None
    await change(hass, await user_behind(hass, phones[SECOND]))
    await go_on(hass, freezer, minutes=1)
    issue = issues.async_get_issue(DOMAIN, ISSUE)
    assert issue
    assert issue.translation_placeholders == {"groups": "Htj dag"}
    group = home.subentries["group-Htj dag"]
    hass.config_entries.async_update_subentry(home, group, data={**group.data, "phones": group.data["phones"][:1]})
    await settle(hass)
    await go_on(hass, freezer, minutes=1)
    assert issues.async_get_issue(DOMAIN, ISSUE) is None
