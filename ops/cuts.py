"""What an edit cuts out of texts: it goes from them, and on record, by one function that all such edits call."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ops.columns import CUT, CUTS, with_column
from ops.kernels.buffers import Offsets, buffers_of, one_chunk
from ops.kernels.cuts import stretches, without

CUT_CHARS_MAX = 200


def cut_out(
    batch: pa.Table,
    rows: NDArray[np.int64],
    cuts: NDArray[np.int64],
    kinds: pa.Array,
    puts: pa.Array | None = None,
) -> pa.Table:
    r"""Take stretches out of `text` and put them on record in the column `CUTS`, which the runner writes to the ledger.

    `cuts` are n x 2, from which byte to which in the buffer of the column, in order and apart; `rows` tells whose each
    is, and `kinds` why it goes. `puts` are strings that stand in their place; none: nothing does. A batch of which
    nothing is cut keeps the text that it has. What an earlier edit of the same step has put on record stays before it.

    >>> batch = pa.table({"text": ["Home\nOne.", "Two."]})
    >>> made = cut_out(batch, np.array([0]), np.array([[0, 5]]), pa.array(["menu"]))
    >>> made["text"].to_pylist(), made["cuts"].to_pylist()
    (['One.', 'Two.'], [[{'kind': 'menu', 'at': 0, 'bytes': 5, 'text': 'Home\n'}], None])
    >>> cut_out(batch, np.array([1]), np.array([[9, 12]]), pa.array(["number"]), pa.array(["2"]))["text"].to_pylist()
    ['Home\nOne.', '2.']
    """
    if not len(cuts):
        return batch if CUTS.name in batch.column_names else _with_cuts(batch, pa.nulls(batch.num_rows, CUTS.type))
    data, offsets = buffers_of(one_chunk(batch["text"]))
    told = stretches(data, cuts, CUT_CHARS_MAX)
    recorded = _with_cuts(batch, _record(offsets, rows, cuts, kinds, told))
    return replace_text(recorded, without(data, offsets, cuts, puts))


def rewrite(
    batch: pa.Table, rows: NDArray[np.bool_], change: Callable[[str], str], kind: str, *, by_line: bool = True
) -> pa.Table:
    r"""Change the texts marked, each of their lines by itself or as wholes, and put on record what was there.

    On record is what was there from the first difference to the last, of a line or a text. Only texts that are marked
    become Python objects: this is for damage that is rare.

    >>> made = rewrite(pa.table({"text": ["a x\nb", "x"]}), np.array([True, False]), lambda s: s.upper(), "small")
    >>> made["text"].to_pylist(), [cut["text"] for cut in made["cuts"][0].as_py()]
    (['A X\nB', 'x'], ['a x', 'b'])
    """
    text = one_chunk(batch["text"])
    _, offsets = buffers_of(text)
    found = [
        (row, offsets[row] + begin, offsets[row] + end, put)
        for row in np.flatnonzero(rows)
        for begin, end, put in _changes(
            text[int(row)].as_py().split("\n") if by_line else [text[int(row)].as_py()], change
        )
    ]
    of = np.array([row for row, _, _, _ in found], np.int64)
    cuts = np.array([(begin, end) for _, begin, end, _ in found], np.int64).reshape(-1, 2)
    puts = pa.array([put for _, _, _, put in found], pa.string())
    return cut_out(batch, of, cuts, pa.repeat(pa.scalar(kind), len(found)), puts)


def replace_text(batch: pa.Table, text: pa.Array) -> pa.Table:
    """Return the batch with another text column, of the type that it had."""
    field = batch.schema.field("text")
    return batch.set_column(batch.schema.get_field_index("text"), field, text.cast(field.type))


def changed_texts(before: pa.Table, after: pa.Table) -> NDArray[np.bool_]:
    """Say which texts differ; at no cost where they are the same buffers."""
    one, other = before["text"], after["text"]
    if _lies_at(one) == _lies_at(other):
        return np.zeros(len(one), np.bool_)
    return np.asarray(pc.not_equal(one, other), np.bool_)


def with_rows(batch: pa.Table, rows: NDArray[np.bool_], made: pa.Table) -> pa.Table:
    """Return a batch with others in the place of some rows."""
    if rows.all():
        return made
    order = np.arange(len(rows))
    order[rows] = len(rows) + np.arange(made.num_rows)
    return pa.concat_tables([batch, made]).take(pa.array(order))


def _lies_at(column: pa.ChunkedArray) -> list[tuple[int, ...]]:
    """Return where in memory a column lies: its contents need not be compared where that is the same."""
    return [
        (part.offset, len(part), *(buffer.address if buffer else 0 for buffer in part.buffers()))
        for part in column.chunks
    ]


def _changes(parts: list[str], change: Callable[[str], str]) -> list[tuple[int, int, str]]:
    """Return what differs of each part that changes: from which byte to which, and what stands there instead."""
    found = []
    at = 0
    for line in parts:
        made = change(line)
        if made != line:
            same = _alike(line, made)
            tail = _alike(line[same:][::-1], made[same:][::-1])
            begin = at + len(line[:same].encode())
            end = begin + len(line[same : len(line) - tail].encode())
            found.append((begin, end, made[same : len(made) - tail]))
        at += len(line.encode()) + 1
    return found


def _alike(one: str, other: str) -> int:
    """Count the characters that two strings have in common at their start."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def replace_out(
    batch: pa.Table, rows: NDArray[np.int64], cuts: NDArray[np.int64], kinds: pa.Array, by: pa.Array
) -> pa.Table:
    """Put other text, `by`, in the place of stretches, as `cut_out` takes them out: for few, that nobody is to read.

    What stood there is not on record: in its place the cuts tell what stands there now.

    >>> batch = pa.table({"text": ["ask a@b.cn", "no"]})
    >>> made = replace_out(batch, np.array([0]), np.array([[4, 10]]), pa.array(["email"]), pa.array(["<EMAIL>"]))
    >>> made["text"].to_pylist(), made["cuts"].to_pylist()
    (['ask <EMAIL>', 'no'], [[{'kind': 'email', 'at': 4, 'bytes': 6, 'text': '<EMAIL>'}], None])
    """
    if not len(cuts):
        return cut_out(batch, rows, cuts, kinds)
    data, offsets = buffers_of(one_chunk(batch["text"]))
    recorded = _with_cuts(batch, _record(offsets, rows, cuts, kinds, by))
    return replace_text(recorded, without(data, offsets, cuts, by))


