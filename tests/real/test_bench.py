"""The bench at its smallest: that it measures everything, never what it finds."""

import json
from pathlib import Path
import subprocess
import sys
import time

import psutil
import pytest

from demo.bench.findings import find_all
from demo.bench.plot import DARK, LIGHT, Theme, draw
from demo.bench.report import BEGIN, END, write_page
from demo.bench.run import Results

from .running import ROOT

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Return what the smallest run has measured."""
    kept = tmp_path_factory.mktemp("bench") / "run.json"
    done = subprocess.run(
        [sys.executable, "-m", "demo.bench", "--smoke", "--keep", kept],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    measured: Results = json.loads(kept.read_text(encoding="utf-8"))
    return measured


def wait_for_children(process: psutil.Process) -> list[psutil.Process]:
    """Return what a process has started, as soon as there is something."""
    while not (started := process.children(recursive=True)):
        time.sleep(0.1)
    return started  # type: ignore[no-any-return]


def test_every_peer_brings_every_push_to_the_phone(results: Results) -> None:
    assert {peer: len(seconds) for peer, seconds in results["pushes"].items()} == {
        "alert": 2,
        "automation": 2,
        "ours": 2,
    }


def test_every_peer_brings_the_alarm_to_the_phones_that_work(results: Results) -> None:
    assert {peer: len(seconds) for peer, seconds in results["crew"].items()} == {
        "alert": 1,
        "automation": 1,
        "parallel": 1,
        "ours": 1,
    }


def test_every_question_is_answered(results: Results) -> None:
    assert all(finding.ratio.low <= finding.ratio.median <= finding.ratio.high for finding in find_all(results))
    assert len(find_all(results)) == 12


def test_the_page_gets_the_tables_in_place_of_the_older_ones(results: Results, tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    (tmp_path / "images").mkdir()
    page.write_text(f"before\n{BEGIN}\nolder\n{END}\nafter\n", encoding="utf-8")
    write_page(results, page)
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{BEGIN}")
    assert text.endswith(f"{END}\nafter\n")
    assert "older" not in text
    assert "First push: ours ÷ plain automation" in text
    assert sorted(path.name for path in (tmp_path / "images").iterdir()) == [
        "performance-dark.svg",
        "performance-light.svg",
    ]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_plot_tells_every_figure_in_words_too(results: Results, theme: Theme) -> None:
    drawn = draw(find_all(results), theme)
    assert all(finding.question in drawn for finding in find_all(results))


def test_ctrl_c_ends_every_process_it_started() -> None:
    bench = subprocess.Popen(
        [sys.executable, "-m", "demo.bench", "--smoke"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert bench.stderr
    begun = next(line for line in bench.stderr if "homes are set up" in line)
    assert begun
    process = psutil.Process(bench.pid)
    started = wait_for_children(process)
    bench.terminate()
    bench.communicate(timeout=60)
    _, alive = psutil.wait_procs(started, timeout=5)
    assert bench.returncode == 130
    assert alive == []
