"""Places: where a document stands in a release: its split, and in a shuffled one a hash of its id and of its copy."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from jobs.commits import digest
from ops.columns import COPY
from ops.kernels.hashing import chance, mix64_all

# The column of documents' splits. Shards of each split are apart: these in this order, then others, by name.
SPLIT = "split"
_SPLITS = ("train", "validation", "test")

PLACE = pa.field("_place", pa.uint64(), nullable=False)


def places_of(batch: pa.Table, seed: int) -> NDArray[np.uint64]:
    """Return each document's place; a document that is there once has the same whether or not others are repeated."""
    place = chance(batch["id"], seed)
    if COPY.name not in batch.column_names:
        return place
    copy = np.asarray(batch[COPY.name]).astype(np.uint64)
    return np.where(copy > 0, mix64_all(place ^ mix64_all(copy)), place)


def order_seed(seed: int) -> int:
    """Return what documents are shuffled by: not the job's seed itself, by which `mix` draws: it keeps one end."""
    return int(digest("order", seed), 16)


def has_splits(columns: Sequence[pa.Field]) -> bool:
    """Whether documents are of splits."""
    return any(field.name == SPLIT for field in columns)


def splits_of(batch: pa.Table) -> dict[str, NDArray[np.bool_]]:
    """Return which documents are of each split; all are of "" where there are none."""
    if SPLIT not in batch.column_names:
        return {"": np.ones(batch.num_rows, np.bool_)}
    of = pc.fill_null(batch[SPLIT], "")
    return {name: np.asarray(pc.equal(of, name)) for name in sorted(pc.unique(of).to_pylist(), key=split_rank)}


def split_rank(split: str) -> tuple[int, str]:
    """Order splits as a release does."""
    return _SPLITS.index(split) if split in _SPLITS else len(_SPLITS), split


def has_phases(split: str) -> bool:
    """Whether documents of a split are in phases: those that are trained with, or all, where there are no splits."""
    return split in ("", "train")
