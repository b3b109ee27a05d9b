"""Score: a number for each document from a model of the user's own, loaded once a worker."""

import functools
import importlib
import json
import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from ops.columns import with_column
from ops.contract import Op, Refusal, Workers
from ops.kernels.buffers import valid_utf8

Model = Callable[[list[str]], Sequence[float | None]]


class Score(Op):
    """Add a column of numbers that a class of yours gives: a classifier, a reward model, anything that takes texts.

    `model` names the class, as `package.module:Class`. A worker makes one object of it, `Class(**arguments)`, and calls
    it with lists of at most `batch_documents` texts; it returns a number for each, or None where it has none. The step
    runs on workers of its own, each with the `cpus` and `gpus` asked for, so that a model is loaded once a worker.
    The same text must get the same number whatever texts are beside it, and the code must be where workers import it.
    What the class does is not looked at: after changing it, change `revision`, else stored scores stay.
    """

    op: Literal["score"] = "score"
    measures: ClassVar[bool] = True
    placed_by: ClassVar[tuple[str, ...]] = ("workers_max", "cpus", "gpus")
    model: str = Field(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$", description="package.module:Class")
    arguments: dict[str, Any] = Field({}, description="keyword arguments of the class")
    revision: str = Field("", description="of the model: another one computes all scores anew")
    column: str = Field("score", pattern=r"^[a-z][a-z0-9_]*$", description="the column to add")
    batch_documents: int = Field(64, ge=1, description="texts of a call, at most")
    workers_max: int | None = Field(None, ge=1, description="default: as many as the cluster has room for")
    cpus: float = Field(1, gt=0, description="of each worker")
    gpus: float = Field(0, ge=0, description="of each worker; 0.5 puts two on one")

    @property
    def makes(self) -> tuple[pa.Field, ...]:
        """The column that is named."""
        return (pa.field(self.column, pa.float64()),)

    @property
    def workers(self) -> Workers:
        """As asked for."""
        return Workers(self.workers_max, self.cpus, self.gpus)

    def edit(self, batch: pa.Table) -> pa.Table:
        """Add the column; Refusal where the model cannot be loaded, or does not give a number for each text."""
        model: Model = loaded("score", self.model, json.dumps(self.arguments, sort_keys=True))
        texts = valid_utf8(batch["text"]).to_pylist()
        calls = [texts[begin : begin + self.batch_documents] for begin in range(0, len(texts), self.batch_documents)]
        scores = [score for call in calls for score in self._scored(model, call)]
        field = self.makes[0]
        return with_column(batch, field, pa.array(scores, field.type))

    def _scored(self, model: Model, texts: list[str]) -> list[float | None]:
        given = list(model(texts))
        if len(given) != len(texts):
            raise Refusal(
                f"score: {self.model} gave {len(given)} numbers for {len(texts)} texts; it must give one each"
            )
        scores = [None if one is None else float(one) for one in given]
        if any(one is not None and not math.isfinite(one) for one in scores):
            raise Refusal(f"score: {self.model} gave a number that is not finite; it must give None where it has none")
        return scores


@functools.cache
def loaded(step: str, path: str, arguments: str) -> Any:
    """Make an object of a class of the user's, `package.module:Class`, with arguments in JSON; once a process."""
    module, _, name = path.partition(":")
    try:
        made = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise Refusal(
            f"{step}: {path} cannot be imported on a worker: {error}. Install its package on all nodes, or submit the "
            "job with the folder that holds it."
        ) from error
    return made(**json.loads(arguments))
