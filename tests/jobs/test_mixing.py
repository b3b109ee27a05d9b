"""A mix with limits by a column of the documents, through a whole job."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from conftest import article

from jobs.errors import JobError
from jobs.release import Published
from jobs.spec import JobSpec, parse

Run = Callable[[JobSpec], Published]

STEPS = """
[[steps]]
op = "mix"

[[steps.limits]]
where = {{domain = "math"}}
{number}
"""


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """Sixty articles, one in three of mathematics."""
    lines = [{"uid": f"d{n}", "body": article(n), "domain": "prose" if n % 3 else "math"} for n in range(60)]
    path = tmp_path / "raw" / "forum" / "part-0.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return tmp_path / "raw"


def job(raw: Path, target: Path, number: str) -> JobSpec:
    text = f"""
name = "mixed"
target = "{target}"

[[sources]]
name = "forum"
path = "{raw}/forum"
origin = "real"
columns = {{text = "body", id = "uid", domain = "domain"}}
{STEPS.format(number=number)}
[run]
engine = "inline"
"""
    return parse(text.encode(), "job.toml")


def domains(target: Path, number: int = 1) -> Counter[str]:
    table = pq.read_table(target / "releases" / f"{number:04d}" / "data", columns=["domain"])
    return Counter(table["domain"].to_pylist())


def test_a_cap_by_a_column(raw: Path, tmp_path: Path, run: Run) -> None:
    made = run(job(raw, tmp_path / "out", "share_max = 0.1"))
    kept = domains(tmp_path / "out")
    assert kept["prose"] == 40
    assert 3 <= kept["math"] <= 6  # a tenth of the tokens: articles differ in length
    assert made.manifest["surveys"]["mix"]["sources"]["forum"]["bound_by"] == "limits.1 (math) share_max, supply"


def test_another_number_reads_no_text(raw: Path, tmp_path: Path, run: Run, texts_read: list[str]) -> None:
    run(job(raw, tmp_path / "out", "share_max = 0.1"))
    assert len(texts_read) == 1
    run(job(raw, tmp_path / "out", "share_max = 0.2"))
    assert len(texts_read) == 1
    assert domains(tmp_path / "out", 2)["math"] > domains(tmp_path / "out")["math"]


def test_what_cannot_be_is_refused_with_what_would_do(raw: Path, tmp_path: Path, run: Run) -> None:
    with pytest.raises(JobError, match=r"limits\.1 \(math\) tokens_min = 1,000,000 \([\d,]+ would do\)"):
        run(job(raw, tmp_path / "out", "tokens_min = 1_000_000"))
