"""A release for Megatron: the tokens of the Parquet release's texts, in order, as Megatron's own reader finds them."""

import hashlib
import json
import struct
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import make_corpus, run_quietly, write_parquet
from tokenizer_files import END, hugging_face, ranks
from tokenizers import Tokenizer

from jobs.errors import JobError
from jobs.formats.megatron import MEGATRON
from jobs.formats.settings import Release
from jobs.outbox import Outbox
from jobs.spec import JobSpec, parse
from jobs.storage import open_storage

ODD = ["", "中文 😀\n\nline", "x" * 20_000, f"a page that speaks of {END}", "a\0b"]


def spec_of(raw: Path, target: Path, release: str) -> JobSpec:
    text = f"""
name = "test"
target = "{target}"
[[sources]]
name = "web"
path = "{raw}/web"
origin = "real"
[release]
shard_bytes = 8000
{release}
[run]
engine = "inline"
"""
    return parse(text.encode(), "job.toml")


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_corpus(tmp_path_factory.mktemp("corpus"))
    write_parquet(folder / "web" / "odd.parquet", [{"id": f"o{n}", "text": t, "url": None} for n, t in enumerate(ODD)])
    return folder


@pytest.fixture(scope="module")
def rows(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The documents of the Parquet release."""
    target = tmp_path_factory.mktemp("parquet")
    run_quietly(spec_of(raw, target, ""))
    return pq.read_table(target / "releases" / "0001" / "data").to_pylist()


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hugging_face(tmp_path_factory.mktemp("tokenizer"))


@pytest.fixture(scope="module")
def released(raw: Path, tokenizer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("megatron")
    settings = f'format = "megatron"\ntokenizer = "{tokenizer}"\nend_of_document = "{END}"'
    run_quietly(spec_of(raw, target, settings))
    return target / "releases" / "0001"


def documents_of(prefix: Path) -> Iterable[list[int]]:
    """Read a shard by its specification."""
    index, tokens = prefix.with_suffix(".idx").read_bytes(), prefix.with_suffix(".bin").read_bytes()
    assert index[:9] == b"MMIDIDX\0\0"
    version, code, sequences, bounds = struct.unpack("<QBQQ", index[9:34])
    assert (version, bounds) == (1, sequences + 1)
    kind = {4: np.int32, 8: np.uint16}[code]
    lengths, at = np.frombuffer(index, "<i4", sequences, 34), 34 + 4 * sequences
    begins, at = np.frombuffer(index, "<i8", sequences, at), at + 8 * sequences
    documents, at = np.frombuffer(index, "<i8", bounds, at), at + 8 * bounds
    assert at == len(index)
    assert documents.tolist() == list(range(sequences + 1))
    for length, begin in zip(lengths.tolist(), begins.tolist(), strict=True):
        yield np.frombuffer(tokens, kind, length, begin).tolist()
    assert int(lengths.sum()) * kind().itemsize == len(tokens)


def prefixes(folder: Path) -> list[Path]:
    found = [path.with_suffix("") for path in sorted((folder / "data").glob("*.bin"))]
    assert len(found) > 2
    return found


def stream(documents: Iterable[list[int]]) -> str:
    """Hash tokens in order."""
    told = hashlib.sha256()
    for document in documents:
        told.update(np.array(document, "<i8").tobytes())
    return told.hexdigest()


def expected(rows: list[dict[str, Any]], tokenizer: Path) -> list[list[int]]:
    reader = Tokenizer.from_file(str(tokenizer))
    end = reader.token_to_id(END)
    reader.encode_special_tokens = True
    return [[*reader.encode(row["text"], add_special_tokens=False).ids, end] for row in rows]


def test_its_tokens_are_those_of_the_texts(released: Path, rows: list[dict[str, Any]], tokenizer: Path) -> None:
    found = [document for prefix in prefixes(released) for document in documents_of(prefix)]
    assert stream(found) == stream(expected(rows, tokenizer))
    assert len(found) == len(rows)
    end = Tokenizer.from_file(str(tokenizer)).token_to_id(END)
    assert all(document.index(end) == len(document) - 1 for document in found), "a document ends where it says"


def test_columns_beside_a_shard_are_by_its_documents(released: Path, rows: list[dict[str, Any]]) -> None:
    tables = [pq.read_table(f"{prefix}.columns.parquet") for prefix in prefixes(released)]
    assert [len(list(documents_of(prefix))) for prefix in prefixes(released)] == [table.num_rows for table in tables]
    others = pa.concat_tables(tables).drop_columns("row").to_pylist()
    assert others == [{name: row[name] for name in row if name != "text"} for row in rows]


def test_the_manifest_names_the_tokenizer_by_its_hash(released: Path, tokenizer: Path) -> None:
    manifest = json.loads((released / "release.json").read_bytes())
    assert manifest["job"]["release"]["tokenizer"] == hashlib.sha256(tokenizer.read_bytes()).hexdigest()
    paths = [entry["path"] for entry in manifest["files"] + manifest["other_files"]]
    assert sorted(path for path in paths if path.startswith("data/")) == sorted(
        path.relative_to(released).as_posix() for path in (released / "data").iterdir()
    )


@pytest.mark.parametrize(
    ("end", "kind"), [(256, np.uint16), (65_498, np.uint16), (65_499, np.int32), (100_257, np.int32)]
)
def test_tokens_are_as_wide_as_the_vocabulary_needs(tmp_path: Path, end: int, kind: type) -> None:
    release = Release(
        format="megatron",
        tokenizer=str(ranks(tmp_path, words=())),  # type: ignore[arg-type]
        tokenizer_pattern="cl100k_base",
        end_of_document=end,
    )
    schema = pa.schema([pa.field("id", pa.string(), nullable=False), pa.field("text", pa.string(), nullable=False)])
    outbox = Outbox(open_storage(str(tmp_path)), "stages/test")
    with MEGATRON.write(outbox, schema, release) as write:
        write(pa.table([["one", "two"], ["ab", ""]], schema=schema))
        write(schema.empty_table())
    outbox.store()
    data = (tmp_path / outbox.files["shard"].key).read_bytes()
    assert np.frombuffer(data, kind).tolist() == [97, 98, end, end]
    assert outbox.files["index"].rows == 2


@pytest.mark.parametrize(
    ("settings", "mistake"),
    [
        ('format = "megatron"', 'release: format = "megatron" needs tokenizer and end_of_document'),
        ('tokenizer = "{json}"', 'tokenizer: only format = "megatron" holds tokens'),
        ("end_of_document = 3", 'end_of_document: only format = "megatron" holds tokens'),
        ('format = "megatron"\ntokenizer = "{json}"\nend_of_document = "<eos>"', "no token is named '<eos>'"),
        ('format = "megatron"\ntokenizer = "{json}"\nend_of_document = -1', "greater than or equal to 0"),
        ('format = "megatron"\ntokenizer = "{ranks}"\nend_of_document = 5', "ranks need tokenizer_pattern"),
        (
            'format = "megatron"\ntokenizer = "{ranks}"\ntokenizer_pattern = "gpt2"\nend_of_document = "<eos>"',
            "no token is named '<eos>'; give the name of one, or its number",
        ),
        ('format = "megatron"\ntokenizer = "nowhere.json"\nend_of_document = 5', "there is no file"),
    ],
)
def test_mistakes_are_told_before_anything_runs(tmp_path: Path, settings: str, mistake: str) -> None:
    text = settings.replace("{json}", str(hugging_face(tmp_path))).replace("{ranks}", str(ranks(tmp_path)))
    with pytest.raises(JobError) as told:
        spec_of(tmp_path, tmp_path / "out", text)
    assert mistake in str(told.value)


def test_another_tokenizer_makes_another_release(raw: Path, tmp_path: Path) -> None:
    (tmp_path / "tokenizers").mkdir()
    target = tmp_path / "out"

    def run(vocabulary: int) -> tuple[int, list[str]]:
        path = hugging_face(tmp_path / "tokenizers", vocabulary=vocabulary)
        settings = f'format = "megatron"\ntokenizer = "{path}"\nend_of_document = "{END}"'
        published = run_quietly(spec_of(raw, target, settings))
        return published.number, [entry["sha256"] for entry in published.manifest["files"]]

    (first, hashes), (second, others), (third, again) = run(400), run(300), run(300)
    assert (first, second, third) == (1, 2, 2)
    assert not set(hashes) & set(others)
    assert others == again


READERS = Path(__file__).parents[3] / ".venv-readers" / "bin" / "python"
READ_MEGATRON = """
import json, sys
from megatron.core.datasets.indexed_dataset import IndexedDataset
for prefix in sys.argv[1:]:
    shard = IndexedDataset(prefix)
    for begin, end in zip(shard.document_indices[:-1], shard.document_indices[1:]):
        print(json.dumps([int(token) for sequence in range(begin, end) for token in shard[sequence]]))
"""


@pytest.mark.skipif(not READERS.exists(), reason="needs `make readers`: Megatron comes with 6 GB of torch")
def test_megatron_opens_the_release(released: Path, rows: list[dict[str, Any]], tokenizer: Path) -> None:
    command = [str(READERS), "-c", READ_MEGATRON, *map(str, prefixes(released))]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    found = [json.loads(line) for line in ran.stdout.splitlines()]
    assert stream(found) == stream(expected(rows, tokenizer))
    assert len(found) == len(rows)
