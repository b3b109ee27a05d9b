"""Whether letters are a word of English, by the list of 160,000 that pyspellchecker has."""

from collections.abc import Iterable
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.kernels.word_sides import known_words


def is_english(word: str) -> bool:
    """Whether a word in small letters is on the list.

    >>> [is_english(word) for word in ("possible", "sible", "selfappend")]
    [True, False, False]
    """
    return word in _words()


def any_english(words: Iterable[str]) -> bool:
    """Whether one of these words, in small letters, is on the list.

    >>> any_english(["possible", "sible"]), any_english(["sible", "selfappend"])
    (True, False)
    """
    return not _words().isdisjoint(words)


@cache
def english_words() -> NDArray[np.uint64]:
    """Return the list as a table for `may_join`."""
    return known_words(pa.array([*_words()]))


@cache
def _words() -> frozenset[str]:
    from spellchecker import SpellChecker  # noqa: PLC0415 - half a second, for those who meet such strings alone

    return frozenset(SpellChecker(language="en").word_frequency.words())
