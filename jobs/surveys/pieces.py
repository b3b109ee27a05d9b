"""Pieces: the sketch of one unit, stored or made anew, with what says which of its documents are still there."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from jobs.commits import Commit, File
from jobs.held import Held, copies_of, dropped_rows
from jobs.outbox import read_table
from jobs.passes import sketch
from jobs.storage import Storage
from jobs.surveys.addresses import at_of
from ops.surveys import Survey, sketched_from

# Of a sketch that is made anew: an id and a digest.
_ROW_BYTES = 64


@dataclass(frozen=True)
class Piece:
    """A stored sketch. It has no addresses of its own, since a unit's number changes from night to night."""

    name: str  # says what its keys follow from
    number: int  # of the unit in this run
    file: File  # the sketch, or the documents that it is made of
    memory_bytes: int
    held: Held
    less_dropped: bool = False  # whether documents that earlier surveys dropped have no keys
    made_by: Survey | None = None  # what makes the sketch; None where it is stored

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
        table = self._sketch(storage)
        return table.filter(pa.array(self._stay(storage, np.asarray(table["row"]))))

    def load_keyed(self, storage: Storage, columns: list[str]) -> pa.Table:
        """Read some columns of the sketch, and the `row` of the document that each row tells of."""
        table = self._sketch(storage, columns)
        return table.filter(pa.array(self._stay(storage, np.asarray(table["row"])))) if self.less_dropped else table

    def load_rows(self, storage: Storage, rows: NDArray[np.int64]) -> tuple[pa.Table, NDArray[np.bool_]]:
        """Read the sketch of some documents, with `at`, `source` and copies; and which of `rows` are still there."""
        stay = self._stay(storage, rows)
        chosen = self._sketch(storage).take(pa.array(rows[stay]))
        members = self._addressed(chosen)
        copies = copies_of(storage, self.held, rows[stay])
        told = {
            "source": pa.repeat(pa.scalar(self.held.source), members.num_rows),
            "sourced": pa.repeat(pa.scalar(int(not self.held.reference), pa.int8()), members.num_rows),
            "copies": copies["copies"],
            "copy_sources": copies["copy_sources"],
        }
        return pa.table({**{name: members[name] for name in members.column_names}, **told}), stay

    def _sketch(self, storage: Storage, columns: list[str] | None = None) -> pa.Table:
        """Return the whole sketch, or some columns of it, with the `row` of the document that each row tells of."""
        if self.made_by is None:
            return with_rows(read_table(storage, self.file, columns))
        documents = read_table(storage, self.file, [*dict.fromkeys(["id", *sketched_from(self.made_by)])])
        made = sketch(self.made_by, documents, before=0)
        return with_rows(made.select(columns) if columns else made)

    def _addressed(self, table: pa.Table) -> pa.Table:
        at = at_of(self.number, np.asarray(table["row"]))
        return table.drop_columns("row").append_column("at", pa.array(at))

    def _stay(self, storage: Storage, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        if not self.held.drops:
            return np.ones(len(rows), np.bool_)
        return np.isin(rows, dropped_rows(storage, self.held), invert=True)


def pieces_stored(held: Sequence[Held], sketches: Sequence[Commit]) -> list[Piece]:
    """Return the pieces of units whose sketches are stored, by their commits, but of those that have no rows."""
    return [
        Piece(made.unit, number, made.files["sketch"], made.facts["memory_bytes"], one)
        for number, (one, made) in enumerate(zip(held, sketches, strict=True))
        if made.facts["rows"]
    ]


def pieces_anew(held: dict[str, Held], survey: Survey) -> list[Piece]:
    """Return the pieces of units, by the names of their sketches, whose sketches are made when they are read."""
    return [
        Piece(name, number, one.data, one.data.rows * _ROW_BYTES, one, made_by=survey)
        for number, (name, one) in enumerate(held.items())
        if one.data.rows
    ]


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
