"""How to run: a table of the job file."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class RunSettings(BaseModel):
    """None of it can change the answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    engine: Literal["ray", "inline"] = "ray"
    cpus: int | None = Field(None, ge=1, description="cores of a Ray started for this run; default: all")
    partition_bytes: int = Field(
        67_108_864, ge=16_384, description="memory that a survey's small columns take in one worker, at most"
    )
    signing_key: str | None = Field(None, description="an Ed25519 private key that signs the release's checksums")
    openlineage: str | None = Field(
        None,
        pattern=r"^(https?://|[^:]+$)",
        description="a file that OpenLineage events are added to, or an http(s) URL that they are posted to",
    )
