"""Engines: what runs units. In this process, in a loop; or as Ray Data tasks, on a laptop or a cluster.

Ray gives scheduling, retries, back-pressure and autoscaling. Only unit descriptors go in and commits come out: text
stays inside the task that reads it.
"""

import contextlib
import heapq
import json
import logging
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pyarrow as pa

from jobs.cluster import ray_cluster
from jobs.commits import Unit, digest, read_commit
from jobs.errors import JobError
from jobs.progress import Progress
from jobs.storage import open_storage
from jobs.units import STARTS_MAX, Engine, Outcome, Task, given_up, starts_before
from ops.contract import Op, Workers
from ops.kernels.__main__ import compile_for

# A block costs Ray Data about 15 ms, whatever is in it: units travel in groups of about these bytes, which take most
# of a second, or larger ones. Four groups a core let a slow one be overtaken.
_GROUP_BYTES = 32 * 1024 * 1024
_GROUPS_PER_CPU = 4

# A stage of fewer bytes takes no longer than Ray Data takes for a stage, some 0.2 seconds, and a night is a dozen such
# stages: they run without it. Shards that others wrote are never read in the driver.
SMALL_STAGE_BYTES = 64 * 1024 * 1024

# So few units of our own files are done in the driver sooner than Ray has handed them out: 10 ms of CPU for each.
_FEW_UNITS = 4

# Ray Data gives up when nothing was finished for half an hour, which the resolve of a large survey may take.
_LONGEST_UNIT_S = 12 * 3600


def inline(task: Task, units: Sequence[Unit]) -> Iterator[Outcome]:
    """Run units one after the other in this process."""
    return task.each(units)


def in_driver(task: Task, units: Sequence[Unit]) -> Iterator[Outcome]:
    """Run the units of a small stage in this process, several at a time: most are a file or two.

    With a remote store they wait for it, most of the time. Two at a time on a local disk: what a thread has freed is
    not another's, and 8 made the process half as large again.
    """
    with ThreadPoolExecutor(open_storage(task.storage_url).at_once) as pool:
        yield from pool.map(task, units)


@contextlib.contextmanager
def ray_engine(cpus: int | None, progress: Progress, steps: Sequence[Op] = ()) -> Iterator[Engine]:
    """Give an engine that runs units on Ray, which is started, or connected to, when the first unit needs it.

    The kernels of the steps are compiled before, once: workers load machine code from the cache, and would otherwise
    each compile it at once, up to a minute of a core.
    """
    with contextlib.ExitStack() as stack:
        started: list[None] = []

        def engine(task: Task, units: Sequence[Unit]) -> Iterator[Outcome]:
            is_small = not task.workers and sum(unit.bytes for unit in units) <= SMALL_STAGE_BYTES
            in_tasks = started and len(units) > _FEW_UNITS and open_storage(task.storage_url).is_local
            if is_small and not (task.reads_raw or in_tasks):
                return in_driver(task, units)
            if not started:
                began = time.monotonic()
                compile_for(steps)
                started.append(stack.enter_context(ray_cluster(cpus)))
                progress.ray_started(time.monotonic() - began)
            return in_plain_tasks(task, units) if is_small else on_ray(task, units)

        yield engine


def on_ray(task: Task, units: Sequence[Unit]) -> Iterator[Outcome]:
    """Run units as Ray Data tasks, in groups."""
    import ray.data  # noqa: PLC0415 - half a second, which the commands that need no Ray should not pay

    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)  # two lines a stage otherwise; progress is our own
    # With it, Ray Data runs the first tasks one after the other on a small machine: 8 tasks on 2 cores took 1.96 s
    # instead of 1.09. It divides resources between operators, and here there is one.
    context.op_resource_reservation_enabled = False
    context.execution_no_progress_timeout_s = _LONGEST_UNIT_S
    groups = in_groups(units, group_count(sum(unit.bytes for unit in units), _cpus()))
    rows = [{"units": json.dumps([[u.name, u.reads, u.bytes] for u in group])} for group in groups]

    # override_num_blocks: without it Ray Data would put many groups into one task (200 tasks at most).
    dataset = ray.data.from_items(rows, override_num_blocks=len(rows))
    done = dataset.map_batches(
        **(_in_tasks(task) if task.workers is None else _in_workers(task, task.workers, len(groups))),
        batch_size=1,
        batch_format="pyarrow",
        zero_copy_batch=True,
    )
    for batch in done.iter_batches(batch_size=None, batch_format="pyarrow"):
        yield from (Outcome(**row) for row in batch.to_pylist())


