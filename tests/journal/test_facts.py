"""What detection remembers over a restart."""

import asyncio
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
import sqlite3

import pytest

from custom_components.homecare_h2o import database
from custom_components.homecare_h2o.core.errors import JournalUnavailableError
from custom_components.homecare_h2o.facts import Fact, Facts

from .damaging import find_aside, flip, remove


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "facts.db"


async def _load(path: Path) -> dict[str, Fact]:
    """Return what the next process would know."""
    facts, damage = await Facts.open(path)
    assert damage is None
    await facts.close()
    return dict(facts._facts)


async def _break(facts: Facts) -> None:
    await facts._database.run(lambda connection: connection.execute("PRAGMA query_only = 1"))


async def _mend(facts: Facts) -> None:
    await facts._database.run(lambda connection: connection.execute("PRAGMA query_only = 0"))


async def test_facts_outlive_a_restart(path: Path) -> None:
    facts, damage = await Facts.open(path)
    assert damage is None
    assert facts.get("a") is None
    await facts.put("a", {"at": "2026-10-24", "open": True, "n": [1, None]})
    await facts.put("b", {"n": 1})
    await facts.put("b", {"n": 2})
    await facts.put("c", {})
    await facts.delete("c")
    await facts.delete("never")
    assert facts.get("b") == {"n": 2}
    assert facts.get("c") is None
    await facts.close()
    assert await _load(path) == {"a": {"at": "2026-10-24", "open": True, "n": [1, None]}, "b": {"n": 2}}


async def test_fact_is_out_of_reach_of_who_put_it(path: Path) -> None:
    facts, _ = await Facts.open(path)
    value: dict[str, int] = {"n": 1}
    await facts.put("a", value)
    value["n"] = 2
    assert facts.get("a") == {"n": 1}
    await facts.close()


async def test_put_is_known_at_once_and_written_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[int] = []
    original = database.Database.run

    async def run[T](self: database.Database, work: Callable[[sqlite3.Connection], T]) -> T:
        written.append(1)
        return await original(self, work)

    facts, _ = await Facts.open(path)
    monkeypatch.setattr(database.Database, "run", run)
    tasks = [asyncio.create_task(facts.put("a", {"n": number})) for number in range(50)]
    await asyncio.sleep(0)
    assert facts.get("a") == {"n": 49}
    await asyncio.gather(*tasks)
    assert len(written) == 1
    await facts.close()
    assert await _load(path) == {"a": {"n": 49}}


async def test_what_the_disk_refuses_is_kept_and_tried_again(path: Path) -> None:
    errors: list[JournalUnavailableError] = []
    facts, _ = await Facts.open(path, on_error=errors.append)
    await _break(facts)
    await facts.put("a", {"n": 1})
    await facts.put("b", {"n": 1})
    assert len(errors) == 2
    assert facts.is_behind
    assert facts.get("a") == {"n": 1}
    await _mend(facts)
    await facts.put("c", {"n": 1})
    assert not facts.is_behind
    assert len(errors) == 2
    await facts.close()
    assert await _load(path) == {key: {"n": 1} for key in "abc"}


async def test_what_is_being_written_is_not_behind(path: Path) -> None:
    facts, _ = await Facts.open(path)
    writing = asyncio.create_task(facts.put("a", {"n": 1}))
    await asyncio.sleep(0)
    assert facts.get("a") == {"n": 1}
    assert not facts.is_behind
    await writing
    await facts.close()


async def test_nobody_has_to_be_told(path: Path) -> None:
    facts, _ = await Facts.open(path)
    await _break(facts)
    await facts.put("a", {"n": 1})
    await _mend(facts)
    await facts.flush()
    await facts.close()
    assert await _load(path) == {"a": {"n": 1}}


async def test_cancelled_put_is_written(path: Path) -> None:
    facts, _ = await Facts.open(path)
    tasks = [asyncio.create_task(facts.put(key, {"n": 1})) for key in "ab"]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await facts.close()
    assert await _load(path) == {key: {"n": 1} for key in "ab"}


async def _write_facts(path: Path) -> None:
    facts, _ = await Facts.open(path)
    for number in range(200):
        await facts.put(f"key{number}", {"text": "x" * 100})
    await facts.close()


async def _write_nonsense(path: Path) -> None:
    await _write_facts(path)
    with closing(sqlite3.connect(path, autocommit=True)) as connection:
        connection.execute("UPDATE facts SET value = '{' WHERE key = 'key7'")


async def _flip_header(path: Path) -> None:
    await _write_facts(path)
    flip(path, 0)


async def _flip_page(path: Path) -> None:
    await _write_facts(path)
    flip(path, -4096 + 3, 4)


async def _write_other(path: Path) -> None:
    with closing(sqlite3.connect(path, autocommit=True)) as connection:
        connection.execute("CREATE TABLE other (x)")


@pytest.mark.parametrize("damage", [_write_nonsense, _flip_header, _flip_page, _write_other])
async def test_damaged_facts_are_set_aside(path: Path, damage: Callable[[Path], object]) -> None:
    await damage(path)  # type: ignore[misc]
    facts, told = await Facts.open(path)
    assert told
    assert find_aside(path) >= {told.file}
    assert facts._facts == {}
    await facts.put("a", {})
    await facts.close()
    assert await _load(path) == {"a": {}}


async def test_log_that_was_left_alone_is_not_this_files(path: Path) -> None:
    facts, _ = await Facts.open(path)
    await facts.put("a", {"n": 1})
    remove(path)
    facts_now, told = await Facts.open(path)
    assert told is None
    assert facts_now.get("a") is None
    assert len(find_aside(path)) == 1
    await facts_now.close()
    await facts.close()


async def test_missing_folder_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(JournalUnavailableError):
        await Facts.open(tmp_path / "missing" / "facts.db")


async def test_what_is_erased_leaves_no_byte(path: Path) -> None:
    facts, _ = await Facts.open(path)
    await facts.put("code.b1", {"code": "K7-31"})
    await facts.put("inbox", {"texts": ["Ring Tess " * 500]})
    await facts.put("inbox", {"texts": []})
    await facts.put("code.b2", {"code": "K8-1"})
    assert facts.find("b1") == ["code.b1"]
    await facts.erase(facts.find("b1"))
    content = b"".join(file.read_bytes() for file in sorted(path.parent.glob("facts.db*")))
    assert [trace for trace in (b"K7-31", b"code.b1", b"Tess") if trace in content] == []
    await facts.close()
    assert await _load(path) == {"inbox": {"texts": []}, "code.b2": {"code": "K8-1"}}


async def test_what_cannot_be_erased_is_told(path: Path) -> None:
    facts, _ = await Facts.open(path)
    await facts.put("code.b1", {"code": "K7-31"})
    await _break(facts)
    with pytest.raises(JournalUnavailableError):
        await facts.erase(["code.b1"])
    await _mend(facts)
    await facts.close()
    assert await _load(path) == {}
