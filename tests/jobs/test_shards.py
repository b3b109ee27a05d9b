"""Where releases are cut: every document once and in order, no shard too large, and a change is felt nearby alone."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import article, release_bytes, run_quietly, write_parquet
from hypothesis import given
from hypothesis import strategies as st

from jobs.boundaries import Segments, rank_below, segment
from jobs.commits import File, digest
from jobs.held import TIMES_ROWS, Held, read_held
from jobs.outbox import Outbox
from jobs.shards import Shard, plan_shards, shard_units
from jobs.spec import parse
from jobs.storage import open_storage


@dataclass(frozen=True)
class Doc:
    id: str
    size: int
    kept: bool = True


def unit_of(docs: list[Doc], shard_bytes: int) -> Segments:
    """Segment a unit as its worker would; its `data` is named by all of its documents."""
    kept = [doc for doc in docs if doc.kept]
    data = File("data", len(docs), 0, digest([[doc.id, doc.size] for doc in docs]))
    size = sum(doc.size for doc in kept)
    rows = np.array([n for n, doc in enumerate(docs) if doc.kept])
    sizes = np.array([doc.size for doc in kept])
    told = segment(pa.chunked_array([[doc.id for doc in kept]]), sizes, rows, shard_bytes)
    return Segments(Held(data.sha256, "web", data, (), len(kept), size), **told)


def plan(units: Iterable[list[Doc]], shard_bytes: int) -> tuple[list[Shard], list[list[Doc]]]:
    """Return the shards, and the documents of each."""
    some = [unit for unit in units if any(doc.kept for doc in unit)]
    segments = [unit_of(unit, shard_bytes) for unit in some]
    by_unit = {one.held.unit: unit for one, unit in zip(segments, some, strict=True)}
    shards = plan_shards(segments, shard_bytes)
    return shards, [
        [doc for part in shard.parts for doc in by_unit[part.held.unit][part.begin : part.end] if doc.kept]
        for shard in shards
    ]


def corpus(seed: int, count: int = 6000, name: str = "doc") -> list[Doc]:
    """Documents of 0 to 20,000 bytes, as they are: many short ones, few long ones. About 1,000 bytes each."""
    sizes = np.random.default_rng(seed).lognormal(6.5, 1, count).astype(int) % 20_000
    return [Doc(f"{name}-{seed}-{n}", int(size)) for n, size in enumerate(sizes)]


def in_units(docs: list[Doc], count: int) -> list[list[Doc]]:
    return [docs[n : n + count] for n in range(0, len(docs), count)]


SIZES = st.one_of(st.just(0), st.integers(1, 30), st.integers(30, 2000))
UNITS = st.lists(st.lists(st.tuples(SIZES, st.booleans()), max_size=30), max_size=6)


@given(units=UNITS, shard_bytes=st.sampled_from([1, 2, 7, 33, 100, 1000, 10**6, 2**40]))
def test_shards_hold_every_document_once_in_order_and_are_not_too_large(
    units: list[list[tuple[int, bool]]], shard_bytes: int
) -> None:
    numbered = [[Doc(f"{u}-{n}", *doc) for n, doc in enumerate(unit)] for u, unit in enumerate(units)]
    shards, held = plan(numbered, shard_bytes)
    assert [doc for docs in held for doc in docs] == [doc for unit in numbered for doc in unit if doc.kept]
    assert all(held)
    assert [shard.bytes for shard in shards] == [sum(doc.size for doc in docs) for docs in held]
    for docs in held:
        assert sum(doc.size for doc in docs) <= shard_bytes or sum(doc.size > 0 for doc in docs) == 1
    assert len({shard.name for shard in shards}) == len(shards)


def test_no_documents_no_shards() -> None:
    assert plan([], 100) == ([], [])
    assert plan([[Doc("a", 5, kept=False)], []], 100) == ([], [])


def test_documents_without_text_are_one_shard() -> None:
    _, held = plan([[Doc(f"{u}-{n}", 0) for n in range(50)] for u in range(3)], 1)
    assert [len(docs) for docs in held] == [150]


def test_a_huge_document_is_a_shard_of_its_own() -> None:
    docs = corpus(1, 300)
    _, held = plan([[*docs[:150], Doc("huge", 10**9), *docs[150:]]], 50_000)
    assert [Doc("huge", 10**9)] in held
    assert max(sum(doc.size for doc in some) for some in held if some != [Doc("huge", 10**9)]) <= 50_000


@pytest.mark.parametrize("per_unit", [1, 10, 3000])
def test_where_candidates_are_missing_shards_are_cut_all_the_same(per_unit: int) -> None:
    """Their ids are chosen so; by chance alone it never comes."""
    shard_bytes = 20_000
    told = [(Doc(f"dull-{n}", 10), unit_of([Doc(f"dull-{n}", 10)], shard_bytes)) for n in range(9000)]
    dull = [doc for doc, one in told if one.rank[0] >= rank_below(shard_bytes)]
    assert len(dull) > 8000
    _, held = plan(in_units(dull, per_unit), shard_bytes)
    sizes = [10 * len(docs) for docs in held]
    assert max(sizes) <= shard_bytes
    assert len(sizes) <= 2 * sum(sizes) / shard_bytes + 1


def test_how_a_source_is_cut_into_units_does_not_matter() -> None:
    docs = corpus(2)
    whole = plan([docs], 100_000)[1]
    assert len(whole) > 50
    assert [plan(in_units(docs, count), 100_000)[1] for count in (1, 7, 500)] == [whole] * 3


def test_shards_are_two_thirds_full() -> None:
    shards = plan([corpus(3, 20_000)], 200_000)[0]
    sizes = np.array([shard.bytes for shard in shards])
    assert 0.62 < sizes.mean() / 200_000 < 0.72
    assert (sizes >= 100_000).mean() > 0.95


def changed(before: list[list[Doc]], after: list[list[Doc]]) -> int:
    """How many shards a night writes."""
    plans = [{shard.name for shard in plan(units, 100_000)[0]} for units in (before, after)]
    return len(plans[1] - plans[0])


def test_a_change_in_one_unit_rewrites_that_units_shards_alone() -> None:
    """The unit's data is another file, so its own 2 or 3 shards are named anew, and at most few beside them."""
    counts = []
    for seed in range(30):
        units = in_units(corpus(seed), 100)
        at = seed * 2
        new = Doc("new", 700)
        inserted = [*units[:at], [*units[at][:50], new, *units[at][50:]], *units[at + 1 :]]
        removed = [*units[:at], units[at][:-30], *units[at + 1 :]]
        counts += [changed(units, inserted), changed(units, removed)]
    assert np.mean(counts) < 3.5
    assert max(counts) <= 7


