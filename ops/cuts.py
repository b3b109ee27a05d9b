"""What an edit cuts out of texts: it goes from them, and on record, by one function that all such edits call."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ops.columns import CUT, CUTS, with_column
from ops.edits.unicode import replace_text
from ops.kernels.buffers import Bytes, Offsets, buffers_of, one_chunk
from ops.kernels.cuts import stretches, without

CUT_CHARS_MAX = 200


def cut_out(batch: pa.Table, rows: NDArray[np.int64], cuts: NDArray[np.int64], kinds: pa.Array) -> pa.Table:
    r"""Take stretches out of `text` and put them on record in the column `CUTS`, which the runner writes to the ledger.

    `cuts` are n x 2, from which byte to which in the buffer of the column, in order and apart; `rows` tells whose each
    is, and `kinds` why it goes. A batch of which nothing is cut keeps the text that it has.

    >>> batch = pa.table({"text": ["Home\nOne.", "Two."]})
    >>> made = cut_out(batch, np.array([0]), np.array([[0, 5]]), pa.array(["menu"]))
    >>> made["text"].to_pylist(), made["cuts"].to_pylist()
    (['One.', 'Two.'], [[{'kind': 'menu', 'at': 0, 'bytes': 5, 'text': 'Home\n'}], None])
    """
    if not len(cuts):
        return with_column(batch, CUTS, pa.nulls(batch.num_rows, CUTS.type))
    data, offsets = buffers_of(one_chunk(batch["text"]))
    recorded = with_column(batch, CUTS, _record(offsets, rows, cuts, kinds, stretches(data, cuts, CUT_CHARS_MAX)))
    return replace_text(recorded, without(data, offsets, cuts))


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
        return with_column(batch, CUTS, pa.nulls(batch.num_rows, CUTS.type))
    text = one_chunk(batch["text"])
    data, offsets = buffers_of(text)
    changed, first = np.unique(rows, return_index=True)
    ends = [*first[1:], len(rows)]
    bounds = zip(offsets[changed], offsets[changed + 1], first, ends, strict=True)
    texts = [_replaced(data, begin, end, cuts[one:other], by[one:other]) for begin, end, one, other in bounds]
    is_changed = np.zeros(len(text), np.bool_)
    is_changed[changed] = True
    recorded = with_column(batch, CUTS, _record(offsets, rows, cuts, kinds, by))
    return replace_text(recorded, pc.replace_with_mask(text, pa.array(is_changed), pa.array(texts, pa.string())))


def _replaced(data: Bytes, begin: int, end: int, cuts: NDArray[np.int64], by: pa.Array) -> str:
    parts = []
    for (left, right), new in zip(cuts.tolist(), by.to_pylist(), strict=True):
        parts += [data[begin:left].tobytes(), new.encode()]
        begin = right
    return b"".join([*parts, data[begin:end].tobytes()]).decode()


def _record(
    offsets: Offsets, rows: NDArray[np.int64], cuts: NDArray[np.int64], kinds: pa.Array, texts: pa.Array
) -> pa.Array:
    columns = [kinds, pa.array(cuts[:, 0] - offsets[rows]), pa.array(cuts[:, 1] - cuts[:, 0]), texts]
    count = np.bincount(rows, minlength=len(offsets) - 1)
    starts = np.concatenate([[0], np.cumsum(count)]).astype(np.int32)
    values = pa.StructArray.from_arrays(columns, fields=list(CUT))
    return pa.ListArray.from_arrays(pa.array(starts), values, type=CUTS.type, mask=pa.array(count == 0))
