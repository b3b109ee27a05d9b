"""Watermarks of any kind that most paragraphs have: strings that no rule names, at each place, and what stays."""

import pyarrow as pa
import pytest
from prose import ZH_PROSE

from ops.edits.watermarks import Watermarks

PROSE = [
    "The mill stands where the river leaves the valley. Nobody remembers who built the bridge.",
    "Every spring the water rises to the second step! A miller counts the days until it falls.",
    "Three farms share one road. It is mended each autumn, by whoever broke it last.",
    "Was the well older than the church? Books that would tell were burned.",
    "A letter came from the city. Someone asked for the key of a house that had been pulled down.",
    "On market days the ferry runs twice. Otherwise it waits for a bell.",
]
MARKS = [
    *(
        " Kopix Online",
        " (Kopix Hub)",
        " <Kopix Post>",
        " | Kopix Daily",
        " -- Kopix Post",
        " — Kopix Hub",
        " ~qopix~",
        " @mio77",
    ),
    *(
        " #miodar3",
        " ©Kopix 2031",
        " via Kopix Daily",
        " courtesy of The Kopix Hub",
        " ab12cd34",
        " Visit kopix.me today!",
    ),
    *(" Reprinted from Kopix, no reuse", " Click here to continue reading", " ★ Kopix Times", " [vu69-kol]"),
]
ZH_MARKS = [
    *(
        "枫叶网",
        "晨曦书屋整理",
        "『枫叶』",
        "〖枫叶·独家〗",
        "—— 枫叶阁",
        "｜枫叶阁",
        "※枫叶※",
        "★枫叶★",
        "@枫叶书屋",
        "（枫叶）",
    ),
    *(
        "手机阅读请点击m.fengye.cc",
        "免费阅读全文尽在枫叶。",
        "本章未完，点击下一页继续阅读",
        "文/枫叶书屋",
        "QQ群38127",
        "枫叶小说，请上fy.site！",
    ),
]


def edited(text: str) -> str:
    made: str = Watermarks().edit(pa.table({"text": [text]}))["text"][0].as_py()
    return made


def planted(paragraphs: list[str], mark: str, place: str) -> str:
    made = []
    for paragraph in paragraphs:
        stop = min(paragraph.find(end) for end in ".!?。！？" if end in paragraph) + 1
        at = {"start": 0, "end": len(paragraph), "middle": stop}[place]
        made.append(paragraph[:at] + (mark.lstrip() if place == "start" else mark) + paragraph[at:])
    return "\n\n".join(made)


@pytest.mark.parametrize("place", ["start", "middle", "end"])
@pytest.mark.parametrize(
    ("paragraphs", "mark"), [*((PROSE, one) for one in MARKS), *((ZH_PROSE, one) for one in ZH_MARKS)]
)
def test_a_string_of_any_kind_goes(paragraphs: list[str], mark: str, place: str) -> None:
    assert edited(planted(paragraphs, mark, place)) == "\n\n".join(paragraphs)
