"""The judges of the column `page`: each rule has a text that it drops and one that it keeps, in both profiles."""

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from one_rule import alone

from ops.contract import REASON
from ops.filters.chinese_web import ChineseWeb
from ops.filters.code import Code
from ops.filters.nemo import NemoCharacters
from ops.filters.page import PAGE, PageSignals
from ops.filters.page_titles import count_in_titles, normalized
from ops.filters.rules import PROFILES, Rule, threshold
from ops.filters.script_mix import ScriptMix
from ops.filters.stuffing import Stuffing
from ops.filters.title_spam import TitleSpam

EN = """\
The committee met on Tuesday to discuss the new library, and most members agreed with the plan. They have asked the
architect to send drawings of the reading room before the end of the month.

Work should begin in spring, when the ground is dry and the old storage building can be cleared. Nobody expects that it
will be finished before winter, but the budget looks sufficient for now.
"""
ZH = """\
市图书馆的新阅览室将于明年春天开工，委员会在周二的会议上讨论了设计方案。大多数成员同意这个计划，并要求建筑师在月底之前提交图纸。

旧仓库是三十年前建成的，地面干燥之后即可拆除。没有人认为工程能在冬天之前完成，但是目前的预算看起来足够。

“这是我们等了十年的一间屋子，”馆长对记者说，“孩子们终于不用在走廊里看书了。”
据她介绍，阅览室将有两百个座位，其中一半朝南，面向公园里的湖；周末晚上也会开放，直到十点才关门。
"""
HANT = """\
市圖書館的新閱覽室將於明年春天開工，委員會在週二的會議上討論了設計方案。大多數成員同意這個計劃，並要求建築師在月底之前提交圖紙。

舊倉庫是三十年前建成的，地面乾燥之後即可拆除。沒有人認為工程能在冬天之前完成，但是目前的預算看起來足夠。

「這是我們等了十年的一間屋子，」館長對記者說，「孩子們終於不用在走廊裡看書了。」
據她介紹，閱覽室將有兩百個座位，其中一半朝南，面向公園裡的湖；週末晚上也會開放，直到十點才關門。
"""
LAW = """\
12. Liability. The Seller shall not be liable for:
(a) any loss of profit (whether direct or indirect);
(b) the costs of any person(s) named in section 4(1)(b) of the Act; and
(c) damage caused by the Buyer, provided that notice was given under clause 9.2 within fourteen (14) days.
13. Notices. Any notice under this Agreement shall be in writing and shall be sent to the address of the other party.
"""
LAW_ZH = """\
第十二条 有下列情形之一的，合同无效：
（一）一方以欺诈、胁迫的手段订立合同，损害国家利益；
（二）恶意串通，损害国家、集体或者第三人利益；
（三）以合法形式掩盖非法目的；
（四）违反法律、行政法规的强制性规定。
第十三条 当事人应当遵循公平原则确定各方的权利和义务，行使权利、履行义务应当遵循诚实信用原则，不得损害社会公共利益。
第十四条 依法成立的合同受法律保护，对当事人具有法律约束力。当事人应当按照约定履行自己的义务，不得擅自变更或者解除合同。
"""
SCIENCE = """\
Let f(x) = 2x + 1 and g(x) = sin(x) for all x in [0, 1]. We measured the rate at 20 C in 12 samples (n = 12).
The mean was 3.4 mg/L (SD 0.7), and the difference from the control group (4.1 mg/L) was significant (p < 0.05).
\\begin{equation} x_{i} = \\sum_{j=1}^{n} a_{ij} y_j \\end{equation}
These results agree with those of Smith et al. (1998), who found 3.1 mg/L in a colder stream [4, 5].
"""
POEM = """\
The frost is on the orchard wall;
The rooks are in the elm;
And slow and grey the shadows fall
Upon the sleeping helm.

The lantern swings, the latch is drawn;
The dog has ceased to bark;
And no one in the house till dawn
Will speak against the dark.
"""
PROSE = {"en": EN, "zh": ZH, "hant": HANT, "law": LAW, "law_zh": LAW_ZH, "science": SCIENCE, "poem": POEM}
TINY = ["", " ", "\n", "a", "今", "🙂", "#", "…", "-", "，", "1", "\u3000", "\u200b", "e\u0301", "\0\0", "```", "【"]
TITLE = {"en": "Committee agrees on plan for new library", "zh": "市图书馆新阅览室明年春天开工"}

JUDGES: tuple[Any, ...] = (ScriptMix, ChineseWeb, NemoCharacters, Code, Stuffing, TitleSpam)
RULES = [(judge, rule, profile) for judge in JUDGES for rule in judge.rules for profile in PROFILES]
ON = [(judge, rule, profile) for judge, rule, profile in RULES if threshold(judge(), rule, profile) is not None]


