"""What a release tells of its mix: planned against achieved, epochs, what repeats are worth, what was left, and why."""

import math
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.mixing.curves import BANDS, factors
from ops.mixing.draws import Cell, cells_in
from ops.mixing.order import Order

# Muennighoff et al., 2023 (arXiv 2305.16264): repeats beyond the first lose their worth with this number of epochs.
_WORTH_EPOCHS = 15.4


def effective(unique: float, taken: float) -> float:
    """Return how many unique tokens some tokens are worth, of which so many are unique.

    >>> [round(effective(1, epochs), 2) for epochs in (1, 2, 4, 40)]
    [1.0, 1.97, 3.73, 15.18]
    """
    if not unique:
        return 0.0
    repeats = taken / unique - 1
    return unique * (1 + _WORTH_EPOCHS * (1 - math.exp(-repeats / _WORTH_EPOCHS)))


def told(order: Order, cuts: pa.Table, bands: dict[str, list[int]]) -> dict[str, Any]:
    """Tell of the mix by source, and of the other columns that tell cells apart, by each of their values."""
    whole = [(tuple(row[name] for name in order.names), row) for row in cuts.to_pylist()]
    rows = [row for cell, row in whole if order.is_within(cell)]
    names = [row["source"] for row in rows]
    sources = {name: _source(order, [row for row in rows if row["source"] == name], rows) for name in sorted({*names})}
    by_column = {
        column: {
            value: _against([row for row in rows if str(row[column]) == value], rows)
            for value in sorted({str(row[column]) for row in rows})
        }
        for column in order.names[1:]
    }
    curves = {"curves": _curves(order, rows, bands)} if order.curves else {}
    return {"sources": sources, "columns": by_column, **curves, "cells": [_cell(order, *one) for one in whole]}


def _cell(order: Order, cell: Cell, row: dict[str, Any]) -> dict[str, Any]:
    """Tell what a cell has, mixed or not, and how often it may be taken: by that another mix can be planned."""
    return {
        "columns": dict(zip(order.names, cell, strict=True)),
        "is_mixed": order.is_within(cell),
        "epochs_max": order.epochs(cell),
        "drop_share": order.left_out(cell),
        "tokens": row["there"],
        "unique_tokens": row["once"],
        "tokens_with_copies": row["with_copies"],
    }


def bands_taken(
    order: Order, sketches: pa.Table, grades: pa.Table, times: NDArray[np.int32]
) -> dict[str, dict[str, list[int]]]:
    """Tokens in each band of quality, and those taken of them, by cell."""
    cells, cell = cells_in(sketches, order.names)
    quantile, tokens = order.quantiles(sketches, grades, cells, cell), np.asarray(sketches["tokens"])
    may = np.asarray(sketches["slots"]) > 0
    found = {}
    for n, one in enumerate(cells):
        if order.left_out(one) is not None:
            of_it = (cell == n) & may
            band = (quantile[of_it] * BANDS).astype(np.int64)
            there = np.bincount(band, weights=tokens[of_it], minlength=BANDS).astype(np.int64)
            taken = np.bincount(band, weights=(tokens * times)[of_it], minlength=BANDS).astype(np.int64)
            found[_called(one)] = {"there": there.tolist(), "taken": taken.tolist()}
    return found


def _curves(order: Order, rows: list[dict[str, Any]], bands: dict[str, Any]) -> dict[str, Any]:
    """How often each twentieth by quality was to be taken, and was."""
    found = {}
    for row in rows:
        cell = tuple(row[name] for name in order.names)
        planned = _planned_factors(order, row)
        if planned is not None and _called(cell) in bands:
            one = bands[_called(cell)]
            found[_called(cell)] = {
                "planned_factors": [round(factor, 4) for factor in planned],
                "achieved_factors": [_ratio(a, b, 4) for a, b in zip(one["taken"], one["there"], strict=True)],
            }
    return found


def _called(cell: tuple[str | None, ...]) -> str:
    return ", ".join(str(value) for value in cell)


def _source(order: Order, rows: list[dict[str, Any]], whole: list[dict[str, Any]]) -> dict[str, Any]:
    planned, kept = math.fsum(row["planned"] for row in rows), sum(row["taken"] for row in rows)
    once = sum(row["taken_once"] for row in rows)
    planned_once = math.fsum(_planned_once(order, row) for row in rows)
    return {
        "origin": ", ".join(sorted({row["origin"] for row in rows})),
        "supply_tokens": sum(row["there"] for row in rows),
        "unique_tokens": sum(row["once"] for row in rows),
        **_against(rows, whole),
        "unused_tokens": sum(row["there"] for row in rows) - once,
        "epochs": _ratio(kept, once, 4),
        "planned_effective_tokens": round(effective(planned_once, planned)),
        "achieved_effective_tokens": round(effective(once, kept)),
        "bound_by": ", ".join(dict.fromkeys(row["bound_by"] for row in rows if row["bound_by"])),
    }


def _planned_once(order: Order, row: dict[str, Any]) -> float:
    """Return how many of a cell's tokens are to be taken at least once."""
    planned, once = float(row["planned"]), float(row["once"])
    factors_planned = _planned_factors(order, row)
    if factors_planned is None:
        return min(planned, once)
    whole = math.fsum(factors_planned)
    return planned * math.fsum(min(factor, 1.0) for factor in factors_planned) / whole if whole else 0.0


def _planned_factors(order: Order, row: dict[str, Any]) -> list[float] | None:
    """Return how often each twentieth by quality is to be taken; None where its source has no curve."""
    left_out = order.left_out(tuple(row[name] for name in order.names))
    if left_out is None:
        return None
    cell = pa.table({name: pa.array([row[name]], pa.string()) for name in order.names})
    return factors(row["place"] - 1, left_out, int(order.epochs_of(cell)[0]))


def _against(rows: list[dict[str, Any]], whole: list[dict[str, Any]]) -> dict[str, Any]:
    """Planned against achieved."""
    planned, kept = math.fsum(row["planned"] for row in rows), sum(row["taken"] for row in rows)
    return {
        "planned_tokens": round(planned),
        "achieved_tokens": kept,
        "planned_share": _ratio(planned, math.fsum(row["planned"] for row in whole), 6),
        "achieved_share": _ratio(kept, sum(row["taken"] for row in whole), 6),
    }


def _ratio(part: float, whole: float, digits: int) -> float:
    """Return a ratio to some digits, which is what manifests can be compared by."""
    return round(part / whole, digits) if whole else 0.0
