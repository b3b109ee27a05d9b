"""A shuffled release: every document once, in an order that nothing but ids and the seed decides."""

from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import article, release_bytes, run_quietly, write_parquet
from hypothesis import given
from hypothesis import strategies as st

from jobs import runs, shuffle, sources
from jobs.commits import Commit
from jobs.outbox import Outbox
from jobs.places import places_of
from jobs.release import Published
from jobs.runs import cut_evenly, in_order
from jobs.shuffle import Leaf, cut_leaves, plan_leaves
from jobs.sorted import LAST_KEY, partition_range, sorted_files, write_sorted_tables
from jobs.spec import JobSpec, parse
from jobs.storage import open_storage

JOB = """
name = "test"
target = "{target}"
seed = {seed}
[[sources]]
name = "web"
path = "{raw}/web"
origin = "real"
[[sources]]
name = "textbook"
path = "{raw}/textbook"
origin = "synthetic"
[[steps]]
op = "length"
chars_min = 20
[release]
order = "shuffled"
shard_bytes = {shard_bytes}
[run]
engine = "inline"
partition_bytes = {partition_bytes}
"""


def job(
    raw: Path,
    target: Path,
    *,
    seed: int = 17,
    shard_bytes: int = 20_000,
    partition_bytes: int = 2**26,
    release: str = "",
) -> JobSpec:
    given = {"seed": seed, "shard_bytes": shard_bytes, "partition_bytes": partition_bytes, "release": release}
    return parse(JOB.format(raw=raw, target=target, **given).encode(), "job.toml")


def fill(raw: Path, count: int = 600) -> Path:
    for n in range(0, count, 60):
        rows = [{"id": f"web-{k}", "text": article(k), "url": None} for k in range(n, n + 40)]
        write_parquet(raw / "web" / f"part-{n:05d}.parquet", rows, row_group_size=15)
        rows = [{"id": f"book-{k}", "text": article(10_000 + k), "url": None} for k in range(n, n + 20)]
        write_parquet(raw / "textbook" / f"part-{n:05d}.parquet", rows)
    return raw


def documents(made: Published, target: Path) -> list[list[dict[str, Any]]]:
    folder = target / made.folder
    return [pq.read_table(folder / entry["path"]).to_pylist() for entry in made.manifest["files"]]


def test_every_document_is_there_once_and_in_no_order_of_sources(tmp_path: Path) -> None:
    raw = fill(tmp_path / "raw")
    shards = documents(run_quietly(job(raw, tmp_path / "out")), tmp_path / "out")
    rows = [row for shard in shards for row in shard]
    assert Counter(row["id"] for row in rows) == Counter(
        f"{name}-{k}" for n in range(0, 600, 60) for name, c in (("web", 40), ("book", 20)) for k in range(n, n + c)
    )
    assert {row["id"]: row["text"] for row in rows}["web-3"] == article(3)
    sizes = [sum(len(row["text"].encode()) for row in shard) for shard in shards]
    assert max(sizes) <= 20_000
    assert len(shards) > 15


def test_sources_follow_one_another_as_by_chance(tmp_path: Path) -> None:
    """Wald and Wolfowitz's runs test: in each shard, and over all of them."""
    made = run_quietly(job(fill(tmp_path / "raw", 3000), tmp_path / "out", shard_bytes=200_000))
    shards = [[row["source"] == "web" for row in shard] for shard in documents(made, tmp_path / "out")]
    assert len(shards) > 5
    scores = [_runs_score(np.array(labels)) for labels in [*shards, [label for shard in shards for label in shard]]]
    assert np.abs(scores).max() < 3.5
    assert all(0.5 < np.mean(labels) < 0.83 for labels in shards)
    in_order = np.repeat([True, False], [2000, 1000])
    assert abs(_runs_score(in_order)) > 30


def _runs_score(labels: np.ndarray) -> float:
    """How many standard deviations the number of runs is from what chance gives."""
    one, other = labels.sum(), (~labels).sum()
    count = one + other
    expected = 2 * one * other / count + 1
    variance = (expected - 1) * (expected - 2) / (count - 1)
    return float(((labels[1:] != labels[:-1]).sum() + 1 - expected) / np.sqrt(variance))


