"""Signatures equal datasketch's, estimates are unbiased, and bands meet as the S-curve says."""

import math
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.kernels import minhash
from ops.kernels.leaders import jaccard
from ops.kernels.minhash import band_keys, permutations, shingle_hashes, shingle_sets, sign

BANDS, ROWS = 14, 8
MASK = (1 << 64) - 1


def reference(hashes: np.ndarray, count: int = BANDS * ROWS, seed: int = 1) -> list[int]:
    made = MinHash(count, seed=seed, scheme="affine32", hashfunc=lambda x: x)
    for value in hashes.tolist():
        made.update(value)
    return made.hashvalues.tolist()


@given(
    st.lists(st.text(max_size=80) | st.text(st.sampled_from("ab 今天，ส\u0301"), max_size=80), max_size=5),
    st.integers(1, 6),
)
@settings(max_examples=50)
def test_signatures_equal_datasketch(texts: list[str], size: int) -> None:
    signatures, shingles = sign(pa.array(texts, pa.string()), size, BANDS * ROWS, 1)
    for text, signature, count in zip(texts, signatures, shingles, strict=True):
        base = shingle_hashes(text, size)
        assert len(base) == count
        assert signature.tolist() == reference(base)


@pytest.mark.parametrize(("count", "seed"), [(1, 1), (112, 1), (260, 42)])
def test_permutations_equal_datasketch(count: int, seed: int) -> None:
    a, b = permutations(count, seed)
    theirs = MinHash(count, seed=seed, scheme="affine32").permutations
    assert a.tolist() == theirs[0].tolist()
    assert b.tolist() == theirs[1].tolist()
    assert (a % 2 == 1).all()


def test_a_text_of_several_blocks_equals_datasketch() -> None:
    text = " ".join(f"w{n * n % 9973}" for n in range(5000))
    base = shingle_hashes(text, 5)
    assert len(base) == 4996
    assert sign(pa.array([text]), 5, 112, 1)[0][0].tolist() == reference(base)


def test_base_hash_is_pinned() -> None:
    """A change here makes every stored signature useless: raise the version of `near_dedup`."""
    assert shingle_hashes("the quick brown fox jumps over", 5).tolist() == _twin("the quick brown fox jumps over", 5)
    assert shingle_hashes("今天天气很好", 5).tolist() == _twin("今 天 天 气 很 好", 5)


