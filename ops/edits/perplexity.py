"""Perplexity: how surprising a document is to an n-gram model of texts that one wants."""

from typing import ClassVar, Literal, Self

import numpy as np
import pyarrow as pa
from pydantic import Field, model_validator

from ops.columns import with_column
from ops.contract import Op
from ops.edits.model_file import ColumnName, Sha256, check_pin, loaded, pinned
from ops.edits.perplexity_model import KIND, from_bytes, perplexities
from ops.resources import File


class PerplexityFile(File):
    """A file that train-perplexity wrote."""

    @classmethod
    def check(cls, data: bytes) -> None:
        """Raise ValueError where it is none."""
        super().check(data)
        from_bytes(data)


class Perplexity(Op):
    """Add a column of perplexities, by a model that `gristmill train-perplexity` made.

    `model` is a path or URL that every worker can read; each loads it once. `sha256` may say which file it shall be, as
    of `classifier`. The perplexity of a text is exp(-mean log probability of its tokens, each after those before it),
    from the text's start, without its end, to six significant digits. Tokens are words, and single characters in
    scripts without spaces: compare texts of one language only. A text without a token has none: the column is null.
    Text in a script that the model never saw is one of unknown words, with a perplexity of some hundred thousand, and
    never an infinite one. `limits` judges by the column. What is low is boilerplate: what the texts of the model say
    again and again; repetition within one document is for `gopher_repetition`. What is high is gibberish and lists, and
    rare subjects too: dropping only what is surprising costs diversity.
    """

    op: Literal["perplexity"] = "perplexity"
    measures: ClassVar[bool] = True
    placed_by: ClassVar[tuple[str, ...]] = ("sha256",)  # the model's own hash is a setting
    model: PerplexityFile = Field(description="path or URL of the file that train-perplexity wrote")
    sha256: Sha256 = None
    column: ColumnName = "perplexity"

    @model_validator(mode="after")
    def _model_is_that_one(self) -> Self:
        check_pin(self.model, self.sha256)
        return self

    @property
    def makes(self) -> tuple[pa.Field, ...]:
        """The column that is named."""
        return (pa.field(self.column, pa.float64()),)

    def edit(self, batch: pa.Table) -> pa.Table:
        """Add the column; one of that name before is replaced. Refusal where the file is not that model."""
        model = loaded(KIND, pinned(self.model, self.sha256), from_bytes)
        found = perplexities(batch["text"], model.table, model.settings.bytes_max)
        field = self.makes[0]
        return with_column(batch, field, pa.array(found, field.type, mask=np.isnan(found)))
