"""Words equal a slow twin on any text, and cases say what the rules mean."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from word_twin import words_of

from ops.kernels.english import EXCEPTIONS
from ops.kernels.segments import han_words
from ops.kernels.words import ENGLISH, JIEBA, WHITESPACE, split_words

PARTS = [
    *"aZé9٣ \t\n\u3000.,:;!?()[]'\"’“”-–—/+*^$%€@#_&~…°²🙂©|=<>",
    *"今天图书馆的々〇𠀀𰀀カส한Ωя",
    "..", "--", "——", "……", "US$", "C$", "km", "m/s", "'s", "n't", "www.", ".com", "http://", "://", "a@b.org", ":80",
    "can", "cannot", "don't", "don’t", "it's", "Mr.", "e.g.", "U.S.", ":)", "8am", "10", "1.2.3.4", "\0",
]  # fmt: skip
TEXT = (
    st.text(max_size=40)
    | st.lists(st.sampled_from(PARTS), max_size=30).map("".join)
    | st.text(st.characters(codec="ascii"), max_size=60)
    | st.lists(st.sampled_from(sorted(EXCEPTIONS)) | st.sampled_from(" .,'("), max_size=6).map("".join)
)
SPLIT = {"english": ENGLISH, "jieba": JIEBA, "whitespace": WHITESPACE}
WAYS = [(words, chinese_words) for words in SPLIT for chinese_words in ("jieba", "characters")]


def kernel_words(text: str, words: str = "english", chinese_words: str = "jieba") -> list[str]:
    raw = text.encode()
    data = np.frombuffer(raw, np.uint8)
    segmented = chinese_words == "jieba"
    han = han_words(data, np.array([0, len(raw)], np.int32)) if segmented else np.empty(0, np.int64)
    room = len(raw) + 1
    found = np.empty((room, 2), np.int64)
    spans = tuple(np.empty(2 * room, kind) for kind in "ill")
    marked = (found, *(np.empty(room + 40, kind) for kind in (np.uint64, np.uint8, np.int64, np.int64, np.uint8)))
    count, used = split_words(data, 0, len(raw), SPLIT[words], han, 0, spans, marked)
    assert used == len(han)
    return [raw[start:stop].decode() for start, stop in found[:count]]


@pytest.mark.parametrize("way", WAYS, ids="-".join)
@given(text=TEXT)
def test_words_equal_their_twin(way: tuple[str, str], text: str) -> None:
    assert kernel_words(text, *way) == words_of(text, *way)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("Hello, world!", "Hello , world !"),
        ("(see: this).", "( see : this ) ."),
        ("don't it's I’m cannot dont", "do n't it 's I ’m can not do nt"),
        ("John's dogs' rock'n'roll 'tis", "John 's dogs ' rock'n'roll ' tis"),
        ("Mr. Smith e.g. U.S. A. USA. end.", "Mr. Smith e.g. U.S. A. USA . end ."),
        ("19-year-old x-1 1-x a--b a—b", "19 - year - old x-1 1 - x a -- b a — b"),
        ("and/or word/word 5-6 1.2.3 10:30", "and/or word / word 5 - 6 1.2.3 10:30"),
        ("3.5%, $10.5 10km 64GB 8am", "3.5 % , $ 10.5 10 km 64 GB 8 am"),
        ("hm… ok…… so... a...b", "hm … ok …… so ... a ... b"),
        ("http://a.bc/c-d foo.com.Bar sentence.Next", "http://a.bc/c-d foo.com . Bar sentence . Next"),
        ("e-mail@x-y.org C++ :) #tag @user _x_", "e-mail@x-y.org C++ :) # tag @user _ x _"),
        ("-x x- --x “quoted”", "-x x- --x “ quoted ”"),
        ("我们在北京大学，学习GPU。", "我们 在 北京大学 ， 学习 GPU 。"),
        ("吾輩はネコ", "吾 輩 は ネ コ"),
        ("今天 ＧＰＵ", "今天 ＧＰＵ"),
        (" \u3000\n", ""),
    ],
)
def test_cases(text: str, expected: str) -> None:
    assert kernel_words(text) == words_of(text) == expected.split()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("安装Linux、MacOS和x86_64", "安装 Linux 、 MacOS 和 x86 _ 64"),
        ("见https://linux.cn/a-1.html）][20]", "见 https : / / linux . cn / a - 1 . html ） ] [ 20 ]"),
        ("3.14% v1.2.3 100%的 ### a..b don't", "3.14% v1.2 . 3 100% 的 ### a .. b don ' t"),
        ("éя٣ カ C++ #&", "é я ٣ カ C ++ #&"),
        ("2. 5.% 7.x", "2 . 5 .% 7 . x"),
        ("", ""),
    ],
)
def test_as_jieba(text: str, expected: str) -> None:
    assert kernel_words(text, "jieba") == words_of(text, "jieba") == expected.split()


def test_between_spaces() -> None:
    assert kernel_words("It's (here). 我们在", "whitespace") == ["It's", "(here).", "我们", "在"]
    assert kernel_words("It's 我们在", "whitespace", "characters") == ["It's", "我", "们", "在"]


def test_every_exception_is_split_as_it_is_written_down() -> None:
    for word, pieces in EXCEPTIONS.items():
        assert kernel_words(f"x {word} y") == ["x", *pieces, "y"], word


def test_long_words_and_many_of_them() -> None:
    text = "x" * 3000 + " " + ".," * 1500 + " " + "a-b/" * 1000
    assert kernel_words(text) == words_of(text)