def name(of: tuple[Any, Rule, str]) -> str:
    return f"{of[0].__name__}-{of[1].reason}-{of[2]}"


def measured(texts: list[str], profile: str | None = None, titles: list[str | None] | None = None) -> pa.Table:
    batch = pa.table({"text": pa.array(texts, pa.string())})
    if profile:
        batch = batch.append_column("lang", pa.repeat(profile, len(texts)))
    if titles:
        batch = batch.append_column("title", pa.array(titles, pa.string()))
    return PageSignals().edit(batch)


def judged(op: Any, batch: pa.Table) -> list[dict | None]:
    reasons = op.judge(batch)
    assert reasons.type == REASON
    return reasons.to_pylist()


ROWS = "\n".join(f"Cheap hotels in town {n}: from {n + 30} euros (book now)" for n in range(9))
ROWS_ZH = "\n".join(f"城市酒店{n}间：特价{n + 30}元（预订）" for n in range(9))
FUNCTION = """\
def total(prices):
    found = [0]
    for price, tax in zip(prices, taxes):
        found.append(price.get("x", 0) * (1 + tax))
    return round_up(sum(found))
"""
WORDS = (
    "shoes, red shoes, cheap shoes, running shoes, leather shoes, shoes online, shoe shop, shoe sale, shoes outlet\n"
)
WORDS_ZH = "减肥药、减肥茶、减肥方法、快速减肥、减肥食谱、减肥产品、产后减肥、减肥中心、减肥论坛\n"
SEVERAL = "London Paris Rome Oslo Bern Wien Prague Madrid Lisbon Dublin "
SEVERAL_ZH = "伦敦 巴黎 罗马 奥斯陆 伯尔尼 维也纳 布拉格 里斯本 都柏林 马德里 "

# For each rule a text that it drops, English and Chinese; one for both where it is the same.
FIRES: dict[str, tuple[str, ...]] = {
    "too_few_latin_letters": ("Новая библиотека открылась весной.", "Новая библиотека."),
    "too_few_han_letters": ("The reading room", "The reading room opens in spring 图书馆"),
    "too_many_kana": (EN + "あたらしいとしょかん" * 30, ZH + "あたらしいとしょかん" * 5),
    "too_many_hangul": (EN + "새로운도서관" * 40, ZH + "새로운도서관" * 20),
    "too_many_cyrillic_letters": (EN + "Новая библиотека " * 20, ZH + "Новая библиотека " * 20),
    "too_many_other_letters": (EN + "Νέα βιβλιοθήκη " * 20, ZH + "Νέα βιβλιοθήκη " * 20),
    "too_few_letters": ("| 12.5 | 13.0 | 14.75 | a |\n" * 9, "| 12.5 | 13.0 | 14.75 | 元 |\n" * 9),
    "too_many_symbols": ("sale 🔥🔥🔥🔥🔥🔥 $$$$", "特价 🔥🔥🔥🔥🔥🔥 ¥¥¥¥"),
    "damaged_chars": (EN + "\ufffd" * 12, ZH + "□" * 12),
    "too_few_chars": ("The library.", ZH[:120]),
    "lines_too_short": ("a book\n" * 60, "一本书\n" * 90),
    "too_few_han_chars": (EN, "图书馆" + EN),
    "too_few_split_sentences": ("one line without an end", "没有句号的一行，" * 30),
    "no_punctuation": ("no mark at all here", "没有标点符号的一行" * 30),
    "too_many_lenticular_chars": (EN + "【" + "x" * 99 + "】", ZH + "【热门推荐新书】" * 9),
    "too_many_digits": (EN + " 1234567890" * 60, ZH + "1234567890" * 20),
    "too_many_read_more_lines": ("The first lines of it... Read more\n" * 9, "会议讨论了设计方案。展开\n" * 30),
    "too_many_bullet_lines": ("• a point of it\n" * 9, "• 会议讨论了设计方案。\n" * 30),
    "char_entropy_too_low": ("ab" * 200, "今天天气。" * 60),
    "too_few_distinct_chars": ("ab" * 200, "今天天气。" * 60),
    "too_few_ended_lines": (EN, "会议讨论了设计方案\n" * 30),
    "too_many_short_lines": ("a\nbook\n" * 9, "书。\n" * 90),
    "too_few_passing_lines": (EN, "会议讨论了设计方案\n" * 30),
    "too_many_non_alphanumeric_chars": ("a:-)b (c) [d] " * 20, ZH),
    "too_many_url_chars": (
        "see http://example.org/books/new/2024 here\n" * 9,
        "见 http://example.org/books/new/2024\n" * 9,
    ),
    "too_many_spaces": ("a b  c\n   d    e\n" * 9, "图  书   馆\n  " * 9),
    "too_many_brackets": ("(a) [b] {c} " * 9, "(一) [二] (三) " * 9),
    "word_too_long": ("x" * 1001, "x" * 1001),
    "mostly_code": (EN + FUNCTION * 9, ZH + "// 统计所有价格之和\n" + FUNCTION * 5),
    "stuffed_token": ("buy shoes today and get shoes at " * 20, "减肥很好，" * 60),
    "stuffed_tokens": (SEVERAL * 9, SEVERAL_ZH * 9),
    "keyword_lists": (WORDS * 9, WORDS_ZH * 9),
    "template_lines": (ROWS, ROWS_ZH),
}
TITLES: dict[str, tuple[str, str]] = {
    "contact_in_title": ("New library | call now 555-123-4567", "图书馆开工 加微信：book12345"),
    "too_many_title_separators": ("library | plan | shop | sale | news | buy", "图书馆_新闻_阅览室_图书馆网_阅读_首页"),
    "keyword_list_title": (
        "a1, b2, c3, d4, e5, f6, g7, h8, i9, j10", "图书、新书、旧书、教材、小说、杂志、报纸、漫画、字典、地图"),
    "repeated_title_tokens": ("cheap shoes cheap shoes cheap shoes cheap shoes", "减肥减肥减肥减肥减肥减肥"),
    "title_of_another_text": ("Cheap replica watches online outlet store sale", "澳门赌场真人在线投注平台"),
}  # fmt: skip


