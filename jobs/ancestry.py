"""Ancestry: what shards tell of where their documents came from, as the columns `origin`, `parents` and `depth`."""

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from jobs.readers.records import Records, unreadable
from ops.columns import DOCUMENT, ORIGINS
from ops.dedup.values import numbers

_PARENTS, _DEPTH = DOCUMENT.field("parents").type, DOCUMENT.field("depth").type
_DEEPEST = np.iinfo(np.int8).max

# Of a chat or a draft: what a source says that people wrote, and of which a part may be a model's.
_OF_PEOPLE = ("real", "unknown")


def with_known_origins(records: Records) -> Records:
    """Set aside the records whose `origin` is no such word: what was meant is nobody's to guess.

    A blank one is not told. Spaces around a word and capitals do not matter.
    """
    rows = records.rows
    if "origin" not in rows.column_names:
        return records
    told = pc.utf8_lower(pc.utf8_trim_whitespace(rows["origin"]))
    told = pc.if_else(pc.equal(told, ""), None, told)
    known = pc.or_(pc.is_null(told), pc.is_in(told, pa.array(ORIGINS)))
    rows = rows.set_column(rows.schema.get_field_index("origin"), "origin", told)
    if pc.all(known).as_py():
        return records.leaving(rows, ())
    odd = rows.filter(pc.invert(known)).select(["position", "origin"]).to_pylist()
    aside = (unreadable(one["position"], "no_known_origin", one["origin"].encode()) for one in odd)
    return records.leaving(rows.filter(known), aside)


def origins_of(told: pa.ChunkedArray | None, spoken_by: pa.ChunkedArray | None, otherwise: str, rows: int) -> pa.Table:
    """Return each document's `origin` and what it rests on.

    told: by the documents themselves, which is never overwritten
    spoken_by: what follows from who spoke in a chat, or wrote over a draft, where the source says that people did;
        null: nothing
    otherwise: what the source says of all of its documents

    >>> origins_of(pa.chunked_array([["rewrite", None, None]]), pa.chunked_array([["mixed"] * 2 + [None]]), "real", 3)[
    ...     "origin"
    ... ].to_pylist()
    ['rewrite', 'mixed', 'real']
    """
    own = pa.chunked_array([pa.nulls(rows, pa.string())]) if told is None else told
    rule = pa.chunked_array([pa.repeat(pa.scalar(otherwise), rows)])
    if spoken_by is not None and otherwise in _OF_PEOPLE:
        rule = pc.coalesce(spoken_by, rule)
    basis = pc.if_else(pc.is_valid(own), "declared", "source_rule")
    return pa.table({"origin": pc.coalesce(own, rule), "origin_basis": basis})


def generators_of(
    told: pa.Array | pa.ChunkedArray, spoken_by: pa.ChunkedArray | None, origins: pa.Table
) -> pa.Array | pa.ChunkedArray:
    """Return each document's generator: none where people alone spoke, whatever is said of its source.

    spoken_by, origins: as of `origins_of`, and what it returned
    """
    if spoken_by is None:
        return told
    by_rule = pc.equal(origins["origin_basis"], "source_rule")
    of_people = pc.and_(pc.is_null(spoken_by), pc.is_in(origins["origin"], pa.array(_OF_PEOPLE)))
    return pc.if_else(pc.and_(by_rule, of_people), None, told)


def parents_of(told: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Return the ids of each document's parents; null where it tells none.

    A list column is told as its JSON, a string is one id.

    >>> parents_of(pa.array(['["a","b",null]', "web-7", "[draft] 3", "[]", " ", None])).to_pylist()
    [['a', 'b'], ['web-7'], ['[draft] 3'], None, None, None]
    """
    if told.null_count == len(told):
        return pa.nulls(len(told), _PARENTS)
    return pa.array([_ids(value) for value in told.to_pylist()], _PARENTS)


def depth_of(told: pa.Array | pa.ChunkedArray, otherwise: NDArray[np.int8]) -> pa.Array:
    """Return the generations between each document and real text; `otherwise` where it tells no number.

    >>> depth_of(pa.array(["2", "-1", "1000", "deep", None]), np.array([0, 1, 1, 1, 0], np.int8)).to_pylist()
    [2, 0, 127, 1, 0]
    """
    if told.null_count == len(told):
        return pa.array(otherwise, _DEPTH)
    values = numbers(pa.chunked_array([told]) if isinstance(told, pa.Array) else told)
    return pa.array(np.clip(np.where(np.isnan(values), otherwise, values), 0, _DEEPEST).astype(np.int8))


def _ids(value: str | None) -> list[str] | None:
    if value is None or not value.strip():
        return None
    if value.startswith("["):
        try:
            listed = orjson.loads(value)
        except orjson.JSONDecodeError:
            return [value]
        return [one if isinstance(one, str) else str(one) for one in listed if one not in (None, "")] or None
    return [value]
