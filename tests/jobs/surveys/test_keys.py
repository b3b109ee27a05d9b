"""Key runs: whatever units came and went, live runs hold each present unit's keys once, and cost what is new."""

import math
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from jobs import sorted as sorted_module
from jobs.commits import Unit, read_commits
from jobs.engine import inline
from jobs.held import Held
from jobs.outbox import Outbox
from jobs.progress import Progress
from jobs.sorted import LAST_KEY
from jobs.storage import Storage, open_storage
from jobs.surveys import keys
from jobs.surveys.keys import LiveRun, key_runs, read_window
from jobs.surveys.pieces import Piece
from jobs.units import Outcome, Run, Stage, Task, UnitCrashed

Entries = Counter[tuple[int, int]]

STAGE = Stage("stages/01-near_dedup.keys-0123", "near_dedup: keys")


class TwoKeys:
    """A survey of which only the keys matter: two a document, 0 is none."""

    keyed_by = ("one", "two")

    def keys(self, sketches: pa.Table) -> Any:
        return np.column_stack([np.asarray(sketches["one"]), np.asarray(sketches["two"])])


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return open_storage(str(tmp_path))


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "RUNS_MERGED", 2)
    monkeypatch.setattr(sorted_module, "_ROW_GROUP_BYTES", 160)


def run_of(storage: Storage, engine: Any = inline) -> Run:
    return Run(storage, engine, Progress(silent=True), f"{random.Random().randrange(2**60)}")


def sketch_of(name: str) -> pa.Table:
    """The keys of a unit's documents, which its name decides: some are none, some come again in other units."""
    chosen = random.Random(name)
    rows = chosen.randrange(1, 9)
    made = [[chosen.choice([0, chosen.randrange(1, 9), chosen.randrange(2**64)]) for _ in range(rows)] for _ in "12"]
    return pa.table({"one": pa.array(made[0], pa.uint64()), "two": pa.array(made[1], pa.uint64())})


def pieces_of(storage: Storage, names: Sequence[str]) -> list[Piece]:
    """Pieces of some units, numbered in this order."""
    outbox = Outbox(storage, "sketches")
    made = []
    for number, name in enumerate(names):
        table = sketch_of(name)
        file = outbox.table("sketch", table)
        held = Held(name, "web", file, (), table.num_rows, 0)
        made.append(Piece(name, number, file, table.nbytes, held))
    outbox.store()
    return made


def entries_of(names: Sequence[str]) -> Entries:
    """What runs over these units must hold."""
    return Counter(
        (key, (number << 32) | row)
        for number, name in enumerate(names)
        for column in ("one", "two")
        for row, key in enumerate(sketch_of(name)[column].to_pylist())
        if key
    )


def held_by(storage: Storage, runs: Sequence[LiveRun], first: int = 0, last: int = LAST_KEY) -> Entries:
    key, at = read_window(storage, runs, first, last)
    assert (np.diff(key.astype(object)) >= 0).all()
    return Counter(zip(key.tolist(), at.tolist(), strict=True))


def night(storage: Storage, names: Sequence[str], engine: Any = inline) -> list[LiveRun]:
    """Run a night over these units, and check what its runs hold."""
    pieces = pieces_of(storage, names)
    runs = key_runs(run_of(storage, engine), STAGE, TwoKeys(), pieces)
    assert held_by(storage, runs) == entries_of(names)
    without = sum(not (a or b) for n in names for a, b in zip(*sketch_of(n).to_pydict().values(), strict=True))
    assert sum(run.without_key for run in runs) == without
    return runs


def merged_entries(storage: Storage) -> int:
    """How many entries merges have written so far."""
    names = [entry.key.rpartition("/")[2].removesuffix(".json") for entry in storage.list(f"{STAGE.folder}/commits")]
    commits = read_commits(storage, STAGE.folder, names).values()
    return sum(file.rows for commit in commits if "runs" in commit.reads for file in commit.files.values())


