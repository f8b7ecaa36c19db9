"""The demo for people: Home Assistant, and a page with the phones and the home."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
import json
from pathlib import Path
from typing import Any

from demo import cast
from demo.hass import OWNER
from demo.home import Home, Ports, open_home
from demo.page import HomeAssistantLink, PageServer, Timeline, TimelineEntry, Tone

PORTS = Ports(hass=8123, phones=8125, radio=8126)
PAGE_PORT = 8124
PACE = cast.Pace(level=timedelta(seconds=30))

TRANSLATIONS = Path(__file__).resolve().parent.parent / "custom_components/homecare_h2o/translations/sv.json"
ALARM_TYPES: Mapping[str, str] = json.loads(TRANSLATIONS.read_text())["selector"]["alarm_type"]["options"]
STEPS: Mapping[str, tuple[str, Tone]] = {
    "raised": ("Larm utlöst", Tone.ALARM),
    "notified": ("Meddelande sänt", Tone.INFO),
    "notification_failed": ("Kunde inte nås", Tone.BAD),
    "received": ("Mottaget", Tone.INFO),
    "acknowledged": ("Åtgärdar", Tone.GOOD),
    "declined": ("Hinner ej", Tone.BAD),
    "escalated": ("Ingen har svarat: nästa nivå", Tone.ALARM),
    "repeated": ("Upprepat", Tone.ALARM),
    "resolved": ("Klart", Tone.GOOD),
    "false_alarm": ("Felaktigt larm", Tone.GOOD),
    "cleared": ("Borttaget", Tone.INFO),
    "no_one_on_duty": ("Ingen i tjänst", Tone.BAD),
}


async def show(folder: Path) -> None:
    """Run the demo until it is interrupted."""
    print("Startar hemmet … (första gången tar det ett par minuter)", flush=True)
    async with open_home(folder, PORTS, PACE) as home:
        timeline = Timeline()
        await home.client.subscribe_events("homecare_h2o_alarm", lambda event: _tell(timeline, event))
        link = HomeAssistantLink(url=f"http://localhost:{PORTS.hass}", username=OWNER.username, password=OWNER.password)
        async with PageServer(home.phones, _controls(home), timeline, link, port=PAGE_PORT) as page:
            print(f"\n  Telefonerna och hemmet:  {page.url.replace('127.0.0.1', 'localhost')}")
            print(f"  Home Assistant:          {link.url}   ({link.username} / {link.password})")
            print("\n  Avsluta med Ctrl-C.", flush=True)
            await asyncio.Event().wait()


def _controls(home: Home) -> Mapping[str, Any]:
    """Return what can be done in the home."""

    async def open_door() -> None:
        await home.radio.set_zone(cast.DOOR, active=True)

    async def close_door() -> None:
        await home.radio.set_zone(cast.DOOR, active=False)

    return {
        "bedroom_motion": lambda: home.move(cast.BEDROOM),
        "hall_motion": lambda: home.move(cast.HALL),
        "door_open": open_door,
        "door_close": close_door,
        "sos": home.press_button,
    }


def _tell(timeline: Timeline, event: Mapping[str, Any]) -> None:
    """Put a step of an alarm on the page."""
    data = event["data"]
    text, tone = STEPS.get(data["type"], (data["type"], Tone.INFO))
    if data["type"] == "raised":
        timeline.show(f"{data['code']} · {ALARM_TYPES[data['alarm_type']]}")
    phone = f" · {data['phone']}" if "phone" in data else ""
    timeline.add(TimelineEntry(at=datetime.fromisoformat(data["at"]), text=f"{text}{phone}", tone=tone))
