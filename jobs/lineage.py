"""Lineage: every document that a job reads, found by its id; its children, found by the parent's; its end, by its own.

    pass over raw shards -> documents kept, and a table of those dropped -> documents and children, in order of key
    ledger -> what was dropped and why, in order of key

Both for groups of units. What steps drop is told, too: a child may name a parent that is in no release. No text is
read.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.commits import Commit, File, Unit, digest, read_commits
from jobs.lineage_texts import TEXT_DIGEST
from jobs.outbox import Outbox, read_table
from jobs.sorted import Sorted, by_digest, sorted_files, write_sorted
from jobs.storage import Storage, open_storage
from jobs.units import Run, Stage, map_units
from ops.columns import DOCUMENT, DROPPED, POSITION
from ops.kernels.hashing import digests

# What is known of each document that the first pass read: as it left it, or as it came where a step dropped it.
READ = pa.schema(
    [
        *(DOCUMENT.field(name) for name in ("id", "parents", "url", "license", "generator")),
        pa.field("prompt_hash", pa.string()),  # null where no source maps it
        POSITION,
        TEXT_DIGEST,
    ]
)

# Documents in order of a digest of their ids.
_KEY = pa.field("key", pa.uint64())
DOCUMENTS = pa.schema([_KEY, *READ, pa.field("source", pa.string()), pa.field("path", pa.string())])

# Children in order of a digest of their parent's id.
CHILDREN = pa.schema([_KEY, pa.field("parent", pa.string()), pa.field("id", pa.string())])

# What steps dropped, in order of a digest of its id.
ENDS = pa.schema(
    [
        _KEY,
        *(DROPPED.field(name) for name in ("id", "source", "position", "step", "reason", "kept_id")),
        pa.field("path", pa.string()),
    ]
)

# What both are in order of; only ids that are used again need more than the key.
_ORDER = ("key", "id", "source", "path", "position")

# A search opens a file for each group; a group is put in order in memory, at some 350 bytes a row. A night writes one
# or two of them anew, 70 ms for 128 K rows: so those of a small corpus are shorter.
_GROUP_ROWS_MAX = 128 * 1024
_GROUPS_WANTED = 16
_GROUPS_MAX = 2  # as long as a group may become

# Of an index's row, about.
_ROW_BYTES = 120

# Raise it when an index of the same documents has other content.
_VERSION = 3


@dataclass(frozen=True)
class Index:
    """Commits of a stage, one for each group."""

    folder: str
    commits: tuple[Commit, ...]

    def files(self, role: str) -> list[Sorted]:
        """Sorted files: `documents` and `children` of lineage, or `ends`."""
        return sorted_files(self.commits, role)

    def place(self) -> dict[str, Any]:
        """Where later releases find it."""
        return {"folder": self.folder, "units": [commit.unit for commit in self.commits]}


def indexes_at(storage: Storage, places: Sequence[dict[str, Any]]) -> list[Index]:
    """Return the indexes that manifests name; what was deleted of them is not in them."""
    units: dict[str, set[str]] = {}
    for place in places:
        units.setdefault(place.get("folder", ""), set()).update(place.get("units", ()))
    found = {folder: read_commits(storage, folder, sorted(names)) for folder, names in units.items() if names}
    return [
        Index(folder, tuple(found[folder][unit] for unit in place["units"] if unit in found[folder]))
        if (folder := place.get("folder", "")) in found
        else Index(folder, ())
        for place in places
    ]


def lineage_of(batch: pa.Table) -> pa.Table:
    """Return what is noted of documents."""
    there = set(batch.column_names)
    columns = [batch[field.name] if field.name in there else pa.nulls(batch.num_rows, field.type) for field in READ]
    return pa.table(columns, schema=READ)


def keys_of(ids: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Return what ids are in order of."""
    return pa.array(digests(ids)[:, 0])


def index_lineage(run: Run, first: Sequence[Commit]) -> Index:
    """Index the documents that the first pass read; groups of which nothing changed are there already."""
    shards = {one.unit: one for one in first}
    groups = [[shards[name] for name in names] for names in grouped([(one.unit, _rows(one)) for one in first])]
    by_name = {digest([_identity(one) for one in group]): group for group in groups}
    units = [Unit(name, {}, sum(map(_rows, group)) * _ROW_BYTES) for name, group in by_name.items()]
    folder = f"stages/01-lineage-{digest(_VERSION)}"
    work = partial(_lineage_unit, groups=by_name, storage_url=run.storage.url)
    return Index(folder, tuple(map_units(run, Stage(folder, "lineage"), units, work)))


