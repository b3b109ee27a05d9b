"""Evaluation sets: files of items that a corpus must not hold, as JSON lines, a JSON list, Parquet or lines of text."""

import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ops.contract import Refusal
from ops.kernels.overlaps import Sought, sought
from ops.resources import File

_COMPRESSED = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}


class EvaluationFile(File):
    """A file of items. What it is, and whether it is compressed by gzip or Zstandard, is told by its first bytes."""

    @classmethod
    def check(cls, data: bytes) -> None:
        """Raise ValueError where no item has a text."""
        super().check(data)
        if not any(any(_strings(item)) for item in items_of(data)):
            raise ValueError("no item of this file has a text")


@dataclass(frozen=True)
class EvaluationSets:
    """What is looked for, and how its items are called: `gsm8k#7` is the eighth of that set."""

    names: tuple[str, ...]
    sought: Sought


def items_of(data: bytes) -> list[object]:
    r"""Return the items of a file: records, or lines of text.

    >>> items_of(b'{"question": "1 + 1?", "choices": ["1", "2"]}\n\n{"question": "?"}')
    [{'question': '1 + 1?', 'choices': ['1', '2']}, {'question': '?'}]
    >>> items_of("一加一？\n".encode())
    ['一加一？']
    """
    for magic, codec in _COMPRESSED.items():
        if data.startswith(magic):
            return items_of(_decompressed(data, codec))
    if data.startswith(b"PAR1"):
        return list(pq.read_table(pa.BufferReader(data)).to_pylist())
    text = data.decode("utf-8-sig")
    if text.lstrip().startswith("["):
        return list(json.loads(text))
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if lines and lines[0][1].lstrip().startswith("{"):
        return [_record(line, number) for number, line in lines]
    return [line for _, line in lines]


def _decompressed(data: bytes, codec: str) -> bytes:
    try:
        return bytes(pa.CompressedInputStream(pa.BufferReader(data), codec).read())
    except OSError as error:
        raise ValueError(f"it cannot be decompressed: {error}") from error


def _record(line: str, number: int) -> object:
    try:
        return json.loads(line)
    except ValueError as error:
        raise ValueError(f"line {number} is not JSON, as the first one is: {error}") from error


@functools.cache
def evaluation_sets(
    files: tuple[tuple[str, EvaluationFile], ...], fields: tuple[str, ...], words: int, characters: int, step: str
) -> EvaluationSets:
    """Load evaluation sets, once a process; Refusal where of one there is nothing to look for."""
    names: list[str] = []
    texts: list[str] = []
    of: list[int] = []
    for name, file in files:
        items = [[*_strings(_chosen(item, fields))] for item in items_of(file.read(step))]
        _refuse_nothing(items, f"{step}: evaluations.{name}", fields, words, characters)
        for number, item in enumerate(items):
            texts += item
            of += [len(names)] * len(item)
            names.append(f"{name}#{number}")
    return EvaluationSets(tuple(names), sought(pa.array(texts, pa.string()), np.array(of), words, characters))


def _refuse_nothing(items: list[list[str]], where: str, fields: tuple[str, ...], words: int, characters: int) -> None:
    texts = [text for item in items for text in item]
    if not texts:
        raise Refusal(f"{where}: no item has a text in fields = {list(fields)}; name fields that its items have")
    if not len(sought(pa.array(texts, pa.string()), np.zeros(len(texts), np.int64), words, characters).keys):
        raise Refusal(
            f"{where}: none of its {len(items):,} items has a text of {words} words, or of {characters} characters of "
            "a script without spaces, so that none could be found; lower words and characters"
        )


def _chosen(item: object, fields: tuple[str, ...]) -> object:
    return [item.get(name) for name in fields] if fields and isinstance(item, dict) else item


def _strings(value: object) -> Iterator[str]:
    """Give the strings in a record, those in lists and records within it too, in order."""
    if isinstance(value, str) and value:
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings(one)
