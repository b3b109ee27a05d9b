"""A job, from sources to release: list, passes, surveys, shards, publish."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import orjson

from jobs.accumulate import accumulated
from jobs.alarms import loss_alarms, refuse_textless, told
from jobs.census import Census, take_census
from jobs.commits import Commit, File, Unit, digest
from jobs.engine import inline, ray_engine
from jobs.errors import JobError
from jobs.held import Held
from jobs.judging import judge
from jobs.lineage import Index, index_ends, index_lineage
from jobs.marks import running
from jobs.passes import PassPlan, run_pass, sketch_again, sketch_name
from jobs.plan import JobPlan, Segment, SurveyPlan, plan_job
from jobs.progress import Progress
from jobs.release import Published, latest_number, publish, read_manifest
from jobs.shards import shards_in_order
from jobs.shuffle import shuffled_shards
from jobs.sources import Listing, list_sources
from jobs.spec import JobSpec
from jobs.storage import Storage, open_storage, probe
from jobs.surveys.pieces import Piece, pieces_anew, pieces_stored
from jobs.surveys.surveys import run_survey
from jobs.units import Engine, Run, Stage, map_units
from jobs.withdrawal.search import find_withdrawn
from jobs.withdrawal.withdrawn import STEP, Withdrawn, drop_withdrawn, prove_absent
from ops.columns import COPIES
from ops.surveys import Drawing, references_of, sketched_from


@dataclass
class Record:
    """What a run has seen so far: the commits of every stage, in order, for the release's manifest."""

    commits: dict[str, list[Commit]] = field(default_factory=dict)  # by stage folder
    labels: dict[str, tuple[str, ...]] = field(default_factory=dict)  # steps that a stage applied
    references: dict[str, list[Commit]] = field(default_factory=dict)  # as commits, of what is compared with
    before_mix: list[Held] = field(default_factory=list)  # what was left before a survey that cuts to a recipe
    alarms: list[dict[str, Any]] = field(default_factory=list)
    notes: dict[str, dict[str, Any]] = field(default_factory=dict)  # by step
    census: Census | None = None  # of the documents left
    lineage: Index | None = None  # of the documents read
    ends: Index | None = None  # of the documents dropped
    withdrawn: Withdrawn | None = None  # documents that must not be in it; None where nothing was withdrawn
    compared: int = 0  # documents left that were compared with those
    accumulated: dict[str, Any] | None = None  # what went since the release before; None where nobody asked

    @property
    def drops(self) -> list[tuple[str, File]]:
        """The files of the ledger that tell what went, each with the path of the raw shard that it went from."""
        paths: dict[str, str] = {}
        found = []
        for commit in (one for commits in self.commits.values() for one in commits):
            paths[commit.unit] = commit.reads.get("path") or paths[commit.reads["unit"]]
            if "drops" in commit.files:
                found.append((paths[commit.unit], commit.files["drops"]))
        return found


def run_job(spec: JobSpec, progress: Progress) -> Published:
    """Run a job to its release; work that is committed already is not done again."""
    listing = list_sources(spec.sources, spec.reference_sources)
    storage = open_storage(spec.target)
    probe(storage)
    claim_target(storage, spec)
    plan = plan_job(spec)
    with running(storage):
        with engine_of(spec, progress) as engine:
            run = Run(storage, engine, progress, uuid.uuid4().hex[:12])
            record = Record()
            held = run_segments(run, spec, plan, listing, record)
            record.alarms = loss_alarms(spec, record.commits[plan.segments[0].pass_folder], record.before_mix or held)
            for alarm in record.alarms:
                progress.warn(told(alarm))
            census = take_stock(run, spec, plan, held, record)
            shards = write_shards(run, spec, plan, census, record)
        return publish(storage, spec, plan, listing, held, shards, record)


def claim_target(storage: Storage, spec: JobSpec) -> None:
    """Make the target this job's own; refuse one that another job holds."""
    mine = orjson.dumps({"job": spec.name})
    if not storage.create("job.json", mine):
        refuse_held(storage, spec)


