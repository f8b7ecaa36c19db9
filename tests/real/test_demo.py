"""The demo is the proof: a real Home Assistant, real pushes, real power cuts."""

import os
from pathlib import Path
import signal
import subprocess
import sys

import psutil
import pytest

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

ROOT = Path(__file__).resolve().parents[2]


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "demo", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_every_step_of_the_way_is_seen() -> None:
    demo = start("--check")
    output, _ = demo.communicate()
    assert demo.returncode == 0, output


def test_power_cuts_lose_and_double_nothing() -> None:
    demo = start("--kills", "3", "--seed", "7")
    output, _ = demo.communicate()
    assert demo.returncode == 0, output
    assert "Larm förlorade: 0   kvitteringar förlorade: 0   dubbletter i journalen: 0" in output


def test_ctrl_c_ends_every_process_it_started() -> None:
    demo = start("--check")
    assert demo.stdout
    up = next(line for line in demo.stdout if "Hemmet är uppe" in line)
    started = psutil.Process(demo.pid).children(recursive=True)
    demo.send_signal(signal.SIGINT)
    demo.communicate(timeout=60)
    _, alive = psutil.wait_procs(started, timeout=5)
    assert up
    assert started
    assert alive == []
