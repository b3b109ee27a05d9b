"""A job whose synthetic rows are compared with the tables that their generator learned from, and never saw."""

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import run_quietly

from jobs.errors import JobError
from jobs.release import latest_number
from jobs.spec import JobSpec, parse
from jobs.storage import open_storage

JOB = """
name = "rows"
target = "{target}"
[[sources]]
name = "rows"
path = "{raw}/{rows}.jsonl"
origin = "generated"
template = "{{age}} years, {{job}}"
columns = {{age = "age", job = "job"}}
[[references]]
name = "patients"
path = "{raw}/patients.jsonl"
template = "{{age}} years, {{job}}"
columns = {{age = "age", job = "job"}}
[[references]]
name = "others"
path = "{raw}/others.jsonl"
template = "{template}"
columns = {{age = "age", job = "job"}}
[[steps]]
op = "nearest_records"
training = ["patients"]
held_out = ["{held_out}"]
numbers = ["age"]
categories = ["job"]
[run]
engine = "inline"
"""


def write(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    draw = np.random.default_rng(7)
    sides = [
        [{"age": round(float(draw.normal(45, 12)), 3), "job": f"职业{draw.integers(0, 5)}"} for _ in range(400)]
        for _ in range(3)
    ]
    for name, rows in zip(("patients", "others", "learned"), sides, strict=True):
        write(tmp_path / f"{name}.jsonl", rows)
    write(tmp_path / "copied.jsonl", sides[0][:200] + sides[2][:200])
    return tmp_path


def job(
    raw: Path, rows: str, held_out: str = "others", template: str = "{age} years, {job}", people: str = ""
) -> JobSpec:
    text = JOB.format(raw=raw, target=raw / "out", rows=rows, held_out=held_out, template=template)
    return parse((text.replace("[[references]]", people) if people else text).encode(), "job.toml")


def test_a_release_tells_how_near_its_rows_are(raw: Path) -> None:
    told = run_quietly(job(raw, "learned")).manifest["surveys"]["nearest_records"]
    assert (told["rows"], told["training_rows"], told["held_out_rows"]) == (400, 400, 400)
    assert told["nearer_to_training"] == pytest.approx(0.5, abs=0.1)


def test_peoples_rows_may_be_released_too(raw: Path) -> None:
    made = run_quietly(job(raw, "learned", people='[[sources]]\norigin = "real"'))
    told = made.manifest["surveys"]["nearest_records"]
    assert (told["rows"], told["training_rows"], told["held_out_rows"]) == (400, 400, 400)
    assert made.manifest["counts"]["kept"] == 1200


def test_copies_make_no_release(raw: Path) -> None:
    with pytest.raises(JobError, match=r"nearest_records: 7\d\.\d% of 400 synthetic rows are nearer"):
        run_quietly(job(raw, "copied"))
    assert latest_number(open_storage(str(raw / "out"))) == 0


def test_names_and_templates_are_checked_when_the_job_is_read(raw: Path) -> None:
    with pytest.raises(
        JobError, match=r"steps\.0 \(nearest_records\) held_out: no source or reference is named 'other'"
    ):
        job(raw, "learned", held_out="other")
    with pytest.raises(JobError, match=r"references\.1\.template"):
        job(raw, "learned", template="{age")
