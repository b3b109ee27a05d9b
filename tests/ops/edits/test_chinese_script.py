"""Chinese script: words decide, and what is no Chinese stays."""

import pyarrow as pa
import pytest

from ops.edits.chinese_script import ChineseScript


@pytest.mark.parametrize(
    ("to", "text", "expected"),
    [
        ("hans", "乾隆皇帝後來發現，頭髮與發財不同。", "乾隆皇帝后来发现，头发与发财不同。"),
        ("hans", "「皇后」與（前後）ＡＢＣ", "「皇后」与（前后）ＡＢＣ"),
        ("hant", "皇后的头发，发财以后", "皇后的頭髮，發財以後"),
        ("hans", "已经是简体", "已经是简体"),
        ("hant", "已經是繁體", "已經是繁體"),
        ("hans", "No Chinese, café, ひらがな\n", "No Chinese, café, ひらがな\n"),
        ("hans", "", ""),
    ],
)
def test_cases(to: str, text: str, expected: str) -> None:
    row = ChineseScript(to=to).edit(pa.table({"text": [text]})).to_pylist()[0]
    assert row["text"] == expected
    assert (row["cuts"] is None) == (text == expected)


def test_on_record() -> None:
    row = ChineseScript(to="hans").edit(pa.table({"text": ["abc\n這是學習。\n完"]})).to_pylist()[0]
    assert row["cuts"] == [{"kind": "to_hans", "at": 4, "bytes": 12, "text": "這是學習"}]
