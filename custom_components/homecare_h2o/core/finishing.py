"""Work that is done to its end, whoever is cancelled meanwhile."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def to_its_end[T](work: Coroutine[Any, Any, T]) -> T:
    """Return what came of work that a cancellation must not leave in doubt; the cancellation comes at the next wait.

    Home Assistant cancels what is under way when it stops. A write that has been handed to a thread goes on all the same,
    and whoever did not wait for it would write it again.
    """
    doing = asyncio.Task(work, loop=asyncio.get_running_loop(), eager_start=True)
    is_cancelled = False
    while not doing.done():
        try:
            await asyncio.wait({doing})
        except asyncio.CancelledError:
            is_cancelled = True
    if is_cancelled and (waiting := asyncio.current_task()):
        waiting.cancel()
    return doing.result()
