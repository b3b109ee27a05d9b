"""Cleaning: what is not needed goes; what a run needs, or a release that stays, does not, whenever it is killed."""

import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import DEDUP_STEPS, article, job_of, job_text, make_corpus, release_bytes, write_parquet
from typer.testing import CliRunner

from jobs import clean as clean_module
from jobs import marks
from jobs.__main__ import app
from jobs.clean import clean
from jobs.errors import JobError
from jobs.explain.stories import explain
from jobs.release import Published
from jobs.report.report import make_report
from jobs.spec import JobSpec
from jobs.storage import LocalStorage, Storage, open_storage
from jobs.surveys import keys

pytest_plugins = ("s3_server",)

Run = Callable[[JobSpec], Published]

STEPS = f"""
[[steps]]
op = "quality_signals"

[[steps]]
op = "gopher_quality"
en = {{words_min = 30}}
{DEDUP_STEPS}
[[steps]]
op = "repeated_lines"
documents_max = 6

[[steps]]
op = "length"
chars_min = 10
"""
OTHER = STEPS.replace("threshold = 0.7", "threshold = 0.6").replace("words_min = 30", "words_min = 20")


def files(target: Path) -> set[str]:
    return {file.relative_to(target).as_posix() for file in target.rglob("*") if file.is_file()}


def data_of(target: Path, number: int) -> dict[str, bytes]:
    return {name: data for name, data in release_bytes(target, number).items() if name.startswith("data/")}


def commits_of(target: Path, manifest: dict[str, Any]) -> list[dict[str, Any]]:
    named = [(s["folder"], unit) for s in manifest["stages"] for unit in (*s["units"], *s["references"])]
    return [json.loads((target / folder / "commits" / f"{unit}.json").read_text()) for folder, unit in named]


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return make_corpus(tmp_path / "raw")


def nights(raw: Path, target: Path, run: Run) -> Published:
    """Runs with other settings, over shards that changed and went, and one that was killed at some moment."""
    run(job_of(raw, target, steps=OTHER))
    run(job_of(raw, target, steps=STEPS))
    for night in range(3):
        gone = raw / "web" / f"night-{night - 1}.parquet"
        gone.unlink(missing_ok=True)
        rows = [{"id": f"new-{night}-{n}", "text": article(7 + 300 * n + night), "url": None} for n in range(5)]
        write_parquet(raw / "web" / f"night-{night}.parquet", rows)
        last = run(job_of(raw, target, steps=STEPS))
    (target / "scratch" / "left").write_text("by a run that was killed")
    stage = next((target / "stages").glob("*-pass-*"))
    (stage / "data" / "without-commit.parquet").write_text("the same")
    return last


def test_after_it_the_same_run_does_nothing_and_makes_the_same_release(raw: Path, tmp_path: Path, run: Run) -> None:
    target = tmp_path / "out"
    last = nights(raw, target, run)
    spec = job_of(raw, target, steps=STEPS)
    gone = clean(spec, 1, dry_run=False)
    assert {one.folder for one in gone} >= {"releases/0001", "scratch"}
    left = files(target)
    again = run(spec)
    assert (again.number, again.is_new) == (last.number, False)
    assert files(target) == left
    assert clean(spec, None, dry_run=False) == []


def test_what_it_says_would_go_is_what_goes_and_a_dry_run_deletes_nothing(raw: Path, tmp_path: Path, run: Run) -> None:
    target = tmp_path / "out"
    nights(raw, target, run)
    spec = job_of(raw, target, steps=STEPS)
    before = {name: (target / name).stat().st_size for name in files(target)}
    told = clean(spec, 2, dry_run=True)
    assert files(target) == set(before)
    assert clean(spec, 2, dry_run=False) == told
    lost = set(before) - files(target)
    assert sum(one.files for one in told) == len(lost) > 20
    assert sum(one.bytes for one in told) == sum(before[name] for name in lost)
    assert any(name.endswith("without-commit.parquet") for name in lost)
    assert not any(name.startswith("attempts/") for name in files(target))


