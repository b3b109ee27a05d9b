"""Numbers that tell whether text has lost what real text has: its rare words, its variety of phrases.

Each is of a sample of documents, as hashes of their tokens, and most are against a reference: another sample, of real
text. They depend on the number of tokens (half as many tokens have more than half of the words), so only samples of
equal size are compared. The two that depend on it least are `tail_coverage` and `template_concentration`.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ops.kernels.hashing import mix64_all

# A type of the tail occurs so often in the reference, at most.
_TAIL_COUNT_MAX = 3

# Trigrams whose share of all tells how much is template: a phrase in a thousand documents of a million is among them.
_TOP_TRIGRAMS = 1000

_SHIFT = np.uint64(21)


@dataclass(frozen=True, eq=False)
class Sample:
    """Documents: the hashes of their tokens one after the other, where each begins, and a stretch of text of each."""

    tokens: NDArray[np.uint32]
    starts: NDArray[np.int64]  # of each document in `tokens`
    windows: bytes  # one after the other

    @cached_property
    def words(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """The different tokens in order, and how often each occurs."""
        return _counted(self.tokens.astype(np.uint64))

    @cached_property
    def trigrams(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """The different runs of three tokens of one document, as hashes in order, and how often each occurs."""
        return _counted(self.ngrams(3))

    def ngrams(self, n: int) -> NDArray[np.uint64]:
        """Hash each run of `n` tokens of one document."""
        count = len(self.tokens) - n + 1
        if count <= 0:
            return np.empty(0, np.uint64)
        tokens = self.tokens.astype(np.uint64)
        hashed = tokens[:count]
        for k in range(1, n):
            hashed = mix64_all((hashed << _SHIFT | hashed >> np.uint64(43)) ^ tokens[k : k + count])
        document = np.searchsorted(self.starts, np.arange(len(self.tokens)), side="right")
        return np.asarray(hashed[document[:count] == document[n - 1 :]])


@dataclass(frozen=True)
class Metric:
    """A number of a sample beside a reference, and on which side of real text's range it lies after a collapse."""

    of: Callable[[Sample, Sample], float]
    collapses: Literal["low", "high"]


def tail_coverage(sample: Sample, reference: Sample) -> float:
    """Share of the reference's rare words (that occur one to three times in it) which the sample has."""
    words, counts = reference.words
    tail = words[counts <= _TAIL_COUNT_MAX]
    return _share(np.isin(tail, sample.words[0], assume_unique=True).sum(), len(tail))


def template_concentration(sample: Sample, reference: Sample) -> float:  # noqa: ARG001 - as the others
    """Share of the sample's trigrams that its 1,000 most frequent ones are."""
    counts = sample.trigrams[1]
    top = np.partition(counts, -_TOP_TRIGRAMS)[-_TOP_TRIGRAMS:] if len(counts) > _TOP_TRIGRAMS else counts
    return _share(top.sum(), counts.sum())


def distinct_1(sample: Sample, reference: Sample) -> float:  # noqa: ARG001
    """Different words for each word (Li et al., 2016)."""
    return _share(len(sample.words[0]), len(sample.tokens))


def distinct_2(sample: Sample, reference: Sample) -> float:  # noqa: ARG001
    """Different bigrams for each bigram."""
    bigrams = sample.ngrams(2)
    return _share(len(np.unique(bigrams)), len(bigrams))


def distinct_3(sample: Sample, reference: Sample) -> float:  # noqa: ARG001
    """Different trigrams for each trigram."""
    return _share(len(sample.trigrams[0]), sample.trigrams[1].sum())


def unigram_js_bits(sample: Sample, reference: Sample) -> float:
    """Jensen-Shannon divergence of the words' frequencies, in bits: 0 where they are equal, at most 1."""
    words = np.union1d(sample.words[0], reference.words[0])
    one, other = _frequencies(words, sample), _frequencies(words, reference)
    return _entropy_bits((one + other) / 2) - (_entropy_bits(one) + _entropy_bits(other)) / 2


def trigram_recall(sample: Sample, reference: Sample) -> float:
    """Share of the reference's different trigrams which the sample has."""
    known = reference.trigrams[0]
    return _share(np.isin(known, sample.trigrams[0], assume_unique=True).sum(), len(known))


def unigram_entropy_bits(sample: Sample, reference: Sample) -> float:  # noqa: ARG001
    """Entropy of the words' frequencies, in bits."""
    return _entropy_bits(sample.words[1] / max(1, len(sample.tokens)))


def zip_ratio(sample: Sample, reference: Sample) -> float:  # noqa: ARG001
    """Bytes for each byte that zlib makes of them, of stretches of many documents in an order drawn by hash.

    Not of documents in order: what lies together resembles itself, 3.06 instead of 2.69 on one corpus.
    """
    return _share(len(sample.windows), len(zlib.compress(sample.windows, 6)) if sample.windows else 0)


METRICS: dict[str, Metric] = {
    "tail_coverage": Metric(tail_coverage, "low"),
    "template_concentration": Metric(template_concentration, "high"),
    "distinct_1": Metric(distinct_1, "low"),
    "distinct_2": Metric(distinct_2, "low"),
    "distinct_3": Metric(distinct_3, "low"),
    "unigram_js_bits": Metric(unigram_js_bits, "high"),
    "trigram_recall": Metric(trigram_recall, "low"),
    "unigram_entropy_bits": Metric(unigram_entropy_bits, "low"),
    "zip_ratio": Metric(zip_ratio, "high"),
}


def _counted(hashes: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    found, counts = np.unique(hashes, return_counts=True)
    return found, counts.astype(np.int64)


def _frequencies(words: NDArray[np.uint64], sample: Sample) -> NDArray[np.float64]:
    """Frequencies of `words`, which come in order and hold all of the sample's."""
    found = np.zeros(len(words))
    found[np.searchsorted(words, sample.words[0])] = sample.words[1] / max(1, len(sample.tokens))
    return found


def _entropy_bits(frequencies: NDArray[np.float64]) -> float:
    some = frequencies[frequencies > 0]
    return float(-(some * np.log2(some)).sum())


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole else 0.0
