"""Near dedup: only what resembles the very document that stays goes; chains, templates and short texts are safe."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from ops.dedup.near import NearDedup, set_aside
from ops.kernels import minhash
from ops.kernels.minhash import shingle_hashes, sign

VERIFY = ["signature", "exact"]


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


def _similarity(op: NearDedup, one: str, two: str) -> float:
    return _jaccard(one, two) if op.verify == "exact" else _estimate(one, two)


@pytest.mark.parametrize("verify", VERIFY)
@pytest.mark.parametrize("seed", range(6))
def test_what_every_verdict_promises(
    *, verify: str, seed: int, make_corpus: Callable, survey: Callable, shuffled: Callable
) -> None:
    op = NearDedup(threshold=0.7, verify=verify)
    table = _family_corpus(make_corpus, seed)
    found = survey(op, table)
    assert found
    rows = {row["id"]: row for row in table.to_pylist()}
    order = {"real": 0, "unknown": 1, "synthetic": 2}
    for lost, verdict in found.items():
        kept = verdict["kept_id"]
        assert kept not in found
        assert verdict["reason"] == "near_duplicate"
        assert verdict["value"] == _similarity(op, rows[lost]["text"], rows[kept]["text"])
        assert verdict["value"] >= verdict["threshold"] == 0.7
        ranks = [(order[r["origin"]], -len(r["text"].encode()), r["id"]) for r in (rows[kept], rows[lost])]
        assert ranks[0] < ranks[1]
    for other, (partitions, table_rows) in enumerate([(1, 7), (3, None), (16, 1)]):
        assert survey(op, shuffled(table, other), partitions, unit_rows=5 + other, table_rows=table_rows) == found


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


@pytest.mark.parametrize("table_rows", [None, 1, 2])
@pytest.mark.parametrize("verify", VERIFY)
def test_a_chain_keeps_its_far_end(
    *, verify: str, table_rows: int | None, make_corpus: Callable, survey: Callable, copies: Callable
) -> None:
    """A~B and B~C, but not A~C: B goes for A, and C stays, since what it resembled has gone."""
    words = _words(400, seed=1)
    a, b, c = (" ".join(words[start : start + 300]) for start in (0, 30, 60))
    for similarity in (_estimate, _jaccard):
        assert similarity(a, b) > 0.75
        assert similarity(b, c) > 0.75
        assert similarity(a, c) < 0.75
    table = make_corpus([{"id": "a", "text": a}, {"id": "b", "text": b}, {"id": "c", "text": c}])
    op = NearDedup(threshold=0.75, keep=(), verify=verify)
    found = survey(op, table, table_rows=table_rows)
    assert {lost: verdict["kept_id"] for lost, verdict in found.items()} == {"b": "a"}
    assert copies(op, table, table_rows=table_rows) == {"a": {"copies": 1, "copy_sources": ["web"]}}


@pytest.mark.parametrize("verify", VERIFY)
def test_a_long_chain_is_one_cluster_and_stays_but_for_neighbours(
    verify: str, make_corpus: Callable, survey: Callable
) -> None:
    """Each text resembles the next one alone: all are connected, and every other one goes."""
    words = _words(300 + 40 * 50, seed=11)
    texts = [" ".join(words[40 * n : 40 * n + 300]) for n in range(50)]
    assert min(_jaccard(one, two) for one, two in pairwise(texts)) > 0.73
    assert max(_jaccard(one, two) for one, two in zip(texts, texts[2:], strict=False)) < 0.6
    op = NearDedup(threshold=0.65, keep=(), verify=verify, bands=56, band_rows=2)
    found = survey(op, make_corpus({"text": text} for text in texts))
    assert {lost: verdict["kept_id"] for lost, verdict in found.items()} == {
        f"d{n:06d}": f"d{n - 1:06d}" for n in range(1, 50, 2)
    }


def test_a_document_goes_for_the_most_similar(make_corpus: Callable, survey: Callable) -> None:
    words = _words(300, seed=4)
    text, far, near = (" ".join(w) for w in (words, _edited(words, 8, seed=1), _edited(words, 5, seed=2, first=20)))
    assert _estimate(far, near) < 0.7 < _estimate(far, text) < _estimate(near, text)
    table = make_corpus([{"id": "1", "text": far}, {"id": "2", "text": near}, {"id": "3", "text": text}])
    found = survey(NearDedup(threshold=0.7, keep=()), table)
    assert {lost: verdict["kept_id"] for lost, verdict in found.items()} == {"3": "2"}


def _templates(documents: int, own: int) -> list[str]:
    """The same 60 words of boilerplate around so many words of each document's own."""
    words = _words(60, seed=99)
    return [" ".join([*words[:30], *_words(own, seed=n), *words[30:]]) for n in range(documents)]


