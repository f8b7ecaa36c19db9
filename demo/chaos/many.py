"""Many seeds, side by side, each in processes of its own."""

import asyncio
from dataclasses import dataclass
import json
import os
from pathlib import Path
import shutil
import sys
import tempfile
import time
from typing import Any

from .report import Result, print_result, print_table

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 240.0
"""Seconds after which a run is ended."""
TO_END = 45.0
"""Seconds for a run to end everything that it has started."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Which seeds are run, and what is kept of them."""

    first: int
    runs: int
    jobs: int
    keep: Path | None = None
    results: Path | None = None


async def run_many(wanted: Wanted) -> bool:
    """Run all seeds and print what came of them; return whether nothing was violated."""
    with tempfile.TemporaryDirectory(prefix="homecare_h2o-chaos-") as name:
        folder = Path(name)
        await asyncio.to_thread(_copy_tree, folder / "tree")
        mould = folder / "mould"
        ended = await _work(folder, "--folder", str(mould))
        if ended:
            raise SystemExit(f"the home could not be set up:\n{ended}")
        started = time.monotonic()
        seeds = iter(range(wanted.first, wanted.first + wanted.runs))
        results: list[Result] = []

        async def go_on() -> None:
            for seed in seeds:
                result = await _run_one(folder, mould, seed, wanted)
                results.append(result)
                print_result(result)

        async with asyncio.TaskGroup() as group:
            for _ in range(wanted.jobs):
                group.create_task(go_on())
    return print_table(results, time.monotonic() - started)


def _copy_tree(tree: Path) -> None:
    """Copy what is run, so that an hour of runs is not disturbed by edits."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("custom_components", "demo"):
        shutil.copytree(ROOT / name, tree / name, ignore=ignored, symlinks=True)


async def _run_one(folder: Path, mould: Path, seed: int, wanted: Wanted) -> Result:
    """Run and judge one seed."""
    place = folder / f"seed-{seed}"
    started = time.monotonic()
    ended = await _work(folder, "--folder", str(place), "--mould", str(mould), "--seed", str(seed))
    seconds = time.monotonic() - started
    verdict, said = await _judge(folder, place)
    result = Result(seed=seed, seconds=seconds, ended=ended or said, verdict=verdict)
    if wanted.keep:
        await asyncio.to_thread(shutil.copytree, place, wanted.keep / f"seed-{seed}", symlinks=True, dirs_exist_ok=True)
    await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)
    if wanted.results:
        with wanted.results.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"seed": seed, "seconds": round(seconds, 1), "ended": ended, **verdict}) + "\n")
    return result


async def _work(folder: Path, *arguments: str) -> str:
    """Run a worker; return what it said if it did not end well."""
    process = await _start(folder, "demo.chaos.worker", *arguments)
    try:
        output, _ = await asyncio.wait_for(process.communicate(), LONGEST)
    except TimeoutError, asyncio.CancelledError:
        await _end(process)
        if (task := asyncio.current_task()) and task.cancelling():
            raise
        return f"not done after {LONGEST:.0f} s"
    return output.decode(errors="replace")[-2000:] or f"exit {process.returncode}" if process.returncode else ""


async def _judge(folder: Path, place: Path) -> tuple[dict[str, Any], str]:
    """Let the checker judge a run, in a process of its own."""
    process = await _start(folder, "demo.chaos.checker", str(place))
    output, _ = await process.communicate()
    text = output.decode(errors="replace")
    if process.returncode:
        return {}, f"the checker failed:\n{text[-2000:]}"
    verdict: dict[str, Any] = json.loads(text.splitlines()[-1])
    return verdict, ""


async def _start(folder: Path, module: str, *arguments: str) -> asyncio.subprocess.Process:
    """Start a module of the copied tree, in a session of its own."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        cwd=folder / "tree",
        env={**os.environ, "PYTHONPATH": ""},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )


async def _end(process: asyncio.subprocess.Process) -> None:
    """Let a worker end what it has started, and itself."""
    process.terminate()
    try:
        async with asyncio.timeout(TO_END):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
