"""The ledger of a release: what its stages' commits say, put together again. Commits and small columns in, no text.

manifest -> commits of each stage -> lots (documents that a pass kept), drops, cuts, quarantine
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from jobs.commits import Commit, File, read_commits
from jobs.documents import size_histogram
from jobs.errors import JobError
from jobs.held import Held
from jobs.outbox import read_table
from jobs.redaction import redactor_of_release
from jobs.storage import Storage
from jobs.surveys.verdicts import left_of
from ops.edits.redact import Redact

# Small columns of many files: bound by the store's latency, not by this machine.
_READERS = 16


@dataclass(frozen=True)
class Lot:
    """The documents that one unit of a pass kept, less those that the surveys after it dropped."""

    held: Held
    shard: dict[str, Any]  # the raw shard that they were first read from, as a unit's `reads` says it
    sizes: list[int]  # histogram of all that the pass kept
    redactor: Redact | None  # what the job hides of texts that it shows


@dataclass(frozen=True)
class Drops:
    """One file of the ledger: what one stage dropped from one unit.

    The text of a row lies in `lot`'s data at `row`; where there is no lot, in the raw shard at `position`.
    """

    file: File
    stage: int  # number of the stage in the manifest
    lots: int  # number of the pass whose lots the stage read; -1: it read raw shards
    counts: dict[tuple[str, str], int]  # by step and reason
    shard: dict[str, Any]
    lot: Lot | None


@dataclass(frozen=True)
class Cuts:
    """What edits cut from the texts of one unit of a pass. `row` counts as in `Drops`."""

    file: File
    counts: dict[str, dict[str, int]]  # by step: cuts, documents, bytes
    shard: dict[str, Any]
    lot: Lot | None


@dataclass(frozen=True)
class Quarantine:
    """What could not be read of one unit's shard."""

    file: File
    counts: dict[str, int]  # by reason
    shard: dict[str, Any]


@dataclass(frozen=True)
class Ledger:
    """All that the stages of one release hold."""

    manifest: dict[str, Any]
    first: tuple[Commit, ...]  # of the pass that read the raw shards
    passes: tuple[tuple[Lot, ...], ...]  # the lots of each pass, with the drops of the surveys after it
    compared: tuple[tuple[Lot, ...], ...]  # the same of references, which surveys compare with and drop nothing of
    drops: tuple[Drops, ...]  # in order of stage and unit
    cuts: tuple[Cuts, ...]  # the same
    quarantine: tuple[Quarantine, ...]
    shards: tuple[Commit, ...]  # of the release's files

    @property
    def released(self) -> tuple[Lot, ...]:
        """The documents of the release, by unit."""
        return self.passes[-1]


def read_ledger(storage: Storage, manifest: dict[str, Any]) -> Ledger:
    """Read the commits of every stage that a release was made from."""
    passes: list[tuple[Lot, ...]] = []
    compared: list[tuple[Lot, ...]] = []
    first: tuple[Commit, ...] = ()
    drops: list[Drops] = []
    cuts: list[Cuts] = []
    quarantine: list[Quarantine] = []
    shards: tuple[Commit, ...] = ()
    counted = False
    settings = step_settings(manifest)
    redactor = redactor_of_release(manifest)
    for number, stage in enumerate(manifest["stages"]):
        commits = _commits(storage, stage["folder"], stage["units"])
        kind = stage_name(stage["folder"])
        if kind == "pass":
            first = first or commits
            read = _by_unit(passes)
            drops += _pass_drops(commits, read, number, len(passes) - 1)
            cuts += _cuts(commits, read)
            quarantine += _quarantine(commits)
            others = _commits(storage, stage["folder"], stage.get("references", []))
            compared.append(tuple(_lot(commit, _by_unit(compared), redactor, counted=counted) for commit in others))
            passes.append(tuple(_lot(commit, read, redactor, counted=counted) for commit in commits))
        elif kind == "release":
            shards = commits
        else:
            drops += _later_drops(commits, passes[-1], number, len(passes) - 1)
            passes[-1] = _less(passes[-1], commits)
            counted = counted or bool(settings.get(kind, {}).get("count_copies"))
    return Ledger(manifest, first, tuple(passes), tuple(compared), tuple(drops), tuple(cuts), tuple(quarantine), shards)


def stage_name(folder: str) -> str:
    """Name of a stage: `pass`, `judges`, `release`, or the survey's label.

    >>> stage_name("stages/05-near_dedup-2-226aa44a125e2437")
    'near_dedup-2'
    """
    return folder.split("/")[1].partition("-")[2].rpartition("-")[0]


