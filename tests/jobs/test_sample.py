"""The sample corpus: the same bytes each time, as `truth.json` says, and texts that differ unless planted as copies."""

import gzip
import hashlib
import itertools
import json
import random
import re
from collections import Counter
from pathlib import Path

import orjson
import pyarrow.parquet as pq
import pytest
import zstandard

from jobs.demo.sample import FILES, SMALLEST, make_sample

DOCUMENTS = 1_200
ALL_FILES = [file for files in FILES.values() for file in files]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    make_sample(folder, DOCUMENTS)
    return folder


@pytest.fixture(scope="module")
def truth(folder: Path) -> dict:
    return json.loads((folder / "truth.json").read_bytes())


@pytest.fixture(scope="module")
def texts(folder: Path) -> dict[tuple[str, int], object]:
    return {(file, row): text for file in ALL_FILES for row, text in enumerate(_texts(folder / file))}


@pytest.fixture(scope="module")
def articles(truth: dict, texts: dict) -> list[str]:
    planted = {(place["file"], place["row"]) for place in truth["where"]}
    return [text for at, text in texts.items() if at not in planted]


def _lines(path: Path) -> list[bytes]:
    data = path.read_bytes()
    raw = gzip.decompress(data) if path.suffix == ".gz" else zstandard.ZstdDecompressor().decompress(data)
    return raw.split(b"\n")[:-1]


def _texts(path: Path) -> list[object]:
    """Return the texts of a shard, with the error's class where a line cannot be read."""
    if path.suffix == ".parquet":
        return pq.read_table(path)["text"].to_pylist()
    return [_text(line) for line in _lines(path)]


def _text(line: bytes) -> object:
    try:
        record = json.loads(line.decode())
    except ValueError as error:
        return type(error)
    return record["body"] if "body" in record else record["text"]


def _shingles(text: str) -> set[tuple[str, ...]]:
    tokens = re.findall(r"[\u4e00-\u9fff]|[^\W\u4e00-\u9fff]+", text.lower())
    return set(zip(*(tokens[start:] for start in range(5)), strict=False))


def _jaccard(one: str, other: str) -> float:
    a, b = _shingles(one), _shingles(other)
    return len(a & b) / len(a | b)


def _pairs(truth: dict, texts: dict, kind: str) -> list[tuple[str, str]]:
    places = [place for place in truth["where"] if place["kind"] == kind]
    return [(texts[at["file"], at["row"]], texts[at["copy_of"]["file"], at["copy_of"]["row"]]) for at in places]


def _digests(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(folder: Path, tmp_path: Path) -> None:
    make_sample(tmp_path / "again", DOCUMENTS)
    make_sample(tmp_path / "other", DOCUMENTS, seed=18)
    first, other = _digests(folder), _digests(tmp_path / "other")
    assert _digests(tmp_path / "again") == first
    assert set(first) == {*ALL_FILES, "truth.json"} == set(other)
    assert all(first[file] != other[file] for file in first)


def test_too_few_documents_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="documents is 199, expected 200 or more"):
        make_sample(tmp_path, SMALLEST - 1)


@pytest.mark.parametrize("documents", [200, 333])
def test_small_samples_hold_every_kind(documents: int, tmp_path: Path) -> None:
    make_sample(tmp_path, documents)
    truth = json.loads((tmp_path / "truth.json").read_bytes())
    assert sum(truth["rows"].values()) == documents
    assert all(count > 0 for kinds in truth["planted"].values() for count in kinds.values())


def test_rows_are_as_stated(truth: dict, texts: dict) -> None:
    assert sum(truth["rows"].values()) == truth["documents"] == len(texts) == DOCUMENTS
    assert Counter(file.split("/")[0] for file, _ in texts) == truth["rows"]


def test_planted_counts_are_those_of_the_places(truth: dict) -> None:
    found = Counter((place["file"].split("/")[0], place["kind"]) for place in truth["where"])
    assert found == {
        (source, kind): count for source, kinds in truth["planted"].items() for kind, count in kinds.items()
    }


def test_columns(folder: Path) -> None:
    for file in FILES["web"]:
        assert pq.read_schema(folder / file).names == ["id", "text", "url", "real"]
    assert list(orjson.loads(_lines(folder / FILES["forum"][0])[0])) == ["uid", "body"]
    assert list(orjson.loads(_lines(folder / FILES["textbook"][0])[0])) == ["text", "language"]


