"""A CSV file in, the stream that Arrow's parser reads out: always valid UTF-8, always ended by one known row.

Arrow gives up the whole file when a row with a wrong number of fields holds a byte that is not UTF-8, and it takes an
unclosed quote at the end of a file for a value. Marks and the last row turn both into facts about one record.
"""

import codecs
import re

import pyarrow as pa

from jobs.readers.compression import Compression, Damaged, chunks

# Before the hexadecimal digits of a bad byte: a code point that Unicode promises never to assign. A record that holds
# it as text is set aside like a bad byte.
_MARK = "\U0010fffe"
MARK = _MARK.encode()

# The last row. If it is not a row by itself, what it was joined to has no end.
END = b"\x1egristmill: end of shard\x1e"


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(f"{_MARK}{byte:02x}" for byte in error.object[error.start : error.end]), error.end


codecs.register_error("gristmill_mark", _mark)


def restored(value: bytes) -> bytes:
    r"""Give the bytes as they are in the file.

    >>> restored("a\U0010fffeff".encode())
    b'a\xff'
    """
    value = value.replace(END, b"")
    return re.sub(MARK + rb"([0-9a-f]{2})", lambda match: bytes.fromhex(match[1].decode()), value)


class Stream:
    """What Arrow asks of a file: `read` and `closed`. `damage` is known once the end was read.

    A class only because pa.PythonFile wants an object.
    """

    closed = False

    def __init__(self, file: pa.NativeFile, compression: Compression) -> None:
        self.damage: Damaged | None = None
        self._chunks = chunks(file, compression)
        self._decoder = codecs.getincrementaldecoder("utf-8")("gristmill_mark")
        self._held = bytearray()
        self._last = b"\n"
        self._ended = False

    def read(self, size: int) -> bytes:
        """Give exactly `size` bytes, fewer only at the end: blocks, and so batches, depend on the file alone."""
        while len(self._held) < size and not self._ended:
            self._held += self._next()
        out = bytes(self._held[:size])
        del self._held[:size]
        return out

    def close(self) -> None:
        """Mark as closed; the file belongs to the caller."""
        self.closed = True

    def _next(self) -> bytes:
        try:
            chunk = next(self._chunks, b"")
        except Damaged as damage:
            self.damage, chunk = damage, b""
        if chunk:
            self._last = chunk[-1:]
            return self._decoder.decode(chunk).encode()
        self._ended = True
        # After a damage the last row joins the partial record; else it stands on a line of its own.
        newline = b"" if self.damage or self._last == b"\n" else b"\n"
        return self._decoder.decode(b"", final=True).encode() + newline + END + b"\n"
