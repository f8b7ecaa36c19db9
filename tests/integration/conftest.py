"""A home, set up in Home Assistant."""

from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker
from syrupy.assertion import SnapshotAssertion

from custom_components.homecare_h2o import gaps
from custom_components.homecare_h2o.const import DOMAIN, SUBENTRY_BRUKARE, SUBENTRY_RECEIVER_GROUP
from custom_components.homecare_h2o.core import codec

from .rules import House

PUSH_URL = "https://push.example.test"
"""Where the phones of these tests are reached."""

for _record in codec.KINDS.values():
    # While time is frozen ``datetime`` is another class, which the codec's first look at a record would not know.
    codec._rich(_record)  # type: ignore[arg-type]


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Compare with what was kept, without what Home Assistant makes up anew each time."""
    return snapshot.use_extension(HomeAssistantSnapshotExtension)


@pytest.fixture(autouse=True)
def _integration_enabled(enable_custom_integrations: None) -> None:
    """Let Home Assistant find the integration."""


@pytest.fixture(autouse=True)
async def _time_zone(hass: HomeAssistant) -> None:
    """Be in Sweden."""
    await hass.config.async_set_time_zone("Europe/Stockholm")
    hass.config.language = "sv"


def leaks(said: Iterable[object]) -> list[str]:
    """Return the words about the person of these tests that are said and must not be (R010.7)."""
    text = "\n".join(map(str, said))
    return [word for word in ("Tess T. Person", "Testvägen 1", "Hultsfred") if word in text]


@pytest.fixture(autouse=True)
def _private(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Look through the log of each test for the person and the address."""
    yield
    assert leaks(record.getMessage() for phase in ("setup", "call") for record in caplog.get_records(phase)) == []


@pytest.fixture(autouse=True)
def _long_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let hours pass in one step, which a hub takes for a monitoring gap."""
    monkeypatch.setattr(gaps, "LONGEST_STEP", timedelta.max)


@pytest.fixture
def pushes(aioclient_mock: AiohttpClientMocker) -> Iterator[AiohttpClientMocker]:
    """Answer every push, keep what was pushed, and look through all of it for the person and the address."""
    aioclient_mock.post(PUSH_URL, status=HTTPStatus.CREATED, json={})
    yield aioclient_mock
    assert leaks(sent[2] for sent in aioclient_mock.mock_calls) == []


@pytest.fixture
async def phones(hass: HomeAssistant, pushes: AiohttpClientMocker) -> dict[str, MockConfigEntry]:
    """Register phones with the Home Assistant app."""
    entries = {}
    for name in ("1 Htj dag", "2 Htj dag", "1 Nattpatrull", "Larmansvarig"):
        user = await hass.auth.async_create_user(name)
        entry = MockConfigEntry(
            domain="mobile_app",
            title=name,
            data={
                "app_data": {"push_token": name, "push_url": PUSH_URL},
                "app_id": "io.homeassistant.companion.android",
                "app_name": "Home Assistant",
                "app_version": "2026.10.1",
                "device_id": name,
                "device_name": name,
                "manufacturer": "Fairphone",
                "model": "FP5",
                "os_name": "Android",
                "os_version": "16",
                "supports_encryption": False,
                "user_id": user.id,
                CONF_WEBHOOK_ID: f"webhook-{name}",
            },
        )
        entry.add_to_hass(hass)
        entries[name] = entry
    assert await async_setup_component(hass, "mobile_app", {})
    await hass.async_block_till_done()
    return entries


def group(
    name: str, role: str, phones: list[MockConfigEntry], start: str | None = None, end: str | None = None
) -> dict[str, Any]:
    """Return a receiver group as the flow stores it."""
    hours = {"duty_from": start, "duty_to": end} if start else {}
    return {
        "subentry_type": SUBENTRY_RECEIVER_GROUP,
        "subentry_id": f"group-{name}",
        "title": name,
        "unique_id": None,
        "data": {"name": name, "role": role, "phones": [f"app:{phone.entry_id}" for phone in phones], **hours},
    }


@pytest.fixture
async def home(
    hass: HomeAssistant, phones: dict[str, MockConfigEntry], tmp_path: Any
) -> AsyncGenerator[MockConfigEntry]:
    """Set up a home."""
    hass.config.config_dir = str(tmp_path)
    entry = MockConfigEntry(
        domain=DOMAIN,
        entry_id="hub-1",
        title="Hub H2O-1",
        unique_id="H2O-1",
        data={"serial_number": "H2O-1"},
        subentries_data=[
            {
                "subentry_type": SUBENTRY_BRUKARE,
                "subentry_id": "brukare-1",
                "title": "K7-31",
                "unique_id": None,
                "data": {"code": "K7-31", "name": "Tess T. Person", "address": "Testvägen 1, 111 11 Hultsfred"},
            },
            group("Htj dag", "staff", [phones["1 Htj dag"], phones["2 Htj dag"]], "06:46:00", "21:29:00"),
            group("Nattpatrull", "staff", [phones["1 Nattpatrull"]], "21:30:00", "06:45:00"),
            group("Larmansvarig", "larmansvarig", [phones["Larmansvarig"]]),
        ],
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    yield entry
    for loaded in hass.config_entries.async_loaded_entries(DOMAIN):
        await hass.config_entries.async_unload(loaded.entry_id)


@pytest.fixture
def brukare_device(hass: HomeAssistant, home: MockConfigEntry) -> str:
    """Return the device of the brukare."""
    (brukare,) = home.get_subentries_of_type(SUBENTRY_BRUKARE)
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, brukare.subentry_id), home.entry_id)
    assert device
    return device.id


type Pushed = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def pushed(pushes: AiohttpClientMocker) -> Pushed:
    """Return what was pushed to a phone, oldest first."""

    def of(name: str) -> list[dict[str, Any]]:
        return [call[2] for call in pushes.mock_calls if call[2]["push_token"] == name]

    return of


@pytest.fixture
async def house(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    home: MockConfigEntry,
    brukare_device: str,
    tmp_path: Path,
) -> AsyncGenerator[House]:
    """Return the home with a file of automations."""
    rules = House(hass, home, brukare_device, freezer, tmp_path)
    yield rules
    await rules.use()
