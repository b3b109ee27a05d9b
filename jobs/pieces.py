"""Pieces: the sketch of one unit, with what says which of its documents are still there."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from jobs.addresses import at_of
from jobs.commits import File
from jobs.held import Held, copies_of, dropped_rows
from jobs.outbox import read_table
from jobs.storage import Storage


@dataclass(frozen=True)
class Piece:
    """A stored sketch. It has no addresses of its own, since a unit's number changes from night to night."""

    name: str  # says what its keys follow from
    number: int  # of the unit in this run
    file: File
    memory_bytes: int
    held: Held
    less_dropped: bool = False  # whether documents that earlier surveys dropped have no keys

    @property
    def left(self) -> list[str]:
        """What the documents that are left of the sketch follow from, whatever number the unit has."""
        return [self.file.sha256, *(file.sha256 for file in self.held.drops)]

    def identity(self) -> list[object]:
        """What the piece's rows follow from."""
        copies = self.held.copies.sha256 if self.held.copies else ""
        return [self.file.sha256, self.number, [file.sha256 for file in self.held.drops], copies]

    def load(self, storage: Storage) -> pa.Table:
        """Read the sketch less the documents that earlier surveys dropped, and the `row` of each."""
        table = with_rows(read_table(storage, self.file))
        return table.filter(pa.array(self._stay(storage, np.asarray(table["row"]))))

    def load_keyed(self, storage: Storage, columns: list[str]) -> pa.Table:
        """Read some columns of the sketch, and the `row` of the document that each row tells of."""
        table = with_rows(read_table(storage, self.file, columns))
        return table.filter(pa.array(self._stay(storage, np.asarray(table["row"])))) if self.less_dropped else table

    def load_rows(self, storage: Storage, rows: NDArray[np.int64]) -> tuple[pa.Table, NDArray[np.bool_]]:
        """Read the sketch of some documents, with `at`, `source` and copies; and which of `rows` are still there."""
        stay = self._stay(storage, rows)
        chosen = with_rows(read_table(storage, self.file)).take(pa.array(rows[stay]))
        members = self._addressed(chosen)
        copies = copies_of(storage, self.held, rows[stay])
        told = {
            "source": pa.repeat(pa.scalar(self.held.source), members.num_rows),
            "sourced": pa.repeat(pa.scalar(int(not self.held.reference), pa.int8()), members.num_rows),
            "copies": copies["copies"],
            "copy_sources": copies["copy_sources"],
        }
        return pa.table({**{name: members[name] for name in members.column_names}, **told}), stay

    def _addressed(self, table: pa.Table) -> pa.Table:
        at = at_of(self.number, np.asarray(table["row"]))
        return table.drop_columns("row").append_column("at", pa.array(at))

    def _stay(self, storage: Storage, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        if not self.held.drops:
            return np.ones(len(rows), np.bool_)
        return np.isin(rows, dropped_rows(storage, self.held), invert=True)


def with_rows(sketch: pa.Table) -> pa.Table:
    """Give a sketch that has a row for each document the documents' numbers."""
    if "row" in sketch.column_names:
        return sketch
    return sketch.append_column("row", pa.array(np.arange(sketch.num_rows)))


def in_groups_of(pieces: Iterable[Piece], most: int) -> Iterator[list[Piece]]:
    """Cut a list of sketches into groups of at least one and at most about `most` bytes."""
    group: list[Piece] = []
    size = 0
    for piece in pieces:
        if group and size + piece.memory_bytes > most:
            yield group
            group, size = [], 0
        group.append(piece)
        size += piece.memory_bytes
    if group:
        yield group
