"""Languages: which documents go, why, and by which number."""

import re

import pyarrow as pa
import pytest
from pydantic import ValidationError

from ops.edits.language import Language
from ops.filters.language import Languages

ROWS = [
    ("en", 0.99, None),
    ("en", 0.5, None),
    ("zh", 0.9, "Hans"),
    ("zh", 0.9, "Hant"),
    ("zh", 0.9, None),
    ("fr", 0.9, None),
    ("und", 0.0, None),
]


def judged(rows: list[tuple], **said: object) -> list[str | None]:
    langs, confidences, scripts = zip(*rows, strict=True)
    batch = pa.table(
        {"lang": langs, "lang_confidence": pa.array(confidences), "lang_script": pa.array(scripts, pa.string())}
    )
    return [row and row["reason"] for row in Languages(**said).judge(batch).to_pylist()]


@pytest.mark.parametrize(
    ("said", "reasons"),
    [
        ({}, [None, "low_confidence", None, None, None, "language", "language"]),
        ({"keep": ["en", "zh"], "confidence_min": None}, [None, None, None, None, None, "language", "language"]),
        ({"keep": ["zh-Hans"]}, ["language", "language", None, "script", "script", "language", "language"]),
        ({"keep": ["zh-Hans", "zh-Hant"]}, ["language", "language", None, None, "script", "language", "language"]),
        ({"keep": ["zh", "zh-Hans"]}, ["language", "language", None, None, None, "language", "language"]),
        ({"keep": ["en", "und"]}, [None, "low_confidence", *["language"] * 4, None]),
        ({"keep": ["fr"], "confidence_min": 0.95}, [*["language"] * 5, "low_confidence", "language"]),
    ],
)
def test_reasons(said: dict, reasons: list[str | None]) -> None:
    assert judged(ROWS, **said) == reasons


def test_the_number_is_the_confidence() -> None:
    batch = pa.table({"lang": ["en", "fr", "en"], "lang_confidence": [0.5, 0.8, 0.65], "lang_script": pa.nulls(3)})
    assert Languages().judge(batch).to_pylist() == [
        {"reason": "low_confidence", "value": 0.5, "threshold": 0.65},
        {"reason": "language", "value": 0.8, "threshold": 0.65},
        None,
    ]


def test_columns_that_shards_brought() -> None:
    """As strings, with gaps."""
    text = pa.string()
    batch = pa.table(
        {
            "lang": pa.array(["en", None, "en", "en"], text),
            "lang_confidence": pa.array(["0.7", "0.7", "high", None], text),
            "lang_script": pa.nulls(4, text),
        }
    )
    reasons = [row and row["reason"] for row in Languages().judge(batch).to_pylist()]
    assert reasons == [None, "language", "low_confidence", "low_confidence"]


def test_after_the_edit() -> None:
    texts = [
        "The river was still frozen when they came back.",
        "河水結冰了，他們還沒有回來。",
        "河水结冰了，他们还没回来。",
        "",
    ]
    measured = Language().edit(pa.table({"text": texts}))
    told = [row and row["reason"] for row in Languages(keep=("en", "zh-Hans")).judge(measured).to_pylist()]
    assert told == [None, "script", None, "language"]
    assert len(Languages().judge(measured.slice(0, 0))) == 0


@pytest.mark.parametrize(
    ("keep", "message"),
    [
        (["eng"], "'eng' is no language that `language` names .* did you mean 'en'"),
        (["EN"], "did you mean 'en'"),
        (["zh-TW"], "did you mean 'zh'"),
        (["zh-hans"], "did you mean 'zh'"),
        (["12"], "'12' is no language that `language` names .ISO 639-1, else 639-3.$"),
        ([], "at least 1 item"),
    ],
)
def test_keep_names_languages(keep: list[str], message: str) -> None:
    with pytest.raises(ValidationError) as error:
        Languages(keep=tuple(keep))
    (told,) = error.value.errors()
    assert re.search(message, told["msg"])
