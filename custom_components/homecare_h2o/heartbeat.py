"""Tells a watcher outside each minute that the hub lives: when it goes silent, somebody else must tell (R010.5).

A hub that is dead cannot raise an alarm. The address may hold a secret: it is never logged and never shown.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
import json
import logging
from typing import Any, Final

from aiohttp import ClientConnectionError, ClientTimeout
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, CoreState, HassJob, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.start import async_at_started
from homeassistant.loader import async_get_loaded_integration
import probatio as vol

from .const import CONF_HEARTBEAT_TOPIC, CONF_HEARTBEAT_URL, CONF_SERIAL_NUMBER, DOMAIN, HEARTBEAT_INTERVAL, SIGNAL_HUB
from .core.chain import ChainResult
from .core.codec import recall
from .core.pauses import HUB
from .core.power import PowerFacts
from .core.pulse import Channel, PulseStatus, SelfAudit, judge, make_pulse, record
from .core.watching import Coverage
from .engine import OVERDUE_AFTER
from .hub import Hub
from .power import KEY as POWER
from .repairs import async_tell_heartbeat

_LOGGER = logging.getLogger(__name__)

TIMEOUT: Final = 10.0
"""Seconds for a watcher to answer."""
STOP_TIMEOUT: Final = 5.0
"""Seconds for the last sign of life: the hub is being stopped, and is not to be kept from it."""


class Way(StrEnum):
    """How a sign of life is sent."""

    WEBHOOK = "webhook"
    MQTT = "mqtt"


def ways_of(entry: ConfigEntry[Any]) -> dict[str, str]:
    """Return how signs of life are to be sent, and where to: an address or a topic."""
    options = {Way.WEBHOOK: CONF_HEARTBEAT_URL, Way.MQTT: CONF_HEARTBEAT_TOPIC}
    return {way: target for way, key in options.items() if (target := entry.options.get(key))}


def audit(hub: Hub) -> SelfAudit:
    """Return what the hub finds wrong with itself."""
    deadline_at = hub.engine.next_deadline_at
    power = recall(PowerFacts, hub.facts.get(POWER))
    return SelfAudit(
        alarms_stuck=len(hub.engine.audit()),
        is_deadline_overdue=deadline_at is not None and deadline_at < hub.clock.now() - OVERDUE_AFTER,
        is_journal_behind=hub.engine.is_journal_behind,
        is_facts_behind=hub.facts.is_behind,
        is_clock_behind=hub.clock.is_behind,
        lines_not_watched=sum(line.facts.coverage is Coverage.NOT for line in hub.lines.values()),
        phones_failed=len(hub.chain.phones_with(ChainResult.FAILED)),
        is_power_lost=power is not None and power.told,
    )


class Heartbeat:
    """Sends the signs of life, and knows which were received."""

    def __init__(self, hass: HomeAssistant, hub: Hub) -> None:
        """Know nothing of the watcher yet."""
        self._hass = hass
        self._hub = hub
        self._ways = ways_of(hub.entry)
        self._sending: asyncio.Task[None] | None = None
        hub.pulses = dict.fromkeys(self._ways, Channel())

    @callback
    def async_start(self) -> CALLBACK_TYPE:
        """Start sending; returns the way to stop."""
        async_tell_heartbeat(self._hass, {})
        if not self._ways:
            return lambda: None
        stops = [
            async_track_time_interval(
                self._hass, self._on_time, HEARTBEAT_INTERVAL, name="HomeCare H2O sign of life", cancel_on_shutdown=True
            ),
            # MQTT takes its leave when Home Assistant stops; this comes before.
            self._hass.async_add_shutdown_job(HassJob(self._async_say_goodbye, "HomeCare H2O last sign of life")),
            # At once, but not before MQTT is there.
            async_at_started(self._hass, self._on_time),
        ]

        @callback
        def stop() -> None:
            for each in stops:
                each()
            if self._sending:
                self._sending.cancel()

        return stop

    @callback
    def _on_time(self, _now: datetime | HomeAssistant) -> None:
        """Send a sign of life, unless the one before is still on its way; nothing waits for it."""
        if self._sending is None or self._sending.done():
            self._sending = self._hass.async_create_background_task(
                self._async_send(TIMEOUT), "homecare_h2o sign of life", eager_start=True
            )

    async def _async_say_goodbye(self) -> None:
        """Say that silence follows because somebody has stopped the hub."""
        await self._async_send(STOP_TIMEOUT, PulseStatus.STOPPING)

    async def _async_send(self, seconds: float, status: PulseStatus | None = None) -> None:
        """Send a sign of life on each way, and take up what came of it."""
        pulse = self._make_pulse(status)
        errors = await asyncio.gather(*(self._async_send_by(way, pulse, seconds) for way in self._ways))
        now = self._hub.clock.now()
        before = self._hub.pulses
        after: dict[str, Channel] = {
            way: record(before[way], error, now) for way, error in zip(self._ways, errors, strict=True)
        }
        self._hub.pulses = after
        for way, channel in after.items():
            self._log(way, before[way], channel)
        failed = {way: channel.error or "" for way, channel in after.items() if channel.is_failed}
        async_tell_heartbeat(self._hass, failed)
        async_dispatcher_send(self._hass, SIGNAL_HUB)

    def _make_pulse(self, status: PulseStatus | None) -> dict[str, Any]:
        """Return what is sent now."""
        hub, audited = self._hub, audit(self._hub)
        interruption = hub.pauses.find(HUB)
        return make_pulse(
            hub.entry.data[CONF_SERIAL_NUMBER],
            str(async_get_loaded_integration(self._hass, DOMAIN).version),
            status or judge(audited, is_running=self._hass.state is CoreState.running),
            audited,
            hub.clock.now(),
            interruption.until_at if interruption else None,
        )

    async def _async_send_by(self, way: str, pulse: Mapping[str, Any], seconds: float) -> str | None:
        """Send a sign of life; return why it was not received, None if it was."""
        try:
            async with asyncio.timeout(seconds):
                match Way(way):
                    case Way.WEBHOOK:
                        return await self._async_post(pulse)
                    case Way.MQTT:
                        await self._async_publish(pulse)
                        return None
        except TimeoutError:
            return "timeout"
        except ClientConnectionError, HomeAssistantError, vol.Invalid:
            return "no_connection"
        except Exception:  # noqa: BLE001 - whatever it was, nothing was received; its text may hold the address
            return "failed"

    async def _async_post(self, pulse: Mapping[str, Any]) -> str | None:
        """Send it to the address; only 2xx is a receipt, so that a page for logging in is none."""
        async with async_get_clientsession(self._hass).post(
            self._ways[Way.WEBHOOK], json=dict(pulse), allow_redirects=False, timeout=ClientTimeout(total=TIMEOUT)
        ) as response:
            return None if response.status // 100 == 2 else f"http_{response.status}"

    async def _async_publish(self, pulse: Mapping[str, Any]) -> None:
        """Publish it, retained: who comes later sees when it was."""
        # The action, and not the module, which needs what is only installed where MQTT is used.
        data = {"topic": self._ways[Way.MQTT], "payload": json.dumps(pulse), "qos": 1, "retain": True}
        await self._hass.services.async_call(Way.MQTT, "publish", data, blocking=True)

    def _log(self, way: str, before: Channel, after: Channel) -> None:
        """Log the first failure, and the end of them."""
        if after.failures == 1:
            _LOGGER.warning("A sign of life was not received by %s: %s", way, after.error)
        elif before.failures and not after.failures:
            _LOGGER.info("Signs of life are received by %s again", way)


def describe(pulses: Mapping[str, Channel]) -> dict[str, dict[str, Any]]:
    """Return how it goes on each way, without where to."""
    return {
        way: {
            "received_at": channel.received_at.isoformat() if channel.received_at else None,
            "failures": channel.failures,
            "error": channel.error,
        }
        for way, channel in pulses.items()
    }


@callback
def async_keep_telling(hass: HomeAssistant, hub: Hub) -> CALLBACK_TYPE:
    """Send signs of life as long as somebody outside is to have them; returns the way to stop."""
    return Heartbeat(hass, hub).async_start()
