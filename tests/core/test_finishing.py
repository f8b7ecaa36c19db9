"""What a cancellation must not leave in doubt is done to its end."""

import asyncio

import pytest

from custom_components.homecare_h2o.core.finishing import to_its_end


async def test_what_came_of_it_is_returned() -> None:
    assert await to_its_end(asyncio.sleep(0, "done")) == "done"


async def test_what_went_wrong_is_raised() -> None:
    broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    broken.set_exception(OSError("full"))
    with pytest.raises(OSError, match="full"):
        await to_its_end(broken)


async def test_a_cancellation_waits_until_it_is_done() -> None:
    writing: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    seen: list[str] = []

    async def wait() -> None:
        seen.append(await to_its_end(writing))
        await asyncio.sleep(0)
        seen.append("not reached")

    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.sleep(0)
    writing.set_result("written")
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert seen == ["written"]