def test_bad_records_are_what_cannot_be_read_as_text(truth: dict, texts: dict) -> None:
    found = Counter(
        (file.split("/")[0], text if isinstance(text, type) else type(text)) for (file, _), text in texts.items()
    )
    assert found["forum", json.JSONDecodeError] == truth["planted"]["forum"]["broken_json"] == 3
    assert found["forum", UnicodeDecodeError] == truth["planted"]["forum"]["invalid_utf8"] == 1
    assert found["forum", int] == truth["planted"]["forum"]["number_text"] == 2
    assert found["forum", type(None)] == truth["planted"]["forum"]["null_text"] == 2
    assert found["web", type(None)] == truth["planted"]["web"]["null_text"] == 2
    assert found["textbook", str] == truth["rows"]["textbook"]


def test_exact_copies_and_no_others_are_equal(truth: dict, texts: dict) -> None:
    pairs = _pairs(truth, texts, "exact_copy")
    assert all(copy == original for copy, original in pairs)
    written = [text for text in texts.values() if isinstance(text, str)]
    assert len(written) - len(set(written)) == len(pairs)


def test_exact_copies_cross_shards_and_sources(truth: dict) -> None:
    copies = [(place["file"], place["copy_of"]["file"]) for place in truth["where"] if place["kind"] == "exact_copy"]
    assert {original.split("/")[0] for _, original in copies} == {"web"}
    assert {copy.split("/")[0] for copy, _ in copies} == {"web", "forum", "textbook"}
    assert any(copy != original for copy, original in copies if copy.startswith("web"))


@pytest.mark.parametrize(
    ("kind", "low", "high"), [("near_copy_5_percent", 0.81, 0.93), ("near_copy_2_percent", 0.88, 0.99)]
)
def test_near_copies_are_as_similar_as_meant(truth: dict, texts: dict, kind: str, low: float, high: float) -> None:
    similar = [_jaccard(*pair) for pair in _pairs(truth, texts, kind)]
    assert low < min(similar)
    assert max(similar) < high


def test_distinct_articles_share_few_shingles(articles: list[str]) -> None:
    chosen = random.Random(0).sample(articles, 80)
    assert max(_jaccard(*pair) for pair in itertools.combinations(chosen, 2)) < 0.2


def test_english_articles_read_like_prose(articles: list[str]) -> None:
    english = [text.split() for text in articles if text.isascii() or " the " in text]
    assert len(english) > len(articles) / 2
    stops = {"the", "be", "to", "of", "and", "that", "have", "with"}
    for words in english:
        assert 3 <= sum(map(len, words)) / len(words) <= 10
        assert len(stops.intersection(words)) >= 2
        assert sum(any(map(str.isalpha, word)) for word in words) >= 0.8 * len(words)


@pytest.mark.parametrize(
    ("kind", "mark"),
    [
        ("mojibake_en", "Ã|â€|â\x80"),
        ("mojibake_zh", "[äåæçèé]"),
        ("zero_width", "[\u200b\u200c\u2060\ufeff]"),
        ("crlf", "\r\n"),
        ("whitespace_only", r"^\s+$"),
        ("keyword_list", "^([A-Za-z -]+, )+"),
        ("bullet_list", "^(• .*\n?)+$"),
        ("ellipsis_lines", r"^(.*\.\.\.\n?)+$"),
        ("mostly_symbols", "#|%%"),
        ("too_short", r"^.{3,230}$"),
    ],
)
def test_planted_documents_bear_their_mark(truth: dict, texts: dict, kind: str, mark: str) -> None:
    planted = [texts[place["file"], place["row"]] for place in truth["where"] if place["kind"] == kind]
    assert planted
    assert all(re.search(mark, text) for text in planted)


@pytest.mark.parametrize("mark", ["Ã|â€|â\x80", "[\u200b\u200c\u2060\ufeff\r]", r"^\s+$", "•", r"\.\.\."])
def test_articles_have_no_planted_marks(articles: list[str], mark: str) -> None:
    assert not any(re.search(mark, text) for text in articles)
