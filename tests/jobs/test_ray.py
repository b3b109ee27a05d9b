"""The same jobs on Ray: a local Ray, a real head with submission, several raylets, one of them killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from conftest import article, job_of, job_text, release_bytes, run_quietly, write_parquet
from ray_head import own_head, running_head

from jobs import engine
from jobs.cluster import ray_cluster
from jobs.commits import Unit
from jobs.errors import JobError
from jobs.outbox import Outbox
from jobs.progress import Progress
from jobs.release import folder_of
from jobs.storage import open_storage
from jobs.units import Run, Stage, map_units
from jobs.verify import verify
from ops.dedup.near import NearDedup
from ops.filters.gopher import GopherQuality
from ops.filters.signals import QualitySignals

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:::ray"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def local_ray() -> Iterator[engine.Engine]:
    """One Ray for this module's tests; jobs use the one that is there."""
    before = os.environ.get("PYTHONPATH", "")
    os.environ["PYTHONPATH"] = f"{REPOSITORY}:{REPOSITORY / 'tests'}:{before}"  # what the workers import
    with ray_cluster(2):
        yield engine.on_ray
    os.environ["PYTHONPATH"] = before


SHUFFLED = """
order = "shuffled"
format = "mds"
[[release.phases]]
share = 0.7
[[release.phases]]
share = 0.3
highest = "repaired_share"
"""


@pytest.mark.parametrize("release", ["", SHUFFLED], ids=["in order", "shuffled"])
def test_ray_gives_the_bytes_of_the_inline_engine(
    corpus: Path, tmp_path: Path, local_ray: engine.Engine, release: str
) -> None:
    assert local_ray
    run_quietly(job_of(corpus, tmp_path / "inline", release=release))
    run_quietly(job_of(corpus, tmp_path / "ray", engine="ray", release=release))
    assert release_bytes(tmp_path / "ray") == release_bytes(tmp_path / "inline")


def test_groups_bound_the_tasks_and_every_unit_is_committed(tmp_path: Path, local_ray: engine.Engine) -> None:
    units = [Unit(f"u{n:04d}", {"n": n}, 1) for n in range(2_000)]
    run = Run(open_storage(str(tmp_path)), local_ray, Progress(silent=True), "test")
    commits = map_units(run, Stage("stages/count", "count"), units, count_rows)
    assert [commit.facts["n"] for commit in commits] == list(range(2_000))
    tasks = list((tmp_path / "stages" / "count" / "attempts" / "test").iterdir())
    assert len(tasks) == 2  # small units: one group for each core


def test_a_small_stage_gives_what_the_inline_engine_gives(tmp_path: Path, local_ray: engine.Engine) -> None:
    assert local_ray
    units = [Unit(f"u{n:02d}", {"n": n}, 1) for n in range(20)]
    for each, folder in ((engine.inline, "inline"), (engine.in_plain_tasks, "tasks")):
        run = Run(open_storage(str(tmp_path / folder)), each, Progress(silent=True), "test")
        commits = map_units(run, Stage("stages/count", "count"), units, count_rows)
        assert [commit.facts["n"] for commit in commits] == list(range(20))
    inline, tasks = (
        {file.name: file.read_bytes() for file in (tmp_path / folder / "stages" / "count" / "commits").iterdir()}
        for folder in ("inline", "tasks")
    )
    assert tasks == inline


@pytest.mark.parametrize("each", [engine.on_ray, engine.in_plain_tasks])
def test_a_unit_that_ends_its_worker_is_given_up_and_the_others_are_done(
    tmp_path: Path, local_ray: engine.Engine, each: engine.Engine
) -> None:
    assert local_ray
    run = Run(open_storage(str(tmp_path)), each, Progress(silent=True), "test")
    units = [Unit(f"u{n}", {"n": n}) for n in range(12)]
    with pytest.raises(JobError, match="unit u5 ended its worker 3 times"):
        map_units(run, Stage("stages/deadly", "deadly"), units, die_on_five)
    assert len(list((tmp_path / "stages" / "deadly" / "commits").iterdir())) == 11


def test_a_model_is_loaded_once_a_worker(corpus: Path, tmp_path: Path, local_ray: engine.Engine) -> None:
    assert local_ray
    steps = (
        f'[[steps]]\nop = "score"\nmodel = "scorers:LetterShare"\narguments = {{notes = "{tmp_path}"}}\ncpus = 0.5\n'
        "workers_max = 2\n[[steps]]\nop = 'limits'\ncolumn = 'score'\nleast = 0.05\n"
    )
    run_quietly(job_of(corpus, tmp_path / "inline", steps=steps))
    run_quietly(job_of(corpus, tmp_path / "ray", steps=steps, engine="ray"))
    assert release_bytes(tmp_path / "ray") == release_bytes(tmp_path / "inline")
    loaded_by = (tmp_path / "loaded").read_text().split()
    assert len(set(loaded_by) - {str(os.getpid())}) in {1, 2}
    assert len(loaded_by) == len(set(loaded_by))


def test_workers_that_no_machine_here_can_hold_are_refused(
    corpus: Path, tmp_path: Path, local_ray: engine.Engine
) -> None:
    assert local_ray
    steps = '[[steps]]\nop = "score"\nmodel = "scorers:LetterShare"\ngpus = 8\n'
    with pytest.raises(JobError, match="asks for 1 CPUs and 8 GPUs, and this machine has 2 and 0"):
        run_quietly(job_of(corpus, tmp_path / "ray", steps=steps, engine="ray"))