def step_settings(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return each step's settings by its name in the ledger."""
    # What every job does is no step of its file.
    own = ("read", "withdrawals", "unique_id")
    names = [told["step"] for told in manifest["steps"] if told["step"] not in own]
    return dict(zip(names, manifest["job"]["steps"], strict=True))


def tables(storage: Storage, parts: Sequence[Any], columns: list[str] | None = None) -> Iterator[tuple[Any, pa.Table]]:
    """Read the file of each part (`Drops`, `Cuts` or `Quarantine`), some ahead of the one in use."""
    with ThreadPoolExecutor(_READERS) as pool:
        for begin in range(0, len(parts), _READERS):
            some = parts[begin : begin + _READERS]
            read = pool.map(lambda part: read_table(storage, part.file, columns), some)
            yield from zip(some, read, strict=True)


def sizes_read(ledger: Ledger) -> list[int]:
    """Histogram of the texts read, by powers of two of their bytes."""
    return _summed([commit.facts["sizes_in"] for commit in ledger.first])


def sizes_released(storage: Storage, ledger: Ledger) -> list[int]:
    """Histogram of the texts released: those that the last pass kept, less those that surveys dropped since."""
    with ThreadPoolExecutor(_READERS) as pool:
        dropped = list(pool.map(lambda lot: _sizes_dropped(storage, lot), ledger.released))
    kept = [np.subtract(lot.sizes, gone) for lot, gone in zip(ledger.released, dropped, strict=True)]
    return _summed(kept)


def counts_by_source(ledger: Ledger) -> dict[str, Counter[str]]:
    """Count, by step, what each source lost there; reading is the step `read`."""
    lost: dict[str, Counter[str]] = {}
    for unreadable in ledger.quarantine:
        lost.setdefault("read", Counter())[unreadable.shard["source"]] += sum(unreadable.counts.values())
    for drops in ledger.drops:
        for (step, _), count in drops.counts.items():
            lost.setdefault(step, Counter())[drops.shard["source"]] += count
    return lost


def _commits(storage: Storage, folder: str, units: list[str]) -> tuple[Commit, ...]:
    found = read_commits(storage, folder, units) if units else {}
    missing = [unit for unit in units if unit not in found]
    if missing:
        raise JobError(
            f"{len(missing)} of {len(units)} commits of {folder} are gone from {storage.url} (the "
            f"first is {missing[0]}), so what became of their documents cannot be told. Run the job again to make them."
        )
    return tuple(found[unit] for unit in units)


def _by_unit(passes: Sequence[Sequence[Lot]]) -> dict[str, Lot]:
    """Return what the next pass reads; nothing before the first, which reads shards."""
    return {lot.held.unit: lot for lot in passes[-1]} if passes else {}


def _lot(commit: Commit, read: dict[str, Lot], redactor: Redact | None, *, counted: bool) -> Lot:
    """Put together what a unit kept; the unit of a later pass names the one that it read."""
    facts = commit.facts
    shard = read[commit.reads["unit"]].shard if read else commit.reads
    data = commit.files["data"]
    held = Held(commit.unit, shard["source"], data, (), facts["rows_kept"], facts["bytes_kept"], counted=counted)
    return Lot(held, shard, facts["sizes_kept"], redactor)


def _pass_drops(commits: Sequence[Commit], read: dict[str, Lot], stage: int, lots: int) -> Iterator[Drops]:
    for commit in commits:
        if "drops" in commit.files:
            lot = read[commit.reads["unit"]] if read else None
            yield Drops(commit.files["drops"], stage, lots, _counts(commit), lot.shard if lot else commit.reads, lot)


def _counts(commit: Commit) -> dict[tuple[str, str], int]:
    """How many documents a commit drops, by step and reason."""
    told = commit.facts["rows_dropped"].items()
    return {(step, reason): count for step, reasons in told for reason, count in reasons.items()}


def _cuts(commits: Sequence[Commit], read: dict[str, Lot]) -> Iterator[Cuts]:
    for commit in commits:
        if "cuts" in commit.files:
            lot = read[commit.reads["unit"]] if read else None
            yield Cuts(commit.files["cuts"], commit.facts["cut"], lot.shard if lot else commit.reads, lot)


def _quarantine(commits: Sequence[Commit]) -> Iterator[Quarantine]:
    for commit in commits:
        if "quarantine" in commit.files:
            yield Quarantine(commit.files["quarantine"], commit.facts["rows_quarantined"], commit.reads)


def _later_drops(commits: Sequence[Commit], lots: Sequence[Lot], stage: int, number: int) -> Iterator[Drops]:
    """Give what judges of stored columns dropped, or a survey; it has no commit for a unit that it leaves whole."""
    by_unit = {lot.held.unit: lot for lot in lots}
    for commit in commits:
        if "drops" in commit.files:
            lot = by_unit[commit.reads["unit"]]
            yield Drops(commit.files["drops"], stage, number, _counts(commit), lot.shard, lot)


def _less(lots: Sequence[Lot], commits: Sequence[Commit]) -> tuple[Lot, ...]:
    """Take what judges or a survey dropped off the lots."""
    by_unit = {commit.reads["unit"]: commit for commit in commits}
    return tuple(
        replace(lot, held=left_of(lot.held, by_unit[lot.held.unit])) if lot.held.unit in by_unit else lot
        for lot in lots
    )


def _sizes_dropped(storage: Storage, lot: Lot) -> list[int]:
    """Histogram of the texts that surveys dropped from a lot; its data is read only where there are any."""
    if not lot.held.drops:
        return [0] * len(lot.sizes)
    rows = pa.concat_tables([read_table(storage, file, ["row"]) for file in lot.held.drops])["row"]
    return size_histogram(read_table(storage, lot.held.data, ["text_bytes"]).take(rows))


def _summed(histograms: Sequence[Any]) -> list[int]:
    return [int(count) for count in np.sum(histograms, axis=0)] if histograms else []
