"""Every larmtyp once from each kind of device: from the sensor to the phones of those on duty, and to its end."""

from datetime import UTC, datetime, timedelta

from demo.check import PUSH_WITHIN, CheckFailedError

from . import plan
from .devices import PLACES
from .seeing import ON_TIME, FullCheck
from .steps import STEPS, Step

EARLY = timedelta(milliseconds=-50)
"""How much earlier than its deadline an alarm may seem to come: sensors speak a little after our clock is read."""


async def check_devices(check: FullCheck) -> None:
    """Every device is there, over its own radio."""
    for name, place in PLACES.items():
        state = await check.home.state_of(name) if place.platform else "knapp utan tillstånd"
        check.expect(f"{place.radio:12} {name:24} {state}", is_true=state != "unavailable")


async def check_larmtyper(check: FullCheck) -> None:
    """Every step, one after the other."""
    for step in STEPS:
        try:
            await _check_step(check, step)
        except (CheckFailedError, TimeoutError) as err:
            what = f"{step.larmtyp}, {step.device} ({PLACES[step.device].radio}) {step.says}"
            raise CheckFailedError(f"{what}: {str(err) or 'det blev inte så i tid'}") from err


async def _check_step(check: FullCheck, step: Step) -> None:
    """Raise one alarm and see it to its end."""
    home = check.home
    await home.rest(*step.at_rest)
    if hurried := step.hurried(datetime.now(UTC)):
        await home.save(step.rule, **hurried)
    known = check.shown_tags()
    due_at = await step.act(home) + step.delay
    sight = await check.see(step.title, step.delay + 3 * PUSH_WITHIN, known=known)
    alarm = await check.journalled(sight)
    took = sight.after(due_at)
    what = f"{step.larmtyp:14} {PLACES[step.device].radio:12} {step.device:22} {took:6.0f} ms"
    names = ", ".join(phone.name for phone in sight.phones)
    check.expect(
        f"{what}   {names}{step.says and f'   ({step.says})'}",
        is_true=(alarm["alarm_type"], alarm["rule"], alarm["late"]) == (step.larmtyp, step.rule, False)
        and EARLY < sight.shown_at - due_at < ON_TIME,
    )
    await check.finish(sight)
    await home.rest(*step.at_rest)
    if hurried or step.rule == plan.MEDICINE:
        await home.save(step.rule)
