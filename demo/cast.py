"""Who and what is in the demo; all of it is invented."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from demo.phones import PhoneOS, VirtualPhone
from demo.zigbee import DeviceKind, DeviceSpec

SERIAL_NUMBER = "H2O-DEMO"
BRUKARE = {
    "code": "K7-31",
    "name": "Tess T. Person",
    "address": "Testvägen 1, 111 11 Hultsfred",
    "key_information": "Nyckelgömma till vänster om dörren",
    "instructions": "Hör dåligt. Ring på två gånger.",
}

BEDROOM = "Sovrummet rörelse"
HALL = "Hallen rörelse"
DOOR = "Ytterdörren"
BUTTON = "Larmknappen"
DEVICES = (
    DeviceSpec(name=BEDROOM, kind=DeviceKind.MOTION),
    DeviceSpec(name=HALL, kind=DeviceKind.MOTION),
    DeviceSpec(name=DOOR, kind=DeviceKind.CONTACT),
    DeviceSpec(name=BUTTON, kind=DeviceKind.REMOTE),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """A receiver group of the demo; without hours it is on duty all day."""

    name: str
    role: str
    phones: tuple[str, ...]
    duty_from: str | None = None
    duty_to: str | None = None


GROUPS = (
    Group(name="Htj dag", role="staff", phones=("htj1", "htj2"), duty_from="06:46:00", duty_to="21:29:00"),
    Group(name="Nattpatrull", role="staff", phones=("natt1", "natt2"), duty_from="21:30:00", duty_to="06:45:00"),
    Group(name="Larmansvarig", role="larmansvarig", phones=("larmansvarig",)),
)


def make_phones() -> list[VirtualPhone]:
    """Return the staff's phones."""
    return [
        VirtualPhone("htj1", "1 Htj dag", group="Htj dag", os=PhoneOS.ANDROID, number="070-174 06 05"),
        VirtualPhone("htj2", "2 Htj dag", group="Htj dag", os=PhoneOS.IOS, number="070-174 06 06"),
        VirtualPhone("natt1", "1 Nattpatrull", group="Nattpatrull", os=PhoneOS.ANDROID, number="070-174 06 07"),
        VirtualPhone("natt2", "2 Nattpatrull", group="Nattpatrull", os=PhoneOS.ANDROID, number="070-174 06 08"),
        VirtualPhone("larmansvarig", "Larmansvarig", group="Larmansvarig", os=PhoneOS.ANDROID, number="070-174 06 09"),
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """How fast the demo goes: the time between the escalation levels."""

    level: timedelta


def duration(value: timedelta) -> Mapping[str, int]:
    """Return a duration as Home Assistant's duration selector gives it."""
    return {"hours": 0, "minutes": 0, "seconds": int(value.total_seconds())}


def plan(pace: Pace) -> Mapping[str, object]:
    """Return an escalation plan with short delays, as the form takes it."""
    return {
        "level_1": {"delay": duration(timedelta(0)), "receivers": ["on_duty"]},
        "level_2": {"delay": duration(pace.level), "receivers": ["on_duty", "backup"]},
        "level_3": {"delay": duration(2 * pace.level), "receivers": ["larmansvarig"]},
        "level_4": {},
        "level_5": {},
        "level_6": {},
        "repeat_every": duration(pace.level),
        "response_time": duration(20 * pace.level),
    }


def button_automation(brukare_id: str, button_id: str) -> Mapping[str, object]:
    """Return the automation of the safety button."""
    return automation("Trygghetslarm", "safety_button", {"brukare": brukare_id, "button": {"device_id": [button_id]}})


def passivity_automation(
    brukare_id: str, sensors: Sequence[str], threshold: timedelta | None = None
) -> Mapping[str, object]:
    """Return the automation of the passivity alarm: as the larmplan has it (four hours, 06–10), or after a time."""
    inputs: dict[str, object] = {"brukare": brukare_id, "sensors": {"entity_id": list(sensors)}}
    if threshold:
        inputs |= {"threshold": duration(threshold), "all_day": True}
    return automation("Passivitetslarm", "passivity", inputs)


def automation(alias: str, blueprint: str, inputs: Mapping[str, object]) -> Mapping[str, object]:
    """Return an automation made from a blueprint, as the editor saves it."""
    return {
        "alias": alias,
        "use_blueprint": {"path": f"homecare_h2o/{blueprint}.yaml", "input": inputs},
    }
