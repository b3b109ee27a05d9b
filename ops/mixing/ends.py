"""Ends: how far into the order of each cell a mix takes documents, so that sources and the whole are met to a document.

A plan gives each cell a number of tokens, which no sum of documents is. If each cell were rounded on its own, a source
of fifty cells could miss its budget by fifty documents. So the documents of all cells are put in one order, by when
they are due as the budget grows: a document's middle is reached by the part of its cell. Of that order so much is
taken as is planned in all (Webster's method of apportionment, by documents for seats). What is due does not depend on
how much is taken, so that a larger budget takes a superset.

What is real is taken until it is reached, all else while it fits, so that caps on the rest hold to the token. Cells of
which caps on some of the rest speak are rounded one by one, in the same way.
"""

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.mixing.draws import NO_STRETCH, beyond, cells_of, cells_table, no_supply, summed
from ops.mixing.order import Order
from ops.mixing.recipe import Cells, Plan, Recipe, plan, slack

EVERYTHING, NOTHING = np.inf, 1.0  # where the order of a cell is cut to take all of it, or none

# How far around the end of a part documents are put in order: so many of the cell, and so many of every other cell as
# its part of what those leave over.
_OWN, _OTHERS = 16, 4

# Parts of a token that moments are told apart by: floats that should be equal may differ in their last digits.
_APART = 1024.0

# What a cell that is not mixed gives where its documents have no tokens: of none, not even those are taken.
_SOME = 1e-9

_KINDS = {
    "stretch": pa.uint32(),
    "last_stretch": pa.uint32(),
    "before": pa.int64(),
    "before_once": pa.int64(),
    "place": pa.float64(),
}


def planned(order: Order, supply: pa.Table, recipe: Recipe, named: Iterable[str]) -> pa.Table:
    """Return a row for each cell with what it gives. A source that is named but has no documents is one that has none.

    Cells that are not mixed give what they have.
    """
    names = order.names
    supply = supply if supply.num_columns else no_supply(names, [])
    some = {"origin": "unknown", **{column: values[0] for column, values in order.within.items()}}
    has = {name for name, is_in in zip(supply["source"].to_pylist(), order.are_within(supply), strict=True) if is_in}
    absent = [tuple((some | {"source": name}).get(column) for column in names) for name in sorted({*named} - has)]
    cells, cell = cells_of(pa.concat_tables([supply, no_supply(names, absent)]), names)
    labels = cells_table(names, [*zip(*(cells.columns[name] for name in names), strict=True)])
    made = _plan(cells, recipe, order.are_within(labels))
    found = ends(supply, cell[: supply.num_rows], made)
    there = summed(cell[: supply.num_rows], np.asarray(supply["there"]), len(cells))
    return pa.table(
        {
            **{name: labels[name] for name in names},
            **{name: found[name] for name in found.column_names},
            "there": pa.array(there),
            "once": pa.array(cells.tokens),
            "with_copies": pa.array(cells.most),
            "bound_by": pa.array(made.bound_by, pa.string()),
        }
    )


def _plan(cells: Cells, recipe: Recipe, mixed: NDArray[np.bool_]) -> Plan:
    """Plan the cells that are mixed; the others give what they have."""
    columns = {name: [*itertools.compress(values, mixed)] for name, values in cells.columns.items()}
    made = plan(Cells(columns, cells.tokens[mixed], cells.most[mixed]), recipe)
    tokens, growth, held = np.maximum(cells.most, _SOME), np.zeros(len(cells)), np.zeros(len(cells), np.int8)
    tokens[mixed], growth[mixed], held[mixed] = made.tokens, made.growth, made.held
    bound_by = iter(made.bound_by)
    return Plan(tokens, growth, held, tuple(next(bound_by) if is_in else "" for is_in in mixed))


def ends(told: pa.Table, cell: NDArray[np.int64], made: Plan) -> pa.Table:
    """Return, for each cell, the stretches around its part's end and what lies before; or the place, where known."""
    order = np.lexsort((np.asarray(told["stretch"]), cell))
    stretch, tokens, once, entries = (
        np.asarray(told[name])[order] for name in ("stretch", "tokens", "once", "entries")
    )
    bounds = np.searchsorted(cell[order], np.arange(len(made.tokens) + 1)).tolist()
    sizes = np.array([tokens[a:b].sum() / max(1, entries[a:b].sum()) for a, b in itertools.pairwise(bounds)])
    reach = _OWN * sizes + _OTHERS * sizes.sum() * np.maximum(_parts(made.tokens), _parts(made.growth))
    rows = []
    for planned, around, (begin, end) in zip(made.tokens.tolist(), reach, itertools.pairwise(bounds), strict=True):
        until = np.cumsum(tokens[begin:end])
        if planned <= 0:
            rows.append((NO_STRETCH, NO_STRETCH, 0, 0, NOTHING))
        elif not len(until) or until[-1] <= planned + slack(planned):
            rows.append((NO_STRETCH, NO_STRETCH, int(tokens[begin:end].sum()), int(once[begin:end].sum()), EVERYTHING))
        else:
            first = begin + int(np.searchsorted(until, planned - around, side="right"))
            last = begin + min(int(np.searchsorted(until, planned + around)), len(until) - 1)
            before, before_once = int(tokens[begin:first].sum()), int(once[begin:first].sum())
            rows.append((int(stretch[first]), int(stretch[last]), before, before_once, np.nan))
    found = list(zip(*rows, strict=True)) or [()] * len(_KINDS)
    return pa.table(
        {
            "cell": pa.array(range(len(rows)), pa.int64()),
            "planned": pa.array(made.tokens, pa.float64()),
            "growth": pa.array(made.growth, pa.float64()),
            "held": pa.array(made.held, pa.int8()),
            **{name: pa.array(column, kind) for (name, kind), column in zip(_KINDS.items(), found, strict=True)},
        }
    )


