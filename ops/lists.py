"""Lists: files of one entry a line, UTF-8. Blank lines, and lines that begin with #, are none."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ops.resources import File

_BOM = b"\xef\xbb\xbf"
_NEWLINE = ord("\n")
_BYTES_MAX = 2**31 - 1  # what offsets of a string array can count


class ListFile(File):
    """A list that a setting names."""

    @classmethod
    def check(cls, data: bytes) -> None:
        """Raise ValueError where it is no text or lists nothing."""
        super().check(data)
        cls.check_entries(entries(data))

    @classmethod
    def check_entries(cls, listed: pa.Array) -> None:
        """Raise ValueError where an entry is not what the setting asks for. Here any text is."""


def entries(data: bytes) -> pa.Array:
    r"""Return the entries of a list, trimmed, in order; ValueError where it is not UTF-8 or has none.

    >>> entries("\ufeffone \r\n# a comment\n\n two words".encode()).to_pylist()
    ['one', 'two words']
    """
    if len(data) > _BYTES_MAX:
        raise ValueError("the list is larger than 2 GiB; give it as several")
    try:
        data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ValueError(f"line {line} is not UTF-8 text ({error.reason}); save the list as UTF-8") from error
    text = data.removeprefix(_BOM)
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == _NEWLINE) + 1
    offsets = np.concatenate([[0], ends, [len(text)]]).astype(np.int32)
    lines = pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(text))
    lines = pc.utf8_trim_whitespace(lines)
    found = lines.filter(pc.and_(pc.not_equal(lines, ""), pc.invert(pc.starts_with(lines, "#"))))
    if not len(found):
        raise ValueError("the list has no entries: one a line is expected")
    return found


def entries_of(files: tuple[ListFile, ...], step: str) -> pa.Array:
    """Return the entries of several lists, one after the other; Refusal where a file is not what was planned."""
    return pa.concat_arrays([pa.array([], pa.string()), *(entries(file.read(step)) for file in files)])
