"""Classifier: how probably a document is one of those that a filter was trained to find."""

import functools
from typing import ClassVar, Literal, Self

import pyarrow as pa
from pydantic import Field, model_validator

from ops.columns import with_column
from ops.contract import Op, Refusal
from ops.edits.classifier_model import Model, NoModelError, from_bytes, probabilities
from ops.resources import File


class ModelFile(File):
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
    model: ModelFile = Field(description="path or URL of the file that train-filter wrote")
    sha256: str | None = Field(
        None, pattern=r"^[0-9a-f]{64}$", description="of that file, as train-filter prints it: another one is refused"
    )
    column: str = Field("classifier_score", pattern=r"^[a-z][a-z0-9_]*$", description="the column to add")

    @model_validator(mode="after")
    def _model_is_that_one(self) -> Self:
        if self.sha256 and self.model.sha256 not in (None, self.sha256):
            raise ValueError(
                f"sha256: {self.model.path} is another file: its sha256 is {self.model.sha256}. Give the path of that "
                "model, or this sha256 to score all documents anew"
            )
        return self

    @property
    def makes(self) -> tuple[pa.Field, ...]:
        """The column that is named."""
        return (pa.field(self.column, pa.float64()),)

    def edit(self, batch: pa.Table) -> pa.Table:
        """Add the column; one of that name before is replaced. Refusal where the file is not that model."""
        field = self.makes[0]
        model = _loaded(File(self.model.path, self.model.sha256 or self.sha256))
        scores = pa.array(probabilities(model, batch["text"]), field.type)
        return with_column(batch, field, scores)


@functools.cache
def _loaded(file: File) -> Model:
    """Load a model, once a process."""
    data = file.read("classifier")
    try:
        return from_bytes(data)
    except NoModelError as error:
        raise Refusal(f"classifier: {file.path} is no model: {error}. Make one with gristmill train-filter.") from error
