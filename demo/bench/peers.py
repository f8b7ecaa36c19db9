"""Who is compared: each peer has a smoke detector of its own and tells the same phones the same thing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import json
from typing import Any

from demo import cast
from demo.phones import PhoneOS, VirtualPhone

from .probe.const import entity_of

ALERT, AUTOMATION, PARALLEL, OURS = "alert", "automation", "parallel", "ours"
OUR_TAG = "homecare_h2o-"
"""What the tags of our notifications begin with; the alarm's id follows."""

TITLE = f"{cast.BRUKARE['code']} · Brandlarm"
HEARD: Mapping[str, Any] = {
    "ttl": 0,
    "priority": "high",
    "persistent": True,
    "sticky": True,
    "confirmation": True,
    "channel": "alarm_stream",
    "importance": "high",
    "push": {"interruption-level": "critical", "sound": {"name": "default", "critical": 1, "volume": 1.0}},
    "actions": [
        {"action": "BENCH_TAKE", "title": "Åtgärdar"},
        {"action": "BENCH_DECLINE", "title": "Hinner ej"},
        {"action": "BENCH_FALSE", "title": "Felaktigt larm"},
    ],
}
"""As loud as our call of a fire alarm, with as many buttons."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Peer:
    """One way from a smoke detector to the phones."""

    name: str

    @property
    def entity_id(self) -> str:
        """The peer's own smoke detector."""
        return entity_of(self.name)

    @property
    def tag(self) -> str:
        """What the tags of its notifications begin with."""
        return OUR_TAG if self.name == OURS else f"bench-{self.name}"


def make_phones(number: int) -> list[VirtualPhone]:
    """Return the phones of a group."""
    return [
        VirtualPhone(f"bench_{n:02}", f"Bench {n:02}", group="Bench", os=PhoneOS.ANDROID) for n in range(1, number + 1)
    ]


def make_alert(phones: Sequence[VirtualPhone]) -> str:
    """Return the configuration of core's alert, which is YAML only; JSON is YAML, too."""
    alert = {
        "name": "Brandlarm",
        "entity_id": entity_of(ALERT),
        "state": "on",
        "repeat": 5,
        "can_acknowledge": True,
        "title": TITLE,
        "message": _message(f"states.{entity_of(ALERT)}.name"),
        "data": {**HEARD, "tag": "bench-alert"},
        "notifiers": [_notify_action(phone) for phone in phones],
    }
    return f"\nalert: {json.dumps({'bench': alert})}\n"


def make_automation(phones: Sequence[VirtualPhone]) -> Mapping[str, Any]:
    """Return a plain automation with an actionable notification, one phone after the other."""
    return _automation(AUTOMATION, _notify_all(AUTOMATION, phones))


def make_parallel(phones: Sequence[VirtualPhone]) -> Mapping[str, Any]:
    """Return a plain automation whose author has thought of phones that hang."""
    return _automation(PARALLEL, [{"parallel": _notify_all(PARALLEL, phones)}])


def make_ours(brukare_id: str) -> Mapping[str, object]:
    """Return our automation of the fire alarm, without the minute for which smoke must last."""
    sensors = {"entity_id": [entity_of(OURS)]}
    return cast.automation(
        "Brandlarm", "fire", {"brukare": brukare_id, "sensors": sensors, "persistence": {"seconds": 0}}
    )


def make_quiet_lines(brukare_id: str) -> Mapping[str, Mapping[str, object]]:
    """Return more lines of a handlingsplan, about a detector that nothing ever happens to."""
    sensors = {"entity_id": [entity_of("quiet")]}
    inputs: Mapping[str, Mapping[str, object]] = {
        "leak": {},
        "motion": {"purpose": "Prov", "all_day": True},
        "passivity": {"all_day": True, "threshold": {"hours": 24}},
    }
    return {
        blueprint: cast.automation(blueprint, blueprint, {"brukare": brukare_id, "sensors": sensors, **given})
        for blueprint, given in inputs.items()
    }


def _automation(name: str, actions: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return an automation of one smoke detector."""
    return {
        "alias": f"Bench {name}",
        "mode": "parallel",
        "max": 50,
        "triggers": [{"trigger": "state", "entity_id": entity_of(name), "to": "on"}],
        "actions": list(actions),
    }


def _notify_all(name: str, phones: Sequence[VirtualPhone]) -> list[Mapping[str, Any]]:
    """Return an action for each phone."""
    data = {"title": TITLE, "message": _message("trigger.to_state.name"), "data": {**HEARD, "tag": f"bench-{name}"}}
    return [{"action": f"notify.{_notify_action(phone)}", "data": data} for phone in phones]


def _message(sensor: str) -> str:
    """Return what has happened and when, as our notification tells it."""
    return f"{{{{ {sensor} }}}} {{{{ now().strftime('%H:%M') }}}}. Ring 112. Åk dit genast."


def _notify_action(phone: VirtualPhone) -> str:
    """Return the action that mobile_app has for a phone."""
    return f"mobile_app_{phone.phone_id}"
