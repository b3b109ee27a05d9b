"""What an edit has put on record as cut is what it took out of a text, and all that it took."""

from typing import Any


def assert_on_record(text: str, row: dict[str, Any]) -> None:
    """Cut from the text what is on record, and find the text of the row."""
    whole, left, at = text.encode(), b"", 0
    for each in row["cuts"] or []:
        stop = each["at"] + each["bytes"]
        assert each["at"] >= at
        assert whole[each["at"] : stop].decode()[:200] == each["text"]
        left, at = left + whole[at : each["at"]], stop
    assert (left + whole[at:]).decode() == row["text"]
