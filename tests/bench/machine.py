"""What a figure was measured on, and how: CPU seconds and memory of this process and all that it started."""

import os
import platform
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from threading import Event, Thread

import psutil


@dataclass
class Cost:
    wall_s: float = 0.0
    cpu_s: float = 0.0  # of every process in the tree that still lives at the end
    peak_worker_mib: float = 0.0  # proportional set size of the largest process


@contextmanager
def measured() -> Iterator[Cost]:
    """Time and CPU. Memory is not watched here: reading it costs the kernel a tenth of a core."""
    cost = Cost()
    cpu, wall = cpu_seconds(), time.perf_counter()
    try:
        yield cost
    finally:
        cost.wall_s = time.perf_counter() - wall
        cost.cpu_s = cpu_seconds() - cpu


@contextmanager
def memory_watched() -> Iterator[Cost]:
    """Peak memory of the largest process, seen ten times a second."""
    cost = Cost()
    done = Event()
    watcher = Thread(target=_watch, args=(cost, done))
    watcher.start()
    try:
        yield cost
    finally:
        done.set()
        watcher.join()


def cpu_seconds() -> float:
    total = 0.0
    for process in _tree():
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        total += times.user + times.system
    return total


def described() -> str:
    model = next((line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "?")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout
    packages = ", ".join(f"{name} {version(name)}" for name in ("ray", "pyarrow", "numba", "numpy"))
    return f"{os.cpu_count()} cores {model}, Python {platform.python_version()}, {packages}, commit {commit.strip()}"


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def middle(costs: list[Cost]) -> Cost:
    """Median wall and CPU seconds of several runs."""
    return Cost(median([c.wall_s for c in costs]), median([c.cpu_s for c in costs]))


def _tree() -> list[psutil.Process]:
    own = psutil.Process()
    return [own, *own.children(recursive=True)]


def _watch(cost: Cost, done: Event) -> None:
    while not done.wait(0.1):
        for process in _tree():
            try:
                cost.peak_worker_mib = max(cost.peak_worker_mib, process.memory_full_info().pss / 2**20)
            except psutil.Error:
                continue


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text().splitlines() if file.exists() else []