def both(rule: Rule, profile: str) -> pa.Table:
    """Two documents: one that the rule is for, and an ordinary one."""
    at = PROFILES.index(profile)
    good = {"en": EN, "zh": ZH}[profile]
    if rule.reason in TITLES:
        return measured([good, good], profile, [TITLES[rule.reason][at], TITLE[profile]])
    return measured([FIRES[rule.reason][at], good], profile)


@pytest.mark.parametrize("of", ON, ids=name)
def test_each_rule_drops_a_text_and_keeps_one(of: tuple[Any, Rule, str]) -> None:
    judge, rule, profile = of
    op = alone(judge, rule)
    batch = both(rule, profile)
    bad, good = judged(op, batch)
    assert good is None
    assert bad is not None
    assert (bad["reason"], bad["threshold"]) == (rule.reason, threshold(op, rule, profile))
    assert bad["value"] == batch["page"][0].as_py()[rule.signal]


@pytest.mark.parametrize("of", RULES, ids=name)
def test_equal_passes_zero_is_a_limit_and_none_is_off(of: tuple[Any, Rule, str]) -> None:
    judge, rule, profile = of
    batch = both(rule, profile).slice(0, 1)
    value = batch["page"][0].as_py()[rule.signal]
    beyond = value + 0.5 if rule.limit == "min" else value - 0.5
    assert judged(alone(judge, rule, **{profile: value}), batch) == [None]
    assert judged(alone(judge, rule, **{profile: None}), batch) == [None]
    assert judged(alone(judge, rule, **{profile: beyond}), batch) != [None]
    at_zero = judged(alone(judge, rule, **{profile: 0}), batch)
    assert at_zero == [None] if rule.limit == "min" or not value else at_zero[0]["threshold"] == 0  # type: ignore[index]


@pytest.mark.parametrize("judge", [judge for judge in JUDGES if judge is not ChineseWeb])
@pytest.mark.parametrize("text", PROSE.values(), ids=PROSE)
def test_prose_statutes_science_and_poems_pass(judge: Any, text: str) -> None:
    op = judge()
    if judge is NemoCharacters and text is SCIENCE:  # its limit for formulas is too low
        op = judge.model_validate({"en": {"non_alphanumeric_chars_max": "off"}})
    assert judged(op, measured([text])) == [None]


@pytest.mark.parametrize("text", [ZH, HANT, LAW_ZH, EN])
def test_chinese_pages_in_either_script_pass(text: str) -> None:
    assert judged(ChineseWeb(), measured([text])) == [None]


@pytest.mark.parametrize("judge", JUDGES)
def test_tiny_texts_have_a_verdict(judge: Any) -> None:
    for profile in (None, "zh"):
        titles: list[str | None] = [*TINY[:-1], None]
        assert len(judged(judge(), measured(TINY, profile, titles))) == len(TINY)
        assert len(judged(judge(), measured(TINY, profile))) == len(TINY)
    assert judged(judge(), measured([])) == []


