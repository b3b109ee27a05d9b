"""A changed threshold against the first run of a job with quality signals and four judges, in a Ray that is warm."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from corpus import four_times, text_mb
from machine import Cost, described, measured, middle

from jobs import run as job_run
from jobs.cluster import ray_cluster
from jobs.commits import Commit
from jobs.progress import Progress
from jobs.release import Published
from jobs.spec import parse

CPUS = 2
REPEATS = 3


def main() -> None:
    print(described())
    folder = Path(tempfile.mkdtemp(prefix="gm-bench-"))
    try:
        compare(folder)
    finally:
        shutil.rmtree(folder)


def compare(folder: Path) -> None:
    where = four_times(folder)
    first, again, nothing, releases = [], [], [], []
    write_shards = job_run.write_shards

    def timed(*given: Any) -> list[Commit]:
        with measured() as cost:
            commits = write_shards(*given)
        releases.append(cost)
        return commits

    job_run.write_shards = timed
    with ray_cluster(CPUS):
        run(where, folder / "warm", 0.8)
        for n in range(REPEATS):
            target = folder / f"target-{n}"
            first.append(cost_of(where, target, 0.8))
            again.append(cost_of(where, target, 0.81))
            nothing.append(cost_of(where, target, 0.81))
    one, two, none, release = (middle(costs) for costs in (first, again, nothing, releases[2::3]))
    print(
        f"{text_mb(where):.0f} MB: first run {one.cpu_s:.2f} CPU s, {one.wall_s:.2f} s; another threshold "
        f"{two.cpu_s:.2f} CPU s, {two.wall_s:.2f} s: {two.cpu_s / one.cpu_s:.1%}, "
        f"{(two.cpu_s - release.cpu_s) / one.cpu_s:.1%} without writing the release anew (asked: 5 %); "
        f"nothing changed {none.cpu_s:.2f} CPU s"
    )


def cost_of(shards: Path, target: Path, alphabetic: float) -> Cost:
    with measured() as cost:
        run(shards, target, alphabetic)
    return cost


def run(shards: Path, target: Path, alphabetic: float) -> Published:
    job = (
        f'name = "bench"\ntarget = "{target}"\n[[sources]]\nname = "corpus"\npath = "{shards}"\n'
        'origin = "real"\n[[steps]]\nop = "quality_signals"\n[[steps]]\nop = "gopher_repetition"\n'
        f'[[steps]]\nop = "gopher_quality"\nen = {{alphabetic_words_min = {alphabetic}}}\n'
        '[[steps]]\nop = "c4"\n[[steps]]\nop = "fineweb_quality"\n[run]\nengine = "ray"\n'
    )
    return job_run.run_job(parse(job.encode(), "bench"), Progress(silent=True))


if __name__ == "__main__":
    main()