def _mix64(value: int) -> int:
    value = ((value ^ (value >> 33)) * 0xFF51AFD7ED558CCD) & MASK
    value = ((value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53) & MASK
    return value ^ (value >> 33)


def _twin(text: str, size: int) -> list[int]:
    hashes = []
    for word in text.split():
        # At most eight ASCII characters, or one other: less than a word of 64 bits.
        packed = ord(word) | 0x800000 if len(word) == 1 else int.from_bytes(word.encode("ascii"), "little")
        bits = 24 if len(word) == 1 else 8 * len(word)
        hashes.append(_mix64((packed + bits * 0x9E3779B97F4A7C15) & MASK))
    out = []
    for first in range(len(hashes) - size + 1):
        value = hashes[first]
        for other in hashes[first + 1 : first + size]:
            value = (value * 0x9E3779B97F4A7C15 + other) & MASK
        out.append(_mix64(value) >> 32)
    return out


def test_layouts_and_neighbours_do_not_matter() -> None:
    texts = ["a b c d e f", "", "今天天气很好啊", "x " * 300]
    whole = sign(pa.array(texts), 5, 112, 1)[0].tolist()
    for layout in (
        pa.chunked_array([texts[:1], [], texts[1:]]),
        pa.array(texts, pa.large_string()),
        pa.array(["0", *texts, "1"]).slice(1, 4),
    ):
        assert sign(layout, 5, 112, 1)[0].tolist() == whole
    assert [sign(pa.array([text]), 5, 112, 1)[0][0].tolist() for text in texts] == whole
    signatures, shingles = sign(pa.chunked_array([], pa.string()), 5, 112, 1)
    assert signatures.shape == (0, 112)
    assert shingles.shape == (0,)


def test_a_huge_document_is_capped() -> None:
    start = "a b c d e f g " * (minhash.TOKENS_MAX // 7 + 1)
    texts = pa.array([start + "tail " * 10, start + "other end of it " * 10])
    signatures, shingles = sign(texts, 5, 8, 1)
    assert shingles.tolist() == [minhash.TOKENS_MAX - 4] * 2
    assert (signatures[0] == signatures[1]).all()


def _pairs(jaccard: float, pairs: int, seed: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Sign pairs of sets of 1-token shingles with this Jaccard index; return both halves and the true index."""
    union = 240
    shared = round(jaccard * union)
    texts: list[list[str]] = [[], []]
    draw = np.random.default_rng(seed)
    for pair in range(pairs):
        words = [f"w{n}" for n in draw.integers(0, 1 << 40, union)]
        assert len(set(words)) == union, pair
        cut = shared + (union - shared) // 2
        texts[0].append(" ".join(words[:cut]))
        texts[1].append(" ".join(words[:shared] + words[cut:]))
    both = [sign(pa.array(half), 1, BANDS * ROWS, 1)[0] for half in texts]
    return both[0], both[1], shared / union


@pytest.mark.parametrize("jaccard", [0.6, 0.7, 0.8, 0.9, 0.95])
def test_s_curve_and_estimates(jaccard: float) -> None:
    pairs = 4000
    one, two, true = _pairs(jaccard, pairs, seed=round(100 * jaccard))
    met = (band_keys(one, BANDS) == band_keys(two, BANDS)).any(axis=1).mean()
    expected = 1 - (1 - true**ROWS) ** BANDS
    assert abs(met - expected) < 4 * math.sqrt(expected * (1 - expected) / pairs) + 0.005
    estimates = (one == two).mean(axis=1)
    error = math.sqrt(true * (1 - true) / (BANDS * ROWS))
    assert abs(estimates.mean() - true) < 4 * error / math.sqrt(pairs) + 0.002
    assert 0.9 * error < estimates.std() < 1.1 * error


def test_identical_sets_always_meet_and_strangers_never() -> None:
    one, two, _ = _pairs(1.0, 50, seed=1)
    assert (one == two).all()
    _, other, _ = _pairs(1.0, 50, seed=2)
    assert not (band_keys(one, BANDS) == band_keys(other, BANDS)).any()


@given(st.integers(0, 30), st.sampled_from([(1, 1), (3, 2), (14, 8)]), st.integers(0, 99))
@settings(max_examples=40)
def test_band_keys_are_equal_where_bands_are(rows: int, shape: tuple[int, int], seed: int) -> None:
    bands, width = shape
    signatures = np.random.default_rng(seed).integers(0, 2, (rows, bands * width), np.uint32)
    keys = band_keys(signatures, bands)
    assert keys.dtype == np.uint64
    assert keys.shape == (rows, bands)
    assert keys.tolist() == [_key_twin(signature, width) for signature in signatures.tolist()]
    seen: dict[tuple, int] = {}
    for row in range(rows):
        for band in range(bands):
            minima = (band, *signatures[row, band * width : (band + 1) * width].tolist())
            assert seen.setdefault(minima, keys[row, band]) == keys[row, band]
    assert len(set(seen.values())) == len(seen)  # bands differ, and so do equal minima of two bands


def _key_twin(signature: list[int], width: int) -> list[int]:
    """Stored keys of two nights meet, so this must not change."""
    keys = []
    for band in range(len(signature) // width):
        value = _mix64(band + 1)
        for k in range(band * width, (band + 1) * width):
            value = (_mix64(value ^ signature[k]) + k) & MASK
        keys.append(max(value, 1))
    return keys


def test_band_keys_are_spread_evenly() -> None:
    """Partitions are ranges of keys: those of near signatures must not lie together."""
    signatures = np.arange(1 << 16, dtype=np.uint32).reshape(-1, 1)
    keys = band_keys(signatures, 1)[:, 0]
    assert len(np.unique(keys)) == len(keys)
    counts = np.bincount((keys >> np.uint64(60)).astype(int), minlength=16)
    assert abs(counts - 4096).max() < 5 * math.sqrt(4096)
    assert (keys > 0).all()


def test_the_order_of_minima_within_a_band_counts() -> None:
    one, two, three = band_keys(np.array([[1, 2, 3, 4], [2, 1, 3, 4], [1, 3, 2, 4]], np.uint32), 2)
    assert one[0] != two[0]
    assert one[1] == two[1]
    assert not set(one.tolist()) & set(three.tolist())


@given(
    st.lists(st.text(max_size=80) | st.text(st.sampled_from("ab 今天，ส\u0301"), max_size=80), max_size=6),
    st.integers(1, 6),
)
@settings(max_examples=100)
def test_shingle_sets_are_the_hashes_in_order(texts: list[str], size: int) -> None:
    found = shingle_sets(pa.array(texts, pa.string()), size)
    found.validate(full=True)
    assert found.type == pa.large_list(pa.uint32())
    assert found.to_pylist() == [sorted(set(shingle_hashes(text, size).tolist())) for text in texts]


def test_shingle_sets_do_not_depend_on_layout() -> None:
    texts = ["a b c d e f", "", "今天天气很好啊今天天气很好啊", "x " * 300, "too short"]
    whole = shingle_sets(pa.array(texts), 5).to_pylist()
    assert [len(one) for one in whole] == [2, 0, 7, 1, 0]
    for layout in (
        pa.chunked_array([texts[:1], [], texts[1:]]),
        pa.array(texts, pa.large_string()),
        pa.array(["0", *texts, "1"]).slice(1, 5),
    ):
        assert shingle_sets(layout, 5).to_pylist() == whole
    assert shingle_sets(pa.chunked_array([], pa.string()), 5).to_pylist() == []


def test_the_shingle_set_of_a_huge_document_is_capped() -> None:
    start = " ".join(map(str, range(minhash.TOKENS_MAX)))
    texts = ["a b c d e", start + " some tail of it", start + " other end", "今" * 400_000, "f g h i j"]
    found = shingle_sets(pa.array(texts), 5)
    one, capped, also, same, last = (np.asarray(scalar.values) for scalar in found)
    assert (len(one), len(same), len(last)) == (1, 1, 1)
    assert (capped == also).all()
    assert capped.tolist() == np.unique(shingle_hashes(start, 5)).tolist()
    assert minhash.TOKENS_MAX - 4 - len(capped) < 100  # chance: 29 of them share a hash


@given(st.lists(st.sampled_from("abcdefgh"), max_size=40), st.lists(st.sampled_from("abcdefgh"), max_size=40))
@settings(max_examples=50)
def test_jaccard_of_shingle_sets_is_that_of_shingles(one: list[str], two: list[str]) -> None:
    a, b = (set(pairwise(words)) for words in (one, two))
    sets = [
        np.asarray(scalar.values, np.uint32) for scalar in shingle_sets(pa.array([" ".join(one), " ".join(two)]), 2)
    ]
    assert jaccard(*sets) == (len(a & b) / len(a | b) if a | b else 0.0)
