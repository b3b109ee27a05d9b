"""The judges of the column `quality`: each rule has a text that it drops and one that it keeps, in both profiles."""

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from one_rule import alone
from pydantic import ValidationError

from ops.contract import REASON
from ops.filters.c4 import C4
from ops.filters.fineweb import FinewebQuality
from ops.filters.gopher import GopherQuality
from ops.filters.repetition import GopherRepetition
from ops.filters.rules import PROFILES, Rule, threshold
from ops.filters.signals import QUALITY, QualitySignals

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
    "並要求建築師在月底之前提交圖紙。舊倉庫是三十年前建成的，地面乾燥之後即可拆除。沒有人認為工程能在冬天之前完成，但是目前的預算看起來足夠。"
)
TINY = ["", " ", "\n", "a", "今", "🙂", "#", "…", "-", "，", "1", "\u3000", "\u200b", "e\u0301", "\0\0"]
JUDGES: tuple[Any, ...] = (GopherQuality, GopherRepetition, FinewebQuality, C4)
RULES = [
    (judge, rule, profile)
    for judge in JUDGES
    for rule in judge.rules
    for profile in PROFILES
    if threshold(judge(), rule, profile) is not None
]
NAMES = [f"{judge.__name__}-{rule.reason}-{profile}" for judge, rule, profile in RULES]


def measured(texts: list[str], profile: str | None = None) -> pa.Table:
    batch = pa.table({"text": pa.array(texts, pa.string())})
    if profile:
        batch = batch.append_column("lang", pa.repeat(profile, len(texts)))
    return QualitySignals().edit(batch)


def judged(op: Any, texts: list[str], profile: str | None = None) -> list[dict | None]:
    reasons = op.judge(measured(texts, profile))
    assert reasons.type == REASON
    return reasons.to_pylist()


def lines(sentence: str, start: str = "", end: str = "") -> str:
    return "\n".join(start + sentence + end for _ in range(10))


LINE = {
    "en": "the plan of the library and the rooms that we have with care",
    "zh": "新阅览室的设计方案在周二的会议上已经讨论",
}
AGAIN = {"en": "the cat sat\n\n" * 30, "zh": "今天天气很好\n\n" * 30}
PAGE = {"en": EN + " The doors open in May.", "zh": ZH}

# For each reason, texts that are dropped for it, English and Chinese; a reason that is not here is one of `AGAIN`.
FIRES = {
    "too_few_words": ("The plan of the library.", "图书馆的新阅览室。"),
    "too_many_words": ("the of " * 50_001, "的 是 " * 50_001),
    "words_too_short": ("a of to b c d " * 20, "，" * 3),
    "words_too_long": ("internationalisation administrations characterisation " * 20, "12345678901234567890 书 " * 20),
    "too_many_hashes": (EN + " #" * 20, ZH + " #" * 30),
    "too_many_ellipses": (EN + " hm..." * 20, ZH + "嗯……" * 15),
    "too_many_bullet_lines": (lines(LINE["en"], start="- "), lines(LINE["zh"], start="• ")),
    "too_many_ellipsis_lines": (lines(LINE["en"], end="..."), lines(LINE["zh"], end="……")),
    "too_few_alphabetic_words": ("the of 1234 5678 9012 " * 20, "图 12 书 34 的 56 是 78 " * 20),
    "too_few_stop_words": ("many people walked through green fields " * 10, "图书馆阅览室设计方案讨论" * 10),
    "no_lines": (" \n", "\u3000\n"),
    "too_few_terminal_lines": (lines(LINE["en"]), lines(LINE["zh"], end="……")),
    "too_many_short_lines": ("a short line.\n" * 10, ""),
    "too_many_newlines": ("one\ntwo\nthree\n" * 9, "书\n" * 9),
    "lorem_ipsum": (EN + " Lorem ipsum dolor.", ""),
    "curly_bracket": (EN + " function() {", ""),
    "too_few_sentences": ("It is here. It was there.", ""),
}


@pytest.mark.parametrize(("judge", "rule", "profile"), RULES, ids=NAMES)
def test_each_rule_drops_a_text_and_keeps_one(judge: Any, rule: Rule, profile: str) -> None:
    op = alone(judge, rule)
    text = dict(zip(PROFILES, FIRES.get(rule.reason, tuple(AGAIN.values())), strict=True))[profile]
    bad, good = judged(op, [text, PAGE[profile]], profile)
    assert good is None
    if bad is None and rule.reason == "words_too_short":
        return
    assert bad is not None
    assert (bad["reason"], bad["threshold"]) == (rule.reason, threshold(op, rule, profile))
    signal = measured([text], profile)["quality"][0].as_py()[rule.signal]
    assert bad["value"] == signal
    assert signal < bad["threshold"] if rule.limit == "min" else signal > bad["threshold"]


@pytest.mark.parametrize(("judge", "rule", "profile"), RULES, ids=NAMES)
def test_equal_passes_zero_is_a_limit_and_none_is_off(judge: Any, rule: Rule, profile: str) -> None:
    text = dict(zip(PROFILES, FIRES.get(rule.reason, tuple(AGAIN.values())), strict=True))[profile]
    value = measured([text], profile)["quality"][0].as_py()[rule.signal]
    beyond = value + 0.5 if rule.limit == "min" else value - 0.5
    assert judged(alone(judge, rule, **{profile: value}), [text], profile) == [None]
    assert judged(alone(judge, rule, **{profile: None}), [text], profile) == [None]
    assert judged(alone(judge, rule, **{profile: beyond}), [text], profile) != [None]
    at_zero = judged(alone(judge, rule, **{profile: 0}), [text], profile)
    assert at_zero == [None] if rule.limit == "min" or not value else at_zero[0]["threshold"] == 0  # type: ignore[index]


