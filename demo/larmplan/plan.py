"""The automations: one or two for each larmtyp, made from the blueprints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from demo import cast
from demo.hass.devices import FoundDevice

from .devices import (
    ATTIC_SMOKE,
    BATHROOM_WATER,
    BEDROOM,
    BOILER_SMOKE,
    CABINET,
    CELLAR_WINDOW,
    DOOR,
    HALL,
    HELP_BOX,
    HELP_CALL,
    KITCHEN_SMOKE,
    LAUNDRY_WATER,
    LIVING_ROOM,
    PENDANT,
    PLACES,
    REMOTE,
    SCENE_BUTTON,
    SOS,
    STAIRS,
    STOVE,
    TERRACE_DOOR,
)

TIME_ZONE: Final = ZoneInfo("Europe/Stockholm")
REMINDER_EVENT: Final = "demo_medicine_reminder"
PANEL_CODE: Final = "1234"
"""What ZHA re-arms a panel with, unless somebody has chosen another."""
PURPOSE: Final = "Enligt handlingsplanen, visat i demon."

PASSIVITY, PASSIVITY_2 = "passivitet", "passivitet_vardagsrum"
GONE_OUT, GONE_OUT_2 = "gatt_ut", "gatt_ut_altan"
FIRE, FIRE_2 = "brand", "brand_pannrum"
LEAK, MEDICINE, BUTTON, POWER = "lackage", "medicin", "trygghetslarm", "strom"
MOTION, OPENED, SEQUENCE = "rorelse", "dorr", "sekvens"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One line of the plan."""

    alias: str
    blueprint: str
    inputs: Mapping[str, Any]

    def config(self, **changed: Any) -> Mapping[str, object]:
        """Return the automation as the editor saves it, with some inputs changed."""
        return cast.automation(self.alias, self.blueprint, {**self.inputs, **changed})


def make_plan(brukare_id: str, devices: Mapping[str, FoundDevice]) -> Mapping[str, Rule]:
    """Return the plan with the larmplan's own times, by the automations' ids."""

    def entities(*names: str) -> list[str]:
        return [devices[name].entity_ids[str(PLACES[name].platform)] for name in names]

    def target(*names: str) -> Mapping[str, Sequence[str]]:
        return {"entity_id": entities(*names)}

    def rule(alias: str, blueprint: str, **inputs: Any) -> Rule:
        return Rule(alias=alias, blueprint=blueprint, inputs={"brukare": brukare_id, **inputs})

    buttons = [devices[name].device_id for name in (REMOTE, HELP_BOX, PENDANT, SCENE_BUTTON, HELP_CALL, SOS)]
    agreed = {"purpose": PURPOSE, "all_day": True}
    return {
        PASSIVITY: rule("Passivitetslarm sovrum", "passivity", sensors=target(BEDROOM)),
        PASSIVITY_2: rule("Passivitetslarm vardagsrum", "passivity", sensors=target(LIVING_ROOM)),
        GONE_OUT: rule(
            "Gått ut-larm ytterdörr", "gone_out", doors=entities(DOOR), hall=entities(HALL), rooms=entities(BEDROOM)
        ),
        GONE_OUT_2: rule("Gått ut-larm altan", "gone_out", doors=entities(TERRACE_DOOR), rooms=entities(LIVING_ROOM)),
        FIRE: rule("Brandlarm", "fire", sensors=target(KITCHEN_SMOKE, ATTIC_SMOKE)),
        FIRE_2: rule("Brandlarm pannrum", "fire", sensors=target(BOILER_SMOKE)),
        LEAK: rule("Läckagelarm", "leak", sensors=target(BATHROOM_WATER, LAUNDRY_WATER)),
        MEDICINE: rule("Medicinlarm", "medicine", cabinet=target(CABINET), reminder=[{"event": REMINDER_EVENT}]),
        BUTTON: rule("Trygghetslarm", "safety_button", button={"device_id": buttons}, disarm_code=PANEL_CODE),
        POWER: rule("Strömlarm", "power_on", plugs=target(STOVE)),
        MOTION: rule("Rörelselarm", "motion", sensors=target(STAIRS), **agreed),
        OPENED: rule("Dörrlarm", "door", sensors=target(CELLAR_WINDOW), **agreed),
        SEQUENCE: rule(
            "Sekvenslarm",
            "sequence",
            purpose=PURPOSE,
            steps=[
                {"entity_id": entities(BEDROOM), "to": "on"},
                {"entity_id": entities(HALL), "to": "on", "within": cast.duration(timedelta(seconds=30))},
            ],
            then_nothing=entities(LIVING_ROOM),
        ),
    }


def around(now: datetime) -> Mapping[str, Any]:
    """Return a window that is open at an instant, and for a while before and after."""
    return _window(now - timedelta(minutes=1), now + timedelta(minutes=30))


def dose_at(start: datetime) -> Mapping[str, Any]:
    """Return the window of a dose that begins at an instant, which must be a whole second."""
    return _window(start, start + timedelta(minutes=5))


def _window(start: datetime, end: datetime) -> Mapping[str, Any]:
    """Return a window as the time selector gives it."""
    return {key: f"{at.astimezone(TIME_ZONE):%H:%M:%S}" for key, at in (("from", start), ("to", end))}