def in_plain_tasks(task: Task, units: Sequence[Unit]) -> Iterator[Outcome]:
    """Run the units of a small stage as tasks of Ray itself, which take a few milliseconds beside the work.

    For raw shards, and on a local disk: there nothing waits for long, and two threads of the driver take as long as
    one, and a third more CPU.
    """
    import ray  # noqa: PLC0415 - see on_ray

    run = ray.remote(max_retries=-1)(_outcomes)  # `guarded` counts how often a worker dies
    sent = ray.put(task)
    waiting = [run.remote(sent, group) for group in in_groups(units, _cpus())]
    while waiting:
        ready, waiting = ray.wait(waiting)
        for outcomes in ray.get(ready):
            yield from outcomes


class _Worker:
    """What an actor of Ray Data is: a process that goes on living from group to group, with what an op has loaded."""

    def __init__(self, task: Task) -> None:
        self._task = task

    def __call__(self, batch: pa.Table) -> pa.Table:
        return _run_group(batch, self._task)


def _in_tasks(task: Task) -> dict[str, Any]:
    return {"fn": partial(_run_group, task=task)}


def _in_workers(task: Task, workers: Workers, groups: int) -> dict[str, Any]:
    """Say how many actors to run groups in, and what each asks for."""
    import ray  # noqa: PLC0415 - see on_ray

    have = ray.cluster_resources()
    fit = min(have.get(kind, 0) // need for kind, need in (("CPU", workers.cpus), ("GPU", workers.gpus)) if need)
    if not fit and not os.environ.get("RAY_ADDRESS"):
        raise JobError(
            f"a worker asks for {workers.cpus:g} CPUs and {workers.gpus:g} GPUs, and this machine has "
            f"{have.get('CPU', 0):g} and {have.get('GPU', 0):g}. Ask for less in the step, or submit to a cluster."
        )
    return {
        "fn": _Worker,
        "fn_constructor_args": (task,),
        "concurrency": min(workers.count or max(1, int(fit)), groups),
        "num_cpus": workers.cpus,
        "num_gpus": workers.gpus,
    }


def _run_group(batch: pa.Table, task: Task) -> pa.Table:
    group = [Unit(*fields) for row in batch["units"].to_pylist() for fields in json.loads(row)]
    return pa.Table.from_pylist([vars(outcome) for outcome in _outcomes(task, group)], schema=_OUTCOME)


def _outcomes(task: Task, group: Sequence[Unit]) -> list[Outcome]:
    pa.set_cpu_count(1)
    return list(guarded(task, group))


def _cpus() -> int:
    """Cores of the cluster."""
    import ray  # noqa: PLC0415 - see on_ray

    return max(1, int(ray.cluster_resources().get("CPU", 1)))


def group_count(total_bytes: int, cpus: int) -> int:
    """How many groups to make of units that hold so many bytes.

    >>> [group_count(size, cpus=8) for size in (0, 512 * 1024 * 1024, 10**12)]
    [8, 16, 32]
    """
    per_cpu = round(total_bytes / (cpus * _GROUP_BYTES))
    return cpus * min(_GROUPS_PER_CPU, max(1, per_cpu))


def in_groups(units: Sequence[Unit], most: int) -> list[list[Unit]]:
    """Deal units into at most `most` groups of about equal bytes, large units first; groups keep the units' order.

    >>> [[u.name for u in g] for g in in_groups([Unit("a", {}, 9), Unit("b", {}, 1), Unit("c", {}, 7)], 2)]
    [['a'], ['b', 'c']]
    """
    count = min(most, len(units))
    groups: list[list[int]] = [[] for _ in range(count)]
    lightest_first = [(0, group) for group in range(count)]
    for number in sorted(range(len(units)), key=lambda n: -units[n].bytes):
        weight, group = lightest_first[0]
        groups[group].append(number)
        heapq.heapreplace(lightest_first, (weight + units[number].bytes + 1, group))
    return [[units[number] for number in sorted(group)] for group in groups]


_OUTCOME = pa.schema(
    [
        ("unit", pa.string()),
        ("commit", pa.binary()),
        ("seconds", pa.float64()),
        ("host", pa.string()),
        ("differed", pa.bool_()),
        ("mistake", pa.string()),
        ("crash", pa.string()),
    ]
)


def guarded(task: Task, group: Sequence[Unit]) -> Iterator[Outcome]:
    """Run a group's units, giving up those that end their worker again and again.

    A group that starts for the first time leaves one note. Once its worker has died, each unit leaves one of its own,
    so that only the unit at fault is given up.
    """
    storage = open_storage(task.storage_url)
    again = starts_before(storage, task.folder, digest([unit.name for unit in group]), task.run_name) > 0
    if not again:
        yield from task.each(group)
        return
    for unit in group:
        # A unit that an earlier start of the group committed is not at fault, however often the group starts.
        at_fault = not read_commit(storage, task.folder, unit.name)
        if at_fault and starts_before(storage, task.folder, unit.name, task.run_name) == STARTS_MAX:
            yield given_up(unit.name)
        else:
            yield task(unit)
