"""Bad words: drop documents that are full of words on lists."""

import functools
from typing import Annotated, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import AfterValidator, Field

from ops.contract import Op, above, first_reason
from ops.edits.language_models import UNDETERMINED, known_language
from ops.kernels.buffers import one_chunk
from ops.kernels.listed_words import GROUPS_MAX, Automaton, automaton, find, folded, grouped
from ops.lists import ListFile, entries_of

_STEP = "bad_words"


class BadWords(Op):
    """Drop documents of which too large a share is words on lists, or which have too many different ones.

    A document is held to the list of its language where the step `language` has told it, to none where that has no
    list, and to all where nothing is told. In scripts without spaces a word is found anywhere; in others where no
    letter or digit is next to it. Case and width do not matter. The share is of characters, c4-dataset-script's; those
    of words that overlap count once.
    """

    op: Literal["bad_words"] = "bad_words"
    lists: dict[Annotated[str, AfterValidator(known_language)], ListFile] = Field(
        min_length=1, max_length=GROUPS_MAX, description="a list of words for each language"
    )
    char_share_max: float | None = Field(0.05, ge=0, le=1, description="share of characters that are in such words")
    words_max: int | None = Field(None, ge=0, description="different words; default: any number")
    allowed: tuple[str, ...] = Field((), description="words to look for in no language, though they are on its list")
    allowed_lists: tuple[ListFile, ...] = Field((), description="lists of such words")

    def judge(self, batch: pa.Table) -> pa.Array:
        """Judge the text; an empty one has no bad word."""
        words = _loaded(tuple(self.lists.items()), self.allowed, self.allowed_lists)
        chars, in_words, different = find(batch["text"], words, _lists_for(batch, [*self.lists])).T
        return first_reason(
            too_many_bad_word_chars=above(in_words / np.maximum(chars, 1), self.char_share_max),
            too_many_bad_words=above(different, self.words_max),
        )


def _lists_for(batch: pa.Table, languages: list[str]) -> NDArray[np.int64]:
    """Return the lists that each document is held to, as bits."""
    bits = 1 << np.arange(len(languages), dtype=np.int64)
    everything = np.full(batch.num_rows, bits.sum())
    if "lang" not in batch.column_names:
        return everything
    told = pc.fill_null(one_chunk(batch["lang"]), UNDETERMINED)
    place = np.asarray(pc.fill_null(pc.index_in(told, value_set=pa.array(languages, pa.string())), -1))
    return np.where(np.asarray(pc.equal(told, UNDETERMINED)), everything, np.append(bits, 0)[place])


@functools.cache
def _loaded(
    lists: tuple[tuple[str, ListFile], ...], allowed: tuple[str, ...], allowed_lists: tuple[ListFile, ...]
) -> Automaton:
    """Load the lists, once a process."""
    free = {folded(word) for word in (*allowed, *entries_of(allowed_lists, _STEP).to_pylist())}
    words = grouped((1 << n, entries_of((file,), _STEP).to_pylist()) for n, (_, file) in enumerate(lists))
    return automaton({word: group for word, group in words.items() if word not in free})
