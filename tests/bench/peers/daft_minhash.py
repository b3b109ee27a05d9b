"""Near dedup with Daft's `minhash` over a folder of Parquet shards. Run by bench_peers.py, in a venv of its own.

Daft gives the signatures; bands and connected components are queries here, as in Daft's own tutorial: 14 bands of 8,
5-grams, links to the least document of a bucket, then large-star and small-star (Kiveris et al., 2014) until nothing
changes. Everything but the links stays lazy: text is read once to be signed and once to be written.
"""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("DAFT_ANALYTICS_ENABLED", "0")
os.environ.setdefault("DAFT_PROGRESS_BAR", "0")

import daft
import pyarrow.parquet as pq
from daft import DataFrame, col
from daft.functions import hash as hashed
from daft.functions import minhash, normalize, to_list, when
from daft.functions import slice as part

BANDS = 14
BAND_ROWS = 8
SHINGLE_WORDS = 5


def main(source: str, target: str) -> None:
    documents = daft.read_parquet(f"{source}/*.parquet").with_column("node", hashed(col("id")))
    lost = losers(links(documents))
    documents.join(lost, on="node", how="anti").exclude("node").write_parquet(target, compression="zstd")
    print(json.dumps({"kept": sum(pq.read_metadata(file).num_rows for file in Path(target).rglob("*.parquet"))}))


def links(documents: DataFrame) -> DataFrame:
    """Link every document of a bucket to the least one in it."""
    text = normalize(col("text"), remove_punct=True, lowercase=True, white_space=True)
    signature = minhash(text, num_hashes=BANDS * BAND_ROWS, ngram_size=SHINGLE_WORDS)
    keys = [
        hashed(part(col("signature"), band * BAND_ROWS, (band + 1) * BAND_ROWS), seed=band) for band in range(BANDS)
    ]
    signed = documents.select("node", signature.alias("signature"))
    buckets = signed.select("node", to_list(*keys).alias("bucket")).explode("bucket").collect()
    hubs = buckets.groupby("bucket").agg(col("node").min().alias("hub"))
    linked = buckets.join(hubs, on="bucket").where(col("node") != col("hub"))
    return linked.select("node", "hub").distinct().collect()


def losers(edges: DataFrame) -> DataFrame:
    """Return the documents that are not the least of their connected component."""
    while True:
        before = edges
        edges = small_star(large_star(edges)).collect()
        if fingerprint(edges) == fingerprint(before):
            return edges.select("node").distinct()


def large_star(edges: DataFrame) -> DataFrame:
    """Link the greater neighbours of each document to its least one."""
    both = edges.union_all(edges.select(col("hub").alias("node"), col("node").alias("hub")))
    least = both.groupby("node").agg(col("hub").min().alias("least"))
    near = both.join(least, on="node").where(col("hub") > col("node"))
    smaller = when(col("least") < col("node"), col("least")).otherwise(col("node"))
    return near.select(col("hub").alias("node"), smaller.alias("hub")).distinct()


def small_star(edges: DataFrame) -> DataFrame:
    """Link each document, and its lesser neighbours, to the least of them."""
    least = edges.groupby("node").agg(col("hub").min().alias("least"))
    near = edges.join(least, on="node")
    others = near.where(col("hub") != col("least")).select(col("hub").alias("node"), col("least").alias("hub"))
    own = least.select(col("node"), col("least").alias("hub"))
    return others.union_all(own).distinct()


def fingerprint(edges: DataFrame) -> tuple[int, int]:
    """Sum up a set of edges, whatever their order."""
    # Half of each hash: sums of whole ones would overflow.
    mark = hashed(col("node"), col("hub")).cast(daft.DataType.int64()) // 2**24
    found = edges.agg(col("node").count().alias("count"), mark.sum().alias("sum")).to_pydict()
    return found["count"][0], found["sum"][0] or 0


if __name__ == "__main__":
    main(*sys.argv[1:])