def test_every_release_that_stays_is_told_of_as_before(raw: Path, tmp_path: Path, run: Run) -> None:
    target = tmp_path / "out"
    last = nights(raw, target, run)
    storage = open_storage(str(target))
    before = {number: make_report(storage, number) for number in range(1, last.number + 1)}
    clean(job_of(raw, target, steps=STEPS), None, dry_run=False)
    for number, report in before.items():
        assert make_report(storage, number) == report
    assert "exact_duplicate" in "\n".join(explain(storage, last.number, "copy-1"))
    clean(job_of(raw, target, steps=STEPS), 2, dry_run=False)
    assert sorted(p.name for p in (target / "releases").iterdir()) == ["0004", "0005"]
    assert make_report(storage, 4) == before[4]


@pytest.mark.parametrize("seed", range(3))
def test_nights_after_it_make_what_one_run_makes(
    seed: int, raw: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "RUNS_MERGED", 2)
    chosen, target = random.Random(seed), tmp_path / "out"
    run(job_of(raw, target, steps=STEPS))
    for night in range(4):
        rows = [{"id": f"{night}-{n}", "text": article(chosen.randrange(40)), "url": None} for n in range(4)]
        write_parquet(raw / "web" / f"part-{chosen.randrange(9)}-{night}.parquet", rows)
        if chosen.random() < 0.5:
            chosen.choice(sorted((raw / "web").glob("*.parquet"))).unlink()
        if chosen.random() < 0.5:  # before what is new was read
            clean(job_of(raw, target, steps=STEPS), 1, dry_run=False)
        last = run(job_of(raw, target, steps=STEPS))
        whole = run(job_of(raw, tmp_path / f"whole-{night}", steps=STEPS))
        assert data_of(target, last.number) == data_of(tmp_path / f"whole-{night}", whole.number)
        clean(job_of(raw, target, steps=STEPS), 1, dry_run=False)


def test_before_new_shards_are_read_what_a_night_goes_on_from_stays(
    raw: Path, tmp_path: Path, run: Run, texts_read: list[str]
) -> None:
    target = tmp_path / "out"
    run(job_of(raw, target, steps=STEPS))
    stages = files(target / "stages")
    kept = {name for name in stages if "/attempts/" not in name}
    write_parquet(raw / "web" / "part-9.parquet", [{"id": "new", "text": article(77), "url": None}])
    (raw / "web" / "part-0.parquet").unlink()
    texts_read.clear()
    clean(job_of(raw, target, steps=STEPS), None, dry_run=False)
    assert files(target / "stages") == kept
    run(job_of(raw, target, steps=STEPS))
    assert texts_read == ["part-9.parquet"]


