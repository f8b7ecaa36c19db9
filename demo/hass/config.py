"""Prepare a configuration folder that a real Home Assistant starts from without questions and without a network."""

from datetime import UTC, datetime
import json
from pathlib import Path
from typing import Any

from demo.loopback import LOOPBACK

_INTEGRATION = Path(__file__).resolve().parents[2] / "custom_components" / "homecare_h2o"

# ZHA is loaded by its config entry, the integration by its own.
_CONFIGURATION = """\
homeassistant:
  name: HomeCare H2O demo
  latitude: 59.33
  longitude: 18.06
  elevation: 20
  unit_system: metric
  currency: SEK
  country: SE
  time_zone: Europe/Stockholm
  language: {language}

api:
automation: !include automations.yaml
calendar:
config:
frontend:
history:
logbook:
mobile_app:
person:
recorder:
script:
todo:
websocket_api:

logger:
  default: warning
  logs:
    custom_components.homecare_h2o: info
    # Only cameras need what these two miss on a plain machine.
    haffmpeg: fatal
    homeassistant.components.camera.img_util: fatal
"""


def prepare(config: Path, port: int, language: str, extra: str = "") -> None:
    """Write what Home Assistant needs at its start; what the user made in earlier runs stays."""
    (config / ".storage").mkdir(parents=True, exist_ok=True)
    (config / "configuration.yaml").write_text(_CONFIGURATION.format(language=language) + extra, encoding="utf-8")
    _write_new(config / "automations.yaml", "[]\n")
    _store(config, "http", 2, 2, _http(port))
    # Home Assistant would speak multicast on every network, and cannot send a push on a machine without one.
    _store(config, "core.network", 1, 1, {"configured_adapters": ["lo", "lo0"]})
    if not (config / ".storage" / "onboarding").exists():
        _store(config, "onboarding", 4, 1, {"done": ["core_config", "analytics", "integration"]})
    _link_integration(config / "custom_components" / _INTEGRATION.name)


def _http(port: int) -> dict[str, Any]:
    """Return the HTTP settings; settings in YAML would be a trial that ends after five minutes."""
    return {
        "stable": {
            "server_host": [LOOPBACK],
            "server_port": port,
            "cors_allowed_origins": [],
            "login_attempts_threshold": -1,
            "ip_ban_enabled": False,
            "ssl_profile": "modern",
            "use_x_frame_options": True,
            "created_at": datetime.now(UTC).isoformat(),
            "error": None,
            "error_message": None,
        },
        "pending": None,
        "yaml_migration_done": True,
    }


def _store(config: Path, key: str, version: int, minor_version: int, data: dict[str, Any]) -> None:
    """Write one of Home Assistant's own storage files, as it would itself."""
    content = {"version": version, "minor_version": minor_version, "key": key, "data": data}
    path = config / ".storage" / key
    path.write_text(json.dumps(content, indent=2), encoding="utf-8")
    path.chmod(0o600)


def _write_new(path: Path, text: str) -> None:
    """Write a file unless it exists."""
    if not path.exists():
        path.write_text(text, encoding="utf-8")


def _link_integration(link: Path) -> None:
    """Let the configuration folder see this checkout's integration."""
    link.parent.mkdir(exist_ok=True)
    if link.is_symlink() and link.readlink() == _INTEGRATION:
        return
    link.unlink(missing_ok=True)
    link.symlink_to(_INTEGRATION, target_is_directory=True)
