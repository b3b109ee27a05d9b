"""The Ray that a run works on: a cluster that this process belongs to, or one started here and ended afterwards."""

import contextlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from typing import Any

from jobs.code import code_hash
from jobs.errors import JobError


@contextlib.contextmanager
def ray_cluster(cpus: int | None) -> Iterator[None]:
    """Be connected to the Ray cluster this process belongs to, else to one started here and ended afterwards.

    `cpus` limits a cluster started here; None takes all cores.
    """
    with _ray(cpus):
        _same_code_everywhere()
        yield


@contextlib.contextmanager
def _ray(cpus: int | None) -> Iterator[None]:
    """Connect to a cluster if this process is told of one, else start one here."""
    os.environ.setdefault("RAY_AUTH_MODE", "token")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_DATA_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("NUMBA_NUM_THREADS", "1")
    # Arrow's memory is a worker's until it ends: to clear pages that were given back took 5 % of a pass.
    os.environ.setdefault("MIMALLOC_PURGE_DELAY", "-1")
    import ray  # noqa: PLC0415 - after its environment is set, and only for commands that need it

    if ray.is_initialized():
        yield
    elif os.environ.get("RAY_ADDRESS"):
        ray.init(log_to_driver=False, logging_level="warning")
        try:
            yield
        finally:
            ray.shutdown()
    else:
        with _local_ray(ray, cpus):
            yield


@cache
def _token() -> str:
    """A secret of this process, instead of the token file that Ray would leave in the home folder.

    One for all Rays that the process starts: Ray reads it once.
    """
    return secrets.token_hex(32)


@contextlib.contextmanager
def _local_ray(ray: Any, cpus: int | None) -> Iterator[None]:
    # Short: Ray's Unix sockets lie below it, and such a path has at most 107 bytes.
    folder = tempfile.mkdtemp(prefix="gm-ray-")
    own = {"RAY_TMPDIR": folder, "RAY_AUTH_TOKEN": _token()}
    before = {name: os.environ.get(name) for name in own}
    os.environ.update({name: value for name, value in own.items() if name == "RAY_TMPDIR" or not before[name]})
    try:
        ray.init(
            address="local",
            num_cpus=cpus,
            include_dashboard=False,
            log_to_driver=False,
            logging_level="warning",
            object_store_memory=200 * 1024 * 1024,  # only descriptors and commits pass through it
        )
        yield
    finally:
        ray.shutdown()
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.__setitem__(name, value)
        shutil.rmtree(folder, ignore_errors=True)


def _same_code_everywhere() -> None:
    """Refuse to run where a worker would import other code than this process: answers would differ by machine."""
    import ray  # noqa: PLC0415 - as above

    here = code_hash()
    there = ray.get(ray.remote(num_cpus=0)(_code_hash).remote())
    if there != here:
        raise JobError(
            f"a Ray worker has other gristmill code ({there}) than this driver ({here}). Install the same version on "
            "all nodes, or submit with a working_dir; never both a working_dir and py_modules."
        )


def _code_hash() -> str:
    """Ray takes no cached function as it is."""
    return code_hash()
