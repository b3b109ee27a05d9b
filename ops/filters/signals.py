"""Quality signals: one column of numbers that the quality filters compare with their limits."""

from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field, field_validator

from ops.columns import with_column
from ops.contract import Op
from ops.filters.profiles import BUILT_IN, Profile, conflicts, profile_of
from ops.filters.rules import ProfileName, share
from ops.kernels import c4_lines
from ops.kernels import signals as counted
from ops.kernels.buffers import valid_utf8
from ops.kernels.signals import count_signals

# In the place of a profile, until the words of a text are counted.
_UNTOLD = ""

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

    Formulas are datatrove's, for which the published limits were tuned. `profile` is `zh`, `en` or another: by the
    column `lang` where there is one, else `zh` where there are as many Han characters as Latin words, and `en`.
    """

    op: Literal["quality_signals"] = "quality_signals"
    version: ClassVar[int] = 2
    words: Literal["english", "whitespace"] = Field(
        "english", description="punctuation apart and contractions split, as spaCy does; or what lies between spaces"
    )
    chinese_words: Literal["jieba", "characters"] = Field(
        "jieba",
        description="words as jieba splits Chinese texts, for which FineWeb-2's limits were tuned; or each character",
    )

    profiles: dict[ProfileName, Profile] = Field(
        default_factory=dict,
        exclude_if=lambda profiles: not profiles,
        description="profiles besides `en` and `zh`, by name; or other languages and stop words of these two",
    )

    adds: ClassVar[tuple[pa.Field, ...]] = (QUALITY,)
    measures: ClassVar[bool] = True

    @field_validator("profiles")
    @classmethod
    def _profiles_fit_together(cls, profiles: dict[str, Profile]) -> dict[str, Profile]:
        wrong = [f"{name}.{told}" for name, told in conflicts(profiles)]
        if wrong:
            raise ValueError("\n".join(wrong))
        return profiles

    @property
    def needs(self) -> tuple[str, ...]:
        """Also the language, where profiles are for languages."""
        return (*self.reads, "lang") if any(one.languages for one in self.profiles.values()) else self.reads

    def edit(self, batch: pa.Table) -> pa.Table:
        """Measure `text`."""
        profile = _by_language(batch, self)
        counts = _counted(valid_utf8(batch["text"]), profile, self)
        profile = np.where(profile == _UNTOLD, np.where(counts[:, counted.CHINESE] == 1, "zh", "en"), profile)
        stop_words = counts[:, [counted.STOP_WORDS, counted.CHINESE_STOP_WORDS]]
        printed = counts[:, counted.CHARS] - counts[:, counted.NEWLINES]
        parts, wholes = (counts[:, list(columns)] for columns in zip(*_SHARES.values(), strict=True))
        columns = [
            pa.array(profile, pa.string()),
            pa.array(stop_words[np.arange(len(profile)), (profile == "zh").astype(np.intp)], pa.int64()),
            *map(pa.array, np.ascontiguousarray(counts[:, list(_COUNTS.values())].T)),
            *map(pa.array, np.ascontiguousarray(share(parts, wholes).T)),
            pa.array(share(counts[:, counted.REPEATED_LINE_CHARS], printed)),
        ]
        quality = pa.StructArray.from_arrays(columns, fields=list(QUALITY.type))
        return with_column(batch, QUALITY, quality)


def _by_language(batch: pa.Table, op: QualitySignals) -> NDArray[np.object_]:
    """Return the profile of each document's language; `_UNTOLD` where the language is not told."""
    if "lang" not in batch.column_names:
        return np.full(batch.num_rows, _UNTOLD, object)
    languages = batch["lang"].cast(pa.string()).combine_chunks().dictionary_encode()
    names = [profile_of(language, op.profiles) for language in languages.dictionary.to_pylist()]
    numbers = np.asarray(languages.indices.fill_null(-1))
    profiles: NDArray[np.object_] = np.array([*names, _UNTOLD], object)[numbers]  # of -1 the last one
    return profiles


def _counted(texts: pa.ChunkedArray, profile: NDArray[np.object_], op: QualitySignals) -> NDArray[np.int64]:
    """Count what the profiles ask for: `en`, `zh` and texts of which neither is known at once, any other one apart."""
    english, chinese = (op.profiles.get(name, own).stop_words or own.stop_words for name, own in BUILT_IN.items())
    others = {name: op.profiles[name] for name in sorted(set(profile.tolist()) - {*BUILT_IN, _UNTOLD})}
    told = np.where(profile == _UNTOLD, -1, profile == "zh").astype(np.int8)
    if not others:
        return count_signals(texts, op.words, op.chinese_words, english, chinese, told)
    ways = {name: (one.words or op.words, one.stop_words) for name, one in others.items()}
    way = np.where(np.isin(profile, list(others)), profile, _UNTOLD)
    counts = np.zeros((len(texts), counted.COLUMNS), np.int64)
    for name, (words, stop_words) in {_UNTOLD: (op.words, english), **ways}.items():
        rows = np.flatnonzero(way == name)
        some = texts.take(pa.array(rows))
        counts[rows] = count_signals(some, words, op.chinese_words, stop_words, chinese, told[rows])
    return counts