def test_two_nodes_one_killed_midway_give_the_same_bytes(corpus: Path, tmp_path: Path) -> None:
    for n in range(12):
        rows = [{"id": f"more-{n}-{k}", "text": article(2_000 + 40 * n + k)} for k in range(40)]
        write_parquet(corpus / "web" / f"more-{n:02d}.parquet", rows)
    run_quietly(job_of(corpus, tmp_path / "inline"))
    job = tmp_path / "cluster.toml"
    job.write_text(job_text(corpus, tmp_path / "cluster", engine="ray"))
    # A process of its own: a Ray cluster of several raylets cannot share one with the module's local Ray.
    environment = {**os.environ, "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'tests'}"}
    ran = subprocess.run(
        [sys.executable, str(REPOSITORY / "tests" / "ray_cluster.py"), str(job), str(tmp_path / "cluster")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert "raylet killed" in ran.stdout
    assert release_bytes(tmp_path / "cluster") == release_bytes(tmp_path / "inline")


def test_a_head_runs_a_submitted_job(corpus: Path, tmp_path: Path, head: dict[str, str]) -> None:
    run_quietly(job_of(corpus, tmp_path / "inline"))
    job = tmp_path / "night.toml"
    job.write_text(job_text(corpus, tmp_path / "submitted", engine="ray"))
    submitted = gristmill("submit", str(job), "--submission-id", "test-2026-01-01", **head)
    assert submitted.returncode == 0, submitted.stdout + submitted.stderr
    assert "too_few_words" in submitted.stdout  # the table of drops came through the followed log
    made = release_bytes(tmp_path / "submitted")
    assert {name: made.pop(name)[:1] for name in ("report.html", "report.json")} == {
        "report.html": b"<",
        "report.json": b"{",
    }
    made.pop("checksums.txt")
    assert verify(open_storage(str(tmp_path / "submitted" / folder_of(1)))).rows > 0
    assert made == release_bytes(tmp_path / "inline")
    again = gristmill("submit", str(job), "--submission-id", "test-2026-01-01", **head)
    assert (again.returncode, "already submitted" in again.stdout) == (0, True)
    second_night = gristmill("submit", str(job), "--submission-id", "test-2026-01-02", **head)
    assert "nothing to do" in second_night.stdout
    failing = tmp_path / "failing.toml"
    failing.write_text(job_text(tmp_path / "nowhere", tmp_path / "none", engine="ray"))
    refused = gristmill("submit", str(failing), **head)
    assert (refused.returncode, "no shard matches" in refused.stdout) == (1, True)
    without_token = gristmill("submit", str(job), **{**head, "RAY_AUTH_TOKEN_PATH": "", "RAY_AUTH_TOKEN": "0" * 64})
    assert (without_token.returncode, "token" in without_token.stderr) == (1, True)


def test_an_op_gives_the_same_verdicts_through_ray_data(local_ray: engine.Engine) -> None:
    import ray  # noqa: PLC0415 - started by the fixture

    assert local_ray
    table = pa.table({"id": [f"d{n}" for n in range(40)], "text": [article(n)[: 40 * n] for n in range(40)]})
    table = table.append_column("origin", pa.array(["real"] * 40))
    signals, judge = QualitySignals(), GopherQuality()
    here = judge.judge(signals.edit(table)).to_pylist()

    def reasons(batch: pa.Table) -> pa.Table:
        return pa.table({"id": batch["id"], "reason": judge.judge(signals.edit(batch))})

    there = ray.data.from_arrow(table).map_batches(reasons, batch_format="pyarrow", batch_size=7).take_all()
    assert {row["id"]: row["reason"] for row in there} == dict(zip(table["id"].to_pylist(), here, strict=True))

    def signatures(batch: pa.Table) -> pa.Table:
        return pa.table({"id": batch["id"], "signature": NearDedup().sketch(batch)["signature"]})

    signed = ray.data.from_arrow(table).map_batches(signatures, batch_format="pyarrow", batch_size=7).take_all()
    expected = dict(zip(table["id"].to_pylist(), NearDedup().sketch(table)["signature"].to_pylist(), strict=True))
    assert {row["id"]: row["signature"] for row in signed} == expected


def count_rows(unit: Unit, outbox: Outbox) -> dict[str, Any]:  # noqa: ARG001 - work's signature
    return {"n": unit.reads["n"], "rows_in": 1}


def die_on_five(unit: Unit, outbox: Outbox) -> dict[str, Any]:
    if unit.reads["n"] == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return count_rows(unit, outbox)


def gristmill(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "jobs", *arguments]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    return subprocess.run(
        command,
        env={**inherited, "PYTHONPATH": str(REPOSITORY), **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def head(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Variables that let `gristmill submit` reach a real head."""
    folder = tmp_path_factory.mktemp("head")
    with own_head(folder, cpus=2) as mine, running_head(mine, folder / "log"):
        yield {
            "RAY_API_SERVER_ADDRESS": mine.url,
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN_PATH": str(mine.state / "token"),
        }
