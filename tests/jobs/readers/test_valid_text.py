import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from jobs.readers.valid_text import checked

VALUES = st.none() | st.binary(max_size=6) | st.text(max_size=6).map(str.encode)


def decodes(value: bytes | None) -> bool:
    try:
        return value is None or value.decode() is not None
    except UnicodeDecodeError:
        return False


@given(st.lists(st.tuples(VALUES, VALUES), max_size=20), st.integers(0, 3))
def test_every_row_is_kept_or_set_aside(rows: list[tuple[bytes | None, bytes | None]], offset: int) -> None:
    texts, ids = (pa.array([row[n] for row in rows], pa.binary()).slice(offset) for n in (0, 1))
    rows = rows[offset:]
    batch = checked(pa.array(range(len(rows)), pa.int64()), {"text": texts, "id": ids})
    batch.rows.validate(full=True)
    good = [n for n, (text, uid) in enumerate(rows) if text is not None and decodes(text) and decodes(uid)]
    assert batch.rows["position"].to_pylist() == good
    assert batch.rows["text"].to_pylist() == [rows[n][0].decode() for n in good]
    assert [entry.position for entry in batch.unreadable] == [n for n in range(len(rows)) if n not in good]
    assert all((entry.reason == "text_null") == (rows[entry.position][0] is None) for entry in batch.unreadable)
