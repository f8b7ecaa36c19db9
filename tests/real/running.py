"""The demo as a process of its own."""

import os
from pathlib import Path
import signal
import subprocess
import sys

import psutil

ROOT = Path(__file__).resolve().parents[2]


def start(*arguments: str) -> subprocess.Popen[str]:
    """Start the demo; its output comes line by line."""
    return subprocess.Popen(
        [sys.executable, "-m", "demo", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def interrupt(demo: subprocess.Popen[str]) -> tuple[list[psutil.Process], list[psutil.Process]]:
    """Press Ctrl-C when the home is up; return the processes that the demo had started, and those still alive."""
    assert demo.stdout
    up = next(line for line in demo.stdout if "Hemmet är uppe" in line)
    assert up
    started = psutil.Process(demo.pid).children(recursive=True)
    demo.send_signal(signal.SIGINT)
    demo.communicate(timeout=60)
    _, alive = psutil.wait_procs(started, timeout=5)
    return started, alive
