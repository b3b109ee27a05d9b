"""The order in which a mix takes documents: by copy and chance, by importance, or by the curve of their source."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.contract import REASON
from ops.mixing.curves import Quantiles, order
from ops.mixing.draws import Cell, Entries, cells_in, is_taken
from ops.surveys import TAKEN

# The middle of the log weights that are told apart best: half of a cell's order is for those within 32 of it.
_WIDTH = 32.0

GRADES = pa.schema([("grade", pa.uint32()), ("tokens", pa.int64())])


def drawn(chance: NDArray[np.uint64], log_weight: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """Return numbers between 0 and 1, the first to be taken lowest.

    With weights they are those of a weighted draw without replacement (Efraimidis and Spirakis, 2006): in order of
    log weight plus a Gumbel number, the highest first. What has no weight comes after all that have one, by chance.
    """
    even = ((chance >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    if log_weight is None:
        return even
    key = log_weight - np.log(-np.log(even))
    # From 0 to 1/2, falling, and finest around 0: logistic curves would put all weights below -40 at one place.
    place = 0.25 - np.arctan(key / _WIDTH) / (2 * np.pi)
    return np.where(np.isnan(log_weight), 0.5 + even / 2, np.clip(place, 2.0**-53, 0.5))


@dataclass(frozen=True)
class Order:
    """How often documents may be taken, and which first."""

    names: tuple[str, ...]  # columns that tell cells apart
    epochs_max: int
    limits: tuple[tuple[Mapping[str, Sequence[str]], int], ...]  # epochs of some documents, in the place of that
    curves: Mapping[str, float]  # by source, the share that is left out
    within: Mapping[str, Sequence[str]]  # columns, and which of their values are mixed; the others are taken once

    def by_columns(self, known: Collection[str]) -> "Order":
        """Return what it says where no other columns are known."""
        return replace(
            self,
            names=tuple(name for name in self.names if name in known),
            limits=tuple((where, most) for where, most in self.limits if {*where} <= {*known}),
            within={name: values for name, values in self.within.items() if name in known},
        )

    def is_within(self, cell: Cell) -> bool:
        """Say whether the documents of a cell are mixed."""
        return all(value in self.within.get(name, (value,)) for name, value in zip(self.names, cell, strict=True))

    def are_within(self, table: pa.Table) -> NDArray[np.bool_]:
        """Say which documents are mixed."""
        if not self.within:
            return np.ones(table.num_rows, np.bool_)
        cells, cell = cells_in(table, self.names)
        return np.array([self.is_within(one) for one in cells], np.bool_)[cell]

    def left_out(self, cell: Cell) -> float | None:
        """Return the share of a cell that is left out by its quality; None where it has no curve."""
        return self.curves.get(str(cell[0])) if self.is_within(cell) else None

    def epochs_of(self, table: pa.Table) -> NDArray[np.int64]:
        """Return how often the content of each row may be taken: the least of what limits say of it."""
        cells, cell = cells_in(table, self.names)
        return self._epochs_of(cells)[cell]

    def _epochs_of(self, cells: Sequence[Cell]) -> NDArray[np.int64]:
        return np.array([self.epochs(one) for one in cells], np.int64)

    def epochs(self, cell: Cell) -> int:
        """Return how often a content of a cell may be taken."""
        if not self.is_within(cell):
            return 1
        labels = dict(zip(self.names, cell, strict=True))
        of_it = [
            most for where, most in self.limits if all(labels[column] in values for column, values in where.items())
        ]
        return min(of_it, default=self.epochs_max)

    def grades(self, sketches: pa.Table) -> pa.Table:
        """Return the tokens of each grade of each cell with a curve, of documents that may be taken."""
        cells, cell = cells_in(sketches, self.names)
        has = np.array([self.left_out(one) is not None for one in cells], np.bool_)[cell]
        has &= np.asarray(sketches["slots"]) > 0
        some = sketches.select([*self.names, "grade", "tokens"]).filter(pa.array(has))
        sums = some.group_by([*self.names, "grade"]).aggregate([("tokens", "sum")])
        return sums.rename_columns([*self.names, "grade", "tokens"])

    def rows_of(self, cells: Sequence[Cell], table: pa.Table) -> NDArray[np.int64]:
        """Return the row of a table of cells that each of some cells has; there is one."""
        rows = {tuple(row.values()): n for n, row in enumerate(table.select([*self.names]).to_pylist())}
        return np.array([rows[one] for one in cells], np.int64)

    def quantiles(
        self, sketches: pa.Table, grades: pa.Table, cells: Sequence[Cell], cell: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return the quantile by quality of each document in its cell; NaN where its source has no curve."""
        found = np.full(sketches.num_rows, np.nan)
        if not self.curves:
            return found
        kinds, kind = cells_in(grades, self.names)
        number = {one: n for n, one in enumerate(kinds)}
        grade, draw = np.asarray(sketches["grade"]), np.asarray(sketches["rank_draw"])
        for n, one in enumerate(cells):
            if self.left_out(one) is not None:
                of_it = cell == n
                lies = Quantiles.of(grades.filter(pa.array(kind == number.get(one, -1))))
                found[of_it] = lies.at(grade[of_it], draw[of_it])
        return found

    def entries(self, sketches: pa.Table, grades: pa.Table) -> Entries:
        """Return the copies that documents may be, each with its place in the order of its cell."""
        cells, cell = cells_in(sketches, self.names)
        most, slots = self._epochs_of(cells)[cell], np.asarray(sketches["slots"])
        draw, quantile = np.asarray(sketches["rank_draw"]), self.quantiles(sketches, grades, cells, cell)
        dropped = np.array([self.left_out(one) or 0.0 for one in cells], np.float64)[cell]
        rows, places, firsts = [], [], []
        has_curve = np.flatnonzero(~np.isnan(quantile))
        for copy in range(int(most.max(initial=0))):
            below = slots & np.uint64((1 << copy) - 1)
            place = copy + draw
            place[has_curve] = order(quantile[has_curve], draw[has_curve], copy, dropped[has_curve], most[has_curve])
            may = (slots >> np.uint64(copy) & np.uint64(1) > 0) & (copy < most) & np.isfinite(place)
            row = np.flatnonzero(may)
            rows.append(row)
            places.append(1 + place[row])
            firsts.append(below[row] == 0)
        row = np.concatenate([np.empty(0, np.int64), *rows])
        first = np.concatenate([np.empty(0, np.bool_), *firsts])
        return Entries(cells, cell, row, cell[row], np.concatenate([np.empty(0), *places]), first)

    def taken(self, sketches: pa.Table, grades: pa.Table, cuts: pa.Table) -> pa.Table:
        """Return `TAKEN` rows: value and threshold are rounds of the order, 0.3 for three tenths of the first."""
        entries = self.entries(sketches, grades)
        cells, cell = entries.cells, entries.of
        of_cuts = self.rows_of(cells, cuts)
        is_in = is_taken(sketches["id"], entries, cuts, of_cuts)
        times = np.bincount(entries.row[is_in], minlength=sketches.num_rows)
        own = np.full(sketches.num_rows, np.nan)
        own[entries.row[entries.first]] = entries.place[entries.first] - 1
        ends = np.asarray(cuts["place"])[of_cuts][cell] - 1
        is_other = np.asarray(sketches["slots"]) == 0
        is_low = np.isnan(own) & ~is_other
        reason = np.where(is_other, "content_taken", np.where(is_low, "low_quality", "over_budget"))
        value = np.where(is_low, self.quantiles(sketches, grades, cells, cell), own) if is_low.any() else own
        low = np.array([self.left_out(one) for one in cells], np.float64)[cell]
        threshold = np.where(is_other, self._epochs_of(cells)[cell], np.where(is_low, low, ends))
        stays = times > 0
        columns = [
            pa.array(reason, pa.string(), mask=stays),
            pa.array(value, REASON.field("value").type, mask=stays | is_other),
            pa.array(threshold, REASON.field("threshold").type, mask=stays),
        ]
        return pa.table([pa.array(times, pa.int32()), *columns], schema=TAKEN)
