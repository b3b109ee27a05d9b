"""Gopher quality (Rae et al. 2021, arXiv 2112.11446, A1.1), with FineWeb-2's values for Chinese."""

from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from ops.contract import Check, Op, above, below, first_reason
from ops.kernels import quality as counted
from ops.kernels.quality import measure

# From this share of words that are Han characters on, a document is judged by the Chinese values: below it, the words
# of a mixed page are long enough for the English ones.
_HAN_SHARE = 0.4


class WordRules(BaseModel):
    """The limits that differ by language; None turns one off."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    word_chars_min: float | None = Field(3, description="mean characters of a word")
    word_chars_max: float | None = 10
    alphabetic_words_min: float | None = Field(0.8, description="share of words with a letter")
    stop_words_min: int | None = Field(2, description="distinct stop words present")


class GopherQuality(Op):
    """Drop documents by their words, symbols and lines. A value equal to a limit passes; None turns a limit off.

    For English and Chinese. Set the stop words and word lengths of `en` to your language's, or to None, for others.
    Words are as in `ops.kernels.quality`: separated by spaces, and each character a word in scripts without spaces.
    """

    op: Literal["gopher_quality"] = "gopher_quality"
    words_min: int | None = Field(50, ge=0)
    words_max: int | None = Field(100_000, ge=1)
    hashes_max: float | None = Field(0.1, ge=0, description="`#` for each word")
    ellipses_max: float | None = Field(0.1, ge=0, description="`...` and `…` for each word")
    bullet_lines_max: float | None = Field(0.9, ge=0, le=1, description="share of lines that start with a bullet")
    ellipsis_lines_max: float | None = Field(0.3, ge=0, le=1, description="share of lines that end in an ellipsis")
    en: WordRules = WordRules()
    zh: WordRules = WordRules(word_chars_min=1, word_chars_max=5, alphabetic_words_min=0.735)

    def judge(self, batch: pa.Table) -> pa.Array:
        """Judge by the first rule that fails, in the order of the paper's table."""
        n = measure(batch["text"])
        chinese = _share(n, counted.HAN_WORDS, counted.COUNTED_WORDS) >= _HAN_SHARE
        words = n[:, counted.COUNTED_WORDS]
        word_chars = _share(n, counted.COUNTED_CHARS, counted.COUNTED_WORDS)
        alphabetic = _share(n, counted.ALPHABETIC_WORDS, counted.WORDS)
        stop_words = np.where(chinese, n[:, counted.CHINESE_STOP_WORDS], n[:, counted.ENGLISH_STOP_WORDS])
        en, zh = self.en, self.zh
        return first_reason(
            too_few_words=below(words, self.words_min),
            too_many_words=above(words, self.words_max),
            words_too_short=_either(
                chinese, below(word_chars, zh.word_chars_min), below(word_chars, en.word_chars_min)
            ),
            words_too_long=_either(chinese, above(word_chars, zh.word_chars_max), above(word_chars, en.word_chars_max)),
            too_many_hashes=above(_share(n, counted.HASHES, counted.WORDS), self.hashes_max),
            too_many_ellipses=above(_share(n, counted.ELLIPSES, counted.WORDS), self.ellipses_max),
            too_many_bullet_lines=above(_share(n, counted.BULLET_LINES, counted.LINES), self.bullet_lines_max),
            too_many_ellipsis_lines=above(_share(n, counted.ELLIPSIS_LINES, counted.LINES), self.ellipsis_lines_max),
            too_few_alphabetic_words=_either(
                chinese, below(alphabetic, zh.alphabetic_words_min), below(alphabetic, en.alphabetic_words_min)
            ),
            too_few_stop_words=_either(
                chinese, below(stop_words, zh.stop_words_min), below(stop_words, en.stop_words_min)
            ),
        )


def _share(counts: NDArray[np.int64], part: int, whole: int) -> NDArray[np.float64]:
    """Part of whole for each document; 0 where the whole is 0."""
    shares: NDArray[np.float64] = counts[:, part] / np.maximum(counts[:, whole], 1)
    return shares


def _either(chinese: NDArray[np.bool_], zh: Check, en: Check) -> Check:
    """Apply one check to Chinese documents and the other to the rest."""
    threshold = np.where(chinese, zh.threshold, en.threshold)
    return Check(np.where(chinese, zh.failed, en.failed), zh.value, threshold, zh.is_least)
