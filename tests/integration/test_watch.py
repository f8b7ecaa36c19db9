"""What every detection trigger has in common: its memory, and when it may raise."""

from datetime import timedelta
from pathlib import Path
from typing import Any, override
from unittest.mock import AsyncMock, patch

from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import area_registry as ar, entity_registry as er, label_registry as lr
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.trigger import TriggerConfig
from hypothesis import given, strategies as st
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.homecare_h2o.const import DOMAIN, SIGNAL_SWEEP
from custom_components.homecare_h2o.core.errors import JournalUnavailableError
from custom_components.homecare_h2o.facts import Fact, Facts
from custom_components.homecare_h2o.hub import UNWRITTEN, Hub
from custom_components.homecare_h2o.journal import SqliteJournal
from custom_components.homecare_h2o.triggers.watch import Watch, choose_key, find_entities, key_of

from .rules import MOTION, SOS, House, local, settle

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

NOT_AT_ALL: list[Any] = []
MINUTES = [f"2026-11-02 12:{minute:02}:00" for minute in range(10)]

# --- under which key it remembers -----------------------------------------------------------------------


def config(key: str = "homecare_h2o.pressed", **kwargs: Any) -> TriggerConfig:
    return TriggerConfig(key=key, **kwargs)


def test_the_same_configuration_has_the_same_key() -> None:
    first = config(target={"entity_id": ["a"]}, options={"x": timedelta(hours=1), "y": 2})
    again = config(target={"entity_id": ["a"]}, options={"y": 2, "x": timedelta(hours=1)})
    assert key_of(first) == key_of(again)
    assert key_of(first).startswith("trigger.")


@pytest.mark.parametrize(
    "other",
    [
        config(target={"entity_id": ["b"]}, options={"x": 1}),
        config(target={"entity_id": ["a"]}, options={"x": 2}),
        config(target={"device_id": ["a"]}, options={"x": 1}),
        config("homecare_h2o.inactive", target={"entity_id": ["a"]}, options={"x": 1}),
        config(),
    ],
)
def test_another_configuration_has_another_key(other: TriggerConfig) -> None:
    assert key_of(other) != key_of(config(target={"entity_id": ["a"]}, options={"x": 1}))


def facts_with(facts: dict[str, Fact]) -> Facts:
    found = Facts()
    found._facts = facts
    return found


ALIVE: Fact = {"since_at": "2026-11-01"}


def let_go(at: str) -> Fact:
    return {"detached_at": at}


@pytest.mark.parametrize(
    ("facts", "taken", "chosen"),
    [
        pytest.param({}, set(), "k", id="the first"),
        pytest.param({}, {"k"}, "k.1", id="the second"),
        pytest.param({}, {"k", "k.1"}, "k.2", id="the third"),
        pytest.param({"k": ALIVE}, set(), "k", id="after a restart"),
        pytest.param({"k": ALIVE, "k.1": ALIVE}, {"k"}, "k.1", id="the second after a restart"),
        pytest.param({"k": let_go("1"), "k.1": ALIVE}, set(), "k.1", id="after a restart, the first being off"),
        pytest.param({"k": let_go("1"), "k.1": let_go("2")}, set(), "k.1", id="after a reload, the first being off"),
        pytest.param({"k": let_go("1"), "k.1": ALIVE}, {"k.1"}, "k", id="after a reload beside another"),
    ],
)
def test_triggers_that_are_alike_remember_apart(facts: dict[str, Fact], taken: set[str], chosen: str) -> None:
    assert choose_key("k", taken, facts_with(facts)) == chosen


@given(
    st.dictionaries(st.sampled_from(["k", "k.1", "k.2", "k.3"]), st.sampled_from([ALIVE, let_go("1"), let_go("2")])),
    st.sets(st.sampled_from(["k", "k.1", "k.2", "k.3"])),
)
def test_no_two_ever_have_the_same_key(facts: dict[str, Fact], taken: set[str]) -> None:
    first = choose_key("k", taken, facts_with(facts))
    second = choose_key("k", {*taken, first}, facts_with(facts))
    assert first not in taken
    assert second not in {*taken, first}


# --- whom it watches -------------------------------------------------------------------------------------


