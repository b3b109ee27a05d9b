"""Clean: what neither a run of the job as it stands nor a release that stays needs, deleted.

What a run needs is told by going through one, without doing anything: every stage names its units before it works, and
what they are committed as leads to the next. It ends where a unit is not done, and nothing after that is needed yet.

Commits go before the files that they name. So whatever was deleted when cleaning is killed, a commit that is left has
its files, and a run does again what has no commit.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from jobs.commits import Unit, commit_key, read_commits
from jobs.errors import JobError
from jobs.marks import cleaning
from jobs.plan import JobPlan, plan_job
from jobs.progress import Progress
from jobs.release import folder_of, read_manifest, released_numbers
from jobs.run import Record, refuse_held, run_segments, take_stock, write_shards
from jobs.sources import Listing, list_sources, unit_of
from jobs.spec import JobSpec
from jobs.storage import Entry, Storage, explained, open_storage
from jobs.units import Outcome, Run, Task

# Requests to delete that are under way at once: of 20 ms each in an object store.
_DELETERS = 16

# What a manifest tells of an input beside what its unit is named by.
_COUNTED = ("records", "text_bytes")


@dataclass(frozen=True)
class Leftovers:
    """Files of one stage, release or other folder that go."""

    folder: str
    files: int
    bytes: int


class _NotDoneError(Exception):
    """A run would have something to do here."""


def clean(spec: JobSpec, keep_releases: int | None, *, dry_run: bool) -> list[Leftovers]:
    """Delete what is not needed, or, for a dry run, nothing; return what goes, by folder."""
    storage = open_storage(spec.target)
    with explained(storage.url, "read the target"):
        refuse_held(storage, spec)
    if dry_run:
        return _told(_going(storage, spec, keep_releases))
    with cleaning(storage):
        going = _going(storage, spec, keep_releases)
        with explained(storage.url, "delete from the target"):
            _delete(storage, [entry.key for entry in going])
    return _told(going)


def _going(storage: Storage, spec: JobSpec, keep_releases: int | None) -> list[Entry]:
    """Return what is not needed, of stages, releases and files that were never finished."""
    stay = released_numbers(storage)[-keep_releases if keep_releases else None :]
    needed = _needed(storage, spec, stay)
    folders = {folder_of(number) for number in stay}
    stages = [entry for entry in storage.list("stages") if entry.key not in needed]
    releases = [entry for entry in storage.list("releases") if _folder(entry.key) not in folders]
    return [*stages, *releases, *storage.list("scratch")]


def _needed(storage: Storage, spec: JobSpec, releases: Sequence[int]) -> set[str]:
    """Return the keys of all commits that are needed, and of the files that they name."""
    commits: defaultdict[str, set[str]] = defaultdict(set)
    manifests = [read_manifest(storage, number) for number in releases]
    for manifest in manifests:
        for stage in manifest["stages"]:
            commits[stage["folder"]] |= {*stage["units"], *stage.get("references", [])}
        for index in (manifest.get("census"), *manifest.get("indexes", {}).values()):
            if index:
                commits[index["folder"]] |= {*index["units"]}
    for used in _used_by_runs(storage, spec, manifests):
        for folder, units in used.items():
            commits[folder] |= units
    needed = set()
    for folder, units in commits.items():
        for name, commit in read_commits(storage, folder, sorted(units)).items():
            needed |= {commit_key(folder, name), *(file.key for file in commit.files.values())}
    return needed


def _used_by_runs(
    storage: Storage, spec: JobSpec, manifests: Sequence[dict[str, Any]]
) -> Iterator[dict[str, set[str]]]:
    """Give the commits, by stage, that runs use: over what is there now, and over the latest release's input.

    The next run goes on from what lies between the stages of the latter, which the manifest does not tell, where one
    over what is there now has something to do.
    """
    plan = plan_job(spec)
    used, is_whole = _used(storage, spec, plan, list_sources(spec.sources, spec.reference_sources))
    yield used
    if manifests and not is_whole:
        yield _used(storage, spec, plan, _listing_of(spec, manifests[-1]))[0]


def _used(storage: Storage, spec: JobSpec, plan: JobPlan, listing: Listing) -> tuple[dict[str, set[str]], bool]:
    """Go through a run over the shards that are read already; return what it uses, and whether it had nothing to do."""
    everything = [*listing.units, *listing.references]
    read = read_commits(storage, plan.segments[0].pass_folder, [unit.name for unit in everything])
    units, references = ([unit for unit in some if unit.name in read] for some in (listing.units, listing.references))
    run = Run(storage, _doing_nothing, Progress(silent=True), "clean")
    if not units:
        return run.used, False
    any_shard = spec.model_copy(update={"bad_shards_max": 1.0})
    record = Record()
    try:
        held = run_segments(run, any_shard, plan, Listing(units, references, listing.roots), record)
        census = take_stock(run, any_shard, plan, held, record)
        write_shards(run, any_shard, plan, census, record)
    except (_NotDoneError, JobError):  # or a run would be refused here
        return run.used, False
    return run.used, len(read) == len(everything)


def _doing_nothing(task: Task, units: Sequence[Unit]) -> Iterator[Outcome]:
    raise _NotDoneError(task.folder, units)


def _listing_of(spec: JobSpec, manifest: dict[str, Any]) -> Listing:
    """Return the units that a release was made of, named as the job's sources name them now."""
    sources = {source.name: source for source in (*spec.sources, *spec.reference_sources)}
    units, references = (
        [
            unit_of(sources[reads["source"]], {name: value for name, value in reads.items() if name not in _COUNTED})
            for reads in manifest[part]
            if reads["source"] in sources
        ]
        for part in ("inputs", "references")
    )
    return Listing(units, references, {})


def _delete(storage: Storage, keys: Sequence[str]) -> None:
    """Delete what makes other files known first: manifests of releases, then commits, then the rest."""
    manifests = [key for key in keys if key.endswith("/release.json")]
    commits = [key for key in keys if "/commits/" in key]
    known = {*manifests, *commits}
    with ThreadPoolExecutor(_DELETERS) as pool:
        for some in (manifests, commits, [key for key in keys if key not in known]):
            for _ in pool.map(storage.delete, some):
                pass
    for folder in ("stages", "releases"):
        storage.drop_empty_folders(folder)


def _told(going: Iterable[Entry]) -> list[Leftovers]:
    files: defaultdict[str, list[int]] = defaultdict(list)
    for entry in going:
        files[_folder(entry.key)].append(entry.bytes)
    return [Leftovers(folder, len(sizes), sum(sizes)) for folder, sizes in files.items()]


def _folder(key: str) -> str:
    """Return the stage, the release or the folder that a file belongs to.

    >>> _folder("stages/01-pass-6b/commits/web-1.json"), _folder("scratch/9f")
    ('stages/01-pass-6b', 'scratch')
    """
    parts = key.split("/")
    return "/".join(parts[:2]) if parts[0] in ("stages", "releases") else parts[0]
