"""Classifier: how probably a document is one of those that a filter was trained to find."""

import functools
import hashlib
from typing import ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from ops import resources
from ops.columns import with_column
from ops.contract import Op, Refusal
from ops.edits.classifier_model import Model, NoModelError, from_bytes, probabilities


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
    model: str = Field(min_length=1, description="path or URL of the file that train-filter wrote")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="of that file; train-filter prints it")
    column: str = Field("classifier_score", pattern=r"^[a-z][a-z0-9_]*$", description="the column to add")

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
    try:
        data = resources.read(path)
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise Refusal(
            f"classifier: a worker cannot read the model {path}: {error}. Put the file where all nodes can read it, "
            "such as s3://."
        ) from error
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise Refusal(
            f"classifier: {path} is another file than the job says: its sha256 is {found}, expected {sha256}. Give the "
            "path of that model, or this sha256 to score all documents anew."
        )
    try:
        return from_bytes(data)
    except NoModelError as error:
        raise Refusal(f"classifier: {path} is no model: {error}. Make one with gristmill train-filter.") from error
