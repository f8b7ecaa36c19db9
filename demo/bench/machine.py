"""On what the figures were taken, in general words."""

import os
from pathlib import Path
import platform
import sqlite3
import statistics
import tempfile
import time

from homeassistant import const

_SYNCS = 30


def describe_machine(folder: Path) -> dict[str, str]:
    """Return what there is to know of this machine; names no path and no host."""
    return {
        "Processor": f"{os.cpu_count()} × {_cpu_model()}",
        "Memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "One write that is forced to the disk": f"{_sync_seconds(folder) * 1000:.2f} ms (median of {_SYNCS})",
        "System": f"{platform.system()} on {platform.machine()}, Python {platform.python_version()}, SQLite "
        f"{sqlite3.sqlite_version}, Home Assistant {const.__version__}",
    }


def _cpu_model() -> str:
    """Return what the processor calls itself."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _sync_seconds(folder: Path) -> float:
    """Return how long the disk takes to have something for good: each alarm waits for that."""
    seconds = []
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        for _ in range(_SYNCS):
            file.write(bytes(4096))
            began = time.perf_counter()
            os.fsync(file.fileno())
            seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)
