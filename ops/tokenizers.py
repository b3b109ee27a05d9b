"""Tokenizers by which texts are counted and written: a file that the job pins, or the built-in estimate without one.

A `tokenizer.json` of Hugging Face, or ranks as tiktoken stores them, with the pattern that cuts a text into pieces.
What is in a text is text: names of special tokens are none. Counts are of the text alone, without tokens around it.
"""

import base64
import functools
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import pyarrow as pa
import tiktoken
import tokenizers
from numpy.typing import NDArray
from pydantic import Field

from ops.contract import Refusal
from ops.kernels.bpe import estimated_tokens
from ops.kernels.buffers import valid_utf8
from ops.resources import File

# Named in every release, so that a budget in other tokens cannot be mistaken for this one.
ESTIMATE = "gristmill estimate of byte-pair tokens, version 1"

_UPPER, _LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_BEFORE, _ENDING = r"[^\r\n\p{L}\p{N}]?", "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
# As tiktoken 0.14 has them.
PATTERNS = {
    "gpt2": r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s",
    "cl100k_base": r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$"
    r"|\s*[\r\n]|\s+(?!\S)|\s",
    "o200k_base": rf"{_BEFORE}{_UPPER}*{_LOWER}+{_ENDING}|{_BEFORE}{_UPPER}+{_LOWER}*{_ENDING}"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
}
# What a pattern must cut into pieces without leaving anything out.
_PROBE = "Don't STOP 12345, naïve — 今天,GPU! \t\r\n\n  कि 🙂\u200d '9' x_y  "
_NEEDS_PATTERN = f"ranks need tokenizer_pattern, what cuts texts: {', '.join(PATTERNS)}, or a regular expression"

_BLANKS_MAX = 100_000
_LONG_BLANKS = re.compile(rf"(\s{{{_BLANKS_MAX}}})")


# Settings of whatever works by a tokenizer.
TokenizerSetting = Annotated[
    File | None,
    Field(description="path or URL of a tokenizer.json or a .tiktoken file; default: a built-in estimate"),
]
PatternSetting = Annotated[
    str | None,
    Field(
        min_length=1,
        description=f"what cuts texts for a .tiktoken file: {', '.join(PATTERNS)}, or a regular expression",
    ),
]


@dataclass(frozen=True)
class Tokenizer:
    """A tokenizer in memory."""

    vocabulary: int  # its largest token and one
    named: Callable[[str], int | None]  # a token by its name, where the file tells names
    encode: Callable[[str], list[int]]

    def number_of(self, token: str | int) -> int:
        """Return a token's number, given that or its name; ValueError where none has this name."""
        number = token if isinstance(token, int) else self.named(token)
        if number is None:
            raise ValueError(f"no token is named {token!r}; give the name of one, or its number")
        return number


def is_json(data: bytes) -> bool:
    """Say whether a file is a tokenizer.json, if it is a tokenizer at all."""
    return data.lstrip()[:1] == b"{"


@functools.cache
def loaded(file: File, pattern: str | None) -> Tokenizer:
    """Load a tokenizer, once a process; Refusal where its file is none, or the pattern does not belong to it."""
    data = file.read("tokenizer")
    try:
        return _of_json(data, pattern) if is_json(data) else _of_ranks(_ranks(data), pattern)
    except ValueError as error:
        raise Refusal(f"tokenizer: {file.path}: {error}") from error


def check(file: File | None, pattern: str | None, ends: str | int | None = None) -> None:
    """Raise ValueError where settings do not make a tokenizer: where a job is planned, its file is loaded.

    `ends` is a token that it shall have.
    """
    if pattern and file is None:
        raise ValueError("tokenizer_pattern is for a .tiktoken file; give that as tokenizer, or leave the pattern out")
    if file is not None and file.sha256:
        try:
            made = loaded(file, pattern)
        except Refusal as error:
            raise ValueError(str(error)) from error
        if ends is not None:
            made.number_of(ends)


