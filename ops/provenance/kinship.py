"""Kinship: who descends from whom, and who is of one family, among documents that lie together in a table."""

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ops.dedup.near import signature_matrix
from ops.kernels.clusters import Numbers, components
from ops.kernels.groups import begins, groups_of
from ops.kernels.hashing import digests

_DEEPEST = np.iinfo(np.int8).max


def digest_columns(batch: pa.Table) -> dict[str, pa.Array]:
    """Return digests of each document's id, of its parents' ids, and of its family, 0 where it has none.

    That of a family is the other half, so that no id is taken for it.
    """
    parents = pc.fill_null(batch["parents"], pa.scalar([], batch["parents"].type)).combine_chunks()
    offsets = np.append(0, np.cumsum(np.asarray(pc.list_value_length(parents)))).astype(np.int32)
    family = np.zeros(batch.num_rows, np.uint64)
    if "family" in batch.column_names:
        told = np.asarray(batch["family"].is_valid())
        family[told] = digests(batch["family"].drop_null())[:, 1]
    return {
        "own": pa.array(id_digests(batch["id"])),
        "parents": pa.ListArray.from_arrays(pa.array(offsets), pa.array(id_digests(pc.list_flatten(parents)))),
        "family": pa.array(family),
    }


def id_digests(ids: pa.ChunkedArray | pa.Array) -> NDArray[np.uint64]:
    """Return the first 64 bits of the digest of each id, never 0."""
    return np.maximum(digests(ids)[:, 0], np.uint64(1))


def names(batch: pa.Table) -> pa.ChunkedArray:
    """Return the name that each document gives its family: that which it tells, else its least parent, else its id.

    So a document alone has the key already that it will have once its parent, or another of its family, comes.
    """
    given = [batch["id"]]
    if batch["parents"].null_count < batch.num_rows:
        parents = batch["parents"].combine_chunks()
        pairs = pa.table([pc.list_parent_indices(parents), pc.list_flatten(parents)], names=["row", "id"])
        ordered = pairs.sort_by([("row", "ascending"), ("id", "ascending")])
        rows, first = np.unique(np.asarray(ordered["row"]), return_index=True)
        place = np.full(batch.num_rows, -1)
        place[rows] = first
        given = [ordered["id"].take(pa.array(place, mask=place < 0)), *given]
    if "family" in batch.column_names:
        given = [batch["family"], *given]
    return pc.coalesce(*given)


@dataclass
class _Group:
    """Tables whose clusters go on from one to the next; their signatures lie in a file of this machine."""

    minima: int  # of a signature
    tables: list[pa.Table] = field(default_factory=list)
    file: IO[bytes] = field(default_factory=tempfile.TemporaryFile)  # gone with the group

    def add(self, table: pa.Table) -> None:
        signature_matrix(table["signature"], self.minima).tofile(self.file)
        self.tables.append(table.drop_columns("signature"))

    def goes_on(self, table: pa.Table) -> bool:
        return not self.tables or self.tables[-1]["cluster"][-1] == table["cluster"][0]

    def whole(self) -> tuple[pa.Table, NDArray[np.uint32]]:
        table = pa.concat_tables(self.tables)
        self.file.flush()
        return table, np.asarray(np.memmap(self.file, "<u4", "r", shape=(table.num_rows, self.minima)))


def whole_clusters(members: Iterable[pa.Table], minima: int) -> Iterator[tuple[pa.Table, NDArray[np.uint32]]]:
    """Join tables that hold parts of one cluster, and give each with its signatures, documents x minima.

    Signatures, nine tenths of a sketch, are mapped: of a cluster larger than a worker's memory their pages can go.
    """
    group = _Group(minima)
    for table in members:
        if not group.goes_on(table):
            yield group.whole()
            group = _Group(minima)
        group.add(table)
    if group.tables:
        yield group.whole()


@dataclass(frozen=True, eq=False)
class Kin:
    """Documents in order, each with the first one of its family, and each link of a child with a parent."""

    own: NDArray[np.uint64]  # digest of its id
    root: Numbers  # row of the first document of its family
    child: Numbers  # row of the child of each link
    parent: Numbers  # row of its parent; -1 where the table has none of that id
    parent_digest: NDArray[np.uint64]

    @property
    def sizes(self) -> Numbers:
        """How many documents each one's family has."""
        return np.bincount(self.root, minlength=len(self.root))[self.root]

    def depths(self, depth: Numbers, real: NDArray[np.bool_]) -> Numbers:
        """Return depths by the rule 1 + max(parents), for documents that are not real; no less than they tell.

        What descends from itself is as deep as can be.
        """
        known = (self.parent >= 0) & ~real[self.child]
        child, parent = self.child[known], self.parent[known]
        while True:
            raised = depth.copy()
            np.maximum.at(raised, child, np.minimum(depth[parent] + 1, _DEEPEST))
            if (raised == depth).all():
                return depth
            depth = raised

    def is_child(self) -> NDArray[np.bool_]:
        """Say which documents have parents, here or elsewhere."""
        found = np.zeros(len(self.root), np.bool_)
        found[self.child] = True
        return found

    def siblings(self, chances: NDArray[np.uint64], counted: NDArray[np.bool_]) -> "Siblings":
        """Rank the children of each parent by their chances; of a child of several, where it is ranked last."""
        here = counted[self.child]
        child, parent = self.child[here], self.parent_digest[here]
        order = np.lexsort((child, chances[child], parent))
        child, (starts, group) = child[order], groups_of(parent[order])
        rank, count = np.full(len(self.root), -1), np.zeros(len(self.root), np.int64)
        np.maximum.at(rank, child, np.arange(len(child)) - starts[group])
        np.maximum.at(count, child, np.diff(np.append(starts, len(child)))[group])
        return Siblings(rank, count)


@dataclass(frozen=True)
class Siblings:
    """For each document its rank among the children of a parent, -1 where it has none, and how many there are."""

    rank: Numbers
    count: Numbers


def kin_of(table: pa.Table, similar: tuple[Numbers, Numbers] | None = None) -> Kin:
    """Find families by what `digest_columns` gave, and by links of similar documents."""
    one, other = similar or (np.empty(0, np.int64), np.empty(0, np.int64))
    own, family = np.asarray(table["own"]), np.asarray(table["family"])
    lists = table["parents"].combine_chunks()
    child, digest = np.asarray(pc.list_parent_indices(lists)).astype(np.int64), np.asarray(pc.list_flatten(lists))
    order = np.lexsort((digest, child))
    child, digest = child[order], digest[order]
    counts = begins(child, digest) & (own[child] != digest)  # a parent is told once, and nobody is its own
    child, digest = child[counts], digest[counts]
    rows = np.arange(len(own))
    above, below = _equal(np.concatenate([own, digest, family]), np.concatenate([rows, child, rows]))
    nodes, roots = components(np.concatenate([one, above]), np.concatenate([other, below]))
    rows[nodes] = roots
    order = np.argsort(own, kind="stable")
    place = np.minimum(np.searchsorted(own, digest, sorter=order), max(0, len(own) - 1))
    parent = order[place]
    return Kin(own, rows, child, np.where(own[parent] == digest, parent, -1), digest)


def _equal(keys: NDArray[np.uint64], rows: Numbers) -> tuple[Numbers, Numbers]:
    """Link rows of equal keys, each with the next; 0 is no key."""
    order = np.argsort(keys, kind="stable")
    keys, rows = keys[order], rows[order]
    same = (keys[1:] == keys[:-1]) & (keys[1:] > 0)
    return rows[1:][same], rows[:-1][same]
