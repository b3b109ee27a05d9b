"""Gopher quality: a case for each reason in English and Chinese, limits, switches and tiny texts."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from ops.contract import REASON
from ops.filters.gopher import GopherQuality, WordRules

EN = (
    "The committee met on Tuesday to discuss the new library, and most members agreed with the plan. "
    "They have asked the architect to send drawings of the reading room before the end of the month. "
    "Work should begin in spring, when the ground is dry and the old storage building can be cleared. "
    "Nobody expects that it will be finished before winter, but the budget looks sufficient for now."
)
ZH = (
    "市图书馆的新阅览室将于明年春天开工，委员会在周二的会议上讨论了设计方案。大多数成员同意这个计划，"
    "并要求建筑师在月底之前提交图纸。旧仓库是三十年前建成的，地面干燥之后即可拆除。"
    "没有人认为工程能在冬天之前完成，但是目前的预算看起来足够。"
)
TRADITIONAL = (
    "市圖書館的新閱覽室將於明年春天開工，委員會在週二的會議上討論了設計方案。大多數成員同意這個計劃，"
    "並要求建築師在月底之前提交圖紙。舊倉庫是三十年前建成的，地面乾燥之後即可拆除。"
)
OFF = GopherQuality(
    words_min=None,
    words_max=None,
    hashes_max=None,
    ellipses_max=None,
    bullet_lines_max=None,
    ellipsis_lines_max=None,
    en=WordRules(word_chars_min=None, word_chars_max=None, alphabetic_words_min=None, stop_words_min=None),
    zh=WordRules(word_chars_min=None, word_chars_max=None, alphabetic_words_min=None, stop_words_min=None),
)
TINY = ["", " ", "\n", "a", "今", "🙂", "#", "…", "-", "，", "1", "\u3000", "\u200b", "e\u0301"]


def judged(op: GopherQuality, texts: list[str]) -> list[dict | None]:
    reasons = op.judge(pa.table({"text": pa.array(texts, pa.string())}))
    assert reasons.type == REASON
    return reasons.to_pylist()


def only(**given: object) -> GopherQuality:
    """Return an op with these limits and no others."""
    return OFF.model_copy(update=given)


@pytest.mark.parametrize("text", [EN, ZH, TRADITIONAL, EN + "\n" + ZH, ZH + ZH + "\n" + EN[:190]])
def test_a_normal_page_passes(text: str) -> None:
    assert judged(GopherQuality(), [text]) == [None]


def _lines(sentence: str, start: str = "", end: str = "") -> str:
    return "\n".join(start + sentence + end for _ in range(10))


EN_LINE = "the plan of the library and the rooms that we have with care"
ZH_LINE = "新阅览室的设计方案在周二的会议上已经讨论"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("The plan of the library.", "too_few_words"),
        ("图书馆的新阅览室。", "too_few_words"),
        ("the of " * 50_001, "too_many_words"),
        ("的是" * 50_001, "too_many_words"),
        ("a of to b c d " * 20, "words_too_short"),
        ("internationalisation of administrations characterisation that " * 20, "words_too_long"),
        ("书的是" * 20 + " 123456789012345678901234567890" * 20, "words_too_long"),
        (EN + " #" * 12, "too_many_hashes"),
        (ZH + " #" * 30, "too_many_hashes"),
        (EN + " hm..." * 12, "too_many_ellipses"),
        (ZH + "嗯……" * 15, "too_many_ellipses"),
        (_lines(EN_LINE, start="- "), "too_many_bullet_lines"),
        (_lines(ZH_LINE, start="• "), "too_many_bullet_lines"),
        (_lines(EN_LINE, end="..."), "too_many_ellipsis_lines"),
        (_lines(ZH_LINE, end="……"), "too_many_ellipsis_lines"),
        ("the of 1234 5678 9012 " * 20, "too_few_alphabetic_words"),
        ("图 12 书 34 的 56 是 78 " * 20, "too_few_alphabetic_words"),
        ("many people walked through green fields yesterday morning " * 10, "too_few_stop_words"),
        ("图书馆阅览室设计方案讨论" * 10, "too_few_stop_words"),
    ],
)
def test_a_case_for_each_reason(text: str, reason: str) -> None:
    found = judged(GopherQuality(), [text])[0]
    assert found is not None
    assert found["reason"] == reason


def test_every_reason_has_a_chinese_and_an_english_case() -> None:
    """The zh rule `words_too_short` is the exception: a word has the one character that it asks for."""
    mark = next(m for m in test_a_case_for_each_reason.pytestmark if m.name == "parametrize")
    cases = [(reason, "书" in text or "图" in text or "阅" in text or "的" in text) for text, reason in mark.args[1]]
    reasons = {reason for reason, _ in cases}
    assert len(reasons) == 10
    assert reasons - {reason for reason, chinese in cases if chinese} == {"words_too_short"}
    assert reasons - {reason for reason, chinese in cases if not chinese} == set()


@pytest.mark.parametrize(
    ("op", "text", "value", "just_fails"),
    [
        (only(words_min=3), "a b c", 3, only(words_min=4)),
        (only(words_min=3), "今天好", 3, only(words_min=4)),
        (only(words_max=3), "今天好", 3, only(words_max=2)),
        (only(hashes_max=0.5), "a #", 0.5, only(hashes_max=0.49)),
        (only(hashes_max=1), "今天#", 0.5, only(hashes_max=0.4)),
        (only(ellipses_max=0.5), "a ...", 0.5, only(ellipses_max=0.4)),
        (only(ellipses_max=0.5), "今天天…", 1 / 3, only(ellipses_max=0.3)),
        (only(bullet_lines_max=0.5), "- a\nb", 0.5, only(bullet_lines_max=0.4)),
        (only(ellipsis_lines_max=0.5), "今天…\n好", 0.5, only(ellipsis_lines_max=0.4)),
        (
            only(en=OFF.en.model_copy(update={"word_chars_min": 2})),
            "ab cd",
            2,
            only(en=OFF.en.model_copy(update={"word_chars_min": 2.5})),
        ),
        (
            only(en=OFF.en.model_copy(update={"word_chars_max": 2})),
            "ab cd",
            2,
            only(en=OFF.en.model_copy(update={"word_chars_max": 1})),
        ),
        (
            only(zh=OFF.zh.model_copy(update={"word_chars_min": 1})),
            "今天",
            1,
            only(zh=OFF.zh.model_copy(update={"word_chars_min": 2})),
        ),
        (
            only(zh=OFF.zh.model_copy(update={"word_chars_max": 1})),
            "今天",
            1,
            only(zh=OFF.zh.model_copy(update={"word_chars_max": 0.5})),
        ),
        (
            only(en=OFF.en.model_copy(update={"alphabetic_words_min": 0.5})),
            "ab 12",
            0.5,
            only(en=OFF.en.model_copy(update={"alphabetic_words_min": 0.6})),
        ),
        (
            only(zh=OFF.zh.model_copy(update={"alphabetic_words_min": 0.5})),
            "今 ，",
            0.5,
            only(zh=OFF.zh.model_copy(update={"alphabetic_words_min": 0.6})),
        ),
        (
            only(en=OFF.en.model_copy(update={"stop_words_min": 1})),
            "the",
            1,
            only(en=OFF.en.model_copy(update={"stop_words_min": 2})),
        ),
        (
            only(zh=OFF.zh.model_copy(update={"stop_words_min": 2})),
            "的是",
            2,
            only(zh=OFF.zh.model_copy(update={"stop_words_min": 3})),
        ),
    ],
)
def test_equal_passes_and_values_are_told(
    op: GopherQuality, text: str, value: float, just_fails: GopherQuality
) -> None:
    assert judged(op, [text]) == [None]
    found = judged(just_fails, [text])[0]
    assert found is not None
    assert found["value"] == pytest.approx(value)
    changed = {k: v for k, v in just_fails.model_dump().items() if v != OFF.model_dump()[k]}
    limit = next(iter(changed.values()))
    if isinstance(limit, dict):
        limit = next(number for number in limit.values() if number is not None)
    assert found["threshold"] == limit


@pytest.mark.parametrize(
    ("field", "text"),
    [("hashes_max", "a #"), ("ellipses_max", "今…天"), ("bullet_lines_max", "- a"), ("ellipsis_lines_max", "今天天…")],
)
def test_zero_is_a_limit_and_none_is_off(field: str, text: str) -> None:
    assert judged(only(**{field: None}), [text]) == [None]
    found = judged(only(**{field: 0}), [text])[0]
    assert found is not None
    assert found["threshold"] == 0
    assert judged(only(**{field: 0}), ["plain text 今天"]) == [None]


def test_everything_off_keeps_everything() -> None:
    assert judged(OFF, [*TINY, EN, ZH, "#" * 100]) == [None] * (len(TINY) + 3)


@pytest.mark.parametrize("text", TINY)
def test_tiny_texts_are_too_short(text: str) -> None:
    found = judged(GopherQuality(), [text])[0]
    assert found is not None
    assert found["reason"] == "too_few_words"
    assert found["value"] in (0, 1)


@pytest.mark.parametrize("text", TINY)
def test_tiny_texts_have_a_verdict_without_the_word_limit(text: str) -> None:
    found = judged(GopherQuality(words_min=None), [text])[0]
    assert found is not None
    assert found["reason"] in {"words_too_short", "too_few_stop_words"}


def test_the_language_is_judged_by_words() -> None:
    """Two fifths of the words Han is Chinese: threshold and stop words are those of zh."""
    op = only(zh=OFF.zh.model_copy(update={"stop_words_min": 9}), en=OFF.en.model_copy(update={"stop_words_min": 7}))
    texts = ["今天 ab", "今天 ab，cd ef！", "今天 a b c d -", "123", "カタカナ", ""]
    assert [row["threshold"] for row in judged(op, texts)] == [9, 9, 7, 7, 7, 7]


@given(st.lists(st.text(max_size=30) | st.sampled_from([EN, ZH, *TINY]), max_size=6), st.integers(0, 6))
@settings(max_examples=60)
def test_a_batch_is_its_parts(texts: list[str], cut: int) -> None:
    op = GopherQuality(words_min=3)
    whole = judged(op, texts)
    assert judged(op, texts[:cut]) + judged(op, texts[cut:]) == whole
    column = pa.chunked_array([texts[:cut], texts[cut:]], pa.large_string())
    assert op.judge(pa.table({"text": column})).to_pylist() == whole


@given(st.text(max_size=60) | st.sampled_from([EN, ZH, EN[:200] + "#", ZH[:50] + "…"]))
def test_stricter_limits_never_keep_more(text: str) -> None:
    if judged(GopherQuality(words_min=5), [text]) != [None]:
        assert judged(GopherQuality(words_min=50), [text]) != [None]
        assert judged(GopherQuality(words_min=5, hashes_max=0, ellipses_max=0), [text]) != [None]


def test_doubling_a_page_does_not_change_its_shares() -> None:
    text = EN + " #" * 12
    once, twice = judged(only(hashes_max=0), [text, text + "\n" + text])
    assert once == twice


@pytest.mark.parametrize(
    "settings",
    [{"words_min": -1}, {"hashes_max": -0.1}, {"bullet_lines_max": 1.1}, {"en": {"words": 1}}, {"wordsmin": 5}],
)
def test_wrong_settings(settings: dict) -> None:
    with pytest.raises(ValidationError):
        GopherQuality(**settings)
