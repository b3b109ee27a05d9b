"""Samples of documents by hash: of each group those with the lowest numbers, up to so many tokens.

A document's number is a hash of its id, so which ones are sampled does not depend on the order in which they come, nor
on what they are cut into. Rows: a document's group, its `rank`, and `tokens` and `window`, which are null where the
documents before it in its group were enough.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ops.collapse.metrics import Sample
from ops.kernels.hashing import mix64_all

# The salt that cuts samples in two; those of draws are other numbers.
_REFERENCE = 2**32


def thinned(rows: pa.Table, groups: Sequence[str], caps: NDArray[np.int64]) -> pa.Table:
    """Return the same rows without the tokens of those that their group does not need.

    `caps` says for each row how many tokens its group needs: the first documents by rank that have as many.
    """
    return _thinned(rows, *_in_order(rows, groups), caps)


def _thinned(rows: pa.Table, order: NDArray[np.int64], firsts: NDArray[np.int64], caps: NDArray[np.int64]) -> pa.Table:
    sizes = _sizes(rows)[order]
    before = np.cumsum(sizes) - sizes
    needed = np.zeros(rows.num_rows, np.bool_)
    needed[order] = before - before[firsts] < caps[order]
    for name in ("tokens", "window"):
        column = pc.if_else(pa.array(needed), rows[name].combine_chunks(), None)
        rows = rows.set_column(rows.schema.get_field_index(name), name, column)
    return rows


def condensed(rows: pa.Table, groups: Sequence[str], caps: NDArray[np.int64]) -> pa.Table:
    """Return the rows that tell all of each group's sample: its documents, and the first that lacks its tokens, if any.

    `condensed` of what it returns for several tables is what it returns for all of their rows.
    """
    order, firsts = _in_order(rows, groups)
    rows = _thinned(rows, order, firsts, caps)
    lacks = np.asarray(rows["tokens"].is_null())[order]
    lacking = np.cumsum(lacks) - lacks
    return rows.take(pa.array(order[lacking == lacking[firsts]]))


def in_proportion(rows: pa.Table) -> pa.Table:
    """Return one sample of what `condensed` returned of all groups: the documents before the rank that all reach."""
    ranks, lacks = np.asarray(rows["rank"], np.uint64), np.asarray(rows["tokens"].is_null())
    return rows.filter(pa.array(ranks < ranks[lacks].min())) if lacks.any() else rows


def tokens_in(rows: pa.Table) -> int:
    """Count the tokens of all documents of a sample."""
    return int(_sizes(rows).sum())


def parted(rows: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Cut documents by a hash into a quarter, which others are compared with, and the rest."""
    first = _drawn(rows, _REFERENCE) < np.uint64(2**62)
    return rows.filter(pa.array(first)), rows.filter(pa.array(~first))


def drawn(rows: pa.Table, salt: int, tokens_max: int) -> Sample:
    """Draw documents until they have exactly so many tokens: the last one is cut; another salt draws others."""
    rows = rows.take(pa.array(np.lexsort((np.asarray(rows["rank"], np.uint64), _drawn(rows, salt)))))
    ends = np.cumsum(_sizes(rows))
    rows = rows.slice(0, int(np.searchsorted(ends, tokens_max)) + 1)
    tokens = np.asarray(pc.list_flatten(rows["tokens"]).combine_chunks(), np.uint32)[:tokens_max]
    starts = np.concatenate([[0], ends[: max(0, rows.num_rows - 1)]])
    return Sample(tokens, starts, b"".join(rows["window"].to_pylist()))


def _in_order(rows: pa.Table, groups: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rows in order of (group, rank), and for each where in that order its group begins."""
    told = [pc.fill_null(rows[name].cast(pa.string()), "\0") for name in groups]
    named = pc.binary_join_element_wise(*told, "\1") if told else pa.repeat(pa.scalar(""), rows.num_rows)
    coded = named.combine_chunks() if isinstance(named, pa.ChunkedArray) else named
    group = np.asarray(coded.dictionary_encode().indices)
    order = np.lexsort((np.asarray(rows["rank"], np.uint64), group))
    begins = np.diff(group[order], prepend=-1) != 0
    return order, np.maximum.accumulate(np.where(begins, np.arange(len(order)), 0))


def _sizes(rows: pa.Table) -> NDArray[np.int64]:
    return np.asarray(pc.fill_null(pc.list_value_length(rows["tokens"]), 0), np.int64)


def _drawn(rows: pa.Table, salt: int) -> NDArray[np.uint64]:
    return mix64_all(np.asarray(rows["rank"], np.uint64) ^ mix64_all(np.array([salt], np.uint64))[0])
