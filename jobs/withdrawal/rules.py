"""Withdrawals: what must not be in any later release of a target, each a small file that is written once."""

import itertools
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Literal, get_args

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from jobs.errors import JobError
from jobs.storage import Storage

_FOLDER = "withdrawals"

By = Literal["id", "source", "url", "license", "generator"]


class Withdrawal(BaseModel):
    """Documents that go, by one thing that they have in common, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    number: int
    by: By
    value: str  # for `url` a pattern: * is any characters, ? is one; otherwise what equals it
    because: str
    # Whether documents with the same text go, too, under whatever id. An id or an address names a text that somebody
    # wants gone; of a source, a license or a generator that is refused, others may have a text by right.
    copies: bool = Field(default_factory=lambda said: takes_copies(said["by"]))

    @property
    def told(self) -> str:
        """Say it in a line."""
        with_copies = ", with copies" if self.copies else ""
        return f"withdrawal {self.number} ({self.by} {self.value}{with_copies}): {self.because}"


def takes_copies(by: By) -> bool:
    """Say whether copies go where nothing is said of them."""
    return by in {"id", "url"}


def one_of(said: Mapping[str, str | None]) -> tuple[By, str]:
    """Return what a command named; JobError where it named nothing, or several things."""
    named = [(by, value) for by in get_args(By) if (value := said[by]) is not None]
    if len(named) != 1:
        given = " and ".join(f"--{by}" for by, _ in named) or "nothing"
        raise JobError(
            f"{given} to withdraw: expected one of {', '.join(f'--{by}' for by in get_args(By))}. Give one; several "
            "withdrawals are a command each."
        )
    return named[0]


def withdraw(
    storage: Storage,
    by: By,
    value: str,
    because: str,
    *,
    copies: bool | None = None,
    spent: Collection[int] = (),
) -> tuple[Withdrawal, bool]:
    """Record a withdrawal; return it, and whether it is new: another reason for the same changes nothing.

    copies: of `Withdrawal`; default: those of what is withdrawn by id or address
    spent: numbers of withdrawals that were taken back, by which a list still calls what they took
    """
    with_copies = takes_copies(by) if copies is None else copies
    if not value.strip() or not because.strip():
        raise JobError(f"--{by} {value!r} --because {because!r}: neither may be empty. Say what to withdraw, and why.")
    for number in (one for one in itertools.count(1) if one not in spent):
        mine = Withdrawal(number=number, by=by, value=value, because=because, copies=with_copies)
        if storage.create(_key(number), orjson.dumps(mine.model_dump(), option=orjson.OPT_INDENT_2)):
            return mine, True
        theirs = _parsed(storage.read(_key(number)))
        if (theirs.by, theirs.value, theirs.copies) == (by, value, with_copies):
            return theirs, False
    raise AssertionError("numbers do not end")


def withdrawals_of(storage: Storage) -> list[Withdrawal]:
    """Return what was recorded, in order."""
    keys = [entry.key for entry in storage.list(_FOLDER)]
    return sorted(map(_parsed, storage.read_many(keys)), key=lambda one: one.number)


def first_matching(rules: Sequence[Withdrawal], documents: pa.Table) -> NDArray[np.int64]:
    """Return the number of the first withdrawal that each document is of; 0: of none."""
    last = np.iinfo(np.int64).max
    first = np.full(documents.num_rows, last)
    for by in {rule.by for rule in rules} - {"url"}:
        some = [rule for rule in rules if rule.by == by]
        place = pc.index_in(documents[by], pa.array([rule.value for rule in some], pa.string()))
        numbers = np.append([rule.number for rule in some], last)
        first = np.minimum(first, numbers[np.asarray(place.fill_null(len(some)))])
    for rule in (one for one in rules if one.by == "url"):
        hit = pc.match_substring_regex(documents["url"], url_pattern(rule.value)).fill_null(False)  # noqa: FBT003
        first = np.where(np.asarray(hit), np.minimum(first, rule.number), first)
    return np.where(first == last, 0, first)


def url_pattern(glob: str) -> str:
    r"""Return the regular expression of a pattern for whole URLs.

    >>> url_pattern("https://a.org/*?x")
    '\\A(?s:https://a\\.org/.*.x)\\z'
    """
    parts = (".*" if char == "*" else "." if char == "?" else re.escape(char) for char in glob)
    return rf"\A(?s:{''.join(parts)})\z"


def _key(number: int) -> str:
    return f"{_FOLDER}/{number:06d}.json"


def _parsed(data: bytes) -> Withdrawal:
    return Withdrawal.model_validate_json(data)
