"""Clusters: joined at once or in rounds over partitions, they are those of a plain union-find."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from jobs import sorted as sorted_module
from jobs.commits import Commit, Unit
from jobs.engine import inline
from jobs.outbox import Outbox
from jobs.progress import Progress
from jobs.sorted import LAST_KEY, read_range, write_sorted
from jobs.storage import Storage, open_storage
from jobs.surveys import clusters as clusters_module
from jobs.surveys.clusters import clusters
from jobs.surveys.links import link_table
from jobs.units import Run, Stage, map_units

Pairs = list[tuple[int, int]]

AT_ONCE = 2**30
STAGE = Stage("stages/02-near_dedup.clusters-0123", "near_dedup: clusters")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(open_storage(str(tmp_path)), inline, Progress(silent=True), "run")


@pytest.fixture(autouse=True)
def short_row_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorted_module, "_ROW_GROUP_BYTES", 24 * 64)


def stored(run: Run, pairs: Pairs, files: int = 3) -> list[Commit]:
    """Commits of links as `links` writes them: of each partition one or more files, `one` above `other`."""
    chosen = random.Random(7)
    by_name: dict[str, list[Pairs]] = {f"links-{n}": [[], []] for n in range(files)}
    for pair in pairs:
        by_name[f"links-{chosen.randrange(files)}"][chosen.randrange(2)].append(pair)

    def work(unit: Unit, outbox: Outbox) -> dict:
        told: dict = {}
        for number, some in enumerate(by_name[unit.name]):
            ends = np.array(some, np.int64).reshape(-1, 2)
            told |= write_sorted(outbox, f"links-{number}", link_table(ends.max(axis=1), ends.min(axis=1)), "key")
        return {"sorted": told}

    return map_units(run, Stage("stages/02-links-0123", "links"), [Unit(name, {}) for name in by_name], work)


def found_by(run: Run, pairs: Pairs, partition_bytes: int) -> dict[int, int]:
    """Clusters by document, as readers see them: files in order of `at`, repeats of a document folded."""
    found: dict[int, int] = {}
    for part in clusters(run, STAGE, stored(run, pairs), partition_bytes):
        rows = [
            row
            for table in read_range(run.storage, part, "at", 0, LAST_KEY // 2)
            for row in zip(table["at"].to_pylist(), table["cluster"].to_pylist(), strict=True)
        ]
        assert rows == sorted(rows)
        assert all(found.get(at, cluster) == cluster for at, cluster in rows)
        found |= dict(rows)
    return found


def expected_of(pairs: Pairs) -> dict[int, int]:
    """A plain union-find: the smaller root stays."""
    parent: dict[int, int] = {}

    def root(node: int) -> int:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for one, other in pairs:
        low, high = sorted((root(one), root(other)))
        parent[high] = low
    return {node: root(node) for node in list(parent)}


def somewhere(count: int, seed: int) -> list[int]:
    """Addresses of documents in many units, in no order."""
    chosen = random.Random(seed)
    return chosen.sample([(unit << 32) | row for unit in range(40) for row in range(count // 20 + 1)], count)


def path(count: int, *, in_order: bool) -> Pairs:
    at = somewhere(count, 1)
    return list(zip(*[(sorted(at) if in_order else at)[n:] for n in (0, 1)], strict=False))


def star(count: int, hub: int) -> Pairs:
    at = sorted(somewhere(count, 2))
    return [(one, at[hub]) for one in at if one != at[hub]]


def clique(count: int) -> Pairs:
    at = somewhere(count, 3)
    return [(one, other) for n, one in enumerate(at) for other in at[:n]]


def pairs_apart(count: int) -> Pairs:
    at = somewhere(2 * count, 4)
    return list(zip(at[:count], at[count:], strict=True))


def at_random(nodes: int, links: int, seed: int) -> Pairs:
    chosen = random.Random(seed)
    at = somewhere(nodes, seed)
    return [tuple(chosen.sample(at, 2)) for _ in range(links)]  # type: ignore[misc]


GRAPHS: dict[str, Callable[[], Pairs]] = {
    "nothing": list,
    "one": lambda: [(3, 5)],
    "the first of all": lambda: [(1, 0), (2**40, 1)],
    "path": lambda: path(3000, in_order=False),
    "path in order": lambda: path(3000, in_order=True),
    "star of the first": lambda: star(1500, 0),
    "star of the last": lambda: star(1500, -1),
    "star of one between": lambda: star(1500, 700),
    "clique": lambda: clique(45),
    "pairs": lambda: pairs_apart(800),
    "two stars and a bridge": lambda: [*star(800, 3), *((a + 2**45, b + 2**45) for a, b in star(800, -3)), (2**45, 0)],
    "sparse": lambda: at_random(1000, 400, 5),
    "at the threshold": lambda: at_random(1000, 500, 6),
    "dense": lambda: at_random(300, 1200, 7),
}


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("partitions", [0, 6])
def test_clusters_are_those_of_a_union_find(run: Run, name: str, partitions: int) -> None:
    pairs = GRAPHS[name]()
    in_rounds = partitions and len(pairs) > 1
    partition_bytes = 2 * len(pairs) * 128 // partitions if in_rounds else AT_ONCE
    assert found_by(run, pairs, partition_bytes) == expected_of(pairs)
    units = [entry.key.rpartition("/")[2] for entry in run.storage.list(f"{STAGE.folder}/commits")]
    if in_rounds:
        rounds = {unit[:3] for unit in units if "small" in unit}
        assert len(rounds) <= 14  # they grow with the logarithm of the longest path
    else:
        assert len(units) == 1


def test_both_ways_give_the_same_however_many_partitions(run: Run) -> None:
    pairs = at_random(200, 150, 9)
    expected = expected_of(pairs)
    for partitions in (2, 3, 17):
        assert found_by(run, pairs, 2 * len(pairs) * 128 // partitions) == expected


def test_a_hub_larger_than_a_window_is_read_in_pieces(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    streamed: list[int] = []
    neighbours = clusters_module._neighbours

    def watched(storage: Storage, parts: list, key: int) -> Iterator[tuple[int, np.ndarray]]:
        for node, others in neighbours(storage, parts, key):
            streamed.append(len(others))
            yield node, others

    monkeypatch.setattr(clusters_module, "_neighbours", watched)
    pairs = star(1500, 700)
    assert found_by(run, pairs, 128 * 100) == expected_of(pairs)
    assert streamed
    assert max(streamed) <= 64


def test_what_is_joined_is_not_joined_again(run: Run) -> None:
    pairs = at_random(100, 80, 11)
    for partition_bytes in (AT_ONCE, 5000):
        found_by(run, pairs, partition_bytes)
        before = run.storage.list(f"{STAGE.folder}/commits")
        found_by(run, pairs, partition_bytes)
        assert run.storage.list(f"{STAGE.folder}/commits") == before


def test_links_that_do_not_join_in_many_rounds_are_a_bug(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters_module, "_ROUNDS_MAX", 1)
    with pytest.raises(AssertionError, match="not joined after 1 rounds"):
        found_by(run, path(200, in_order=False), 5000)
