"""How the annotations of a page become its text: a table of a source in the job file."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Layout(BaseModel):
    """In which order the blocks of a page are read, and which of them are no text of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    order: Literal["told", "boxes", "boxes_vertical"] = Field(
        "told",
        description="told: by the blocks' own numbers, else as they stand; boxes: by where they lie, columns from left "
        "to right; boxes_vertical: the same of vertical writing, columns from right to left",
    )
    boxes: Literal["corners", "sizes"] = Field(
        "corners", description="what four numbers are: left, top, right, bottom; or left, top, width, height (COCO)"
    )
    lines: Literal["join", "keep"] = Field(
        "join", description="lines of a block: one paragraph, hyphens at their ends undone; or as on the page"
    )
    leave_out: tuple[str, ...] = Field(
        (
            "header",
            "footer",
            "page-header",
            "page-footer",
            "page-number",
            "pageno",
            "number",
            "top-margin",
            "bottom-margin",
            "left-margin",
            "right-margin",
            "catch-word",
            "signature-mark",
            "noise",
            "abandon",
            "discarded",
        ),
        description="kinds of blocks that are no text of the page, in small letters with hyphens",
    )
    page_bytes_max: int = Field(16_777_216, ge=1, description="larger annotations are quarantined")
