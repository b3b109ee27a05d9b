"""The furniture of pages is what plain Python finds, page by page."""

import numpy as np
import pytest
from furniture_twin import furniture as expected
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.edits.furniture_lines import words_by_place
from ops.edits.furniture_rules import furniture
from ops.edits.page_furniture import KINDS
from ops.kernels.furniture_ends import FurnitureLimits

LIMITS = FurnitureLimits(
    spam_header=True,
    navigation=True,
    teasers=True,
    tails=True,
    list_lines=3,
    teaser_lines=2,
    teaser_likeness=0.4,
    body_bytes=0,
    cut_share=1.0,
)
PROSE = [
    "The old mill stands where the river leaves the valley, and nobody in the three villages knows who built it.",
    "老水车立在河流出山谷的地方，三个村子里没有人知道是谁造的，也没有人记得它是什么时候停下来的。",
    "Read more about the mill, the river and the valley: it is told in the book that the villages wrote together.",
]
ITEMS = [
    "Home",
    "About Us",
    "Sports News",
    "The mill",
    "首页",
    "联系我们",
    "水车",
    "体育新闻",
    "7 items",
    "山水有清音",
    "By Ann",
    "2024-10-3",
]
LINES = [
    *ITEMS,
    *PROSE,
    *(
        "Learn how bread is made in our guide.",
        "Learn how wine is made in our long guide.",
        "Learn how mills are made here.",
    ),
    *(
        "专题：海与帆之间有哪些鲜为人知的秘密。",
        "专题：岛与潮之间有哪些秘密，一文读懂。",
        "专题：水车与河流之间有哪些秘密，一文读懂。",
    ),
    *(
        "Related articles",
        "相关文章",
        "Share this",
        "版权所有",
        "Home > News > Mills",
        "=====",
        "  indented",
        "",
        "",
        "\u3000",
    ),
    *(
        "cheap loans, best casino, poker bonus, slots",
        "cheap mill, river valley, old villages",
        "成人视频,激情直播,水车",
        "xxx, sexy cams",
    ),
    *(
        "Visit www.example.com now",
        "www.example.com/casino",
        "Call 555-123-4567 today",
        "加微信abc12345",
        "buy insurance online here today cheap now",
    ),
    *(
        "A Longer Title of an Article About Something Else",
        "The Old Mill and the River Valley Villages",
        "x" * 200,
        "- a list item",
        "a: b",
    ),
]
PAGE = st.builds(
    lambda *parts: "\n".join(line for part in parts for line in part),
    st.lists(st.sampled_from(LINES), max_size=8),
    st.lists(st.sampled_from(ITEMS), max_size=40),
    st.lists(st.sampled_from(PROSE), max_size=3),
    st.lists(st.sampled_from(LINES), max_size=8),
    st.lists(st.sampled_from(ITEMS), max_size=40),
    st.lists(st.sampled_from(LINES), max_size=5),
)
SOME_LIMITS = st.builds(
    FurnitureLimits,
    *[st.booleans() | st.just(value=True)] * 4,
    st.integers(2, 12),
    st.integers(2, 5),
    st.sampled_from([0.1, 0.4, 1.0]),
    st.sampled_from([0, 200]),
    st.sampled_from([0.5, 0.9, 1.0]),
)


def found(pages: list[str], limits: FurnitureLimits) -> list[list[tuple[int, int, str]]]:
    raw = [page.encode() for page in pages]
    ends = np.cumsum([0, *map(len, raw)])
    texts = np.stack([ends[:-1], ends[1:]], axis=1)
    gone = furniture(np.frombuffer(b"".join(raw) + bytes(8), np.uint8), texts, words_by_place(), limits)
    cuts = list(zip(gone.pages.tolist(), gone.at.tolist(), KINDS[gone.why], strict=True))
    return [
        [(at - ends[i], end - ends[i], kind) for page, (at, end), kind in cuts if page == i] for i in range(len(raw))
    ]


@given(st.lists(PAGE, max_size=3), SOME_LIMITS)
@settings(max_examples=500)
def test_pages_lose_what_plain_python_finds(pages: list[str], limits: FurnitureLimits) -> None:
    assert found(pages, limits) == [expected(page, limits) for page in pages]


@pytest.mark.parametrize("chars", [99_000, 101_000])
def test_a_list_is_compared_with_the_beginning_of_a_long_page(chars: int) -> None:
    menu = "\n".join(f"{name} Pages" for name in ("Sailing", "Gardens", "Weather", "Harbour", "Printing"))
    long = "\n".join(
        [menu, "x. " * (chars // 3), "Sailing, gardens, weather, harbour and printing are on the other pages."]
    )
    assert found([long], LIMITS) == [expected(long, LIMITS)]
    assert bool(found([long], LIMITS)[0]) == (chars > 100_000)


@given(st.lists(st.binary(max_size=300), max_size=3))
@settings(max_examples=100)
def test_any_bytes(raw: list[bytes]) -> None:
    ends = np.cumsum([0, *map(len, raw)])
    texts = np.stack([ends[:-1], ends[1:]], axis=1)
    furniture(np.frombuffer(b"".join(raw) + bytes(8), np.uint8), texts, words_by_place(), LIMITS)
