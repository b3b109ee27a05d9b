"""Repair: both edits, until nothing is left to do."""

import pyarrow as pa
import pytest

from ops.edits.repair import Repair


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" cafÃ©\u200b \r\n\r\n\r\n\r\ne\u0301 ", "café\n\né"),
        ("\u00a0Ã©", "é"),  # ftfy sees it only without the space
        ("今天　\r\n\ufeffä¸\xadæ–‡，“好” ", "今天\n中文，“好”"),
        ("\u200b \u200b", ""),
        ("a\u200b \u200b\nb", "a\nb"),
    ],
)
def test_cases(text: str, expected: str) -> None:
    assert Repair().edit(pa.table({"text": [text]}))["text"].to_pylist() == [expected]
