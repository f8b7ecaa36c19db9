"""Names that several rooms share."""

from datetime import timedelta
from typing import Final

from homeassistant.const import Platform

DOMAIN: Final = "homecare_h2o"
PLATFORMS: Final = [
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.EVENT,
    Platform.SENSOR,
    Platform.SWITCH,
    Platform.TODO,
]

SUBENTRY_BRUKARE: Final = "brukare"
SUBENTRY_RECEIVER_GROUP: Final = "receiver_group"

CONF_ADDRESS: Final = "address"
CONF_ALL_DAY: Final = "all_day"
CONF_CODE: Final = "code"
CONF_COHABITANT: Final = "cohabitant"
CONF_DECIDED_ON: Final = "decided_on"
CONF_DEFAULT: Final = "default"
CONF_DELAY: Final = "delay"
CONF_DUTY_FROM: Final = "duty_from"
CONF_DUTY_TO: Final = "duty_to"
CONF_EXPIRES_ON: Final = "expires_on"
CONF_HEARTBEAT_TOPIC: Final = "heartbeat_topic"
CONF_HEARTBEAT_URL: Final = "heartbeat_url"
CONF_INSTRUCTIONS: Final = "instructions"
CONF_KEY_INFORMATION: Final = "key_information"
CONF_LEVELS: Final = "levels"
CONF_LIMIT: Final = "limit"
CONF_LOUD: Final = "loud"
CONF_NAME: Final = "name"
CONF_NOTIFY_ENTITIES: Final = "notify_entities"
CONF_NOTIFY_SERVICES: Final = "notify_services"
CONF_NUMBER: Final = "number"
CONF_NUMBERS: Final = "numbers"
CONF_PHONE: Final = "phone"
CONF_OWN_PLANS: Final = "own_plans"
CONF_PHONES: Final = "phones"
CONF_POWER_ENTITY: Final = "power_entity"
CONF_POWER_INVERTED: Final = "power_inverted"
CONF_RECEIVERS: Final = "receivers"
CONF_REFERENCE: Final = "reference"
CONF_REPEAT_EVERY: Final = "repeat_every"
CONF_RESPONSE_TIME: Final = "response_time"
CONF_RETENTION: Final = "retention"
CONF_RETENTION_DAYS: Final = "retention_days"
CONF_ROLE: Final = "role"
CONF_SERVICE: Final = "service"
CONF_SILENCE: Final = "silence"
CONF_SERIAL_NUMBER: Final = "serial_number"
CONF_STATUS: Final = "status"
CONF_TELEPHONE: Final = "telephone"
CONF_VERSION: Final = "version"

PANEL_PATH: Final = "homecare-h2o"
"""The panel's address in Home Assistant; a push leads to an alarm below it."""

EVENT_ALARM: Final = "homecare_h2o_alarm"
"""Fired on the bus for each lifecycle event; carries the brukare's code, never a name."""
EVENT_PLAN: Final = "homecare_h2o_plan"
"""Fired on the bus for each change of the handlingsplan; who made it is the user of its context."""
EVENT_VISIT: Final = "homecare_h2o_visit"
"""Fired on the bus when staff's visit starts and ends; who registered it is the user of its context."""

SIGNAL_CONSENT: Final = "homecare_h2o_consent"
SIGNAL_HUB: Final = "homecare_h2o_hub"
"""Something about the hub itself has changed."""
SIGNAL_DEVIATIONS: Final = "homecare_h2o_deviations"
SIGNAL_PAUSES: Final = "homecare_h2o_pauses"
"""A pause has begun or ended."""
SIGNAL_PHONES: Final = "homecare_h2o_phones"
SIGNAL_VISIT: Final = "homecare_h2o_visit"
SIGNAL_SWEEP: Final = "homecare_h2o_sweep"
SIGNAL_WATCHING: Final = "homecare_h2o_watching"
SIGNAL_ACTIVITY: Final = "homecare_h2o_activity"

SWEEP_INTERVAL: Final = timedelta(seconds=15)
"""Timers run on the monotonic clock: after a step of the wall clock only a sweep finds what is due."""
HEARTBEAT_INTERVAL: Final = timedelta(minutes=1)
