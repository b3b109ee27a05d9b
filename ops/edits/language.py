"""Language: which one a document is written in, how much of it, and whether Chinese is Simplified or Traditional.

Three ways, cheapest first, over a sample of the text (`ops.kernels.language`): a script that is written for one
language decides; English is known by its function words; otherwise a model is asked (`ops.edits.language_models`).
"""

from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field, field_validator

from ops.columns import with_column
from ops.contract import Op
from ops.edits.language_models import FREQUENT, MODULES, UNDETERMINED, is_installed, model_named
from ops.kernels import language as seen
from ops.kernels.buffers import one_chunk, valid_utf8
from ops.kernels.language import look
from ops.kernels.scripts import HAN, LANGUAGE_OF, LATIN

# Shares of words that are English function words: prose has a quarter, and half as much where half of it is English.
_ENGLISH_PROSE = 0.25
_ENGLISH_MIN = 0.15
_ENGLISH_WORDS_MIN = 20  # words from which the share means something
_LETTERS_MIN = 4  # less than a short word or two Han characters says nothing
_AROUND_CODE_MIN = 0.2  # share of letters that are Han, from which a page may be Chinese around code
_JAPANESE_MIN = 0.03  # share of Han and kana characters that are Japanese alone
_DECIDING_MIN = 0.75  # share of the characters of one writing system that are on one side

_BATCH_ROWS = 1024  # bounds the memory of samples: 2 MB

_BY_SCRIPT = np.array(LANGUAGE_OF, object)

Counts = NDArray[np.int64]
Strings = NDArray[np.object_]


class Language(Op):
    """Add `lang`, `lang_confidence` and `lang_script`, from a sample of the text.

    `lang` is ISO 639-1 where that has the language, else 639-3; `und` where nothing can be said: hardly any letters, an
    unknown language, or a confidence below `confidence_min`, which is then 0. `lang_confidence` is the share of the
    sampled text in that language, a Han character counting as three letters; code and names in Latin letters do not
    count beside another script, and an answer that a second model contradicts counts less. `lang_script` tells `zh`
    apart: `Hans`, `Hant`, or null where neither has three quarters of the deciding characters; null for the others.
    """

    op: Literal["language"] = "language"
    adds: ClassVar[tuple[pa.Field, ...]] = (
        pa.field("lang", pa.string(), nullable=False),
        pa.field("lang_confidence", pa.float64(), nullable=False),
        pa.field("lang_script", pa.string()),
    )
    sample_bytes: int = Field(2048, ge=256, le=1 << 16, description="of a text: half its beginning, the rest later")
    confidence_min: float = Field(0.3, ge=0, le=1, description="below it a language is not named")
    model: Literal["cld2", "cld3"] = Field(
        "cld2",
        description="cld3 where pycld2 has no wheel (arm64 Linux): less sure of short texts, a sixth of the speed",
        validate_default=True,
    )

    @field_validator("model", mode="after")
    @classmethod
    def _model_is_installed(cls, model: str) -> str:
        if not is_installed(model):
            raise ValueError(f"package {MODULES[model]} is not installed: install it, or choose the other model")
        return model

    def edit(self, batch: pa.Table) -> pa.Table:
        """Add the three columns; those of that name before are replaced."""
        text = one_chunk(valid_utf8(batch["text"]))
        parts = [text.slice(start, _BATCH_ROWS) for start in range(0, max(1, len(text)), _BATCH_ROWS)]
        described = zip(*[_describe(part, self) for part in parts], strict=True)
        for field, columns in zip(self.adds, described, strict=True):
            values = pa.chunked_array([pa.array(column, field.type) for column in columns])
            batch = with_column(batch, field, values)
        return batch


