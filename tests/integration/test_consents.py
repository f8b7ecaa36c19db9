"""Consent is registered, a withdrawal disarms at once and is told, and what is given again is armed again (S.1, S.2)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.homecare_h2o.const import DOMAIN
from custom_components.homecare_h2o.core.arming_events import AlarmSuppressed, ConsentRegistered
from custom_components.homecare_h2o.core.deviations import Deviation
from custom_components.homecare_h2o.core.errors import EngineStoppedError
from custom_components.homecare_h2o.core.events import AlarmRaised
from tests.journal.damaging import tamper

from .conftest import Pushed
from .desk import HomeAtHand, employ_larmansvarig
from .rules import House, local
from .steps import call, entity_id, get_alarm, go_on, journalled, raise_alarm, settle, state_of

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

LARMANSVARIG = "Larmansvarig"
WITHDRAWN = "consent_withdrawn:larm:brukare-1"
EXPIRED = "consent_expired:larm:brukare-1"
TODAY = "2026-11-02"


@pytest.fixture
async def admin(hass: HomeAssistant) -> str:
    return await employ_larmansvarig(hass)


class Desk(HomeAtHand):
    """The larmansvarig's desk."""

    async def register(self, status: str, decided_on: str = TODAY, user_id: str | None = None, **data: Any) -> Any:
        """Register a consent, and return how it stands."""
        data |= {"device_id": self.device_id, "status": status, "decided_on": decided_on}
        return (await call(self.hass, "register_consent", user_id or self.user_id, **data))["state"]

    async def refused(self, status: str, **data: Any) -> str | None:
        """Return why something is not registered."""
        with pytest.raises(ServiceValidationError) as caught:
            await self.register(status, **data)
        return caught.value.translation_key

    async def raise_alarm(self, alarm_type: str = "passivity", **data: Any) -> str:
        """Raise an alarm, and return what became of it."""
        response = await call(self.hass, "raise_alarm", device_id=self.device_id, alarm_type=alarm_type, **data)
        return str(response["outcome"])

    async def kept(self, kind: type) -> list[Any]:
        """Return the events of a kind in the journal."""
        return [event for event in await journalled(self.home) if isinstance(event, kind)]

    async def rung(self) -> list[AlarmRaised]:
        """Return the alarms that told of a withdrawal."""
        return [event for event in await self.kept(AlarmRaised) if event.rule.startswith("system.consent.")]

    def issues(self) -> list[str]:
        """Return the repair issues about consent."""
        issues = ir.async_get(self.hass).issues
        return [issue_id for domain, issue_id in issues if domain == DOMAIN and issue_id.startswith("consent_")]

    async def inbox(self) -> list[Deviation]:
        """Return what was filed about consent that ends."""
        return [item for item in await self.home.runtime_data.deviations.load() if item.kind == "consent"]

    @property
    def state(self) -> str:
        """How it stands, as it is shown."""
        return state_of(self.hass, "sensor", "consent")


@pytest.fixture
def desk(hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, admin: str) -> Desk:
    return Desk(hass, home, brukare_device, admin)


async def test_a_consent_is_registered_and_shown(hass: HomeAssistant, desk: Desk) -> None:
    assert desk.state == "not_registered"
    told = {"version": "2", "reference": "Pärm 4", "expires_on": "2027-11-02"}
    assert await desk.register("given", **told) == "given"
    (event,) = await desk.kept(ConsentRegistered)
    assert (event.brukare_id, event.service, event.status, event.cohabitant) == ("brukare-1", "larm", "given", False)
    assert (event.version, event.reference, event.expires_on) == ("2", "Pärm 4", "2027-11-02")
    assert (event.by.user_id, event.by.phone_id) == (desk.user_id, None)
    state = hass.states.get(entity_id(hass, "sensor", "consent"))
    assert state
    shown = {key: state.attributes[key] for key in ("version", "decided_on", "expires_on", "camera")}
    expected = {"version": "2", "decided_on": TODAY, "expires_on": "2027-11-02", "camera": "not_registered"}
    assert (state.state, shown) == ("given", expected)
    assert "Pärm 4" not in str(state.attributes)


async def test_without_a_registered_consent_alarms_come(desk: Desk) -> None:
    assert await desk.raise_alarm() == "raised"
    assert (desk.issues(), await desk.rung()) == ([], [])


