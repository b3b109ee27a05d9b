"""Quality signals: one column of numbers that the quality filters compare with their limits."""

from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from ops.columns import with_column
from ops.contract import Op
from ops.filters.rules import is_chinese, share
from ops.kernels import c4_lines
from ops.kernels import signals as counted
from ops.kernels.signals import count_signals

# From this share of words that are Han characters on, a document is judged by the Chinese limits: below it, the words
# of a mixed page are long enough for the English ones.
_HAN_SHARE = 0.4

# Fields that are a count, and fields that are one count divided by another; 0 where that one is 0.
_COUNTS = {
    "chars": counted.CHARS,
    "words": counted.WORDS,
    "text_words": counted.TEXT_WORDS,
    "lines": counted.LINES,
}
_SHARES = {
    "han_word_share": (counted.HAN_WORDS, counted.TEXT_WORDS),
    "mean_word_chars": (counted.TEXT_CHARS, counted.TEXT_WORDS),
    "hashes_per_word": (counted.HASHES, counted.WORDS),
    "ellipses_per_word": (counted.ELLIPSES, counted.WORDS),
    "bullet_line_share": (counted.BULLET_LINES, counted.SPLIT_LINES),
    "ellipsis_line_share": (counted.ELLIPSIS_LINES, counted.SPLIT_LINES),
    "alphabetic_word_share": (counted.LETTER_WORDS, counted.WORDS),
    "duplicate_line_share": (counted.REPEATED_PIECES, counted.PIECES),
    "duplicate_paragraph_share": (counted.REPEATED_PARAGRAPHS, counted.PARAGRAPHS),
    "duplicate_line_char_share": (counted.REPEATED_PIECE_CHARS, counted.CHARS),
    "duplicate_paragraph_char_share": (counted.REPEATED_PARAGRAPH_CHARS, counted.CHARS),
    **{f"top_{n}gram_char_share": (counted.TOP_2GRAM + n - 2, counted.CHARS) for n in range(2, 5)},
    **{f"duplicate_{n}gram_char_share": (counted.REPEATED_5GRAMS + n - 5, counted.CHARS) for n in range(5, 11)},
    "terminal_line_share": (counted.ENDED_LINES, counted.LINES),
    "short_line_share": (counted.SHORT_LINES, counted.LINES),
    "newlines_per_word": (counted.NEWLINES, counted.WORDS),
}
# What C4's rules leave and what they meet, by all of them (`c4_ended_`) and by all but the terminal mark (`c4_`).
_C4 = {
    "kept_lines": c4_lines.LINES,
    "kept_sentences": c4_lines.SENTENCES,
    "lorem_ipsum_lines": c4_lines.LOREM_IPSUM,
    "curly_bracket_lines": c4_lines.CURLY_BRACKET,
    "long_word_lines": c4_lines.LONG_WORD,
    "few_word_lines": c4_lines.FEW_WORDS,
    "javascript_lines": c4_lines.JAVASCRIPT,
    "policy_lines": c4_lines.POLICY,
}
_COUNTS |= {f"c4_{name}": counted.C4 + at for name, at in _C4.items()}
_COUNTS |= {f"c4_ended_{name}": counted.C4_ENDED + at for name, at in _C4.items()}
_COUNTS |= {"c4_ended_unended_lines": counted.C4_ENDED + c4_lines.UNENDED}

QUALITY = pa.field(
    "quality",
    pa.struct(
        [
            pa.field("profile", pa.string()),
            pa.field("stop_words", pa.int64()),
            *(pa.field(name, pa.int64()) for name in _COUNTS),
            *(pa.field(name, pa.float64()) for name in _SHARES),
            pa.field("repeated_line_char_share", pa.float64()),
        ]
    ),
    nullable=False,
)


class QualitySignals(Op):
    """Add the column `quality`: what `gopher_quality`, `gopher_repetition`, `fineweb_quality` and `c4` compare.

    Formulas are datatrove's, for which the published limits were tuned. `profile` is `zh` or `en`: by the column `lang`
    where there is one, else `zh` where two fifths of the words are Han.
    """

    op: Literal["quality_signals"] = "quality_signals"
    words: Literal["english", "whitespace"] = Field(
        "english", description="punctuation apart and contractions split, as spaCy does; or what lies between spaces"
    )
    chinese_words: Literal["jieba", "characters"] = Field(
        "jieba", description="words of jieba's dictionary, for which FineWeb-2's limits were tuned; or each character"
    )

    adds: ClassVar[tuple[pa.Field, ...]] = (QUALITY,)
    measures: ClassVar[bool] = True

    def edit(self, batch: pa.Table) -> pa.Table:
        """Measure `text`."""
        counts = count_signals(batch["text"], words=self.words, chinese_words=self.chinese_words)
        by_words = share(counts[:, counted.HAN_WORDS], counts[:, counted.TEXT_WORDS]) >= _HAN_SHARE
        chinese = is_chinese(batch, by_words)
        stop_words = np.where(chinese, counts[:, counted.CHINESE_STOP_WORDS], counts[:, counted.ENGLISH_STOP_WORDS])
        printed = counts[:, counted.CHARS] - counts[:, counted.NEWLINES]
        columns = [
            pa.array(np.where(chinese, "zh", "en"), pa.string()),
            pa.array(stop_words, pa.int64()),
            *(pa.array(counts[:, column], pa.int64()) for column in _COUNTS.values()),
            *(pa.array(share(counts[:, part], counts[:, whole])) for part, whole in _SHARES.values()),
            pa.array(share(counts[:, counted.REPEATED_LINE_CHARS], printed)),
        ]
        quality = pa.StructArray.from_arrays(columns, fields=list(QUALITY.type))
        return with_column(batch, QUALITY, quality)