async def test_what_is_named_is_found_and_what_is_likely_of_the_rest(hass: HomeAssistant, house: House) -> None:
    device = house.device("sensor")
    house.entity(device, "motion", device_class="motion")
    house.entity(device, "battery", device_class="battery")
    found = find_entities(
        hass, {"entity_id": [SOS], "device_id": [device.id]}, lambda _domain, device_class: device_class == "motion"
    )
    assert found == [MOTION, SOS]


async def test_a_label_is_followed(hass: HomeAssistant, house: House) -> None:
    label = lr.async_get(hass).async_create("Rörelse").label_id
    er.async_get(hass).async_update_entity(house.entity(house.device("sensor"), "motion"), labels={label})
    assert find_entities(hass, {"label_id": [label]}, lambda *_: True) == [MOTION]


async def test_what_the_user_says_of_an_entity_counts(hass: HomeAssistant, house: House) -> None:
    device = house.device("sensor")
    er.async_get(hass).async_update_entity(house.entity(device, "motion"), device_class="motion")
    found = find_entities(hass, {"device_id": [device.id]}, lambda _domain, kind: kind == "motion")
    assert found == [MOTION]


async def test_an_empty_area_has_nobody(hass: HomeAssistant, house: House) -> None:
    area = ar.async_get(hass).async_create("Kallförråd").id
    assert find_entities(hass, {"area_id": [area]}, lambda *_: True) == NOT_AT_ALL


# --- when it may raise -------------------------------------------------------------------------------------


class Button(Watch):
    """A watch that does nothing by itself."""

    seen: list[str]

    @override
    def begin(self, hub: Hub) -> None:
        self.seen.append("begin")

    @override
    def end(self) -> None:
        self.seen.append("end")

    @override
    def find_sources(self) -> list[str]:
        return []

    @override
    def sweep(self) -> None:
        self.seen.append("sweep")


@pytest.fixture
def watch(hass: HomeAssistant, house: House) -> Button:
    ran: list[Any] = []
    button = Button(hass, config(), ran.append, None)  # type: ignore[arg-type]
    button.seen = []
    return button


async def test_it_watches_while_the_hub_is_there(house: House, watch: Button) -> None:
    stop = await watch.async_attach()
    await house.stop_hub()
    await house.start_hub()
    await house.at("2026-11-02 12:00:15")
    stop()
    assert watch.seen == ["begin", "end", "begin", "sweep", "end"]


async def test_it_stops_as_soon_as_the_hub_begins_to(hass: HomeAssistant, house: House, watch: Button) -> None:
    stop = await watch.async_attach()
    unloading = hass.config_entries.async_unload

    async def unload_platforms(*_args: Any) -> bool:
        assert watch.seen == ["begin", "end"]
        return True

    with patch.object(hass.config_entries, "async_unload_platforms", unload_platforms):
        assert await unloading(house.entry.entry_id)
    stop()
    await house.start_hub_again()


async def test_other_integrations_are_none_of_its_business(hass: HomeAssistant, watch: Button) -> None:
    stop = await watch.async_attach()
    other = MockConfigEntry(domain="other")
    other.add_to_hass(hass)
    hass.config_entries.async_update_entry(other, title="New name")
    stop()
    assert watch.seen == ["begin", "end"]


async def test_a_change_of_the_hubs_name_changes_nothing(hass: HomeAssistant, house: House, watch: Button) -> None:
    stop = await watch.async_attach()
    with patch.object(hass.config_entries, "async_schedule_reload"):
        hass.config_entries.async_update_entry(house.entry, title="New name")
        await settle(hass)
    stop()
    assert watch.seen == ["begin", "end"]


async def test_nobody_hears_anything_after_the_stop(house: House, watch: Button) -> None:
    (await watch.async_attach())()
    await house.at("2026-11-02 12:00:15")
    await house.stop_hub()
    await house.start_hub()
    assert watch.seen == ["begin", "end"]


async def test_a_reason_is_told_to_the_trace(hass: HomeAssistant, house: House) -> None:
    told: list[Any] = []
    watch = Button(hass, config(), lambda *_: None, told.append)  # type: ignore[arg-type]
    watch.report("too early", wait=5)
    assert [(info.reason, info.data) for info in told] == [("too early", {"wait": 5})]


