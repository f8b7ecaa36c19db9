"""What a cancellation must not leave in doubt is done to its end."""

import asyncio

import pytest

from custom_components.homecare_h2o.core.finishing import to_its_end


async def test_what_came_of_it_is_returned() -> None:
    assert await to_its_end(asyncio.sleep(0, "done")) == "done"


async def test_what_went_wrong_is_raised() -> None:
    async def write() -> None:
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        await to_its_end(write())


async def test_a_cancellation_waits_until_it_is_done() -> None:
    gate = asyncio.Event()
    seen: list[str] = []

    async def write() -> str:
        await gate.wait()
        return "written"

    async def wait() -> None:
        seen.append(await to_its_end(write()))
        await asyncio.sleep(0)
        seen.append("not reached")

    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.sleep(0)
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert seen == ["written"]
