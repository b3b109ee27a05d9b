"""What the collapse guard's sketches add to the pass that they ride in: CPU of the pass with and without, by turns.

PYTHONPATH=.:tests/bench GRISTMILL_BENCH_CORPUS=... python tests/bench/bench_guard.py
"""

import statistics
import tempfile
import time
from functools import partial
from pathlib import Path

from corpus import four_times

from jobs.engine import inline
from jobs.passes import PassPlan, run_pass
from jobs.plan import plan_job
from jobs.progress import Progress
from jobs.sources import list_sources
from jobs.spec import parse
from jobs.storage import open_storage
from jobs.units import Run, Stage, map_units

ROUNDS = 5
JOB = """
name = "guarded"
target = "{target}"
[[sources]]
name = "web"
path = "{raw}"
origin = "real"
{steps}
[run]
engine = "inline"
"""
GUARD = '[[steps]]\nop = "collapse_guard"\ngates = []\n'


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        raw = four_times(Path(folder))
        pass_cpu_s(raw, f"{folder}/warm", GUARD)
        ratios = []
        for number in range(ROUNDS):
            without = pass_cpu_s(raw, f"{folder}/without-{number}", "")
            with_guard = pass_cpu_s(raw, f"{folder}/with-{number}", GUARD)
            ratios.append(with_guard / without - 1)
            print(f"pass {without:.2f} s of CPU, with the guard's sketches {with_guard:.2f} s", flush=True)
        print(f"the sketches add {statistics.median(ratios):.1%} (median of {ROUNDS})")


def pass_cpu_s(raw: Path, target: str, steps: str) -> float:
    """Run the first pass of a job alone, in this process; return its CPU seconds."""
    spec = parse(JOB.format(target=target, raw=raw, steps=steps).encode(), "job.toml")
    listing, first = list_sources(spec.sources, spec.reference_sources), plan_job(spec).segments[0]
    plan = PassPlan(spec, first.edits, first.steps, first.columns, first.sketches, listing.roots, {}, {})
    run = Run(open_storage(target), inline, Progress(silent=True), "bench")
    began = time.process_time()
    work = partial(run_pass, plan=plan, storage_url=run.storage.url)
    map_units(run, Stage(first.pass_folder, "pass"), listing.units, work)
    return time.process_time() - began


if __name__ == "__main__":
    main()
