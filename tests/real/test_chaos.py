"""A few seeds of the chaos runs: a real Home Assistant under random faults breaks no promise."""

import subprocess
import sys

import pytest

from .running import ROOT

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

FIRST = 27
"""From here on: reloads, deleted sensors, damaged facts, 1970, a full disk and a power cut, pushes and answers lost."""


def test_three_seeds_break_no_promise() -> None:
    chaos = subprocess.run(
        [sys.executable, "-m", "demo.chaos", "--runs", "3", "--seed", str(FIRST), "--jobs", "2"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert chaos.returncode == 0, chaos.stdout + chaos.stderr
    assert "0 with violations" in chaos.stdout
