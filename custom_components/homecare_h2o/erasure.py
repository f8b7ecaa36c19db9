"""Erases a brukare on request: the journal is rewritten, what is remembered is forgotten, the settings go (S.2).

That it has begun is a fact of its own, so that whatever is cut off is finished at the next start; until then the person's
alarms stay disarmed although the withdrawn consent is among what was erased. docs/decisions/0017 says what is left.
"""

from collections.abc import Callable
from contextlib import suppress
import secrets
from typing import Any

from homeassistant.core import HomeAssistant, callback

from .consents import ERASING, erasing_of
from .const import CONF_CODE
from .core.erasing import Eraser
from .core.errors import (
    AlarmsOpenError,
    ConsentNotWithdrawnError,
    HomeCareError,
    JournalUnavailableError,
    WrongCodeError,
)
from .core.events import Actor
from .hub import Hub, folder_of
from .mask import make_hiding

IS_REMOVED = "is_removed"
"""Whether a start has found the settings without the person; they are saved a moment after they change."""


async def async_erase(hass: HomeAssistant, hub: Hub, brukare_id: str, code: str, by: Actor) -> dict[str, Any]:
    """Erase a brukare, and return what is left for somebody to remove by hand.

    Raises WrongCodeError, ConsentNotWithdrawnError, AlarmsOpenError, and JournalError, which all leave everything as it was.
    """
    _check(hub, brukare_id, code)
    left: dict[str, Any] = {
        "automations": [watched.line.entity_id for watched in hub.lines_of(brukare_id)],
        "files": await hass.async_add_executor_job(_find_set_aside, hass, hub),
    }
    before = hub.consents.erasing
    hub.consents.erasing = before | {brukare_id}
    try:
        await hub.facts.put(f"{ERASING}{brukare_id}", {IS_REMOVED: False})
        _check_written(hub)
        rows = await _async_rewrite(hub, brukare_id, by)
    except HomeCareError:
        hub.consents.erasing = before
        await hub.facts.delete(f"{ERASING}{brukare_id}")
        raise
    await _async_forget(hass, hub, brukare_id)
    return {"rows": rows, **left}


def _check(hub: Hub, brukare_id: str, code: str) -> None:
    """Check that the right person is meant, is not watched, and that nothing waits to be written."""
    if code.strip().upper() != hub.entry.subentries[brukare_id].data[CONF_CODE]:
        raise WrongCodeError
    if brukare_id not in hub.consents.without_consent:
        raise ConsentNotWithdrawnError
    if hub.engine.alarms:
        raise AlarmsOpenError
    _check_written(hub)


def _check_written(hub: Hub) -> None:
    """Check that the disk takes what is written."""
    if hub.engine.is_journal_behind or hub.facts.is_behind:
        raise JournalUnavailableError("something waits to be written")


def _find_set_aside(hass: HomeAssistant, hub: Hub) -> list[str]:
    """Return the damaged files that were set aside, in which the person still stands."""
    return sorted(path.name for path in folder_of(hass, hub.entry).glob("*.damaged-*"))


async def _async_rewrite(hub: Hub, brukare_id: str, by: Actor) -> int:
    """Rewrite the journal; return how many rows that were."""
    subentry = hub.entry.subentries.get(brukare_id)
    hide: Callable[[str], str] = make_hiding(subentry.data) if subentry else str
    return await hub.journal.erase(Eraser(brukare_id, secrets.token_bytes(32), hide), by, hub.clock.now())


async def _async_forget(hass: HomeAssistant, hub: Hub, brukare_id: str) -> None:
    """Forget what is remembered of a person, and then who it is."""
    await hub.deviations.forget(brukare_id)
    rules = [watched.line.rule for watched in hub.lines_of(brukare_id)]
    keys = {key for key in hub.facts.find(brukare_id) if not key.startswith(ERASING)}
    await hub.facts.erase(keys | {f"line.{rule}" for rule in rules})
    if brukare_id in hub.entry.subentries:
        hass.config_entries.async_remove_subentry(hub.entry, brukare_id)


@callback
def async_resume_erasures(hass: HomeAssistant, hub: Hub) -> None:
    """Finish what was cut off; nothing waits for it."""
    if hub.consents.erasing:
        hub.entry.async_create_background_task(hass, _async_resume(hass, hub), "homecare_h2o erasure")


async def _async_resume(hass: HomeAssistant, hub: Hub) -> None:
    """Finish each erasure; what cannot be done now is done at the next start, or when it is asked for again."""
    for brukare_id in erasing_of(hub.facts):
        key = f"{ERASING}{brukare_id}"
        is_there = brukare_id in hub.entry.subentries
        known = hub.facts.get(key)
        if not is_there and known and known[IS_REMOVED]:
            await hub.facts.erase([key])
            continue
        with suppress(HomeCareError):
            await _async_rewrite(hub, brukare_id, Actor())
            await _async_forget(hass, hub, brukare_id)
            if not is_there:
                await hub.facts.put(key, {IS_REMOVED: True})
