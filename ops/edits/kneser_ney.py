"""Kneser-Ney: words of texts in, the probabilities of an n-gram model out.

Interpolated Kneser-Ney smoothing (Kneser and Ney 1995, as Chen and Goodman 1998 interpolate it). With c(h, w) the count
of a word after others, and h' those others without the first,

    p(w | h) = (c(h, w) - D) / c(h) + weight(h) p(w | h')

Counts of the longest n-grams are how often they occur; those of shorter ones, how many words there are before them.
Each length has one discount, D = n1 / (n1 + 2 n2), where n1 and n2 n-grams are counted once and twice. What the
discounts take, and what is not kept, makes the weight, so that probabilities add up to 1. Below single words all words
are equally probable. Rare words count as one, UNKNOWN, whose probability they share evenly, so that a text of words
that were never seen is an improbable one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ops.kernels.ngram_model import START, UNKNOWN, keys_of
from ops.kernels.numbered import numbered

# How often a word must occur to be known, and an n-gram of three words and more to be kept: four of five are not, and
# those say the least.
_SEEN_MIN = 2
_ALL_KEPT = 2  # words: shorter n-grams are all kept

_32 = np.uint64(32)

Keys = NDArray[np.uint64]
Numbers = NDArray[np.int32]


@dataclass(frozen=True)
class Fitted:
    """A model: for each length from 1, ascending keys, and of each n-gram its log probability and log weight."""

    keys: list[Keys]
    values: list[NDArray[np.float32]]
    known: int  # words
    unknown: int  # words that were too rare; 1 where none was


@dataclass(frozen=True)
class _NGrams:
    """The different n-grams of one length. Those of START alone are no events: they only stand before others."""

    keys: Keys
    is_event: NDArray[np.bool_]
    is_unknown: NDArray[np.bool_]  # whether the last word is
    before: Numbers  # which n-gram of the length below is this one without its last word
    after: Numbers  # the same without its first word
    occurrences: NDArray[np.int64]


def fitted(words: Keys, order: int) -> Fitted:
    """Fit a model to the words of texts, each of which begins with START. The order of texts makes no difference."""
    words, known, unknown = _with_unknown(words)
    levels = _counted(words, order)
    values: list[NDArray[np.float64]] = []
    kept = []
    shorter = np.where(levels[0].is_unknown, unknown, 1) / (known + unknown)
    for length, grams in enumerate(levels, 1):
        count = grams.occurrences if length == order else _different_before(grams, levels[length])
        is_kept = (grams.occurrences >= _SEEN_MIN) | ~grams.is_event | (length <= _ALL_KEPT)
        part, weight = _discounted(count * grams.is_event, is_kept, grams.before, len(shorter))
        chance = np.where(grams.is_event, part + weight[grams.before] * shorter[grams.after], 1.0)
        if values:
            values[-1][:, 1] = np.log(weight)
        each = np.log(chance) - np.where(grams.is_unknown, np.log(unknown), 0.0)
        values.append(np.stack([each, np.zeros(len(each))], axis=1))
        kept.append(is_kept)
        shorter = chance
    rows = [np.flatnonzero(one)[np.argsort(grams.keys[one])] for grams, one in zip(levels, kept, strict=True)]
    return Fitted(
        [grams.keys[row] for grams, row in zip(levels, rows, strict=True)],
        [value[row].astype(np.float32) for value, row in zip(values, rows, strict=True)],
        known,
        unknown,
    )


def _with_unknown(words: Keys) -> tuple[Keys, int, int]:
    """Put UNKNOWN in the place of rare words; return how many there are of the others, and of those."""
    number, first = numbered(words)
    is_rare = (np.bincount(number) < _SEEN_MIN) & (words[first] != START)
    rare = int(is_rare.sum())
    return np.where(is_rare[number], UNKNOWN, words), len(first) - 1 - rare, max(1, rare)


def _counted(words: Keys, order: int) -> list[_NGrams]:
    """Find the n-grams of each length. UNKNOWN is always one."""
    words = np.append(words, UNKNOWN)
    word, first = numbered(words)
    words, at = words[:-1], word[:-1]  # at: which n-gram ends with each word
    keys, none = np.append(words, UNKNOWN)[first], np.zeros(len(first), np.int32)
    own, occurrences = np.arange(len(first), dtype=np.int32), np.bincount(at, minlength=len(first))
    levels = [_NGrams(keys, keys != START, keys == UNKNOWN, none, own, occurrences)]
    is_start = words == START
    for _ in range(1, order):
        before = np.where(is_start, at[0], np.roll(at, 1))
        longer, first = numbered(before.astype(np.uint64) << _32 | word[:-1].astype(np.uint64))
        keys = keys_of(levels[-1].keys[before[first]], words[first])
        is_unknown = words[first] == UNKNOWN
        levels.append(_NGrams(keys, ~is_start[first], is_unknown, before[first], at[first], np.bincount(longer)))
        at = longer
    return levels


def _different_before(grams: _NGrams, longer: _NGrams) -> NDArray[np.int64]:
    """Count the different words that each n-gram has before it."""
    return np.bincount(longer.after, longer.is_event, len(grams.keys)).astype(np.int64)


def _discounted(
    count: NDArray[np.int64], is_kept: NDArray[np.bool_], before: Numbers, befores: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each n-gram's own part of its probability, and for all that stands before one the weight of the rest."""
    once, twice = int((count == 1).sum()), int((count == 2).sum())  # noqa: PLR2004
    discount = once / (once + 2 * twice) if once else 0.5
    counts = is_kept & (count > 0)
    total = np.maximum(np.bincount(before, count, befores), 1)
    kept, taken = np.bincount(before, count * counts, befores), np.bincount(before, counts, befores) * discount
    return np.where(counts, count - discount, 0.0) / total[before], (total - kept + taken) / total
