"""What each user of Home Assistant may do with the alarms: asked by actions, entities and phone answers (R030.2)."""

from contextlib import suppress
from typing import Any

from homeassistant.auth.const import GROUP_ID_READ_ONLY, GROUP_ID_USER
from homeassistant.auth.models import User
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError

from .const import DOMAIN
from .core.errors import EngineStoppedError
from .core.events import AccessRefused
from .core.once import OncePerHour
from .core.roles import Permission, UserRole, calc_role, is_allowed, is_read_only
from .engine import Engine
from .phones import app_entry
from .ports import Clock
from .repairs import async_tell_phone_users
from .settings import groups_of


class AccessLog:
    """Journals that somebody was refused, once an hour for each user and permission."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        """Know of no refusal yet."""
        self._engine = engine
        self._clock = clock
        self._once: OncePerHour[tuple[str | None, Permission]] = OncePerHour()

    async def note(self, user_id: str | None, permission: Permission) -> None:
        """Note a refusal."""
        now = self._clock.now()
        if self._once.is_new((user_id, permission), now):
            # A hub that is being loaded anew refuses all the same.
            with suppress(EngineStoppedError):
                await self._engine.record(AccessRefused(at=now, user_id=user_id, permission=permission))


async def async_role_of(hass: HomeAssistant, user_id: str | None) -> UserRole:
    """Return the role of a user; nobody at all is the system."""
    if user_id is None:
        return UserRole.SYSTEM
    user = await hass.auth.async_get_user(user_id)
    return role_of_user(user) if user else UserRole.NOBODY


def role_of_user(user: User) -> UserRole:
    """Return the role that a user has now."""
    groups = {group.id for group in user.groups}
    return calc_role(
        is_active=user.is_active,
        is_admin=user.is_admin,
        is_read_only=is_read_only(groups, read_only=GROUP_ID_READ_ONLY, writing=GROUP_ID_USER),
    )


async def async_may(hass: HomeAssistant, user_id: str | None, permission: Permission) -> bool:
    """Return whether a user may do something."""
    return is_allowed(await async_role_of(hass, user_id), permission)


async def async_require(hass: HomeAssistant, context: Context | None, permission: Permission) -> None:
    """Raise ServiceValidationError, and journal it, if whoever is behind a context may not do something."""
    user_id = context.user_id if context else None
    if await async_may(hass, user_id, permission):
        return
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        await entry.runtime_data.access.note(user_id, permission)
    raise ServiceValidationError(translation_domain=DOMAIN, translation_key="not_allowed")


async def async_may_answer(hass: HomeAssistant, phone_id: str) -> bool:
    """Return whether a phone's holder may answer; a phone without the app has no user to ask about."""
    phone = app_entry(hass, phone_id)
    return phone is None or await async_may(hass, phone.data.get("user_id", ""), Permission.HANDLE)


async def async_check_phone_users(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Tell of phones that are called and whose answers count for nothing."""
    mute = [
        group.name
        for group in groups_of(entry)
        if not all([await async_may_answer(hass, phone_id) for phone_id in group.phones])
    ]
    async_tell_phone_users(hass, mute)
