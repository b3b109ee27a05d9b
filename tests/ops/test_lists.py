"""Lists: lines of any editor, and what is no list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.lists import ListFile, entries

LINES = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=9), max_size=9)


@given(lines=LINES, newline=st.sampled_from(["\n", "\r\n"]), ends=st.booleans(), marked=st.booleans())
def test_lines_are_entries(lines: list[str], newline: str, *, ends: bool, marked: bool) -> None:
    text = ("\ufeff" if marked else "") + newline.join(["first", *lines]) + newline * ends
    stripped = [line.strip() for line in lines]
    expected = [line for line in stripped if line and not line.startswith("#")]
    # Arrow and Python differ in these: separators of files and records, which Unicode does not call white space.
    if not any(char in "\x1c\x1d\x1e\x1f" for line in lines for char in line):
        assert entries(text.encode()).to_pylist() == ["first", *expected]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "empty"),
        (b"\n \r\n# only this\n", "no entries"),
        ("one\ntwo\nthree\xfc".encode("latin-1"), "line 3 is not UTF-8"),
        ("词".encode("gb18030"), "line 1 is not UTF-8"),
        ("\ufeffone".encode("utf-16"), "line 1 is not UTF-8"),
    ],
)
def test_what_is_no_list(data: bytes, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        ListFile.check(data)
