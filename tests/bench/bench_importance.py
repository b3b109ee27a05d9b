"""Importance: does what it prefers resemble the target more than what chance prefers, and how fast it is.

The target is half of one source of a corpus; the other half, which is nowhere in the target, tells how near a selection
is. A selection takes documents of the rest of the corpus, in order of importance + Gumbel noise (DSIR), or of chance,
up to a share of its tokens. Divergence is of hashed unigrams and bigrams: sum p log(p / q), p of the half held out.

GRISTMILL_BENCH_CORPUS names a folder with part-*.parquet that has the columns id, text and source.
"""

import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from bench_kernels import REPEATS, cpu_of
from corpus import shards_of
from machine import described, median
from numpy.typing import NDArray

from ops.filters.decontaminate import Decontaminate
from ops.kernels.hashing import chance
from ops.kernels.tokens import count_tokens
from ops.mixing.importance import Importance

SHARES = (0.02, 0.05, 0.1)
ITEMS = 15_000
OP = Importance(against=("target",))
POWERS = (0.0, 0.5, 0.75)


def main() -> None:
    print(described())
    with tempfile.TemporaryDirectory() as folder:
        shards = [pq.read_table(f) for f in shards_of(Path(folder))]
    table = pa.concat_tables([shard.select(["id", "text", "source"]) for shard in shards]).combine_chunks()
    draw = chance(table["id"], 1).astype(np.float64) / 2**64
    source = np.asarray(table["source"])
    for name in sorted({*source}):
        target, held_out = ((source == name) & half for half in (draw < 0.25, draw >= 0.75))
        rest = pa.array(~target & ~held_out)
        told(name, table.filter(pa.array(target)), table.filter(pa.array(held_out)), table.filter(rest))
    speed([pa.table({"text": part["text"]}) for part in table.to_batches(max_chunksize=1000)])


def told(name: str, target: pa.Table, held_out: pa.Table, rest: pa.Table) -> None:
    sums = OP.sketch(rest).append_column("of_references", OP.sketch(target)["sums"])
    noise = -np.log(-np.log((chance(rest["id"], 7).astype(np.float64) + 0.5) / 2**64))
    ops = [OP.model_copy(update={"length_power": power}) for power in POWERS]
    orders = [np.asarray(op.apply(rest, sums)["importance"]) + noise for op in ops]
    tokens = count_tokens(rest["text"])
    wanted = np.asarray(OP.sketch(held_out)["sums"])
    for share in SHARES:
        random, *near = (
            divergence(wanted, np.asarray(OP.sketch(rest.filter(taken(order, tokens, share)))["sums"]))
            for order in (noise, *orders)
        )
        less = ", ".join(f"{one:.3f} ({1 - one / random:.0%} less)" for one in near)
        print(
            f"target {name}, {share:.0%} of {tokens.sum() / 1e6:.1f} M tokens: nats from what was held out, by chance "
            f"{random:.3f}; by length_power {POWERS}: {less}"
        )


def taken(order: NDArray[np.float64], tokens: NDArray[np.int64], share: float) -> pa.Array:
    """Take documents from the greatest on until there are enough tokens."""
    best = np.argsort(-order)
    stays = np.zeros(len(order), np.bool_)
    stays[best[np.cumsum(tokens[best]) <= share * tokens.sum()]] = True
    return pa.array(stays)


def divergence(wanted: NDArray[np.int64], have: NDArray[np.int64]) -> float:
    p, q = (counts / counts.sum() + 1e-8 for counts in (wanted, have))
    return float((p * np.log(p / q)).sum())


def speed(batches: list[pa.Table]) -> None:
    size = sum(batch["text"].nbytes for batch in batches) / 1e6
    sums = OP.sketch(batches[0]).append_column("of_references", OP.sketch(batches[1])["sums"])
    random = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        items = [" ".join(f"w{n}" for n in random.integers(0, 10**6, 60)) for _ in range(ITEMS)]
        (Path(folder) / "items.txt").write_text("\n".join(items))
        judge = Decontaminate(evaluations={"items": f"{folder}/items.txt"})  # type: ignore[dict-item]
        ways = {
            "importance, sums": OP.sketch,
            "importance, each document's": lambda batch: OP.apply(batch, sums),
            f"decontaminate, {ITEMS:,} items of 60 words": judge.judge,
        }
        for name, way in ways.items():
            way(batches[0])
            rate = size / median([cpu_of(way, batches) for _ in range(REPEATS)])
            print(f"{name}: {size:.0f} MB, {rate:.0f} MB/s")


if __name__ == "__main__":
    main()
