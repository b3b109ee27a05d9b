"""Whole jobs with sources and target in an object store, sound and faulty: the release is the one of a local disk."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from conftest import article, job_of, write_parquet
from pyarrow.fs import AwsDefaultS3RetryStrategy
from s3_server import Faults, proxy

from jobs.errors import JobError
from jobs.release import Published, folder_of
from jobs.seal import seal
from jobs.spec import JobSpec, parse
from jobs.storage import open_storage
from jobs.verify import verify

pytest_plugins = ("s3_server",)
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*unclosed.*:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:botocore"),
]
REPOSITORY = Path(__file__).parents[2]
FAULTS = Faults(slow_down=0.10, reset_before=0.03, reset_after=0.03, truncated=0.05, seed=1)

Run = Callable[[JobSpec], Published]


@pytest.fixture
def raw(corpus: Path, s3: str) -> str:
    """The corpus in the store."""
    storage = open_storage(f"{s3}/raw")
    for file in sorted(corpus.rglob("*")):
        if file.is_file():
            storage.create(file.relative_to(corpus).as_posix(), file.read_bytes())
    return storage.url


@pytest.fixture
def on_disk(corpus: Path, tmp_path: Path, run: Run) -> tuple[dict[str, Any], dict[str, bytes]]:
    """What the release must be."""
    target = str(tmp_path / "disk")
    made = run(job_of(corpus, target))
    return what_counts(made), data_of(target)


def what_counts(made: Published) -> dict[str, Any]:
    return {name: made.manifest[name] for name in ("counts", "steps", "sources", "surveys", "files")}


def data_of(target: str, number: int = 1) -> dict[str, bytes]:
    storage = open_storage(target)
    return {e.key: storage.read(e.key) for e in storage.list(f"releases/{number:04d}/data")}


def test_texts_of_a_manifest_may_lie_in_the_store(s3: str, tmp_path: Path, run: Run) -> None:
    storage = open_storage(f"{s3}/calls")
    names = ["texts/1.txt", "texts/2.txt", "texts", "texts/3.txt"]
    storage.create("a.jsonl", "".join(f'{{"file": "{name}"}}\n' for name in names).encode())
    storage.create("texts/1.txt", b"It rains.")
    storage.create("texts/3.txt", "下雨了。".encode())
    job = f"""
name = "test"
target = "{tmp_path / "out"}"
[[sources]]
name = "calls"
path = "{s3}/calls/*.jsonl"
origin = "real"
columns = {{text_path = "file"}}
[run]
engine = "inline"
"""
    made = run(parse(job.encode(), "job.toml"))
    texts = pq.read_table(tmp_path / "out/releases/0001/data")["text"].to_pylist()
    assert texts == ["It rains.", "下雨了。"]
    assert made.manifest["steps"][0]["dropped"] == {"no_such_text": 2}


def test_a_list_may_lie_in_the_store(s3: str, corpus: Path, tmp_path: Path, run: Run) -> None:
    steps = f'[[steps]]\nop = "bad_words"\nlists = {{en = "{s3}/lists/words.txt"}}\nchar_share_max = 0.001\n'
    with pytest.raises(JobError, match=r"steps.0 \(bad_words\) lists.en: there is no file s3://.*words.txt"):
        job_of(corpus, tmp_path / "out", steps=steps)
    open_storage(s3).create("lists/words.txt", b"w8x0\n")
    told = {
        step["step"]: step["dropped"] for step in run(job_of(corpus, tmp_path / "out", steps=steps)).manifest["steps"]
    }
    assert told["bad_words"] == {"too_many_bad_word_chars": 1}


def test_a_release_in_the_store_is_the_one_on_disk(
    raw: str, s3: str, run: Run, on_disk: Any, texts_read: list[str], tmp_path: Path
) -> None:
    made = run(job_of(raw, f"{s3}/out"))
    assert made.is_new
    assert len(data_of(f"{s3}/out")) > 1
    assert (what_counts(made), data_of(f"{s3}/out")) == on_disk
    assert len(texts_read) == 5

    before = sorted(entry.key for entry in open_storage(f"{s3}/out").list(""))
    again = run(job_of(raw, f"{s3}/out"))
    assert (again.number, again.is_new) == (1, False)
    assert again.manifest == made.manifest
    assert len(texts_read) == 5
    assert sorted(entry.key for entry in open_storage(f"{s3}/out").list("")) == before

    new = tmp_path / "part-3.parquet"
    write_parquet(new, [{"id": f"new-{n}", "text": article(500 + n), "url": None} for n in range(9)])
    open_storage(raw).create("web/part-3.parquet", new.read_bytes())
    night = run(job_of(raw, f"{s3}/out"))
    assert (night.number, night.is_new) == (2, True)
    assert texts_read[5:] == ["part-3.parquet"]
    assert night.manifest["counts"]["read"] == made.manifest["counts"]["read"] + 9
    assert data_of(f"{s3}/out") == on_disk[1]

    seal(open_storage(f"{s3}/out"), 2, None)
    assert verify(open_storage(f"{s3}/out/{folder_of(2)}")).rows == night.manifest["counts"]["kept"]


@pytest.mark.timeout(180)
def test_a_faulty_store_changes_nothing(
    raw: str, s3: str, s3_url: str, run: Run, on_disk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As many retries as ever, without half a second's wait before each: the default strategy waits 25 ms first.
    monkeypatch.setattr("botocore.retryhandler.delay_exponential", lambda **_: 0.02)
    monkeypatch.setattr("pyarrow.fs.AwsStandardS3RetryStrategy", AwsDefaultS3RetryStrategy)
    with proxy(s3_url, FAULTS) as server:
        made = run(job_of(raw, f"{s3}/out"))
    assert (what_counts(made), data_of(f"{s3}/out")) == on_disk
    assert min(server.injected[kind] for kind in ("slow_down", "reset_before", "reset_after", "truncated")) >= 3


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:::ray")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_ray_writes_the_same_release(
    raw: str, s3: str, run: Run, on_disk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", f"{REPOSITORY}:{REPOSITORY / 'tests'}:{os.environ.get('PYTHONPATH', '')}")
    spec = job_of(raw, f"{s3}/out", engine="ray")
    made = run(spec.model_copy(update={"run": spec.run.model_copy(update={"cpus": 1})}))
    assert (what_counts(made), data_of(f"{s3}/out")) == on_disk
