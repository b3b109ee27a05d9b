"""The ledger of a release: what its stages' commits say, put together again. Commits and small columns in, no text.

manifest -> commits of each stage -> lots (documents that a pass kept), drops, quarantine
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
from jobs.storage import Storage

# Small columns of many files: bound by the store's latency, not by this machine.
_READERS = 16


@dataclass(frozen=True)
class Lot:
    """The documents that one unit of a pass kept, less those that the surveys after it dropped."""

    held: Held
    shard: dict[str, Any]  # the raw shard that they were first read from, as a unit's `reads` says it
    sizes: list[int]  # histogram of all that the pass kept


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
    drops: tuple[Drops, ...]  # in order of stage and unit
    quarantine: tuple[Quarantine, ...]
    shards: tuple[Commit, ...]  # of the release's files

    @property
    def released(self) -> tuple[Lot, ...]:
        """The documents of the release, by unit."""
        return self.passes[-1]


def read_ledger(storage: Storage, manifest: dict[str, Any]) -> Ledger:
    """Read the commits of every stage that a release was made from."""
    passes: list[tuple[Lot, ...]] = []
    first: tuple[Commit, ...] = ()
    drops: list[Drops] = []
    quarantine: list[Quarantine] = []
    shards: tuple[Commit, ...] = ()
    for number, stage in enumerate(manifest["stages"]):
        commits = _commits(storage, stage)
        kind = stage_name(stage["folder"])
        if kind == "pass":
            first = first or commits
            read = dict(zip((lot.held.unit for lot in passes[-1]), passes[-1], strict=True)) if passes else {}
            drops += _pass_drops(commits, read, number, len(passes) - 1)
            quarantine += _quarantine(commits)
            passes.append(tuple(_lot(commit, read) for commit in commits))
        elif kind == "release":
            shards = commits
        else:
            drops += _survey_drops(commits, passes[-1], kind, number, len(passes) - 1)
            passes[-1] = _less(passes[-1], commits)
    return Ledger(manifest, first, tuple(passes), tuple(drops), tuple(quarantine), shards)


def stage_name(folder: str) -> str:
    """Name of a stage: `pass`, `release`, or the survey's label.

    >>> stage_name("stages/05-near_dedup-2-226aa44a125e2437")
    'near_dedup-2'
    """
    return folder.split("/")[1].partition("-")[2].rpartition("-")[0]


def tables(storage: Storage, parts: Sequence[Any], columns: list[str] | None = None) -> Iterator[tuple[Any, pa.Table]]:
    """Read the file of each part (a `Drops` or `Quarantine`), some ahead of the one in use."""
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


def _commits(storage: Storage, stage: dict[str, Any]) -> tuple[Commit, ...]:
    found = read_commits(storage, stage["folder"], stage["units"])
    missing = [unit for unit in stage["units"] if unit not in found]
    if missing:
        raise JobError(
            f"{len(missing)} of {len(stage['units'])} commits of {stage['folder']} are gone from {storage.url} (the "
            f"first is {missing[0]}), so what became of their documents cannot be told. Run the job again to make them."
        )
    return tuple(found[unit] for unit in stage["units"])


def _lot(commit: Commit, read: dict[str, Lot]) -> Lot:
    """Put together what a unit kept; the unit of a later pass names the one that it read."""
    facts = commit.facts
    shard = read[commit.reads["unit"]].shard if read else commit.reads
    held = Held(commit.unit, shard["source"], commit.files["data"], (), facts["rows_kept"], facts["bytes_kept"])
    return Lot(held, shard, facts["sizes_kept"])


def _pass_drops(commits: Sequence[Commit], read: dict[str, Lot], stage: int, lots: int) -> Iterator[Drops]:
    for commit in commits:
        if "drops" in commit.files:
            lot = read[commit.reads["unit"]] if read else None
            counts = {
                (step, reason): count
                for step, reasons in commit.facts["rows_dropped"].items()
                for reason, count in reasons.items()
            }
            yield Drops(commit.files["drops"], stage, lots, counts, lot.shard if lot else commit.reads, lot)


def _quarantine(commits: Sequence[Commit]) -> Iterator[Quarantine]:
    for commit in commits:
        if "quarantine" in commit.files:
            yield Quarantine(commit.files["quarantine"], commit.facts["rows_quarantined"], commit.reads)


def _survey_drops(
    commits: Sequence[Commit], lots: Sequence[Lot], label: str, stage: int, number: int
) -> Iterator[Drops]:
    """Give what a survey dropped: one of its commits tells of many units, with a file for each that lost something."""
    by_unit = {lot.held.unit: lot for lot in lots}
    for commit in commits:
        for unit, told in commit.facts["units"].items():
            if unit in commit.files:
                counts = {(label, reason): count for reason, count in told["dropped"].items()}
                yield Drops(commit.files[unit], stage, number, counts, by_unit[unit].shard, by_unit[unit])


def _less(lots: Sequence[Lot], commits: Sequence[Commit]) -> tuple[Lot, ...]:
    """Take what a survey dropped off the lots; they come in the order in which the run went on with them."""
    by_unit = {lot.held.unit: lot for lot in lots}
    return tuple(
        _lot_less(by_unit[unit], commit.facts["units"][unit], commit.files.get(unit))
        for commit in commits
        for unit in commit.reads["units"]
    )


def _lot_less(lot: Lot, facts: dict[str, Any], file: File | None) -> Lot:
    drops = (*lot.held.drops, file) if file else lot.held.drops
    return replace(lot, held=replace(lot.held, drops=drops, rows=facts["rows_kept"], bytes=facts["bytes_kept"]))


def _sizes_dropped(storage: Storage, lot: Lot) -> list[int]:
    """Histogram of the texts that surveys dropped from a lot; its data is read only where there are any."""
    if not lot.held.drops:
        return [0] * len(lot.sizes)
    rows = pa.concat_tables([read_table(storage, file, ["row"]) for file in lot.held.drops])["row"]
    return size_histogram(read_table(storage, lot.held.data, ["text_bytes"]).take(rows))


def _summed(histograms: Sequence[Any]) -> list[int]:
    return [int(count) for count in np.sum(histograms, axis=0)] if histograms else []