async def test_a_withdrawal_disarms_at_once(desk: Desk) -> None:
    await desk.register("given")
    assert await desk.register("withdrawn") == "withdrawn"
    assert desk.state == "withdrawn"
    assert await desk.raise_alarm(rule="r1") == "suppressed"
    assert await desk.raise_alarm("safety_button") == "suppressed"
    suppressed = [(event.rule, event.reason) for event in await desk.kept(AlarmSuppressed)]
    assert suppressed == [("r1", "consent_withdrawn"), ("safety_button", "consent_withdrawn")]


async def test_a_withdrawal_rings_the_larmansvarig_once_and_is_in_the_inbox(desk: Desk, pushed: Pushed) -> None:
    await desk.register("withdrawn")
    await desk.register("withdrawn", reference="Pärm 5")
    await desk.restart()
    (rung,) = await desk.rung()
    assert (rung.alarm_type, rung.message) == (
        "technical",
        "Samtycket till larm är återkallat. Inga larm kommer förrän det ges igen.",
    )
    assert pushed(LARMANSVARIG)[0]["title"] == "K7-31 · Tekniskt larm"
    filed = [item.alarm_id for item in await desk.home.runtime_data.deviations.load()]
    assert filed == [rung.alarm_id]


async def test_a_withdrawal_is_shown_until_it_is_given_again(desk: Desk) -> None:
    await desk.register("withdrawn")
    issue = ir.async_get(desk.hass).async_get_issue(DOMAIN, WITHDRAWN)
    assert issue
    assert issue.translation_placeholders == {"code": "K7-31", "service": "larm"}
    await desk.register("given")
    assert (desk.issues(), desk.state) == ([], "given")
    assert await desk.raise_alarm() == "raised"


async def test_a_second_withdrawal_rings_again(desk: Desk, freezer: FrozenDateTimeFactory) -> None:
    await desk.register("withdrawn")
    await desk.register("given")
    await go_on(desk.hass, freezer, minutes=1)
    await desk.register("withdrawn")
    told = [event for event in await journalled(desk.home) if getattr(event, "rule", "").startswith("system.consent")]
    assert [event.kind for event in told] == ["raised", "repeated"]


async def test_an_alarm_that_is_open_when_consent_is_withdrawn_stays_open(desk: Desk, brukare_device: str) -> None:
    alarm_id = await raise_alarm(desk.hass, brukare_device)
    await desk.register("withdrawn")
    assert (await get_alarm(desk.hass, alarm_id))["state"] == "raised"


async def test_a_cohabitants_withdrawal_disarms_and_is_told(desk: Desk) -> None:
    await desk.register("given")
    assert await desk.register("withdrawn", cohabitant=True) == "withdrawn"
    assert (await desk.raise_alarm(), desk.issues(), len(await desk.rung())) == ("suppressed", [WITHDRAWN], 1)


async def test_the_camera_is_withdrawn_and_the_alarms_go_on(desk: Desk) -> None:
    await desk.register("withdrawn", service="camera")
    assert await desk.raise_alarm() == "raised"
    assert desk.issues() == ["consent_withdrawn:camera:brukare-1"]
    (rung,) = await desk.rung()
    assert rung.message == "Samtycket till kameratillsyn är återkallat. Kameran får inte användas."


async def test_a_withdrawal_outlives_a_restart(desk: Desk) -> None:
    await desk.register("withdrawn")
    await desk.restart()
    assert (await desk.raise_alarm(), desk.state, desk.issues()) == ("suppressed", "withdrawn", [WITHDRAWN])


async def test_a_withdrawal_that_could_not_be_told_is_told_after_the_start(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stop(*_: Any) -> None:
        raise EngineStoppedError

    monkeypatch.setattr(desk.home.runtime_data.engine, "raise_alarm", stop)
    await desk.register("withdrawn")
    assert await desk.rung() == []
    await desk.restart()
    assert len(await desk.rung()) == 1


async def test_an_old_withdrawal_does_not_ring(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, freezer: FrozenDateTimeFactory
) -> None:
    async def stop(*_: Any) -> None:
        raise EngineStoppedError

    monkeypatch.setattr(desk.home.runtime_data.engine, "raise_alarm", stop)
    await desk.register("withdrawn")
    freezer.tick(timedelta(days=7))
    await desk.restart()
    assert (await desk.rung(), desk.issues()) == ([], [WITHDRAWN])


async def test_a_consent_that_ends_is_followed_up_once_and_disarms_nothing(
    desk: Desk, freezer: FrozenDateTimeFactory
) -> None:
    await desk.register("given", expires_on="2026-12-03")
    assert await desk.inbox() == []
    freezer.move_to("2026-11-02 23:59:50+01:00")
    await go_on(desk.hass, freezer, seconds=11)
    (item,) = await desk.inbox()
    assert item.text == "Samtycket till larm gäller till och med 2026-12-03. Fråga om det ska gälla vidare."
    freezer.move_to("2026-12-03 23:59:50+01:00")
    await go_on(desk.hass, freezer, seconds=11)
    assert (desk.state, desk.issues()) == ("expired", [EXPIRED])
    assert await desk.raise_alarm() == "raised"
    await desk.restart()
    assert len(await desk.inbox()) == 1
    await desk.register("given", decided_on="2026-12-04")
    assert (desk.state, desk.issues()) == ("given", [])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"decided_on": "2026-11-03"}, "consent_in_future"),
        ({"decided_on": TODAY, "expires_on": "2026-11-01"}, "consent_ends_too_early"),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_is_journalled(
    desk: Desk, data: dict[str, str], reason: str
) -> None:
    assert await desk.refused("given", **data) == reason
    assert await desk.kept(ConsentRegistered) == []


