"""What mixes would take, before any text is read: from what an earlier release counted, or from bytes of shards.

A release tells of each cell (documents that are alike in source, origin and the columns that limits name) what it has.
Over the same corpus the plan is that of the run. What nothing has counted yet is left out, and that is told.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from jobs.sources import Listing
from jobs.spec import JobSpec
from ops.contract import Refusal
from ops.mixing.mix import Mix
from ops.mixing.order import Order
from ops.mixing.recipe import Cells, by_columns, plan
from ops.mixing.settings import weights_of
from ops.mixing.told import effective
from ops.provenance.families import Families

# Roughly: bytes of text in a byte of zstd or gzip, and bytes of text in a token.
_TEXT_OF_COMPRESSED = 3.0
_BYTES_OF_TOKEN = 4.0


@dataclass(frozen=True)
class _Cell:
    """Documents that are alike in the columns that are known, and their tokens."""

    columns: Mapping[str, str | None]
    tokens: int  # of all
    once: int  # of those that may be taken, each once
    most: int  # with every copy that may be taken


@dataclass(frozen=True)
class _Supply:
    """What there is to mix, and how that is known."""

    cells: Sequence[_Cell]
    known: Order  # the mix's, by the columns that are known
    told: str


def foreseen(spec: JobSpec, listing: Listing, released: dict[str, Any] | None) -> Iterator[str]:
    """Tell, for each mix, the tokens planned by source, or the limits that conflict; `released`: the last manifest."""
    for number, (label, step) in enumerate(zip(spec.labels, spec.steps, strict=True)):
        if isinstance(step, Mix):
            supply = _counted(spec, listing, step, label, released) or _estimated(spec, listing, step, number)
            yield f"{label}: {supply.told}"
            yield from (f"  {line}" for line in (*_unknown(step, supply), *_planned(spec, step, supply)))


def _counted(spec: JobSpec, listing: Listing, step: Mix, label: str, released: dict[str, Any] | None) -> _Supply | None:
    """Return what a release's mix has told of its cells; None where it counted other tokens, or nothing."""
    told = (released or {}).get("surveys", {}).get(label, {})
    if not released or told.get("tokenizer") != step.counted_by or not told.get("cells"):
        return None
    release = f"release {released['release']}"
    known = step.order.by_columns(told["cells"][0]["columns"])
    cells = [_of_release(one, known) for one in told["cells"]]
    new = {source.name for source in spec.sources} - {shard["source"] for shard in released["inputs"]}
    more = [cell for cell in _by_bytes(spec, listing, known) if cell.columns["source"] in new and cell.tokens]
    by = f"by the tokens that {release} counted"
    if not all(_is_taken_alike(one, known) for one in told["cells"]):
        by += ", roughly: it mixed other documents, or took them more often or less"
    if more:
        names = ", ".join(str(cell.columns["source"]) for cell in more)
        by += f"; {names}, which it did not read, by the bytes of shards"
    return _Supply([*cells, *more], known, by)


def _is_taken_alike(told: dict[str, Any], order: Order) -> bool:
    cell = _key(told["columns"], order)
    own = (order.is_within(cell), order.epochs(cell), order.left_out(cell))
    return own == (told["is_mixed"], told["epochs_max"], told["drop_share"])


def _of_release(told: dict[str, Any], order: Order) -> _Cell:
    once = told["unique_tokens"] if told["is_mixed"] else told["tokens"]
    same = _is_taken_alike(told, order)
    most = told["tokens_with_copies"] if same else once * order.epochs(_key(told["columns"], order))
    return _Cell(told["columns"], told["tokens"], once, most)


def _estimated(spec: JobSpec, listing: Listing, step: Mix, number: int) -> _Supply:
    """Estimate what each source has by its bytes, and the splits of each by the shares of families."""
    families = [one for one in spec.steps[:number] if isinstance(one, Families)]
    known = step.order.by_columns({"source", "origin", *(("split",) if families else ())})
    cells = _by_bytes(spec, listing, known)
    by = "an estimate from the bytes of shards, before anything is dropped"
    if "split" in known.names:
        by += "; splits by the shares of families"
        cells = [one for cell in cells for one in _by_split(cell, families[-1], known)]
    return _Supply(cells, known, by)


