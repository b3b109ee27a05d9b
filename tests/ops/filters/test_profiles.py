"""Profiles besides `en` and `zh`: each rule has a German text that it drops and one that it keeps."""

import tomllib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pydantic import ValidationError

from ops.filters.c4 import C4
from ops.filters.fineweb import FinewebQuality
from ops.filters.gopher import GopherQuality
from ops.filters.profiles import Profile
from ops.filters.repetition import GopherRepetition
from ops.filters.rules import Rule, threshold
from ops.filters.signals import QualitySignals
from ops.kernels.signals import CHINESE_STOP

DE = tomllib.loads((Path(__file__).parents[3] / "jobs" / "specs" / "profiles" / "de.toml").read_text(encoding="utf-8"))
GERMAN = Profile(languages=DE["languages"], stop_words=DE["stop_words"])
OPS: tuple[Any, ...] = (GopherQuality, GopherRepetition, FinewebQuality, C4)


def judge_of(op: Any, **settings: Any) -> Any:
    """The judge with the German limits."""
    limits = DE.get(op.model_fields["op"].default, {})
    return op.model_validate({"profiles": {"de": limits | settings.pop("de", {})}, **settings})


RULES = [
    (op, rule)
    for op in OPS
    for rule in op.rules
    if threshold(judge_of(op), rule, "de") is not None and rule.reason != "no_lines"  # a text has lines or no words
]

PAGE = (
    "Die Stadtbücherei bekommt im nächsten Frühjahr einen neuen Lesesaal, wie der Ausschuss am Dienstag mitteilte. "
    "Die meisten Mitglieder haben dem Plan zugestimmt und den Architekten um Zeichnungen gebeten. "
    "Das alte Lager wurde vor dreißig Jahren gebaut und wird abgerissen, sobald der Boden trocken ist. "
    "Niemand rechnet damit, dass die Arbeiten vor dem Winter fertig sind, aber das Geld reicht für alles. "
    "Geöffnet wird im Mai."
)
LINE = "der Plan des Lesesaals und die Räume, die wir mit Sorgfalt haben"
AGAIN = "die Katze saß\n\n" * 30

# For each reason, a text that is dropped for it; a reason that is not here is one of `AGAIN`.
FIRES = {
    "too_few_words": "Der Plan der Bücherei.",
    "too_many_words": "der und " * 50_001,
    "words_too_long": "Donaudampfschifffahrtsgesellschaft Rechtsschutzversicherungen " * 20,
    "too_many_hashes": PAGE + " #" * 20,
    "too_many_ellipses": PAGE + " hm..." * 20,
    "too_many_bullet_lines": "\n".join(["- " + LINE] * 10),
    "too_many_ellipsis_lines": "\n".join([LINE + "..."] * 10),
    "too_few_alphabetic_words": "der und 1234 5678 9012 " * 20,
    "too_few_stop_words": "viele Menschen gingen durch grüne Felder " * 10,
    "too_many_newlines": "eins\nzwei\ndrei\n" * 9,
    "lorem_ipsum": PAGE + " Lorem ipsum dolor.",
    "curly_bracket": PAGE + " function() {",
    "too_few_sentences": "Es ist hier. Es war dort.",
}


def measured(texts: list[str], languages: list[str | None], **profiles: Profile) -> pa.Table:
    batch = pa.table({"text": pa.array(texts, pa.string()), "lang": pa.array(languages, pa.string())})
    return QualitySignals(profiles=profiles).edit(batch)


def qualities(texts: list[str], languages: list[str | None], **profiles: Profile) -> list[dict]:
    rows: list[dict] = measured(texts, languages, **profiles)["quality"].to_pylist()
    return rows


@pytest.mark.parametrize(("op", "rule"), RULES, ids=[f"{op.__name__}-{rule.reason}" for op, rule in RULES])
def test_each_rule_drops_a_german_text_and_keeps_one(op: Any, rule: Rule) -> None:
    off = {one.setting: "off" for one in op.rules if one is not rule}
    judge = judge_of(op, de=off)
    bad, good = judge.judge(measured([FIRES.get(rule.reason, AGAIN), PAGE], ["de", "de"], de=GERMAN)).to_pylist()
    assert good is None
    assert (bad["reason"], bad["threshold"]) == (rule.reason, threshold(judge, rule, "de"))


@pytest.mark.parametrize("op", OPS)
def test_a_german_page_passes_by_its_profile(op: Any) -> None:
    batch = measured([PAGE], ["de-AT"], de=GERMAN)
    assert judge_of(op).judge(batch).to_pylist() == [None]


def test_a_german_page_without_a_profile_has_no_stop_words_of_english() -> None:
    batch = measured([PAGE], ["de"])
    assert GopherQuality().judge(batch).to_pylist() == [{"reason": "too_few_stop_words", "value": 0, "threshold": 2}]


def test_what_a_profile_leaves_out_is_as_in_en() -> None:
    judge = GopherQuality.model_validate({"en": {"words_min": 20}, "profiles": {"de": {"word_chars_max": 15}}})
    english = judge.en.model_dump()
    assert judge.profiles["de"].model_dump() == english | {"word_chars_max": 15}
    assert GopherQuality.model_validate(judge.model_dump()) == judge
    short = "Der Plan der Bücherei und die Zeichnungen."
    (told,) = judge.judge(measured([short], ["de"], de=GERMAN)).to_pylist()
    assert (told["reason"], told["threshold"]) == ("too_few_words", 20)


