"""One home's hub: opens the journal, runs the engine, and keeps the sign of life."""

from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from functools import cache
import logging
from pathlib import Path
from typing import Any, Self

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import ulid as ulid_util
from homeassistant.util.hass_dict import HassKey

from .chain_test import ChainTest
from .clock import HubClock
from .consents import Consents, erasing_of
from .const import CONF_CODE, DOMAIN, HEARTBEAT_INTERVAL
from .core.arming import Suppression
from .core.calling import Rota
from .core.chain import ChainResult
from .core.commands import RaiseRequest
from .core.errors import JournalError, JournalUnavailableError
from .core.escalation import AlarmType
from .core.events import DeviationKind
from .core.handlingsplan import Edit, Handlingsplan
from .core.pulse import Channel
from .core.reaching import reaches_somebody
from .core.unwritten import Unwritten
from .deviations import Deviations
from .engine import Engine, World
from .facts import Facts
from .gaps import Gaps
from .journal import SqliteJournal
from .mask import make_mask
from .notifier import HassNotifier
from .pauses import PauseKeeper
from .phones import is_reachable
from .plan import Line, WatchedLine
from .ports import Damage
from .probing import Prober
from .push_count import PushCount
from .repairs import (
    async_check_receivers,
    async_tell_audit,
    async_tell_clock,
    async_tell_damage,
    async_tell_facts_damage,
    async_tell_journal_behind,
    async_tell_rule_lost,
)
from .replies import Replies
from .roles import AccessLog, async_check_phone_users
from .settings import brukare_of, code_of, numbers_of, settings_of, telephone_of
from .visits import Visits
from .wakeup import Wakeup
from .wording import Wording

_LOGGER = logging.getLogger(__name__)
ALIVE = "hub.alive"
RULE_JOURNAL = "system.journal"
RULE_LOST = "system.rule"
UNWRITTEN: HassKey[dict[str, Unwritten]] = HassKey("homecare_h2o_unwritten")
"""What the journal of an entry has refused until it was unloaded."""

type HomeCareConfigEntry = ConfigEntry[Hub]


@asynccontextmanager
async def _not_ready_on_trouble() -> AsyncGenerator[None]:
    """Have Home Assistant try again later when the disk gives trouble."""
    try:
        yield
    except (JournalError, OSError) as err:
        reason = err if isinstance(err, JournalError) else JournalUnavailableError(str(err))
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key=reason.translation_key,
            translation_placeholders=reason.placeholders,
        ) from err


