"""A person is erased on request: from the journal, the memory and the settings, whatever is cut off in between (S.2)."""

from pathlib import Path
from typing import Any

from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.homecare_h2o import erasure
from custom_components.homecare_h2o.const import DOMAIN
from custom_components.homecare_h2o.core.erasing_events import JournalErased
from custom_components.homecare_h2o.core.errors import JournalUnavailableError
from custom_components.homecare_h2o.core.events import DeviationKind
from custom_components.homecare_h2o.facts import Facts
from custom_components.homecare_h2o.hub import Hub
from custom_components.homecare_h2o.journal import SqliteJournal

from .desk import HomeAtHand, employ_larmansvarig
from .rules import House
from .steps import call, journalled, raise_alarm

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

MARKER = "erasing.brukare-1"
TRACES = ("brukare-1", "Tess", "Hultsfred", "Pärm 4", "K7-31")


class Desk(HomeAtHand):
    """The larmansvarig's desk."""

    @property
    def hub(self) -> Hub:
        hub: Hub = self.home.runtime_data
        return hub

    async def live(self) -> None:
        """Have an alarm, a note, something in the inbox, and a consent."""
        alarm_id = await raise_alarm(self.hass, self.device_id, message="Tess har ramlat")
        await call(self.hass, "add_note", self.user_id, alarm_id=alarm_id, note="Tess Person mår bra")
        await self.close(alarm_id)
        await self.hub.deviations.file("brukare-1", DeviationKind.OWN, "Ring Tess i Hultsfred")
        await self.hub.visits.start("brukare-1", by=erasure.Actor(user_id=self.user_id))

    async def close(self, alarm_id: str) -> None:
        """Take and close an alarm."""
        await call(self.hass, "acknowledge_alarm", self.user_id, alarm_id=alarm_id)
        await call(self.hass, "resolve_alarm", self.user_id, alarm_id=alarm_id, outcome="help_given", note="Tess sover")

    async def withdraw(self) -> None:
        """Register that consent is withdrawn, and close what that rang."""
        data = {"status": "withdrawn", "decided_on": "2026-11-02", "reference": "Pärm 4"}
        await call(self.hass, "register_consent", self.user_id, device_id=self.device_id, **data)
        (alarm_id,) = self.hub.engine.alarms
        await self.close(alarm_id)

    async def erase(self, code: str = "K7-31", user_id: str | None = None) -> Any:
        """Erase the person."""
        data = {"device_id": self.device_id, "code": code}
        return await call(self.hass, "erase_brukare", user_id or self.user_id, **data)

    async def refused(self, **data: Any) -> str | None:
        """Return why nobody is erased."""
        with pytest.raises(HomeAssistantError) as caught:
            await self.erase(**data)
        return caught.value.translation_key

    def traces(self) -> list[str]:
        """Return what is left of the person in any byte on disk."""
        folder = Path(self.hass.config.path(DOMAIN, self.home.entry_id))
        content = b"".join(file.read_bytes() for file in sorted(folder.iterdir()))
        return [trace for trace in TRACES if trace.encode() in content.replace(MARKER.encode(), b"")]

    async def told(self) -> list[JournalErased]:
        """Return what the journal says was erased."""
        return [event for event in await journalled(self.home) if isinstance(event, JournalErased)]


@pytest.fixture
async def desk(hass: HomeAssistant, home: MockConfigEntry, brukare_device: str) -> Desk:
    desk = Desk(hass, home, brukare_device, await employ_larmansvarig(hass))
    await desk.live()
    return desk


async def test_a_person_is_gone_from_the_journal_the_memory_and_the_settings(desk: Desk) -> None:
    await desk.withdraw()
    assert desk.traces() == list(TRACES)
    answered = await desk.erase()
    assert (answered["automations"], answered["files"]) == ([], [])
    assert desk.home.subentries.keys().isdisjoint({"brukare-1"})
    await desk.restart()
    await desk.restart()
    assert (desk.traces(), desk.hub.facts.find("erasing")) == ([], [])
    assert (await call(desk.hass, "verify_journal", desk.user_id))["sound"]
    (told,) = await desk.told()
    assert (told.by.user_id, len(told.rows)) == (desk.user_id, answered["rows"])
    assert (await desk.hub.deviations.load(), desk.home.state) == ((), ConfigEntryState.LOADED)


async def test_what_is_left_is_exported_without_a_code(desk: Desk) -> None:
    await desk.withdraw()
    await desk.erase()
    period = {"from": "2026-11-02", "to": "2026-11-02", "format": "text"}
    told = (await call(desk.hass, "export_journal", desk.user_id, **period))["content"]
    assert "12:00:00 Hubben: personal i Home Assistant person raderad" in told
    assert "? · Trygghetslarm: larm utlöst" in told