def count_tokens(
    strings: pa.ChunkedArray | pa.Array, file: File | None = None, pattern: str | None = None
) -> NDArray[np.int64]:
    """Return the tokens of each string by this tokenizer; by the estimate where there is none."""
    if file is None:
        return estimated_tokens(strings)
    encode = loaded(file, pattern).encode
    return np.array([len(encode(text)) for text in valid_utf8(strings).to_pylist()], np.int64)


def name_of(file: File | None, pattern: str | None) -> str:
    """Return what to call counts by this tokenizer: equal names, equal counts."""
    if file is None:
        return ESTIMATE
    kind = f"ranks, pattern {pattern}" if pattern else "tokenizer.json"
    return f"{kind}, sha256 {file.sha256 or 'not planned'}"


def _of_json(data: bytes, pattern: str | None) -> Tokenizer:
    if pattern:
        raise ValueError("a tokenizer.json has a pattern of its own; leave tokenizer_pattern out")
    made = tokenizers.Tokenizer.from_buffer(data)  # ValueError where it is none
    made.no_truncation()
    made.no_padding()
    made.encode_special_tokens = True  # as text: a page about tokenizers has none of them
    # One thread: what runs a job gives each task its cores.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

    def encode(text: str) -> list[int]:
        (found,) = made.encode_batch_fast([text], add_special_tokens=False)  # without places, which take half again
        ids: list[int] = found.ids
        return ids

    return Tokenizer(
        max(made.get_vocab().values(), default=-1) + 1,
        made.token_to_id,
        encode,
    )


def _of_ranks(ranks: dict[bytes, int], pattern: str | None) -> Tokenizer:
    if pattern is None:
        raise ValueError(_NEEDS_PATTERN)
    made = tiktoken.Encoding(pattern, pat_str=PATTERNS.get(pattern, pattern), mergeable_ranks=ranks, special_tokens={})
    if made.decode(made.encode_ordinary(_PROBE)) != _PROBE:
        raise ValueError(
            f"the pattern {pattern!r} leaves out parts of texts; expected {', '.join(PATTERNS)} or like them"
        )

    def encode(text: str) -> list[int]:
        try:
            return [token for part in _parts(text) for token in made.encode_ordinary(part)]
        except BaseException as error:
            if type(error).__name__ != "PanicException":  # which is no Exception, and nowhere to import from
                raise
            raise Refusal(f"the pattern {pattern!r} cannot cut a text: {error}. Use {', '.join(PATTERNS)}.") from error

    return Tokenizer(max(ranks.values()) + 1, lambda _: None, encode)


def _parts(text: str) -> list[str]:
    """Cut a text around white space so long that patterns that look behind it run out of stack. Nearly none has it."""
    return [text] if len(text) < _BLANKS_MAX else [part for part in _LONG_BLANKS.split(text) if part]


def _ranks(data: bytes) -> dict[bytes, int]:
    """Read lines of a token in base64 and its rank; ValueError where they are none, or not every byte is a token."""
    ranks: dict[bytes, int] = {}
    for number, line in enumerate(data.splitlines(), 1):
        if not line:
            continue
        try:
            token, rank = line.split()
            ranks[base64.b64decode(token, validate=True)] = int(rank)
        except ValueError as error:
            raise ValueError(
                f"line {number} is {line[:40]!r}; expected a tokenizer.json, or lines of a token in base64 and its rank"
            ) from error
    if len(set(ranks.values())) < len(ranks) or min(ranks.values(), default=-1) < 0:
        raise ValueError("two tokens have one rank, or a rank is negative; each token has its own, from 0")
    missing = [byte for byte in range(256) if bytes([byte]) not in ranks]
    if missing:
        raise ValueError(
            f"{len(missing)} of the 256 bytes are no token, first 0x{missing[0]:02x}; no text could be written"
        )
    return ranks
