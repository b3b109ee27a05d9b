"""The one primitive: map a pure function over units, commit each result.

    map_units(run, stage, units, work)    # for each unit without a commit: run work, write its files, create its commit

Retries, copies, lost nodes, a lost driver and a second submission of the same job are then all harmless.
"""

import errno
import os
import socket
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol, TypeVar

import orjson

from jobs.commits import Commit, Unit, from_json, read_commit, read_commits
from jobs.errors import JobError
from jobs.outbox import Outbox
from jobs.progress import Progress
from jobs.storage import Storage, disk_full, open_storage
from ops.contract import Refusal, Workers

Work = Callable[[Unit, Outbox], dict[str, Any]]

# A storage fault is tried three times in all, after 1 s and 4 s; the clients below retry single requests themselves.
_WAITS_S = (1, 4)

# A unit that ended its worker this often in one run is given up: memory, a crash in a library, or lost nodes.
STARTS_MAX = 3

# Units whose files are being stored, at once, while further ones are worked on. A disk makes a file durable in 2 ms,
# several in little more: small units have three files each, and one after the other these take longer than the work.
_STORED_BEHIND = 4

_Done = TypeVar("_Done")


@dataclass(frozen=True)
class Stage:
    """Where the results of one kind of work lie, and what to call it while it runs."""

    folder: str
    label: str
    reads_raw: bool = False  # shards that others wrote, which may end the process that reads them
    workers: Workers | None = None  # of its own


@dataclass(frozen=True)
class Outcome:
    """What became of a unit in one run."""

    unit: str
    commit: bytes = b""
    seconds: float = 0.0
    host: str = ""
    differed: bool = False  # another attempt committed something else: an op is not deterministic
    mistake: str = ""  # a JobError's message
    crash: str = ""  # a bug's traceback


@dataclass(frozen=True)
class Task:
    """What to do with each unit of a stage, and where: what an engine sends to its workers."""

    storage_url: str
    folder: str
    work: Work
    run_name: str
    reads_raw: bool
    workers: Workers | None

    def __call__(self, unit: Unit) -> Outcome:
        """Do one unit's work, unless it is committed, and commit it. Never raises: the other units go on."""
        return self.begin(unit)()

    def begin(self, unit: Unit) -> Callable[[], Outcome]:
        """Do one unit's work, and return what stores and commits it."""
        return begin_unit(unit, storage_url=self.storage_url, folder=self.folder, work=self.work)

    def each(self, units: Sequence[Unit]) -> Iterator[Outcome]:
        """Do units one after the other; one's files are stored while the next is worked on.

        To make a file durable, or to send it to a store, takes as long as some tenths of the work, and no core.
        """
        with ThreadPoolExecutor(_STORED_BEHIND) as threads:
            behind = deque[Any]()
            for unit in units:
                behind.append(threads.submit(self.begin(unit)))
                if len(behind) > _STORED_BEHIND:
                    yield behind.popleft().result()
            yield from (one.result() for one in behind)


class Engine(Protocol):
    """Runs a task over units somewhere, in any order, and gives each outcome as it comes."""

    def __call__(self, task: Task, units: Sequence[Unit]) -> Iterator[Outcome]:
        """Yield an `Outcome` for each unit."""


@dataclass(frozen=True)
class Run:
    """What one run of a job works with. None of it can change the answer."""

    storage: Storage
    engine: Engine
    progress: Progress
    name: str  # of this run, for attempts
    used: dict[str, set[str]] = field(default_factory=dict)  # units by stage, of which it has found or made commits

    def uses(self, stage: Stage, units: Iterable[str]) -> None:
        """Note commits that the run works with."""
        self.used.setdefault(stage.folder, set()).update(units)


class UnitCrashed(Exception):  # noqa: N818 - it says what happened
    """A bug: work on a unit raised. Carries the traceback from the worker."""


def map_units(run: Run, stage: Stage, units: Sequence[Unit], work: Work) -> list[Commit]:
    """Return the commit of every unit, in order, after doing the work of those that had none."""
    done = read_commits(run.storage, stage.folder, [unit.name for unit in units])
    rest = [unit for unit in units if unit.name not in done]
    run.uses(stage, done)
    run.progress.begin(stage.label, units=len(units), done=len(done), left_bytes=sum(unit.bytes for unit in rest))
    failed: list[Outcome] = []
    if rest:
        timings = []
        for outcome in run.engine(_task(run, stage, work), rest):
            if outcome.commit:
                done[outcome.unit] = commit = from_json(outcome.commit)
                run.progress.advance(commit.facts)
                timings.append({"unit": outcome.unit, "host": outcome.host, "seconds": round(outcome.seconds, 3)})
            else:
                failed.append(outcome)
            if outcome.differed:
                run.progress.warn(
                    f"unit {outcome.unit} of {stage.folder}: another attempt committed other bytes: "
                    "an op is not deterministic. Theirs counts."
                )
        run.storage.create(f"{stage.folder}/attempts/{run.name}.json", orjson.dumps(timings))
    run.progress.end()
    run.uses(stage, done)
    _raise_first(stage, failed)
    return [done[unit.name] for unit in units]