async def test_the_inbox_is_forgotten_although_the_memory_of_it_is_lost(desk: Desk) -> None:
    await desk.withdraw()
    await desk.erase()
    await desk.hub.facts.delete("deviations")
    await desk.restart()
    assert await desk.hub.deviations.load() == ()


async def test_automations_and_files_that_are_left_are_told(desk: Desk, house: House) -> None:
    await house.use(house.button())
    await desk.withdraw()
    folder = Path(desk.hass.config.path(DOMAIN, desk.home.entry_id))
    (folder / "journal.db.damaged-20260101T000000Z").write_text("")
    answered = await desk.erase()
    told = (answered["automations"], answered["files"])
    assert told == ([house.automation("button 1")], ["journal.db.damaged-20260101T000000Z"])
    await desk.restart()
    await desk.restart()
    assert (desk.traces(), desk.hub.facts.find("line.button 1")) == ([], [])


# --- when it is refused ----------------------------------------------------------------------------


async def test_nobody_is_erased_by_mistake(desk: Desk) -> None:
    assert await desk.refused() == "erase_consent_not_withdrawn"
    await desk.withdraw()
    assert await desk.refused(code="K7-32") == "erase_wrong_code"
    staff = await desk.hass.auth.async_create_user("Personal", group_ids=[GROUP_ID_USER])
    assert await desk.refused(user_id=staff.id) == "not_allowed"
    assert (await desk.told(), desk.hub.facts.find("erasing")) == ([], [])


async def test_nobody_is_erased_while_an_alarm_is_open(desk: Desk) -> None:
    data = {"status": "withdrawn", "decided_on": "2026-11-02", "device_id": desk.device_id}
    await call(desk.hass, "register_consent", desk.user_id, **data)
    assert await desk.refused() == "erase_alarms_open"
    assert await desk.told() == []


async def test_nobody_is_erased_while_the_disk_takes_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.withdraw()
    monkeypatch.setattr(Facts, "is_behind", True)
    assert await desk.refused() == "journal_unavailable"


async def test_what_cannot_be_rewritten_leaves_everything_as_it_was(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any) -> int:
        raise JournalUnavailableError("broken")

    await desk.withdraw()
    monkeypatch.setattr(SqliteJournal, "erase", fail)
    assert await desk.refused() == "journal_unavailable"
    assert (desk.hub.facts.find("erasing"), "brukare-1" in desk.home.subentries) == ([], True)
    assert desk.hub.consents.erasing == frozenset()


# --- when it is cut off ----------------------------------------------------------------------------


class PowerCutError(Exception):
    """The end of a process."""


async def cut(*_: Any) -> int:
    raise PowerCutError


@pytest.mark.parametrize("function", ["_async_rewrite", "_async_forget"])
async def test_what_is_cut_off_is_finished_at_the_next_start(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    await desk.withdraw()
    monkeypatch.setattr(erasure, function, cut)
    with pytest.raises(PowerCutError):
        await desk.erase()
    assert desk.hub.facts.find("erasing") == [MARKER]
    outcome = await call(desk.hass, "raise_alarm", device_id=desk.device_id, alarm_type="passivity")
    assert outcome["outcome"] == "suppressed"
    monkeypatch.undo()
    await desk.restart()
    assert "brukare-1" not in desk.home.subentries
    await desk.restart()
    await desk.restart()
    assert (desk.traces(), desk.hub.facts.find("erasing")) == ([], [])


async def test_what_still_cannot_be_finished_stays_disarmed_and_is_tried_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any) -> int:
        raise JournalUnavailableError("broken")

    await desk.withdraw()
    await desk.hub.facts.put(MARKER, {"is_removed": False})
    monkeypatch.setattr(erasure, "_async_rewrite", fail)
    await desk.restart()
    assert (set(desk.hub.consents.without_consent), desk.hub.facts.find("erasing")) == ({"brukare-1"}, [MARKER])
    monkeypatch.undo()
    await desk.erase()
    assert "brukare-1" not in desk.home.subentries


async def test_consent_is_not_given_again_while_the_erasure_is_unfinished(desk: Desk) -> None:
    await desk.withdraw()
    await desk.hub.facts.put(MARKER, {"is_removed": False})
    desk.hub.consents.erasing = frozenset({"brukare-1"})
    data = {"device_id": desk.device_id, "status": "given", "decided_on": "2026-11-02"}
    with pytest.raises(HomeAssistantError) as caught:
        await call(desk.hass, "register_consent", desk.user_id, **data)
    assert caught.value.translation_key == "being_erased"
