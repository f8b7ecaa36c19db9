"""What was done and seen in a run, as JSON lines written at the moment; the checker reads nothing else but journals.

``m`` is the monotonic clock of the run's process, ``t`` the true wall clock; neither is ever moved.
"""

import json
from pathlib import Path
import time
from typing import Any


class Record:
    """A file of JSON lines."""

    def __init__(self, path: Path) -> None:
        """Begin the file."""
        self._file = path.open("a", encoding="utf-8", buffering=1)

    def write(self, kind: str, **what: Any) -> float:
        """Write a line; return when, on the monotonic clock."""
        now = time.monotonic()
        line = {"m": round(now, 4), "t": round(time.time(), 4), "kind": kind, **what}
        self._file.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
        return now

    def close(self) -> None:
        """Close the file."""
        self._file.close()
