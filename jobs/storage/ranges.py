"""Reading of ranges from S3 that a store's "slow down" does not end."""

import time

import pyarrow as pa

# What Arrow's client says where the text of a refusal, some 300 bytes of XML, was longer than the range asked for: it
# gives the store's answer a buffer of that length, and its SDK forgets the refusal and does not ask again. Footers and
# small columns are such ranges.
_FORGOTTEN_REFUSAL = "Failed to flush response stream"

# As many tries as the client makes itself (`arrow_s3`), 0.05 s to 6 s apart.
_WAITS_S = tuple(min(6.0, 0.05 * 2**n) for n in range(9))


class PatientFile:
    """A file in S3 as a Python file: what was refused is asked for again, also where the client does not."""

    def __init__(self, file: pa.NativeFile) -> None:
        self._file = file

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return bool(self._file.closed)

    def read_buffer(self, size: int | None = None) -> pa.Buffer:
        """Return the next bytes, not copied: Arrow prefers this to `read`."""
        at = self._file.tell()
        for wait_s in (*_WAITS_S, None):
            try:
                return self._file.read_buffer(size)
            except OSError as error:
                if wait_s is None or _FORGOTTEN_REFUSAL not in str(error):
                    raise
            time.sleep(wait_s)
            self._file.seek(at)
        raise AssertionError("the last try returns or raises")

    def read(self, size: int | None = None) -> bytes:
        """Return the next bytes, a copy."""
        return bytes(self.read_buffer(size))

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a byte, by the rules of Python's files; return which it is."""
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        """Return which byte is read next."""
        return int(self._file.tell())

    def close(self) -> None:
        """Close the file."""
        self._file.close()
