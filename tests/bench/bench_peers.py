"""Near dedup by gristmill and by three other tools, in one run on one machine: time, CPU, memory, and what was kept.

Each peer is a script in `peers/`, run in a virtual environment of its own, which is made from the package index in
GRISTMILL_BENCH_VENVS (a folder below the system's temporary one if unset) and kept there. All read the same shards of
`id` and `text`, sign, resolve, and write the documents that stay as Parquet in zstd, on two cores. Figures are of whole
processes: Python's start and imports are in them, and the start of Ray where a tool uses it.

`bench_peers.py` runs all, `bench_peers.py daft` gristmill and Daft. GRISTMILL_BENCH_TIMES makes the corpus larger.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import psutil
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from corpus import shards_of, text_mb
from machine import described, measured, middle
from scaled import scaled

PEERS = Path(__file__).parent / "peers"
NAMES = ("daft", "data_juicer", "datatrove")
CORES = 2
TIMES = int(os.environ.get("GRISTMILL_BENCH_TIMES", "1"))
COLUMNS = ["id", "text"]

# What takes seconds is run several times, of which the median counts.
REPEATS = 3
QUICK = {"daft"}

# A few files for each core, and zstd at Arrow's and Daft's level, as the other tools write.
SHARD_BYTES = 32_000_000
ZSTD_LEVEL = 1

# Marks all processes of a peer, also those that left its tree or its session, as Ray's do.
_MARK = "GRISTMILL_BENCH_PEER"
_LOOK_EVERY_S = 0.1
_MEMORY_SHARE = 0.03  # of the time may go into reading memory, which costs the kernel far more


@dataclass
class Result:
    """What a run cost, and what its script said at the end."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_mib: float = 0.0  # proportional set sizes of all processes together
    told: dict[str, float] = field(default_factory=dict)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peers", nargs="*", default=NAMES, help=f"of {', '.join(NAMES)}")
    parser.add_argument("--gristmill", nargs=2, metavar=("SHARDS", "TARGET"), help=argparse.SUPPRESS)
    parser.add_argument("--warm", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.gristmill:
        gristmill(*map(Path, given.gristmill), warm=given.warm)
        return
    unknown = set(given.peers) - set(NAMES)
    if unknown:
        parser.error(f"no such peer: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    # Tools that ask how many cores there are get the answer that the others are told.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    folder = Path(tempfile.mkdtemp(prefix="gm-bench-"))
    try:
        compare(folder, given.peers)
    finally:
        shutil.rmtree(folder)


def compare(folder: Path, peers: list[str]) -> None:
    pythons = {name: python_of(name) for name in peers}
    shards = corpus(folder)
    size = text_mb(shards)
    documents = sum(pq.read_metadata(file).num_rows for file in shards.glob("*.parquet"))
    print(described())
    print(f"{documents:,} documents, {size:.0f} MB of text in {len(list(shards.glob('*.parquet')))} shards")
    me = [sys.executable, __file__, "--gristmill", str(shards)]
    # First, so that the machine code of the kernels is in its cache: compiling is once in a machine's life.
    warm = watched([*me, str(folder / "warm"), "--warm"]).told
    ours = watched([*me, str(folder / "ours")])
    in_warm = Result(warm["wall_s"], warm["cpu_s"], 0, warm)
    row("gristmill", ours, in_warm, size)
    row("gristmill, in a Ray that is warm", in_warm, in_warm, size)
    planted(shards, kept_by_gristmill(folder / "ours"))
    for name, python in pythons.items():
        out = folder / name
        results = []
        for _ in range(REPEATS if name in QUICK else 1):
            shutil.rmtree(out, ignore_errors=True)
            results.append(watched([str(python), str(PEERS / f"{name}_minhash.py"), str(shards), str(out)], ours=False))
        row(pinned(name), sorted(results, key=lambda one: one.wall_s)[len(results) // 2], in_warm, size)
        planted(shards, out)
        shutil.rmtree(out)


def gristmill(shards: Path, target: Path, *, warm: bool) -> None:
    """Run the job whose one step is near_dedup; if warm, again for other targets in the same Ray, and time those."""
    from jobs.cluster import ray_cluster  # noqa: PLC0415 - only here: the bench itself stays small
    from jobs.progress import Progress  # noqa: PLC0415
    from jobs.run import run_job  # noqa: PLC0415
    from jobs.spec import parse  # noqa: PLC0415

    def run(out: Path) -> None:
        job = (
            f'name = "bench"\ntarget = "{out}"\n'
            f'[[sources]]\nname = "corpus"\npath = "{shards}"\norigin = "real"\n'
            '[[steps]]\nop = "near_dedup"\nthreshold = 0.7\n'
            f"[release]\nshard_bytes = {SHARD_BYTES}\nzstd_level = {ZSTD_LEVEL}\n"
            f'[run]\nengine = "ray"\ncpus = {CORES}\n'
        )
        run_job(parse(job.encode(), "bench"), Progress(silent=True))

    told = {}
    if warm:
        with ray_cluster(CORES):
            run(target / "first")
            costs = []
            for n in range(REPEATS):
                with measured() as cost:
                    run(target / f"again-{n}")
                costs.append(cost)
        told = vars(middle(costs))
        target /= "again-0"
    else:
        run(target)
    print(json.dumps({"kept": kept_in(kept_by_gristmill(target))} | told))


def kept_by_gristmill(target: Path) -> Path:
    return target / "releases" / "0001" / "data"


def kept_in(folder: Path) -> int:
    return sum(pq.read_metadata(file).num_rows for file in folder.rglob("*.parquet"))


def ids_in(folder: Path) -> pa.Array:
    tables = [pq.read_table(file, columns=["id"]) for file in folder.rglob("*.parquet")]
    return pa.concat_tables(tables)["id"].cast(pa.string()).combine_chunks()


def corpus(folder: Path) -> Path:
    """Write the shards as all tools can take them: no column but two, no document without text."""
    shards = shards_of(folder) if TIMES == 1 else sorted(scaled(folder, TIMES).glob("*.parquet"))
    out = folder / "shards"
    out.mkdir()
    kind = pa.schema([(name, pa.string()) for name in COLUMNS])
    for shard in shards:
        table = pq.read_table(shard, columns=COLUMNS).cast(kind).drop_null()
        pq.write_table(table, out / shard.name, compression="zstd")
    return out


def python_of(name: str) -> Path:
    """Make a peer's virtual environment, unless it is there as its requirements ask for it."""
    default = Path(tempfile.gettempdir()) / "gristmill-bench-venvs"
    folder = Path(os.environ.get("GRISTMILL_BENCH_VENVS", default)) / name
    python = folder / "bin" / "python"
    ready = folder / "requirements.txt"
    asked = PEERS / f"requirements-{name}.txt"
    if not ready.exists() or ready.read_bytes() != asked.read_bytes():
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", asked], check=True)
        shutil.copy(asked, ready)
    return python


def pinned(name: str) -> str:
    lines = (PEERS / f"requirements-{name}.txt").read_text().splitlines()
    package, _, version = next(line for line in lines if not line.startswith("#")).partition("==")
    return f"{package.partition('[')[0]} {version}"


def watched(command: list[str], *, ours: bool = True) -> Result:
    """Run a command to its end; sum up the CPU of every process it started, each as last seen.

    Seen, because Ray's workers are waited for by nobody, so that no parent has their times. What a process does after
    it was seen last is lost, at most a tenth of a second each; where parents did wait, their sum is the larger.
    """
    mark = uuid4().hex
    environment = os.environ | {_MARK: mark}
    if not ours:
        environment.pop("PYTHONPATH", None)  # a peer has an environment of its own
    waited = _waited_s()
    result = Result()
    began = time.perf_counter()
    with (
        tempfile.TemporaryFile("w+") as errors,
        tempfile.TemporaryFile("w+") as answer,
        subprocess.Popen(command, stdout=answer, stderr=errors, env=environment) as process,
    ):
        seen = _Seen(mark)
        while process.poll() is None:
            seen.look(result)
            time.sleep(_LOOK_EVERY_S)
        result.wall_s = time.perf_counter() - began
        result.cpu_s = max(seen.cpu_s, _waited_s() - waited)
        seen.end()
        errors.seek(0)
        answer.seek(0)
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{errors.read()[-4000:]}")
        result.told = json.loads(answer.read().splitlines()[-1])
    return result


class _Seen:
    """The processes that carry a mark in their environment, and their children.

    Children: a Ray worker that has given itself a title has written it over its environment.
    """

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self._ours: dict[psutil.Process, bool] = {}
        self._cpu: dict[psutil.Process, float] = {}
        self._memory_next = 0.0

    @property
    def cpu_s(self) -> float:
        return sum(self._cpu.values())

    def look(self, result: Result) -> None:
        living = self._living()
        for process in living:
            try:
                times = process.cpu_times()
            except psutil.Error:
                continue
            self._cpu[process] = times.user + times.system
        began = time.monotonic()
        if began >= self._memory_next:
            result.peak_mib = max(result.peak_mib, sum(map(_pss_mib, living)))
            ended = time.monotonic()
            self._memory_next = ended + (ended - began) / _MEMORY_SHARE

    def end(self) -> None:
        """End what is left of the tree: the next tool shall have the machine to itself."""
        left = self._living()
        for process in left:
            try:
                process.kill()
            except psutil.Error:
                continue
        psutil.wait_procs(left, timeout=10)

    def _living(self) -> list[psutil.Process]:
        found: dict[int, psutil.Process] = {}
        for process in psutil.process_iter():
            if process not in self._ours:
                try:
                    marked = process.environ().get(_MARK) == self._mark
                    self._ours[process] = marked or process.ppid() in found
                except psutil.Error:
                    self._ours[process] = False
            if self._ours[process]:
                found[process.pid] = process
        return list(found.values())


def _pss_mib(process: psutil.Process) -> float:
    try:
        pss: float = process.memory_full_info().pss / 2**20
    except psutil.Error:
        return 0.0
    return pss


def _waited_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def row(name: str, result: Result, ours: Result, size: float) -> None:
    memory = f", {result.peak_mib:,.0f} MiB" if result.peak_mib else ""
    print(
        f"{name}: {result.told['kept']:,} kept, {result.wall_s:.1f} s, {result.cpu_s:.1f} CPU s, "
        f"{size / result.cpu_s:.2f} MB per CPU s{memory}; against gristmill in a warm "
        f"Ray: {result.wall_s / ours.wall_s:.2f} x the time, {result.cpu_s / ours.cpu_s:.2f} x the CPU",
        flush=True,
    )


def planted(shards: Path, out: Path) -> None:
    """Tell what became of planted copies, where the corpus says which document is a copy of which."""
    named = os.environ.get("GRISTMILL_BENCH_CORPUS")
    if not named or TIMES > 1:
        return
    truth = pq.read_table(Path(named) / "truth.parquet")
    truth = truth.filter(pc.is_in(truth["id"].cast(pa.string()), ids_in(shards)))
    stays = pc.is_in(truth["id"].cast(pa.string()), ids_in(out))
    clusters = (
        pa.table({"cluster": truth["cluster"], "stays": stays})
        .group_by("cluster")
        .aggregate([("stays", "sum"), ("stays", "count")])
    )
    copies = pc.sum(clusters["stays_count"]).as_py() - clusters.num_rows
    left = pc.sum(pc.max_element_wise(pc.subtract(clusters["stays_sum"].cast(pa.int64()), 1), 0)).as_py()
    lost = pc.sum(pc.equal(clusters["stays_sum"], 0)).as_py()
    print(f"  planted copies removed: {1 - left / copies:.3f} of {copies:,}; clusters lost whole: {lost:,}", flush=True)


if __name__ == "__main__":
    main()
