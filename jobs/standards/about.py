"""What nobody but the publisher knows of a release, and standards ask for: a table of the job file."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field


class About(BaseModel):
    """Told in `croissant.json` and `provenance.json`; what is not given is left out there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    creator: str | None = Field(None, description="the organization that makes the release")
    url: str | None = Field(None, pattern="^https?://", description="the page of the release")
    published: date | None = Field(None, description="the day it is published")
    countries: tuple[str, ...] = Field((), description="where its text was collected: ISO 3166 codes, US or US-CA")
