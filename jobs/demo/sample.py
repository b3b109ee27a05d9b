"""The demo's corpus: a seed in, shards of three sources out, and `truth.json`, which says what was planted and where.

Every sentence is made from the rules in `words`; nothing is downloaded and the same seed gives the same bytes.
"""

import gzip
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from jobs.damage.encodings import as_windows_1252
from jobs.demo.words import GRAMMARS, Writer

FILES = {
    "web": [f"web/part-{number:05}.parquet" for number in range(6)],
    "forum": ["forum/posts-0.jsonl.gz", "forum/posts-1.jsonl.gz", "forum/posts-2.jsonl.zst"],
    "textbook": ["textbook/lessons-0.jsonl.zst", "textbook/lessons-1.jsonl.zst"],
}
SMALLEST = 200  # documents; below it too few clean articles are left to copy from

_SHARES = {"web": 0.6, "forum": 0.25}  # of the documents; the textbook has the rest
_LANGUAGES = {  # of the documents of a source; simplified Chinese has the rest
    "web": {"en": 0.7, "zh_hant": 0.05},
    "forum": {"en": 0.65, "zh_hant": 0.05},
    "textbook": {"en": 0.7, "zh_hant": 0.0},
}
_STYLES = {"web": "sentence", "forum": "post", "textbook": "lesson"}
_SIZES = {  # words in English, characters in Chinese; a document may pass its size by one paragraph opening or sentence
    ("web", "en"): (80, 570),
    ("web", "zh"): (150, 1150),
    ("forum", "en"): (55, 190),
    ("forum", "zh"): (100, 400),
    ("textbook", "en"): (280, 480),
    ("textbook", "zh"): (500, 900),
}
_RATES = {  # planted documents, as a share of their source
    "web": {
        "exact_copy": 0.04, "near_copy_5_percent": 0.02, "near_copy_2_percent": 0.02, "too_short": 0.012,
        "keyword_list": 0.01, "mostly_symbols": 0.01, "bullet_list": 0.01, "ellipsis_lines": 0.01,
        "mojibake_en": 0.02, "mojibake_zh": 0.01, "zero_width": 0.01, "crlf": 0.01, "whitespace_only": 0.003,
    },
    "forum": {
        "exact_copy": 0.02, "too_short": 0.04, "keyword_list": 0.01, "mostly_symbols": 0.01,
        "mojibake_en": 0.01, "zero_width": 0.01, "crlf": 0.02, "whitespace_only": 0.005,
    },
    "textbook": {"exact_copy": 0.03, "near_copy_5_percent": 0.02, "near_copy_2_percent": 0.02},
}  # fmt: skip
_BAD_RECORDS = {
    "web": {"null_text": 2},
    "forum": {"broken_json": 3, "invalid_utf8": 1, "null_text": 2, "number_text": 2},
    "textbook": {},
}
_EDIT_UNITS = 5  # words or characters changed together: an edit of k adjacent ones costs k + 4 of the 5-token shingles
_COPYABLE_UNITS = 200  # shorter articles have no room for 2 percent of edits
_RUN = {  # where an edit can be made: five words, or five characters, with no punctuation between
    "en": re.compile(r"(?:[A-Za-z\u2019-]+ ){4}[A-Za-z\u2019-]+"),
    "zh": re.compile(r"[\u4e00-\u9fff]{5}"),
}
_TOKEN = {"en": re.compile(r"\S+"), "zh": re.compile(r"[\u4e00-\u9fff]")}
_ZERO_WIDTH = "\u200b\u200c\u2060\ufeff"
_SYMBOLS = "# ## *** >>> $$ %% @ && || ~~ ^^ <<< +++ === // ::: 404 0x1F 12,5 {} [] ??".split()  # noqa: SIM905


