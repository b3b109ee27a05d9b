"""The job file: TOML in, a checked `JobSpec` out, or every mistake at once."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo

from jobs.errors import JobError
from jobs.formats.settings import Phase, Release
from jobs.jobfile.files import absolute, planned, with_absolute_files
from jobs.jobfile.misfits import OPS, misfits
from jobs.jobfile.mistakes import Place, mistakes, toml_of
from jobs.jobfile.profiles import read_profiles, with_profiles
from jobs.jobfile.removals import Removals
from jobs.jobfile.run_settings import RunSettings
from jobs.readers.chat import CORRECTIONS
from jobs.readers.chat_settings import Chat
from jobs.readers.html_settings import Html
from jobs.readers.templates import columns_of, fields_of
from jobs.standards.about import About
from ops import Step
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
    *(field.name for field in TERMS),
}

# Columns of which texts are made.
_TEXTS = ("html", "messages")

Format = Literal["parquet", "arrow", "jsonl", "csv", "text", "html", "warc", "tar"]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Settings):
    """Where documents come from, and what is known of all of them."""

    name: Name
    path: str = Field(description="a file, folder or glob; local, s3:// or any fsspec URL")
    format: Format | None = Field(None, description="default: by file extension")
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="our name = the shard's name; `text`, `id` and `url` need it only if they differ; `html` names a "
        "column of pages, whose text is taken, `messages` one of chats; `parents`, `depth`, `origin`, `license` and "
        "`generator` of documents, where shards tell them",
    )
    html: Html = Field(Html(), description="how pages become texts")
    chat: Chat = Field(Chat(), description="how chats become texts")
    template: str | None = Field(
        None,
        description="text of rows, with the names of their columns in braces; lines that lack a value are left out",
    )
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
        texts = sorted({"html", "messages", "text"} & set(columns))
        if len(texts) > 1:
            raise ValueError(f"{' and '.join(texts)}: the text is taken from one column; map one of them")
        return columns

    @field_validator("template")
    @classmethod
    def _template_can_be_filled(cls, template: str | None, info: ValidationInfo) -> str | None:
        if template is None:
            return None
        fields_of(template)
        if mapped := sorted({"html", "messages", "text"} & set(info.data.get("columns", ()))):
            raise ValueError(f"it makes the text, and `columns` maps {', '.join(mapped)}: take out one of the two")
        return template

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
        return self.has_chats or "origin" in self.columns

    @property
    def wanted(self) -> dict[str, str]:
        """Our name -> the shard's name, of every column that is read where a shard has it; of pages, as the text."""
        others = {name: column for name, column in self.columns.items() if name not in _TEXTS}
        text = next((self.columns[name] for name in _TEXTS if name in self.columns), "text")
        made = columns_of(self.template) if self.template else {"text": text}
        return {"id": "id", **made, "url": "url"} | others


class Reference(_Settings):
    """A corpus that documents are compared with and that is not released: an earlier one, an evaluation set."""

    name: Name
    path: str = Field(description="as of a source")
    format: Format | None = Field(None, description="default: by file extension")
    columns: dict[str, str] = Field(default_factory=dict, description="our name = the shard's name, as of a source")
    html: Html = Field(Html(), description="as of a source")
    chat: Chat = Field(Chat(), description="as of a source")

    @property
    def source(self) -> Source:
        """The reference as what it is read like."""
        return Source(origin="unknown", **{name: getattr(self, name) for name in type(self).model_fields})


class JobSpec(_Settings):
    """A job: sources, steps, a release."""

    name: Name
    target: str
    seed: int = Field(0, ge=0, lt=2**63)
    bad_shards_max: float = Field(0, ge=0, le=1, description="share of shards that may be unreadable")
    loss_max: float = Field(
        1, ge=0, le=1, description="share of a source's documents that may go before a mix without an alarm"
    )
    on_loss: Literal["report", "fail"] = Field("report", description="what an alarm does; fail: no release is made")
    accumulate: Literal["off", "strict"] = Field(
        "off", description="strict: a release is refused that lacks real documents of the one before without a reason"
    )
    removals: Removals | None = Field(
        None,
        description="a file of ids that may go from one release to the next: an id, a tab, the reason on each line",
    )
    sources: tuple[Source, ...] = Field(min_length=1)
    references: tuple[Reference, ...] = Field((), description="for the `against` of dedup steps and importance")
    profiles: tuple[str, ...] = Field(
        (), description="TOML files, local or URLs: stop words and limits of a language for the quality judges"
    )
    steps: tuple[Step, ...] = ()
    release: Release = Release()
    about: About = About()
    run: RunSettings = RunSettings()

    @property
    def labels(self) -> tuple[str, ...]:
        """A name for each step, unique in the job: the op's, numbered where an op is used again."""
        ops = [step.op for step in self.steps]
        return tuple(op if ops[:n].count(op) == 0 else f"{op}-{ops[:n].count(op) + 1}" for n, op in enumerate(ops))

    @property
    def reference_sources(self) -> tuple[Source, ...]:
        """The references as what they are read like."""
        return tuple(one.source for one in self.references)

    def source(self, name: str) -> Source:
        """Return the source, or the reference, of this name."""
        return next(one for one in (*self.sources, *self.reference_sources) if one.name == name)

    @property
    def extra_columns(self) -> tuple[pa.Field, ...]:
        """Columns beyond every document's own: those that sources map, which are strings, by name, and terms."""
        mapped = {name for source in self.sources for name in source.columns} - {*DOCUMENT.names, *_TEXTS}
        mapped |= {CORRECTIONS.name for source in self.sources if source.chat.corrected}
        mapped |= {ORIGIN_BASIS.name for source in self.sources if source.tells_origins}
        said = (term for term in TERMS if any(getattr(source, term.name) for source in self.sources))
        return (*(pa.field(name, pa.string()) for name in sorted(mapped)), *said)


