"""Decontaminate: drop documents that have passages of evaluation sets, with the passage on record."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from ops.contract import PASSAGE, Op
from ops.cuts import CUT_CHARS_MAX
from ops.filters.evaluation import EvaluationFile, EvaluationSets, evaluation_sets
from ops.kernels.buffers import buffers_of, one_chunk
from ops.kernels.cuts import stretches
from ops.kernels.overlaps import overlaps

_STEP = "decontaminate"

# A Chinese word is of one and a half characters: so many of them are an n-gram of as much text.
_CHARACTERS_OF_A_WORD = 1.5


@dataclass(frozen=True)
class _Method:
    words: int
    share_of: Literal["tokens", "ngrams"]
    item_share_min: float


# Each published for words or for a model's tokens, and some for a whole corpus: here for words and for a document.
METHODS = {
    # Brown et al. 2020, appendix C: any 13-gram. There those of more than 10 documents are none; here all are.
    "gpt3": _Method(13, "tokens", 0),
    # Guo et al. 2024, section 2.4: any 10-gram.
    "deepseek_coder": _Method(10, "tokens", 0),
    # Chowdhery et al. 2022, section 8: at least 70 % of an item's 8-grams.
    "palm": _Method(8, "ngrams", 0.7),
    # Touvron et al. 2023, appendix A.6: an item is "dirty" of whose tokens at least 80 % are in n-grams of more than 10
    # tokens in common; without their up to 4 tokens that may differ.
    "llama2": _Method(11, "tokens", 0.8),
    # Lambert et al. 2024, section 3.2, and open-instruct's decontamination/search.py: more than half of an item's
    # tokens are in 8-grams that one document has. Half itself goes, too.
    "tulu3": _Method(8, "tokens", 0.5),
}


class Decontaminate(Op):
    """Drop documents that have an n-gram, or enough of them, in common with an item of an evaluation set.

    Tokens are words and, in scripts without spaces, characters; case, width and punctuation do not matter. `words` is
    how many words an n-gram has, `characters` how many characters where there are no spaces. Every n-gram that is found
    by its hash is compared character by character.
    """

    op: Literal["decontaminate"] = "decontaminate"
    evaluations: dict[str, EvaluationFile] = Field(
        min_length=1, description="evaluation sets by name: JSON lines, a JSON list, Parquet or lines of text"
    )
    fields: tuple[str, ...] = Field((), description="of their records, what is looked for; default: every string")
    method: Literal["gpt3", "deepseek_coder", "palm", "llama2", "tulu3"] = Field(
        "gpt3", description="published settings; each of those below replaces one of its numbers"
    )
    words: int | None = Field(None, ge=2, le=100, description="of an n-gram")
    characters: int | None = Field(
        None, ge=2, le=300, description="of an n-gram in a script without spaces; default: 1.5 for each word"
    )
    share_of: Literal["tokens", "ngrams"] | None = Field(None, description="what of an item is counted")
    item_share_min: float | None = Field(
        None, ge=0, le=1, description="share of an item that a document must have; 0: one n-gram is enough"
    )

    def judge(self, batch: pa.Table) -> pa.Array:
        """Judge the text by the item of which it has the greatest share."""
        told = METHODS[self.method]
        sets = self._sets()
        of_ngrams = (self.share_of or told.share_of) == "ngrams"
        least = told.item_share_min if self.item_share_min is None else self.item_share_min
        text = one_chunk(batch["text"])
        found = overlaps(text, sets.sought, of_ngrams=of_ngrams)
        goes = found.shares >= least
        data, _ = buffers_of(text)
        count = int(goes.sum())
        columns = [
            pa.repeat(pa.scalar("evaluation_overlap"), count),
            pa.array(found.shares[goes]),
            pa.repeat(pa.scalar(float(least)), count),
            pa.array([sets.names[item] for item in found.items[goes]], pa.string()),
            stretches(data, found.passages[goes], CUT_CHARS_MAX),
        ]
        place = np.full(batch.num_rows, -1)
        place[found.rows[goes]] = np.arange(count)
        reasons = pa.StructArray.from_arrays(columns, fields=list(PASSAGE))
        return reasons.take(pa.array(place, mask=place < 0))

    def _sets(self) -> EvaluationSets:
        words = self.words or METHODS[self.method].words
        characters = self.characters or int(np.ceil(words * _CHARACTERS_OF_A_WORD))
        return evaluation_sets(tuple(self.evaluations.items()), self.fields, words, characters, _STEP)
