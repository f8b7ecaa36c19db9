"""Each larmtyp, raised from each kind of device: what is done in the home, and what the rule is hurried with."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from demo import cast

from . import devices as d, plan
from .home import FullHome

SHORT: Final = timedelta(seconds=2)
"""What the larmplan's minutes and hours are in a step."""
_DOSE_IN: Final = timedelta(seconds=1)

type Act = Callable[[FullHome], Awaitable[datetime]]
"""Does something in the home; returns the instant that the alarm's time counts from."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One larmtyp from one device; delay: from the device's last word to the deadline."""

    larmtyp: str
    title: str
    rule: str
    device: str
    act: Act
    delay: timedelta = timedelta(0)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    needs_window: bool = False
    """The rule's window is to be open now."""
    at_rest: tuple[str, ...] = ()
    """The sensors that are to show that nothing is the matter, before and after."""
    says: str = ""
    """What is added to the line of the step."""

    def hurried(self, now: datetime) -> Mapping[str, Any]:
        """Return the inputs that make the rule quick enough to wait for."""
        return {**self.inputs, **(plan.around(now) if self.needs_window else {})}


def _on(name: str) -> Act:
    """Return what turns a sensor or a plug on."""

    async def act(home: FullHome) -> datetime:
        at = datetime.now(UTC)
        await home.turn(name, on=True)
        return at

    return act


def _move(*names: str) -> Act:
    """Return what lets somebody move before sensors; what counts is when the last goes off."""

    async def act(home: FullHome) -> datetime:
        for name in names:
            await home.move(name)
        return datetime.now(UTC)

    return act


async def _leave_bed(home: FullHome) -> datetime:
    """Move in the bedroom, then in the hall; what counts is when the hall sees it."""
    await home.turn(d.BEDROOM, on=True)
    await home.wait_state(d.BEDROOM, "on")
    at = datetime.now(UTC)
    await home.turn(d.HALL, on=True)
    return at


async def _forget_dose(home: FullHome) -> datetime:
    """Let the hour of a dose come, and leave the cabinet closed."""
    start = datetime.now(UTC).replace(microsecond=0) + _DOSE_IN + timedelta(seconds=1)
    reminded = asyncio.Event()
    end = await home.client.subscribe_events(plan.REMINDER_EVENT, lambda _event: reminded.set())
    times = {"alarm_delay": cast.duration(SHORT), "grace": cast.duration(timedelta(0)), **plan.dose_at(start)}
    await home.save(plan.MEDICINE, **times)
    async with asyncio.timeout((_DOSE_IN + SHORT).total_seconds() + 1):
        await reminded.wait()
    await end()
    return start


def _radio_press(name: str) -> Act:
    """Return what presses a button of the Zigbee radio."""

    async def act(home: FullHome) -> datetime:
        at = datetime.now(UTC)
        await home.zigbee.press(name)
        return at

    return act


async def _press_scene(home: FullHome) -> datetime:
    """Press the Z-Wave remote."""
    at = datetime.now(UTC)
    await home.zwave.press_scene()
    return at


async def _call_for_help(home: FullHome) -> datetime:
    """Call for medical help over Z-Wave."""
    at = datetime.now(UTC)
    await home.zwave.emergency()
    return at


async def _press_sos(home: FullHome) -> datetime:
    """Press the button of Zigbee2MQTT."""
    at = datetime.now(UTC)
    await home.mqtt.press(d.SOS)
    return at


def _button(device: str, kind: str, act: Act) -> Step:
    """Return the step of one kind of button."""
    return Step(larmtyp="safety_button", title="Trygghetslarm", rule=plan.BUTTON, device=device, act=act, says=kind)


def _lasting(larmtyp: str, title: str, rule: str, device: str) -> Step:
    """Return the step of a sensor whose word must last a while: smoke or water."""
    return Step(
        larmtyp=larmtyp,
        title=title,
        rule=rule,
        device=device,
        act=_on(device),
        delay=SHORT,
        inputs={"persistence": cast.duration(SHORT)},
        at_rest=(device,),
    )