def refuse_held(storage: Storage, spec: JobSpec) -> None:
    """Refuse a target that another job holds."""
    try:
        holder = orjson.loads(storage.read("job.json"))["job"]
    except FileNotFoundError:
        return
    if holder != spec.name:
        raise JobError(
            f"the target {storage.url} is held by the job {holder!r}, not by {spec.name!r}. Give this job a target of "
            "its own, or use the other's name."
        )


def run_segments(run: Run, spec: JobSpec, plan: JobPlan, listing: Listing, record: Record) -> list[Held]:
    """Run every pass and survey; return what is left of each unit at the end."""
    held: list[Held] = []
    references: list[Held] = []
    for number, segment in enumerate(plan.segments):
        if number == 0:
            units = [*listing.units, *listing.references]
            held, references = _pass(run, spec, segment, units, {}, listing.roots, record)
            read = [*record.commits[segment.pass_folder], *record.references[segment.pass_folder]]
            _refuse_bad_shards(spec, units, read)
            refuse_textless(spec, read)
        elif segment.steps or segment.edits:
            before = {later_unit(one): one for one in (*held, *references)}
            units = [Unit(name, {"unit": one.unit}, one.bytes) for name, one in before.items()]
            held, references = _pass(run, spec, segment, units, before, listing.roots, record)
        if segment.judges:
            held, commits = judge(run, segment.judges, held)
            record.commits[segment.judges.folder] = commits
            record.labels[segment.judges.folder] = tuple(label for label, _ in segment.judges.steps)
        if number == 0:
            held = _without_withdrawn(run, spec, held, record)
        for survey in segment.surveys:
            held = _survey(run, spec, survey, held, references, record)
    return held


def take_stock(run: Run, spec: JobSpec, plan: JobPlan, held: Sequence[Held], record: Record) -> Census:
    """Count what is left, note what went, and prove that nothing withdrawn is left.

    Refuses to lose what the latest release has of what is real, where the job says so.
    """
    record.census = census = take_census(run, plan, held, spec.release.shard_bytes)
    record.ends = index_ends(run, record.drops)
    if record.withdrawn:
        record.compared = prove_absent(run, record.withdrawn, held)
    if spec.accumulate == "strict" and (latest := latest_number(run.storage)):
        manifest = read_manifest(run.storage, latest)
        record.accumulated = accumulated(run, spec, plan, census, record, manifest)
    return census


def write_shards(run: Run, spec: JobSpec, plan: JobPlan, census: Census, record: Record) -> list[Commit]:
    """Write the release's shards; return their commits."""
    if spec.release.order == "shuffled":
        commits = shuffled_shards(run, plan.release_folder, spec, plan.columns, census.held)
    else:
        commits = shards_in_order(run, plan.release_folder, spec, plan.columns, census.segments())
    record.commits[plan.release_folder] = commits
    return commits


@contextmanager
def engine_of(spec: JobSpec, progress: Progress) -> Iterator[Engine]:
    """Give the engine that the job file asks for."""
    if spec.run.engine == "inline":
        yield inline
    else:
        with ray_engine(spec.run.cpus, progress, spec.steps) as engine:
            yield engine


def later_unit(held: Held) -> str:
    """Name a unit of a later pass by the documents that it reads."""
    return f"{held.source}-{digest(held.unit, held.identity())}"


