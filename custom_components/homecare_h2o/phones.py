"""Phones as Home Assistant knows them.

A phone id is ``app:<config entry of mobile_app>``, ``entity:<notify entity>`` or ``service:<notify service>``.
"""

from collections.abc import Iterable

from homeassistant.components.mobile_app.const import ATTR_OS_NAME, DOMAIN as MOBILE_APP
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import CONF_WEBHOOK_ID, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er

APP = "app:"
ENTITY = "entity:"
SERVICE = "service:"

_CONFIRMING_OS = "android"
"""The only app that says by itself that it shows a message; the others have no receipt at all."""


def app_phone_id(hass: HomeAssistant, device_id: str) -> str | None:
    """Return the phone id of a mobile_app device, None if it is no such device."""
    device = dr.async_get(hass).async_get(device_id)
    entry = hass.config_entries.async_get_entry(device.config_entry_id) if device else None
    return f"{APP}{entry.entry_id}" if entry and entry.domain == MOBILE_APP else None


def device_ids(hass: HomeAssistant, phones: Iterable[str]) -> list[str]:
    """Return the devices of those phones that are mobile_app devices."""
    registry = dr.async_get(hass)
    entries = [phone_id.removeprefix(APP) for phone_id in phones if phone_id.startswith(APP)]
    return [device.id for entry_id in entries for device in dr.async_entries_for_config_entry(registry, entry_id)]


def app_entry(hass: HomeAssistant, phone_id: str) -> ConfigEntry | None:
    """Return the mobile_app entry of a phone."""
    if not phone_id.startswith(APP):
        return None
    entry = hass.config_entries.async_get_entry(phone_id.removeprefix(APP))
    return entry if entry and entry.domain == MOBILE_APP else None


def phone_name(hass: HomeAssistant, phone_id: str) -> str:
    """Return what staff call a phone, such as "1 Htj Söder"."""
    if entry := app_entry(hass, phone_id):
        devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
        return next((device.name_by_user or device.name or entry.title for device in devices), entry.title)
    name = phone_id.partition(":")[2]
    if phone_id.startswith(ENTITY) and (registered := er.async_get(hass).async_get(name)):
        return registered.name or registered.original_name or name
    return name


def may_answer(hass: HomeAssistant, phone_id: str, user_id: str | None) -> bool:
    """Return whether an answer of this user may come from this phone.

    The user of the registration is known for sure; whatever else an answer says is what its sender wrote.
    """
    entry = app_entry(hass, phone_id)
    return entry is not None and user_id is not None and entry.data.get("user_id") == user_id


def webhook_id(hass: HomeAssistant, phone_id: str) -> str | None:
    """Return where mobile_app finds a phone, None while it is not loaded."""
    entry = app_entry(hass, phone_id)
    return entry.data[CONF_WEBHOOK_ID] if entry and entry.state is ConfigEntryState.LOADED else None


def is_known(hass: HomeAssistant, phone_id: str) -> bool:
    """Return whether a phone still exists in Home Assistant."""
    if phone_id.startswith(APP):
        return app_entry(hass, phone_id) is not None
    name = phone_id.partition(":")[2]
    if phone_id.startswith(ENTITY):
        return hass.states.get(name) is not None or er.async_get(hass).async_get(name) is not None
    return hass.services.has_service("notify", name)


def is_reachable(hass: HomeAssistant, phone_id: str) -> bool:
    """Return whether a notify entity or service could be told something now."""
    if not phone_id.startswith(ENTITY):
        return is_known(hass, phone_id)
    state = hass.states.get(phone_id.removeprefix(ENTITY))
    return state is not None and state.state != STATE_UNAVAILABLE


def can_confirm(hass: HomeAssistant, phone_id: str) -> bool:
    """Return whether a phone says by itself that it shows a message; of another it is never known (R012.3)."""
    entry = app_entry(hass, phone_id)
    return entry is not None and str(entry.data.get(ATTR_OS_NAME) or "").casefold() == _CONFIRMING_OS
