"""Texts to train on: shards in, distinct labelled texts out, in an order and in parts that their content decides.

Texts are the same where they differ in case, width, spaces and punctuation only: each counts once, and is either
trained on or held out. No answer depends on how texts lie in files, or on the order of the files.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from jobs.documents import read_records
from jobs.errors import JobError
from jobs.jobfile.sources import Source
from jobs.readers.records import BadShard
from jobs.sources import list_sources
from ops.kernels.groups import begins
from ops.kernels.hashing import digests, mix64, mix64_all
from ops.kernels.tokens import token_digests

DOCUMENTS_MIN = 100  # of a class; held-out figures of fewer say nothing

_HELD_OUT = 0.2

_SOURCES = {True: "positive", False: "background"}


@dataclass(frozen=True)
class Wanted:
    """Where the texts are, and how they are labelled."""

    positive: str  # a file, folder or glob; of all documents, where there is a column of labels
    background: str | None
    text: str = "text"
    labels: str | None = None
    positive_labels: tuple[str, ...] = ()
    documents_max: int = 20_000  # of a class; more are drawn from by hash
    seed: int = 0


@dataclass(frozen=True)
class Texts:
    """Distinct texts, positive and background, in an order that their content decides."""

    text: pa.ChunkedArray
    is_positive: NDArray[np.bool_]
    is_held_out: NDArray[np.bool_]
    sha256: str  # of all texts with their labels
    read: dict[str, int]  # documents read, by class
    in_both: int  # distinct texts that both classes have: left out
    unreadable: int  # records


def places(paths: list[str], labels: str | None, positive: list[str]) -> tuple[str, str | None, str]:
    """Return where the positive texts are, where the background is, and where the model goes; JobError for others.

    >>> places(["all", "model.npz"], "good", ["1"])
    ('all', None, 'model.npz')
    """
    if (labels is None) != (not positive):
        raise JobError("--labels COLUMN and --positive LABEL go together: which column, and what it says of positives.")
    if labels is None and len(paths) == len(("positive", "background", "model")):
        return paths[0], paths[1], paths[2]
    if labels is not None and len(paths) == len(("labelled", "model")):
        return paths[0], None, paths[1]
    expected = "POSITIVE BACKGROUND MODEL" if labels is None else "LABELLED MODEL, as --labels is given"
    raise JobError(
        f"{len(paths)} paths were given; expected {expected}. Quote a glob, so that the shell leaves it alone."
    )


def read_texts(wanted: Wanted) -> Texts:
    """Read all documents; JobError where there are none, or too few of a class. What both classes have is left out."""
    found = _read(wanted)
    both = np.intersect1d(_names(found.pools[True]), _names(found.pools[False]))
    pools = {label: _without(pool, both) for label, pool in found.pools.items()}
    _refuse_unread(wanted, found)
    for label, name in _SOURCES.items():
        if pools[label].num_rows < DOCUMENTS_MIN:
            raise JobError(
                f"{found.read[name]:,} {name} documents have {pools[label].num_rows:,} distinct texts that the other "
                f"class has not; training needs at least {DOCUMENTS_MIN} of each class, and thousands to do well."
            )
    return _texts(found, pools, wanted.seed, len(both))


def read_wanted_texts(wanted: Wanted) -> Texts:
    """Read documents for a model of the positive ones alone; the background, if any, is to be compared with them.

    What is in both is left out of the background: it is no news of it. JobError as of `read_texts`.
    """
    found = _read(wanted)
    names = {label: _names(pool) for label, pool in found.pools.items()}
    pools = found.pools | {False: _without(found.pools[False], names[True])}
    _refuse_unread(wanted, found)
    for label, path in ((True, wanted.positive), (False, wanted.background)):
        if path and pools[label].num_rows < DOCUMENTS_MIN:
            raise JobError(
                f"{path}: {found.read[_SOURCES[label]]:,} documents have {pools[label].num_rows:,} distinct texts"
                f"{'' if label else ' that are not trained on'}; expected at least {DOCUMENTS_MIN}, and thousands for "
                "a good model."
            )
    return _texts(found, pools, wanted.seed, len(np.intersect1d(names[True], names[False])))


@dataclass(frozen=True)
class _Read:
    """What the shards hold."""

    pools: dict[bool, pa.Table]  # distinct texts of each class
    read: dict[str, int]
    unreadable: int
    labels: set[str]


def _read(wanted: Wanted) -> _Read:
    pools = {True: _EMPTY, False: _EMPTY}
    read = {"positive": 0, "background": 0}
    unreadable = 0
    seen: set[str] = set()
    for rows, label, broken in _labelled(wanted, seen):
        read[_SOURCES[label]] += rows.num_rows
        unreadable += broken
        pools[label] = pa.concat_tables([pools[label], _keyed(rows["text"], wanted.seed)])
        if pools[label].num_rows > 2 * wanted.documents_max:
            pools[label] = _distinct(pools[label], wanted.documents_max)
    pools = {label: _distinct(pool, wanted.documents_max) for label, pool in pools.items()}
    return _Read(pools, read, unreadable, seen)


def _labelled(wanted: Wanted, seen: set[str]) -> Iterator[tuple[pa.Table, bool, int]]:
    """Read batches of one class, with how many records could not be read; note in `seen` which labels there are."""
    paths = {"positive": wanted.positive} | ({"background": wanted.background} if wanted.background else {})
    columns = {"text": wanted.text} | ({"label": wanted.labels} if wanted.labels else {})
    sources = {name: Source(name=name, path=path, columns=columns, origin="unknown") for name, path in paths.items()}
    listing = list_sources(list(sources.values()))
    for unit in listing.units:
        name = unit.reads["source"]
        try:
            for records in read_records(unit, sources[name], listing.roots[name]):
                rows, broken = records.rows, len(records.unreadable)
                if not wanted.labels:
                    yield rows, name == "positive", broken
                    continue
                label = rows["label"] if "label" in rows.column_names else pa.nulls(rows.num_rows, pa.string())
                seen |= set(pc.unique(label).drop_null().to_pylist())
                is_positive = pc.is_in(label, pa.array(wanted.positive_labels, pa.string()))
                yield rows.filter(is_positive), True, broken
                yield rows.filter(pc.and_(pc.is_valid(label), pc.invert(is_positive))), False, 0
        except BadShard as bad:
            raise JobError(
                f"cannot train on {unit.reads['path']}: {bad}. --text names the column of texts; leave out what is "
                "broken."
            ) from bad


def _keyed(text: pa.ChunkedArray, seed: int) -> pa.Table:
    """Give texts what they are told apart by, and a rank that is random and the same on every machine."""
    same, exact = token_digests(text), digests(text)
    rank = mix64_all(same[:, 0] ^ np.uint64(mix64(np.uint64(seed))))
    columns = [rank, same[:, 0], same[:, 1], exact[:, 0], exact[:, 1]]
    return pa.table([text.cast(pa.string()), *map(pa.array, columns)], schema=_EMPTY.schema)


_EMPTY = pa.schema(
    [("text", pa.string()), *((name, pa.uint64()) for name in ("rank", "a", "b", "c", "d"))]
).empty_table()


def _distinct(keyed: pa.Table, most: int) -> pa.Table:
    """Keep one of the texts that are the same, and of those the first so many by rank; in order of it."""
    rank, *keys = (np.asarray(keyed[name]) for name in ("rank", "a", "b", "c", "d"))
    order = np.lexsort([*keys[::-1], rank])
    first = begins(keys[0][order], keys[1][order])
    return keyed.take(pa.array(order[first][:most]))


def _names(keyed: pa.Table) -> NDArray[np.void]:
    """Return what texts are told apart by, as one value each."""
    both = np.stack([np.asarray(keyed["a"]), np.asarray(keyed["b"])], axis=1)
    return np.ascontiguousarray(both).view(np.dtype("V16")).ravel()


def _without(keyed: pa.Table, names: NDArray[np.void]) -> pa.Table:
    return keyed.filter(pa.array(~np.isin(_names(keyed), names)))


def _refuse_unread(wanted: Wanted, found: _Read) -> None:
    """Refuse where a column that was named is none of texts, or of labels, or has not that label."""
    if not sum(found.read.values()) and found.unreadable:
        raise JobError(f"no record has text in the column {wanted.text!r}. Name the column of texts with --text.")
    if wanted.labels and not found.labels:
        raise JobError(f"no document has a label in the column {wanted.labels!r}. Name the column with --labels.")
    if wanted.labels and not found.labels & set(wanted.positive_labels):
        known = ", ".join(sorted(found.labels)[:20])
        raise JobError(
            f"no document has the label {' or '.join(wanted.positive_labels)!r} in the column {wanted.labels!r}. Give "
            f"one that there is with --positive: {known}."
        )


def _texts(found: _Read, pools: dict[bool, pa.Table], seed: int, in_both: int) -> Texts:
    whole = pa.concat_tables([pools[True], pools[False]])
    is_positive = np.repeat([True, False], [pools[True].num_rows, pools[False].num_rows])
    chances = mix64_all(np.asarray(whole["b"]) ^ np.uint64(mix64(np.uint64(seed))))
    exact = np.stack([np.asarray(whole["c"]), np.asarray(whole["d"])], axis=1)
    told = hashlib.sha256(exact.astype("<u8").tobytes() + is_positive.tobytes()).hexdigest()
    is_held_out = chances < np.uint64(_HELD_OUT * 2**64)
    return Texts(whole["text"], is_positive, is_held_out, told, found.read, in_both, found.unreadable)
