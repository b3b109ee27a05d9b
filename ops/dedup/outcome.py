"""What a dedup survey says: who goes for whom, and what those who stay stand for."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ops.columns import VERDICT
from ops.contract import with_notes

# The report draws the similarity of removed pairs in steps of 0.05.
SIMILARITY_STEPS = 20


def replaced(
    goes: pa.Table,
    keeper: pa.Table,
    reason: str,
    similarity: NDArray[np.float64] | None = None,
    threshold: float | None = None,
    **counts: int,
) -> pa.Table:
    """Return verdicts, in order of address, for documents and for those kept in their place.

    `goes` and `keeper` (`id`, `at`, `source`) have a row for each document that goes. A kept document gets a row for
    what it stands for: these documents, and those that they stood for themselves (`copies`).
    """
    rows = goes.num_rows
    columns = [
        goes["at"],
        pa.repeat(pa.scalar(reason), rows),
        pa.nulls(rows, pa.float64()) if similarity is None else pa.array(similarity, pa.float64()),
        pa.repeat(pa.scalar(threshold, pa.float64()), rows),
        keeper["id"],
        pa.nulls(rows, pa.int64()),
        pa.nulls(rows, VERDICT.field("copy_sources").type),
    ]
    gone = pa.table(columns, schema=VERDICT)
    ones = np.ones(rows) if similarity is None else similarity
    notes = {
        "similarity": np.bincount(_steps(ones), minlength=SIMILARITY_STEPS).tolist(),
        "between": _between(goes["source"], keeper["source"]),
        **counts,
    }
    return with_notes(pa.concat_tables([gone, _kept(goes, keeper)]).sort_by("at"), **notes)


def summed(notes: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Add up what verdicts of many tables told.

    >>> summed([{"n": 1, "of": {"a": [1, 2]}}, {"n": 2, "of": {"a": [1, 0], "b": [3]}}])
    {'n': 3, 'of': {'a': [2, 2], 'b': [3]}}
    """
    total: dict[str, Any] = {}
    for one in notes:
        for name, value in one.items():
            total[name] = _sum(total[name], value) if name in total else value
    return total


def _sum(one: Any, two: Any) -> Any:
    if isinstance(one, dict):
        return summed([one, two])
    return [a + b for a, b in zip(one, two, strict=True)] if isinstance(one, list) else one + two


def _kept(goes: pa.Table, keeper: pa.Table) -> pa.Table:
    """A row for each kept document: how many it stands for, and which sources they are of, in order of name."""
    at = np.asarray(keeper["at"])
    kept, place = np.unique(at, return_inverse=True)
    copies = np.bincount(place, weights=1 + np.asarray(goes["copies"]), minlength=len(kept)).astype(np.int64)
    names = pa.chunked_array(
        [*goes["source"].chunks, pc.list_flatten(goes["copy_sources"]).combine_chunks()], pa.string()
    )
    parents = np.asarray(pc.list_parent_indices(goes["copy_sources"].combine_chunks()))
    sources = name_lists(kept, np.concatenate([at, at[parents]]), names)
    nulls = [pa.nulls(len(kept), VERDICT.field(name).type) for name in VERDICT.names[1:5]]
    return pa.table([pa.array(kept), *nulls, pa.array(copies), sources], schema=VERDICT)


def name_lists(groups: NDArray[np.int64], of: NDArray[np.int64], names: pa.ChunkedArray) -> pa.ListArray:
    """Return, for each of the groups, which are in order, the distinct names that are of it, in order.

    >>> name_lists(np.array([1, 5]), np.array([5, 5, 5]), pa.chunked_array([["b", "a", "b"]])).to_pylist()
    [[], ['a', 'b']]
    """
    pairs = pa.table({"of": pa.array(of), "name": names}).group_by(["of", "name"]).aggregate([])
    ordered = pairs.sort_by([("of", "ascending"), ("name", "ascending")])
    numbers = np.asarray(ordered["of"])
    starts, ends = np.searchsorted(numbers, groups), np.searchsorted(numbers, groups, side="right")
    offsets = pa.array(np.append(starts, ends[-1] if len(ends) else 0).astype(np.int32))
    return pa.ListArray.from_arrays(offsets, ordered["name"].combine_chunks())


def _between(gone: pa.ChunkedArray, kept: pa.ChunkedArray) -> dict[str, dict[str, int]]:
    """Count the documents that went, by the source of the one kept and by their own."""
    pairs = pa.table({"kept": kept, "gone": gone}).group_by(["kept", "gone"]).aggregate([([], "count_all")])
    told: dict[str, dict[str, int]] = {}
    for row in pairs.to_pylist():
        told.setdefault(row["kept"], {})[row["gone"]] = row["count_all"]
    return told


def _steps(similarity: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.minimum((similarity * SIMILARITY_STEPS + 1e-9).astype(np.int64), SIMILARITY_STEPS - 1)
