"""Redact: what goes and what looks like it and stays; that passages hide nothing; no value anywhere afterwards."""

from typing import Any, get_args

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from ops.contract import Edit, Refusal
from ops.edits.pii_forms import FORMS
from ops.edits.redact import KINDS, PII, Kind, Redact, _forms_of, _found_apart
from ops.kernels.passages import FOLDING

STORY = "The mill stands where the river leaves the valley of the three farms."
ZH_STORY = "今年春天，市图书馆的新阅览室向所有读者开放。"
KEY = "-----BEGIN {0}PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7x+Qy/3d\nab12+/==\n-----END {0}PRIVATE KEY-----"
JWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"

# The kind, what goes, and what looks like it and stays.
FORMS_OF = [
    ("email", "john.doe@example.com", "john.doe@example"),
    ("email", "a@b.cn", "a@b.c0m"),
    ("email", "x_y+z@mail.qq.com", "icon@2x.png"),
    ("email", "ｌｉ＠ｑｑ．ｃｏｍ", "git@github.com"),
    ("cn_id", "11010519491231002X", "110105194912310021"),
    ("cn_id", "11010519491231002x", "11010519490231002X"),
    ("cn_id", "１１０１０５１９４９１２３１００２Ｘ", "110105 19491231 0021"),
    ("cn_id", "110105 19491231 002X", "990105194912310021"),
    ("cn_id", "360426199101010071", "360426199101010072"),
    ("credit_code", "91110000600037341L", "91110000600037342L"),
    ("bank_card", "4111 1111 1111 1111", "4111 1111 1111 1112"),
    ("bank_card", "4111111111111111", "9111111111111111"),
    ("bank_card", "6222020200000000006", "6222020200000000007"),
    ("bank_card", "3782-822463-10005", "3782-822463-10006"),
    ("iban", "GB82 WEST 1234 5698 7654 32", "GB83 WEST 1234 5698 7654 32"),
    ("iban", "DE89370400440532013000", "DE8937040044053201300"),
    ("phone", "13812345678", "12812345678"),
    ("phone", "138-1234-5678", "138-1234-567"),
    ("phone", "+86 13812345678", "213812345678"),
    ("phone", "(+86)138 1234 5678", "x13812345678"),
    ("phone", "008613812345678", "0.13812345678"),
    ("phone", "１３８１２３４５６７８", "1381234567８９"),
    ("phone", "010-62345678", "011-62345678"),
    ("phone", "(0755) 8234 5678", "0755.82345678"),
    ("phone", "0571-87654321-8001", "0571-8765"),
    ("phone", "+86-10-6234-5678", "+8610"),
    ("phone", "+44 20 7946 0958", "+0800 12345678"),
    ("phone", "+1 (212) 555-0123", "+1.2345678901"),
    ("phone", "(212) 555-0123", "(112) 555-0123"),
    ("phone", "212-555-0123", "212-555.0123"),
    ("ip", "93.184.216.34", "192.168.1.1"),
    ("ip", "8.8.8.8", "1.2.3.4"),
    ("ip", "2606:4700:4700::1111", "2001:db8::1"),
    ("ip", "２６０６:4700::5:6", "2606:4700:12345::1"),
    ("plate", "京A12345", "京A1234"),
    ("plate", "沪B·D12345", "沪BCDEFG"),
    ("plate", "粤Z1234港", "某A12345"),
    ("api_key", "AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPL"),
    ("api_key", "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "ghp_16C7e42F292c6912E7710c838347Ae178B4"),
    ("api_key", "xoxb-123456789012-abcDEF123456", "xoxb-"),
    ("api_key", "sk-proj-abcDEF1234567890abcdEFGH", "sk-toggleable__label-arrow-2"),
    ("api_key", JWT, JWT.replace("eyJ", "eyI")),
    ("private_key", KEY.format("RSA "), "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----"),
    ("private_key", KEY.format(""), "-----BEGIN PUBLIC KEY-----\nMIIE\n-----END PUBLIC KEY-----"),
]
# Those that are told by the word before them; the word stays.
TOLD_BY_WORDS = [
    ("passport", "护照号码：", "E12345678", "航班号：E12345678"),
    ("passport", "Passport no. ", "AB1234567", "Passport of AB1234567"),
    ("wechat", "微信：", "abc_12345", "微信：很常见"),
    ("wechat", "加微信号", "abc_12345", "加微信abcdefg"),
    ("wechat", "WeChat: ", "mill_2020", "WeChat: download now"),
    ("wechat", "vx：", "millstone", "wx: cross-platform"),
    ("qq", "QQ：", "12345", "QQ用户12345"),
    ("qq", "ＱＱ群", "１２３４５６７", "QQ2010"),
    ("cn_id", "身份证号：", "110105491231002", "订单号：110105491231002"),
    ("bank_card", "卡号：", "9558801234567890128", "单号：9558801234567890128"),
    ("phone", "电话：", "01062345678", "编号：01062345678"),
    ("ip", "IP地址：", "1.2.3.4", "version = 93.184.216.34"),
    (
        "api_key",
        'aws_secret_access_key = "',
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "access_key = wJalrXUtnFEMI/K7MDENG/",
    ),
]
AROUND = [
    "{}",
    "{} " + STORY,
    STORY + " {}",
    STORY + " ({}), " + STORY,
    ZH_STORY + "{}",
    "{}。" + ZH_STORY,
    "说明：{}：" + ZH_STORY,
    ZH_STORY + "请看{}，" + ZH_STORY,
]
# Numbers that are nobody's.
CLEAN = [
    "On 2019-01-02 12:30:45 it cost $1,234,567.89; ISBN 978-7-115-54608-1, 0-306-40615-2, pp. 1234-5678, 1999-2003.",
    "2019年1月2日，价格12345678元，订单号202405061234567890123，书号978-7-115-54608-1，1949-1976年。",
    "http://example.com/13812345678/a?id=13812345678 and www.example.com/t/4111111111111111",
    "commit 3f1c2b7e9d0a4c5b6e7f8091a2b3c4d5e6f70819, 550e8400-e29b-41d4-a716-446655440000, 0x7fffffffffff",
    "3.14159265358979323846 and -1.7976931348623157e+308, 17:30-18:45, 10.0.0.1/24, 0.0.0.0, 255.255.255.0, 1.10.2.3",
    "std::string a::b, 12:30:45.678, @decorator, user@, x@y, [1] 1234567890 1234567890, 1 2 3 4 5 6 7 8 9 10 11 12 13",
    "AVERYLONGCONSTANTNAME_WITH_NUMBER_2, sk-learn, eyJ, -----BEGIN, GB82, 微信：, QQ, 护照",
]


def edited(text: str, **set_to: Any) -> dict[str, Any]:
    return Redact(**set_to).edit(pa.table({"text": [text]})).to_pylist()[0]


def counts(row: dict[str, Any]) -> dict[str, int]:
    return {kind: count for kind, count in row["pii"].items() if kind in KINDS and count}


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize(("kind", "goes", "stays"), FORMS_OF)
def test_what_goes_and_what_looks_like_it(kind: str, goes: str, stays: str, around: str) -> None:
    row = edited(around.format(goes))
    assert row["text"] == around.format(f"<{kind.upper()}>")
    assert counts(row) == {kind: 1}
    assert edited(around.format(stays))["text"] == around.format(stays)


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize(("kind", "word", "goes", "stays"), TOLD_BY_WORDS)
def test_what_goes_by_the_word_before_it(kind: str, word: str, goes: str, stays: str, around: str) -> None:
    row = edited(around.format(word + goes))
    assert row["text"] == around.format(f"{word}<{kind.upper()}>")
    assert counts(row) == {kind: 1}
    assert edited(around.format(stays))["text"] == around.format(stays)


@pytest.mark.parametrize("text", [*CLEAN, "", " \n\t\u3000", "\n" * 50, STORY, ZH_STORY, "🙂", "<EMAIL>", "x"])
def test_nothing_to_redact(text: str) -> None:
    row = edited(text)
    assert row["text"] == text
    assert row["cuts"] is None
    assert counts(row) == {}
    assert row["pii"]["per_1000_chars"] == 0


@pytest.mark.parametrize(
    "goes",
    [
        *("13812345678", "010-62345678", "11010519491231002X", "91110000600037341L", "4111111111111111"),
        *("DE89370400440532013000", "93.184.216.34", "2606:4700:4700::1111", "AKIAIOSFODNN7EXAMPLE"),
    ],
)
@pytest.mark.parametrize("beside", ["x", "7", "Ｘ", "８"])
def test_no_letter_or_digit_stands_beside(goes: str, beside: str) -> None:
    assert "<" in edited(f"{beside}，{goes}，{beside}")["text"]
    assert "<" not in edited(f"{STORY} {goes}{beside} {STORY}")["text"]
    assert "<" not in edited(f"{STORY} {beside}{goes}")["text"]


def test_counts_places_and_no_value() -> None:
    text = f"Ask a@b.cn or c@d.org, {ZH_STORY}电话13812345678"
    row = edited(text)
    assert row["text"] == f"Ask <EMAIL> or <EMAIL>, {ZH_STORY}电话<PHONE>"
    assert counts(row) == {"email": 2, "phone": 1}
    assert row["pii"]["per_1000_chars"] == pytest.approx(3000 / len(text))
    assert [(cut["kind"], cut["text"]) for cut in row["cuts"]] == [
        ("email", "<EMAIL>"),
        ("email", "<EMAIL>"),
        ("phone", "<PHONE>"),
    ]
    went = [text.encode()[cut["at"] : cut["at"] + cut["bytes"]].decode() for cut in row["cuts"]]
    assert went == ["a@b.cn", "c@d.org", "13812345678"]
    assert not any(value in str(row) for value in went)


def test_kinds_may_be_chosen() -> None:
    text = "a@b.cn 192.168.1.1 13812345678"
    assert edited(text, kinds=["phone"])["text"] == "a@b.cn 192.168.1.1 <PHONE>"
    assert edited(text, kinds=["private_ip"])["text"] == "a@b.cn <PRIVATE_IP> 13812345678"
    assert edited("127.0.0.1 0.0.0.0", kinds=["private_ip"])["text"] == "127.0.0.1 0.0.0.0"
    assert {form.kind for form in FORMS} | {"person", "address"} == {*KINDS}
    for wrong in ([], ["e-mail"]):
        with pytest.raises(ValidationError, match="kinds"):
            Redact(kinds=wrong)


def test_keyed_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same value and key give the same hash, however it is written; another key gives another; neither is told."""
    by_hash = {"hash_key_variable": "PII_KEY"}
    with pytest.raises(Refusal, match="PII_KEY is not set"):
        edited("a@b.cn", **by_hash)
    monkeypatch.setenv("PII_KEY", "first")
    text = "13812345678 and 138-1234-5678 and １３８１２３４５６７８, A@b.cn a@B.cn, 13912345678"
    words = edited(text, **by_hash)["text"].replace(",", "").split()
    one, _, two, _, three, mail, same_mail, other = words
    assert one == two == three != other
    assert mail == same_mail
    assert mail.startswith("<EMAIL#")
    assert len(mail) == len("<EMAIL#>") + 16
    assert edited(" ".join(words), **by_hash)["text"] == " ".join(words)
    monkeypatch.setenv("PII_KEY", "second")
    assert edited("13812345678", **by_hash)["text"] != one
    assert "second" not in str(Redact(**by_hash).model_dump())


class Names:
    """Finds one name, as characters."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, texts: list[str]) -> list[list[tuple[int, int, str]]]:
        return [
            [(at, at + len(self.name), "person") for at in range(len(text)) if text.startswith(self.name, at)]
            for text in texts
        ]


class Wrong:
    def __call__(self, texts: list[str]) -> list[list[tuple[int, int, str]]]:
        return [[(0, 1, "colour")] for _ in texts]


def test_a_recogniser_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    module = type(pytest)("recognisers")
    module.Names, module.Wrong = Names, Wrong  # type: ignore[attr-defined]
    monkeypatch.setitem(__import__("sys").modules, "recognisers", module)
    own = {"recogniser": "recognisers:Names", "arguments": {"name": "王磊"}}
    row = edited("你好，王磊。a@b.cn，王磊@example.com <PERSON>", **own)
    assert row["text"] == "你好，<PERSON>。<EMAIL>，<PERSON>@example.com <PERSON>"
    assert counts(row) == {"email": 1, "person": 2}
    assert edited("doe@b.cn <EMAIL>", recogniser="recognisers:Names", arguments={"name": "doe"})["text"] == (
        "<EMAIL> <EMAIL>"
    )
    assert edited("<EMAIL>", recogniser="recognisers:Names", arguments={"name": "EMAIL"})["text"] == "<EMAIL>"
    with pytest.raises(Refusal, match="'colour'; expected person or address"):
        edited("x", recogniser="recognisers:Wrong")
    with pytest.raises(Refusal, match=r"redact: no_such:Class cannot be imported"):
        edited("x", recogniser="no_such:Class")


PIECES = [part for _, *parts in (*FORMS_OF, *TOLD_BY_WORDS) for part in parts]
GAPS = [
    "",
    "",
    " ",
    "\n",
    "-",
    ".",
    ",",
    "，",
    "/",
    ":",
    "@",
    "(",
    ")",
    "+",
    "0",
    "86",
    "x",
    "://",
    "微",
    "护",
    "QQ",
    "\u3000",
]
TEXT = st.lists(st.sampled_from([*PIECES, *GAPS * 3, *CLEAN, STORY, ZH_STORY, "水" * 90, "a" * 90]), max_size=12).map(
    "".join
)
ANY = TEXT | st.text(max_size=40) | st.text("0123456789 -.+()@:aZ１微信号QXx京", max_size=60)
EVERY = Redact(kinds=KINDS)


@given(ANY)
@example("john.doe@example.com-AKIAIOSFODNN7EXAMPLE")
@example(f"{KEY.format('')}GB82 WEST 1234 5698 7654 32")
@example(f"{KEY.format('')}91110000600037341L")
@example(f"{KEY.format('')}2606:4700:4700::1111")
@settings(max_examples=1000)
def test_passages_hide_nothing(text: str) -> None:
    """What is found in passages is what the expressions find in the whole text."""
    found = _found_apart(text.translate(FOLDING), _forms_of(KINDS), ~0)
    expected = sorted((len(text[:begin].encode()), len(text[begin:end].encode()), kind) for begin, end, kind in found)
    row = edited(text, kinds=KINDS)
    assert [(cut["at"], cut["bytes"], cut["kind"]) for cut in row["cuts"] or []] == expected


@given(st.lists(ANY, max_size=5))
@settings(max_examples=300)
def test_idempotent(texts: list[str]) -> None:
    once = EVERY.edit(pa.table({"text": pa.array(texts, pa.string())}))["text"]
    again = EVERY.edit(pa.table({"text": once}))
    assert again["text"] == once
    assert again["cuts"].null_count == len(texts)


@given(st.lists(ANY, max_size=5), st.integers(0, 5))
@settings(max_examples=80)
def test_a_batch_is_its_parts(texts: list[str], cut: int) -> None:
    def rows(some: list[str]) -> list[dict[str, Any]]:
        return EVERY.edit(pa.table({"text": pa.array(some, pa.string())})).to_pylist()

    assert rows(texts[:cut]) + rows(texts[cut:]) == rows(texts) == [rows([text])[0] for text in texts]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()], ids=str)
