"""Draws: the order in which documents of a cell are taken, and where in it a part ends.

Each copy that a document may be is an entry with a place: 1 + copy + a number from 0 to 1 that belongs to the document.
So all of a cell are taken once before any is taken twice, and a place of 3.3 is the end of two whole rounds and three
tenths of the third. Places are cut into stretches by the first 24 bits of the number, 4,096 for the first round: what
is told of a unit is how many tokens it has in each, and only the entries of one stretch a cell are put in order.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ops.mixing.recipe import Cells, slack

_STRETCH_BITS = np.uint64(40)  # of a place, that a stretch leaves out

# A stretch that no entry is in: its row tells of a cell as a whole.
NO_STRETCH = 0

EVERYTHING, NOTHING = np.inf, 1.0  # where the order of a cell is cut to take all of it, or none

EDGE = pa.schema(
    [("cell", pa.int64()), ("place", pa.float64()), ("id", pa.string()), ("tokens", pa.int64()), ("first", pa.bool_())]
)


class Entries(NamedTuple):
    """Copies of documents, each once."""

    row: NDArray[np.int64]
    cell: NDArray[np.int64]
    place: NDArray[np.float64]
    first: NDArray[np.bool_]  # whether it is the document's first copy

    @property
    def stretch(self) -> NDArray[np.uint32]:
        """The part of the order that each is in. Places are positive: as numbers, their bits are in the same order."""
        return (self.place.view(np.uint64) >> _STRETCH_BITS).astype(np.uint32)


def cells_in(table: pa.Table, names: Sequence[str]) -> tuple[list[tuple[str | None, ...]], NDArray[np.int64]]:
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


def cells_table(names: Sequence[str], cells: Sequence[tuple[str | None, ...]]) -> pa.Table:
    """Return a row for each cell."""
    return pa.table({name: pa.array([cell[n] for cell in cells], pa.string()) for n, name in enumerate(names)})


def supply(table: pa.Table, names: Sequence[str], entries: Entries, tokens: NDArray[np.int64]) -> pa.Table:
    """Return the tokens in each stretch of each cell, and of the cells as a whole."""
    cells, cell = cells_in(table, names)
    key = entries.cell << 24 | entries.stretch
    stretches, place = np.unique(key, return_inverse=True)
    has = tokens[entries.row]
    by_stretch = _numbers(
        cell=stretches >> 24,
        stretch=stretches & 0xFFFFFF,
        tokens=summed(place, has, len(stretches)),
        once=summed(place, has * entries.first, len(stretches)),
        there=np.zeros(len(stretches), np.int64),
    )
    none = np.zeros(len(cells), np.int64)
    whole = _numbers(
        cell=np.arange(len(cells)), stretch=none, tokens=none, once=none, there=summed(cell, tokens, len(cells))
    )
    told = pa.concat_tables([whole, by_stretch])
    labels = cells_table(names, cells).take(told["cell"])
    stretch = told["stretch"].cast(pa.uint32())
    numbers = {name: told[name] for name in ("tokens", "once", "there")}
    return pa.table({**{name: labels[name] for name in names}, "stretch": stretch, **numbers})


def no_supply(names: Sequence[str], cells: Sequence[tuple[str | None, ...]]) -> pa.Table:
    """Return what `supply` would of cells without documents."""
    none = np.zeros(len(cells), np.int64)
    labels, numbers = cells_table(names, cells), _numbers(tokens=none, once=none, there=none)
    columns = {name: numbers[name] for name in numbers.column_names}
    return pa.table({**{n: labels[n] for n in names}, "stretch": pa.array(none, pa.uint32()), **columns})


def cells_of(told: pa.Table, names: Sequence[str]) -> tuple[Cells, NDArray[np.int64]]:
    """Return what there is to mix, by what `supply` told of all units, and the cell of each of its rows."""
    found, cell = cells_in(told, names)
    columns = {name: [one[n] for one in found] for n, name in enumerate(names)}
    once, most = (summed(cell, np.asarray(told[name]), len(found)) for name in ("once", "tokens"))
    return Cells(columns, once, most), cell


def ends(told: pa.Table, cell: NDArray[np.int64], planned: NDArray[np.float64]) -> pa.Table:
    """Return, for each cell, the stretch in which its part ends, and what lies before it; or the place, where known."""
    order = np.lexsort((np.asarray(told["stretch"]), cell))
    of = cell[order]
    stretch, tokens, once = (np.asarray(told[name])[order] for name in ("stretch", "tokens", "once"))
    rows = []
    for number, tokens_planned in enumerate(planned.tolist()):
        begin, end = np.searchsorted(of, [number, number + 1])
        until = np.cumsum(tokens[begin:end])
        over = np.flatnonzero(until > tokens_planned + slack(tokens_planned))
        last = int(over[0]) if len(over) else end - begin
        if tokens_planned <= 0:
            rows.append((NO_STRETCH, 0, 0, NOTHING))
        elif last == end - begin:
            rows.append((NO_STRETCH, int(until[-1]), int(once[begin:end].sum()), EVERYTHING))
        else:
            before = int(until[last] - tokens[begin + last])
            rows.append((int(stretch[begin + last]), before, int(once[begin : begin + last].sum()), np.nan))
    columns = list(zip(*rows, strict=True)) or [()] * 4
    kinds = {"stretch": pa.uint32(), "before": pa.int64(), "before_once": pa.int64(), "place": pa.float64()}
    return pa.table(
        {
            "cell": pa.array(range(len(planned)), pa.int64()),
            "planned": pa.array(planned, pa.float64()),
            **{name: pa.array(column, kind) for (name, kind), column in zip(kinds.items(), columns, strict=True)},
        }
    )


def edge(table: pa.Table, entries: Entries, planned: pa.Table, of_planned: NDArray[np.int64]) -> pa.Table:
    """Return the entries that are in the stretches in which parts end; `of_planned`: each cell's row of the plan."""
    wanted = np.asarray(planned["stretch"])[of_planned[entries.cell]]
    found = np.flatnonzero(entries.stretch == wanted)
    row = entries.row[found]
    columns = [
        pa.array(np.asarray(planned["cell"])[of_planned[entries.cell[found]]]),
        pa.array(entries.place[found]),
        table["id"].take(pa.array(row)),
        table["tokens"].take(pa.array(row)),
        pa.array(entries.first[found]),
    ]
    return pa.table(columns, schema=EDGE)


