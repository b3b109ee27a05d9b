"""Perplexity: how surprising a document is to an n-gram model of texts that one wants."""

import functools
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa

from ops.columns import with_column
from ops.contract import Op
from ops.edits.model_file import ColumnName, ModelPath, Sha256, loaded
from ops.edits.perplexity_model import KIND, Model, from_bytes, perplexities


class Perplexity(Op):
    """Add a column of perplexities, by a model that `gristmill train-perplexity` made.

    `model` is a path or URL that every worker can read; each loads it once. `sha256` is the file's, as of `classifier`.
    The perplexity of a text is exp(-mean log probability of its tokens, each after those before it), from the text's
    start, without its end, to six significant digits. Tokens are words, and single characters in scripts without
    spaces: compare texts of one language only. A text without a token has none: the column is null. Text in a script
    that the model never saw is one of unknown words, with a perplexity of some hundred thousand, and never an infinite
    one. `limits` judges by the column. What is low is boilerplate: what the texts of the model say again and again;
    repetition within one document is for `gopher_repetition`. What is high is gibberish and lists, and rare subjects
    too: dropping only what is surprising costs diversity.
    """

    op: Literal["perplexity"] = "perplexity"
    measures: ClassVar[bool] = True
    placed_by: ClassVar[tuple[str, ...]] = ("model",)
    model: ModelPath
    sha256: Sha256
    column: ColumnName = "perplexity"

    @property
    def makes(self) -> tuple[pa.Field, ...]:
        """The column that is named."""
        return (pa.field(self.column, pa.float64()),)

    def edit(self, batch: pa.Table) -> pa.Table:
        """Add the column; one of that name before is replaced. Refusal where the file is not that model."""
        model = _loaded(self.model, self.sha256)
        found = perplexities(batch["text"], model.table, model.settings.bytes_max)
        field = self.makes[0]
        return with_column(batch, field, pa.array(found, field.type, mask=np.isnan(found)))


@functools.cache
def _loaded(path: str, sha256: str) -> Model:
    """Load a model, once a process."""
    return loaded(KIND, path, sha256, from_bytes)