def test_layouts(kind: pa.DataType) -> None:
    texts = ["a@b.cn", "", ZH_STORY, "京A12345"]
    whole = pa.array(["c@d.cn", *texts, "x"], kind).slice(1, 4)
    chunked = pa.chunked_array([pa.array(texts[:1], kind), pa.array([], kind), pa.array(texts[1:], kind)])
    made = [Redact().edit(pa.table({"text": column})) for column in (whole, chunked)]
    assert made[0]["text"].type == kind
    assert made[0].to_pylist() == made[1].to_pylist()
    assert made[0]["text"].to_pylist() == ["<EMAIL>", "", ZH_STORY, "<PLATE>"]
    made[1].validate(full=True)
    assert Redact().edit(pa.table({"text": pa.array([], kind)})).num_rows == 0


def test_a_huge_text() -> None:
    text = f"{STORY} a@b.cn {'x' * 2_000_000} {'7' * 1_000_000} {ZH_STORY * 10_000}" + "13812345678，" * 20_000
    assert counts(edited(text)) == {"email": 1, "phone": 20_000}


def test_it_is_an_edit_and_its_column_names_every_kind() -> None:
    assert isinstance(Redact(), Edit)
    assert {field.name for field in PII.type} == {*get_args(Kind), "per_1000_chars"}
