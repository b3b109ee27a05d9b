"""The job file: TOML in, a checked `JobSpec` out, or every mistake at once."""

from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
from pydantic import Field, ValidationError

from jobs.errors import JobError
from jobs.formats.settings import Release
from jobs.jobfile.files import absolute, planned, with_absolute_files
from jobs.jobfile.misfits import misfits
from jobs.jobfile.mistakes import mistakes, toml_of, truths_for_numbers
from jobs.jobfile.parts import OPS
from jobs.jobfile.profiles import read_profiles, with_profiles
from jobs.jobfile.removals import Removals
from jobs.jobfile.run_settings import RunSettings
from jobs.jobfile.sources import TEXTS, Name, Reference, Settings, Source
from jobs.readers.chat import CORRECTIONS
from jobs.standards.about import About
from ops import Step
from ops.columns import DOCUMENT, ORIGIN_BASIS, TERMS


class JobSpec(Settings):
    """A job: sources, steps, a release."""

    name: Name
    target: str = Field(min_length=1)
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
        mapped = {name for source in self.sources for name in source.columns} - {*DOCUMENT.names, *TEXTS}
        mapped |= {CORRECTIONS.name for source in self.sources if source.chat.corrected or source.draft}
        mapped |= {name for source in self.sources for label in source.labels for name in label.adds}
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
        wrong += truths_for_numbers(raw, spec)
    except ValidationError as error:
        wrong += mistakes(error, JobSpec)
    wrong += misfits(raw, with_files=with_files)
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