def _gone_out(rule: str, door: str, *rooms: str) -> Step:
    """Return the step of an outer door."""
    return Step(
        larmtyp="gone_out",
        title="Gått ut-larm",
        rule=rule,
        device=door,
        act=_on(door),
        delay=SHORT,
        inputs={"delay": cast.duration(SHORT)},
        needs_window=True,
        at_rest=(door, *rooms),
    )


def _passivity(rule: str, sensor: str) -> Step:
    """Return the step of a motion sensor that sees nobody any more."""
    return Step(
        larmtyp="passivity",
        title="Passivitetslarm",
        rule=rule,
        device=sensor,
        act=_move(sensor),
        delay=SHORT,
        inputs={"threshold": cast.duration(SHORT)},
        needs_window=True,
        at_rest=(sensor,),
    )


STEPS: Final = (
    _passivity(plan.PASSIVITY, d.BEDROOM),
    _passivity(plan.PASSIVITY_2, d.LIVING_ROOM),
    _gone_out(plan.GONE_OUT, d.DOOR, d.BEDROOM, d.HALL),
    _gone_out(plan.GONE_OUT_2, d.TERRACE_DOOR, d.LIVING_ROOM),
    _lasting("fire", "BRAND", plan.FIRE, d.KITCHEN_SMOKE),
    _lasting("fire", "BRAND", plan.FIRE_2, d.BOILER_SMOKE),
    _lasting("fire", "BRAND", plan.FIRE, d.ATTIC_SMOKE),
    _lasting("leak", "LÄCKAGE", plan.LEAK, d.BATHROOM_WATER),
    _lasting("leak", "LÄCKAGE", plan.LEAK, d.LAUNDRY_WATER),
    Step(
        larmtyp="medicine",
        title="Medicinlarm",
        rule=plan.MEDICINE,
        device=d.CABINET,
        act=_forget_dose,
        delay=SHORT,
        at_rest=(d.CABINET,),
        says="påminnelsen kom först",
    ),
    _button(d.REMOTE, "fjärrkontroll", _radio_press(d.REMOTE)),
    _button(d.HELP_BOX, "nödzon", _radio_press(d.HELP_BOX)),
    _button(d.PENDANT, "larmpanel", _radio_press(d.PENDANT)),
    _button(d.SCENE_BUTTON, "Central Scene", _press_scene),
    _button(d.HELP_CALL, "nödmeddelande", _call_for_help),
    _button(d.SOS, "enhetsutlösare", _press_sos),
    Step(
        larmtyp="power_on",
        title="Strömlarm",
        rule=plan.POWER,
        device=d.STOVE,
        act=_on(d.STOVE),
        delay=SHORT,
        inputs={"longest": cast.duration(SHORT)},
        at_rest=(d.STOVE,),
    ),
    Step(
        larmtyp="motion",
        title="Rörelselarm",
        rule=plan.MOTION,
        device=d.STAIRS,
        act=_on(d.STAIRS),
        at_rest=(d.STAIRS,),
    ),
    Step(
        larmtyp="door",
        title="Dörrlarm",
        rule=plan.OPENED,
        device=d.CELLAR_WINDOW,
        act=_on(d.CELLAR_WINDOW),
        at_rest=(d.CELLAR_WINDOW,),
    ),
    Step(
        larmtyp="sequence",
        title="Sekvenslarm",
        rule=plan.SEQUENCE,
        device=d.HALL,
        act=_leave_bed,
        delay=SHORT,
        inputs={"then_nothing_for": cast.duration(SHORT)},
        at_rest=(d.BEDROOM, d.HALL, d.LIVING_ROOM),
        says="efter sovrummet, och ingen i vardagsrummet",
    ),
    # Well after its first press: two within a second are one.
    _button(d.PENDANT, "larmpanel igen: den återställdes", _radio_press(d.PENDANT)),
)
