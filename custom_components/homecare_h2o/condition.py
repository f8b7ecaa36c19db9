"""The conditions that this integration offers to automations."""

from typing import Any, override

from homeassistant.const import CONF_DEVICE_ID, CONF_OPTIONS
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.condition import Condition, ConditionConfig
from homeassistant.helpers.typing import ConfigType
import probatio as vol

from .const import DOMAIN
from .core.duty import Role, groups_on_duty
from .core.pauses import HUB, Subject
from .core.watching import Coverage
from .devices import find_brukare
from .hub import Hub

CONF_GROUP = "group"


def _hub(hass: HomeAssistant) -> Hub | None:
    """Return the home's hub, None while it is not loaded."""
    entries = hass.config_entries.async_loaded_entries(DOMAIN)
    return entries[0].runtime_data if entries else None


class _HubCondition(Condition):
    """A condition about the home's hub; false while that is not loaded."""

    schema: vol.Schema

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Keep what is asked."""
        super().__init__(hass, config)
        self.options: dict[str, Any] = config.options or {}

    @override
    @classmethod
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        """Validate."""
        validated: ConfigType = cls.schema(config)
        return validated

    @override
    def _async_check(self, **kwargs: Any) -> bool:
        """Ask the hub."""
        hub = _hub(self._hass)
        return hub is not None and self.ask(hub)

    def ask(self, hub: Hub) -> bool:
        """Return the answer."""
        raise NotImplementedError


class IsOnDuty(_HubCondition):
    """Whether a receiver group is on duty now; without a name, whether any staff is (R013.2)."""

    schema = vol.Schema(
        {vol.Optional(CONF_OPTIONS, default=dict): {vol.Optional(CONF_GROUP): vol.Any(None, cv.string)}}
    )

    @override
    def ask(self, hub: Hub) -> bool:
        rota, now = hub.rota, hub.clock.now()
        if name := self.options.get(CONF_GROUP):
            return any(group.duty.contains(now, rota.tz) for group in rota.groups if group.name == name)
        return bool(groups_on_duty(rota.groups, Role.STAFF, now, rota.tz))


class IsMonitored(_HubCondition):
    """Whether a brukare is watched over now: there is a handlingsplan, and none of its lines is blind or paused."""

    schema = vol.Schema({vol.Required(CONF_OPTIONS): {vol.Required(CONF_DEVICE_ID): cv.string}})

    @override
    def ask(self, hub: Hub) -> bool:
        brukare_id = find_brukare(self._hass, hub.entry, self.options[CONF_DEVICE_ID])
        lines = hub.lines_of(brukare_id) if brukare_id else []
        if brukare_id in hub.consents.without_consent:
            return False
        if any(hub.pauses.find(subject) for subject in (HUB, Subject(brukare_id=brukare_id))):
            return False
        return bool(lines) and all(
            watched.paused_until_at is None and watched.facts.coverage is not Coverage.NOT for watched in lines
        )


class IsVisited(_HubCondition):
    """Whether staff's registered visit to a brukare lasts now (R020.6)."""

    schema = vol.Schema({vol.Required(CONF_OPTIONS): {vol.Required(CONF_DEVICE_ID): cv.string}})

    @override
    def ask(self, hub: Hub) -> bool:
        brukare_id = find_brukare(self._hass, hub.entry, self.options[CONF_DEVICE_ID])
        return brukare_id is not None and hub.visits.expires_at(brukare_id) is not None


CONDITIONS: dict[str, type[Condition]] = {
    "is_monitored": IsMonitored,
    "is_on_duty": IsOnDuty,
    "is_visited": IsVisited,
}


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:
    """Return the conditions."""
    return CONDITIONS
