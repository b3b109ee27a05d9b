"""Count tokens: how long each text is to a model."""

from typing import ClassVar, Literal, Self

import pyarrow as pa
from pydantic import model_validator

from ops.columns import with_column
from ops.contract import Op
from ops.edits.model_file import ColumnName
from ops.tokenizers import PatternSetting, TokenizerSetting, check, count_tokens


class CountTokens(Op):
    """Add a column with the number of tokens of each text: by a tokenizer of yours, or estimated.

    `tokenizer` is a path or URL that every worker can read; each loads it once. `limits` judges by the column. Steps
    after this one that change texts leave the numbers as they are.
    """

    op: Literal["count_tokens"] = "count_tokens"
    measures: ClassVar[bool] = True
    tokenizer: TokenizerSetting = None
    tokenizer_pattern: PatternSetting = None
    column: ColumnName = "tokens"

    @model_validator(mode="after")
    def _tokenizer_is_one(self) -> Self:
        check(self.tokenizer, self.tokenizer_pattern)
        return self

    @property
    def makes(self) -> tuple[pa.Field, ...]:
        """The column that is named."""
        return (pa.field(self.column, pa.int64()),)

    def edit(self, batch: pa.Table) -> pa.Table:
        """Add the column; one of that name before is replaced. Refusal where the file is not that tokenizer."""
        tokens = count_tokens(batch["text"], self.tokenizer, self.tokenizer_pattern)
        return with_column(batch, self.makes[0], pa.array(tokens))