@pytest.mark.parametrize(("seed", "merged_at"), [(0, 2), (1, 2), (2, 3), (3, 4)])
def test_any_history_of_nights(storage: Storage, monkeypatch: pytest.MonkeyPatch, seed: int, merged_at: int) -> None:
    monkeypatch.setattr(keys, "RUNS_MERGED", merged_at)
    monkeypatch.setattr(keys, "_SKETCHES_BYTES", 200)
    monkeypatch.setattr(keys, "_MERGE_BYTES", 100)
    chosen = random.Random(seed)
    there: set[str] = set()
    gone: set[str] = set()
    for number in range(9):
        leaving = set(chosen.sample(sorted(there), chosen.randrange(len(there) // 2 + 1)))
        back = set(chosen.sample(sorted(gone), chosen.randrange(len(gone) + 1)))
        changed = {f"{name}x" for name in leaving if chosen.random() < 0.3}
        new = {f"unit-{number}-{n}" for n in range(chosen.randrange(5))}
        gone = (gone | leaving) - back
        there = (there - leaving) | back | changed | new
        names = sorted(there)
        chosen.shuffle(names)  # a unit's number changes from night to night
        runs = night(storage, names)
        first, last = sorted(chosen.randrange(2**64) for _ in "ab")
        expected = {pair: n for pair, n in entries_of(names).items() if first <= pair[0] <= last}
        assert held_by(storage, runs, first, last) == expected


def test_a_night_without_units(storage: Storage) -> None:
    assert night(storage, []) == []
    night(storage, ["a", "b"])
    assert night(storage, []) == []
    night(storage, ["a", "b"])


def test_a_night_when_nothing_changed_makes_nothing(storage: Storage) -> None:
    names = [f"unit-{n}" for n in range(9)]
    for count in range(1, 10):
        night(storage, names[:count])
    for _ in range(3):  # what merges made may be merged on a later night
        night(storage, names)
    before = storage.list(f"{STAGE.folder}/commits")
    night(storage, names)
    assert storage.list(f"{STAGE.folder}/commits") == before


def test_a_run_that_is_mostly_dead_is_made_anew(storage: Storage) -> None:
    names = [f"unit-{n}" for n in range(40)]
    (whole,) = night(storage, names)
    total = sum(entries_of(names).values())
    (still,) = night(storage, names[:30])
    assert still.sorted == whole.sorted
    runs = night(storage, names[:10])
    assert whole.sorted not in [one.sorted for one in runs]
    read = sum(part.file.rows for one in runs for part in one.sorted)
    assert read == sum(entries_of(names[:10]).values()) < total / 2


def no_merges(task: Task, units: Sequence[Unit]) -> Iterator[Outcome]:
    """As an engine whose workers die at merges, when all but the commit is done."""
    for unit in units:
        if "runs" in unit.reads:
            outbox = Outbox(open_storage(task.storage_url), task.folder)
            task.work(unit, outbox)
            outbox.store()
            yield Outcome(unit.name, crash="killed")
        else:
            yield task(unit)


def test_a_merge_that_is_killed_changes_nothing(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    night(storage, ["a"])
    before = storage.list(f"{STAGE.folder}/commits")
    monkeypatch.setattr(keys, "_SKETCHES_BYTES", 1)  # each a run of its own, of which some are of one size
    with pytest.raises(UnitCrashed):
        night(storage, ["a", "b", "c", "d", "e"], no_merges)
    after = [entry for entry in storage.list(f"{STAGE.folder}/commits") if entry not in before]
    assert after
    assert merged_entries(storage) == 0
    night(storage, ["a", "b", "c", "d", "e"])
    night(storage, ["e", "c", "z"])


def test_a_lost_merge_is_made_again_or_done_without(storage: Storage) -> None:
    for count in range(1, 9):
        night(storage, [f"unit-{n}" for n in range(count)])
    for entry in storage.list(f"{STAGE.folder}/commits"):
        if b'"runs"' in storage.read(entry.key):
            storage.delete(entry.key)
    night(storage, [f"unit-{n}" for n in range(8)])


def test_merging_rewrites_an_entry_once_for_each_size(storage: Storage) -> None:
    names = [f"night-{n}" for n in range(32)]
    most = 0
    for count in range(1, 33):
        most = max(most, len(night(storage, names[:count])))
    entries = sum(entries_of(names).values())
    assert merged_entries(storage) <= entries * math.log2(entries)
    assert most <= 2 * math.log2(entries)


def test_units_without_any_key_are_merged_too(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the URLs of a corpus without URLs: however many nights, few runs, and no merge is done twice."""
    nothing = pa.table({"one": pa.array([0, 0], pa.uint64()), "two": pa.array([0, 0], pa.uint64())})
    monkeypatch.setitem(globals(), "sketch_of", lambda _: nothing)
    for count in range(1, 30):
        runs = night(storage, [f"unit-{n}" for n in range(count)])
        assert len(runs) <= 3
    before = storage.list(f"{STAGE.folder}/commits")
    night(storage, [f"unit-{n}" for n in range(29)])
    assert storage.list(f"{STAGE.folder}/commits") == before


def test_a_run_of_which_half_is_gone_beside_runs_of_nothing(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is merged of them holds fewer entries than the one had, and yet is what counts from then on."""
    monkeypatch.setattr(keys, "RUNS_MERGED", 4)
    told = {"old": [5], "gone": [7]}

    def sketch(name: str) -> pa.Table:
        return pa.table({"one": pa.array(told.get(name, [0]), pa.uint64()), "two": pa.array([0], pa.uint64())})

    monkeypatch.setitem(globals(), "sketch_of", sketch)
    night(storage, ["old", "gone"])
    for count in range(1, 12):
        runs = night(storage, ["old", *(f"nothing-{n}" for n in range(count))])
        assert len(runs) <= 4
    before = storage.list(f"{STAGE.folder}/commits")
    night(storage, ["old", *(f"nothing-{n}" for n in range(11))])
    assert storage.list(f"{STAGE.folder}/commits") == before


def test_documents_that_are_gone_have_no_keys_where_that_counts(storage: Storage) -> None:
    """A counting survey's piece of which earlier surveys dropped every document."""
    (piece,) = pieces_of(storage, ["unit-1"])
    rows = piece.held.rows
    outbox = Outbox(storage, "drops")
    drops = outbox.table("drops", pa.table({"row": list(range(rows))}))
    outbox.store()
    held = Held("unit-1", "web", piece.held.data, (drops,), 0, 0)
    emptied = Piece("unit-1-less", 0, piece.file, piece.memory_bytes, held, less_dropped=True)
    runs = key_runs(run_of(storage), STAGE, TwoKeys(), [emptied])
    assert held_by(storage, runs) == Counter()
