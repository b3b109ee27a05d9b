"""A file in, its decompressed bytes out, piece by piece; everything before a damage is given before it is reported."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pyarrow as pa
import zstandard
from zlib_ng import zlib_ng

from jobs.readers.records import BadShard

Compression = Literal["none", "gzip", "zstd"]

# One request to object storage.
READ_BYTES = 4 * 1024 * 1024

# Of the marks that a frame begins with.
_MAGIC_BYTES_MAX = 4

# What a decoder sees at once: even at deflate's limit of 1,032:1 one piece stays below 70 MB.
PIECE_BYTES = 64 * 1024


class Damaged(Exception):  # noqa: N818 - a fact about the data, not a mistake
    """The data ends here; `partial` holds what could not be given as a whole record.

    frame: offset in bytes of the frame that is damaged
    """

    def __init__(
        self, reason: Literal["truncated", "corrupt_compression"], partial: bytes = b"", frame: int = 0
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.partial = partial
        self.frame = frame


@dataclass(frozen=True)
class _Codec:
    """How a compressed file begins, how one of its frames is decoded, and what a damage raises."""

    magic: re.Pattern[bytes]
    start: Callable[[], Any]
    error: type[Exception]


_CODECS = {
    "gzip": _Codec(
        re.compile(rb"\x1f\x8b"),
        lambda: zlib_ng.decompressobj(wbits=31),
        zlib_ng.error,  # type: ignore[arg-type]  # a class, which its stub has as an instance
    ),
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

    >>> b"".join(chunks(pa.BufferReader(zlib_ng.compress(b"a", wbits=31) * 2), "gzip"))
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
    yield from _frames(file, codec, 0)


def chunks_past_damage(file: pa.NativeFile, compression: Compression, begins: bytes) -> Iterator[bytes | Damaged]:
    """Give bytes as `chunks` does and, in its place, each damage; go on at the next frame whose content begins so.

    Raises BadShard as `chunks` does.
    """
    more = chunks(file, compression)
    while True:
        try:
            yield from more
        except Damaged as damage:
            yield damage
            codec = _CODECS[compression]
            frame = _next_frame(file, codec, damage.frame + 1, begins)
            if frame is None:
                return
            more = _frames(file, codec, frame)
        else:
            return


def _next_frame(file: pa.NativeFile, codec: _Codec, after: int, begins: bytes) -> int | None:
    """Find the first frame from offset `after` on whose content begins so; None where there is none."""
    tail = b""
    for offset, piece in _pieces(file, after):
        window, first = tail + piece, offset - len(tail)
        for found in codec.magic.finditer(window):
            file.seek(first + found.start())
            try:
                content = codec.start().decompress(file.read(PIECE_BYTES))
            except codec.error:
                content = _beginning(file, codec, first + found.start(), len(begins))
            if content.startswith(begins):
                return first + found.start()
        tail = window[-_MAGIC_BYTES_MAX + 1 :]
    return None


def _beginning(file: pa.NativeFile, codec: _Codec, frame: int, size: int) -> bytes:
    """Decode the first bytes of a frame that is damaged further on."""
    content = b""
    for piece in _up_to_damage(file, codec, frame, frame):
        content += piece
        if len(content) >= size:
            break
    return content


def _frames(file: pa.NativeFile, codec: _Codec, start: int) -> Iterator[bytes]:
    """Decode frame after frame (members of gzip, frames of zstd), the first of which begins at offset `start`."""
    # `frame` and `end` are offsets in bytes: where it begins, what was read.
    decoder, frame, end = codec.start(), start, start
    for offset, whole_piece in _pieces(file, start):
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
                raise Damaged("corrupt_compression", frame=frame) from None
            if out:
                yield out
            if not decoder.eof:
                break
            piece = decoder.unused_data
            at = frame = end - len(piece)
            decoder = codec.start()
    if frame < end:
        raise Damaged("truncated", frame=frame)


def _pieces(file: pa.NativeFile, start: int) -> Iterator[tuple[int, bytes]]:
    """Read from offset `start` on: offsets and pieces of at most PIECE_BYTES."""
    offset = start
    while read := _read_at(file, offset):
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


def _read_at(file: pa.NativeFile, offset: int) -> bytes:
    # The place is set anew each time: `_next_frame` reads elsewhere in between.
    file.seek(offset)
    return bytes(file.read(READ_BYTES))