Writers = dict[str, Writer]


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One record to be written: what was planted with it ("" for nothing), and the row it copies, if any."""

    text: str | int | None
    language: str
    kind: str = ""
    original: "Row | None" = None


def make_sample(folder: Path, documents: int = 6_000, seed: int = 17) -> None:
    """Write the shards of the three sources and `truth.json` under `folder`; the same arguments give the same bytes."""
    if documents < SMALLEST:
        raise ValueError(f"documents is {documents}, expected {SMALLEST} or more")
    chance = Random(seed)  # noqa: S311 - a demo corpus, not a secret
    writers = {language: Writer(chance, language) for language in GRAMMARS}
    sizes = {source: round(documents * share) for source, share in _SHARES.items()}
    sizes["textbook"] = documents - sum(sizes.values())
    planted = {source: _planted(source, size) for source, size in sizes.items()}
    clean = {source: list(_articles(writers, source, sizes[source] - planted[source].total())) for source in sizes}
    originals = [row for row in clean["web"] if writers[row.language].units(str(row.text)) >= _COPYABLE_UNITS]
    chance.shuffle(originals)
    shards: dict[str, list[Row]] = {}
    for source, files in FILES.items():
        rows = clean[source] + [_plant(kind, source, writers, originals) for kind in planted[source].elements()]
        chance.shuffle(rows)
        shards |= {file: rows[number :: len(files)] for number, file in enumerate(files)}
    for file, rows in shards.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        _WRITE[file.split("/")[0]](folder / file, rows, writers["en"])
    truth = {"seed": seed, "documents": documents, "rows": sizes, "planted": planted, **_places(shards)}
    (folder / "truth.json").write_bytes(orjson.dumps(truth, option=orjson.OPT_INDENT_2))


def _planted(source: str, size: int) -> Counter[str]:
    return Counter({kind: max(1, round(size * rate)) for kind, rate in _RATES[source].items()} | _BAD_RECORDS[source])


def _articles(writers: Writers, source: str, count: int) -> Iterator[Row]:
    for _ in range(count):
        language = _language(source, writers["en"].chance)
        yield Row(_article(writers[language], source), language)


def _language(source: str, chance: Random) -> str:
    shares = _LANGUAGES[source]
    draw = chance.random()
    return "en" if draw < shares["en"] else "zh_hant" if draw < shares["en"] + shares["zh_hant"] else "zh"


def _article(writer: Writer, source: str) -> str:
    return writer.document(_STYLES[source], _SIZES[source, writer.language[:2]])


def _plant(kind: str, source: str, writers: Writers, originals: list[Row]) -> Row:
    chance = writers["en"].chance
    if kind == "exact_copy":  # some originals are copied more than once
        original = originals[int(chance.random() * len(originals) / 4)]
        return Row(original.text, original.language, kind, original)
    if kind in _EDITED:  # from the other end, each once, so that how similar a copy is to what is kept is known
        original = originals.pop()
        return Row(
            _edit(writers[original.language], str(original.text), _EDITED[kind]), original.language, kind, original
        )
    language = _ONLY_IN.get(kind) or _language(source, chance)
    writer = writers[language]
    if kind in _INSTEAD:
        return Row(_INSTEAD[kind](writer), language, kind)
    return Row(_DAMAGE.get(kind, _unchanged)(writer, _article(writer, source)), language, kind)


def _edit(writer: Writer, text: str, share: float) -> str:
    """Replace whole runs of five words or characters, `share` of all."""
    run = _RUN[writer.language[:2]]
    tokens = len(_TOKEN[writer.language[:2]].findall(text))
    edits = max(1, int(tokens * share / _EDIT_UNITS))
    chosen = set(writer.chance.sample([match.start() for match in run.finditer(text)], edits))
    return run.sub(lambda match: writer["edit"] if match.start() in chosen else match[0], text)


def _too_short(writer: Writer) -> str:
    writer.start()
    return writer.line(writer.chance.choice(["post", "sentence"]))


def _keywords(writer: Writer) -> str:
    return ", ".join(writer[writer.chance.choice(["things", "town", "roles"])] for _ in range(90))


def _symbols(writer: Writer) -> str:
    return " ".join(writer.chance.choice(_SYMBOLS) if n % 3 else writer["thing"] for n in range(120))


def _bullets(writer: Writer) -> str:
    writer.start()
    return "\n".join("• " + writer.line("sentence") for _ in range(writer.chance.randint(9, 20)))


def _ellipses(writer: Writer) -> str:
    writer.start()
    return "\n".join(re.sub(r"\W+$", "...", writer.line("sentence")) for _ in range(writer.chance.randint(9, 20)))


def _mojibake(writer: Writer, text: str) -> str:
    if writer.language == "en":
        text += " " + writer.line("accented")
    if writer.chance.random() < 0.5:  # noqa: PLR2004
        return text.encode().decode("latin-1")
    return as_windows_1252(text)


def _zero_width(writer: Writer, text: str) -> str:
    marks = (writer.chance.choice(_ZERO_WIDTH) if writer.chance.random() < 0.02 else "" for _ in text)  # noqa: PLR2004
    return "\ufeff" + "".join(map("".join, zip(text, marks, strict=True)))


def _crlf(_writer: Writer, text: str) -> str:
    return text.replace("\n", "\r\n") + "\r\n"


def _unchanged(_writer: Writer, text: str) -> str:
    return text


_EDITED = {"near_copy_5_percent": 0.05, "near_copy_2_percent": 0.02}
_ONLY_IN = {
    "keyword_list": "en",
    "mostly_symbols": "en",
    "mojibake_en": "en",
    "mojibake_zh": "zh",
    "invalid_utf8": "en",
}
_INSTEAD: dict[str, Callable[[Writer], str | int | None]] = {
    "too_short": _too_short,
    "keyword_list": _keywords,
    "mostly_symbols": _symbols,
    "bullet_list": _bullets,
    "ellipsis_lines": _ellipses,
    "whitespace_only": lambda writer: "".join(writer.chance.choices(" \t\n\u3000\u00a0", k=20)),
    "null_text": lambda _writer: None,
    "number_text": lambda writer: writer.chance.randrange(10**6),
}
_DAMAGE: dict[str, Callable[[Writer, str], str]] = {
    "mojibake_en": _mojibake,
    "mojibake_zh": _mojibake,
    "zero_width": _zero_width,
    "crlf": _crlf,
}


def _write_web(path: Path, rows: list[Row], writer: Writer) -> None:
    part = re.sub(r"\D", "", path.stem)
    ids = [f"web-{part}-{position:06}" for position in range(len(rows))]
    sites = (writer["town"].lower().replace(" ", "-") for _ in rows)
    table = pa.table(
        {
            "id": pa.array(ids, pa.string()),
            "text": pa.array([row.text for row in rows], pa.string()),
            "url": pa.array([f"https://{site}.example/{name}" for site, name in zip(sites, ids, strict=True)]),
            "real": pa.array([True] * len(rows), pa.bool_()),
        }
    )
    pq.write_table(table, path, compression="zstd", row_group_size=250)


def _write_forum(path: Path, rows: list[Row], _writer: Writer) -> None:
    stem = path.name.split(".")[0]
    _write_lines(path, rows, lambda row, position: {"uid": f"{stem}-{position:06}", "body": row.text})


def _write_textbook(path: Path, rows: list[Row], _writer: Writer) -> None:
    _write_lines(path, rows, lambda row, _position: {"text": row.text, "language": row.language[:2]})


def _write_lines(path: Path, rows: list[Row], record: Callable[[Row, int], dict[str, Any]]) -> None:
    lines = (_spoil(orjson.dumps(record(row, position)), row.kind) for position, row in enumerate(rows))
    data = b"".join(line + b"\n" for line in lines)
    small = gzip.compress(data, mtime=0) if path.suffix == ".gz" else zstandard.ZstdCompressor(level=6).compress(data)
    path.write_bytes(small)


def _spoil(line: bytes, kind: str) -> bytes:
    if kind == "broken_json":
        return line.removesuffix(b'"}')
    return line.replace(b"e", b"\xff", 1) if kind == "invalid_utf8" else line


_WRITE = {"web": _write_web, "forum": _write_forum, "textbook": _write_textbook}


def _places(shards: dict[str, list[Row]]) -> dict[str, Any]:
    """Where each planted row and the row it copies were written; positions count from 0 and include bad records."""
    place = {row: {"file": file, "row": position} for file, rows in shards.items() for position, row in enumerate(rows)}
    planted = [row for rows in shards.values() for row in rows if row.kind]
    where = [
        {"kind": row.kind, **place[row]} | ({"copy_of": place[row.original]} if row.original else {}) for row in planted
    ]
    return {"where": where}