def test_of_a_run_that_did_not_end_what_is_done_stays(
    raw: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out"

    def full(*_: object) -> None:
        raise JobError("the disk is full")

    monkeypatch.setattr("jobs.run.write_shards", full)
    with pytest.raises(JobError, match="full"):
        run(job_of(raw, target, steps=STEPS))
    monkeypatch.undo()
    kept = {name for name in files(target) if "/attempts/" not in name}
    clean(job_of(raw, target, steps=STEPS), None, dry_run=False)
    assert files(target) == kept


@pytest.mark.parametrize("deletions", [0, 1, 5, 30, 90])
def test_killed_at_any_moment_it_leaves_what_a_run_goes_on_from(
    raw: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, deletions: int
) -> None:
    target = tmp_path / "out"
    last = nights(raw, target, run)
    spec, delete, done = job_of(raw, target, steps=STEPS), LocalStorage.delete, []

    def dying(self: LocalStorage, key: str) -> None:
        if not key.startswith("working/"):
            if len(done) >= deletions:
                raise KeyboardInterrupt
            done.append(key)
        delete(self, key)

    monkeypatch.setattr(LocalStorage, "delete", dying)
    monkeypatch.setattr(clean_module, "_DELETERS", 1)
    with pytest.raises(KeyboardInterrupt):
        clean(spec, 1, dry_run=False)
    monkeypatch.undo()
    for commit in target.glob("stages/*/commits/*.json"):  # each has its files
        assert all((target / file["key"]).exists() for file in json.loads(commit.read_text())["files"].values())
    assert run(spec).number == last.number
    run(job_of(raw, target, steps=OTHER))  # also where only some commits of its stages are left
    whole = run(job_of(raw, tmp_path / "whole", steps=OTHER))
    assert data_of(target, last.number + 1) == data_of(tmp_path / "whole", whole.number)


def test_it_works_on_objects(raw: Path, s3: str, run: Run) -> None:
    run(job_of(raw, s3, steps=OTHER))
    last = run(job_of(raw, s3, steps=STEPS))
    storage = open_storage(s3)
    before = make_report(storage, 2)
    gone = clean(job_of(raw, s3, steps=STEPS), 1, dry_run=False)
    assert "releases/0001" in {one.folder for one in gone}
    assert not list(storage.list("releases/0001"))
    assert make_report(storage, 2) == before
    left = storage.list("")
    assert run(job_of(raw, s3, steps=STEPS)).number == last.number
    assert storage.list("") == left


# Who works meanwhile


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return open_storage(str(tmp_path / "out"))


def test_not_while_a_run_is_going_on_and_no_run_meanwhile(
    raw: Path, tmp_path: Path, run: Run, storage: Storage
) -> None:
    spec = job_of(raw, tmp_path / "out", steps="")
    run(spec)
    with marks.running(storage), marks.running(storage):
        with pytest.raises(JobError, match=r"a run of this job has been working .* since .*delete .*working/run-"):
            clean(spec, None, dry_run=False)
        assert clean(spec, None, dry_run=True)
    with marks.cleaning(storage), pytest.raises(JobError, match="gristmill clean has been working"):
        run(spec)
    clean(spec, None, dry_run=False)
    assert storage.list("working") == []


@pytest.mark.parametrize(("machine", "refused"), [(None, False), (["elsewhere", ""], True)])
def test_the_mark_of_a_process_that_was_killed_here_counts_no_more(
    raw: Path, tmp_path: Path, run: Run, storage: Storage, machine: list[str] | None, *, refused: bool
) -> None:
    spec = job_of(raw, tmp_path / "out", steps="")
    run(spec)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    told = {"machine": machine or marks._machine(), "pid": ended.pid, "began": "2026-05-01 08:00 UTC"}
    storage.create("working/run-killed.json", json.dumps(told).encode())
    if refused:
        with pytest.raises(JobError, match="of elsewhere"):
            clean(spec, None, dry_run=False)
    else:
        clean(spec, None, dry_run=False)
        assert storage.list("working") == []


def test_a_failed_run_leaves_no_mark(raw: Path, tmp_path: Path, run: Run, storage: Storage) -> None:
    (raw / "web" / "part-9.parquet").write_bytes(b"no Parquet")
    with pytest.raises(JobError, match="could not be read"):
        run(job_of(raw, tmp_path / "out", steps=""))
    assert storage.list("working") == []


def test_another_jobs_target_is_not_cleaned(raw: Path, tmp_path: Path, run: Run) -> None:
    run(job_of(raw, tmp_path / "out", steps=""))
    other = job_of(raw, tmp_path / "out", steps="").model_copy(update={"name": "another"})
    with pytest.raises(JobError, match="held by the job 'test'"):
        clean(other, None, dry_run=True)


def test_the_command_tells_what_goes(raw: Path, tmp_path: Path, run: Run) -> None:
    job = tmp_path / "job.toml"
    job.write_text(job_text(raw, tmp_path / "out", steps=STEPS))
    nights(raw, tmp_path / "out", run)
    told = CliRunner().invoke(app, ["clean", str(job), "--keep-releases", "1", "--dry-run"]).output
    assert "releases/0001" in told
    assert "would delete" in told
    assert "deleted" in CliRunner().invoke(app, ["clean", str(job), "--keep-releases", "1"]).output
    assert CliRunner().invoke(app, ["clean", str(job)]).output.splitlines() == ["deleted 0 files, 0.0 MB"]
    assert CliRunner().invoke(app, ["clean", str(job), "--keep-releases", "0"]).exit_code != 0
