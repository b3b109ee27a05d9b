"""Classifier: how probably a document is one of those that a filter was trained to find."""

import functools
from typing import ClassVar, Literal

import pyarrow as pa

from ops.columns import with_column
from ops.contract import Op
from ops.edits.classifier_model import KIND, Model, from_bytes, probabilities
from ops.edits.model_file import ColumnName, ModelPath, Sha256, loaded


class Classifier(Op):
    """Add a column of probabilities, by a model that `gristmill train-filter` made.

    `model` is a path or URL that every worker can read; each loads it once. `sha256` is the file's, so that stored
    scores always belong to that very model: another file is refused, and the same one may move. The probability holds
    for texts mixed as the training set was; it has six digits. A text without a word or character gets what the mixture
    alone says. `limits` judges by the column.
    """

    op: Literal["classifier"] = "classifier"
    measures: ClassVar[bool] = True
    placed_by: ClassVar[tuple[str, ...]] = ("model",)
    model: ModelPath
    sha256: Sha256
    column: ColumnName = "classifier_score"

    @property
    def makes(self) -> tuple[pa.Field, ...]:
        """The column that is named."""
        return (pa.field(self.column, pa.float64()),)

    def edit(self, batch: pa.Table) -> pa.Table:
        """Add the column; one of that name before is replaced. Refusal where the file is not that model."""
        field = self.makes[0]
        scores = pa.array(probabilities(_loaded(self.model, self.sha256), batch["text"]), field.type)
        return with_column(batch, field, scores)


@functools.cache
def _loaded(path: str, sha256: str) -> Model:
    """Load a model, once a process."""
    return loaded(KIND, path, sha256, from_bytes)
