"""What a job file says of its sources and references: where documents come from, and what is known of all of them."""

from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from jobs.readers.chat import SPOKEN_BY
from jobs.readers.chat_settings import Chat
from jobs.readers.html_settings import Html
from jobs.readers.layout_settings import Layout
from jobs.readers.manifest_settings import Draft, Label
from jobs.readers.templates import columns_of, fields_of
from ops.columns import COPY, CUTS, DOCUMENT, ORIGIN_BASIS, POSITION, TERMS

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=40)]

# Columns that a source cannot map because the job itself says them, or the runner does.
_GIVEN = {
    "source",
    ORIGIN_BASIS.name,
    POSITION.name,
    "text_bytes",
    "row",
    CUTS.name,
    COPY.name,
    SPOKEN_BY.name,
    *(field.name for field in TERMS),
}

# Columns of which texts are made.
TEXTS = ("html", "layout", "messages", "text_path")

Columns = dict[str, Annotated[str, Field(min_length=1)]]

Format = Literal["parquet", "arrow", "jsonl", "csv", "text", "html", "warc", "tar", "layout"]


class Settings(BaseModel):
    """Settings of the job file: frozen, and every key is known."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _fillable(template: str | None, info: ValidationInfo) -> str | None:
    if template is None:
        return None
    fields_of(template)
    if mapped := sorted({*TEXTS, "text"} & set(info.data.get("columns", ()))):
        raise ValueError(f"it makes the text, and `columns` maps {', '.join(mapped)}: take out one of the two")
    return template


class Source(Settings):
    """Where documents come from, and what is known of all of them."""

    name: Name
    path: str = Field(min_length=1, description="a file, folder or glob; local, s3:// or any fsspec URL")
    format: Format | None = Field(None, description="default: by file extension")
    columns: Columns = Field(
        default_factory=dict,
        description="our name = the shard's name; `text`, `id` and `url` need it only if they differ; `html` names a "
        "column of pages, whose text is taken, `messages` one of chats, `layout` one of annotated blocks of pages, "
        "`text_path` one of files beside the shard; `parents`, `depth`, `origin`, `license` and `generator` of "
        "documents, where shards tell them; a shard's name with a slash in front is a JSON pointer: /data/text",
    )
    html: Html = Field(Html(), description="how pages become texts")
    chat: Chat = Field(Chat(), description="how chats become texts")
    layout: Layout = Field(Layout(), description="how annotated pages become texts")
    template: str | None = Field(
        None,
        description="text of rows, with the names of their columns in braces; lines that lack a value are left out",
    )
    draft: Draft | None = Field(None, description="the text is a model's draft, which people may have corrected")
    labels: tuple[Label, ...] = Field((), description="labels that models gave, and what people said of them")
    origin: Literal["real", "synthetic", "rewrite", "generated", "translated", "mixed", "unknown"]
    license: str | None = None
    generator: str | None = Field(None, description="the model that wrote the text, with its revision")
    generator_terms: str | None = Field(None, description="terms that what it writes is under, for `policy`")
    uses: tuple[str, ...] = Field((), description="what its text may be used for, in words of yours, for `policy`")
    depth: int | None = Field(None, ge=0, le=127, description="generations from real text; default: 0 for real, else 1")
    loss_max: float | None = Field(None, ge=0, le=1, description="in the place of the job's")

    @field_validator("columns")
    @classmethod
    def _columns_can_be_mapped(cls, columns: dict[str, str]) -> dict[str, str]:
        taken = sorted(_GIVEN & set(columns))
        if taken:
            raise ValueError(f"{', '.join(taken)}: set by the job, not read from shards; use another column name")
        texts = sorted({*TEXTS, "text"} & set(columns))
        if len(texts) > 1:
            raise ValueError(f"{' and '.join(texts)}: the text is taken from one column; map one of them")
        return columns

    _template_can_be_filled = field_validator("template")(_fillable)

    @field_validator("draft")
    @classmethod
    def _draft_is_a_text(cls, draft: Draft | None, info: ValidationInfo) -> Draft | None:
        made = sorted({*TEXTS} & set(info.data.get("columns", ())))
        made += ["template"] if info.data.get("template") else []
        if draft and made:
            raise ValueError(f"a draft is a text, and {', '.join(made)} makes one: take out one of the two")
        return draft

    @field_validator("labels")
    @classmethod
    def _labels_have_columns_of_their_own(cls, labels: tuple[Label, ...], info: ValidationInfo) -> tuple[Label, ...]:
        taken = {*_GIVEN, *DOCUMENT.names, *info.data.get("columns", ())}
        for label in labels:
            if both := sorted(taken & {*label.adds}):
                raise ValueError(
                    f"the label {label.name!r} makes {', '.join(both)}, which is a column already; give it another name"
                )
            taken |= {*label.adds}
        return labels

    def generations(self, is_real: NDArray[np.bool_]) -> NDArray[np.int8]:
        """Depth of documents, real or not, that do not say."""
        return (
            np.where(is_real, 0, 1).astype(np.int8)
            if self.depth is None
            else np.full(len(is_real), self.depth, np.int8)
        )

    @property
    def has_chats(self) -> bool:
        """Whether its texts are taken from chats."""
        return "messages" in self.columns

    @property
    def tells_origins(self) -> bool:
        """Whether its documents may differ in origin."""
        return self.has_chats or self.draft is not None or "origin" in self.columns

    @property
    def wanted(self) -> dict[str, str]:
        """Our name -> the shard's name, of every column that is read where a shard has it; of pages, as the text."""
        others = {name: column for name, column in self.columns.items() if name not in TEXTS}
        text = next((self.columns[name] for name in TEXTS if name in self.columns), "text")
        made = columns_of(self.template) if self.template else {"text": text}
        judged = [one.columns for one in (self.draft, *self.labels) if one]
        return {"id": "id", **made, "url": "url"} | others | {name: c for some in judged for name, c in some.items()}


class Reference(Settings):
    """A corpus that documents are compared with and that is not released: an earlier one, an evaluation set."""

    name: Name
    path: str = Field(min_length=1, description="as of a source")
    format: Format | None = Field(None, description="default: by file extension")
    columns: Columns = Field(default_factory=dict, description="our name = the shard's name, as of a source")
    html: Html = Field(Html(), description="as of a source")
    chat: Chat = Field(Chat(), description="as of a source")
    layout: Layout = Field(Layout(), description="as of a source")
    template: str | None = Field(None, description="as of a source")

    _template_can_be_filled = field_validator("template")(_fillable)

    @property
    def source(self) -> Source:
        """The reference as what it is read like."""
        return Source(origin="unknown", **{name: getattr(self, name) for name in type(self).model_fields})