def _pass(
    run: Run,
    spec: JobSpec,
    segment: Segment,
    units: list[Unit],
    before: dict[str, Held],
    roots: dict[str, str],
    record: Record,
) -> tuple[list[Held], list[Held]]:
    """Run a pass; return what it kept of the sources' units and of the references'."""
    sources = [before[unit.name].source if before else unit.reads["source"] for unit in units]
    compared = {one.name for one in spec.references}
    references = {unit.name: name for unit, name in zip(units, sources, strict=True) if name in compared}
    plan = PassPlan(spec, segment.edits, segment.steps, segment.columns, segment.sketches, roots, before, references)
    work = partial(run_pass, plan=plan, storage_url=run.storage.url)
    commits = map_units(run, Stage(segment.pass_folder, segment.label, not before, segment.workers), units, work)
    made = [
        Held(
            commit.unit,
            source,
            commit.files["data"],
            (),
            commit.facts["rows_kept"],
            commit.facts["bytes_kept"],
            reference=unit.name in references,
            counted=COPIES[0] in segment.columns,
        )
        for unit, source, commit in zip(units, sources, commits, strict=True)
    ]
    record.commits[segment.pass_folder] = [c for c, one in zip(commits, made, strict=True) if not one.reference]
    record.references[segment.pass_folder] = [c for c, one in zip(commits, made, strict=True) if one.reference]
    record.labels[segment.pass_folder] = tuple(label for label, _ in segment.steps)
    return [one for one in made if not one.reference], [one for one in made if one.reference]


def _without_withdrawn(run: Run, spec: JobSpec, held: list[Held], record: Record) -> list[Held]:
    """Note where documents came from; drop what was withdrawn, and what was made from it."""
    first = next(iter(record.commits.values()))
    record.lineage = index_lineage(run, first)
    record.withdrawn = find_withdrawn(run, record.lineage, spec.run.partition_bytes)
    if record.withdrawn is None:
        return held
    folder, left, commits = drop_withdrawn(run, record.withdrawn, held)
    record.commits[folder] = commits
    record.labels[folder] = (STEP,)
    return left


def _survey(
    run: Run, spec: JobSpec, plan: SurveyPlan, held: list[Held], references: list[Held], record: Record
) -> list[Held]:
    if isinstance(plan.survey, Drawing):
        record.before_mix = record.before_mix or held
    against = [one for one in references if one.source in references_of(plan.survey)]
    pieces = _pieces(run, plan, [*held, *against])
    left, commits, notes = run_survey(run, plan, held, pieces, spec.run.partition_bytes)
    record.commits[plan.folder] = commits
    record.labels[plan.folder] = (plan.label,)
    record.notes[plan.label] = notes
    return left


def _pieces(run: Run, plan: SurveyPlan, held: list[Held]) -> list[Piece]:
    """Return the sketch of every unit: taken by the pass over text, or now for a survey that the pass did not know."""
    by_name = {sketch_name(one.unit, one.data.sha256): one for one in held}
    if sketched_from(plan.survey):
        return pieces_anew(by_name, plan.survey)
    units = [Unit(name, {"data": one.data.sha256}, one.data.bytes) for name, one in by_name.items()]
    work = partial(sketch_again, survey=plan.survey, held=by_name, storage_url=run.storage.url)
    commits = map_units(run, Stage(plan.sketch_folder, f"{plan.label}: sketch"), units, work)
    return pieces_stored(held, commits)


def _refuse_bad_shards(spec: JobSpec, units: Sequence[Unit], commits: Sequence[Commit]) -> None:
    """Stop before the surveys where more shards are unreadable than the job allows. The rest of the pass is done."""
    bad = [
        (unit, commit.facts["bad_shard"])
        for unit, commit in zip(units, commits, strict=True)
        if commit.facts["bad_shard"]
    ]
    if len(bad) <= spec.bad_shards_max * len(units):
        return
    shown = "\n".join(f"  {unit.reads['source']}: {unit.reads['path']}: {why}" for unit, why in bad[:20])
    more = f"\n  and {len(bad) - 20} more" if len(bad) > 20 else ""  # noqa: PLR2004 - a screenful
    share = len(bad) / len(units)
    raise JobError(
        f"{len(bad)} of {len(units)} shards could not be read; no release was made:\n{shown}{more}\n"
        "Replace or remove them and run again (the rest is done and kept), or allow them with "
        f"bad_shards_max = {share:.3g}."
    )
