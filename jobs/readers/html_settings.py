"""How HTML becomes text: a table of a source in the job file."""

import importlib.util
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Html(BaseModel):
    """Which extractor takes the text from pages, and which pages are set aside."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    extractor: Literal["resiliparse", "trafilatura"] = Field(
        "resiliparse", description="trafilatura, an extra, takes five times as long"
    )
    page_bytes_max: int = Field(2_097_152, ge=1, description="larger pages are quarantined")
    depth_max: int = Field(
        256, ge=1, le=4096, description="pages of over 2,000 tags with more in one another are quarantined"
    )

    @field_validator("extractor")
    @classmethod
    def _extractor_is_installed(cls, extractor: str) -> str:
        if importlib.util.find_spec(extractor) is None:
            raise ValueError(f"{extractor} is not installed; install gristmill[{extractor}]")
        return extractor
