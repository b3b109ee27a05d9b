"""k-anonymity in whole jobs: over what is left of the corpus, however it is cut."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from conftest import article

from jobs.release import Published
from jobs.spec import JobSpec, parse

Run = Callable[[JobSpec], Published]

CITIES = ["Leeds"] * 9 + ["北京"] * 6 + ["York"] * 2
JOBS = ["miller"] * 7 + ["teacher"] * 8 + ["miller"] * 2


def job(folder: Path, target: Path) -> JobSpec:
    return parse(
        f"""
name = "test"
target = "{target}"
[[sources]]
name = "people"
path = "{folder}"
origin = "real"
columns = {{city = "city", job = "job"}}
[[steps]]
op = "exact_dedup"
[[steps]]
op = "k_anonymity"
columns = ["city", "job"]
k = 3
[run]
engine = "inline"
""".encode(),
        "job.toml",
    )


def write(folder: Path, shards: int) -> Path:
    folder.mkdir()
    rows = [
        {"id": f"p{n:02d}", "text": article(n), "url": None, "city": city, "job": work}
        for n, (city, work) in enumerate(zip(CITIES, JOBS, strict=True))
    ]
    rows.append({**rows[-1], "id": "p99"})  # a copy, which does not count
    for n in range(shards):
        part = rows[len(rows) * n // shards : len(rows) * (n + 1) // shards]
        pq.write_table(pa.Table.from_pylist(part), folder / f"part-{n}.parquet")
    return folder


def released(target: Path) -> dict[str, tuple[str | None, str | None, int]]:
    rows = pq.read_table(target / "releases" / "0001" / "data").to_pylist()
    return {row["id"]: (row["city"], row["job"], row["suppressed_values"]) for row in rows}


def test_rare_combinations_are_gone_and_counted(tmp_path: Path, run: Run) -> None:
    made = run(job(write(tmp_path / "one", 1), tmp_path / "out"))
    found = released(tmp_path / "out")
    assert len(found) == len(CITIES)
    assert Counter(found.values()) == {
        ("Leeds", "miller", 0): 7,
        ("Leeds", None, 1): 2,
        ("北京", "teacher", 0): 6,
        (None, "miller", 1): 2,
    }
    assert made.manifest["surveys"]["k_anonymity"] == {"suppressed": {"city": 2, "job": 2}, "documents": 4}
    run(job(write(tmp_path / "many", 5), tmp_path / "out-many"))
    assert released(tmp_path / "out-many") == found
