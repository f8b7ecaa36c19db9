"""Power, gaps, the heartbeat outside, and the minutes that were really watched (R010.5)."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from demo import cast
from demo.home import wait_for_brukare

from .home import DOMAIN, MAINS, PlanCheck

POWER_SENSOR = "binary_sensor.natstrom"
SETTLED = timedelta(seconds=75)
"""A blip is no power cut, and the hub looks every fifteen seconds."""
DOWN = timedelta(seconds=125)
"""Longer than a restart: a gap that must be told."""
SECRETS = (cast.BRUKARE["name"], cast.BRUKARE["address"])


async def _set_option(check: PlanCheck, step: str, values: Mapping[str, Any]) -> None:
    """Fill in a form of the options."""
    entries = await check.home.client.get("/api/config/config_entries/entry")
    (entry_id,) = (entry["entry_id"] for entry in entries if entry["domain"] == DOMAIN)
    await check.home.client.run_options_flow(entry_id, {"next_step_id": step}, values)
    await wait_for_brukare(check.home.client)


async def _technical(check: PlanCheck, word: str) -> Mapping[str, Any] | None:
    """Return the open technical alarm whose text or timeline has a word."""
    alarms = (await check.act("get_alarms", {"open_only": True}))["alarms"]
    return next((alarm for alarm in alarms if alarm["alarm_type"] == "technical" and word in str(alarm)), None)


async def check_power(check: PlanCheck) -> None:
    """Cut the mains and give them back: told, and noted on the same alarm."""
    await _set_option(check, "power", {"power_entity": POWER_SENSOR, "power_inverted": False})
    await check.home.client.call_service("input_boolean", "turn_off", {"entity_id": MAINS})
    alarm: Mapping[str, Any] = await check.soon(
        "strömavbrottet blir ett tekniskt larm", lambda: _technical(check, "system.power"), SETTLED
    )
    print(f"      {alarm['message']}", flush=True)
    await check.home.client.call_service("input_boolean", "turn_on", {"entity_id": MAINS})

    async def noted() -> bool:
        found = await _technical(check, "system.power")
        return found is not None and any(step["event"] == "note_added" for step in found["timeline"])

    await check.soon("att strömmen är tillbaka står på larmet", noted, SETTLED)
    await check.close_all()


async def check_heartbeat(check: PlanCheck) -> None:
    """Somebody outside hears that the hub lives, what it finds wrong with itself, and nothing about a person."""
    watcher = check.home.watcher
    await _set_option(check, "heartbeat", {"heartbeat_url": watcher.url})

    async def heard() -> bool:
        return bool(watcher.heard)

    await check.soon("livstecknet hörs", heard, timedelta(seconds=70))
    _, pulse = watcher.heard[-1]
    print(f"      {pulse}", flush=True)
    check.expect("med navets eget omdöme", is_true=pulse["status"] in ("ok", "problem"))
    check.expect("och inget om personen", is_true=not any(secret in str(pulse) for secret in SECRETS))


async def check_gap(check: PlanCheck) -> None:
    """Have the hub down for two minutes: outside it is silent, and afterwards the gap is told."""
    # Home Assistant writes its options a second after they were changed.
    await asyncio.sleep(2)
    check.home.hass.kill()
    await check.home.hass.wait()
    cut_at = datetime.now(UTC)
    await asyncio.sleep(DOWN.total_seconds())
    check.expect("utanför är det tyst", is_true=all(at <= cut_at for at, _ in check.home.watcher.heard))
    await check.home.hass.start()
    await check.home.client.wait_running()

    async def filed() -> list[Mapping[str, Any]]:
        return await check.inbox(kind="monitoring_gap")

    items: list[Mapping[str, Any]] = await check.soon("luckan står i inkorgen", filed, timedelta(seconds=5))
    print(f"      {items[-1]['summary']} – {items[-1]['text']}", flush=True)

    async def counted() -> bool:
        line = await check.line("passivitet")
        return bool(line and line["days"][-1]["not_watched_minutes"] >= 1)

    await check.soon("och räknas per rad", counted, timedelta(seconds=20))

    async def heard() -> bool:
        return any(at > cut_at for at, _ in check.home.watcher.heard)

    await check.soon("utanför hörs det igen", heard, timedelta(seconds=70))


async def check_proof(check: PlanCheck) -> None:
    """Each line has the minutes that it was really watched, kept as long-term statistics."""
    listed = await check.home.client.ws_command("recorder/list_statistic_ids")
    ours = {item["statistic_id"] for item in listed if "overvakad" in item["statistic_id"]}
    lines = (await check.plan())["lines"]
    check.expect(f"{len(ours)} sensorer för {len(lines)} rader har statistik", is_true=len(ours) == len(lines))
    for line in lines:
        day = line["days"][-1]
        print(f"      {line['name']}: {day}", flush=True)
    check.expect("varje rad har sina minuter", is_true=all(line["days"] for line in lines))
