"""Near dedup: only what resembles the very document that stays goes; chains, templates and short texts are safe."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from ops.contract import notes_of
from ops.dedup.near import NearDedup
from ops.kernels.minhash import shingle_hashes, sign


def _words(count: int, seed: int) -> list[str]:
    return [f"w{n}" for n in np.random.default_rng(seed).integers(0, 1 << 30, count)]


def _edited(words: list[str], edits: int, seed: int, first: int = 3) -> list[str]:
    """Replace so many words, far apart."""
    out = list(words)
    for n, at in enumerate(np.linspace(first, len(words) - 4, edits).astype(int)):
        out[at] = f"x{seed}q{n}"
    return out


def _jaccard(one: str, two: str) -> float:
    a, b = (set(shingle_hashes(text, 5).tolist()) for text in (one, two))
    return len(a & b) / len(a | b)


def _estimate(one: str, two: str) -> float:
    a, b = sign(pa.array([one, two]), 5, 112, 1)[0]
    return float((a == b).mean())


def _family_corpus(make_corpus: Callable, seed: int) -> pa.Table:
    """Make families of edited copies, of all origins, in English and Chinese, with strangers and short texts."""
    draw = np.random.default_rng(seed)
    rows = []
    for family in range(12):
        base = _words(120, seed=1000 * seed + family)
        if family % 3 == 0:
            base = [chr(0x4E00 + int(word[1:]) % 3000) for word in base]
        for member in range(int(draw.integers(1, 6))):
            words = _edited(base, int(draw.integers(0, 9)), seed=member)
            text = ("" if family % 3 == 0 else " ").join(words)
            rows.append({"text": text, "origin": ("real", "unknown", "synthetic")[int(draw.integers(3))]})
    return make_corpus([*rows, {"text": ""}, {"text": "too short"}, {"text": "too short"}, {"text": "…"}])


@pytest.mark.parametrize("seed", range(6))
def test_what_every_verdict_promises(seed: int, make_corpus: Callable, survey: Callable, shuffled: Callable) -> None:
    op = NearDedup(threshold=0.7)
    table = _family_corpus(make_corpus, seed)
    found = survey(op, table)
    assert found
    rows = {row["id"]: row for row in table.to_pylist()}
    order = {"real": 0, "unknown": 1, "synthetic": 2}
    for lost, verdict in found.items():
        kept = verdict["kept_id"]
        assert kept not in found
        assert verdict["value"] == _estimate(rows[lost]["text"], rows[kept]["text"])
        assert verdict["value"] >= verdict["threshold"] == 0.7
        ranks = [(order[r["origin"]], -len(r["text"].encode()), r["id"]) for r in (rows[kept], rows[lost])]
        assert ranks[0] < ranks[1]
    for other in range(3):
        assert survey(op, shuffled(table, other), unit_rows=5 + other) == found


@given(
    edits=st.lists(st.integers(0, 12), min_size=1, max_size=8),
    threshold=st.sampled_from([0.5, 0.8, 1.0]),
    seed=st.integers(0, 99),
)
@settings(max_examples=40)
def test_no_two_kept_candidates_are_similar(
    edits: list[int], threshold: float, seed: int, make_corpus: Callable, survey: Callable
) -> None:
    """Nothing that shares a band with a kept document and is similar to it stays."""
    base = _words(80, seed)
    texts = [" ".join(_edited(base, count, seed=n)) for n, count in enumerate(edits)]
    op = NearDedup(threshold=threshold)
    found = survey(op, make_corpus({"text": text} for text in texts))
    kept = [text for n, text in enumerate(texts) if f"d{n:06d}" not in found]
    signatures = sign(pa.array(kept), 5, 112, 1)[0]
    for n, one in enumerate(signatures):
        for two in signatures[n + 1 :]:
            same = one == two
            assert same.mean() < threshold or not same.reshape(14, 8).all(axis=1).any()


def test_exact_copies_go_whatever_the_threshold(make_corpus: Callable, survey: Callable) -> None:
    table = make_corpus({"text": " ".join(_words(50, seed=n % 10))} for n in range(40))
    found = survey(NearDedup(threshold=1), table)
    assert len(found) == 30
    assert {verdict["value"] for verdict in found.values()} == {1.0}
    assert set(found) == {f"d{n:06d}" for n in range(10, 40)}  # by id, all else being equal


def test_a_chain_keeps_its_far_end(make_corpus: Callable, survey: Callable) -> None:
    """A~B and B~C, but not A~C: B goes for A, and C stays, since what it resembled has gone."""
    words = _words(400, seed=3)
    a, b, c = (" ".join(words[start : start + 300]) for start in (0, 30, 60))
    assert _estimate(a, b) > 0.75
    assert _estimate(b, c) > 0.75
    assert _estimate(a, c) < 0.75
    table = make_corpus([{"id": "a", "text": a}, {"id": "b", "text": b}, {"id": "c", "text": c}])
    found = survey(NearDedup(threshold=0.75, keep=()), table)
    assert {lost: verdict["kept_id"] for lost, verdict in found.items()} == {"b": "a"}


def test_a_document_goes_for_the_most_similar(make_corpus: Callable, survey: Callable) -> None:
    words = _words(300, seed=4)
    text, far, near = (" ".join(w) for w in (words, _edited(words, 8, seed=1), _edited(words, 5, seed=2, first=20)))
    assert _estimate(far, near) < 0.7 < _estimate(far, text) < _estimate(near, text)
    table = make_corpus([{"id": "1", "text": far}, {"id": "2", "text": near}, {"id": "3", "text": text}])
    found = survey(NearDedup(threshold=0.7, keep=()), table)
    assert {lost: verdict["kept_id"] for lost, verdict in found.items()} == {"3": "2"}


def test_templates_with_other_facts_stay(make_corpus: Callable, survey: Callable) -> None:
    """The same boilerplate around different facts is not duplication; true copies inside the template are."""
    start = "this notice is published by the office of public works for the residents of the district"
    rows = [{"text": " ".join([start, *_words(40, seed=n), start])} for n in range(400)]
    found = survey(NearDedup(threshold=0.8), make_corpus(rows))
    assert found == {}
    found = survey(NearDedup(threshold=0.8), make_corpus([*rows, *rows[:50]]))
    assert {verdict["kept_id"] for verdict in found.values()} == {f"d{n:06d}" for n in range(50)}
    assert len(found) == 50


def test_chinese_templates_stay_and_copies_go(make_corpus: Callable, survey: Callable) -> None:
    start, end = "本市气象台今天早晨发布天气预报：", "请广大市民注意出行安全，做好防护措施。"
    facts = ["".join(chr(0x4E00 + int(w[1:]) % 3000) for w in _words(60, seed=n)) for n in range(100)]
    texts = [start + fact + end for fact in facts]
    assert survey(NearDedup(), make_corpus({"text": text} for text in texts)) == {}
    copies = [text.replace("今天", "今日").replace("，", ", ") for text in texts]
    found = survey(NearDedup(), make_corpus({"text": text} for text in [*texts, *copies]))
    assert len(found) >= 95


@pytest.mark.parametrize(
    ("keep", "first", "second", "kept"),
    [
        (("real", "length:high"), {"origin": "synthetic"}, {"origin": "real"}, "second"),
        (("real", "length:high"), {"origin": "unknown"}, {"origin": "real"}, "second"),
        (("real", "length:high"), {"origin": "synthetic", "more": " and a tail"}, {"origin": "real"}, "second"),
        (("real", "length:high"), {}, {"more": " and a tail"}, "second"),
        (("real", "length:low"), {"more": " and a tail"}, {}, "second"),
        (("length:high", "real"), {"origin": "synthetic", "more": " and a tail"}, {}, "first"),
        (("real", "length:high"), {}, {}, "first"),
        ((), {"origin": "synthetic"}, {"origin": "real"}, "first"),
    ],
)
def test_keep_policy(
    *, keep: tuple, first: dict, second: dict, kept: str, make_corpus: Callable, survey: Callable
) -> None:
    text = " ".join(_words(200, seed=5))
    rows = [
        {"id": i, "text": text + row.pop("more", ""), **row}
        for i, row in (("first", dict(first)), ("second", dict(second)))
    ]
    for table in (make_corpus(rows), make_corpus(rows[::-1])):
        found = survey(NearDedup(keep=keep), table)
        assert {lost: verdict["kept_id"] for lost, verdict in found.items()} == {
            ({"first", "second"} - {kept}).pop(): kept
        }


@pytest.mark.parametrize("text", ["", " ", "…", "🙂" * 50, "one two three four", "今天很好"])
def test_too_short_is_never_near(text: str, make_corpus: Callable, sketch: Callable, phase: Callable) -> None:
    op = NearDedup()
    verdicts = phase(op, sketch(op, make_corpus({"text": text} for _ in range(5))))
    assert verdicts.num_rows == 0
    assert op.phases()[0].run(sketch(op, make_corpus({"text": text} for _ in range(5)))).num_rows == 0
    assert notes_of(op.phases()[0].run(sketch(op, make_corpus([{"text": text}] * 5))))["too_short_to_compare"] == 5


def test_an_unspaced_text_is_not_too_short(make_corpus: Callable, survey: Callable) -> None:
    for text in ("今天天气非常好", "吾輩は猫である", "สวัสดีชาวโลก"):
        assert len(survey(NearDedup(), make_corpus({"text": text} for _ in range(3)))) == 2


def test_comparisons_have_a_bound_that_is_told(make_corpus: Callable, sketch: Callable) -> None:
    """All share a band; with a bound of 3 a copy is found only among the first, and the notes say so."""
    words = _words(60, seed=6)
    texts = [" ".join(_edited(words, 8, seed=n)) for n in range(12)]
    table = make_corpus({"text": text} for text in [*texts, texts[11]])
    notes, lost = {}, {}
    for most in (1, 3, 1000):
        op = NearDedup(threshold=0.95, bands=112, band_rows=1, compare_max=most, keep=())
        verdicts = op.phases()[0].run(sketch(op, table))
        notes[most] = notes_of(verdicts)["compared_with_compare_max"]
        lost[most] = verdicts.num_rows
    assert lost[1000] == 1
    assert notes[1000] == 0
    assert notes[1] >= notes[3] > 0
    assert notes[3] == 13 - 4  # every document after the first four has more than three to compare with


@pytest.mark.parametrize("most", [4, 8, 64])
def test_bounds_do_not_matter_on_a_compact_cluster(most: int, make_corpus: Callable, survey: Callable) -> None:
    words = _words(300, seed=7)
    table = make_corpus({"text": " ".join(_edited(words, n % 3, seed=n))} for n in range(100))
    found = survey(NearDedup(threshold=0.7, compare_max=most), table)
    assert len(found) == 99
    assert found == survey(NearDedup(threshold=0.7), table)


def test_a_stranger_is_never_lost(make_corpus: Callable, survey: Callable) -> None:
    table = make_corpus({"text": " ".join(_words(30, seed=n))} for n in range(2000))
    assert survey(NearDedup(threshold=0.5), table) == {}


def test_sketches_do_not_depend_on_the_batch(make_corpus: Callable) -> None:
    table = _family_corpus(make_corpus, 9)
    op = NearDedup()
    whole = op.sketch(table)
    parts = pa.concat_tables([op.sketch(table.slice(0, 7)), op.sketch(table.slice(7, 1)), op.sketch(table.slice(8))])
    assert parts.equals(whole)
    assert op.sketch(table.slice(0, 0)).schema == whole.schema


@pytest.mark.parametrize("rows", [0, 1])
def test_hardly_any_documents(rows: int, make_corpus: Callable, survey: Callable) -> None:
    assert survey(NearDedup(), make_corpus({"text": "one two three four five six"} for _ in range(rows))) == {}


def test_the_threshold_is_met_exactly(make_corpus: Callable, survey: Callable) -> None:
    """A pair whose estimate equals the threshold goes; a hair above the estimate, it stays."""
    words = _words(200, seed=8)
    texts = [" ".join(words), " ".join(_edited(words, 6, seed=1))]
    value = _estimate(*texts)
    assert 0.6 < value < 0.95
    table = make_corpus({"text": text} for text in texts)
    assert [v["value"] for v in survey(NearDedup(threshold=value), table).values()] == [value]
    assert survey(NearDedup(threshold=value + 1e-3), table) == {}


def test_estimates_are_near_the_truth(make_corpus: Callable, survey: Callable) -> None:
    words = [_words(300, seed=100 + n) for n in range(60)]
    texts = [" ".join(w) for w in words] + [" ".join(_edited(w, 8, seed=n)) for n, w in enumerate(words)]
    op = NearDedup(threshold=0.5, bands=112, band_rows=1)  # every pair meets: no choice of the lucky ones
    found = survey(op, make_corpus({"text": text} for text in texts))
    errors = [
        verdict["value"] - _jaccard(texts[int(lost[1:])], texts[int(verdict["kept_id"][1:])])
        for lost, verdict in found.items()
    ]
    assert len(errors) == 60
    assert abs(np.mean(errors)) < 4 * 0.04 / np.sqrt(60)
    assert np.abs(errors).max() < 5 * 0.04


@pytest.mark.parametrize(
    "given_", [{"threshold": 0}, {"threshold": 1.1}, {"bands": 0}, {"compare_max": 0}, {"keep": ["id"]}]
)
def test_wrong_settings(given_: dict) -> None:
    with pytest.raises(ValidationError):
        NearDedup(**given_)
