"""Length: cases, limits and layouts."""

import pyarrow as pa
import pytest
from pydantic import ValidationError

from ops.contract import REASON
from ops.filters.length import Length


def _judged(op: Length, texts: list[str]) -> list[dict | None]:
    reasons = op.judge(pa.table({"text": pa.array(texts, pa.string())}))
    assert reasons.type == REASON
    return reasons.to_pylist()


def _short(value: float, threshold: float) -> dict:
    return {"reason": "too_few_chars", "value": value, "threshold": threshold}


def _long(value: float, threshold: float) -> dict:
    return {"reason": "too_many_chars", "value": value, "threshold": threshold}


@pytest.mark.parametrize(
    ("settings", "text", "expected"),
    [
        ({}, "", _short(0, 1)),
        ({}, " ", None),
        ({}, "\n", None),
        ({}, "a", None),
        ({}, "🙂", None),
        ({}, "今", None),
        ({"chars_min": 0}, "", None),
        ({"chars_min": 4}, "今天很好", None),  # equal passes; characters, not bytes
        ({"chars_min": 5}, "今天很好", _short(4, 5)),
        ({"chars_max": 4}, "今天很好", None),
        ({"chars_max": 3}, "今天很好", _long(4, 3)),
        ({"chars_max": 1}, "e\u0301", _long(2, 1)),
        ({"chars_min": 3, "chars_max": 3}, "abc", None),
        ({"chars_max": None}, "x" * 1_000_000, None),
    ],
)
def test_cases(settings: dict, text: str, expected: dict | None) -> None:
    assert _judged(Length(**settings), [text]) == [expected]


def test_batches() -> None:
    texts = ["", "ab", "abcdef", "今"]
    op = Length(chars_min=2, chars_max=5)
    whole = _judged(op, texts)
    assert whole == [_short(0, 2), None, _long(6, 5), _short(1, 2)]
    assert _judged(op, texts[:1]) + _judged(op, texts[1:]) == whole
    assert _judged(op, []) == []
    for column in (pa.chunked_array([texts[:1], texts[1:]], pa.large_string()), pa.array(["x", *texts]).slice(1)):
        assert op.judge(pa.table({"text": column})).to_pylist() == whole


@pytest.mark.parametrize(
    "settings", [{"chars_min": 5, "chars_max": 4}, {"chars_min": -1}, {"chars_max": 0}, {"chars": 1}]
)
def test_wrong_settings(settings: dict) -> None:
    with pytest.raises(ValidationError):
        Length(**settings)
