"""Languages: drop documents by what the edit `language` found."""

from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field, field_validator

from ops.contract import Check, Op, below, first_reason
from ops.dedup.values import numbers
from ops.edits.language_models import LANGUAGES, UNDETERMINED, known_language
from ops.kernels.buffers import one_chunk

_SCRIPTS = ("Hans", "Hant")


class Languages(Op):
    """Drop documents in other languages than those to keep, and those whose language is in doubt.

    `keep` names languages as the edit `language` does; `zh-Hans` and `zh-Hant` are Chinese in one script, `zh` in any.
    Reasons: `language`, `script` (Chinese, but not in that script, or undecided), `low_confidence`. The value is the
    confidence. Text without a language is `und`; to keep it, name it: it has no confidence to judge by.
    """

    op: Literal["languages"] = "languages"
    reads: ClassVar[tuple[str, ...]] = ("lang", "lang_confidence", "lang_script")
    keep: tuple[str, ...] = Field(("en", "zh"), min_length=1)
    confidence_min: float | None = Field(0.65, ge=0, le=1, description="as FineWeb's")

    @field_validator("keep")
    @classmethod
    def _languages_are_known(cls, keep: tuple[str, ...]) -> tuple[str, ...]:
        known = LANGUAGES | {f"zh-{script}" for script in _SCRIPTS}
        return tuple(known_language(name, known) for name in keep)

    def judge(self, batch: pa.Table) -> pa.Array:
        """Judge by the three columns; a null language is undetermined, a confidence that is no number 0."""
        langs = pc.fill_null(one_chunk(batch["lang"]), UNDETERMINED)
        tagged = pc.binary_join_element_wise(langs, pc.fill_null(one_chunk(batch["lang_script"]), ""), "-")
        confidence = np.nan_to_num(numbers(batch["lang_confidence"]))
        kept = _is_in(langs, self.keep) | _is_in(tagged, self.keep)
        language = _is_in(langs, {name.split("-")[0] for name in self.keep})
        named = ~_is_in(langs, [UNDETERMINED])
        doubtful = below(confidence, self.confidence_min)
        return first_reason(
            language=Check(~language, confidence, doubtful.threshold, is_least=True),
            script=Check(~kept, confidence, doubtful.threshold, is_least=True),
            low_confidence=Check(doubtful.failed & named, confidence, doubtful.threshold, is_least=True),
        )


def _is_in(values: pa.Array, names: tuple[str, ...] | list[str] | set[str]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = np.asarray(pc.is_in(values, value_set=pa.array(sorted(names), pa.string())))
    return found
