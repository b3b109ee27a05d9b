"""Spam titles: keywords go, a site's name stays, a title of nothing else is told by its share."""

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.edits.spam_title import SpamTitle
from ops.filters.limits import Limits

EN = "The mill stands where the river leaves the valley, and nobody in the village remembers who built it."
ZH = "磨坊建在河流流出山谷的地方，村里没有人记得是谁把它造起来的，也没有人去问过。"


def edited(title: str | None, text: str, **set_to: Any) -> dict[str, Any]:
    batch = pa.table({"text": [text], "title": pa.array([title], pa.string())})
    row = SpamTitle(**set_to).edit(batch).to_pylist()[0]
    assert row["text"] == text
    return row


@pytest.mark.parametrize(
    ("title", "text", "left"),
    [
        ("free slots|best casino|poker bonus|The mill by the river", EN, "The mill by the river"),
        ("The mill by the river, cheap loans, payday credit, slots", EN, "The mill by the river"),
        ("成人影院_在线观看_免费高清_河流边的磨坊_本地新闻", ZH, "河流边的磨坊_本地新闻"),
        ("The mill by the river - Local History - Harbour Times", EN, None),
        ("河流边的磨坊_本地新闻_某某网", ZH, None),
        ("The mill", EN, None),
        ("", EN, None),
        (None, EN, None),
    ],
)
def test_titles(title: str | None, text: str, left: str | None) -> None:
    row = edited(title, text)
    assert row["title"] == (title if left is None else left)
    assert (row["title_spam_share"] > 0) == (left is not None)


@pytest.mark.parametrize(
    ("title", "text"), [("free slots, best casino, poker bonus, loans", EN), ("加微信：meimei8899 免费看片", ZH)]
)
def test_a_clean_body_with_a_spam_title_is_judged(title: str, text: str) -> None:
    batch = pa.table({"text": [text, text], "title": [title, "The mill 磨坊"]})
    reasons = Limits(column="title_spam_share", most=0.9).judge(SpamTitle().edit(batch)).to_pylist()
    assert [reason and reason["reason"] for reason in reasons] == ["title_spam_share_too_high", None]


def test_another_column() -> None:
    batch = pa.table({"text": [EN], "heading": pa.array(["a, b, c, d, mill river"], pa.large_string())})
    made = SpamTitle(title="heading").edit(batch)
    assert made.schema.field("heading").type == pa.large_string()
    assert made["heading"].to_pylist() == ["mill river"]
    assert SpamTitle(title="heading").needs == ("text", "heading")


@given(
    st.lists(st.sampled_from(["The mill", "slots", "_", "|", " - ", "加微信：abcdef8", "河流", ","])).map("".join)
    | st.text()
)
def test_idempotent(title: str) -> None:
    once = edited(title, EN)["title"]
    assert edited(once, EN)["title"] == once
