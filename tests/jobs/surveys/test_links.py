"""Documents that share a key are linked, whichever units went since, and however many have the key."""

import random
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from jobs.commits import Commit
from jobs.engine import inline
from jobs.outbox import Outbox, read_table
from jobs.progress import Progress
from jobs.sorted import sorted_files, write_sorted
from jobs.storage import open_storage
from jobs.surveys.keys import KEYS, LiveRun
from jobs.surveys.links import link
from jobs.units import Run, Stage

Entry = tuple[int, int, int]  # key, unit of its run, row


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(open_storage(str(tmp_path)), inline, Progress(silent=True), "run")


def live(run: Run, entries: Sequence[Entry], *numbers: int) -> LiveRun:
    """A run of some entries, whose units have these numbers now."""
    of_columns = zip(zip(*sorted(entries), strict=True), KEYS.types, strict=True)
    columns = [pa.array(values, kind) for values, kind in of_columns]
    outbox = Outbox(run.storage, "runs")
    facts = {"sorted": write_sorted(outbox, "keys", pa.table(columns, schema=KEYS), "key", group_bytes=64)}
    outbox.store()
    return LiveRun(tuple(sorted_files([Commit("run", {}, facts, outbox.files)])), numbers, 0)


def clusters(run: Run, runs: Sequence[LiveRun], partition_bytes: int) -> set[frozenset[int]]:
    """Addresses that links connect."""
    of: dict[int, set[int]] = {}
    for part in sorted_files(link(run, Stage("links", "links"), runs, partition_bytes)):
        table = read_table(run.storage, part.file)
        for one, other in zip(table["one"].to_pylist(), table["other"].to_pylist(), strict=True):
            joined = of.get(one, {one}) | of.get(other, {other})
            of |= dict.fromkeys(joined, joined)
    return {frozenset(joined) for joined in of.values()}


@pytest.mark.parametrize("partition_bytes", [100, 100_000])
@pytest.mark.parametrize("gone", [None, 0, 1])
def test_a_hot_key_links_all_that_are_left(run: Run, partition_bytes: int, gone: int | None) -> None:
    """With few bytes, more documents have the key than a worker may hold: they are read some at a time."""
    hot, chosen = 2**62, random.Random(1)
    alone = [(chosen.randrange(2**63, 2**64), unit, 99) for unit in (0, 1) for _ in range(20)]
    first = [*alone, *((hot, unit, row) for unit in (0, 1) for row in range(30))]
    numbers = [-1 if unit == gone else unit for unit in (0, 1)]
    runs = [live(run, first, *numbers), live(run, [(hot, 0, 7), (2**61, 0, 8)], 5)]
    left = {unit << 32 | row for unit in (0, 1) if unit != gone for row in range(30)}
    assert clusters(run, runs, partition_bytes) == {frozenset(left | {5 << 32 | 7})}


def test_documents_that_are_alone_with_their_keys_have_no_links(run: Run) -> None:
    chosen = random.Random(2)
    runs = [live(run, [(chosen.randrange(2**64), 0, row) for row in range(2000)], number) for number in (0, 1)]
    assert clusters(run, runs, 100_000) == set()
