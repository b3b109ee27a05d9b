import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.readers.encodings import decoded

TEXTS = {
    "zh": "本文介绍了一种新的方法，用于处理大规模语料库中的文本数据。研究人员发现，许多网页的编码声明并不准确。",
    "zh-Hant": "本文介紹了一種新的方法，用於處理大規模語料庫中的文字資料。研究人員發現，許多網頁的編碼宣告並不準確。",
    "ko": "이 글은 대규모 말뭉치를 처리하는 새로운 방법을 소개한다. 많은 웹페이지의 인코딩 선언이 정확하지 않다.",
    "ja": "この記事では、大規模なコーパスを処理する新しい方法を紹介します。多くの宣言は正確ではありません。",
    "ru": "В этой статье описывается новый метод обработки больших корпусов. Многие страницы объявляют её неверно.",
    "fr": "Cet été, les élèves français ont été très occupés à préparer la fête de l'école où ça s'est passé, déjà.",
}


def html(language: str, meta: str = "") -> str:
    said = f'<meta charset="{meta}">' if meta else ""
    body = f'<div class="item"><p>{TEXTS[language]}</p></div>' * 8
    return f"<!doctype html><html><head>{said}<title>x</title></head><body>{body}</body></html>"


CASES = [
    ("zh", "gbk"),
    ("zh", "gb18030"),
    ("zh-Hant", "big5"),
    ("ko", "euc-kr"),
    ("ja", "euc-jp"),
    ("ja", "shift_jis"),
    ("ja", "iso-2022-jp"),
    ("ru", "windows-1251"),
    ("ru", "koi8-r"),
    ("fr", "iso-8859-1"),
    ("zh", "utf-8"),
]


@pytest.mark.parametrize(("language", "encoding"), CASES)
def test_nothing_is_said(language: str, encoding: str) -> None:
    page = html(language)
    assert decoded(page.encode(encoding)) == page


@pytest.mark.parametrize(("language", "encoding"), CASES)
def test_the_page_says_it(language: str, encoding: str) -> None:
    page = html(language, encoding)
    assert decoded(page.encode(encoding)) == page
    assert decoded(page.encode(encoding), encoding) == page


@pytest.mark.parametrize(("language", "encoding"), [case for case in CASES if case[1] != "utf-8"])
def test_the_server_says_what_servers_say_unasked(language: str, encoding: str) -> None:
    page = html(language, encoding)
    assert decoded(page.encode(encoding), "ISO-8859-1") == page


@pytest.mark.parametrize(
    ("language", "encoding", "stated"),
    [
        ("zh", "gbk", "utf-8"),
        ("zh", "gbk", "iso-8859-1"),
        ("zh", "utf-8", "gb2312"),
        ("zh", "utf-8", "iso-8859-1"),
        ("zh", "utf-8", "us-ascii"),
        ("zh-Hant", "big5", "iso-8859-1"),
        ("ko", "euc-kr", "utf-8"),
        ("ja", "shift_jis", "no such charset"),
        ("ru", "windows-1251", "utf-8"),
        ("ru", "windows-1251", "iso-8859-1"),
        ("fr", "iso-8859-1", "utf-8"),
        ("fr", "iso-8859-1", "iso-8859-1"),
    ],
)
def test_what_is_said_is_wrong(language: str, encoding: str, stated: str) -> None:
    page = html(language)
    assert decoded(page.encode(encoding), stated) == page
    page = html(language, stated)
    assert decoded(page.encode(encoding)) == page


def test_of_two_that_are_said_the_one_that_can_be_wrong_is_asked_first() -> None:
    page = html("zh", "gbk")
    assert decoded(page.encode("gbk"), "windows-1251") == page


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_marks_and_wide_characters(codec: str) -> None:
    page = html("zh")
    assert decoded(page.encode(codec), "gbk") == page


def test_a_superset_is_meant() -> None:
    page = html("zh", "gb2312").replace("本文", "镕€")  # neither is in GB2312
    assert decoded(page.encode("gb18030")) == page


def test_a_few_lost_bytes_are_marked_and_the_rest_stays() -> None:
    page = html("zh", "utf-8") * 2
    broken = page.encode().replace("研究".encode(), "研究".encode()[:-1], 1)
    assert decoded(broken) == page.replace("研究", "研\ufffd", 1)
    assert decoded(broken, "utf-8") == page.replace("研究", "研\ufffd", 1)


@pytest.mark.parametrize("stated", [None, "utf-8", "gb2312", "iso-8859-1"])
@pytest.mark.parametrize("meta", ["", "utf-8"])
def test_a_character_cut_in_a_short_page_of_utf_8(meta: str, stated: str | None) -> None:
    page = f'<meta charset="{meta}"><meta name="description" content="天气"><p>{TEXTS["zh"]}</p>'
    cut = page.encode().replace("气".encode(), "气".encode()[:2])
    assert decoded(cut, stated) == page.replace("气", "\ufffd")


def test_latin_letters_are_not_taken_for_damaged_utf_8() -> None:
    page = "<p>" + TEXTS["fr"] + "</p>"
    assert decoded(page.encode("cp1252"), "utf-8") == page
    assert decoded(page.encode("cp1252") + "é".encode(), "utf-8") == page + "Ã©"


@pytest.mark.parametrize("label", ["utf-16", "unicode"])
def test_a_page_of_single_bytes_that_says_it_is_utf_16(label: str) -> None:
    page = html("fr", label)
    assert decoded(page.encode("cp1252")) == page
    assert decoded(page.encode("cp1252"), label) == page
    wide = " text without a mark, " + TEXTS["zh"]
    assert decoded(wide.encode("utf-16-le"), label) == wide


def test_an_xml_declaration_says_it() -> None:
    page = "<p>Prix : 5 €</p>"  # so short that detectors take it for something else
    assert decoded(page.encode("iso-8859-15")) != page
    said = '<?xml version="1.0" encoding="ISO-8859-15"?>' + page
    assert decoded(said.encode("iso-8859-15")) == said


def test_what_is_no_text_is_refused() -> None:
    assert decoded(bytes(range(128, 256)) * 40 + b"\x81\x8d\x8f\x90\x9d" * 100, "utf-8") is None


@given(st.binary(max_size=300), st.sampled_from([None, "utf-8", "gbk", "iso-2022-jp", "latin-1", "\0", "utf-16"]))
@settings(max_examples=100)
def test_any_bytes(page: bytes, stated: str | None) -> None:
    text = decoded(page, stated)
    assert text is None or text.encode() is not None
