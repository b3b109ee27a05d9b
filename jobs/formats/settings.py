"""What a release looks like: a table of the job file."""

import math
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ops.tokenizers import PatternSetting, TokenizerSetting, check

# Half of what its offsets reach: shards hold more than text.
_MDS_BYTES_MAX = 2**31


class Phase(BaseModel):
    """A stretch of a shuffled release, which training comes to one after the other."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    share: float = Field(gt=0, lt=1, description="of all text")
    highest: str | None = Field(
        None, description="a column: the documents with its highest numbers, of those that later phases leave"
    )


class Release(BaseModel):
    """What a release looks like."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["parquet", "jsonl.zst", "mds", "webdataset", "megatron"] = "parquet"
    shard_bytes: int = Field(268_435_456, ge=1, description="most bytes of UTF-8 text in a shard, before compression")
    order: Literal["sources", "shuffled"] = Field("sources", description="shuffled: by a hash of the id and the seed")
    phases: tuple[Phase, ...] = Field((), description="of a shuffled release, in order; their shares are 1 together")
    phases_by: str | None = Field(
        None, description="the column of token counts that shares of phases are of; default: bytes of text"
    )
    tokenizer: TokenizerSetting = None
    tokenizer_pattern: PatternSetting = None
    end_of_document: str | Annotated[int, Field(ge=0, lt=2**31)] | None = Field(
        None, description="the token after each document, for Megatron: its name in a tokenizer.json, or its number"
    )
    aigc_propagator: str | None = Field(
        None,
        min_length=1,
        description="name or code of who publishes: then documents that are synthetic, or came with a label of "
        "GB 45438-2025, have one in the column `AIGC`",
    )
    zstd_level: int = Field(3, ge=1, le=22, description="1: half the time to write, a fifth more bytes")

    @model_validator(mode="after")
    def _megatron_has_tokens(self) -> Self:
        given: dict[str, object] = {"tokenizer": self.tokenizer, "end_of_document": self.end_of_document}
        if self.format != "megatron":
            given["tokenizer_pattern"] = self.tokenizer_pattern
            beyond = " and ".join(name for name, value in given.items() if value is not None)
            if beyond:
                raise ValueError(f'{beyond}: only format = "megatron" holds tokens; set it, or leave this out')
            return self
        missing = [name for name, value in given.items() if value is None]
        if missing:
            raise ValueError(f'format = "megatron" needs {" and ".join(missing)}')
        check(self.tokenizer, self.tokenizer_pattern, ends=self.end_of_document)
        return self

    @model_validator(mode="after")
    def _shards_fit_the_format(self) -> Self:
        if self.format == "mds" and self.shard_bytes > _MDS_BYTES_MAX:
            raise ValueError(f"shard_bytes: MDS has offsets of 32 bits; set at most {_MDS_BYTES_MAX:,}")
        return self

    @model_validator(mode="after")
    def _phases_are_possible(self) -> Self:
        if self.phases_by and not self.phases:
            raise ValueError("phases_by: there are no phases; add [[release.phases]] or take it out")
        if not self.phases:
            return self
        if self.order != "shuffled":
            raise ValueError('phases: documents are brought into phases by a shuffle; set order = "shuffled"')
        total = math.fsum(phase.share for phase in self.phases)
        if abs(total - 1) > 1e-6:  # noqa: PLR2004 - thirds are spelled with as many digits
            raise ValueError(f"phases: the shares are {total:.6g} together; make them 1")
        if self.phases[0].highest:
            raise ValueError("phases.0: the first phase gets what the others leave; take `highest` out of it")
        return self