async def test_without_a_trace_nobody_is_told(watch: Button) -> None:
    watch.report("too early")


async def test_what_is_due_the_moment_the_hub_is_back_is_raised(house: House) -> None:
    await house.show(SOS, "off")
    await house.use(house.button())
    await house.stop_hub()
    await house.at(MINUTES[1])
    await house.show(SOS, "on")
    await house.start_hub()
    assert await house.presses() == [local(MINUTES[1])]


async def test_what_is_due_the_moment_a_rule_is_loaded_is_raised_by_its_name(house: House) -> None:
    await house.show(SOS, "off")
    await house.use(house.button())
    await house.at(MINUTES[1])
    await house.use()
    await house.show(SOS, "on")
    await house.use(house.button())
    assert [alarm.rule for alarm in await house.raised()] == ["button 1"]


async def test_a_press_while_home_assistant_starts_is_raised(hass: HomeAssistant, house: House) -> None:
    await house.show(SOS, "off")
    await house.use(house.button())
    await house.restart(MINUTES[1])
    hass.set_state(CoreState.starting)
    await house.at(MINUTES[2])
    await house.show(SOS, "on")
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await settle(hass)
    assert await house.presses() == [local(MINUTES[2])]


async def test_what_was_raised_is_not_remembered_any_longer(house: House) -> None:
    await house.show(SOS, "off")
    await house.use(house.button())
    await house.at(MINUTES[1])
    await house.show(SOS, "on")
    (memory,) = [house.hub.facts.get(key) for key in house.hub.facts._facts if key.startswith("trigger.")]
    assert memory
    assert memory["pending"] == {}
    assert memory["presses"] == {SOS: local(MINUTES[1]).isoformat()}


def refusing() -> Any:
    """Return a disk that takes no row of the journal."""
    full = JournalUnavailableError("full")
    return patch.multiple(SqliteJournal, append=AsyncMock(side_effect=full), append_raise=AsyncMock(side_effect=full))


async def test_an_alarm_that_only_memory_held_when_the_power_went_is_raised_again(house: House) -> None:
    await house.show(SOS, "off")
    await house.use(house.button())
    await house.at(MINUTES[1])
    with refusing():
        await house.show(SOS, "on")
        assert [alarm.rule for alarm in house.hub.engine.alarms.values()] == ["button 1"]
        await house.stop_hub()
    # The power: what memory held is gone.
    del house.hass.data[UNWRITTEN]
    await house.start_hub()
    assert await house.presses() == [local(MINUTES[1])]


async def test_an_alarm_is_remembered_until_the_journal_has_it(house: House) -> None:
    await house.show(SOS, "off")
    await house.use(house.button())
    await house.at(MINUTES[1])
    (key,) = [key for key in house.hub.facts._facts if key.startswith("trigger.")]
    due = local(MINUTES[1]).isoformat()
    with refusing():
        await house.show(SOS, "on")
        async_dispatcher_send(house.hass, SIGNAL_SWEEP)
        await settle(house.hass)
        memory = house.hub.facts.get(key)
        assert memory
        assert list(memory["pending"]) == [due]
    await house.hub.engine.wake()
    async_dispatcher_send(house.hass, SIGNAL_SWEEP)
    await settle(house.hass)
    memory = house.hub.facts.get(key)
    assert memory
    assert memory["pending"] == {}
    assert await house.presses() == [local(MINUTES[1])]


async def test_an_action_that_failed_is_told_to_somebody(hass: HomeAssistant, house: House) -> None:
    rule = house.button()
    rule["use_blueprint"]["input"]["brukare"] = "gone"
    await house.show(SOS, "off")
    await house.use(rule)
    await house.at(MINUTES[1])
    await house.show(SOS, "on")
    assert await house.raised() != NOT_AT_ALL or house.issues()


async def test_it_works_with_a_file_of_facts_that_was_lost(house: House, tmp_path: Path) -> None:
    await house.show(SOS, "off")
    await house.use(house.button())
    await house.stop_hub()
    (tmp_path / DOMAIN / house.entry.entry_id / "facts.db").write_bytes(b"nonsense" * 1000)
    await house.start_hub()
    await house.at(MINUTES[1])
    await house.show(SOS, "on")
    assert await house.presses() == [local(MINUTES[1])]