async def test_staff_and_automations_register_no_consent(desk: Desk) -> None:
    staff = await desk.hass.auth.async_create_user("Personal", group_ids=[GROUP_ID_USER])
    assert await desk.refused("withdrawn", user_id=staff.id) == "not_allowed"
    with pytest.raises(ServiceValidationError):
        await call(desk.hass, "register_consent", device_id=desk.device_id, status="withdrawn", decided_on="2026-11-02")
    assert await desk.kept(ConsentRegistered) == []


async def test_what_was_told_of_a_brukare_who_is_gone_is_taken_away(desk: Desk) -> None:
    await desk.register("withdrawn")
    desk.hass.config_entries.async_remove_subentry(desk.home, "brukare-1")
    await settle(desk.hass)
    assert (desk.issues(), desk.home.runtime_data.consents.without_consent) == ([], {"brukare-1"})
    assert er.async_get(desk.hass).async_get_entity_id("sensor", DOMAIN, "brukare-1_consent") is None


async def test_a_consent_is_told_in_words_in_the_export(desk: Desk) -> None:
    await desk.register("withdrawn", cohabitant=True)
    period = {"from": TODAY, "to": TODAY, "format": "text"}
    told = (await call(desk.hass, "export_journal", **period))["content"]
    assert (
        "12:00:00 K7-31: personal i Home Assistant samtycke registrerat: larm, återkallat, sammanboende, 2026-11-02"
        in told
    )


async def test_a_consent_that_cannot_be_read_holds_up_no_start_for_long(
    desk: Desk, house: House, freezer: FrozenDateTimeFactory
) -> None:
    await desk.register("given", cohabitant=True)
    await desk.register("withdrawn")
    journal = Path(desk.hass.config.path(DOMAIN, desk.home.entry_id, "journal.db"))
    await house.stop_hub()
    damaged = "UPDATE events SET data = '{}' WHERE kind = 'consent_registered' AND data LIKE '%given%'"
    await desk.hass.async_add_executor_job(tamper, journal, damaged)
    await house.start_hub_again()
    await go_on(desk.hass, freezer, minutes=1)
    assert desk.home.state is ConfigEntryState.LOADED
    assert await desk.raise_alarm() == "suppressed"


# --- the lines of the handlingsplan -----------------------------------------------------------------


async def test_a_line_begins_anew_when_consent_is_given_again(desk: Desk, house: House) -> None:
    await house.motion("off")
    day: dict[str, Any] = {"from": "12:00:00", "to": "22:00:00", "threshold": {"hours": 4}}
    await house.use(house.passivity(**day))
    await house.at("2026-11-02 13:00")
    await desk.register("withdrawn")
    await house.at("2026-11-02 17:30")
    assert (await house.due_by_rule("passivity 1"), len(await desk.kept(AlarmSuppressed))) == ([], 1)
    await desk.register("given")
    await house.at("2026-11-02 21:29")
    assert await house.due_by_rule("passivity 1") == []
    await house.at("2026-11-02 21:31")
    assert await house.due_by_rule("passivity 1") == [local("2026-11-02 21:30")]


async def test_a_line_that_nobody_agrees_to_is_not_watched_and_nobody_is_nagged(desk: Desk, house: House) -> None:
    await house.use(house.passivity())
    await desk.register("withdrawn")
    await house.at("2026-11-02 14:00")
    watched = desk.home.runtime_data.lines["passivity 1"]
    assert (watched.facts.is_armed, watched.facts.trouble, await house.told()) == (False, None, [])
    assert desk.issues() == [WITHDRAWN]