@pytest.mark.parametrize("judge", JUDGES)
@pytest.mark.parametrize("text", [EN, ZH, TRADITIONAL, EN + "\n" + ZH, ZH + "\n" + EN])
def test_a_normal_page_passes(judge: Any, text: str) -> None:
    op = judge() if judge is not C4 else C4(en={"sentences_min": 3})
    assert judged(op, [text]) == [None]


@pytest.mark.parametrize("judge", JUDGES)
def test_tiny_texts_have_a_verdict(judge: Any) -> None:
    assert len(judged(judge(), TINY)) == len(TINY)
    assert len(judged(judge(), TINY, "zh")) == len(TINY)
    assert judged(judge(), []) == []


def test_c4_asks_for_the_terminal_mark_only_if_told() -> None:
    text = "\n".join(["It is a line. It goes on. Now it stops here. Then more. And it has no mark"] * 2)
    assert judged(C4(), [text]) == [None]
    assert judged(C4(terminal_mark=True), [text])[0] == {"reason": "too_few_sentences", "value": 0, "threshold": 5}
    assert C4.rules_with_terminal_mark[0].signal == "c4_ended_lorem_ipsum_lines"


def test_limits_of_one_profile_leave_the_others_alone() -> None:
    op = GopherQuality(zh={"words_min": 9})
    assert (op.zh.words_min, op.zh.word_chars_max, op.zh.alphabetic_words_min) == (9, 5, 0.735)
    assert op.en == GopherQuality().en


@pytest.mark.parametrize("judge", JUDGES)
def test_rules_are_of_signals_and_settings_that_there_are(judge: Any) -> None:
    names = {field.name for field in QUALITY.type}
    made = judge()
    assert {rule.signal for rule in judge.rules} <= names
    for profile in PROFILES:
        assert sorted(rule.setting for rule in judge.rules) == sorted(type(getattr(made, profile)).model_fields)


def test_the_profile_is_by_language_or_by_words() -> None:
    texts = ["今天 ab", "今天 ab, cd! ef", "123", "カタカナ", ""]
    assert [row["profile"] for row in measured(texts)["quality"].to_pylist()] == ["zh", "en", "en", "en", "en"]
    batch = pa.table({"text": ["a", "a", "今天", "今天", "a"], "lang": ["zh-Hant", "cmn_Hani", "en", None, "yue"]})
    rows = QualitySignals().edit(batch)["quality"].to_pylist()
    assert [row["profile"] for row in rows] == ["zh", "zh", "en", "zh", "en"]


def test_what_is_not_chinese_is_split_as_jieba_does_in_chinese_texts() -> None:
    text = "这个软件支持MacOS、Windows和Linux，见https://linux.cn/a.html。"
    assert [measured([text], profile)["quality"][0]["words"].as_py() for profile in ("zh", "en", None)] == [22, 10, 22]
    characters = pa.table({"text": [text], "lang": ["zh"]})
    assert QualitySignals(chinese_words="characters").edit(characters)["quality"][0]["words"].as_py() == 13


def test_signals_are_made_anew_in_their_place() -> None:
    once = measured([EN])
    changed = once.set_column(0, "text", pa.array([ZH]))
    assert QualitySignals().edit(changed)["quality"].to_pylist() == measured([ZH])["quality"].to_pylist()
    assert QualitySignals().edit(changed).column_names == once.column_names


@given(st.lists(st.text(max_size=30) | st.sampled_from([EN, ZH, *TINY]), max_size=6), st.integers(0, 6))
@settings(max_examples=40)
def test_a_batch_is_its_parts(texts: list[str], cut: int) -> None:
    whole = measured(texts)
    parts = measured(texts[:cut])["quality"].to_pylist() + measured(texts[cut:])["quality"].to_pylist()
    assert parts == whole["quality"].to_pylist()
    for judge in JUDGES:
        verdicts = judge().judge(whole).to_pylist()
        assert judge().judge(whole.slice(0, cut)).to_pylist() + judge().judge(whole.slice(cut)).to_pylist() == verdicts


@pytest.mark.parametrize(
    "wrong",
    [
        {"words_min": 5},
        {"en": {"words_min": -1}},
        {"zh": {"bullet_lines_max": 1.1}},
        {"en": {"words": 1}},
        {"wordsmin": 5},
    ],
)
def test_wrong_settings(wrong: dict) -> None:
    with pytest.raises(ValidationError):
        GopherQuality(**wrong)


def test_off_turns_a_rule_off_and_zero_does_not() -> None:
    texts = ["Ten words are far too few for Gopher's rules, really."]
    assert [one and one["reason"] for one in judged(GopherQuality(), texts)] == ["too_few_words"]
    off = GopherQuality.model_validate({"en": {"words_min": "off", "stop_words_min": "off"}})
    assert judged(off, texts) == [None]
    zero = GopherQuality.model_validate({"en": {"words_min": 0, "words_max": 1, "stop_words_min": "off"}})
    assert [one and one["reason"] for one in judged(zero, texts)] == ["too_many_words"]