@pytest.mark.parametrize("judge", JUDGES)
def test_rules_are_of_signals_and_settings_that_there_are(judge: Any) -> None:
    names = {field.name for field in PAGE.type}
    assert {rule.signal for rule in judge.rules} <= names
    for profile in PROFILES:
        fields = type(getattr(judge(), profile)).model_fields
        assert sorted(rule.setting for rule in judge.rules) == sorted(fields)


def test_off_turns_a_rule_off() -> None:
    assert judged(Code(), measured([FUNCTION])) != [None]
    assert judged(Code.model_validate({"en": {"code_chars_max": "off"}}), measured([FUNCTION])) == [None]


def test_the_profile_is_by_language_or_by_text() -> None:
    texts = ["今天 ab", "今天 ab, cd! ef", "123", "カタカナ", ""]
    assert [row["profile"] for row in measured(texts)["page"].to_pylist()] == ["zh", "en", "en", "en", "en"]
    batch = pa.table({"text": ["a", "今天", "今天"], "lang": ["zh-Hant", "en", None]})
    assert [row["profile"] for row in PageSignals().edit(batch)["page"].to_pylist()] == ["zh", "en", "zh"]


def test_without_a_title_nothing_is_said_of_it() -> None:
    said = {key: value for key, value in measured([EN])["page"][0].as_py().items() if key.startswith("title_")}
    assert said == {
        "title_separators": 0,
        "title_items": 0,
        "title_contacts": 0,
        "title_repeated_token_share": 0.0,
        "title_found_token_share": 1.0,
    }
    assert judged(TitleSpam(), measured([EN, ZH], titles=[None, ""])) == [None, None]


ORDINARY_TITLES = [
    "Committee agrees on plan for new library - The Daily News | Culture",
    "QQ音乐怎么用？微信公众号入门",
    "2024-11-12 会议纪要（第12号）",
    "ISBN 978-7-111-12345-6",
    "Sonnet 18",
    "iPhone 15 Pro, 15 Plus and 16e: all 2025 prices",
    "機器學習入門——從零開始",
    "How to set max_size in PostgreSQL 16",
    "北京 上海 广州三地新阅览室对比",
    "Tel Aviv 2024; Line 4 opens",
    "400 years of reading rooms",
]


@pytest.mark.parametrize("title", ORDINARY_TITLES)
def test_ordinary_titles_pass(title: str) -> None:
    op = TitleSpam(en={"found_tokens_min": None}, zh={"found_tokens_min": None})
    assert judged(op, measured([EN, ZH], titles=[title, title])) == [None, None]


@pytest.mark.parametrize(
    "title",
    [
        "图书批发 13812345678",
        "图书批发 １３８-１２３４-５６７８",
        "图书批发 010-62345678",
        "图书批发热线400-123-4567",
        "图书批发 微信号 book_12345",
        "图书批发QQ：12345678",
        "圖書批發 聯繫電話",
        "加薇book看全文",
        "Books for sale, WhatsApp: +15551234567",
        "Books (555) 123-4567",
        "Call us today for books",
    ],
)
def test_contacts(title: str) -> None:
    assert count_in_titles(normalized(pa.chunked_array([[title]])))["title_contacts"][0] >= 1


def test_a_short_text_or_title_says_too_little() -> None:
    short, long = (measured(["shoes and more shoes " * n])["page"][0].as_py() for n in (9, 20))
    assert short["top_token_share"] == short["top_ten_token_share"] == 0
    assert long["top_token_share"] == 0.5
    titles: list[str | None] = ["Sonnet 18", "shoes shoes"]
    assert judged(TitleSpam(), measured([EN, EN], titles=titles)) == [None, None]


def test_a_title_in_another_script_is_not_held_against_a_text() -> None:
    titles: list[str | None] = ["Committee agrees on plan for new library", "市图书馆新阅览室明年春天开工"]
    assert judged(TitleSpam(), measured([ZH * 2, EN * 2], titles=titles)) == [None, None]


@given(st.lists(st.text(max_size=30) | st.sampled_from([EN, ZH, *TINY]), max_size=6), st.integers(0, 6))
@settings(max_examples=40)
def test_a_batch_is_its_parts(texts: list[str], cut: int) -> None:
    titles: list[str | None] = [*reversed(texts)] if texts else [None]
    batch = pa.table({"text": pa.array(texts, pa.string()), "title": pa.array(titles[: len(texts)], pa.string())})
    whole = PageSignals().edit(batch)
    parts = [PageSignals().edit(part)["page"].to_pylist() for part in (batch.slice(0, cut), batch.slice(cut))]
    assert parts[0] + parts[1] == whole["page"].to_pylist()
    for judge in JUDGES:
        verdicts = judge().judge(whole).to_pylist()
        assert judge().judge(whole.slice(0, cut)).to_pylist() + judge().judge(whole.slice(cut)).to_pylist() == verdicts
