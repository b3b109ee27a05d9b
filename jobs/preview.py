"""`plan`: what a run would do and what is done already. Reads listings and commits, never text.

A later stage's units are named by what the stages before it wrote; until those are done it can only be named.
"""

from collections.abc import Iterator
from typing import Any

from jobs.commits import Unit, read_commits
from jobs.foreseen import foreseen
from jobs.plan import JobPlan, Segment, plan_job
from jobs.release import latest_number, read_manifest
from jobs.run import refuse_held
from jobs.sources import Listing, list_sources
from jobs.spec import JobSpec
from jobs.storage import Storage, explained, open_storage


def preview(spec: JobSpec) -> list[str]:
    """Return the lines that `gristmill plan` prints."""
    storage = open_storage(spec.target)
    listing = list_sources(spec.sources, spec.reference_sources)
    plan = plan_job(spec)
    with explained(storage.url, "read the target"):
        refuse_held(storage, spec)
        lines = [f"job {spec.name}, target {storage.url}", "", "sources", *_sources(spec, listing), "", "stages"]
        lines += [line for n, segment in enumerate(plan.segments) for line in _segment(storage, segment, listing, n)]
        lines += [f"  release: {spec.release.format}, shards of at most {spec.release.shard_bytes:,} bytes of text", ""]
        latest = latest_number(storage)
        lines += _mixes(spec, listing, read_manifest(storage, latest) if latest else None)
        lines += [f"latest release: {latest}" if latest else "no release yet", _verdict(storage, plan, listing, latest)]
    return lines


def _sources(spec: JobSpec, listing: Listing) -> Iterator[str]:
    for source in spec.sources:
        units = [unit for unit in listing.units if unit.reads["source"] == source.name]
        shards = {unit.reads["path"]: unit.reads["bytes"] for unit in units}
        yield (
            f"  {source.name} ({source.origin}): {len(shards):,} shards, {sum(shards.values()) / 1e6:,.1f} MB, "
            f"{len(units):,} units"
        )


def _mixes(spec: JobSpec, listing: Listing, released: dict[str, Any] | None) -> list[str]:
    told = [f"  {line}" for line in foreseen(spec, listing, released)]
    return ["mixes", *told, ""] if told else []


def _segment(storage: Storage, segment: Segment, listing: Listing, number: int) -> Iterator[str]:
    if number == 0:
        new = _without_commit(storage, segment, listing)
        size = sum(unit.bytes for unit in new)
        done = len(listing.units) - len(new)
        yield f"  {segment.label}: {done:,} units done, {len(new):,} to do ({size / 1e6:,.1f} MB)"
    elif segment.steps:
        yield f"  {segment.label}: commits so far: {_commits(storage, segment.pass_folder)}"
    if segment.judges:
        yield f"  {segment.judges.label}: commits so far: {_commits(storage, segment.judges.folder)}"
    for survey in segment.surveys:
        yield f"  survey {survey.label}: commits so far: {_commits(storage, survey.folder)}"


def _verdict(storage: Storage, plan: JobPlan, listing: Listing, latest: int) -> str:
    new = _without_commit(storage, plan.segments[0], listing)
    if new:
        return f"a run would read {len(new):,} units and then redo what depends on them"
    if latest and _commits(storage, plan.release_folder):
        return "a run would read no text; if no shard vanished and no setting changed, it would make no new release"
    return "a run would read no raw text, and finish the stages above"


def _without_commit(storage: Storage, segment: Segment, listing: Listing) -> list[Unit]:
    done = read_commits(storage, segment.pass_folder, [unit.name for unit in listing.units])
    return [unit for unit in listing.units if unit.name not in done]


def _commits(storage: Storage, folder: str) -> int:
    return len(storage.list(f"{folder}/commits"))
