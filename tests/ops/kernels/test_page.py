"""Page counts equal a slow twin on any text, and cases say what the definitions mean."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_twin import counts, tokens

from ops.kernels import page_columns as p
from ops.kernels import page_tables as t
from ops.kernels.page import count_page

COLUMNS = p.TOP_TEN + 1
NAMES = {
    number: name.lower()
    for name, number in [*vars(t).items(), *vars(p).items()]
    if isinstance(number, int) and name.isupper() and not name.startswith("_") and number < COLUMNS
}
PARTS = [
    *"aZ9é １Ａ \t\n\r\u2028\x85\x1c.,:;!?()[]{}<>=_$&|/\\'\"”-–—#…•·■□\ufffd\ue000",
    *"。，、：【】的图书馆かカ한Я🙂\0\U00020000\U000f0000",
    "\n\n", "\r\n", "the ", "and ", " of ", "library ", "Reading", "don't ",
    "https://a.b/c?d ", "http://", "HTTPS://x ",
    "```\n", "~~~ x\n", "if (x) {\n", "    foo_bar();\n", "x = [1]\n", "</p>", "<div>\n", "$ ls -la\n", '"a": 1,\n',
    "\\frac{a}", "name(s);", "f(x)", "=>", "->", "==", "::", "&&", "color: red;\n",
    ">>> ", "// ", "def ", "else:", "* ",
    "今天天气", "我们的", "展开\n", "更多\n", "Read More\n", "。。。\n", "……\n", "」\n", "item 1: 2.50 (a)\n",
    "词 汇 表、",
    "the library " * 30,
    "图书馆的" * 20,
    "alpha, beta, gamma, delta, ", "价格：35元 12-3\n", "1234567890" * 2, "b" * 300, "一" * 20, "word " * 9,
]  # fmt: skip
TEXT = st.text(max_size=60) | st.lists(st.sampled_from(PARTS), max_size=40).map("".join)


def named(numbers: list[int]) -> dict[str, int]:
    return {NAMES.get(n, str(n)): number for n, number in enumerate(numbers)}


@given(st.lists(TEXT, max_size=4))
def test_equals_its_twin(texts: list[str]) -> None:
    found = count_page(pa.array(texts, pa.string()))
    for n, text in enumerate(texts):
        expected, entropy = counts(text)
        assert named(found.text[n, :COLUMNS].tolist()) == named(expected)
        assert found.entropy[n] == pytest.approx(entropy, abs=1e-9)


@given(st.lists(st.tuples(TEXT, TEXT), max_size=4))
def test_titles_equal_their_twin(pages: list[tuple[str, str]]) -> None:
    texts, titles = [text for text, _ in pages], [title for _, title in pages]
    found = count_page(pa.array(texts, pa.string()), pa.array(titles, pa.string()))
    assert (found.text == count_page(pa.array(texts, pa.string())).text).all()
    for n, (text, title) in enumerate(pages):
        assert named(found.title[n, :COLUMNS].tolist()) == named(counts(title)[0])
        lines = [tokens(line) for line in text.splitlines()]
        body = {kind: {token for line in lines for token in line[kind]} for kind in (0, 1)}
        enough = (found.text[n, p.WORDS] >= 50, found.text[n, p.TOKENS] - found.text[n, p.WORDS] >= 50)
        topics = [(kind, token) for kind in (0, 1) if enough[kind] for token in titled(title, kind)]
        assert found.known[n].tolist() == [len(topics), sum(token in body[kind] for kind, token in topics)]


def titled(title: str, kind: int) -> set[str]:
    return {token for line in title.splitlines() for token in tokens(line)[kind]}


@given(st.lists(TEXT, min_size=2, max_size=5))
def test_layouts_and_neighbours_do_not_matter(texts: list[str]) -> None:
    whole = count_page(pa.array(texts)).text.tolist()
    assert count_page(pa.chunked_array([texts[:1], texts[1:]], pa.large_string())).text.tolist() == whole
    assert count_page(pa.array(["- # 北京", *texts, "the 大学"]).slice(1, len(texts))).text.tolist() == whole


@given(st.lists(st.binary(max_size=60), max_size=4))
def test_no_bytes_make_it_fail(texts: list[bytes]) -> None:
    """Readers let no such bytes pass; a text that got around them is counted somehow, and its neighbours rightly."""
    broken = pa.array([*texts, b"the same, always."], pa.binary()).view(pa.string())
    found = count_page(broken, broken)
    assert found.text[-1].tolist() == count_page(pa.array(["the same, always."])).text[0].tolist()
    assert (found.text >= 0).all()


def test_long_texts_and_short_ones() -> None:
    texts = [
        "a b",
        "the same line of words 12, x: (1)\n" * 300,
        "今天天气很好。" * 400,
        "",
        "b" * 3000,
        "y\n" * 900,
        "é " * 99,
    ]
    found = count_page(pa.array(texts)).text[:, :COLUMNS].tolist()
    assert [named(row) for row in found] == [named(counts(text)[0]) for text in texts]
    assert count_page(pa.array([], pa.string())).text.shape[0] == 0


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("图书馆 Library", t.HAN, 3),
        ("かなカナ", t.KANA, 4),
        ("한국어", t.HANGUL, 3),
        ("Привет", t.CYRILLIC, 6),
        ("αβγ", t.OTHER_LETTER, 3),
        ("1２", t.DIGIT, 2),
        ("€+🙂=", t.SYMBOL, 4),
        ("□■\ufffd\ue000\U00100000", p.DAMAGED_CHARS, 5),
        ("see http://a.b/c, or https://d。", p.URL_CHARS, 22),
        ("ftp://a.b xhttp:/ http:", p.URL_CHARS, 0),
        ("【标题】正文【两个】【没有\n完】", p.LENTICULAR_CHARS, 4),
        ("好。\n好！\n好……\n好…\n他说：“好”\n他說：「好」\n以下：\nNo.", p.ENDED_LINES, 6),
        ("天气很好。\n天气好。\n天气■好了。\n天气很好了", p.PASSING_LINES, 1),
        ("点击展开\nRead More\nand so on...\n待续。。。\n更多内容", p.MORE_LINES, 4),
        ("• a\n▪ b\n- c\n–d\n", p.BULLET_LINES, 3),
        ("One. Two! “Three” …", p.SENTENCES, 3),
        ("abc图defgh ij", p.LONGEST_WORD, 6),
        ("The library's readers", p.TOPIC_TOKENS, 2),
        ("我们的图书馆", p.TOPIC_TOKENS, 2),
        ("Price 12: 3.50 (each)\nStock 7: 120.99 (total)\n\nValue 1: 1.0 (net)\n", p.TEMPLATE_LINES, 3),
        ("Buy shoes in Rome\nBuy shoes in Oslo\nBuy shoes in Bern\nAll about shoes", p.TEMPLATE_LINES, 3),
        ("cheap flights, cheap hotels, car hire, travel deals, low fares", p.LISTED_TOKENS, 10),
        ("She sold flights, hotels and cars, and then the travel deals to them", p.LISTED_TOKENS, 0),
        ("减肥药、减肥茶、减肥方法、快速减肥、减肥食谱", p.LISTED_TOKENS, 13),
        ("```\nls -l\n总计 16\n```\n完了。", p.CODE_CHARS, 10),
    ],
)
def test_cases(text: str, column: int, expected: int) -> None:
    assert counts(text)[0][column] == expected
    assert count_page(pa.array([text])).text[0, column] == expected


def test_a_block_that_began_before_the_text_is_no_reason_to_take_prose_for_code() -> None:
    prose = "The rest of the page is about what the command has shown to the readers of it.\n" * 3
    found = count_page(pa.array([f"```\n{prose}```\nls -l\n```\n{prose}", f"```\n{prose}"])).text[:, p.CODE_CHARS]
    assert found.tolist() == [5, 0]
