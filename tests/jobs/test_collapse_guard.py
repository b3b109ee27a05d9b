"""A job with a collapse guard: a release that tells what it found, or none; the same under any engine and partition."""

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import release_bytes, run_quietly

from jobs.errors import JobError
from jobs.release import latest_number
from jobs.report.report import make_report
from jobs.spec import JobSpec, parse
from jobs.storage import open_storage

JOB = """
name = "guarded"
target = "{target}"
{references}
[[sources]]
name = "web"
path = "{raw}/{web}.jsonl"
origin = "{origin}"
{steps}
[[steps]]
op = "mix"
synthetic_max = 1
tokens = {tokens}
[[steps]]
op = "collapse_guard"
sample_tokens = 4000
sample_share = 1
{more}
[run]
engine = "inline"
partition_bytes = {partition_bytes}
"""


def write(path: Path, kinds: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    rows = (
        {"id": f"{path.stem}-{n}", "text": " ".join(f"w{k}" for k in np.minimum(draw.zipf(1.25, 150), kinds))}
        for n in range(500)
    )
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("raw")
    write(folder / "real.jsonl", 4_000, 1)
    write(folder / "poor.jsonl", 60, 2)
    return folder


def job(raw: Path, target: Path, **changes: object) -> JobSpec:
    told = {"web": "real", "origin": "real", "references": "", "steps": "", "more": "", "tokens": 100_000}
    text = JOB.format(**{"raw": raw, "target": target, "partition_bytes": 1 << 26} | told | changes)
    return parse(text.encode(), "job.toml")


def test_a_release_tells_what_the_guard_found(raw: Path, tmp_path: Path) -> None:
    made = run_quietly(job(raw, tmp_path / "target"))
    told = made.manifest["surveys"]["collapse_guard"]["groups"]["all"]
    assert told["tokens"] == 4_000
    assert told["metrics"]["tail_coverage"]["real_low"] <= told["metrics"]["tail_coverage"]["value"]
    assert made.manifest["counts"]["dropped"] > 0  # by the mix, whose release it is that was looked at


def test_partitions_do_not_matter(raw: Path, tmp_path: Path) -> None:
    run_quietly(job(raw, tmp_path / "one"))
    run_quietly(job(raw, tmp_path / "other", partition_bytes=16_384))
    assert release_bytes(tmp_path / "one") == release_bytes(tmp_path / "other")


def test_a_collapsed_corpus_makes_no_release(raw: Path, tmp_path: Path) -> None:
    references = f'[[references]]\nname = "before"\npath = "{raw}/real.jsonl"\n'
    changes = {"web": "poor", "origin": "synthetic", "references": references}
    with pytest.raises(JobError, match="tail_coverage of all is 0") as told:
        run_quietly(job(raw, tmp_path / "target", **changes, more='against = ["before"]'))
    assert "must be at least" in str(told.value)
    assert latest_number(open_storage(str(tmp_path / "target"))) == 0
    open_gates = 'against = ["before"]\ngates = []'
    made = run_quietly(job(raw, tmp_path / "target", **changes, more=open_gates))
    found = made.manifest["surveys"]["collapse_guard"]["groups"]["all"]["metrics"]["tail_coverage"]
    assert found["value"] < found["real_low"]


def test_the_report_draws_each_group_and_the_releases_so_far(raw: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    run_quietly(job(raw, target))
    assert make_report(open_storage(str(target)), 1)[0]["collapse"][0]["over_releases"][0]["releases"] == [1]
    run_quietly(job(raw, target, tokens=90_000))
    facts, page = make_report(open_storage(str(target)), 2)
    (told,) = facts["collapse"]
    assert [group["group"] for group in told["groups"]] == ["all", "depth=0", "source=web"]
    assert not any(group["outside"] for group in told["groups"])
    assert [drawn["releases"] for drawn in told["over_releases"]] == [[1, 2], [1, 2]]
    assert len(told["over_releases"][0]["line"].split()) == 2
    assert "Beside real text" in page
    assert "Notes of collapse_guard" not in page


def test_the_report_names_what_lies_beyond_real_text(raw: Path, tmp_path: Path) -> None:
    references = f'[[references]]\nname = "before"\npath = "{raw}/real.jsonl"\n'
    changes = {"web": "poor", "origin": "synthetic", "references": references}
    run_quietly(job(raw, tmp_path / "target", **changes, more='against = ["before"]\ngates = []'))
    facts, page = make_report(open_storage(str(tmp_path / "target")), 1)
    (whole, *_) = facts["collapse"][0]["groups"]
    assert {"tail_coverage", "template_concentration"} <= {*whole["outside"]}
    assert "cgone" in page.partition("Beside real text")[2].partition("<h2>")[0]