def test_units_chunks_and_merges_do_not_change_a_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = fill(tmp_path / "raw")
    run_quietly(job(raw, tmp_path / "whole"))
    monkeypatch.setattr(sources, "UNIT_BYTES", 2_000)
    run_quietly(job(raw, tmp_path / "units"))
    run_quietly(job(raw, tmp_path / "chunks", partition_bytes=16_384))
    monkeypatch.setattr(runs, "_SLICE_BYTES", 100)
    run_quietly(job(raw, tmp_path / "unmerged"))
    whole, *others = (release_bytes(tmp_path / name) for name in ("whole", "units", "chunks", "unmerged"))
    assert len(list((tmp_path / "units").glob("stages/*.merged-*/commits/*.json"))) >= 1
    assert len(list((tmp_path / "unmerged").glob("stages/*.merged-*/commits/*.json"))) == 0
    assert len(list((tmp_path / "chunks").glob("stages/*.sizes-*/commits/*.json"))) > 1
    data = {name: body for name, body in whole.items() if name.startswith("data/")}
    assert [{name: body for name, body in other.items() if name.startswith("data/")} for other in others] == [data] * 3


def test_windows_are_row_groups_and_hold_the_same_documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = fill(tmp_path / "raw")
    whole = documents(run_quietly(job(raw, tmp_path / "whole")), tmp_path / "whole")
    monkeypatch.setattr(shuffle, "_WINDOW_BYTES", 1_000)
    made = run_quietly(job(raw, tmp_path / "windows"))
    assert documents(made, tmp_path / "windows") == whole
    first = pq.ParquetFile(tmp_path / "windows" / made.folder / made.manifest["files"][0]["path"])
    assert first.num_row_groups > 3


def test_the_seed_decides_the_order(tmp_path: Path) -> None:
    raw = fill(tmp_path / "raw", 60)
    orders = []
    for seed in (1, 2, 1):
        target = tmp_path / f"{seed}-{len(orders)}"
        shards = documents(run_quietly(job(raw, target, seed=seed, shard_bytes=2**30)), target)
        orders.append([row["id"] for row in shards[0]])
    assert orders[0] == orders[2] != orders[1]
    assert sorted(orders[0]) == sorted(orders[1])


def test_a_new_document_rewrites_its_shard_alone(tmp_path: Path) -> None:
    raw, target = fill(tmp_path / "raw"), tmp_path / "out"
    first = run_quietly(job(raw, target, shard_bytes=60_000))
    write_parquet(raw / "web" / "new.parquet", [{"id": "new", "text": article(77_777), "url": None}])
    second = run_quietly(job(raw, target, shard_bytes=60_000))
    before, after = ({entry["sha256"] for entry in made.manifest["files"]} for made in (first, second))
    assert len(before) > 5
    assert 1 <= len(after - before) <= 2
    run_quietly(job(raw, tmp_path / "at-once", shard_bytes=60_000))
    nightly, at_once = release_bytes(target, 2), release_bytes(tmp_path / "at-once")
    nightly["release.json"] = nightly["release.json"].replace(b'"release": 2', b'"release": 1')
    assert nightly == at_once


def test_no_documents_no_shards(tmp_path: Path) -> None:
    for name in ("web", "textbook"):
        write_parquet(tmp_path / "raw" / name / "a.parquet", [{"id": name, "text": "short", "url": None}])
    made = run_quietly(job(tmp_path / "raw", tmp_path / "out"))
    assert made.manifest["files"] == []


DOCS = st.dictionaries(st.integers(0, LAST_KEY), st.integers(0, 500), min_size=1, max_size=60)


