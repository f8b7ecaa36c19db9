"""The panel in the sidebar and the dashboard strategy; without a frontend, or with one in trouble, alarms go on."""

import hashlib
from pathlib import Path
from typing import Final

from homeassistant.components import frontend, panel_custom
from homeassistant.components.http import StaticPathConfig
from homeassistant.core import HomeAssistant, callback
from homeassistant.setup import async_when_setup

from .const import DOMAIN, PANEL_PATH

FOLDER = Path(__file__).parent / "frontend"
ELEMENT: Final = "homecare-h2o-panel"
TITLE: Final = "HomeCare H2O"
ICON: Final = "mdi:home-heart"


def calc_digest(folder: Path) -> str:
    """Return what names the content of a folder: a browser keeps what it has, and asks for what is new."""
    digest = hashlib.sha256()
    for file in sorted(each for each in folder.rglob("*") if each.is_file()):
        digest.update(f"{file.relative_to(folder).as_posix()}\0".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


@callback
def async_register_panel(hass: HomeAssistant) -> None:
    """Register the panel when there is a frontend to show it."""
    async_when_setup(hass, frontend.DOMAIN, _async_register)


async def _async_register(hass: HomeAssistant, _component: str) -> None:
    """Serve the files, put the panel into the sidebar, and let every page know the dashboard strategy."""
    url = f"/{DOMAIN}/panel/{await hass.async_add_executor_job(calc_digest, FOLDER)}"
    await hass.http.async_register_static_paths([StaticPathConfig(url, str(FOLDER), cache_headers=True)])
    await panel_custom.async_register_panel(
        hass,
        PANEL_PATH,
        ELEMENT,
        sidebar_title=TITLE,
        sidebar_icon=ICON,
        module_url=f"{url}/panel.js",
        require_admin=False,
        handle_safe_area=True,
    )
    frontend.add_extra_js_url(hass, f"{url}/strategy.js")
