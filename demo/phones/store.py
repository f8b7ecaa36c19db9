"""The phones' registrations in a JSON file, so that the demo's next start uses them again."""

from dataclasses import asdict, dataclass
import json
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What a phone knows of itself after it registered; the webhook id and the token are secrets."""

    webhook_id: str
    push_token: str
    user_id: str
    hass_device_id: str


class RegistrationStore:
    """One file for all phones of a demo; without a path nothing is kept."""

    def __init__(self, path: Path | None) -> None:
        """Read what is there."""
        self._path = path
        self._known: dict[str, Registration] = {}
        if path is not None and path.exists():
            content = json.loads(path.read_text(encoding="utf-8"))
            self._known = {phone_id: Registration(**fields) for phone_id, fields in content.items()}

    def find(self, phone_id: str) -> Registration | None:
        """Return a phone's registration of an earlier run."""
        return self._known.get(phone_id)

    def keep(self, phone_id: str, registration: Registration) -> None:
        """Keep a registration for the next run."""
        self._known[phone_id] = registration
        if self._path is None:
            return
        content = {known_id: asdict(known) for known_id, known in self._known.items()}
        new = self._path.with_suffix(".new")
        new.write_text(json.dumps(content, indent=2), encoding="utf-8")
        new.chmod(0o600)
        new.replace(self._path)
