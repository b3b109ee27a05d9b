"""The greedy choice equals a slow twin, at once and block by block, and what it keeps and drops follows the rule."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.kernels.leaders import Candidates, Choice, agreement, choose_leaders, jaccard, nothing_chosen
from ops.kernels.minhash import band_keys

BANDS, ROWS = 4, 2


def by_signature(signatures: np.ndarray, stays: np.ndarray | None = None) -> Candidates:
    keys = band_keys(signatures, BANDS)
    none_stays = np.zeros(len(signatures), np.bool_)
    stays = none_stays if stays is None else stays
    return Candidates(keys, stays, signatures, np.empty(0, np.int64), np.empty(0, np.uint32))


def by_sets(signatures: np.ndarray, stays: np.ndarray, sets: list[list[int]]) -> Candidates:
    offsets = np.cumsum([0, *(len(one) for one in sets)])
    values = np.array([value for one in sets for value in one], np.uint32)
    return Candidates(band_keys(signatures, BANDS), stays, signatures, offsets, values)


def similarity(candidates: Candidates, one: int, other: int) -> float:
    if not len(candidates.offsets):
        return float((candidates.signatures[one] == candidates.signatures[other]).mean())
    a, b = (set(set_of(candidates, row)) for row in (one, other))
    return len(a & b) / len(a | b) if a | b else 0.0


def slow(candidates: Candidates, least: float, compare_max: int) -> Choice:
    """Compare each document with the best ranked of those kept, band by band; the most similar is its leader."""
    keys = candidates.keys
    kept: list[int] = []
    leader, similar, compared = [], [], []
    for row in range(len(keys)):
        leading = [] if candidates.stays[row] else kept
        bands = [[other for other in leading if keys[row, n] == keys[other, n]] for n in range(keys.shape[1])]
        meets = {other for band in bands for other in band[:compare_max]}
        found = [(similarity(candidates, row, other), -other) for other in meets]
        best, number = max([pair for pair in found if pair[0] >= least], default=(-1.0, 1))
        if best < 0:
            kept.append(row)
        leader.append(-number)
        similar.append(best)
        compared.append([min(len(band), compare_max + 1) for band in bands])
    return Choice(np.array(leader), np.array(similar), np.array(compared))


def at_once(candidates: Candidates, least: float, compare_max: int = 1000) -> Choice:
    return choose_leaders(candidates, nothing_chosen(*candidates.keys.shape), least, compare_max)


def set_of(candidates: Candidates, row: int) -> list[int]:
    start, end = candidates.offsets[row : row + 2]
    return candidates.values[start:end].tolist()


def rows_of(candidates: Candidates, rows: list[int]) -> Candidates:
    signatures, stays = candidates.signatures[rows], candidates.stays[rows]
    if not len(candidates.offsets):
        return by_signature(signatures, stays)
    return by_sets(signatures, stays, [set_of(candidates, row) for row in rows])


def in_blocks(candidates: Candidates, least: float, compare_max: int, ends: list[int]) -> Choice:
    """Choose among one block of documents after the other, each first with the leaders of each block before."""
    carried: list[list[int]] = []
    found = []
    for start, end in zip([0, *ends], [*ends, len(candidates.keys)], strict=True):
        rows = list(range(start, end))
        choice = nothing_chosen(len(rows), BANDS)
        for known in [*carried, None]:
            before = known or []
            numbers = np.array([*before, *([] if known is not None else rows), -1])
            among = rows_of(candidates, [*before, *rows])
            now = choose_leaders(among, choice, least, compare_max, known=None if known is None else len(known))
            choice = replace(now, leader=np.where(now.leader >= 0, numbers[now.leader], choice.leader))
        carried.append([row for row, leader in zip(rows, choice.leader, strict=True) if leader < 0])
        found.append(choice)
    return Choice(*(np.concatenate([getattr(one, name) for one in found]) for name in vars(nothing_chosen(0, BANDS))))


def same(one: Choice, two: Choice) -> None:
    assert one.leader.tolist() == two.leader.tolist()
    assert one.similarity.tolist() == two.similarity.tolist()
    assert one.compared.tolist() == two.compared.tolist()


@st.composite
def candidates(draw: st.DrawFn) -> Candidates:
    rows, values = draw(st.integers(0, 40)), draw(st.integers(2, 5))
    random = np.random.default_rng(draw(st.integers(0, 999)))
    signatures = random.integers(0, values, (rows, BANDS * ROWS), np.uint32)
    stays = random.random(rows) < draw(st.sampled_from([0, 0.2]))
    if draw(st.booleans()):
        return by_signature(signatures, stays)
    sets = [sorted(set(random.integers(0, 12, random.integers(0, 12)).tolist())) for _ in range(rows)]
    return by_sets(signatures, stays, sets)


@given(candidates(), st.integers(1, 8), st.sampled_from([1, 2, 3, 5, 1000]))
@settings(max_examples=300)
def test_equals_its_twin(among: Candidates, eighths: int, compare_max: int) -> None:
    same(at_once(among, eighths / 8, compare_max), slow(among, eighths / 8, compare_max))


@given(candidates(), st.integers(1, 8), st.sampled_from([1, 2, 3, 5, 1000]), st.lists(st.integers(0, 40), max_size=5))
@settings(max_examples=300)
def test_blocks_equal_one_call(among: Candidates, eighths: int, compare_max: int, cuts: list[int]) -> None:
    ends = sorted(min(cut, len(among.keys)) for cut in cuts)
    whole = at_once(among, eighths / 8, compare_max)
    same(in_blocks(among, eighths / 8, compare_max, ends), whole)


SETS = st.lists(st.integers(0, 30), max_size=20).map(lambda values: np.array(sorted(set(values)), np.uint32))


@given(SETS, SETS)
def test_jaccard(one: np.ndarray, two: np.ndarray) -> None:
    a, b = set(one.tolist()), set(two.tolist())
    assert jaccard(one, two) == (len(a & b) / len(a | b) if a | b else 0.0)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=20))
def test_agreement(pairs: list[tuple[int, int]]) -> None:
    one, two = np.array(pairs, np.uint32).T.copy()
    assert agreement(one, two) == sum(a == b for a, b in pairs) / len(pairs)


def _one_bucket(documents: int) -> np.ndarray:
    """Signatures that share the first of four bands and nothing else."""
    signatures = np.arange(documents * 8, dtype=np.uint32).reshape(documents, 8)
    signatures[:, :2] = 0
    return signatures


def test_comparisons_are_capped_and_counted() -> None:
    signatures = _one_bucket(10)
    among = by_signature(np.concatenate([signatures, signatures[7:8]]))  # a copy of the eighth
    found = at_once(among, 6 / 8)
    assert found.leader[-1] == 7
    assert found.similarity[-1] == 1
    assert found.compared[:, 0].tolist() == list(range(11))
    found = at_once(among, 6 / 8, 5)
    assert np.count_nonzero(found.compared[:, 0] > 5) == 5  # each from the seventh on has more than five before it
    assert found.leader[-1] == 7  # which it meets in its other bands


def test_exactly_compare_max_is_not_too_many() -> None:
    assert at_once(by_signature(_one_bucket(4)), 6 / 8, 3).compared[:, 0].tolist() == [0, 1, 2, 3]


def test_the_best_ranked_come_first_whichever_band_they_are_met_in() -> None:
    """Bands are looked at together: one bucket full of later leaders does not use up the comparisons."""
    signatures = np.arange(6 * 8, dtype=np.uint32).reshape(6, 8)
    signatures[1:5, :2] = signatures[5, :2]  # four in the first band of the last document
    signatures[0, 2:] = signatures[5, 2:]  # and the best ranked of all in its other bands
    found = at_once(by_signature(signatures), 6 / 8, 1)
    assert found.leader.tolist() == [-1, -1, -1, -1, -1, 0]
    assert found.compared[5].tolist() == [2, 1, 1, 1]


def test_a_leader_met_in_many_bands_is_compared_once() -> None:
    signatures = np.zeros((3, 8), np.uint32)
    signatures[:, 7] = [1, 2, 3]
    found = at_once(by_signature(signatures), 1, 2)
    assert found.leader.tolist() == [-1, -1, -1]
    assert found.compared.tolist() == [[0, 0, 0, 0], [1, 1, 1, 0], [2, 2, 2, 0]]


def test_of_equally_similar_leaders_the_best_ranked_is_named() -> None:
    signatures = np.array([[1, 1, 2, 2, 8, 8, 9, 9], [1, 1, 3, 3, 4, 4, 9, 9], [1, 1, 2, 2, 4, 4, 9, 9]], np.uint32)
    found = at_once(by_signature(signatures), 0.75)
    assert found.leader.tolist() == [-1, -1, 0]
    known = choose_leaders(by_signature(signatures), nothing_chosen(1, BANDS), 0.75, 10, known=2)
    assert known.leader.tolist() == [0]


def test_a_later_leader_must_be_more_similar_than_the_one_so_far() -> None:
    signatures = np.zeros((2, 8), np.uint32)
    signatures[0, 7] = 1
    for before, leader in ((0.8, 0), (7 / 8, -1), (1.0, -1)):
        so_far = Choice(np.array([3]), np.array([before]), np.array([[4, 9, 0, 0]], np.int32))
        found = choose_leaders(by_signature(signatures), so_far, 0.75, 10, known=1)
        assert found.leader.tolist() == [leader]
        assert found.similarity.tolist() == [max(before, 7 / 8)]
        assert found.compared.tolist() == [[5, 10, 1, 0]]


def test_what_was_compared_before_counts_against_the_bound() -> None:
    signatures = np.zeros((2, 8), np.uint32)
    for before, leader in ((4, 0), (5, -1)):
        so_far = Choice(np.array([-1]), np.array([-1.0]), np.full((1, 4), before, np.int32))
        assert choose_leaders(by_signature(signatures), so_far, 1, 5, known=1).leader.tolist() == [leader]


@pytest.mark.parametrize("known", [0, None])
def test_no_leaders_before(known: int | None) -> None:
    """A block may have lost all its documents."""
    found = choose_leaders(by_signature(np.zeros((2, 8), np.uint32)), nothing_chosen(2, BANDS), 1, 10, known=known)
    assert found.leader.tolist() == ([-1, 0] if known is None else [-1, -1])


def test_nothing() -> None:
    found = at_once(by_signature(np.empty((0, 8), np.uint32)), 0.75)
    assert [len(column) for column in vars(found).values()] == [0, 0, 0]


@pytest.mark.parametrize("equal", range(1, 101))
def test_a_threshold_that_is_a_share_of_minima_is_met(equal: int) -> None:
    """0.7 of 100 minima is 70 of them, whatever the last bit of 0.7 says."""
    signatures = np.zeros((2, 100), np.uint32)
    signatures[0, equal:] = 1
    nothing = np.empty(0, np.int64)
    among = Candidates(np.ones((2, 1), np.uint64), np.zeros(2, np.bool_), signatures, nothing, signatures[:0, 0])
    assert at_once(among, equal / 100).leader.tolist() == [-1, 0]
    assert at_once(among, (equal + 1) / 100).leader.tolist() == [-1, -1]


def test_who_stays_whatever_it_resembles_leads() -> None:
    stays = np.array([False, True, False])
    found = at_once(by_signature(np.zeros((3, 8), np.uint32), stays), 1)
    assert found.leader.tolist() == [-1, -1, 0]
    assert found.compared.tolist() == [[0] * 4, [0] * 4, [2] * 4]
    known = choose_leaders(by_signature(np.zeros((3, 8), np.uint32), stays), nothing_chosen(2, BANDS), 1, 9, known=1)
    assert known.leader.tolist() == [-1, 0]
