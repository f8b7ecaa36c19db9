"""Backups that are taken while the hub runs."""

from contextlib import closing
import shutil
import sqlite3

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.homecare_h2o.backup import async_post_backup, async_pre_backup
from custom_components.homecare_h2o.hub import folder_of

from .steps import journalled, raise_alarm

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")


def rows(path: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        count: int = connection.execute("SELECT count(*) FROM events").fetchone()[0]
        return count


async def test_what_is_copied_while_alarms_go_on_is_whole(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str
) -> None:
    await raise_alarm(hass, brukare_device)
    before = len(await journalled(home))
    folder = folder_of(hass, home)
    copy = folder.parent / "copy"
    copy.mkdir()
    await async_pre_backup(hass)
    shutil.copy(folder / "journal.db", copy / "journal.db")
    await raise_alarm(hass, brukare_device, "fire")
    shutil.copy(folder / "journal.db-wal", copy / "journal.db-wal")
    await async_post_backup(hass)
    assert rows(str(copy / "journal.db")) >= before


async def test_the_log_is_written_into_the_file_again_after_a_backup(
    hass: HomeAssistant, home: MockConfigEntry
) -> None:
    journal = home.runtime_data.journal
    asked = "PRAGMA wal_autocheckpoint"
    await async_pre_backup(hass)
    assert await journal._writer.run(lambda connection: connection.execute(asked).fetchone()) == (0,)
    await async_post_backup(hass)
    assert await journal._writer.run(lambda connection: connection.execute(asked).fetchone()) == (1000,)


async def test_a_backup_without_a_hub_is_nothing_special(hass: HomeAssistant, home: MockConfigEntry) -> None:
    await hass.config_entries.async_unload(home.entry_id)
    await async_pre_backup(hass)
    await async_post_backup(hass)
