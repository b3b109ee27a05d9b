"""Draws: the order in which documents of a cell are taken, and what a unit tells of it.

Each copy that a document may be is an entry with a place: 1 + copy + a number from 0 to 1 that belongs to the document.
So all of a cell are taken once before any is taken twice, and a place of 3.3 is the end of two whole rounds and three
tenths of the third. Places are cut into stretches by the first 24 bits of the number, 4,096 for the first round: what
is told of a unit is how many tokens it has in each, and only the entries of those around the end of a cell's part are
put in order (`ends.py`).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ops.mixing.recipe import Cells

_STRETCH_BITS = np.uint64(40)  # of a place, that a stretch leaves out

# What is added up over units.
SUMS = ("tokens", "once", "entries", "there")

# A stretch that no entry is in: its row tells of a cell as a whole.
NO_STRETCH = 0

EDGE = pa.schema(
    [("cell", pa.int64()), ("place", pa.float64()), ("id", pa.string()), ("tokens", pa.int64()), ("first", pa.bool_())]
)


Cell = tuple[str | None, ...]  # source, origin, and what the columns say that limits name


class Entries(NamedTuple):
    """Copies of documents, each once, and the cells of the documents."""

    cells: list[Cell]
    of: NDArray[np.int64]  # the cell of each document
    row: NDArray[np.int64]
    cell: NDArray[np.int64]
    place: NDArray[np.float64]
    first: NDArray[np.bool_]  # whether it is the document's first copy

    @property
    def stretch(self) -> NDArray[np.uint32]:
        """The part of the order that each is in. Places are positive: as numbers, their bits are in the same order."""
        return (self.place.view(np.uint64) >> _STRETCH_BITS).astype(np.uint32)


def cells_in(table: pa.Table, names: Sequence[str]) -> tuple[list[Cell], NDArray[np.int64]]:
    """Return the cells that rows are of, in order, and which of them each row is of; null is a value."""
    which = np.zeros(table.num_rows, np.int64)
    for name in names:
        encoded = table[name].combine_chunks().dictionary_encode(null_encoding="encode")
        if len(encoded.dictionary) > 1:
            # Numbered anew for each column: as many as there are rows, however many the products of values are.
            code = which * len(encoded.dictionary) + np.asarray(encoded.indices)
            which = np.unique(code, return_inverse=True)[1]
    first = np.full(int(which.max(initial=-1)) + 1, table.num_rows)
    np.minimum.at(first, which, np.arange(table.num_rows))
    labels = [tuple(row[name] for name in names) for row in table.select(list(names)).take(pa.array(first)).to_pylist()]
    order = sorted(range(len(labels)), key=lambda n: [(one is None, one or "") for one in labels[n]])
    rank = np.empty(len(labels), np.int64)
    rank[order] = np.arange(len(labels))
    return [labels[n] for n in order], rank[which]


def cells_table(names: Sequence[str], cells: Sequence[Cell]) -> pa.Table:
    """Return a row for each cell."""
    return pa.table({name: pa.array([cell[n] for cell in cells], pa.string()) for n, name in enumerate(names)})


def supply(sketches: pa.Table, names: Sequence[str], entries: Entries) -> pa.Table:
    """Return the tokens in each stretch of each cell, and of the cells as a whole."""
    tokens, cells = np.asarray(sketches["tokens"]), len(entries.cells)
    stretches, place = np.unique(entries.cell << 24 | entries.stretch, return_inverse=True)
    has = tokens[entries.row]
    by_stretch = _numbers(
        cell=stretches >> 24,
        stretch=stretches & 0xFFFFFF,
        tokens=summed(place, has, len(stretches)),
        once=summed(place, has * entries.first, len(stretches)),
        entries=np.bincount(place, minlength=len(stretches)),
        there=np.zeros(len(stretches), np.int64),
    )
    none = np.zeros(cells, np.int64)
    there = summed(entries.of, tokens, cells)
    whole = _numbers(cell=np.arange(cells), stretch=none, tokens=none, once=none, entries=none, there=there)
    told = pa.concat_tables([whole, by_stretch])
    labels = cells_table(names, entries.cells).take(told["cell"])
    stretch = told["stretch"].cast(pa.uint32())
    return pa.table({**{n: labels[n] for n in names}, "stretch": stretch, **{n: told[n] for n in SUMS}})


def no_supply(names: Sequence[str], cells: Sequence[Cell]) -> pa.Table:
    """Return what `supply` would of cells without documents."""
    none = pa.array(np.zeros(len(cells), np.int64))
    labels = cells_table(names, cells)
    stretch = none.cast(pa.uint32())
    return pa.table({**{n: labels[n] for n in names}, "stretch": stretch, **dict.fromkeys(SUMS, none)})


def cells_of(told: pa.Table, names: Sequence[str]) -> tuple[Cells, NDArray[np.int64]]:
    """Return what there is to mix, by what `supply` told of all units, and the cell of each of its rows."""
    found, cell = cells_in(told, names)
    columns = {name: [one[n] for one in found] for n, name in enumerate(names)}
    once, most = (summed(cell, np.asarray(told[name]), len(found)) for name in ("once", "tokens"))
    return Cells(columns, once, most), cell


def edge(table: pa.Table, entries: Entries, planned: pa.Table, of_planned: NDArray[np.int64]) -> pa.Table:
    """Return the entries in the stretches around the ends of parts; `of_planned`: each cell's row of the plan."""
    first, last = (np.asarray(planned[name])[of_planned[entries.cell]] for name in ("stretch", "last_stretch"))
    found = np.flatnonzero((first <= entries.stretch) & (entries.stretch <= last))
    row = entries.row[found]
    columns = [
        pa.array(np.asarray(planned["cell"])[of_planned[entries.cell[found]]]),
        pa.array(entries.place[found]),
        table["id"].take(pa.array(row)),
        table["tokens"].take(pa.array(row)),
        pa.array(entries.first[found]),
    ]
    return pa.table(columns, schema=EDGE)


def beyond(stretch: int) -> float:
    """Return the place that all entries of a stretch are before."""
    return float(np.array([(stretch + 1) << int(_STRETCH_BITS)], np.uint64).view(np.float64)[0])


def is_taken(ids: pa.ChunkedArray, entries: Entries, cuts: pa.Table, of_cuts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Say which entries come before the cut of their cell; of those at one place, the id decides."""
    which = of_cuts[entries.cell]
    place = np.asarray(cuts["place"])[which]
    found = entries.place < place
    level = np.flatnonzero(entries.place == place)
    if len(level):
        own, other = ids.take(pa.array(entries.row[level])), cuts["id"].take(pa.array(which[level]))
        found[level] = np.asarray(pc.less(own, other).combine_chunks().to_numpy(zero_copy_only=False))
    return found


def summed(group: NDArray[np.int64], values: NDArray[np.int64], groups: int) -> NDArray[np.int64]:
    """Add up whole numbers, which as floats would lose the last digits of the largest corpora."""
    out = np.zeros(groups, np.int64)
    np.add.at(out, group, values)
    return out


def _numbers(**columns: NDArray[np.int64]) -> pa.Table:
    return pa.table({name: pa.array(np.asarray(column, np.int64)) for name, column in columns.items()})
