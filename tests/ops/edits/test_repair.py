"""Repair: both edits, until nothing is left to do."""

from collections.abc import Callable

import pyarrow as pa
import pytest

from ops.contract import Op
from ops.edits.injections import Injections
from ops.edits.repair import Repair
from ops.edits.unicode import RepairUnicode

Plain = Callable[[Op, pa.Table], pa.Table]


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


def test_what_a_later_edit_leaves_is_looked_at_by_the_earlier_ones() -> None:
    injected = "re*a1b2*pair the bri*a1b2*dges, rem*a1b2*ember the c*a1b2*aptain. "
    texts = ["Clean.", injected + "t\u00c3*a1b2*\u00aate", injected]
    made = Repair().edit(pa.table({"text": texts}))
    assert made["text"].to_pylist() == [
        "Clean.",
        "repair the bridges, remember the captain. tête",
        "repair the bridges, remember the captain.",
    ]
    assert [[cut["kind"] for cut in cuts or []] for cuts in made["cuts"].to_pylist()] == [
        [],
        ["injection"] * 5 + ["mojibake"],
        ["injection"] * 4,
    ]


def test_an_edit_looks_again_only_at_texts_that_another_one_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[tuple[str, list[str]]] = []
    for edit in (RepairUnicode, Injections):

        def counted(self: Op, batch: pa.Table, plain: Plain = edit.edit) -> pa.Table:
            looked.append((str(vars(self)["op"]), batch["text"].to_pylist()))
            return plain(self, batch)

        monkeypatch.setattr(edit, "edit", counted)
    injected = "re*a1b2*pair the bri*a1b2*dges, rem*a1b2*ember the c*a1b2*aptain."
    whole = injected.replace("*a1b2*", "")
    Repair().edit(pa.table({"text": ["Clean.", injected, "a\u200bb"]}))
    assert looked == [
        ("repair_unicode", ["Clean.", injected, "a\u200bb"]),
        ("injections", ["Clean.", injected, "ab"]),
        ("repair_unicode", [whole]),
    ]