def cut(planned: pa.Table, found: pa.Table, round_up: NDArray[np.bool_]) -> pa.Table:
    """Return the plan with the place and the id of the first entry of each cell that is not taken, and what is.

    The parts of cells in `round_up` are rounded up to whole documents and the others' down; either way a part is within
    one document of the plan.
    """
    ordered = found.sort_by([("cell", "ascending"), ("place", "ascending"), ("id", "ascending")])
    of, tokens, first = (np.asarray(ordered[name]) for name in ("cell", "tokens", "first"))
    place, ident, taken, once = [], [], [], []
    for row in planned.to_pylist():
        begin, end = np.searchsorted(of, [row["cell"], row["cell"] + 1])
        stays = prefix(tokens[begin:end], row["planned"], row["before"], round_up=bool(round_up[row["cell"]]))
        taken.append(row["before"] + int(tokens[begin : begin + stays].sum()))
        once.append(row["before_once"] + int((tokens * first)[begin : begin + stays].sum()))
        is_inside = row["stretch"] != NO_STRETCH and stays < end - begin
        place.append(ordered["place"][begin + stays].as_py() if is_inside else _beyond(row))
        ident.append(ordered["id"][begin + stays].as_py() if is_inside else "")
    at = planned.schema.get_field_index("place")
    return (
        planned.set_column(at, "place", pa.array(place, pa.float64()))
        .append_column("id", pa.array(ident, pa.string()))
        .append_column("taken", pa.array(taken, pa.int64()))
        .append_column("taken_once", pa.array(once, pa.int64()))
    )


def prefix(tokens: NDArray[np.int64], planned: float, before: int, *, round_up: bool) -> int:
    """Return how many entries stay, of some in order, after `before` tokens that do."""
    until = before + np.cumsum(tokens)
    stays = until <= planned + slack(planned)
    if round_up:
        stays |= until - tokens < planned - slack(planned)
    return int(stays.sum()) if planned > 0 else 0


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


def _beyond(row: dict[str, float]) -> float:
    """Return the place that all of a stretch's entries are before; where there is no stretch, the one that is known."""
    if row["stretch"] == NO_STRETCH:
        return row["place"]
    return float(np.array([(int(row["stretch"]) + 1) << int(_STRETCH_BITS)], np.uint64).view(np.float64)[0])


def summed(group: NDArray[np.int64], values: NDArray[np.int64], groups: int) -> NDArray[np.int64]:
    """Add up whole numbers, which as floats would lose the last digits of the largest corpora."""
    out = np.zeros(groups, np.int64)
    np.add.at(out, group, values)
    return out


def _numbers(**columns: NDArray[np.int64]) -> pa.Table:
    return pa.table({name: pa.array(np.asarray(column, np.int64)) for name, column in columns.items()})
