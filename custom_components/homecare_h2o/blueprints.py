"""Installs the larmplan's blueprints into the user's configuration, and never overwrites what somebody has changed.

Home Assistant copies nothing of an integration's blueprints. A file that is as it was installed is brought up to
date; one that was edited is left alone and told, for alarms that people rely on must not change by themselves.
"""

from dataclasses import dataclass, field
import hashlib
import logging
from pathlib import Path

from homeassistant.components.automation import DOMAIN as AUTOMATION
from homeassistant.components.automation.helpers import async_get_blueprints
from homeassistant.const import SERVICE_RELOAD
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.storage import Store

from .const import DOMAIN

_LOGGER = logging.getLogger(__name__)

SOURCE = Path(__file__).parent / "bundled_blueprints"
STORE_KEY = f"{DOMAIN}.blueprints"


@dataclass(frozen=True, kw_only=True, slots=True)
class Installed:
    """What an installation found: digests by file name, the files that somebody has edited, and those it wrote."""

    digests: dict[str, str] = field(default_factory=dict)
    edited: tuple[str, ...] = ()
    written: tuple[str, ...] = ()


def _digest(text: bytes) -> str:
    """Return the digest of a file."""
    return hashlib.sha256(text).hexdigest()


def install(source: Path, target: Path, known: dict[str, str]) -> Installed:
    """Copy new and unchanged blueprints; ``known`` are the digests of what was installed before."""
    target.mkdir(parents=True, exist_ok=True)
    digests, edited, written = dict(known), [], []
    for path in sorted(source.glob("*.yaml")):
        shipped, there = path.read_bytes(), target / path.name
        present = there.read_bytes() if there.exists() else None
        if present is None or _digest(present) == known.get(path.name) or present == shipped:
            if present != shipped:
                _replace(there, shipped)
                written.append(path.name)
            digests[path.name] = _digest(shipped)
        elif _digest(shipped) != known.get(path.name):
            edited.append(path.name)
    return Installed(digests=digests, edited=tuple(edited), written=tuple(written))


def _replace(path: Path, text: bytes) -> None:
    """Write a file so that it is never half there."""
    temporary = path.with_suffix(".new")
    temporary.write_bytes(text)
    temporary.replace(path)


async def async_install_blueprints(hass: HomeAssistant) -> None:
    """Install the blueprints; a trouble with them must not keep alarms from working."""
    store: Store[dict[str, str]] = Store(hass, 1, STORE_KEY)
    known = await store.async_load() or {}
    target = Path(hass.config.path("blueprints", "automation", DOMAIN))
    try:
        installed = await hass.async_add_executor_job(install, SOURCE, target, known)
    except OSError:
        _LOGGER.exception("The blueprints could not be installed")
        return
    if installed.digests != known:
        await store.async_save(installed.digests)
    if installed.written:
        await async_get_blueprints(hass).async_reset_cache()
    if known.keys() & set(installed.written):
        # Automations are set up before this: they know the blueprint as it was, or that it was gone.
        await hass.services.async_call(AUTOMATION, SERVICE_RELOAD, blocking=False)
    for name in {*installed.digests, *installed.edited}:
        _tell(hass, name, edited=name in installed.edited)


def _tell(hass: HomeAssistant, name: str, *, edited: bool) -> None:
    """Tell that a blueprint was edited and its newer version was not installed."""
    issue_id = f"blueprint_edited:{name}"
    if not edited:
        ir.async_delete_issue(hass, DOMAIN, issue_id)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id,
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key="blueprint_edited",
        translation_placeholders={"file": name},
    )
