"""The forms of a brukare and of a receiver group: the same at the first set-up and later."""

from collections.abc import Mapping, Sequence
import re
import secrets
from typing import Any

from homeassistant.components.mobile_app.const import DOMAIN as MOBILE_APP
from homeassistant.components.notify import DOMAIN as NOTIFY, SERVICE_SEND_MESSAGE
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import selector
import probatio as vol

from .const import (
    CONF_ADDRESS,
    CONF_ALL_DAY,
    CONF_CODE,
    CONF_DUTY_FROM,
    CONF_DUTY_TO,
    CONF_INSTRUCTIONS,
    CONF_KEY_INFORMATION,
    CONF_NAME,
    CONF_NOTIFY_ENTITIES,
    CONF_NOTIFY_SERVICES,
    CONF_NUMBER,
    CONF_NUMBERS,
    CONF_PHONE,
    CONF_PHONES,
    CONF_ROLE,
    CONF_TELEPHONE,
)
from .core.duty import Role
from .core.telephone import normalise_number
from .phones import APP, ENTITY, SERVICE, app_phone_id, device_ids, is_known, phone_name
from .settings import brukare_of, numbers_of

type Errors = dict[str, str]
type Input = Mapping[str, Any]

CODE = re.compile(r"[A-ZÅÄÖ0-9]{1,6}(-[A-ZÅÄÖ0-9]{1,6}){0,2}")
PERSONAL_NUMBER = re.compile(r"(\d{2})?\d{6}-?\d{4}")
CODE_LETTERS = "ABCDEFGHJKLMNPRSTUVXYZ"
LONGEST_REFERENCE = 255
LONGEST_VERSION = 64
SHORTEST_NAME = 3
"""Letters of a name that make a code tell who it is."""

_TELEPHONE = selector.TextSelectorConfig(type=selector.TextSelectorType.TEL)
_LINES = selector.TextSelector(selector.TextSelectorConfig(multiline=True))


def suggest_code(entry: ConfigEntry[Any] | None) -> str:
    """Return a random code that no brukare of the home has, such as K7-31."""
    while True:
        letter, number = secrets.choice(CODE_LETTERS), secrets.randbelow(10)
        code = f"{letter}{number}-{secrets.randbelow(90) + 10}"
        if code not in _codes(entry):
            return code


def _codes(entry: ConfigEntry[Any] | None, but: str | None = None) -> set[str]:
    """Return the codes in use by other brukare."""
    others = brukare_of(entry) if entry else ()
    return {subentry.data[CONF_CODE] for subentry in others if subentry.subentry_id != but}


def brukare_schema() -> vol.Schema:
    """Return the form of a brukare. All but the code and the telephone number stays on the hub (R010.7)."""
    return vol.Schema(
        {
            vol.Required(CONF_CODE): selector.TextSelector(),
            vol.Optional(CONF_NAME): selector.TextSelector(),
            vol.Optional(CONF_ADDRESS): _LINES,
            vol.Optional(CONF_KEY_INFORMATION): _LINES,
            vol.Optional(CONF_INSTRUCTIONS): _LINES,
            vol.Optional(CONF_TELEPHONE): selector.TextSelector(_TELEPHONE),
        }
    )


def check_brukare(user_input: Input, entry: ConfigEntry[Any] | None, but: str | None = None) -> tuple[Input, Errors]:
    """Return the brukare's data, and what is wrong with it. ``but`` is the one that is being changed."""
    data = {key: value.strip() for key, value in user_input.items()}
    data[CONF_CODE] = data[CONF_CODE].upper()
    if not CODE.fullmatch(data[CONF_CODE]):
        return data, {CONF_CODE: "bad_code"}
    if data[CONF_CODE] in _codes(entry, but):
        return data, {CONF_CODE: "code_exists"}
    if _tells_who(data[CONF_CODE], f"{data.get(CONF_NAME, '')} {data.get(CONF_ADDRESS, '')}".upper()):
        return data, {CONF_CODE: "code_tells_who"}
    if data.get(CONF_TELEPHONE):
        number = normalise_number(data[CONF_TELEPHONE])
        return data | {CONF_TELEPHONE: number or data[CONF_TELEPHONE]}, {} if number else {CONF_TELEPHONE: "bad_number"}
    return data, {}


def _tells_who(code: str, told: str) -> bool:
    """Return whether a code has a piece of the name or the address in it, or is a personal identity number."""
    if PERSONAL_NUMBER.fullmatch(code):
        return True
    words = set(re.findall(r"\w+", told))
    parts = re.findall(r"[^-\d]+", code)
    return any(part in words or (len(part) >= SHORTEST_NAME and part in told) for part in parts if len(part) > 1)


def receiver_group_schema(phones: Sequence[selector.SelectOptionDict] = ()) -> vol.Schema:
    """Return the form of a receiver group; ``phones`` are those that may be given a number."""
    phone = selector.SelectSelectorConfig(options=list(phones), mode=selector.SelectSelectorMode.DROPDOWN)
    numbers = selector.ObjectSelectorConfig(
        fields={
            CONF_PHONE: {"selector": selector.SelectSelector(phone), "required": True},
            CONF_NUMBER: {"selector": selector.TextSelector(_TELEPHONE), "required": True},
        },
        multiple=True,
        label_field=CONF_NUMBER,
        translation_key=CONF_NUMBERS,
    )
    return vol.Schema(
        {
            vol.Required(CONF_NAME): selector.TextSelector(),
            vol.Required(CONF_ROLE, default=Role.STAFF): selector.SelectSelector(
                selector.SelectSelectorConfig(options=list(Role), translation_key="role")
            ),
            vol.Required(CONF_ALL_DAY, default=True): selector.BooleanSelector(),
            vol.Optional(CONF_DUTY_FROM): selector.TimeSelector(),
            vol.Optional(CONF_DUTY_TO): selector.TimeSelector(),
            vol.Optional(CONF_PHONES): selector.DeviceSelector(
                selector.DeviceSelectorConfig(integration=MOBILE_APP, multiple=True)
            ),
            vol.Optional(CONF_NOTIFY_ENTITIES): selector.EntitySelector(
                selector.EntitySelectorConfig(domain=NOTIFY, multiple=True)
            ),
            vol.Optional(CONF_NOTIFY_SERVICES): selector.TextSelector(selector.TextSelectorConfig(multiple=True)),
            vol.Optional(CONF_NUMBERS): selector.ObjectSelector(numbers),
        }
    )