def test_a_unit_more_or_less_rewrites_the_shards_around_it() -> None:
    counts = []
    for seed in range(30):
        units = in_units(corpus(seed), 100)
        fewer = [*units[:seed], *units[seed + 1 :]]
        counts += [changed(units, fewer), changed(fewer, units) - 1]
    assert np.mean(counts) < 3
    assert max(counts) <= 6


def test_a_document_that_a_survey_drops_rewrites_its_shard() -> None:
    """The unit's data is the same file: only the shard that held the document, and seldom one beside it, is new."""
    counts = []
    for seed in range(30):
        units = in_units(corpus(seed), 1000)
        after = [list(unit) for unit in units]
        gone = after[3][seed * 30]
        after[3][seed * 30] = Doc(gone.id, gone.size, kept=False)
        counts.append(changed(units, after))
    assert min(counts) >= 1
    assert np.mean(counts) < 1.3
    assert max(counts) <= 4


def test_a_shard_is_named_by_what_it_holds_alone() -> None:
    """Not by its unit, nor by ledgers, which tell more than which documents went."""
    one = unit_of(corpus(4, 300), 50_000)
    other = replace(one, held=replace(one.held, unit="other", drops=(File("ledger", 0, 1, "1f"),)))
    assert len(plan_shards([one], 50_000)) > 3
    assert shard_units(plan_shards([one], 50_000)) == shard_units(plan_shards([other], 50_000))


JOB = """
name = "test"
target = "{target}"
[[sources]]
name = "web"
path = "{raw}"
origin = "real"
[[steps]]
op = "length"
chars_min = 20
[release]
shard_bytes = 9000
[run]
engine = "inline"
"""


def run_night(raw: Path, target: Path) -> dict[str, set[str]]:
    """Run the job over a folder; return the commits of the release and of its boundaries."""
    run_quietly(parse(JOB.format(raw=raw, target=target).encode(), "job.toml"))
    return {
        name: {file.name for file in target.glob(f"stages/*-release{name}-*/commits/*.json")}
        for name in ("", ".census")
    }


def fill(raw: Path, name: str, first: int, count: int = 10) -> None:
    write_parquet(raw / f"{name}.parquet", [{"id": f"{name}-{n}", "text": article(first + n)} for n in range(count)])