def _describe(text: pa.Array, op: Language) -> tuple[Strings, NDArray[np.float64], Strings]:
    """Return the three columns of a few rows."""
    found, letters, ends = look(text, op.sample_bytes)
    enough = found[:, seen.LETTERS] >= _LETTERS_MIN
    langs = _BY_SCRIPT[found[:, seen.MAIN]]
    share = _share_of_main(found)
    english = _is_english(found)
    langs[english] = "en"
    ask = model_named(op.model)
    for row in np.flatnonzero(enough & ~english & (np.diff(ends) > 0)).tolist():
        langs[row], part = ask(letters[ends[row] : ends[row + 1]].tobytes())
        share[row] *= part
    around_code = _is_around_code(found, langs)
    share[around_code] = _share_of_han(found)[around_code]
    in_han = around_code | (found[:, seen.MAIN] == HAN)
    langs[in_han] = np.where(_is_japanese(found), "ja", "zh")[in_han]
    unsaid = ~enough | (share < op.confidence_min) | (langs == UNDETERMINED)
    langs[unsaid] = UNDETERMINED
    share[unsaid] = 0.0
    scripts = _han_script(found)
    scripts[langs != "zh"] = None
    return langs, share, scripts


def _share_of_main(found: Counts) -> NDArray[np.float64]:
    is_latin = found[:, seen.MAIN] == LATIN
    rest = found[:, seen.LETTERS] - np.where(is_latin, 0, found[:, seen.LATIN_PART] - _english_prose(found))
    return _quotient(found[:, seen.PART], rest)


def _share_of_han(found: Counts) -> NDArray[np.float64]:
    rest = found[:, seen.LETTERS] - found[:, seen.LATIN_PART] + _english_prose(found)
    return _quotient(found[:, seen.HAN_PART], rest)


def _english_prose(found: Counts) -> NDArray[np.float64]:
    """Return how many of the Latin letters are English prose, by its function words: not code, paths and names."""
    share = _quotient(found[:, seen.ENGLISH_WORDS], _ENGLISH_PROSE * found[:, seen.WORDS])
    return np.asarray(found[:, seen.LATIN_PART] * np.minimum(1, share), np.float64)


def _is_english(found: Counts) -> NDArray[np.bool_]:
    words = found[:, seen.WORDS]
    often = found[:, seen.ENGLISH_WORDS] >= _ENGLISH_MIN * words
    return np.asarray((found[:, seen.MAIN] == LATIN) & (words >= _ENGLISH_WORDS_MIN) & often, np.bool_)


def _is_around_code(found: Counts, langs: Strings) -> NDArray[np.bool_]:
    """Say which pages are Chinese or Japanese around code, whose letters a model calls English or something rare."""
    han = found[:, seen.HAN_PART]
    as_code = np.array([lang == "en" or lang not in FREQUENT for lang in langs], np.bool_)
    enough = (han >= _AROUND_CODE_MIN * found[:, seen.LETTERS]) & (han > _english_prose(found))
    return np.asarray((found[:, seen.MAIN] == LATIN) & as_code & enough, np.bool_)


def _is_japanese(found: Counts) -> NDArray[np.bool_]:
    """Say which texts in Han and kana are Japanese: by kana and characters of its own, against those of Chinese alone.

    A Chinese text names a Japanese work in kana; a Japanese heading may have no kana. Half of Japanese is kana, a sixth
    of Chinese its own characters.
    """
    japanese = found[:, seen.KANA_CHARS] + found[:, seen.JAPANESE_CHARS]
    chars = found[:, seen.HAN_CHARS] + found[:, seen.KANA_CHARS]
    return np.asarray((japanese > 3 * found[:, seen.CHINESE_CHARS]) & (japanese >= _JAPANESE_MIN * chars), np.bool_)


def _han_script(found: Counts) -> Strings:
    simplified, traditional = found[:, seen.SIMPLIFIED_CHARS], found[:, seen.TRADITIONAL_CHARS]
    least = np.maximum(1, _DECIDING_MIN * (simplified + traditional))
    scripts = np.full(len(found), None, object)
    scripts[simplified >= least] = "Hans"
    scripts[traditional >= least] = "Hant"
    return scripts


def _quotient(part: NDArray[Any], whole: NDArray[Any]) -> NDArray[np.float64]:
    """Part of whole; 0 where the whole is 0."""
    return np.asarray(part / np.where(whole > 0, whole, 1), np.float64)
