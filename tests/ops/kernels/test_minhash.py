"""Signatures equal datasketch's, estimates are unbiased, and bands meet as the S-curve says."""

import math

import numpy as np
import pyarrow as pa
import pytest
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.dedup.near import band_buckets
from ops.kernels import minhash
from ops.kernels.minhash import permutations, shingle_hashes, sign

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
        value = 0xCBF29CE484222325
        for char in word:
            value = ((value ^ ord(char)) * 0x100000001B3) & MASK
        hashes.append(_mix64(value))
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
    buckets = band_buckets(np.concatenate([one, two]), BANDS)
    met = (buckets[:pairs] == buckets[pairs:]).any(axis=1).mean()
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
    buckets = band_buckets(np.concatenate([one, other]), BANDS)
    assert not (buckets[:50] == buckets[50:]).any()


@given(st.integers(0, 30), st.sampled_from([(1, 1), (3, 2), (14, 8)]), st.integers(0, 99))
@settings(max_examples=40)
def test_band_buckets_are_equal_where_bands_are(rows: int, shape: tuple[int, int], seed: int) -> None:
    bands, width = shape
    signatures = np.random.default_rng(seed).integers(0, 2, (rows, bands * width), np.uint32)
    buckets = band_buckets(signatures, bands)
    keys: dict[tuple, int] = {}
    for row in range(rows):
        for band in range(bands):
            key = (band, *signatures[row, band * width : (band + 1) * width].tolist())
            assert keys.setdefault(key, buckets[row, band]) == buckets[row, band]
    assert len(set(keys.values())) == len(keys)  # bucket numbers differ between bands
