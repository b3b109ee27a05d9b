"""Digests of documents' texts: noted by the first pass, part of the lineage, and an index of documents in their order.

Of a document that the first pass keeps its text as it leaves it, of one that a step drops its text as it was read.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from jobs.commits import Commit, Unit
from jobs.outbox import Outbox
from jobs.sorted import LAST_KEY, Sorted, by_digest, read_range, sorted_files, write_sorted
from jobs.storage import open_storage
from jobs.units import Run, Stage, map_units
from ops.kernels.whole_texts import text_hashes

# Null of texts that have nothing in them.
TEXT_DIGEST = pa.field("_text_digest", pa.uint64())

# Documents in order of the digests of their texts.
_BY_TEXT = pa.schema([("key", pa.uint64()), ("id", pa.string())])

# Raise it when the index of the same documents has other content.
_VERSION = 1


def with_text_digests(batch: pa.Table) -> pa.Table:
    """Add the digests of documents' texts: 63 bits each, at the speed of memory."""
    has_words = pc.match_substring_regex(batch["text"], r"[^\s\p{Z}]").combine_chunks()
    digests = pc.if_else(has_words, pa.array(text_hashes(batch["text"])), None)
    return batch.append_column(TEXT_DIGEST, digests)


def by_text(documents: pa.Table) -> pa.Table:
    """Return documents in order of the digests of their texts; none of those whose are not known."""
    if TEXT_DIGEST.name not in documents.column_names:
        return _BY_TEXT.empty_table()
    found = pa.table([documents[TEXT_DIGEST.name], documents["id"]], schema=_BY_TEXT)
    return by_digest(found.filter(found["key"].is_valid()), _BY_TEXT.names)


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
    columns = ["key", "id", TEXT_DIGEST.name]
    tables = read_range(open_storage(storage_url), part, "key", 0, LAST_KEY, columns=columns)
    return {"texts": write_sorted(outbox, "texts", by_text(pa.concat_tables(tables)), "key")}
