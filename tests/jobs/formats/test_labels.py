"""Synthetic documents of a release bear labels of GB 45438-2025, in every format; read again, they say what it is."""

import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import zstandard
from conftest import article

from jobs.errors import JobError
from jobs.release import Published
from jobs.spec import JobSpec, parse

Run = Callable[[JobSpec], Published]


WEB = 'origin = "real"'
MODEL = 'origin = "generated"\ngenerator = "model@1"'


def job(sources: dict[Path, str], target: Path, release: str, steps: str = "") -> JobSpec:
    """A job over shards, with what is said of each."""
    told = [f'[[sources]]\nname = "{path.stem}"\npath = "{path}"\n{said}' for path, said in sources.items()]
    parts = [f'name = "t"\ntarget = "{target}"', *told, steps, "[release]", release, '[run]\nengine = "inline"\n']
    return parse("\n".join(parts).encode(), "job.toml")


@pytest.fixture
def raw(tmp_path: Path) -> dict[Path, str]:
    folder = tmp_path / "raw"
    folder.mkdir()
    for name, numbers in (("web", (1, 2)), ("model", (3, 4))):
        lines = [json.dumps({"id": f"d{n}", "text": article(n)}) for n in numbers]
        (folder / f"{name}.jsonl").write_text("\n".join(lines))
    return {folder / "web.jsonl": WEB, folder / "model.jsonl": MODEL}


def labels_of(folder: Path, kind: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    for file in sorted((folder / "data").rglob("part-*")):
        if file.suffix == ".parquet":
            rows += pq.read_table(file).to_pylist()
        elif kind == "jsonl.zst":
            text = zstandard.ZstdDecompressor().decompressobj().decompress(file.read_bytes())
            rows += [json.loads(line) for line in text.splitlines()]
        elif kind == "webdataset":
            with tarfile.open(file) as tar:
                found = [tar.extractfile(one) for one in tar if one.name.endswith(".json")]
                rows += [json.load(one) for one in found if one]
    return {row["id"]: row.get("AIGC") for row in rows}


@pytest.mark.parametrize("kind", ["parquet", "jsonl.zst", "webdataset", "mds"])
@pytest.mark.parametrize("order", ["sources", "shuffled"])
def test_synthetic_documents_bear_a_label_in_every_format(
    kind: str, order: str, raw: dict[Path, str], tmp_path: Path, run: Run
) -> None:
    release = f'format = "{kind}"\norder = "{order}"\naigc_propagator = "Institute"'
    made = run(job(raw, tmp_path / "out", release))
    folder = tmp_path / "out" / made.folder
    found = labels_of(folder, kind)
    assert [found["d1"], found["d2"]] == [None, None]
    for one in ("d3", "d4"):
        label = json.loads(found[one])
        assert (label["Label"], label["ContentProducer"], label["ProduceID"]) == ("1", "model@1", one)
        assert (label["ContentPropagator"], label["PropagateID"]) == ("Institute", one)
    if kind in {"parquet", "jsonl.zst"}:
        assert '"AIGC"' in (folder / "croissant.json").read_text()
        assert "AIGC" in (folder / "README.md").read_text()


def test_nothing_is_labelled_where_nobody_asks(raw: dict[Path, str], tmp_path: Path, run: Run) -> None:
    made = run(job(raw, tmp_path / "out", ""))
    assert "AIGC" not in pq.read_table(tmp_path / "out" / made.folder / "data").column_names


def test_a_release_that_is_read_again_says_what_is_generated(raw: dict[Path, str], tmp_path: Path, run: Run) -> None:
    first = run(job(raw, tmp_path / "out", 'aigc_propagator = "Institute"'))
    shards = {tmp_path / "out" / first.folder / "data": 'origin = "unknown"\ncolumns = {aigc_label = "AIGC"}'}
    steps = '[[steps]]\nop = "origin_by_label"'
    made = run(job(shards, tmp_path / "next", 'aigc_propagator = "Another"', steps))
    rows = pq.read_table(tmp_path / "next" / made.folder / "data").to_pylist()
    assert {row["id"]: row["origin"] for row in rows} == {"d1": "unknown", "d2": "unknown"} | dict.fromkeys(
        ("d3", "d4"), "generated"
    )
    label = next(json.loads(row["AIGC"]) for row in rows if row["id"] == "d3")
    assert (label["ContentProducer"], label["ContentPropagator"]) == ("model@1", "Another")


def test_a_source_cannot_map_the_column_of_the_labels(raw: dict[Path, str], tmp_path: Path) -> None:
    with pytest.raises(JobError, match=r"sources\.2\.columns: AIGC is what release\.aigc_propagator writes; call it"):
        job(
            raw | {tmp_path / "more.jsonl": MODEL + '\ncolumns = {AIGC = "AIGC"}'},
            tmp_path / "out",
            'aigc_propagator = "Institute"',
        )
