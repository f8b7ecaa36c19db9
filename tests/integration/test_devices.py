"""The devices."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.homecare_h2o.const import DOMAIN
from custom_components.homecare_h2o.devices import device_of, find_brukare


def hub_device(hass: HomeAssistant, home: MockConfigEntry) -> dr.DeviceEntry:
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, home.entry_id), home.entry_id)
    assert device
    return device


async def test_the_hub_is_a_device(hass: HomeAssistant, home: MockConfigEntry) -> None:
    hub = hub_device(hass, home)
    assert (hub.name, hub.model, hub.manufacturer, hub.serial_number) == ("Hub H2O-1", "Hub", "HomeCare H2O", "H2O-1")
    assert hub.entry_type is dr.DeviceEntryType.SERVICE


async def test_a_brukare_is_a_device_that_is_named_by_the_code(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str
) -> None:
    device = dr.async_get(hass).async_get(brukare_device)
    assert isinstance(device, dr.DeviceEntry)
    assert (device.name, device.model, device.via_device_id) == ("K7-31", "Brukare", hub_device(hass, home).id)


async def test_there_is_a_device_for_the_hub_and_each_brukare_only(hass: HomeAssistant, home: MockConfigEntry) -> None:
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), home.entry_id)
    assert sorted(str(device.name) for device in devices) == ["Hub H2O-1", "K7-31"]


async def test_a_device_is_found_by_its_brukare_and_back(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str
) -> None:
    assert find_brukare(hass, home, brukare_device) == "brukare-1"
    assert device_of(hass, home, "brukare-1") == brukare_device
    assert device_of(hass, home, "no-such-brukare") is None


async def test_only_a_brukares_device_is_one(hass: HomeAssistant, home: MockConfigEntry) -> None:
    registry = dr.async_get(hass)
    group = registry.async_get_or_create(config_entry_id=home.entry_id, identifiers={(DOMAIN, "group-Htj dag")})
    other = registry.async_get_or_create(config_entry_id=home.entry_id, identifiers={("other", "brukare-1")})
    asked = (hub_device(hass, home).id, group.id, other.id, "no-such-device")
    assert [find_brukare(hass, home, device_id) for device_id in asked] == [None] * 4
