"""Commits: the small JSON files that make a unit's result visible.

A commit holds what the unit read, what became of every record, and the files it wrote with their hashes. It has no
clock, host or attempt in it: two honest attempts write the same bytes.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any

import orjson

from jobs.storage import Storage


@dataclass(frozen=True)
class Unit:
    """What is worked on, retried and committed alone. The name says what it reads; `reads` is what the commit tells."""

    name: str
    reads: dict[str, Any]
    bytes: int = 0  # about how much there is to read, for grouping and progress


@dataclass(frozen=True)
class File:
    """A committed file: its key under the target, and what it holds."""

    key: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Commit:
    """The result of one unit."""

    unit: str
    reads: dict[str, Any]
    facts: dict[str, Any]
    files: dict[str, File] = field(default_factory=dict)

    def to_json(self) -> bytes:
        """Canonical bytes: fields in this order, dictionaries by key, one spelling."""
        return orjson.dumps(self, option=orjson.OPT_SORT_KEYS)


def from_json(data: bytes) -> Commit:
    """Read a commit back."""
    stored = orjson.loads(data)
    files = {role: File(**entry) for role, entry in stored["files"].items()}
    return Commit(stored["unit"], stored["reads"], stored["facts"], files)


def digest(*parts: object) -> str:
    """Return 16 hex digits over the canonical JSON of the parts: names of units and stages.

    >>> digest("a", {"b": 1}) == digest("a", {"b": 1}), digest("a") == digest("b")
    (True, False)
    """
    data = orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(data).hexdigest()[:16]


def commit_key(folder: str, unit: str) -> str:
    """Where a unit's commit lies."""
    return f"{folder}/commits/{unit}.json"


def read_commit(storage: Storage, folder: str, unit: str) -> Commit | None:
    """Return a unit's commit, None where it has none."""
    try:
        return from_json(storage.read(commit_key(folder, unit)))
    except FileNotFoundError:
        return None


def read_commits(storage: Storage, folder: str, units: list[str]) -> dict[str, Commit]:
    """Return the commits that exist among some units of a stage."""
    there = {entry.key for entry in storage.list(f"{folder}/commits")}
    done = [unit for unit in units if commit_key(folder, unit) in there]
    found = storage.read_many([commit_key(folder, unit) for unit in done])
    return dict(zip(done, map(from_json, found), strict=True))


def create_commit(storage: Storage, folder: str, commit: Commit) -> tuple[Commit, bool]:
    """Create a commit unless there is one. Return the one that counts, and whether it differs from ours.

    A failed create is not an error: our own request may have arrived though its answer was lost, or another attempt was
    first. Theirs then counts; if it differs, some op is not deterministic.
    """
    data = commit.to_json()
    key = commit_key(folder, commit.unit)
    if storage.create(key, data):
        return commit, False
    theirs = storage.read(key)
    return from_json(theirs), theirs != data
