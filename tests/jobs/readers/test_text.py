import gzip
from typing import Any

import pyarrow as pa
import pytest

from jobs.readers import text

COLUMNS = {"text": "text"}


@pytest.mark.parametrize(
    ("data", "compression", "rows", "aside"),
    [
        (b"", "none", [], []),
        (b"a\nb\n", "none", ["a\nb\n"], []),
        (b"\xef\xbb\xbfa", "none", ["a"], []),
        ("中文".encode(), "none", ["中文"], []),
        (b"a\xff", "none", [], ["invalid_utf8"]),
        (gzip.compress(b"a", mtime=0), "gzip", ["a"], []),
        (gzip.compress(b"a", mtime=0)[:-3], "gzip", [], ["truncated"]),
        (gzip.compress(b"a", mtime=0) + b"xxxx", "gzip", [], ["corrupt_compression"]),
    ],
)
def test_a_file_is_a_document(data: bytes, compression: str, rows: list[Any], aside: list[Any]) -> None:
    batches = list(text.read(pa.BufferReader(data), COLUMNS, compression))
    assert [value for batch in batches for value in batch.rows["text"].to_pylist()] == rows
    assert [entry.reason for batch in batches for entry in batch.unreadable] == aside
    assert all(entry.position == 0 for batch in batches for entry in batch.unreadable)
