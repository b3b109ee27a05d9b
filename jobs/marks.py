"""Marks of who works under a target: any number of runs, or cleaning, never both.

What a run finds done it does not do again, and a file that is there it does not write again: so nothing may be deleted
meanwhile. Each makes its mark before it looks for the other's, so that of two that begin at once at least one sees the
other.
"""

import contextlib
import os
import socket
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import orjson

from jobs.errors import JobError
from jobs.storage import Storage

_FOLDER = "working"


@contextlib.contextmanager
def running(storage: Storage) -> Iterator[None]:
    """Be marked as a run; JobError while the target is cleaned."""
    with _marked(storage, "run", but_not="clean"):
        yield


@contextlib.contextmanager
def cleaning(storage: Storage) -> Iterator[None]:
    """Be marked as cleaning; JobError while there is a run. Others that clean delete nothing else, and may."""
    with _marked(storage, "clean", but_not="run"):
        yield


@contextlib.contextmanager
def _marked(storage: Storage, kind: str, but_not: str) -> Iterator[None]:
    key = f"{_FOLDER}/{kind}-{uuid.uuid4().hex[:12]}.json"
    began = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    storage.create(key, orjson.dumps({"machine": _machine(), "pid": os.getpid(), "began": began}))
    try:
        for entry in storage.list(_FOLDER):
            if entry.key.startswith(f"{_FOLDER}/{but_not}-"):
                _refuse_unless_dead(storage, entry.key)
        yield
    finally:
        storage.delete(key)


def _refuse_unless_dead(storage: Storage, key: str) -> None:
    """Refuse to go on beside whoever left a mark; take away the mark of a process of this machine that is gone."""
    try:
        told = orjson.loads(storage.read(key))
    except FileNotFoundError:
        return
    if told["machine"] == _machine() and not _lives(told["pid"]):
        storage.delete(key)
        return
    who = "a run of this job" if "/run-" in key else "gristmill clean"
    raise JobError(
        f"{who} has been working under {storage.url} since {told['began']} (process {told['pid']} of "
        f"{told['machine'][0]}). Wait for its end. If it was killed there, delete {storage.url}/{key} and go on."
    )


def _machine() -> list[str]:
    """Where process numbers are this process's: the host, and on Linux the container."""
    try:
        return [socket.gethostname(), str(Path("/proc/self/ns/pid").readlink())]
    except OSError:
        return [socket.gethostname(), ""]


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