def folder_of(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Path:
    """Return where a hub keeps its journal; within the configuration, so that a backup has it."""
    return Path(hass.config.path(DOMAIN, entry.entry_id))


class Hub:
    """What runs for a config entry."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: HomeCareConfigEntry,
        journal: SqliteJournal,
        facts: Facts,
        wording: Wording,
        damage: Damage | None,
    ) -> None:
        """Join the parts; ``async_open`` opens them."""
        self.hass = hass
        self.entry = entry
        self.journal = journal
        self.facts = facts
        self.clock = HubClock()
        self.wording = wording
        count = PushCount(hass, facts, self.clock)
        self.notifier = HassNotifier(
            hass,
            wording,
            self.code_of,
            self._may_reply,
            count=count,
            mask=make_mask(entry),
            number_of=lambda brukare_id: telephone_of(entry, brukare_id),
        )
        self.engine = Engine(
            World(
                journal=journal,
                notifier=self.notifier,
                clock=self.clock,
                settings=lambda: settings_of(hass, entry),
                spawn=self._spawn,
                new_id=ulid_util.ulid_now,
                find_suppression=self._find_suppression,
            )
        )
        self.chain = ChainTest(
            hass,
            entry,
            self.engine,
            facts,
            self.clock,
            Prober(hass, self.notifier, wording),
            self._async_file_failed_phone,
        )
        self.visits = Visits(hass, self.engine, facts, self.clock)
        self.deviations = Deviations(hass, journal, self.engine, facts, self.clock, self._spawn)
        self.consents = Consents(hass, entry, journal, self.engine, self.deviations, self.clock, wording, self._spawn)
        self.gaps = Gaps(
            hass,
            journal,
            self.engine,
            self.clock,
            wording,
            self._spawn,
            self.async_raise_technical,
            self._async_file_gap,
        )
        self.pauses = PauseKeeper(hass, self.engine, journal, self.clock, self._spawn)
        self.access = AccessLog(self.engine, self.clock)
        self.replies = Replies(hass, entry, self.engine, self.clock, wording, self.code_of)
        self.lines: dict[str, WatchedLine] = {}
        """The lines of the handlingsplan by rule, as the supervision last saw them."""
        self.plan = Handlingsplan()
        """The handlingsplan with its history, as it is journalled."""
        self.edits: dict[str, Edit] = {}
        """The rules that are being brought back at this moment: what happens to them is due to that."""
        self.pulses: Mapping[str, Channel] = {}
        """How the signs of life are received outside, by the way they go; empty where none are sent."""
        self._wakeup = Wakeup(hass, self.engine, self.clock)
        self._damage = damage
        journal.on_damage = self._on_damage
        self._stops = AsyncExitStack()
        self.previous_alive_at = self.last_alive_at
        """The last sign of life of the run before: what was not watched since then is a monitoring gap."""
        self.started_at = self.clock.now()
        """When this run began; triggers that were detached later than this have only been loaded anew."""

    @classmethod
    async def async_open(cls, hass: HomeAssistant, entry: HomeCareConfigEntry) -> Self:
        """Open what the hub keeps on disk; raises ConfigEntryNotReady if it cannot be opened now."""
        folder = folder_of(hass, entry)
        async with _not_ready_on_trouble(), AsyncExitStack() as stops:
            await hass.async_add_executor_job(lambda: folder.mkdir(parents=True, exist_ok=True))
            facts, forgotten = await Facts.open(folder / "facts.db")
            stops.push_async_callback(facts.close)
            journal, damage = await SqliteJournal.open(folder / "journal.db", clock=HubClock())
            stops.push_async_callback(journal.close)
            if forgotten:
                async_tell_facts_damage(hass, forgotten)
            hub = cls(hass, entry, journal, facts, await Wording.async_load(hass), damage)
            hub._stops = stops.pop_all()
        return hub

    async def async_start(self) -> None:
        """Pick up everything that is open; raises ConfigEntryNotReady if the journal cannot be read now."""
        await self.engine.take_over(self.hass.data.get(UNWRITTEN, {}).pop(self.entry.entry_id, Unwritten()))
        async with _not_ready_on_trouble():
            self.clock.never_before(await self.journal.load_last_at())
            await self.consents.async_load()
            self.consents.erasing = erasing_of(self.facts)
            await self.pauses.async_load()
        self.clock.never_before(self.previous_alive_at)
        await self._async_remember_codes()
        self._wakeup.async_start()
        self._stops.callback(self._wakeup.async_stop)
        self._stops.callback(self.deviations.async_start())
        self._stops.callback(self.pauses.async_start())
        async with _not_ready_on_trouble():
            await self.engine.start(self.previous_alive_at)
        await self.pauses.expire()
        self.deviations.async_read()
        self._stops.callback(self.consents.async_start())
        self._stops.callback(self.chain.async_start())
        if self._damage:
            await self._async_tell_damage(self._damage)
        await self.gaps.async_start(self.previous_alive_at)
        await self._async_beat(self.clock.now())
        self._stops.callback(
            async_track_time_interval(
                self.hass, self._async_beat, HEARTBEAT_INTERVAL, name="HomeCare H2O heartbeat", cancel_on_shutdown=True
            )
        )

    async def _async_tell_damage(self, damage: Damage) -> None:
        """Tell that a journal was set aside."""
        async_tell_damage(self.hass, damage)
        await self.async_raise_technical(f"{RULE_JOURNAL}.{damage.file}")

    def _on_damage(self, damage: Damage) -> None:
        """Tell it, and begin anew: what has been read of the journal may not be what stands in the new one."""

        async def begin_anew() -> None:
            await self._async_tell_damage(damage)
            self.hass.config_entries.async_schedule_reload(self.entry.entry_id)

        self._spawn(begin_anew(), "homecare_h2o journal replaced")

    async def async_close(self) -> None:
        """Stop, and finish what is being written."""
        await self.engine.stop()
        # A reload must not lose what is only in memory.
        self.hass.data.setdefault(UNWRITTEN, {})[self.entry.entry_id] = self.engine.unwritten
        await self._stops.aclose()

    @property
    def last_alive_at(self) -> datetime | None:
        """The last sign of life, of this run or the one before."""
        alive = self.facts.get(ALIVE)
        return datetime.fromisoformat(str(alive["at"])) if alive else None

    @property
    def rota(self) -> Rota:
        """The receiver groups as they are now."""
        return settings_of(self.hass, self.entry).rota

    def lines_of(self, brukare_id: str) -> list[WatchedLine]:
        """Return the lines of a brukare's handlingsplan, as the supervision last saw them."""
        return [watched for watched in self.lines.values() if watched.line.brukare_id == brukare_id]

    def make_is_armed(self) -> Callable[[Line], bool]:
        """Return what tells whether an alarm of a line would be raised now, and reach somebody as far as is known."""
        now, settings = self.clock.now(), settings_of(self.hass, self.entry)
        failed = set(self.chain.phones_with(ChainResult.FAILED))

        @cache
        def reaches(alarm_type: AlarmType) -> bool:
            return reaches_somebody(
                settings.plan_for(alarm_type),
                settings.rota,
                now,
                lambda phone_id: phone_id not in failed and is_reachable(self.hass, phone_id),
            )

        def is_armed(line: Line) -> bool:
            request = RaiseRequest(brukare_id=line.brukare_id, alarm_type=line.alarm_type, rule=line.rule, due_at=now)
            return self._find_suppression(request, now) is None and reaches(line.alarm_type)

        return is_armed

    def code_of(self, brukare_id: str) -> str:
        """Return a brukare's code, also of one that was removed while an alarm is open."""
        known = self.facts.get(f"code.{brukare_id}")
        return code_of(self.entry, brukare_id) or (str(known["code"]) if known else "?")

    def _find_suppression(self, request: RaiseRequest, now: datetime) -> Suppression | None:
        """Return why a rule must not raise an alarm now, None if it may."""
        return self.pauses.find_suppression(request, now, self.consents.without_consent)

    def _may_reply(self, phone_id: str) -> bool:
        """Return whether a phone may answer by a text of its own: its number is registered."""
        return phone_id in numbers_of(self.entry).values()

    async def _async_file_failed_phone(self, name: str, error: str) -> None:
        """Put a phone that failed its test into the larmansvarig's inbox."""
        text = self.wording.phone_failed(name, error)
        for subentry in brukare_of(self.entry):
            await self.deviations.file(subentry.subentry_id, DeviationKind.CHAIN_TEST, text, source="chain_test")

    async def _async_file_gap(self, text: str) -> None:
        """Put a monitoring gap into the larmansvarig's inbox."""
        for subentry in brukare_of(self.entry):
            await self.deviations.file(subentry.subentry_id, DeviationKind.MONITORING_GAP, text, source="hub")

    async def _async_remember_codes(self) -> None:
        """Remember whose alarms these are."""
        for subentry in brukare_of(self.entry):
            code = {"code": subentry.data[CONF_CODE]}
            if self.facts.get(f"code.{subentry.subentry_id}") != code:
                await self.facts.put(f"code.{subentry.subentry_id}", code)

    def _spawn(self, work: Coroutine[Any, Any, Any], name: str) -> Any:
        """Run work that Home Assistant need not wait for, and that survives a reload of the entry."""
        return self.hass.async_create_background_task(work, name, eager_start=True)

    async def _async_beat(self, _now: datetime) -> None:
        """Note that the hub lives, and look after itself."""
        async_tell_clock(self.hass, behind=self.clock.is_behind)
        await self.gaps.async_look(self.last_alive_at)
        await self.facts.put(ALIVE, {"at": self.clock.now().isoformat()})
        behind = self.engine.is_journal_behind or self.facts.is_behind
        async_tell_journal_behind(self.hass, behind=behind)
        async_tell_audit(self.hass, self.engine.audit())
        if self.hass.state is CoreState.running:
            async_check_receivers(self.hass, self.entry)
            await async_check_phone_users(self.hass, self.entry)
        await self.visits.expire([subentry.subentry_id for subentry in brukare_of(self.entry)])

    async def async_tell_lost_rule(self, rule: str) -> None:
        """Tell that a rule came true for a device that stands for nobody: its alarm would be lost in silence."""
        async_tell_rule_lost(self.hass, rule)
        await self.async_raise_technical(f"{RULE_LOST}.{rule}")

    async def async_raise_technical(
        self, rule: str, *, message: str | None = None, due_at: datetime | None = None
    ) -> None:
        """Raise a technical alarm for every brukare of the home."""
        for subentry in brukare_of(self.entry):
            await self.engine.raise_alarm(
                RaiseRequest(
                    brukare_id=subentry.subentry_id,
                    alarm_type=AlarmType.TECHNICAL,
                    rule=rule,
                    due_at=due_at or self.clock.now(),
                    message=message,
                )
            )
