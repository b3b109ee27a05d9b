"""Chats: which turns become text, in which words, and who spoke them."""

import json

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.readers.chat import Turns, read_chat
from jobs.readers.chat_settings import Chat
from jobs.readers.corrections import Difference, corrected


def told(*turns: tuple[str, str]) -> str:
    return json.dumps([{"role": role, "content": text} for role, text in turns])


TALK = told(("system", "Be brief."), ("user", "Why is the sky blue?"), ("assistant", "Air scatters blue light."))
ZH = told(("user", "天为什么是蓝的？"), ("assistant", "空气散射蓝光。"))


@pytest.mark.parametrize(
    ("chat", "how", "text", "spoken_by"),
    [
        (TALK, Chat(), "Why is the sky blue?\n\nAir scatters blue light.", "mixed"),
        (ZH, Chat(), "天为什么是蓝的？\n\n空气散射蓝光。", "mixed"),
        (TALK, Chat(roles=("assistant",)), "Air scatters blue light.", "generated"),
        (ZH, Chat(roles=("user",)), "天为什么是蓝的？", None),
        (ZH, Chat(people=()), "天为什么是蓝的？\n\n空气散射蓝光。", "generated"),
        (TALK, Chat(people=("user", "assistant")), "Why is the sky blue?\n\nAir scatters blue light.", None),
        (
            ZH,
            Chat(before={"user": "用户：", "assistant": "助手："}),
            "用户：天为什么是蓝的？\n\n助手：空气散射蓝光。",
            "mixed",
        ),
        (told(("teacher", "It is 8."), ("student", "Why?")), Chat(roles=("teacher",)), "It is 8.", "generated"),
        (told(("narrator", "Night.")), Chat(), "", None),
        (told(("narrator", "Night.")), Chat(roles=("narrator",)), "Night.", "generated"),
        (told(("user", " \n"), ("assistant", "Yes.")), Chat(), "Yes.", "generated"),
        ("[]", Chat(), "", None),
    ],
)
def test_turns(chat: str, how: Chat, text: str, spoken_by: str | None) -> None:
    assert read_chat(chat, how) == Turns(text, spoken_by, None)


@pytest.mark.parametrize(
    "messages",
    [
        [{"from": "human", "value": "Hi."}, {"from": "gpt", "value": "Yes."}],
        [{"role": "User", "content": "Hi."}, {"role": "assistant ", "content": [{"type": "text", "text": "Yes."}]}],
        [
            {"role": "prompter", "text": "Hi."},
            {"role": "assistant", "content": None, "tool_calls": []},
            {"role": "bot", "text": "Yes."},
        ],
    ],
)
def test_ways_to_write_a_chat(messages: list) -> None:
    assert read_chat(json.dumps(messages), Chat()) == Turns("Hi.\n\nYes.", "mixed", None)


@pytest.mark.parametrize(
    "chat",
    ["", "text", "{}", "3", "[3]", '["a"]', "[null]", '[{"content": "no role"}]', '[{"role": "user", "content": 3}]',
     '[{"role": 3, "content": "a"}]', '[{"role": "user"', "[" * 5000, '[{"role": "user", "content": "\\ud800"}]',
     '[{"role": "user", "content": "a", "by_hand": 3}]'],
)  # fmt: skip
def test_what_is_no_chat(chat: str) -> None:
    assert read_chat(chat, Chat(corrected="by_hand")) == "not_a_chat"


@pytest.mark.parametrize(
    ("draft", "by_hand"),
    [("Water boils at 90 degrees.", "Water boils at 100 degrees."), ("水在九十度沸腾。", "水在一百度沸腾。")],
)
def test_corrections_are_kept_as_differences(draft: str, by_hand: str) -> None:
    turns = [{"role": "user", "content": "?"}, {"role": "assistant", "content": draft, "by_hand": by_hand}]
    read = read_chat(json.dumps(turns), Chat(roles=("assistant",), corrected="by_hand"))
    assert isinstance(read, Turns)
    assert (read.text, read.spoken_by) == (by_hand, "mixed")
    (change,) = orjson.loads(read.corrections or "[]")
    assert change.pop("turn") == 1
    assert corrected(draft, [Difference(**change)]) == by_hand


def test_a_correction_that_changes_nothing_is_none() -> None:
    turn = {"role": "assistant", "content": "Yes.", "by_hand": "Yes."}
    assert read_chat(json.dumps([turn]), Chat(corrected="by_hand")) == Turns("Yes.", "generated", None)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["user", "assistant", "text"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["role", "from", "content", "value", "text", "by_hand"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=200)
@given(JSON | st.lists(st.fixed_dictionaries({"role": st.sampled_from(["user", "gpt"]), "content": JSON})))
def test_any_json_is_read_or_is_none(value: object) -> None:
    read = read_chat(json.dumps(value), Chat(corrected="by_hand"))
    assert isinstance(read, Turns) or read == "not_a_chat"


@settings(max_examples=100)
@given(st.lists(st.tuples(st.sampled_from(["user", "assistant", "tool"]), st.text(st.characters(codec="utf-8")))))
def test_the_text_is_that_of_the_turns_and_nothing_else(turns: list[tuple[str, str]]) -> None:
    read = read_chat(told(*turns), Chat())
    assert isinstance(read, Turns)
    assert read.text == "\n\n".join(text for role, text in turns if role != "tool" and text.strip())
