"""What a release looks like: a table of the job file."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Release(BaseModel):
    """What a release looks like."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["parquet", "jsonl.zst", "mds", "webdataset"] = "parquet"
    shard_bytes: int = Field(268_435_456, ge=1, description="most bytes of UTF-8 text in a shard, before compression")
    order: Literal["sources", "shuffled"] = Field("sources", description="shuffled: by a hash of the id and the seed")
    zstd_level: int = Field(3, ge=1, le=22, description="1: half the time to write, a fifth more bytes")