def _told(commit: Commit) -> list[File]:
    """Files that hold the documents that a unit of the first pass read."""
    return [commit.files[role] for role in ("data", "lost") if role in commit.files]


def _identity(commit: Commit) -> list[str]:
    return [commit.reads["path"], *(file.sha256 for file in _told(commit))]


def _rows(commit: Commit) -> int:
    return sum(file.rows for file in _told(commit))


def index_ends(run: Run, drops: Iterable[tuple[str, File]]) -> Index:
    """Index what a run's ledger says was dropped: its files, each with the path of the raw shard that it tells of."""
    files = {digest(path, file.key): (path, file) for path, file in drops}
    groups = [[files[name] for name in names] for names in grouped([(name, files[name][1].rows) for name in files])]
    by_name = {digest([[path, file.sha256] for path, file in group]): group for group in groups}
    units = [Unit(name, {}, sum(file.bytes for _, file in group)) for name, group in by_name.items()]
    folder = f"stages/99-ends-{digest(_VERSION)}"
    work = partial(_ends_unit, groups=by_name, storage_url=run.storage.url)
    return Index(folder, tuple(map_units(run, Stage(folder, "release: ends"), units, work)))


def grouped(sized: Sequence[tuple[str, int]]) -> Iterator[list[str]]:
    """Cut names into groups of about `_group_rows`, after names that their own digest and number of rows choose.

    So what comes or goes changes a group or two, wherever in the order it is.

    >>> [len(group) for group in grouped([(str(n), 40_000) for n in range(60)])][:6]
    [2, 2, 1, 2, 1, 5]
    """
    group_rows = _group_rows(sum(rows for _, rows in sized))
    group: list[str] = []
    size = 0
    for name, rows in sized:
        group.append(name)
        size += rows
        is_chosen = int(digest(name), 16) / 2**64 < rows / group_rows
        if is_chosen or size >= _GROUPS_MAX * group_rows:
            yield group
            group, size = [], 0
    if group:
        yield group


def _group_rows(rows: int) -> int:
    """Rows of a group of a corpus of so many: a power of two, which stays while the corpus grows a little.

    >>> [_group_rows(rows) for rows in (0, 1_000_000, 1_040_000, 10**9)]
    [1, 32768, 32768, 131072]
    """
    return min(_GROUP_ROWS_MAX, 1 << (max(1, rows // _GROUPS_WANTED).bit_length() - 1))


def _lineage_unit(unit: Unit, outbox: Outbox, *, groups: dict[str, list[Commit]], storage_url: str) -> dict[str, Any]:
    storage = open_storage(storage_url)
    tables = [
        _placed(lineage_of(read_table(storage, file, READ.names)), one.reads)  # those that there are of the columns
        for one in groups[unit.name]
        for file in _told(one)
    ]
    documents = by_digest(pa.concat_tables(tables), _ORDER)
    children = _children(documents.select(["id", "parents"]).combine_chunks())
    return {
        "documents": write_sorted(outbox, "documents", documents, "key"),
        "children": write_sorted(outbox, "children", children, "key"),
    }


def _placed(read: pa.Table, shard: dict[str, Any]) -> pa.Table:
    where = [pa.repeat(pa.scalar(shard[name]), read.num_rows) for name in ("source", "path")]
    return pa.table([keys_of(read["id"]), *read.columns, *where], schema=DOCUMENTS)


def _children(documents: pa.Table) -> pa.Table:
    """Return a row for each parent that a document names."""
    lists = documents["parents"].combine_chunks()
    parents, of = pc.list_flatten(lists), pc.list_parent_indices(lists)
    named = pa.array(np.flatnonzero(np.asarray(parents.is_valid())))
    parents, of = parents.take(named), of.take(named)
    found = pa.table([keys_of(parents), parents, documents["id"].take(of)], schema=CHILDREN)
    return found.sort_by([(name, "ascending") for name in CHILDREN.names])


def _ends_unit(
    unit: Unit, outbox: Outbox, *, groups: dict[str, list[tuple[str, File]]], storage_url: str
) -> dict[str, Any]:
    storage = open_storage(storage_url)
    tables = []
    for path, file in groups[unit.name]:
        ledger = read_table(storage, file, ENDS.names[1:-1])
        columns = [keys_of(ledger["id"]), *ledger.columns, pa.repeat(pa.scalar(path), ledger.num_rows)]
        tables.append(pa.table(columns, schema=ENDS))
    return {"ends": write_sorted(outbox, "ends", by_digest(pa.concat_tables(tables), _ORDER), "key")}
