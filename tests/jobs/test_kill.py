"""A job killed at any moment and run again gives the same bytes as an undisturbed one."""

import os
import random
import signal
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

import job_process
import pytest
from conftest import job_text, release_bytes

KILLS = int(os.environ.get("GRISTMILL_KILLS", "10"))


@pytest.mark.parametrize("release", ["", 'order = "shuffled"\nformat = "webdataset"'], ids=["in order", "shuffled"])
def test_killed_at_many_moments_gives_the_same_bytes(corpus: Path, tmp_path: Path, release: str) -> None:
    calm, killed = tmp_path / "calm", tmp_path / "killed"
    assert finished(start(corpus, calm, release))
    files = count_files(calm)
    moments = sorted(random.Random(KILLS).choices(range(1, files), k=KILLS))
    kills = sum(kill_when(start(corpus, killed, release), killed, moment) for moment in moments)
    assert kills >= KILLS // 2
    assert finished(start(corpus, killed, release))
    assert release_bytes(killed) == release_bytes(calm)
    assert commits(killed) == commits(calm)


def test_interrupted_before_anything_and_after_everything(corpus: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    kill_when(start(corpus, target), target, 1)
    assert finished(start(corpus, target))
    before = release_bytes(target)
    assert finished(start(corpus, target))
    assert release_bytes(target) == before


def start(corpus: Path, target: Path, release: str = "") -> BaseProcess:
    job = target.with_suffix(".toml")
    job.write_text(job_text(corpus, target, release=release))
    return job_process.start(job)


def finished(process: BaseProcess) -> bool:
    process.join()
    return process.exitcode == 0


def kill_when(process: BaseProcess, target: Path, files: int) -> bool:
    """Kill the process once the target holds that many files; False where it ended before."""
    while process.is_alive():
        if count_files(target) >= files:
            process.kill()
            process.join()
            return process.exitcode == -signal.SIGKILL
        time.sleep(0.003)
    return False


def count_files(target: Path) -> int:
    """Files that are there to stay: not what is being written, which a kill leaves behind."""
    return sum(len(names) for folder, _, names in os.walk(target) if "scratch" not in folder)


def commits(target: Path) -> dict[str, bytes]:
    return {file.relative_to(target).as_posix(): file.read_bytes() for file in target.glob("stages/*/commits/*.json")}
