"""A WARC file in, its records out, one at a time; behind what is broken it goes on at the next record.

FastWARC's own iterator reads on across damage: a page with a wrong length comes with the head of the next record, a
truncated one without a word, and behind a broken gzip member there is nothing more.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

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
_BETWEEN = re.compile(rb"[\r\n]*")

# What is read ahead at once, as bytes that are held are moved each time; little enough for a processor's cache.
_AHEAD_BYTES = 256 * 1024

# What is searched at once for the next record.
_SEARCH_BYTES = 1024 * 1024


class Record(NamedTuple):
    """A whole record. Of one that is longer than was asked for, `block` is the beginning."""

    position: int
    head: bytes
    headers: dict[bytes, bytes]  # names in lower case
    block: bytes
    block_bytes: int
    begin: int  # offsets in what the file decompresses to: of its version line, and behind its block
    end: int

    @property
    def raw(self) -> bytes:
        """Its beginning, for the quarantine."""
        return self.head + self.block[: RAW_BYTES_MAX - len(self.head)]


def records(file: pa.NativeFile, compression: Compression, block_bytes_max: int) -> Iterator[Record | Unreadable]:
    """Read records in order; each one that is broken counts as one.

    Raises BadShard if the file is not compressed as stated.
    """
    stream = _Stream(chunks_past_damage(file, compression, _VERSION))
    position = 0
    while True:
        stream.skip_all(_BETWEEN)
        if stream.hold(1):
            yield _next(stream, position, block_bytes_max)
        elif stream.damage:
            yield unreadable(position, stream.damage.reason, b"")
        else:
            return
        stream.pass_damage()
        position += 1


def _next(stream: "_Stream", position: int, block_bytes_max: int) -> Record | Unreadable:
    head = _head(stream)
    size = len(head)
    headers = _headers(head)
    begin = stream.offset
    length = headers.get(b"content-length", b"")
    if not length.isdigit():
        is_cut_off = not size and stream.hold(_HEADERS_BYTES_MAX) < _HEADERS_BYTES_MAX and stream.ends_at(0)
        return _broken(stream, position, "truncated" if is_cut_off else "broken_record")
    block_bytes = int(length)
    held = size + min(block_bytes, block_bytes_max)
    if stream.hold(held) < held:
        return _broken(stream, position, "truncated")
    block = stream.peek(size, held)
    rest = block_bytes - len(block)
    # Of what cannot be held the end is not checked, but a length that is wrong mostly shows at the next record.
    if stream.find(_NEXT_RECORD, size, held) is not None if rest else not stream.ends_at(held):
        return _broken(stream, position, "broken_record")
    record = Record(position, head, headers, block, block_bytes, begin, begin + size + block_bytes)
    if stream.skip(held + rest) < held + rest:
        return unreadable(position, stream.damage.reason if stream.damage else "truncated", record.raw)
    return record


def _head(stream: "_Stream") -> bytes:
    """Return the head of the record that the stream stands before; nothing where there is none."""
    stream.hold(_HEADERS_BYTES_MAX)
    end = stream.end_of(_HEADERS_END, _HEADERS_BYTES_MAX)
    head = stream.peek(0, end) if end else b""
    return head if head.startswith(_VERSION) else b""


def _headers(head: bytes) -> dict[bytes, bytes]:
    pairs = [line.partition(b":") for line in head.splitlines()[1:]]
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


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
        ahead = len(self._held) - self._at
        if ahead >= size or self.damage:
            return ahead
        del self._held[: self._at]
        self._gone += self._at
        self._at = 0
        while len(self._held) < max(size, _AHEAD_BYTES):
            piece = next(self._pieces, b"")
            if isinstance(piece, Damaged):
                self.damage = piece
                break
            if not piece:
                break
            self._held += piece
        return len(self._held)

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

    def skip_all(self, what: re.Pattern[bytes]) -> None:
        """Pass over bytes as long as they match."""
        while self.hold(1):
            found = what.match(self._held, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._held):
                return

    def ends_at(self, size: int) -> bool:
        """Whether, so many bytes ahead, a record ends: as it should, or since another begins or the bytes end."""
        end = min(self.hold(size + 16), size + 16)
        if self._held.startswith(_RECORD_END, self._at + size):
            return True
        begins = self.peek(size, end).lstrip(_BETWEEN_RECORDS)
        return begins.startswith(_VERSION) or _VERSION.startswith(begins)

    def pass_damage(self) -> None:
        """Go on behind the damage, where the bytes ahead have ended in one."""
        if self.damage and not self.hold(1):
            self.damage = None
