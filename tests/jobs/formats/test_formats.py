"""Each format's release, opened by its own reader, holds what the Parquet release holds."""

import hashlib
import json
import subprocess
import tarfile
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import webdataset
from conftest import job_of, make_corpus, release_bytes, run_quietly, write_parquet
from tokenizer_files import hugging_face

from jobs.errors import JobError
from jobs.formats import FORMATS
from jobs.formats.mds import _put_together
from jobs.formats.settings import Release
from jobs.outbox import Outbox
from jobs.spec import JobSpec
from jobs.storage import open_storage

STEPS = '[[steps]]\nop = "exact_dedup"\ncount_copies = true'


def spec_of(raw: Path, target: Path, kind: str, **options: Any) -> JobSpec:
    spec = job_of(raw, target, steps=STEPS)
    return spec.model_copy(update={"release": spec.release.model_copy(update={"format": kind, **options})})


@pytest.fixture(scope="module")
def corpus_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus with ids and texts that formats could trip over."""
    folder = make_corpus(tmp_path_factory.mktemp("corpus"))
    odd = [
        ("a.b.c/d", "dots.and/slashes"),
        ("空", "中文 😀\n\nline"),
        ("empty", ""),
        ("long", "x" * 20_000),
        ("nul", "a\0b"),
    ]
    write_parquet(folder / "web" / "odd.parquet", [{"id": id_, "text": text, "url": None} for id_, text in odd])
    return folder


@pytest.fixture(scope="module")
def rows(corpus_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The documents of the Parquet release."""
    target = tmp_path_factory.mktemp("parquet")
    run_quietly(spec_of(corpus_folder, target, "parquet"))
    return pq.read_table(target / "releases" / "0001" / "data").to_pylist()


@pytest.fixture(scope="module")
def released(corpus_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    made: dict[str, Path] = {}

    def release(kind: str) -> Path:
        if kind not in made:
            target = tmp_path_factory.mktemp(kind.replace(".", "-"))
            run_quietly(spec_of(corpus_folder, target, kind))
            made[kind] = target / "releases" / "0001"
        return made[kind]

    return release


def stream(texts: Iterable[str]) -> str:
    """Hash texts in order."""
    told = hashlib.sha256()
    for text in texts:
        told.update(len(text.encode()).to_bytes(8, "little") + text.encode())
    return told.hexdigest()


@pytest.mark.parametrize("kind", ["mds", "webdataset"])
def test_the_manifest_names_every_file_with_its_hash(released: Callable[[str], Path], kind: str) -> None:
    folder = released(kind)
    manifest = json.loads((folder / "release.json").read_bytes())
    told = {entry["path"]: entry["sha256"] for entry in manifest["files"] + manifest["other_files"]}
    there = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in ("release.json", "claim.json")
    }
    assert told == there
    assert "README.md" in told
    assert sum(entry["rows"] for entry in manifest["files"]) == manifest["counts"]["kept"]


def test_webdataset_opens_the_release(released: Callable[[str], Path], rows: list[dict[str, Any]]) -> None:
    shards = sorted(str(path) for path in (released("webdataset") / "data").glob("*.tar"))
    assert len(shards) > 5
    samples = list(webdataset.WebDataset(shards, shardshuffle=False, empty_check=False).decode())
    assert stream(one["txt"] for one in samples) == stream(row["text"] for row in rows)
    assert [one["json"] | {"text": one["txt"]} for one in samples] == rows
    keys = [(one["__url__"], one["__key__"]) for one in samples]
    assert len(set(keys)) == len(rows)


def test_tar_files_are_plain_and_whole(released: Callable[[str], Path]) -> None:
    for path in (released("webdataset") / "data").glob("*.tar"):
        with tarfile.open(path, "r:") as archive:
            members = archive.getmembers()
            assert {(one.mtime, one.uid, one.gid, one.mode, one.uname, one.type) for one in members} == {
                (0, 0, 0, 0o644, "", tarfile.REGTYPE)
            }
        assert path.stat().st_size % 512 == 0
        assert path.read_bytes().endswith(bytes(1024))


