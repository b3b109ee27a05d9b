"""A tar file in, its files out, one at a time; behind a broken head it goes on at the next one."""

import io
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Self

import pyarrow as pa

from jobs.readers.compression import Compression, Damaged, chunks
from jobs.readers.records import BadShard, Reason


@dataclass(frozen=True)
class Member:
    """A file in a tar file; `content` can be read until the next one is asked for."""

    name: str
    size: int  # in bytes
    content: IO[bytes]  # raises tarfile.ReadError where the tar file ends within it
    ends_early: Callable[[], Reason]  # why it does


def members(file: pa.NativeFile, compression: Compression) -> Iterator[Member | Reason]:
    """Give members in order, and in its place the reason why some are missing.

    Raises BadShard if the file is not compressed as stated or not a tar file.
    """
    any_yet = is_broken = False
    bytes_in = _Bytes(file, compression)
    try:
        # Without `ignore_zeros` a broken head would look like the end.
        with _Tar.open(fileobj=bytes_in, mode="r|", tarinfo=_Head, ignore_zeros=True) as tar:
            for head in tar:
                if tar.take_broken():
                    yield "broken_record"
                any_yet = True
                content = tar.extractfile(head) if head.isfile() else None
                if content:
                    yield Member(head.name, head.size, content, bytes_in.reason)
            is_broken = tar.take_broken()
    except tarfile.ReadError as error:
        if not any_yet and not bytes_in.damage:
            raise BadShard("not_tar", str(error)) from error
        yield bytes_in.reason()
        return
    if is_broken and not any_yet and not bytes_in.damage:
        raise BadShard("not_tar", "it has no head of a file")
    if is_broken or bytes_in.damage:
        yield bytes_in.damage.reason if bytes_in.damage else "broken_record"


class _Tar(tarfile.TarFile):
    """A tar file that knows whether it passed over heads that are none."""

    has_broken = False

    def take_broken(self) -> bool:
        """Say whether it did since this was asked last."""
        had, self.has_broken = self.has_broken, False
        return had


class _Head(tarfile.TarInfo):
    """A head that tells its tar file of others that are broken."""

    @classmethod
    def fromtarfile(cls, tar: _Tar) -> Self:  # type: ignore[override]  # as `open` is called
        """Read the next head."""
        try:
            return super().fromtarfile(tar)
        except (tarfile.InvalidHeaderError, tarfile.TruncatedHeaderError):  # type: ignore[attr-defined]
            tar.has_broken = True
            raise


class _Bytes(io.RawIOBase):
    """What tarfile asks of a file."""

    def __init__(self, file: pa.NativeFile, compression: Compression) -> None:
        self._chunks = chunks(file, compression)
        self._held = bytearray()
        self.damage: Damaged | None = None  # that the bytes end in

    def reason(self) -> Reason:
        """Why the bytes end before the tar file does."""
        return self.damage.reason if self.damage else "truncated"

    def read(self, size: int = -1) -> bytes:
        """Give `size` bytes, fewer only at the end."""
        try:
            while len(self._held) < size and (chunk := next(self._chunks, b"")):
                self._held += chunk
        except Damaged as damage:
            self.damage = damage
        given = bytes(self._held[:size])
        del self._held[:size]
        return given
