"""A WARC file in, its records out, one at a time; behind what is broken it goes on at the next record.

FastWARC's own iterator reads on across damage: a page with a wrong length comes with the head of the next record, a
truncated one without a word, and behind a broken gzip member there is nothing more.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from jobs.readers.compression import Compression, Damaged, chunks_past_damage
from jobs.readers.records import RAW_BYTES_MAX, Reason, Unreadable, unreadable

_VERSION = b"WARC/"

# Where a record begins behind a broken one. The version's digits tell it from a page that mentions the format.
_NEXT_RECORD = re.compile(rb"(?<=\n)WARC/[01]\.\d+\r?\n")

_HEADERS_BYTES_MAX = 65_536
_HEADERS_END = b"\r\n\r\n"

_RECORD_END = b"\r\n\r\n"
_BETWEEN_RECORDS = b"\r\n"

# What is searched at once for the next record.
_SEARCH_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Record:
    """A whole record. Of one that is longer than was asked for, `block` is the beginning."""

    position: int
    headers: dict[bytes, bytes]  # names in lower case
    block: bytes
    block_bytes: int
    raw: bytes  # for the quarantine
    begin: int  # offsets in what the file decompresses to: of its version line, and behind its block
    end: int


def records(file: pa.NativeFile, compression: Compression, block_bytes_max: int) -> Iterator[Record | Unreadable]:
    """Read records in order; each one that is broken counts as one.

    Raises BadShard if the file is not compressed as stated.
    """
    stream = _Stream(chunks_past_damage(file, compression, _VERSION))
    position = 0
    while True:
        stream.skip_any(_BETWEEN_RECORDS)
        if stream.hold(1):
            yield _next(stream, position, block_bytes_max)
        elif stream.damage:
            yield unreadable(position, stream.damage.reason, b"")
        else:
            return
        stream.pass_damage()
        position += 1


def _next(stream: "_Stream", position: int, block_bytes_max: int) -> Record | Unreadable:
    headers, size = _headers(stream)
    begin = stream.offset
    length = headers.get(b"content-length", b"")
    if not length.isdigit():
        is_cut_off = not size and stream.hold(_HEADERS_BYTES_MAX) < _HEADERS_BYTES_MAX and stream.ends_at(0)
        return _broken(stream, position, "truncated" if is_cut_off else "broken_record")
    block_bytes = int(length)
    held = size + min(block_bytes, block_bytes_max)
    if stream.hold(held) < held:
        return _broken(stream, position, "truncated")
    block, raw = stream.peek(size, held), stream.peek(0, min(held, RAW_BYTES_MAX))
    rest = block_bytes - len(block)
    # Of what cannot be held the end is not checked, but a length that is wrong mostly shows at the next record.
    if stream.find(_NEXT_RECORD, size, held) is not None if rest else not stream.ends_at(held):
        return _broken(stream, position, "broken_record")
    if stream.skip(held + rest) < held + rest:
        return unreadable(position, stream.damage.reason if stream.damage else "truncated", raw)
    return Record(position, headers, block, block_bytes, raw, begin, begin + size + block_bytes)


def _headers(stream: "_Stream") -> tuple[dict[bytes, bytes], int]:
    """Read the headers that the stream stands before, and their bytes; none where there is no record."""
    stream.hold(_HEADERS_BYTES_MAX)
    end = stream.end_of(_HEADERS_END, _HEADERS_BYTES_MAX)
    if end is None or stream.peek(0, len(_VERSION)) != _VERSION:
        return {}, 0
    lines = stream.peek(0, end).splitlines()[1:]
    pairs = [line.partition(b":") for line in lines]
    return {name.strip().lower(): value.strip() for name, _, value in pairs}, end


def _broken(stream: "_Stream", position: int, reason: Reason) -> Unreadable:
    """Pass over what is no record, up to the next one; the reason stands where there is none."""
    raw = stream.peek(0, RAW_BYTES_MAX)
    passed = stream.skip(1)
    while stream.hold(_SEARCH_BYTES):
        found = stream.find(_NEXT_RECORD, 0, _SEARCH_BYTES)
        if found is not None:
            return unreadable(position, "broken_record", raw[: passed + stream.skip(found)])
        # A beginning of the next record may be at the end of what was searched.
        passed += stream.skip(max(1, min(stream.hold(_SEARCH_BYTES), _SEARCH_BYTES) - 16))
    return unreadable(position, stream.damage.reason if stream.damage else reason, raw)


class _Stream:
    """Bytes with a look ahead, up to the next damage of their compression."""

    def __init__(self, pieces: Iterator[bytes | Damaged]) -> None:
        self._pieces = pieces
        self._held = bytearray()
        self._at = 0
        self._gone = 0  # bytes before what is held
        self.damage: Damaged | None = None  # that the bytes ahead end in

    @property
    def offset(self) -> int:
        """Bytes passed so far."""
        return self._gone + self._at

    def hold(self, size: int) -> int:
        """Read on until so many bytes are ahead; return how many are."""
        if len(self._held) - self._at < size and not self.damage:
            del self._held[: self._at]
            self._gone += self._at
            self._at = 0
            while len(self._held) < size:
                piece = next(self._pieces, b"")
                if isinstance(piece, Damaged):
                    self.damage = piece
                    break
                if not piece:
                    break
                self._held += piece
        return len(self._held) - self._at

    def peek(self, begin: int, end: int) -> bytes:
        """Bytes ahead that are held."""
        return bytes(memoryview(self._held)[self._at + begin : self._at + end])

    def end_of(self, what: bytes, within: int) -> int | None:
        """Bytes ahead up to the end of the first place that holds this."""
        found = self._held.find(what, self._at, self._at + within)
        return found + len(what) - self._at if found >= 0 else None

    def find(self, what: re.Pattern[bytes], begin: int, end: int) -> int | None:
        """Bytes ahead up to the beginning of the first match."""
        found = what.search(self._held, self._at + begin, self._at + end)
        return found.start() - self._at if found else None

    def skip(self, size: int) -> int:
        """Pass over bytes without holding them all; return how many there were."""
        passed = 0
        while passed < size and (here := min(size - passed, self.hold(1))):
            self._at += here
            passed += here
        return passed

    def skip_any(self, some: bytes) -> None:
        """Pass over bytes that are any of these."""
        while self.hold(1):
            ahead = self._held[self._at : self._at + len(some)]
            passed = len(ahead) - len(ahead.lstrip(some))
            self._at += passed
            if passed < len(ahead):
                return

    def ends_at(self, size: int) -> bool:
        """Whether, so many bytes ahead, a record ends: as it should, or since another begins or the bytes end."""
        tail = self.peek(size, min(self.hold(size + 16), size + 16))
        begins = tail.lstrip(_BETWEEN_RECORDS)
        return tail.startswith(_RECORD_END) or begins.startswith(_VERSION) or _VERSION.startswith(begins)

    def pass_damage(self) -> None:
        """Go on behind the damage, where the bytes ahead have ended in one."""
        if self.damage and not self.hold(1):
            self.damage = None
