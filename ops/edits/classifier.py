"""Classifier: how probably a document is one of those that a filter was trained to find."""

from typing import ClassVar, Literal, Self

import pyarrow as pa
from pydantic import Field, model_validator

from ops.columns import with_column
from ops.contract import Op
from ops.edits.classifier_model import KIND, from_bytes, probabilities
from ops.edits.model_file import ColumnName, Sha256, check_pin, loaded, pinned
from ops.resources import File


class ClassifierFile(File):
    """A file that train-filter wrote."""

    @classmethod
    def check(cls, data: bytes) -> None:
        """Raise ValueError where it is none."""
        super().check(data)
        from_bytes(data)


class Classifier(Op):
    """Add a column of probabilities, by a model that `gristmill train-filter` made.

    `model` is a path or URL that every worker can read; each loads it once. Stored scores always belong to that very
    model: another file scores all documents anew, and is refused where `sha256` says which it shall be; the same one
    may move. The probability holds for texts mixed as the training set was; it has six digits. A text without a word or
    character gets what the mixture alone says. `limits` judges by the column.
    """

    op: Literal["classifier"] = "classifier"
    measures: ClassVar[bool] = True
    placed_by: ClassVar[tuple[str, ...]] = ("sha256",)  # the model's own hash is a setting
    model: ClassifierFile = Field(description="path or URL of the file that train-filter wrote")
    sha256: Sha256 = None
    column: ColumnName = "classifier_score"

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
        field = self.makes[0]
        model = loaded(KIND, pinned(self.model, self.sha256), from_bytes)
        scores = pa.array(probabilities(model, batch["text"]), field.type)
        return with_column(batch, field, scores)