@pytest.mark.parametrize("verify", VERIFY)
def test_ten_thousand_documents_of_one_template_stay(verify: str, make_corpus: Callable, survey: Callable) -> None:
    """Sharing a template is not duplication; true copies inside the template all go."""
    texts = _templates(10_000, own=60)
    assert 0.25 < _jaccard(*texts[:2]) < 0.4
    rows = [{"text": text} for text in [*texts, *texts[5000:5500]]]
    found = survey(NearDedup(verify=verify), make_corpus(rows))
    assert {lost: verdict["kept_id"] for lost, verdict in found.items()} == {
        f"d{10_000 + n:06d}": f"d{5000 + n:06d}" for n in range(500)
    }


def test_a_heavy_template_hides_no_copy(make_corpus: Callable, sketch: Callable, decide: Callable) -> None:
    """Most of each text is the template, so that bands are shared by thousands: a copy is met in its other bands."""
    texts = _templates(3000, own=20)
    assert 0.5 < _jaccard(*texts[:2]) < 0.6
    op = NearDedup(compare_max=5000)
    sketches = sketch(op, make_corpus({"text": text} for text in [*texts, *texts[2500:]]))
    found = decide(op, sketches)
    assert found.goes["at"].to_pylist() == list(range(3000, 3500))
    assert found.notes["compared_with_compare_max"] == 0
    few = decide(op.model_copy(update={"compare_max": 50}), sketches)
    assert few.goes["at"].to_pylist() == list(range(3000, 3500))
    assert few.notes["compared_with_compare_max"] > 100


@pytest.mark.parametrize("verify", VERIFY)
def test_chinese_templates_stay_and_copies_go(verify: str, make_corpus: Callable, survey: Callable) -> None:
    start, end = "本市气象台今天早晨发布天气预报：", "请广大市民注意出行安全，做好防护措施。"
    facts = ["".join(chr(0x4E00 + int(w[1:]) % 3000) for w in _words(60, seed=n)) for n in range(100)]
    texts = [start + fact + end for fact in facts]
    op = NearDedup(verify=verify)
    assert survey(op, make_corpus({"text": text} for text in texts)) == {}
    copies = [text.replace("今天", "今日").replace("，", ", ") for text in texts]
    found = survey(op, make_corpus({"text": text} for text in [*texts, *copies]))
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
@pytest.mark.parametrize("verify", VERIFY)
def test_keep_policy(
    *, keep: tuple, first: dict, second: dict, kept: str, verify: str, make_corpus: Callable, survey: Callable
) -> None:
    text = " ".join(_words(200, seed=5))
    rows = [
        {"id": i, "text": text + row.pop("more", ""), **row}
        for i, row in (("first", dict(first)), ("second", dict(second)))
    ]
    for table in (make_corpus(rows), make_corpus(rows[::-1])):
        found = survey(NearDedup(keep=keep, verify=verify), table)
        assert {lost: verdict["kept_id"] for lost, verdict in found.items()} == {
            ({"first", "second"} - {kept}).pop(): kept
        }


@pytest.mark.parametrize("text", ["", " ", "…", "🙂" * 50, "one two three four", "今天很好", "。" * 1000])
@pytest.mark.parametrize("verify", VERIFY)
def test_too_short_is_never_near(
    text: str, verify: str, make_corpus: Callable, sketch: Callable, decide: Callable
) -> None:
    op = NearDedup(verify=verify)
    sketches = sketch(op, make_corpus({"text": each} for each in [text, "one two three four five", text, text]))
    assert [bool(row.any()) for row in op.keys(sketches.select([*op.keyed_by]))] == [False, True, False, False]
    found = decide(op, sketches)
    assert found.goes.num_rows == found.stays.num_rows == 0