def test_a_night_writes_again_only_what_changed(tmp_path: Path) -> None:
    raw, target = tmp_path / "raw", tmp_path / "out"
    for n in range(20):
        fill(raw, f"part-{n:02d}", 10 * n)
    write_parquet(raw / "part-07a.parquet", [{"id": "short", "text": "too short"}])
    first = run_night(raw, target)
    fill(raw, "part-03", 500)
    (raw / "part-09.parquet").unlink()
    fill(raw, "part-15a", 510, count=1)
    second = run_night(raw, target)
    assert len(first[".census"]) == 20
    assert len(second[".census"] - first[".census"]) == 2
    assert len(first[""]) > 15
    assert 3 <= len(second[""] - first[""]) <= 9
    run_night(raw, tmp_path / "at-once")
    nightly, at_once = release_bytes(target, 2), release_bytes(tmp_path / "at-once")
    for files in (nightly, at_once):
        files["release.json"] = files["release.json"].replace(b'"release": 2', b'"release": 1')
    assert nightly == at_once


def test_shards_of_a_release_hold_its_documents_in_order(tmp_path: Path) -> None:
    for n in range(6):
        fill(tmp_path / "raw", f"part-{n}", 10 * n, count=n)
    run_night(tmp_path / "raw", tmp_path / "out")
    ids = pq.read_table(tmp_path / "out" / "releases" / "0001" / "data")["id"].to_pylist()
    assert ids == [f"part-{n}-{k}" for n in range(6) for k in range(n)]


@pytest.mark.parametrize(("begin", "end", "groups"), [(0, 50, 5), (0, 10, 1), (9, 11, 2), (23, 24, 1), (45, 99, 1)])
def test_only_row_groups_within_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begin: int, end: int, groups: int
) -> None:
    outbox = Outbox(open_storage(str(tmp_path)), "stages/test")
    with outbox.parquet("data", pa.schema([("id", pa.int64())])) as write:
        for first in range(0, 50, 10):
            write(pa.table({"id": range(first, first + 10)}))
    ledger = outbox.table("drops", pa.table({"row": [3, 9, 30, 47]}))
    outbox.store()
    held = Held("unit", "web", outbox.files["data"], (ledger,), 46, 0)
    read: list[int] = []
    whole = pq.ParquetFile.read_row_group

    def watched(file: pq.ParquetFile, number: int, **options: object) -> pa.Table:
        read.append(number)
        return whole(file, number, **options)

    monkeypatch.setattr(pq.ParquetFile, "read_row_group", watched)
    batches = list(read_held(open_storage(str(tmp_path)), held, ["id"], with_rows=True, within=range(begin, end)))
    table = pa.concat_tables(batches)
    expected = [n for n in range(begin, min(end, 50)) if n not in (3, 9, 30, 47)]
    assert table["id"].to_pylist() == table["row"].to_pylist() == expected
    assert len(read) == groups


def test_a_document_that_is_written_several_times_has_a_number_for_each(tmp_path: Path) -> None:
    storage = open_storage(str(tmp_path))
    outbox = Outbox(storage, "stages/test")
    data = outbox.table("data", pa.table({"id": ["a", "b", "c", "d"]}))
    ledger = outbox.table("drops", pa.table({"row": [1]}))
    times = outbox.table("times", pa.table([[0, 1, 3], [3, 2, 2]], schema=TIMES_ROWS))
    outbox.store()
    held = Held("unit", "web", data, (ledger,), 3, 0, times=times, repeated=3)

    def read(**options: bool) -> dict[str, list]:
        return pa.concat_tables(read_held(storage, held, **options)).to_pydict()

    assert read() == {"id": ["a", "c", "d"]}
    assert read(with_repeats=True) == {"id": ["a", "a", "a", "c", "d", "d"], "copy": [0, 1, 2, 0, 0, 1]}
    assert read(with_repeats=True, with_rows=True)["row"] == [0, 0, 0, 2, 3, 3]
    assert held.identity() != replace(held, times=None).identity()


def test_shards_hold_the_bytes_of_copies_and_never_cut_between_them() -> None:
    ids, sizes = pa.chunked_array([[f"d{n}" for n in range(300)]]), np.full(300, 100)
    times = np.where(np.arange(300) % 3 == 0, 4, 1)
    once = segment(ids, sizes, np.arange(300), 10_000)
    told = segment(ids, sizes, np.arange(300), 10_000, times)
    assert sum(once["bytes"]) == 30_000
    assert sum(told["bytes"]) == 60_000
    assert [0, *told["end"][:-1]] == told["begin"]
    data = File("data", 300, 0, "sha")
    shards = plan_shards([Segments(Held("u", "web", data, (), 300, 30_000), **told)], 10_000)
    assert all(shard.bytes <= 10_000 for shard in shards)
    # Other numbers of copies are other shards.
    more = segment(ids, sizes, np.arange(300), 10_000, times + (np.arange(300) == 299))
    assert more["digest"][:-1] == told["digest"][: len(more["digest"]) - 1]
    assert more["digest"][-1] != told["digest"][-1]
