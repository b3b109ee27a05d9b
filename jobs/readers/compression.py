"""A file in, its decompressed bytes out, piece by piece; everything before a damage is given before it is reported."""

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pyarrow as pa
import zstandard

from jobs.readers.records import BadShard

Compression = Literal["none", "gzip", "zstd"]

# One request to object storage.
READ_BYTES = 4 * 1024 * 1024

# What a decoder sees at once: even at deflate's limit of 1,032:1 one piece stays below 70 MB.
PIECE_BYTES = 64 * 1024


class Damaged(Exception):  # noqa: N818 - a fact about the data, not a mistake
    """The data ends here; `partial` holds what could not be given as a whole record."""

    def __init__(self, reason: Literal["truncated", "corrupt_compression"], partial: bytes = b"") -> None:
        super().__init__(reason)
        self.reason = reason
        self.partial = partial


@dataclass(frozen=True)
class _Codec:
    """How a compressed file begins, how one of its frames is decoded, and what a damage raises."""

    magic: re.Pattern[bytes]
    start: Callable[[], Any]
    error: type[Exception]


_CODECS = {
    "gzip": _Codec(re.compile(rb"\x1f\x8b"), lambda: zlib.decompressobj(wbits=31), zlib.error),
    "zstd": _Codec(
        re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"),  # a frame, or a skippable one
        # Files packed with `zstd --long=31` state a window of 2 GiB; without the limit they are refused.
        lambda: zstandard.ZstdDecompressor(max_window_size=2**31).decompressobj(),
        zstandard.ZstdError,
    ),
}


def chunks(file: pa.NativeFile, compression: Compression) -> Iterator[bytes]:
    """Give the file's decompressed bytes in order.

    Raises BadShard if the file is not compressed as stated, Damaged after the last byte that could be decompressed.

    >>> b"".join(chunks(pa.BufferReader(zlib.compress(b"a", wbits=31) * 2), "gzip"))
    b'aa'
    """
    file.seek(0)
    if compression == "none":
        yield from iter(lambda: file.read(READ_BYTES), b"")
        return
    codec = _CODECS[compression]
    head = file.read(4)
    if head and not codec.magic.match(head):
        raise BadShard(f"not_{compression}", f"the file begins with {head!r}")
    yield from _frames(file, codec)


def _frames(file: pa.NativeFile, codec: _Codec) -> Iterator[bytes]:
    """Decode frame after frame (members of gzip, frames of zstd)."""
    decoder, frame, end = codec.start(), 0, 0  # `frame` and `end` are offsets in bytes: where it begins, what was read
    for offset, whole_piece in _pieces(file):
        at, piece, end = offset, whole_piece, offset + len(whole_piece)
        while piece:
            if 0 < frame == at:
                # Archives pad the last frame with zeros.
                piece = piece.lstrip(b"\0")
                at = frame = end - len(piece)
            try:
                out = decoder.decompress(piece)
            except codec.error:
                yield from _up_to_damage(file, codec, frame, at)
                raise Damaged("corrupt_compression") from None
            if out:
                yield out
            if not decoder.eof:
                break
            piece = decoder.unused_data
            at = frame = end - len(piece)
            decoder = codec.start()
    if frame < end:
        raise Damaged("truncated")


def _pieces(file: pa.NativeFile) -> Iterator[tuple[int, bytes]]:
    """Read from the start: offsets and pieces of at most PIECE_BYTES."""
    file.seek(0)
    offset = 0
    while read := file.read(READ_BYTES):
        for begin in range(0, len(read), PIECE_BYTES):
            yield offset + begin, read[begin : begin + PIECE_BYTES]
        offset += len(read)


def _up_to_damage(file: pa.NativeFile, codec: _Codec, frame: int, at: int) -> Iterator[bytes]:
    """Give what the piece at offset `at` holds before its damage.

    A decoder that fails gives nothing of that piece, so the frame is decoded again: quickly up to `at`, whose output
    was given already, then byte by byte.
    """
    decoder = codec.start()
    file.seek(frame)
    for begin in range(frame, at, PIECE_BYTES):
        decoder.decompress(file.read(min(PIECE_BYTES, at - begin)))
    for byte in iter(lambda: file.read(1), b""):
        try:
            out = decoder.decompress(byte)
        except codec.error:
            return
        if out:
            yield out
