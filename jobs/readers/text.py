"""A text file in, one Records out: the whole file is one document, or one page of HTML."""

from collections.abc import Iterator, Mapping

import pyarrow as pa

from jobs.readers.compression import Compression, Damaged, chunks
from jobs.readers.records import Records, TextAs, only_unreadable, unreadable
from jobs.readers.valid_text import checked

_BOM = b"\xef\xbb\xbf"


def read(
    file: pa.NativeFile, columns: Mapping[str, str], compression: Compression = "none", text_as: TextAs = "plain"
) -> Iterator[Records]:
    """Read the file as one record with position 0 and the column "text" alone; an empty file is no record.

    columns: not used, a text file has no names
    Raises BadShard if the file is not compressed as stated.
    """
    del columns
    pieces: list[bytes] = []
    try:
        pieces.extend(chunks(file, compression))
    except Damaged as damage:
        # A document that lacks its end is not that document.
        yield only_unreadable(("text",), (unreadable(0, damage.reason, b"".join(pieces)),))
        return
    whole = b"".join(pieces)
    if whole:
        text = pa.array([whole if text_as == "bytes" else whole.removeprefix(_BOM)], pa.binary())
        yield checked(pa.array([0], pa.int64()), {"text": text}, text_as)