def test_a_profile_that_a_judge_has_no_limits_for_has_those_of_en() -> None:
    batch = measured(["Der Plan der Bücherei."], ["de"], de=GERMAN)
    judge = GopherQuality.model_validate({"en": {"words_min": 9}, "zh": {"words_min": 1}})
    assert judge.judge(batch).to_pylist() == [{"reason": "too_few_words", "value": 4, "threshold": 9}]


def test_each_document_is_measured_and_judged_by_its_own_profile() -> None:
    english = "The cat and the dog have been with us, and that is the end of it."
    texts = [PAGE, english, "图书馆的新阅览室是在三十年前建成的", PAGE, english, PAGE, "", "图书馆的"]
    languages = ["de", "en", "zh", "fr", None, "de_DE", "de", None]
    rows = qualities(texts, languages, de=GERMAN)
    assert [row["profile"] for row in rows] == ["de", "en", "zh", "en", "en", "de", "de", "zh"]
    alone = [qualities([a], [b], de=GERMAN)[0] for a, b in zip(texts, languages, strict=True)]
    assert rows == alone
    assert rows[0]["stop_words"] == rows[5]["stop_words"] == 8
    assert rows[1]["stop_words"] == rows[4]["stop_words"] == 6
    without = qualities(texts, languages)
    assert [without[n] for n in (1, 2, 3, 4, 7)] == [rows[n] for n in (1, 2, 3, 4, 7)]


def test_other_limits_and_stop_words_of_chinese() -> None:
    text = "图书馆阅览室设计方案讨论" * 20
    usual = qualities([text, "的是和"], ["zh", "zh"])
    own = Profile(stop_words=("讨论", "设计方案", "图书馆"), languages=("yue",))
    rows = qualities([text, text, "的是和"], ["zh", "yue", "zh"], zh=own)
    assert [row["profile"] for row in rows] == ["zh", "zh", "zh"]
    assert [row["stop_words"] for row in usual] == [0, 3]
    assert [row["stop_words"] for row in rows] == [3, 3, 0]
    batch = measured([text], ["zh"], zh=own)
    assert GopherQuality().judge(batch).to_pylist() == [None]
    strict = GopherQuality.model_validate({"zh": {"stop_words_min": 4}})
    assert strict.judge(batch).to_pylist() == [{"reason": "too_few_stop_words", "value": 3, "threshold": 4}]
    assert strict.judge(measured([PAGE], ["en"], zh=own)).to_pylist()[0]["threshold"] == 2


def test_words_are_split_as_the_profile_says() -> None:
    whole = Profile(languages=("de",), stop_words=("geht's",), words="whitespace")
    rows = qualities(["Wie geht's, Welt?"] * 2, ["de", "en"], de=whole)
    assert [(row["words"], row["stop_words"]) for row in rows] == [(3, 0), (6, 0)]
    rows = qualities(["Wie geht's dir"], ["de"], de=whole)
    assert [(row["words"], row["stop_words"]) for row in rows] == [(3, 1)]


def test_the_language_is_needed_where_profiles_have_some() -> None:
    assert QualitySignals().needs == ("text",)
    assert QualitySignals(profiles={"zh": Profile(stop_words=CHINESE_STOP)}).needs == ("text",)
    assert QualitySignals(profiles={"de": GERMAN}).needs == ("text", "lang")


def test_a_column_of_another_kind_of_string_or_of_nulls() -> None:
    batch = pa.table({"text": [PAGE, PAGE], "lang": pa.array(["de", None]).dictionary_encode()})
    rows = QualitySignals(profiles={"de": GERMAN}).edit(batch)["quality"].to_pylist()
    assert [row["profile"] for row in rows] == ["de", "en"]
    nulls = pa.table({"text": [PAGE], "lang": pa.nulls(1)})
    assert QualitySignals(profiles={"de": GERMAN}).edit(nulls)["quality"][0]["profile"].as_py() == "en"
    assert qualities([], [], de=GERMAN) == []


@pytest.mark.parametrize(
    ("profiles", "message"),
    [
        ({"de": {"stop_words": ["der"]}}, "de.languages: is missing"),
        ({"de": {"languages": ["de"]}}, "de.stop_words: is missing"),
        ({"de": {"languages": ["zh"], "stop_words": ["der"]}}, "'zh' is a language of the profile 'zh' too"),
        (
            {name: {"languages": ["de"], "stop_words": ["der"]} for name in ("de", "at")},
            "at.languages: 'de' is a language of the profile 'de' too",
        ),
        ({"en": {"words": "whitespace"}}, "en.words: those of en are split as the step quality_signals says"),
        ({"de": {"languages": ["de"], "stop_words": ["auf der"]}}, "should match pattern"),
        ({"De": {"languages": ["de"], "stop_words": ["der"]}}, "should match pattern"),
        ({"de": {"languages": ["de"], "stop_words": ["der"], "stopwords": []}}, "Extra inputs"),
    ],
)
def test_wrong_profiles(profiles: dict, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        QualitySignals.model_validate({"profiles": profiles})


@pytest.mark.parametrize("op", OPS)
def test_limits_of_en_and_zh_have_their_own_place(op: Any) -> None:
    with pytest.raises(ValidationError, match="en is always there"):
        op.model_validate({"profiles": {"en": {}}})


def test_without_profiles_stages_are_named_as_before() -> None:
    assert "profiles" not in QualitySignals().model_dump()
    assert all("profiles" not in op().model_dump() for op in OPS)