CHINESE = "今年春天市图书馆的新阅览室向所有读者开放每天都有很多孩子来这里读书写字"
JAPANESE = "吾輩は猫である名前はまだ無いどこで生れたかとんと見当がつかぬ何でも薄暗いじめじめした所"
THAI = "สวัสดีชาวโลกวันนี้อากาศดีมากเราจะไปเดินเล่นที่สวนสาธารณะใกล้บ้าน"


@pytest.mark.parametrize("verify", VERIFY)
@pytest.mark.parametrize("text", [CHINESE, JAPANESE, THAI, CHINESE + " and words of English in it " + THAI])
def test_an_unspaced_text_is_not_one_token(text: str, verify: str, make_corpus: Callable, survey: Callable) -> None:
    """It has a shingle for each character but four, so that its copies go, edited or not, and strangers stay."""
    own = [chr(0x4E00 + 31 * n) for n in range(50)]
    texts = [text, text[1:], text + "。", text + own[0], "".join(own), text[: len(text) // 2], text[len(text) // 2 :]]
    found = survey(NearDedup(verify=verify, threshold=0.8, keep=()), make_corpus({"text": each} for each in texts))
    assert {lost: verdict["kept_id"] for lost, verdict in found.items()} == dict.fromkeys(
        ("d000001", "d000002", "d000003"), "d000000"
    )


@pytest.mark.parametrize("text", ["今天天气非常好", "吾輩は猫である", "สวัสดีชาวโลก"])
def test_a_sentence_without_spaces_is_not_too_short(text: str, make_corpus: Callable, survey: Callable) -> None:
    assert len(survey(NearDedup(), make_corpus({"text": text} for _ in range(3)))) == 2


@pytest.mark.parametrize("verify", VERIFY)
def test_a_huge_document_is_compared_by_its_first_tokens(verify: str, make_corpus: Callable, survey: Callable) -> None:
    start = " ".join(map(str, range(minhash.TOKENS_MAX)))
    texts = [start + " one end of it", start + " another", start[: len(start) // 4], "9 " * 600_000, "9 9 9 9 9"]
    table = make_corpus({"text": text} for text in texts)
    found = survey(NearDedup(verify=verify, keep=()), table)
    # A text of one word over and over has one shingle, as its shortest copy does.
    assert {lost: (verdict["kept_id"], verdict["value"]) for lost, verdict in found.items()} == {
        "d000001": ("d000000", 1.0),
        "d000004": ("d000003", 1.0),
    }


def test_comparisons_have_a_bound_that_is_told(make_corpus: Callable, sketch: Callable, decide: Callable) -> None:
    """All share a band; with a bound of 3 a copy is found only among the first, and the notes say so."""
    words = _words(60, seed=6)
    texts = [" ".join(_edited(words, 8, seed=n)) for n in range(12)]
    table = make_corpus({"text": text} for text in [*texts, texts[11]])
    notes, lost = {}, {}
    for most in (1, 3, 1000):
        op = NearDedup(threshold=0.95, bands=112, band_rows=1, compare_max=most, keep=())
        found = [decide(op, sketch(op, table), table_rows=rows) for rows in (None, 1, 5)]
        assert found[0].goes == found[1].goes == found[2].goes
        assert len({one.notes["compared_with_compare_max"] for one in found}) == 1
        notes[most] = found[0].notes["compared_with_compare_max"]
        lost[most] = found[0].goes.num_rows
    assert lost[1000] == 1
    assert notes[1000] == 0
    assert notes[1] >= notes[3] > 0
    assert notes[3] == 13 - 4  # every document after the first four has more than three to compare with


@pytest.mark.parametrize("verify", VERIFY)
@pytest.mark.parametrize("compare_max", [2, 1000])
def test_a_cluster_may_come_in_any_number_of_tables(
    *, verify: str, compare_max: int, make_corpus: Callable, sketch: Callable, decide: Callable
) -> None:
    """One cluster of documents, of which each resembles the few after it, between smaller ones."""
    words = _words(900, seed=11)
    texts = [" ".join(words[10 * n : 10 * n + 150]) for n in range(70)]
    small = [" ".join(_edited(_words(60, seed=20 + n % 6), n % 2, seed=n)) for n in range(20)]
    rows = [{"text": text, "source": f"s{n % 3}"} for n, text in enumerate([*small[:10], *texts, *small[10:]])]
    op = NearDedup(verify=verify, threshold=0.75, compare_max=compare_max, bands=28, band_rows=4)
    sketches = sketch(op, make_corpus(rows))
    whole = decide(op, sketches)
    assert 40 < whole.goes.num_rows < 80
    assert whole.stays.num_rows > 15
    for table_rows in (1, 8, 64):
        found = decide(op, sketches, table_rows=table_rows)
        assert found.goes == whole.goes
        assert found.stays == whole.stays
        assert found.notes == whole.notes


def _addresses(table: pa.Table) -> set[int]:
    buffers = [buffer for column in table.columns for chunk in column.chunks for buffer in chunk.buffers()]
    return {buffer.address for buffer in buffers if buffer and buffer.size}


def test_leaders_set_aside_are_the_same_and_leave_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_corpus: Callable, sketch: Callable
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    op = NearDedup(verify="exact")
    sketches = sketch(op, _family_corpus(make_corpus, 1))
    table = sketches.append_column("shingle_set", op.evidence(sketches["text"])["shingle_set"])
    for leaders in (table, table.slice(3, 9), pa.concat_tables([table, table.slice(5)]), table.slice(0, 0)):
        before = pa.total_allocated_bytes()
        aside = set_aside(leaders)
        assert pa.total_allocated_bytes() - before < max(leaders.nbytes / 4, 4096)
        assert not _addresses(aside) & _addresses(leaders)
        assert aside.equals(leaders)
        assert aside.schema.equals(leaders.schema)
        assert list(tmp_path.iterdir()) == []


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


@pytest.mark.parametrize("verify", VERIFY)
def test_exact_values_decide_at_the_threshold(verify: str, make_corpus: Callable, survey: Callable) -> None:
    words = _words(200, seed=8)
    texts = [" ".join(words), " ".join(_edited(words, 6, seed=1))]
    value = _jaccard(*texts)
    assert value != _estimate(*texts)
    op = NearDedup(verify=verify, bands=112, band_rows=1)
    table = make_corpus({"text": text} for text in texts)
    found = survey(op.model_copy(update={"threshold": value}), table)
    above = survey(op.model_copy(update={"threshold": value + 1e-6}), table)
    if verify == "exact":
        assert [verdict["value"] for verdict in found.values()] == [value]
        assert above == {}
    else:
        assert found == {} or next(iter(found.values()))["value"] == _estimate(*texts)


@pytest.mark.parametrize("table_rows", [None, 1, 3])
@pytest.mark.parametrize("verify", VERIFY)
def test_who_stays_stands_for_the_others(
    verify: str, table_rows: int | None, make_corpus: Callable, copies: Callable
) -> None:
    texts = [_words(100, seed=n) for n in range(3)]
    rows = [
        {"text": (0, 0), "source": "web", "copies": 7, "copy_sources": ["before"]},  # its own stay where they are
        {"text": (0, 1), "source": "web"},
        {"text": (1, 0), "source": "books"},
        {"text": (0, 2), "source": "forum", "copies": 3, "copy_sources": ["archive", "web"]},
        {"text": (0, 0), "source": "forum", "copies": 1, "copy_sources": ["archive"]},
        {"text": (1, 1), "source": "books", "copies": 0, "copy_sources": []},
        {"text": (2, 0), "source": "web", "copies": 9, "copy_sources": ["archive"]},
    ]
    made = [
        row | {"text": " ".join(_edited(texts[row["text"][0]], row["text"][1], seed=n))} for n, row in enumerate(rows)
    ]
    assert copies(NearDedup(verify=verify, threshold=0.7, keep=()), make_corpus(made), table_rows=table_rows) == {
        "d000000": {"copies": 3 + 3 + 1, "copy_sources": ["archive", "forum", "web"]},
        "d000002": {"copies": 1, "copy_sources": ["books"]},
    }


@pytest.mark.parametrize("seed", range(3))
def test_copies_are_those_that_went(seed: int, make_corpus: Callable, sketch: Callable, decide: Callable) -> None:
    table = _family_corpus(make_corpus, seed)
    draw = np.random.default_rng(seed)
    counts = draw.integers(0, 4, table.num_rows)
    table = table.set_column(table.column_names.index("copies"), "copies", pa.array(counts))
    op = NearDedup(threshold=0.7)
    found = decide(op, sketch(op, table), partitions=3)
    expected: dict[str, int] = {}
    for at, kept in zip(found.goes["at"].to_pylist(), found.goes["kept_id"].to_pylist(), strict=True):
        expected[kept] = expected.get(kept, 0) + 1 + int(counts[at])
    ids = table["id"].to_pylist()
    assert {ids[row["at"]]: row["copies"] for row in found.stays.to_pylist()} == expected
    assert set(found.stays["at"].to_pylist()).isdisjoint(found.goes["at"].to_pylist())


def test_the_notes_tell_how_similar_and_between_whom(make_corpus: Callable, sketch: Callable, decide: Callable) -> None:
    op = NearDedup(threshold=0.7)
    table = _family_corpus(make_corpus, 2)
    sources = pa.array([f"s{n % 3}" for n in range(table.num_rows)])
    table = table.set_column(table.column_names.index("source"), "source", sources)
    sketches = sketch(op, table)
    found = decide(op, sketches)
    values = found.goes["value"].to_pylist()
    steps = [min(int(value * 20 + 1e-9), 19) for value in values]
    assert found.notes["similarity"] == [steps.count(n) for n in range(20)]
    of = dict(zip(table["id"].to_pylist(), sources.to_pylist(), strict=True))
    pairs: dict[str, dict[str, int]] = {}
    for at, kept in zip(found.goes["at"].to_pylist(), found.goes["kept_id"].to_pylist(), strict=True):
        gone = pairs.setdefault(of[kept], {})
        gone[sources[at].as_py()] = gone.get(sources[at].as_py(), 0) + 1
    assert found.notes["between"] == pairs
    assert decide(op, sketches, partitions=3, table_rows=4).notes == found.notes


@pytest.mark.parametrize("table_rows", [None, 1, 2])
@pytest.mark.parametrize("verify", VERIFY)
def test_a_reference_never_goes_and_what_resembles_it_does(
    verify: str, table_rows: int | None, make_corpus: Callable, survey: Callable
) -> None:
    words = _words(100, seed=40)
    rows = [
        {"id": "a", "text": " ".join(words)},
        {"id": "b", "text": " ".join(_edited(words, 1, seed=1)), "origin": "synthetic", "sourced": 0},
        {"id": "c", "text": " ".join(_edited(words, 1, seed=2)), "sourced": 0},
        {"id": "d", "text": " ".join(_edited(words, 1, seed=3, first=50))},
        {"id": "e", "text": " ".join(_words(100, seed=41))},
        {"id": "f", "text": " ".join(_words(100, seed=41))},
    ]
    found = survey(NearDedup(verify=verify, threshold=0.7), make_corpus(rows), table_rows=table_rows)
    kept = {lost: verdict["kept_id"] for lost, verdict in found.items()}
    assert {**kept, "a": ""} == {"a": "", "d": kept["d"], "f": "e"}
    assert {kept["a"], kept["d"]} <= {"b", "c"}


@pytest.mark.parametrize(
    "given_",
    [{"threshold": 0}, {"threshold": 1.1}, {"bands": 0}, {"compare_max": 0}, {"keep": ["id"]}, {"verify": "text"}],
)
def test_wrong_settings(given_: dict) -> None:
    with pytest.raises(ValidationError):
        NearDedup(**given_)
