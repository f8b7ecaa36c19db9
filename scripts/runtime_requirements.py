"""Print what the integrations of the demo and the tests would install at run time.

Home Assistant installs an integration's requirements when it first loads it. A home that must start without a
network, and tests that must not depend on one, need them in the lock instead.
"""

import json
from pathlib import Path

import homeassistant
from homeassistant.const import Platform

COMPONENTS = Path(homeassistant.__path__[0]) / "components"
INTEGRATIONS = (
    "api automation backup blueprint calendar config conversation diagnostics frontend history http logbook "
    "mobile_app mqtt notify onboarding person recorder script search system_health todo trace tts websocket_api "
    "zha zwave_js assist_pipeline stt wake_word"
)


def manifest(domain: str) -> dict[str, list[str]]:
    """Return the manifest of a core integration."""
    result: dict[str, list[str]] = json.loads((COMPONENTS / domain / "manifest.json").read_text())
    return result


def platforms(domain: str) -> list[str]:
    """Return the integrations that a core integration is a platform of: loading it loads them."""
    names = [path.stem for path in (COMPONENTS / domain).glob("*.py")]
    return [name for name in names if (COMPONENTS / name / "manifest.json").exists()]


def requirements() -> set[str]:
    """Return the requirements of the integrations and of everything they depend on or come after."""
    seen: set[str] = set()
    found: set[str] = set()
    # Home Assistant imports every platform's integration at start.
    ahead = [*INTEGRATIONS.split(), *Platform]
    while ahead:
        domain = ahead.pop()
        if domain in seen:
            continue
        seen.add(domain)
        facts = manifest(domain)
        found.update(facts.get("requirements", []))
        # What comes after is imported all the same, where it is there: mobile_app imports the camera.
        ahead.extend([*facts.get("dependencies", []), *facts.get("after_dependencies", []), *platforms(domain)])
    return found


if __name__ == "__main__":
    print("\n".join(sorted(requirements())))