@given(sizes_at=DOCS, most=st.sampled_from([1, 100, 700, 10**9]), partitions=st.sampled_from([2, 8, 64]))
def test_shards_do_not_depend_on_partitions(sizes_at: dict[int, int], most: int, partitions: int) -> None:
    docs = sorted(sizes_at.items())
    place, sizes = np.array([d[0] for d in docs], np.uint64), np.array([d[1] for d in docs])
    marks = place ^ np.uint64(12345)

    def planned(count: int) -> list[Leaf]:
        leaves = []
        for n in range(count):
            first, last = partition_range(n, count)
            here = (place >= np.uint64(first)) & (place <= np.uint64(last))
            leaves += cut_leaves(place[here], sizes[here], marks[here], first, last, most)
        return plan_leaves(leaves, most)

    shards = planned(1)
    assert planned(partitions) == shards
    assert sum(leaf.rows for leaf in shards) == len(docs)
    assert sum(leaf.bytes for leaf in shards) == sizes.sum()
    assert all(leaf.bytes <= most or leaf.rows == 1 for leaf in shards)
    assert all(one.last < other.first for one, other in pairwise(shards))


def test_copies_of_a_document_are_at_places_of_their_own() -> None:
    ids = [f"d{n}" for n in range(1000)]
    once = places_of(pa.table({"id": ids}), 5)
    copies = [places_of(pa.table({"id": ids, "copy": pa.array([n] * 1000, pa.int32())}), 5) for n in range(3)]
    assert (once == copies[0]).all()
    assert len(np.unique(np.concatenate(copies))) == 3000
    assert abs(np.corrcoef(copies[1].astype(float), copies[2].astype(float))[0, 1]) < 0.15


def test_runs_are_read_a_window_at_a_time(tmp_path: Path) -> None:
    storage = open_storage(str(tmp_path))
    parts = []
    for n, places in enumerate(([0, 4, 5, 9, 10, 20], [1, 5, 14, 15], [19])):
        outbox = Outbox(storage, "stages/test")
        table = pa.table({"_place": pa.array(places, pa.uint64()), "id": [f"{n}-{place}" for place in places]})
        told = write_sorted_tables(outbox, "run", [table], "_place", group_bytes=1)
        outbox.store()
        parts += sorted_files([Commit("unit", {}, {"sorted": told}, outbox.files)])
    windows = [(0, 4), (5, 9), (10, 13), (14, 19)]
    found = [table["id"].to_pylist() for table in in_order(storage, parts, windows)]
    assert found == [["0-0", "1-1", "0-4"], ["0-5", "1-5", "0-9"], ["0-10"], ["1-14", "1-15", "2-19"]]


def test_copies_that_a_mix_takes_are_far_from_each_other(tmp_path: Path) -> None:
    raw = fill(tmp_path / "raw", 120)
    text = JOB.format(raw=raw, target=tmp_path / "out", seed=17, shard_bytes=2**30, partition_bytes=2**26).replace(
        'op = "length"\nchars_min = 20', 'op = "mix"\ntokens = 40_000\nepochs_max = 2\nsynthetic_max = 0.5'
    )
    by_order = {}
    for order in ("shuffled", "sources"):
        spec = parse(text.replace("shuffled", order).replace("/out", f"/{order}").encode(), "job.toml")
        made = run_quietly(spec)
        by_order[order] = [row for shard in documents(made, tmp_path / order) for row in shard]
        assert made.manifest["counts"]["repeated"] > 20
    shuffled, plain = by_order["shuffled"], by_order["sources"]
    assert Counter((row["id"], row["copy"]) for row in shuffled) == Counter((row["id"], row["copy"]) for row in plain)
    places = [[n for n, row in enumerate(shuffled) if row["id"] == id_] for id_ in {row["id"] for row in shuffled}]
    apart = [some[1] - some[0] for some in places if len(some) == 2]
    assert np.mean(apart) > len(shuffled) / 5  # a third, by chance


def test_windows_cover_a_range_once() -> None:
    windows = cut_evenly(0, LAST_KEY, 7)
    assert windows[0][0] == 0
    assert windows[-1][1] == LAST_KEY
    assert all(one[1] + 1 == other[0] for one, other in pairwise(windows))
    assert cut_evenly(5, 5, 3) == [(5, 5)]