def cut(planned: pa.Table, found: pa.Table) -> pa.Table:
    """Return the plan with the place and the id of the first entry of each cell that is not taken, and what is."""
    ordered = found.sort_by([("cell", "ascending"), ("place", "ascending"), ("id", "ascending")])
    tokens = np.asarray(ordered["tokens"])
    firsts = tokens * np.asarray(ordered["first"])
    bounds = np.searchsorted(np.asarray(ordered["cell"]), np.arange(planned.num_rows + 1)).tolist()
    rows = planned.to_pylist()
    stay = _stay(rows, [tokens[begin:end] for begin, end in itertools.pairwise(bounds)])
    place, ident, taken, once = [], [], [], []
    for row, count, (begin, end) in zip(rows, stay, itertools.pairwise(bounds), strict=True):
        is_inside = count < end - begin
        none = row["place"] if row["last_stretch"] == NO_STRETCH else beyond(row["last_stretch"])
        place.append(ordered["place"][begin + count].as_py() if is_inside else none)
        ident.append(ordered["id"][begin + count].as_py() if is_inside else "")
        taken.append(row["before"] + int(tokens[begin : begin + count].sum()))
        once.append(row["before_once"] + int(firsts[begin : begin + count].sum()))
    at = planned.schema.get_field_index("place")
    return (
        planned.set_column(at, "place", pa.array(place, pa.float64()))
        .append_column("id", pa.array(ident, pa.string()))
        .append_column("taken", pa.array(taken, pa.int64()))
        .append_column("taken_once", pa.array(once, pa.int64()))
    )


def _stay(rows: Sequence[dict[str, Any]], tokens: Sequence[NDArray[np.int64]]) -> list[int]:
    """Return how many entries of each cell are taken, of those around its end."""
    groups: dict[tuple[bool, object], dict[str, list[_Line]]] = {}
    for number, (row, own) in enumerate(zip(rows, tokens, strict=True)):
        alone = number if row["held"] else ""
        group = groups.setdefault((row["origin"] == "real", alone), {})
        line = _Line(float(np.round(row["planned"], 6)), row["growth"], row["before"], own, np.full(len(own), number))
        group.setdefault(row["source"], []).append(line)
    found = np.zeros(len(rows), np.int64)
    for (is_real, _), sources in groups.items():
        line = _merged([_merged(cells, up=is_real) for _, cells in sorted(sources.items())], up=is_real)
        found += np.bincount(line.number[: line.taken(up=is_real)], minlength=len(rows))
    return found.tolist()


class _Line(NamedTuple):
    """Entries in the order in which they are due."""

    planned: float
    growth: float
    before: int  # tokens that are taken before any of them
    tokens: NDArray[np.int64]
    number: NDArray[np.int64]  # of the cell of each

    def due(self, rate: float) -> NDArray[np.float64]:
        """Return when the middle of each is reached, from now on."""
        return (self.before + np.cumsum(self.tokens) - self.tokens / 2 - self.planned) / rate

    def taken(self, *, up: bool) -> int:
        """Return how many are taken: while they fit, or until what is planned is reached."""
        until = self.before + np.cumsum(self.tokens)
        taken = until <= self.planned + slack(self.planned)
        return int((taken | (until - self.tokens < self.planned - slack(self.planned)) if up else taken).sum())


def _merged(lines: Sequence[_Line], *, up: bool) -> _Line:
    """Put lines together: those that grow by when entries are due; before and after them, what others give and do not.

    Where none grows, it is as if all did, in proportion.
    """
    still = [line for line in lines if line.growth <= 0]
    if 0 < len(still) < len(lines):
        others, growing = _merged(still, up=up), _merged([line for line in lines if line.growth > 0], up=up)
        count = others.taken(up=up)
        return _joined([others, growing], lambda own, more: np.concatenate([own[:count], more, own[count:]]))
    rates = [line.planned if still else line.growth for line in lines]
    whole = math.fsum(rates)
    due = [line.due(rate) for line, rate in zip(lines, rates, strict=True) if len(line.tokens)]
    order = np.argsort(np.rint(np.concatenate([np.empty(0), *due]) * whole * _APART), kind="stable")
    return _joined(lines, lambda *parts: np.concatenate(parts)[order])


def _joined(lines: Sequence[_Line], put: Callable[..., NDArray[np.int64]]) -> _Line:
    return _Line(
        math.fsum(line.planned for line in lines),
        math.fsum(line.growth for line in lines),
        sum(line.before for line in lines),
        put(*(line.tokens for line in lines)),
        put(*(line.number for line in lines)),
    )


def _parts(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values / max(float(values.sum()), 1.0)
