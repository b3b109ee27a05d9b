"""The mix: random recipes against its plain twin, a recipe of five shares, and what it costs in time and memory."""

import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from bench_job import STEPS as MAIN_STEPS
from conftest import corpus, sketched, taken  # of tests/ops
from corpus import four_times
from machine import described
from mix_twin import random_corpus, random_recipe, slow_times

from jobs.progress import Progress
from jobs.release import Published
from jobs.run import run_job
from jobs.spec import parse
from jobs.surveys import surveys
from ops.contract import Refusal
from ops.mixing.mix import Mix

RECIPES = 1_000

# The shares of Phi-4's pretraining data: web rewrites and synthetic text, web, code, other sources (arXiv 2412.08905).
PHI_4 = {"synthetic": 0.4, "web": 0.15, "rewrites": 0.15, "code": 0.2, "acquired": 0.1}
PHI_4_TOKENS = 10_000_000

STEPS = MAIN_STEPS + "tokens = {tokens}\n"


def main() -> None:
    if len(sys.argv) > 1:
        job_of(Path(sys.argv[1]), "")
        # Not what `getrusage` tells, which begins with the memory of the process that started this one.
        told = Path("/proc/self/status").read_text()
        print(int(told.split("VmHWM:")[1].split()[0]) // 1024)
        return
    print(described())
    random_recipes()
    folder = Path(tempfile.mkdtemp(prefix="gm-bench-"))
    try:
        phi_4(folder / "phi")
        share_of_a_job(folder / "share")
        memory(folder)
    finally:
        shutil.rmtree(folder)


def random_recipes() -> None:
    """Compare what is taken, copy by copy, with the plainest way to say it."""
    ends: Counter[str] = Counter()
    for seed in range(RECIPES):
        random = Random(seed)
        table, op = corpus(random_corpus(random)), Mix(**random_recipe(random))
        try:
            sketches = sketched(op, table, random.randrange(1, 40))
            times = taken(op, sketches).rows["times"].to_pylist()
            found = dict(zip(sketches.sort_by("at")["id"].to_pylist(), times, strict=True))
        except Refusal:
            ends["refused"] += 1
            continue
        ends["as its twin" if found == slow_times(table, op) else "NOT AS ITS TWIN"] += 1
    print(f"{RECIPES:,} random recipes: {dict(ends)}")


def phi_4(folder: Path) -> None:
    """Meet five shares at ten million tokens; the scarcest source is repeated."""
    draw = np.random.default_rng(1)
    number = 0
    for name, share in PHI_4.items():
        (folder / name).mkdir(parents=True)
        # 0.6 of what is asked of the code, twice of the others.
        left = PHI_4_TOKENS * share * (0.6 if name == "code" else 2)
        shard = 0
        while left > 0:
            sizes = draw.lognormal(6, 0.8, 500).astype(int) + 5
            texts = ["a " * size + f"n{number + n}" for n, size in enumerate(sizes)]
            pq.write_table(pa.table({"text": texts}), folder / name / f"part-{shard:03}.parquet")
            number += len(texts)
            shard += 1
            left -= int(sizes.sum())
    made = job_of(
        folder,
        f"tokens = {PHI_4_TOKENS}\nsynthetic_max = 0.55\n"
        f"shares = {{{', '.join(f'{name} = {share}' for name, share in PHI_4.items())}}}\n"
        '[[steps.limits]]\nwhere = {source = "code"}\nepochs_max = 4',
    )
    told: dict[str, Any] = made.manifest["surveys"]["mix"]["sources"]
    for name, one in told.items():
        print(
            f"{name}: {one['achieved_tokens']:,} tokens, share {one['achieved_share']:.4f} for {PHI_4[name]}, "
            f"{one['epochs']} epochs, worth {one['achieved_effective_tokens']:,}"
        )
    worst = max(abs(one["achieved_share"] - PHI_4[name]) for name, one in told.items())
    print(f"largest difference of a share: {100 * worst:.3f} points")


def share_of_a_job(folder: Path) -> None:
    """Measure what of a job's CPU time is the mix's: its sketches and its survey."""
    folder.mkdir()
    four_times(folder)
    spent: Counter[str] = Counter()

    def timed(work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: Any, **named: Any) -> Any:
            began = time.process_time()
            try:
                return work(*given, **named)
            finally:
                spent["mix"] += time.process_time() - began  # type: ignore[assignment]

        return run

    before = Mix.sketch, surveys.draw
    Mix.sketch, surveys.draw = timed(Mix.sketch), timed(surveys.draw)  # type: ignore[method-assign]
    try:
        began = time.process_time()
        run_of(folder, ["corpus"], STEPS.format(tokens=200_000))
        whole = time.process_time() - began
    finally:
        Mix.sketch, surveys.draw = before  # type: ignore[method-assign]
    print(f"main job: {whole:.1f} s of CPU, of which the mix {spent['mix']:.1f} s, {spent['mix'] / whole:.1%}")


def memory(folder: Path) -> None:
    """Measure the peak of a whole job of short documents in one process, at one and at eight times as many."""
    for times in (1, 8):
        raw = folder / f"short-{times}"
        (raw / "web").mkdir(parents=True)
        for shard in range(4 * times):
            texts = [f"{'a ' * (n % 50)} n{shard} n{n}" for n in range(25_000)]
            pq.write_table(pa.table({"text": texts}), raw / "web" / f"part-{shard:03}.parquet")
        began = time.perf_counter()
        peak = subprocess.run(
            [sys.executable, __file__, str(raw)], capture_output=True, text=True, check=True
        ).stdout.strip()
        print(f"{100_000 * times:,} documents, one process: {peak} MiB at most, {time.perf_counter() - began:.0f} s")


def job_of(folder: Path, settings: str) -> Published:
    sources = sorted(path.name for path in folder.iterdir() if path.is_dir() and path.name != "out")
    return run_of(folder, sources, f'[[steps]]\nop = "mix"\n{settings or "tokens = 1_000_000"}')


def run_of(folder: Path, sources: list[str], steps: str) -> Published:
    told = "".join(
        f'[[sources]]\nname = "{name}"\npath = "{folder}/{name}"\n'
        f'origin = "{"synthetic" if name in ("synthetic", "rewrites") else "real"}"\n'
        for name in sources
    )
    job = f'name = "bench"\ntarget = "{folder}/out"\n{told}{steps}\n[run]\nengine = "inline"\n'
    return run_job(parse(job.encode(), "bench"), Progress(silent=True))


if __name__ == "__main__":
    main()
