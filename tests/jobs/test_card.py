"""The dataset card: the release's folder opens as a Hugging Face data set, and its card says what is in it."""

from pathlib import Path
from typing import Any

import datasets
import pyarrow.parquet as pq
import pytest
import yaml
from conftest import article, job_of, make_corpus, release_bytes, run_quietly, write_parquet

from jobs.explain.stories import explain
from jobs.report.report import write_report
from jobs.spec import JobSpec, parse
from jobs.storage import open_storage


def job(raw: Path, target: Path, **release: Any) -> JobSpec:
    spec = job_of(raw, target)
    return spec.model_copy(update={"release": spec.release.model_copy(update=release)})


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_OFFLINE", True)
    return tmp_path / "cache"


@pytest.mark.parametrize("kind", ["parquet", "jsonl.zst"])
@pytest.mark.parametrize("order", ["sources", "shuffled"])
def test_load_dataset_opens_the_folder_as_it_is(tmp_path: Path, offline: Path, kind: str, order: str) -> None:
    raw = make_corpus(tmp_path / "raw")
    run_quietly(job(raw, tmp_path / "parquet", order=order))
    made = run_quietly(job(raw, tmp_path / "out", format=kind, order=order))
    folder = tmp_path / "out" / made.folder
    write_report(open_storage(str(tmp_path / "out")), 1)  # its JSON is no data
    found = datasets.load_dataset(str(folder), cache_dir=str(offline))
    assert list(found) == ["train"]
    rows = pq.read_table(tmp_path / "parquet" / made.folder / "data").to_pylist()
    assert [row["text"] for row in found["train"]] == [row["text"] for row in rows]
    assert [row["id"] for row in found["train"]] == [row["id"] for row in rows]


def test_the_card_says_what_is_in_the_release(tmp_path: Path) -> None:
    made = run_quietly(job(make_corpus(tmp_path / "raw"), tmp_path / "out"))
    text = (tmp_path / "out" / made.folder / "README.md").read_text()
    _, front, body = text.split("---\n", 2)
    said = yaml.safe_load(front)
    assert said["license"] == ["cc0-1.0", "unknown"]
    assert said["size_categories"] == ["n<1K"]
    assert "synthetic" in said["tags"]
    assert said["configs"][0]["data_files"] == [{"split": "train", "path": "data/*.parquet"}]
    kept = made.manifest["sources"]["textbook"]["kept"]
    assert f"| textbook | synthetic | not stated | model@1 | {kept:,} |" in body
    assert f"{made.manifest['counts']['kept']:,} documents" in body
    assert "| near_dedup |" in body
    assert str(tmp_path) not in text


def test_the_card_is_one_of_the_manifests_files_and_follows_from_the_input(tmp_path: Path) -> None:
    raw = make_corpus(tmp_path / "raw")
    made = run_quietly(job(raw, tmp_path / "one"))
    run_quietly(job(raw, tmp_path / "two"))
    assert [entry["path"] for entry in made.manifest["other_files"]] == [
        "README.md",
        "provenance.json",
        "croissant.json",
    ]
    assert release_bytes(tmp_path / "one")["README.md"] == release_bytes(tmp_path / "two")["README.md"]


@pytest.mark.parametrize("order", ["sources", "shuffled"])
def test_splits_are_apart(tmp_path: Path, offline: Path, order: str) -> None:
    """Where documents have a column `split`, as `families` gives them."""
    splits = ["train", "train", "train", "validation", "test", None]
    for name in ("a", "b"):
        rows = [{"id": f"{name}{n}", "text": article(n), "url": splits[n % 6]} for n in range(60)]
        write_parquet(tmp_path / "raw" / f"{name}.parquet", rows, row_group_size=20)
    text = (
        f'name = "test"\ntarget = "{tmp_path}/out"\n'
        f'[[sources]]\nname = "web"\npath = "{tmp_path}/raw"\norigin = "real"\n'
        f'columns = {{split = "url"}}\n[release]\norder = "{order}"\nshard_bytes = 9000\n[run]\nengine = "inline"\n'
    )
    made = run_quietly(parse(text.encode(), "job.toml"))
    folders = [entry["path"].rsplit("/", 1)[0] for entry in made.manifest["files"]]
    assert list(dict.fromkeys(folders)) == ["data/train", "data/validation", "data/test", "data"]
    found = datasets.load_dataset(str(tmp_path / "out" / made.folder), cache_dir=str(offline))
    assert len(found["other"]) == 20
    told = {split: sorted(row["id"] for row in found[split]) for split in ("train", "validation", "test")}
    assert told == {
        split: sorted(f"{name}{n}" for name in "ab" for n in range(60) if splits[n % 6] == split) for split in told
    }
    for entry in made.manifest["files"]:
        ids = pq.read_table(tmp_path / "out" / made.folder / entry["path"])["id"].to_pylist()
        told_of = "\n".join(explain(open_storage(str(tmp_path / "out")), 1, ids[0]))
        assert f"KEPT: {entry['path']}" in told_of


def test_languages_are_those_that_are_kept(tmp_path: Path) -> None:
    steps = (
        '[[steps]]\nop = "language"\n[[steps]]\nop = "languages"\nkeep = ["en", "zh-Hans", "und"]\nconfidence_min = 0'
    )
    made = run_quietly(job_of(make_corpus(tmp_path / "raw"), tmp_path / "out", steps=steps))
    front = (tmp_path / "out" / made.folder / "README.md").read_text().split("---\n")[1]
    assert yaml.safe_load(front)["language"] == ["en", "zh"]


def test_a_release_of_nothing_has_a_card(tmp_path: Path) -> None:
    made = run_quietly(
        job_of(make_corpus(tmp_path / "raw"), tmp_path / "out", steps='[[steps]]\nop = "length"\nchars_min = 1000000')
    )
    _, front, body = (tmp_path / "out" / made.folder / "README.md").read_text().split("---\n", 2)
    assert "configs" not in yaml.safe_load(front)
    assert "0 documents" in body
