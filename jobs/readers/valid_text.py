"""Raw columns in, Records out: whole columns are validated at once, rows are searched only when that fails."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from jobs.readers.records import Reason, Records, TextAs, Unreadable, unreadable


def checked(positions: pa.Array, columns: Mapping[str, pa.Array], text_as: TextAs = "plain") -> Records:
    r"""Keep rows whose text is present and whose columns are all valid UTF-8; set the others aside.

    positions: int64, one for each row
    columns: binary arrays by name, "text" among them
    text_as: as bytes, it stays binary, for pages say themselves how they are encoded

    >>> batch = checked(pa.array([7, 8]), {"text": pa.array([b"ok", b"\xff"])})
    >>> batch.rows["position"].to_pylist(), batch.unreadable[0].position, batch.unreadable[0].reason
    ([7], 8, 'invalid_utf8')
    """
    texts = {name: columns[name] for name in columns if not (text_as == "bytes" and name == "text")}
    bad = _bad_rows(None if text_as == "optional" else columns["text"], texts)
    if bad:
        keep = np.ones(len(positions), dtype=bool)
        keep[list(bad)] = False
        mask = pa.array(keep)
        at = {row: positions[row].as_py() for row in bad}
        aside: tuple[Unreadable, ...] = tuple(unreadable(at[row], *bad[row]) for row in sorted(bad))
        positions = positions.filter(mask)
        columns = {name: column.filter(mask) for name, column in columns.items()}
    else:
        aside = ()
    views = {name: column.view(pa.string()) if name in texts else column for name, column in columns.items()}
    return Records(pa.table({"position": positions, **views}), aside)


def is_valid_utf8(column: pa.Array) -> bool:
    r"""Whether every value of a binary column is valid UTF-8.

    >>> is_valid_utf8(pa.array([b"a", None])), is_valid_utf8(pa.array([b"\xed\xa0\x80"]))
    (True, False)
    """
    try:
        column.view(pa.string()).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _bad_rows(required: pa.Array | None, columns: Mapping[str, pa.Array]) -> dict[int, tuple[Reason, bytes]]:
    """Rows that cannot be read, with reason and bytes; the first reason found stays."""
    bad: dict[int, tuple[Reason, bytes]] = {}
    if required is not None and required.null_count:
        bad.update({int(row): ("text_null", b"") for row in np.flatnonzero(required.is_null().to_numpy(False))})  # noqa: FBT003
    for column in columns.values():
        if not is_valid_utf8(column):
            for row, value in _invalid_values(column):
                bad.setdefault(row, ("invalid_utf8", value))
    return bad


def _invalid_values(column: pa.Array) -> list[tuple[int, bytes]]:
    """Rows of a binary column that are not valid UTF-8, with their bytes."""
    return [(row, value) for row, value in enumerate(column.to_pylist()) if value is not None and not _decodes(value)]


def _decodes(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True
