"""What mixes would take, before any text is read: by source, from what an earlier release counted or from bytes.

Limits and epochs by columns that only documents have are left out, and so are quality curves.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from jobs.sources import Listing
from jobs.spec import JobSpec
from ops.contract import Refusal
from ops.mixing.mix import Mix
from ops.mixing.recipe import Cells, of_sources, plan
from ops.mixing.settings import weights_of
from ops.mixing.told import effective

# Roughly: bytes of text in a byte of zstd or gzip, and bytes of text in a token.
_TEXT_OF_COMPRESSED = 3.0
_BYTES_OF_TOKEN = 4.0

_KNOWN = {"source", "origin"}


def foreseen(spec: JobSpec, listing: Listing, released: dict[str, Any] | None) -> Iterator[str]:
    """Tell, for each mix, the tokens planned by source, or the limits that conflict; `released`: the last manifest."""
    for label, step in zip(spec.labels, spec.steps, strict=True):
        if isinstance(step, Mix):
            counted = _counted(step, label, released)
            supply = {source.name: counted.get(source.name, 0) for source in spec.sources}
            if counted and released:
                by = f"by the tokens that release {released['release']} counted"
            else:
                supply = _estimated(spec, listing)
                by = "an estimate from the bytes of shards, before anything is dropped"
            yield f"{label}: {by}"
            yield from (f"  {line}" for line in _planned(spec, step, supply))


def _counted(step: Mix, label: str, released: dict[str, Any] | None) -> dict[str, int]:
    """Return the tokens that an earlier mix found, by source; none where it counted other tokens."""
    told = (released or {}).get("surveys", {}).get(label, {})
    if told.get("tokenizer") != step.counted_by:
        return {}
    return {name: one["unique_tokens"] for name, one in told["sources"].items() if "unique_tokens" in one}


def _estimated(spec: JobSpec, listing: Listing) -> dict[str, int]:
    bytes_of = dict.fromkeys((source.name for source in spec.sources), 0.0)
    shards = {(unit.reads["source"], unit.reads["path"]): unit.reads for unit in listing.units}
    for shard in shards.values():
        is_compressed = shard["compression"] != "none" or shard["format"] == "parquet"
        bytes_of[shard["source"]] += shard["bytes"] * (_TEXT_OF_COMPRESSED if is_compressed else 1.0)
    return {name: round(size / _BYTES_OF_TOKEN) for name, size in bytes_of.items()}


def _planned(spec: JobSpec, step: Mix, supply: dict[str, int]) -> Iterator[str]:
    sources = spec.sources
    tokens = np.array([supply[source.name] for source in sources], np.int64)
    epochs = np.array([_epochs(step, {"source": one.name, "origin": one.origin}) for one in sources], np.int64)
    columns: dict[str, list[str | None]] = {
        "source": [one.name for one in sources],
        "origin": [one.origin for one in sources],
    }
    recipe = step.recipe
    if step.weights_file is not None:
        recipe = replace(recipe, weights=weights_of(step.weights_file.read("mix")))
    try:
        made = plan(Cells(columns, tokens, tokens * epochs), of_sources(recipe))
    except Refusal as refused:
        yield str(refused)
        return
    total = made.tokens.sum()
    for source, there, taken in zip(sources, tokens.tolist(), made.tokens.tolist(), strict=True):
        once = min(there, taken)
        yield (
            f"{source.name}: {taken:,.0f} of {there:,} tokens, {taken / total if total else 0:.1%} of the mix, "
            f"{taken / once if once else 0:.2f} epochs, worth {effective(once, taken):,.0f} unique tokens"
        )


def _epochs(step: Mix, cell: dict[str, str]) -> int:
    limits = [
        limit.epochs_max
        for limit in step.limits
        if limit.epochs_max is not None
        and {*limit.where} <= _KNOWN
        and all(cell[column] in values for column, values in limit.where.items())
    ]
    return min(limits, default=step.epochs_max)
