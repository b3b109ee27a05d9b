"""What several tests share: small corpora of their own, job files, and runs of them in this process."""

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

# Ray reads it once, when it is first imported, which may be in any test.
os.environ.setdefault("RAY_AUTH_MODE", "token")

# What tests and the processes they start compile is compiled once, and stays in the checkout.
os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(__file__).parents[1] / ".pytest_cache" / "kernels"))

from jobs import passes
from jobs.progress import Progress
from jobs.release import Published
from jobs.run import run_job
from jobs.spec import JobSpec, parse

# Kernels are compiled within the first example, which no deadline should count.
settings.register_profile("tests", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")

# `make fuzz` tries so many times as many examples, and others each time.
EXAMPLES = int(os.environ.get("GRISTMILL_EXAMPLES", "1"))

ARTICLE = (
    "The river {n} runs through the valley of {n} and the people that live there have walked with their dogs to "
    "the market of town {n} every week. It is said that the oldest house, number {n}, was built to be a mill, and "
    "that the miller of {n} and his {n} sons have left it to the village with all of its {n} fields and its gardens."
)
CHINESE = (
    "第{n}条河流过第{n}个山谷，住在那里的人们每个星期都和他们的狗一起走到第{n}个城镇的市场去。"
    "据说最老的房子是在{n}年为了磨面而建的，磨坊主{n}把它和{n}块田地留给了村庄。"
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    tests = (getattr(item, "obj", None) for item in items if EXAMPLES > 1)
    for test in {test for test in tests if is_hypothesis_test(test)}:
        stated = test._hypothesis_internal_use_settings
        more = settings(stated, max_examples=EXAMPLES * stated.max_examples, derandomize=False, database=None)
        test._hypothesis_internal_use_settings = more


def article(n: int) -> str:
    """A text that passes Gopher's rules and resembles no other number's: each sentence holds its own words."""
    if n % 4 == 3:
        own = "".join(chr(0x4E00 + (n * 131 + k * 977) % 20_000) for k in range(60))
        return CHINESE.replace("{n}", str(n)) + f"\n\n{own}。"
    words = " ".join(f"w{n}x{k}" for k in range(40))
    return ARTICLE.replace("{n}", str(n)) + f"\n\n{words} and the end of it."


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Three sources: web (Parquet, 3 shards), forum (JSONL.gz with bad records), textbook (JSONL, synthetic)."""
    return make_corpus(tmp_path / "raw")


def make_corpus(folder: Path) -> Path:
    for shard in range(3):
        rows = [{"id": f"web-{n}", "text": article(n), "url": f"https://example.org/{n}"} for n in range(shard, 60, 3)]
        rows.append({"id": f"short-{shard}", "text": "too short", "url": None})
        rows.append({"id": f"copy-{shard}", "text": article(7), "url": None})
        write_parquet(folder / "web" / f"part-{shard}.parquet", rows)
    lines = [json.dumps({"uid": f"forum-{n}", "body": article(100 + n)}) for n in range(20)]
    lines[5] = '{"uid": "broken", "body": '
    lines.append(json.dumps({"uid": "null", "body": None}))
    forum = folder / "forum" / "posts.jsonl.gz"
    forum.parent.mkdir(parents=True)
    forum.write_bytes(gzip.compress("\n".join(lines).encode(), mtime=0))
    synthetic = folder / "textbook" / "lessons.jsonl"
    synthetic.parent.mkdir(parents=True)
    synthetic.write_text("\n".join(json.dumps({"text": article(200 + n)}) for n in range(30)))
    return folder


def write_parquet(path: Path, rows: list[dict[str, Any]], **options: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    schema = pa.schema([("id", pa.string()), ("text", pa.string()), ("url", pa.string())])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path, **options)


def write_lines(path: Path, texts: list[str], column: str = "text") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps({column: text}) + "\n" for text in texts))


STEPS = """
[[steps]]
op = "repair"

[[steps]]
op = "quality_signals"

[[steps]]
op = "gopher_quality"
en = {words_min = 30}
zh = {words_min = 30}

[[steps]]
op = "exact_dedup"

[[steps]]
op = "near_dedup"

[[steps]]
op = "mix"
synthetic_max = 0.2
"""

# Who goes, and what those who stay stand for.
DEDUP_STEPS = """
[[steps]]
op = "exact_dedup"
count_copies = true

[[steps]]
op = "near_dedup"
threshold = 0.7
count_copies = true
"""


def job_text(
    raw: str | Path,
    target: str | Path,
    *,
    steps: str = STEPS,
    engine: str = "inline",
    more: str = "",
    release: str = "",
) -> str:
    return f"""
name = "test"
target = "{target}"
seed = 17
{more}

[[sources]]
name = "web"
path = "{raw}/web/*.parquet"
origin = "real"
license = "CC0-1.0"

[[sources]]
name = "forum"
path = "{raw}/forum"
origin = "real"
columns = {{text = "body", id = "uid"}}

[[sources]]
name = "textbook"
path = "{raw}/textbook"
origin = "synthetic"
generator = "model@1"

{steps}

[release]
shard_bytes = 8000
{release}

[run]
engine = "{engine}"
"""


def job_of(*args: Any, **options: Any) -> JobSpec:
    return parse(job_text(*args, **options).encode(), "job.toml")


def folder_job(raw: Path, target: Path, *, steps: str, partition_bytes: int | None = None) -> JobSpec:
    """A job whose one source is a folder."""
    more = f"partition_bytes = {partition_bytes}" if partition_bytes else ""
    text = f"""
name = "test"
target = "{target}"
{steps}
[[sources]]
name = "web"
path = "{raw}"
origin = "real"
[release]
shard_bytes = 8000
[run]
engine = "inline"
{more}
"""
    return parse(text.encode(), "job.toml")


def run_quietly(spec: JobSpec) -> Published:
    return run_job(spec, Progress(silent=True))


def release_bytes(target: Path, number: int = 1) -> dict[str, bytes]:
    """Every file of a release by name: what must not differ between runs."""
    folder = target / "releases" / f"{number:04d}"
    return {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()
    }


@pytest.fixture
def run() -> Callable[[JobSpec], Published]:
    return run_quietly


@pytest.fixture
def texts_read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Paths of the raw shards whose text was read."""
    seen: list[str] = []
    read = passes.read_records

    def watched(unit: Any, *rest: Any) -> Any:
        seen.append(unit.reads["path"])
        return read(unit, *rest)

    monkeypatch.setattr(passes, "read_records", watched)
    return seen


def cuts_of(target: Path, number: int = 1) -> list[dict[str, Any]]:
    """The ledger's rows of cuts, of the stages that a release was made from."""
    manifest = json.loads(release_bytes(target, number)["release.json"])
    tables = []
    for stage in manifest["stages"]:
        for unit in stage["units"]:
            commit = json.loads((target / stage["folder"] / "commits" / f"{unit}.json").read_text())
            tables += [pq.read_table(target / commit["files"]["cuts"]["key"])] if "cuts" in commit["files"] else []
    return pa.concat_tables(tables).to_pylist() if tables else []