def load(path: str, *, with_files: bool = True) -> JobSpec:
    """Read a job file; raise `JobError` with every mistake in it. `with_files`: as of `parse`."""
    try:
        text = Path(path).read_bytes()
    except OSError as error:
        raise JobError(f"cannot read the job file {path}: {error.strerror}. Give the path of a TOML file.") from error
    return parse(text, path, with_files=with_files)


def parse(text: bytes, name: str, *, with_files: bool = True) -> JobSpec:
    """Read a job from TOML text; `name` is what messages call it.

    The files that its steps name are read, too. Without that it cannot be planned, but what it released be looked at.
    """
    said = toml_of(text, name)
    profiles, wrong = read_profiles(said.get("profiles"))
    raw = with_profiles(said, profiles)
    try:
        spec = JobSpec.model_validate(raw, context={"planned": planned} if with_files else None)
    except ValidationError as error:
        wrong += mistakes(error, _fields_at)
    wrong += misfits(raw)
    if wrong:
        told = "\n".join(f"  {line}" for line in wrong)
        raise JobError(f"{name} is not a valid job:\n{told}")
    return _with_seeds(spec)


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a job file."""
    made = JobSpec.model_json_schema()
    for op in OPS.values():
        made["$defs"][op.__name__].setdefault("required", []).append("op")  # its default serves Python alone
    return made


def with_absolute_paths(raw: dict[str, Any]) -> dict[str, Any]:
    """Make local paths of a parsed job file absolute, so that it means the same in another working folder."""
    paths: dict[str, Any] = {
        part: [one | {"path": absolute(one["path"])} for one in raw[part]]
        for part in ("sources", "references")
        if part in raw
    }
    if "profiles" in raw:
        paths["profiles"] = [absolute(one) for one in raw["profiles"]]
    places = {name: absolute(raw["run"][name]) for name in ("signing_key", "openlineage") if name in raw.get("run", {})}
    if places:
        paths["run"] = raw["run"] | places
    if "removals" in raw:
        paths["removals"] = absolute(raw["removals"])
    if "steps" in raw:
        paths["steps"] = [with_absolute_files(step, OPS[step["op"]]) for step in raw["steps"]]
    if "release" in raw:
        paths["release"] = with_absolute_files(raw["release"], Release)
    return raw | {"target": absolute(raw["target"])} | paths


def _with_seeds(spec: JobSpec) -> JobSpec:
    """Give the job's seed to every step that draws and has none of its own."""
    draws = [
        step.model_copy(update={"seed": spec.seed}) if getattr(step, "seed", 0) is None else step for step in spec.steps
    ]
    return spec.model_copy(update={"steps": tuple(draws)})


def _fields_at(loc: Place) -> Mapping[str, FieldInfo]:
    """Return the settings that are valid at a place, by name."""
    if not loc:
        return JobSpec.model_fields
    if loc[0] == "steps":
        fields = OPS[str(loc[2])].model_fields
        model = fields[str(loc[3])].annotation if len(loc) > 3 else None  # noqa: PLR2004
        model = get_args(model)[1] if get_origin(model) is dict else model
        return model.model_fields if isinstance(model, type) and issubclass(model, BaseModel) else fields
    for name, table in (("html", Html), ("chat", Chat)):
        if name in loc:
            return table.model_fields
    if "phases" in loc:
        return Phase.model_fields
    tables: dict[str, type[BaseModel]] = {
        "sources": Source,
        "references": Reference,
        "release": Release,
        "about": About,
        "run": RunSettings,
    }
    return tables[str(loc[0])].model_fields