def _record(
    offsets: Offsets, rows: NDArray[np.int64], cuts: NDArray[np.int64], kinds: pa.Array, texts: pa.Array
) -> pa.Array:
    columns = [kinds, pa.array(cuts[:, 0] - offsets[rows]), pa.array(cuts[:, 1] - cuts[:, 0]), texts]
    return _lists(rows, pa.StructArray.from_arrays(columns, fields=list(CUT)), len(offsets) - 1)


def _with_cuts(batch: pa.Table, cuts: pa.Array) -> pa.Table:
    """Add what an edit cut, behind what those before it cut of the same text."""
    if CUTS.name not in batch.column_names:
        return with_column(batch, CUTS, cuts)
    both = Record(batch.num_rows)
    both.add(batch[CUTS.name])
    both.add(cuts)
    return with_column(batch, CUTS, both.column())


class Record:
    r"""What edits cut of the texts of a batch, one after the other, until it becomes a column.

    >>> record = Record(2)
    >>> record.add(pa.array([[{"kind": "menu", "at": 0, "bytes": 5, "text": "Home\n"}]], CUTS.type), np.array([1]))
    >>> [cuts and cuts[0]["kind"] for cuts in record.column().to_pylist()]
    [None, 'menu']
    """

    def __init__(self, texts: int) -> None:
        self._texts = texts
        self._rows: list[NDArray[np.int64]] = []
        self._cuts: list[pa.StructArray] = []

    def add(self, column: pa.ChunkedArray | pa.Array, rows: NDArray[np.int64] | None = None) -> None:
        """Put the cuts of a column `CUTS` behind those that are there; `rows` are its texts, by default all."""
        if column.null_count == len(column):
            return
        cuts = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        of = np.asarray(pc.list_parent_indices(cuts), np.int64)
        self._rows.append(of if rows is None else rows[of])
        self._cuts.append(pc.list_flatten(cuts))

    def column(self) -> pa.Array:
        """Return a column `CUTS`."""
        if not self._cuts:
            return pa.nulls(self._texts, CUTS.type)
        rows = np.concatenate(self._rows)
        order = np.argsort(rows, kind="stable")
        return _lists(rows[order], pa.concat_arrays(self._cuts).take(pa.array(order)), self._texts)


def _lists(rows: NDArray[np.int64], values: pa.StructArray, count: int) -> pa.Array:
    """Return a list for each of `count` rows, null where it has none; `rows`, in order, tells whose each value is."""
    of_each = np.bincount(rows, minlength=count)
    starts = np.concatenate([[0], np.cumsum(of_each)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(starts), values, type=CUTS.type, mask=pa.array(of_each == 0))