def phone_choices(hass: HomeAssistant) -> list[selector.SelectOptionDict]:
    """Return every phone that a group may have."""
    apps = [f"{APP}{entry.entry_id}" for entry in hass.config_entries.async_entries(MOBILE_APP)]
    entities = [f"{ENTITY}{entity_id}" for entity_id in sorted(hass.states.async_entity_ids(NOTIFY))]
    services = sorted(hass.services.async_services_for_domain(NOTIFY).keys() - {SERVICE_SEND_MESSAGE})
    others = [f"{SERVICE}{name}" for name in services if not name.startswith(MOBILE_APP)]
    return [
        selector.SelectOptionDict(value=phone, label=phone_name(hass, phone)) for phone in (*apps, *entities, *others)
    ]


def check_receiver_group(
    hass: HomeAssistant, user_input: Input, entry: ConfigEntry[Any] | None = None, but: str | None = None
) -> tuple[Input, Errors]:
    """Return the group's data, and what is wrong with it. ``but`` is the one that is being changed."""
    errors: Errors = {}
    name = user_input[CONF_NAME].strip()
    if not name:
        errors[CONF_NAME] = "name_missing"
    phones, unknown = _phones(hass, user_input)
    if unknown:
        errors[unknown] = "phone_unknown"
    data: dict[str, Any] = {CONF_NAME: name, CONF_ROLE: user_input[CONF_ROLE], CONF_PHONES: phones}
    numbers, wrong = _numbers(user_input.get(CONF_NUMBERS, ()), phones, numbers_of(entry, but) if entry else {})
    if wrong and not unknown:
        errors[CONF_NUMBERS] = wrong
    if numbers:
        data[CONF_NUMBERS] = numbers
    if not user_input[CONF_ALL_DAY]:
        start, end = user_input.get(CONF_DUTY_FROM), user_input.get(CONF_DUTY_TO)
        if not (start and end):
            return data, errors | {"base": "duty_hours_missing"}
        data |= {CONF_DUTY_FROM: start, CONF_DUTY_TO: end}
    return data, errors


def _phones(hass: HomeAssistant, user_input: Input) -> tuple[list[str], str | None]:
    """Return the phone ids in order, and the field that names something unknown."""
    phones: list[str] = []
    for device_id in user_input.get(CONF_PHONES, ()):
        if (phone_id := app_phone_id(hass, device_id)) is None:
            return phones, CONF_PHONES
        phones.append(phone_id)
    for entity_id in user_input.get(CONF_NOTIFY_ENTITIES, ()):
        if not is_known(hass, f"{ENTITY}{entity_id}"):
            return phones, CONF_NOTIFY_ENTITIES
        phones.append(f"{ENTITY}{entity_id}")
    for service in user_input.get(CONF_NOTIFY_SERVICES, ()):
        name = service.strip().removeprefix(f"{NOTIFY}.")
        if not hass.services.has_service(NOTIFY, name):
            return phones, CONF_NOTIFY_SERVICES
        phones.append(f"{SERVICE}{name}")
    return list(dict.fromkeys(phones)), None


def _numbers(
    pairs: Sequence[Input], phones: Sequence[str], others: Mapping[str, str]
) -> tuple[dict[str, str], str | None]:
    """Return the phones' numbers, and what is wrong: a number tells who answers, so it is one phone's only."""
    known = dict(others)
    numbers: dict[str, str] = {}
    for pair in pairs:
        phone, number = pair[CONF_PHONE], normalise_number(pair[CONF_NUMBER])
        if number is None:
            return numbers, "bad_number"
        if phone not in phones:
            return numbers, "number_without_phone"
        if known.setdefault(number, phone) != phone or numbers.setdefault(phone, number) != number:
            return numbers, "number_exists"
    return numbers, None


def receiver_group_input(hass: HomeAssistant, data: Input) -> dict[str, Any]:
    """Return a group's data as its form shows it."""
    phones = data[CONF_PHONES]
    shown = {
        CONF_NAME: data[CONF_NAME],
        CONF_ROLE: data[CONF_ROLE],
        CONF_ALL_DAY: CONF_DUTY_FROM not in data,
        CONF_PHONES: device_ids(hass, [phone for phone in phones if phone.startswith(APP)]),
        CONF_NOTIFY_ENTITIES: [phone.removeprefix(ENTITY) for phone in phones if phone.startswith(ENTITY)],
        CONF_NOTIFY_SERVICES: [phone.removeprefix(SERVICE) for phone in phones if phone.startswith(SERVICE)],
    }
    if numbers := data.get(CONF_NUMBERS):
        shown[CONF_NUMBERS] = [{CONF_PHONE: phone, CONF_NUMBER: number} for phone, number in numbers.items()]
    return shown | {key: data[key] for key in (CONF_DUTY_FROM, CONF_DUTY_TO) if key in data}
