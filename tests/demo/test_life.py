"""A simulated life, played to a real Home Assistant in a process of its own: the plugin of these tests fakes disks."""

import json
from pathlib import Path
import subprocess
import sys
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def simulate(*arguments: str) -> tuple[int, dict[str, Any]]:
    """Run the simulator; return its exit code and what it found."""
    done = subprocess.run(
        [sys.executable, "-m", "demo.life", "--json", *arguments], cwd=ROOT, capture_output=True, check=False, text=True
    )
    return done.returncode, json.loads(done.stdout)


@pytest.fixture(scope="module")
def three_days() -> tuple[int, dict[str, Any]]:
    """Three days with a fall, a night out, a forgotten stove, a power cut, and the end of summer time."""
    return simulate("--days", "3", "--seed", "43", "--start", "2026-10-23")


def test_nothing_is_missed(three_days: tuple[int, dict[str, Any]]) -> None:
    code, result = three_days
    missed = {larmtyp: told["missed"] for larmtyp, told in result["larmtyper"].items() if told["missed"]}
    assert (code, missed) == (0, {})


def test_every_false_alarm_is_explained(three_days: tuple[int, dict[str, Any]]) -> None:
    _, result = three_days
    unexplained = {larmtyp: told["unexplained"] for larmtyp, told in result["larmtyper"].items()}
    assert {larmtyp for larmtyp, told in unexplained.items() if told} == set()


def test_something_was_found(three_days: tuple[int, dict[str, Any]]) -> None:
    _, result = three_days
    assert result["days"] == 3
    assert result["readings"] > 400
    assert {larmtyp for larmtyp, told in result["larmtyper"].items() if told["found"]} >= {
        "passivity",
        "gone_out",
        "medicine",
        "power_on",
    }


def test_the_same_seed_has_the_same_result(three_days: tuple[int, dict[str, Any]]) -> None:
    _, result = three_days
    _, again = simulate("--days", "3", "--seed", "43", "--start", "2026-10-23")
    assert {**again, "wall_seconds": 0} == {**result, "wall_seconds": 0}
