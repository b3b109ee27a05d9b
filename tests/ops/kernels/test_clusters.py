"""Connected components equal a plain union-find, at once and in rounds of the two star operations."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.kernels.clusters import components, large_star, small_star

LINKS = st.integers(1, 30).flatmap(
    lambda nodes: st.lists(st.tuples(st.integers(0, nodes), st.integers(0, nodes)), max_size=60)
)
Links = list[tuple[int, int]]


def slow(links: Links) -> dict[int, int]:
    """Return the smallest node that each is connected with: spread it along links until nothing changes."""
    least = {node: node for link in links for node in link}
    changed = True
    while changed:
        changed = False
        for one, other in links:
            both = min(least[one], least[other])
            changed |= least[one] != both or least[other] != both
            least[one] = least[other] = both
    return least


def joined(links: Links) -> dict[int, int]:
    one, other = _columns(links)
    nodes, first = components(one, other)
    assert nodes.tolist() == sorted(set(nodes.tolist()))
    return dict(zip(nodes.tolist(), first.tolist(), strict=True))


def in_rounds(links: Links) -> tuple[dict[int, int], int]:
    """Alternate the two operations, as jobs.surveys.clusters does, until all is stars; return these, and the rounds."""
    above = [(max(link), min(link)) for link in links if link[0] != link[1]]
    rounds = 0
    unfinished = 1
    while unfinished:
        assert rounds < 100
        above = _pairs(*small_star(*_columns(_grouped(above))))
        assert all(one > other for one, other in above)
        both_ways = [*above, *((other, one) for one, other in above)]
        *found, unfinished = large_star(*_columns(_grouped(both_ways)))
        above = _pairs(*found)
        assert all(one > other for one, other in above)
        rounds += 1
    star = dict(above)
    assert len(star) == len(set(above))
    return star | {first: first for first in star.values()}, rounds


def _columns(links: Links) -> tuple[np.ndarray, np.ndarray]:
    both = np.array(links, np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _pairs(one: np.ndarray, other: np.ndarray) -> Links:
    return list(zip(one.tolist(), other.tolist(), strict=True))


def _grouped(links: Links) -> Links:
    """Each link once, a node's links together and in order; the nodes themselves in no order, as by a hash."""
    return sorted(set(links), key=lambda link: (link[0] * 7919 % 1009, *link))


@given(LINKS)
@settings(max_examples=300)
def test_components_equal_their_twin(links: Links) -> None:
    assert joined(links) == slow(links)


@given(LINKS)
@settings(max_examples=300)
def test_rounds_find_the_same(links: Links) -> None:
    links = [link for link in links if link[0] != link[1]]
    assert in_rounds(links)[0] == slow(links)


@given(LINKS)
@settings(max_examples=200)
def test_each_operation_keeps_what_is_connected(links: Links) -> None:
    above = _grouped([(max(link), min(link)) for link in links if link[0] != link[1]])
    assert slow(_pairs(*small_star(*_columns(above)))) == slow(above)
    both_ways = _grouped([*above, *((other, one) for one, other in above)])
    one, other, unfinished = large_star(*_columns(both_ways))
    assert slow(_pairs(one, other)) == slow(above)
    below = [{other for one, other in above if one == node} for node, _ in both_ways]
    is_above = {node for _, node in above}
    expected = {
        node
        for (node, _), under in zip(both_ways, below, strict=True)
        if len(under) > 1 or (under and node in is_above)
    }
    assert unfinished == len(expected)


def _path(nodes: int) -> Links:
    return [(n, n + 1) for n in range(nodes - 1)]


SHAPES = {
    "path": _path(5000),
    "star around the first": [(0, n) for n in range(1, 3000)],
    "star around the last": [(3000, n) for n in range(3000)],
    "clique": [(one, other) for one in range(60) for other in range(one)],
    "ring": [*_path(3000), (2999, 0)],
    "tree": [(n, (n - 1) // 2) for n in range(1, 4000)],
    "comb": [*_path(1000), *((n, 1000 + n) for n in range(1000))],
    "pairs": [(2 * n, 2 * n + 1) for n in range(1000)],
    "grid": [(n, n + 1) for n in range(2400) if n % 50 < 49] + [(n, n + 50) for n in range(2350)],
}


@pytest.mark.parametrize("names", ["in order", "backwards", "shuffled", "zigzag"])
@pytest.mark.parametrize("shape", SHAPES)
def test_shapes_take_few_rounds(shape: str, names: str) -> None:
    """A path is the worst: the rounds grow with the logarithm of its length."""
    count = max(max(link) for link in SHAPES[shape]) + 1
    new = {
        "in order": np.arange(count),
        "backwards": np.arange(count)[::-1],
        "shuffled": np.random.default_rng(1).permutation(count),
        "zigzag": np.argsort(np.arange(count) % 2, kind="stable"),
    }[names].tolist()
    links = [(new[one] << 32, new[other] << 32) for one, other in SHAPES[shape]]
    expected = joined(links)
    if shape != "pairs":
        assert set(expected.values()) == {0}
    found, rounds = in_rounds(links)
    assert found == expected
    assert rounds <= 3 + math.log2(count)


def test_a_finished_star_takes_one_round_and_stays() -> None:
    links = [(5, 2), (7, 2), (9, 2), (8, 3)]
    star, rounds = in_rounds(links)
    assert star == {2: 2, 5: 2, 7: 2, 9: 2, 3: 3, 8: 3}
    assert rounds == 1


def test_no_links() -> None:
    none = np.empty(0, np.int64)
    assert [len(found) for found in components(none, none)] == [0, 0]
    assert [len(found) for found in small_star(none, none)] == [0, 0]
    above, below, unfinished = large_star(none, none)
    assert (len(above), len(below), unfinished) == (0, 0, 0)


def test_links_come_many_times_and_to_oneself() -> None:
    assert joined([(4, 4), (9, 7), (7, 9), (9, 7)]) == {4: 4, 7: 7, 9: 7}
