"""Digests of documents' texts: noted by the first pass, part of the lineage, and an index of documents in their order.

Two documents have the same text if it was the same as it was read, or is the same as the first pass left it.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.commits import Commit, Unit
from jobs.outbox import Outbox
from jobs.sorted import LAST_KEY, Sorted, read_range, sorted_files, write_sorted
from jobs.storage import open_storage
from jobs.units import Run, Stage, map_units
from ops.columns import POSITION
from ops.kernels.whole_texts import text_hashes

# Digests of a document's text as it was read, and as the first pass left it: null where that is the same, where a step
# dropped the document, and of texts that have nothing in them.
TEXTS = (pa.field("text_read", pa.uint64()), pa.field("text_kept", pa.uint64()))
_NAMES = [field.name for field in TEXTS]
_NOTED = pa.schema([POSITION, *TEXTS])

# Documents in order of the digests of their texts.
_BY_TEXT = pa.schema([("key", pa.uint64()), ("id", pa.string())])

# Raise it when the index of the same documents has other content.
_VERSION = 1


def texts_of(batch: pa.Table, kept: pa.Table) -> pa.Table:
    """Return what is noted of a batch as it was read, and as steps left those of its documents that they kept.

    Both have `row`, which counts on from document to document as they were read.
    """
    read, left = _digests(batch["text"]), _digests(kept["text"])
    at = np.full(batch.num_rows, -1)
    at[np.asarray(kept["row"]) - batch["row"][0].as_py()] = np.arange(kept.num_rows)
    now = left.take(pa.array(at, mask=at < 0))
    changed = pc.fill_null(pc.not_equal(now, read), True)  # noqa: FBT003 - a value
    return pa.table([batch[POSITION.name], read, pc.if_else(changed, now, None)], schema=_NOTED)


def texts_at(noted: pa.Table, positions: pa.ChunkedArray) -> list[pa.Array]:
    """Return the digests of documents by their positions, which are all noted: a column for each of `TEXTS`."""
    order = np.argsort(np.asarray(noted[POSITION.name]))
    at = np.searchsorted(np.asarray(noted[POSITION.name]), np.asarray(positions), sorter=order)
    return [noted[name].take(pa.array(order[at])).combine_chunks() for name in _NAMES]


def by_text(documents: pa.Table) -> pa.Table:
    """Return a row for each different text of documents, in order of its digest; none of those whose are not known."""
    names = [name for name in _NAMES if name in documents.column_names]
    both = [pa.table([documents[name], documents["id"]], schema=_BY_TEXT) for name in names]
    found = pa.concat_tables([_BY_TEXT.empty_table(), *both])
    return found.filter(found["key"].is_valid()).sort_by([(name, "ascending") for name in _BY_TEXT.names])


def index_texts(run: Run, lineage: Sequence[Commit]) -> list[Sorted]:
    """Index documents by their texts, each group of the lineage apart; groups of which nothing changed are there.

    Only where copies of something are looked for: no run without that pays for it.
    """
    groups = {commit.unit: part for commit in lineage for part in sorted_files([commit], "documents")}
    units = [Unit(f"{name}-{_VERSION}", {}, part.file.bytes) for name, part in groups.items()]
    stage = Stage("stages/01-lineage.texts", "lineage: texts")
    work = partial(_texts_unit, groups=groups, storage_url=run.storage.url)
    return sorted_files(map_units(run, stage, units, work), "texts")


def _texts_unit(unit: Unit, outbox: Outbox, *, groups: dict[str, Sorted], storage_url: str) -> dict[str, Any]:
    part = groups[unit.name.removesuffix(f"-{_VERSION}")]
    tables: Iterator[pa.Table] = read_range(
        open_storage(storage_url), part, "key", 0, LAST_KEY, columns=["key", "id", *_NAMES]
    )
    return {"texts": write_sorted(outbox, "texts", by_text(pa.concat_tables(tables)), "key")}


def _digests(texts: pa.ChunkedArray) -> pa.Array:
    has_words = pc.match_substring_regex(texts, r"[^\s\p{Z}]").combine_chunks()
    return pc.if_else(has_words, pa.array(text_hashes(texts)), None)