def _task(run: Run, stage: Stage, work: Work) -> Task:
    return Task(run.storage.url, stage.folder, work, run.name, stage.reads_raw, stage.workers)


def begin_unit(unit: Unit, *, storage_url: str, folder: str, work: Work) -> Callable[[], Outcome]:
    """Do one unit's work; return what stores and commits it, and says what became of it. Neither raises."""
    began = time.perf_counter()
    storage = open_storage(storage_url)
    made = _told(unit, storage_url, partial(_work, unit, storage, folder, work))
    worked_s = time.perf_counter() - began

    def finish() -> Outcome:
        if isinstance(made, Outcome):
            return made
        began = time.perf_counter()
        outbox, commit = made
        try:
            stored = _told(unit, storage_url, partial(outbox.commit, commit)) if outbox else (commit, False)
        finally:
            if outbox:
                outbox.close()
        if isinstance(stored, Outcome):
            return stored
        commit, differed = stored
        seconds = worked_s + time.perf_counter() - began
        return Outcome(unit.name, commit.to_json(), seconds, socket.gethostname(), differed)

    return finish


def _work(unit: Unit, storage: Storage, folder: str, work: Work) -> tuple[Outbox | None, Commit]:
    """Return what a unit wrote and its commit, which is not made yet; no outbox where it was committed before."""
    existing = read_commit(storage, folder, unit.name)
    if existing:
        return None, existing
    outbox = Outbox(storage, folder)
    try:
        facts = work(unit, outbox)
    except BaseException:
        outbox.close()
        raise
    return outbox, Commit(unit.name, unit.reads, facts, outbox.files)


def _told(unit: Unit, storage_url: str, do: Callable[[], _Done]) -> _Done | Outcome:
    """Do something for a unit, again where storage fails; return what it gives, or the outcome where it cannot."""
    try:
        return _with_retries(do)
    except (JobError, Refusal) as mistake:
        return Outcome(unit.name, mistake=str(mistake))
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return Outcome(unit.name, mistake=disk_full(storage_url))
        return Outcome(unit.name, crash=traceback.format_exc())
    except Exception:  # noqa: BLE001 - reported with its traceback, after the other units are done
        return Outcome(unit.name, crash=traceback.format_exc())


def starts_before(storage: Storage, folder: str, work: str, run_name: str) -> int:
    """Note that some work starts; return how often it started before in this run, at most `STARTS_MAX`.

    Ray starts a task again for ever when its worker dies; counting starts is what bounds it.
    """
    told = orjson.dumps({"host": socket.gethostname(), "pid": os.getpid(), "at": time.time()})
    starts = (storage.create(f"{folder}/attempts/{run_name}/{work}-{n}.json", told) for n in range(STARTS_MAX))
    return next((n for n, created in enumerate(starts) if created), STARTS_MAX)


def given_up(unit: str) -> Outcome:
    """Say that a unit ended its worker too often."""
    return Outcome(
        unit,
        mistake=f"unit {unit} ended its worker {STARTS_MAX} times (out of memory, a crash in a library, or lost "
        "nodes). The other units are done. Look at the workers' logs, give workers more memory or take the shard out, "
        "and run again.",
    )


def _with_retries(do: Callable[[], _Done]) -> _Done:
    for wait_s in (*_WAITS_S, None):
        try:
            return do()
        except (OSError, TimeoutError) as error:
            if wait_s is None or getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT, errno.EACCES):
                raise
            time.sleep(wait_s)
    raise AssertionError("the last try returns or raises")


def _raise_first(stage: Stage, failed: list[Outcome]) -> None:
    """Raise the first failure in order of unit, mistakes of the user first."""
    for outcome in sorted((f for f in failed if f.mistake), key=lambda f: f.unit):
        raise JobError(outcome.mistake)
    for outcome in sorted(failed, key=lambda f: f.unit):
        raise UnitCrashed(f"{stage.folder}, unit {outcome.unit} ({len(failed)} failed in all):\n{outcome.crash}")
