"""What a manifest tells of texts and labels that models gave: tables of a source in the job file."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Draft(BaseModel):
    """The text is a model's draft, and a person's text may lie beside it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    corrected: str = Field(
        description="the shard's column with what a person wrote, by hand or over the draft: it is the text where it "
        "is not blank, and the column `corrections` tells what it differs in"
    )
    origin: Literal["synthetic", "rewrite", "generated", "translated", "mixed"] = Field(
        "synthetic", description="of drafts that nobody corrected; the source's `origin` is that of people's texts"
    )

    @property
    def columns(self) -> dict[str, str]:
        """A name of our own for each of the shard's columns that it needs."""
        return {"{draft.corrected}": self.corrected}


class Label(BaseModel):
    """A label that a model gave each document, and what people said of it. All but the name are the shard's columns."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(
        pattern=r"^[a-z][a-z0-9_]*$",
        max_length=40,
        description="our column with the label that stands; what is known of it is in `<name>_by` and the like",
    )
    value: str = Field(description="the model's label")
    by: str | None = Field(None, description="the model that gave it")
    labeller: str | None = Field(None, description="the model itself, where `by` is not given or tells nothing")
    score: str | None = Field(None, description="how sure the model is: a number")
    corrected: str | None = Field(None, description="a person's label: it stands")
    verdict: str | None = Field(
        None, description="what a person says of the model's: accept, reject, skip and the like"
    )
    verdicts: dict[str, Literal["accepted", "rejected", "none"]] = Field(
        default_factory=dict, description='further words for verdicts: {"通过" = "accepted"}'
    )
    verifier: str | None = Field(None, description="who that person is")

    @property
    def columns(self) -> dict[str, str]:
        """A name of our own for each of the shard's columns that it needs."""
        parts = ("value", "by", "score", "corrected", "verdict", "verifier")
        return {f"{{{self.name}.{part}}}": getattr(self, part) for part in parts if getattr(self, part)}

    @property
    def adds(self) -> tuple[str, ...]:
        """Columns that documents have of it."""
        is_judged = self.corrected or self.verdict
        parts = {
            "by": self.by or self.labeller,
            "score": self.score,
            "verdict": is_judged,
            "was": is_judged,
            "verifier": self.verifier,
        }
        return (self.name, *(f"{self.name}_{part}" for part, is_told in parts.items() if is_told))
