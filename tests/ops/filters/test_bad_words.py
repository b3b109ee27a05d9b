"""Bad words: shares, different words, languages, what is allowed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ops.filters.bad_words import BadWords

GOLDEN = Path(__file__).parents[1] / "golden"
EN, ZH = str(GOLDEN / "bad_words_en.txt"), str(GOLDEN / "bad_words_zh.txt")
Made = Callable[..., BadWords]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """An op by lists that are given as words."""

    def make(allowed_list: str = "", settings: dict[str, Any] | None = None, **lists: str) -> BadWords:
        for name, words in {"allowed": allowed_list, **lists}.items():
            (tmp_path / name).write_text(words.replace(",", "\n"))
        allowed = [tmp_path / "allowed"] if allowed_list else []
        return BadWords(
            lists={name: str(tmp_path / name) for name in lists},
            allowed_lists=[str(file) for file in allowed],
            **(settings or {}),
        )  # type: ignore[arg-type]

    return make


def reasons(op: BadWords, *texts: str, **columns: list[str | None]) -> list[tuple[str, float] | None]:
    told = op.judge(pa.table({"text": pa.array(texts, pa.string())} | columns)).to_pylist()
    return [one and (one["reason"], round(one["value"], 4)) for one in told]


TOO_MANY = "too_many_bad_word_chars"


def test_the_share_is_of_characters_and_a_limit_is_not_beyond_itself(made: Made) -> None:
    op = made(en="muck", zh="烂泥")
    assert reasons(op, "muck" + "." * 76, "muck" + "." * 75) == [None, (TOO_MANY, 0.0506)]
    assert reasons(op, "烂泥" + "。" * 38, "烂泥" + "。" * 37) == [None, (TOO_MANY, 0.0513)]


def test_zero_is_a_limit_and_none_is_none(made: Made) -> None:
    texts = ["muck" + "." * 500, "clean", ""]
    assert reasons(made(en="muck", settings={"char_share_max": 0}), *texts) == [(TOO_MANY, 0.0079), None, None]
    assert reasons(made(en="muck", settings={"char_share_max": None}), "muck", *texts) == [None] * 4
    words_max = {"char_share_max": None, "words_max": 0}
    assert reasons(made(en="muck", settings=words_max), *texts) == [("too_many_bad_words", 1.0), None, None]


def test_different_words_are_counted_once(made: Made) -> None:
    op = made(en="muck,grime,rot", settings={"char_share_max": None, "words_max": 1})
    assert reasons(op, "muck Muck MUCK", "muck grime rot muck") == [None, ("too_many_bad_words", 3.0)]


def test_each_language_has_its_list(made: Made) -> None:
    op = made(en="muck", zh="烂泥")
    texts = ["muck", "烂泥", "muck", "烂泥", "muck", "烂泥", "烂泥"]
    lang = ["en", "zh", "zh", "en", "fr", "und", None]
    dropped = [(TOO_MANY, 1.0)]
    assert reasons(op, *texts, lang=lang) == [*dropped * 2, None, None, None, *dropped * 2]
    assert reasons(op, *texts) == dropped * 7


def test_a_word_on_two_lists(made: Made) -> None:
    op = made(en="muck,porn", zh="porn")
    assert reasons(op, "porn", "porn", "muck", lang=["en", "zh", "zh"]) == [(TOO_MANY, 1.0)] * 2 + [None]


def test_what_is_allowed_is_no_bad_word_in_any_spelling(made: Made) -> None:
    assert reasons(made(zh="性,烂泥", settings={"allowed": ["性"]}), "性", "烂泥") == [None, (TOO_MANY, 1.0)]
    assert reasons(made(ja="グロ,女の子", allowed_list="ｸﾞﾛ,女の子"), "女の子") == [None]
    assert reasons(made(en="Muck", settings={"allowed": ["ＭＵＣＫ"]}), "muck") == [None]


def test_unspaced_scripts_are_searched_within_words_and_others_are_not(made: Made) -> None:
    op = made(en="ass", th="ควย", ja="グロ", settings={"char_share_max": 0})
    assert [bool(one) for one in reasons(op, "class assignment", "kick-ass", "สวัสดีควยครับ", "エログロナンセンス")] == [
        False,
        True,
        True,
        True,
    ]


OP = BadWords(lists={"en": EN, "zh": ZH}, words_max=1)  # type: ignore[arg-type]
ROWS = st.lists(
    st.tuples(
        st.text(max_size=30) | st.text(st.sampled_from("muck烂泥性 AVav片-"), max_size=30),
        st.sampled_from(["en", "zh", "fr", "und", None]),
    ),
    max_size=8,
)


@given(ROWS, st.integers(0, 8))
def test_split_invariance(rows: list[tuple[str, str | None]], cut: int) -> None:
    batch = pa.table(
        {
            "text": pa.array([text for text, _ in rows], pa.string()),
            "lang": pa.array([lang for _, lang in rows], pa.string()),
        }
    )
    parts = [*OP.judge(batch.slice(0, cut)).to_pylist(), *OP.judge(batch.slice(cut)).to_pylist()]
    assert OP.judge(batch).to_pylist() == parts


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"lists": {}}, "at least 1"),
        ({"lists": {"cn": EN}}, "'cn' is no language"),
        ({"lists": {"en": EN}, "char_share_max": 1.1}, "less than or equal to 1"),
        ({"lists": {"en": [EN]}}, "path or URL of a file"),
    ],
)
def test_settings(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        BadWords(**settings)
