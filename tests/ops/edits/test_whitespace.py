"""Whitespace: cases."""

import pyarrow as pa
import pytest
from pydantic import ValidationError

from ops.edits.whitespace import Whitespace


@pytest.mark.parametrize(
    ("text", "blank_lines_max", "expected"),
    [
        (" \n\t a \n ", 1, "a"),
        ("a\r\nb\rc\x0bd\x0ce\x85f\u2028g\u2029h", 1, "a\nb\nc\nd\ne\nf\ng\nh"),
        ("a\n\n\n\nb", 0, "a\nb"),
        ("a\n\n\n\nb", 1, "a\n\nb"),
        ("a\n\n\n\nb", 2, "a\n\n\nb"),
        ("a\n\n\n\nb", 9, "a\n\n\n\nb"),
        ("a\n \u3000 \n\t\nb", 1, "a\n\nb"),
        ("a\n    b\n\tc", 1, "a\n    b\n\tc"),
        ("　　今天。　\n　　很好。", 1, "今天。\n　　很好。"),
        ("a\u00a0\u2003\u202f\nb", 1, "a\nb"),
        ("a  b", 1, "a  b"),
        ("\u3000", 1, ""),
        ("\n", 0, ""),
    ],
)
def test_cases(text: str, blank_lines_max: int, expected: str) -> None:
    made = Whitespace(blank_lines_max=blank_lines_max).edit(pa.table({"text": [text]}))
    assert made["text"].to_pylist() == [expected]


def test_negative_is_refused() -> None:
    with pytest.raises(ValidationError, match="blank_lines_max"):
        Whitespace(blank_lines_max=-1)