def mds_samples(folder: Path) -> Iterator[dict[str, Any]]:
    """Read MDS by its specification: index, offsets, sizes, columns."""
    for shard in json.loads((folder / "index.json").read_bytes())["shards"]:
        data = (folder / shard["raw_data"]["basename"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == shard["raw_data"]["hashes"]["sha256"]
        count = int.from_bytes(data[:4], "little")
        assert count == shard["samples"]
        offsets = [int.from_bytes(data[4 + 4 * n : 8 + 4 * n], "little") for n in range(count + 1)]
        header = json.loads(data[4 * count + 8 : offsets[0]])
        assert header == {name: shard[name] for name in header}
        for begin, end in pairwise(offsets):
            sizes, at = [], begin
            for size in header["column_sizes"]:
                sizes.append(size or int.from_bytes(data[at : at + 4], "little"))
                at += 0 if size else 4
            sample = {}
            for name, encoding, size in zip(header["column_names"], header["column_encodings"], sizes, strict=True):
                value = data[at : at + size]
                sample[name] = value.decode() if encoding == "str" else int.from_bytes(value, "little", signed=True)
                at += size
            assert at == end
            yield sample


def test_mds_holds_what_its_specification_says(released: Callable[[str], Path], rows: list[dict[str, Any]]) -> None:
    folder = released("mds") / "data"
    samples = list(mds_samples(folder))
    names = ["copies", "id", "origin", "source", "text"]
    assert list(samples[0]) == names
    assert samples == [{name: row[name] for name in names} for row in rows]


def test_columns_beside_a_shard_are_by_its_rows(released: Callable[[str], Path], rows: list[dict[str, Any]]) -> None:
    tables = [pq.read_table(path) for path in sorted((released("mds") / "data").glob("*.columns.parquet"))]
    assert all(table["row"].to_pylist() == list(range(table.num_rows)) for table in tables)
    others = pa.concat_tables(tables).drop_columns("row").to_pylist()
    assert others == [{name: row[name] for name in row if name != "text"} for row in rows]


@pytest.mark.parametrize("kind", sorted(FORMATS))
def test_how_documents_come_in_batches_does_not_change_what_is_read(tmp_path: Path, kind: str) -> None:
    schema = pa.schema([pa.field("id", pa.string(), nullable=False), pa.field("text", pa.string(), nullable=False)])
    table = pa.table(
        {"id": [f"d{n}" for n in range(40)], "text": ["x" * (n * 37 % 700) for n in range(40)]}, schema=schema
    )
    megatron = {"tokenizer": str(hugging_face(tmp_path)), "end_of_document": 0}
    release = Release(format=kind, **(megatron if kind == "megatron" else {}))  # type: ignore[arg-type]
    sha256s = set()
    for size in (40, 7, 1):
        outbox = Outbox(open_storage(str(tmp_path)), "stages/test")
        with FORMATS[kind].write(outbox, schema, release) as write:
            for begin in range(0, 40, size):
                write(table.slice(begin, size))
        assert {file.rows for file in outbox.files.values()} == {40}
        sha256s.add(outbox.files["shard"].sha256)
    assert kind in ("parquet", "jsonl.zst") or len(sha256s) == 1


def test_a_shard_too_large_for_mds_is_refused(tmp_path: Path) -> None:
    import numpy as np  # noqa: PLC0415

    with (tmp_path / "body").open("w+b") as body, pytest.raises(JobError, match="Set a smaller shard_bytes"):
        _put_together(tmp_path / "shard", b"{}", np.array([0, 2**31, 2**31]), body)


def test_shards_too_large_for_mds_are_refused_when_the_job_is_read() -> None:
    with pytest.raises(ValueError, match="set at most 2,147,483,648"):
        Release(format="mds", shard_bytes=2**32)


@pytest.mark.parametrize("kind", ["mds", "webdataset"])
def test_an_empty_release_has_no_shards_and_no_index(tmp_path: Path, kind: str) -> None:
    raw = make_corpus(tmp_path / "raw")
    spec = job_of(raw, tmp_path / "out", steps='[[steps]]\nop = "length"\nchars_min = 1000000')
    run_quietly(spec.model_copy(update={"release": spec.release.model_copy(update={"format": kind})}))
    assert [name for name in release_bytes(tmp_path / "out") if name.startswith("data/")] == []


READERS = Path(__file__).parents[3] / ".venv-readers" / "bin" / "python"


READ_MDS = """
import json, sys
from streaming import LocalDataset
for sample in LocalDataset(sys.argv[1]):
    print(json.dumps([sample["id"], sample["text"]]))
"""


@pytest.mark.skipif(not READERS.exists(), reason="needs `make readers`: MosaicML Streaming comes with 6 GB of torch")
def test_mosaicml_streaming_opens_the_release(released: Callable[[str], Path], rows: list[dict[str, Any]]) -> None:
    command = [str(READERS), "-c", READ_MDS, str(released("mds") / "data")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    samples = [json.loads(line) for line in ran.stdout.splitlines()]
    assert stream(text for _, text in samples) == stream(row["text"] for row in rows)
    assert [one for one, _ in samples] == [row["id"] for row in rows]
