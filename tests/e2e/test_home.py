"""The whole way in a simulated home: the button on the radio, the panel and two phones (R003.2, R010.7)."""

from collections.abc import AsyncGenerator
import time

import pytest
import pytest_asyncio

from demo import cast
from demo.check import alarm_on, says, shows
from demo.hass import Account
from demo.home import Home, Ports, open_home
from demo.phones import VirtualPhone

from .stage import NARROW, PACE, Seen, Stage, free_port, open_browser

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]

TITLE = "K7-31 · Trygghetslarm"
SHOWN_WITHIN = 20.0
"""Seconds that are waited; how long it took is printed."""
WATCH = """() => {
    const root = (node) => node.shadowRoot ?? node;
    const find = (from) => from.querySelector("homecare-h2o-panel")
        ?? [...from.querySelectorAll("*")].map((each) => each.shadowRoot && find(each.shadowRoot)).find(Boolean);
    window.drawnAt = new Promise((drawn) => {
        const look = () => root(find(document)).querySelector("a.row")
            ? requestAnimationFrame(() => setTimeout(() => drawn(Date.now())))
            : requestAnimationFrame(look);
        look();
    });
}"""
"""Note when the first row has been drawn, by the clock of the machine."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(_open_sockets: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Home]:
    """Return a home whose sensors are on a simulated radio."""
    ports = Ports(hass=free_port(), phones=free_port(), radio=free_port())
    async with open_home(tmp_path_factory.mktemp("home"), ports, PACE) as home:
        yield home


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seat(home: Home, chromium: str) -> AsyncGenerator[Stage]:
    """Return the same home with a browser in front of it."""
    async with open_browser(chromium) as browser:
        yield Stage(hass=home.hass, client=home.client, phones=home.phones, brukare_id=home.brukare_id, browser=browser)


async def find_phones_on_duty(home: Home) -> tuple[VirtualPhone, VirtualPhone]:
    """Return the two phones of the group that is on duty at this time of day."""
    names = {state["state"] for state in await home.client.get("/api/states")}
    (group,) = (group for group in cast.GROUPS if group.name in names)
    one, two = (home.phones[phone_id] for phone_id in group.phones)
    return one, two


def owner_of(phone: VirtualPhone) -> Account:
    """Return whose phone it is."""
    return Account(phone.name, phone.user, phone.user)


async def press_button(home: Home, seen: Seen) -> float:
    """Press the button in the home, and return after how many milliseconds the panel has drawn its alarm."""
    await seen.page.evaluate(WATCH)
    pressed_at = time.time()
    await home.press_button()
    drawn_at: float = await seen.page.evaluate("window.drawnAt")
    return drawn_at - pressed_at * 1000


async def test_a_press_on_the_button_stands_on_the_open_panel_and_its_answer_on_both_phones(
    home: Home, seat: Stage
) -> None:
    one, two = await find_phones_on_duty(home)
    async with seat.page("", owner_of(one), size=NARROW) as seen:
        await seen.page.get_by_text("Inga öppna larm").wait_for()
        took = await press_button(home, seen)
        print(f"\nfrom the button to the open panel: {took:.0f} ms")  # noqa: T201 - told, not demanded
        await one.wait_until(shows(TITLE, "Åtgärdar"), SHOWN_WITHIN)
        await two.wait_until(shows(TITLE, "Åtgärdar"), SHOWN_WITHIN)
        await seen.page.locator("a.row", has_text="Trygghetslarm").click()
        await seen.page.get_by_role("button", name="Åtgärdar").click()
        await seen.page.locator(".band", has_text="Du har tagit larmet").wait_for()
        await one.wait_until(shows(TITLE, "Klart"), SHOWN_WITHIN)
        await two.wait_until(says(f"Tas av {one.name}"), SHOWN_WITHIN)
        await seen.page.get_by_role("button", name="Klart").click()
        await seen.page.get_by_text("Hjälp given").click()
        await seen.page.get_by_role("button", name="Avsluta larmet").click()
        await seen.page.locator(".band", has_text="Avslutat").wait_for()
        await one.wait_until(lambda phone: alarm_on(phone) is None, SHOWN_WITHIN)
        await two.wait_until(lambda phone: alarm_on(phone) is None, SHOWN_WITHIN)
        assert seen.errors == []


async def test_an_answer_on_a_phone_stands_on_the_open_panel_of_another(home: Home, seat: Stage) -> None:
    one, two = await find_phones_on_duty(home)
    async with seat.page("", owner_of(one)) as seen:
        await seen.page.get_by_text("Inga öppna larm").wait_for()
        await press_button(home, seen)
        await two.wait_until(shows(TITLE, "Åtgärdar"), SHOWN_WITHIN)
        shown = alarm_on(two)
        assert shown
        (taking,) = (button for button in shown.actions if button.title == "Åtgärdar")
        await two.press(shown.tag, taking.action_id)
        await seen.page.locator("a.row", has_text=f"Tas av {two.name}").wait_for()
        await one.wait_until(says(f"Tas av {two.name}"), SHOWN_WITHIN)
        assert seen.errors == []
    await seat.close_all()


async def test_a_wet_thumb_that_bounces_does_not_close_an_alarm_as_false(seat: Stage) -> None:
    alarm_id = await seat.raise_alarm()
    async with seat.page(f"/alarm/{alarm_id}", owner_of(seat.phones["htj1"]), size=NARROW) as seen:
        button = seen.page.get_by_role("button", name="Felaktigt larm")
        await button.dblclick(delay=20)
        await seen.page.get_by_role("button", name="Tryck igen: felaktigt").wait_for()
        assert await seat.state_of(alarm_id) in ("raised", "escalated")
        await seen.page.get_by_role("button", name="Tryck igen: felaktigt").click()
        await seen.page.locator(".band", has_text="Avslutat").wait_for()
        assert (await seat.state_of(alarm_id), seen.errors) == ("false_alarm", [])


async def test_whoever_is_busy_with_one_alarm_on_a_phone_is_told_that_another_waits(seat: Stage) -> None:
    alarm_id = await seat.raise_alarm()
    async with seat.page(f"/alarm/{alarm_id}", owner_of(seat.phones["htj1"]), size=NARROW) as seen:
        await seen.page.get_by_role("button", name="Åtgärdar").click()
        await seen.page.locator(".band", has_text="Du har tagit larmet").wait_for()
        await seat.raise_alarm("fire")
        await seen.page.get_by_role("link", name="Alla öppna larm 1 till väntar").click()
        await seen.page.locator("a.row", has_text="BRAND").wait_for()
        assert await seen.page.locator("a.row").count() == 2
        assert seen.errors == []
    await seat.close_all()
