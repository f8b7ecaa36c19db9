"""The home as it is set up, and its larmplan: the blueprints with the defaults that they come with."""

from typing import Any

from homeassistant.config_entries import ConfigSubentryDataWithId
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.homecare_h2o.const import DOMAIN, SUBENTRY_BRUKARE, SUBENTRY_RECEIVER_GROUP

from .home import BUTTON, CABINET, DOOR, HALL, MOTION, ROOMS, SMOKE, STOVE, WATER

BRUKARE_ID = "brukare-1"
PHONES = ("htj_dag", "nattpatrull", "larmansvarig")


def _group(
    name: str, role: str, phone: str, start: str | None = None, end: str | None = None
) -> ConfigSubentryDataWithId:
    """Return a receiver group as the flow stores it."""
    hours = {"duty_from": start, "duty_to": end} if start else {}
    return ConfigSubentryDataWithId(
        subentry_type=SUBENTRY_RECEIVER_GROUP,
        subentry_id=f"group-{phone}",
        title=name,
        unique_id=None,
        data={"name": name, "role": role, "phones": [f"service:{phone}"], **hours},
    )


def make_entry() -> MockConfigEntry:
    """Return the hub of the home."""
    brukare = {"code": "K7-31", "name": "Tess T. Person", "address": "Testvägen 1, 111 11 Hultsfred"}
    day, night, manager = PHONES
    return MockConfigEntry(
        domain=DOMAIN,
        entry_id="hub-1",
        title="Hub H2O-1",
        unique_id="H2O-1",
        data={"serial_number": "H2O-1"},
        subentries_data=[
            ConfigSubentryDataWithId(
                subentry_type=SUBENTRY_BRUKARE,
                subentry_id=BRUKARE_ID,
                title="K7-31",
                unique_id=None,
                data=brukare,
            ),
            _group("Htj dag", "staff", day, "06:46:00", "21:29:00"),
            _group("Nattpatrull", "staff", night, "21:30:00", "06:45:00"),
            _group("Larmansvarig", "larmansvarig", manager),
        ],
    )


def make_rules(brukare_device: str) -> list[dict[str, Any]]:
    """Return the automations as the editor writes them."""
    inputs: dict[str, dict[str, Any]] = {
        "passivity": {"sensors": {"entity_id": list(MOTION)}},
        "gone_out": {"doors": [DOOR], "hall": [HALL], "rooms": list(ROOMS)},
        "fire": {"sensors": {"entity_id": [SMOKE]}},
        "leak": {"sensors": {"entity_id": [WATER]}},
        "medicine": {"cabinet": {"entity_id": [CABINET]}},
        "safety_button": {"button": {"entity_id": [BUTTON]}},
        "power_on": {"plugs": {"entity_id": [STOVE]}},
    }
    return [
        {
            "id": blueprint,
            "alias": blueprint,
            "use_blueprint": {
                "path": f"homecare_h2o/{blueprint}.yaml",
                "input": {"brukare": brukare_device, **chosen},
            },
        }
        for blueprint, chosen in inputs.items()
    ]