def _by_bytes(spec: JobSpec, listing: Listing, order: Order) -> list[_Cell]:
    bytes_of = dict.fromkeys((source.name for source in spec.sources), 0.0)
    shards = {(unit.reads["source"], unit.reads["path"]): unit.reads for unit in listing.units}
    for shard in shards.values():
        is_compressed = shard["compression"] != "none" or shard["format"] == "parquet"
        bytes_of[shard["source"]] += shard["bytes"] * (_TEXT_OF_COMPRESSED if is_compressed else 1.0)
    none = dict.fromkeys(order.names)
    return [
        _cell_of(none | {"source": one.name, "origin": one.origin}, round(bytes_of[one.name] / _BYTES_OF_TOKEN), order)
        for one in spec.sources
    ]


def _by_split(cell: _Cell, families: Families, order: Order) -> Iterator[_Cell]:
    """Divide a cell; what is not real has splits of `synthetic_in` alone."""
    is_real = cell.columns["origin"] == "real"
    shares = {name: share for name, share in families.shares.items() if is_real or name in families.synthetic_in}
    whole = sum(shares.values())
    for name, share in shares.items():
        yield _cell_of({**cell.columns, "split": name}, round(cell.tokens * share / whole), order)


def _cell_of(columns: Mapping[str, str | None], tokens: int, order: Order) -> _Cell:
    return _Cell(columns, tokens, tokens, tokens * order.epochs(_key(columns, order)))


def _key(columns: Mapping[str, str | None], order: Order) -> tuple[str | None, ...]:
    return tuple(columns[name] for name in order.names)


def _unknown(step: Mix, supply: _Supply) -> Iterator[str]:
    """Tell what the plan leaves out."""
    columns = [name for name in step.order.names if name not in supply.known.names]
    if columns:
        parts = ["limits"] if any({*columns} & limit.columns for limit in step.limits) else []
        parts += ["within"] if {*columns} & {*step.within} else []
        yield f"planned without {' and '.join(parts)} by {', '.join(columns)}: no release has counted by that yet"


def _planned(spec: JobSpec, step: Mix, supply: _Supply) -> Iterator[str]:
    order, sources = supply.known, {source.name: source for source in spec.sources}
    there = [cell for cell in supply.cells if cell.columns["source"] in sources]
    mixed = [cell for cell in there if order.is_within(_key(cell.columns, order))]
    recipe = by_columns(step.recipe, order.names)
    if step.weights_file is not None:
        recipe = replace(recipe, weights=weights_of(step.weights_file.read("mix")))
    named = {*recipe.shares, *(recipe.weights or ())} - {cell.columns["source"] for cell in mixed}
    values = {"origin": "unknown", **{name: values[0] for name, values in order.within.items()}}
    none = dict.fromkeys(order.names) | values
    mixed += [_Cell(none | {"source": name}, 0, 0, 0) for name in sorted(named & {*sources})]
    columns = {name: [cell.columns[name] for cell in mixed] for name in order.names}
    once, most = (np.array([getattr(cell, name) for cell in mixed], np.int64) for name in ("once", "most"))
    try:
        made = plan(Cells(columns, once, most), recipe)
    except Refusal as refused:
        yield str(refused)
        return
    parts = list(zip(mixed, made.tokens.tolist(), strict=True))
    for name in sources:
        own = [(cell, taken) for cell, taken in parts if cell.columns["source"] == name]
        yield f"{name}: {_told(own, made.tokens.sum(), has_curve=name in order.curves)}"
    outside = sum(cell.tokens for cell in there) - sum(cell.tokens for cell in mixed)
    if outside:
        yield f"outside `within`: {outside:,} tokens, which stay as they are"


def _told(parts: Sequence[tuple[_Cell, float]], total: float, *, has_curve: bool) -> str:
    """Tell of a source; how its documents are repeated where a curve does not say so."""
    taken, once = sum(part for _, part in parts), sum(min(cell.once, part) for cell, part in parts)
    share = taken / total if total else 0
    told = f"{taken:,.0f} of {sum(cell.once for cell, _ in parts):,} tokens, {share:.1%} of the mix"
    if has_curve:
        return f"{told}, repeated by its curve"
    return f"{told}, {taken / once if once else 0:.2f} epochs, worth {effective(once, taken):,.0f} unique tokens"
