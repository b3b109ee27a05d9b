"""How much of planted damage edits repair exactly, and what they change in clean documents.

    PYTHONPATH=tests/bench python tests/bench/bench_repair.py repair repair+line_corrections --list changes

Each argument is an edit of the list of ops, with its defaults, or several in their order. Every kind of damage is
planted alone, in documents that can have it, and several kinds at once (`combined`), from families of strings and
layouts: rules are written with `development` and others before the eyes, and measured by `held_out`, whose failures
are never listed. `layouts` are pages that have an article twice in other ways than `repeats` plants.

The corpus is GRISTMILL_BENCH_CORPUS, or the sample corpus without what was planted in it. Of its Chinese documents
every fourth is put into traditional characters. What an edit changes in clean documents is looked for in all of it,
after `repair_unicode` and `whitespace`: what is left to change has a meaning, and --list shows every change.
"""

import argparse
import difflib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import get_args

import opencc
import pyarrow as pa
import pyarrow.parquet as pq
from corpus import shards_of
from held_out_damage import HELD_OUT
from machine import described
from validation_damage import VALIDATION
from validation_repeats import LAYOUTS

from jobs.damage.development import DEVELOPMENT
from jobs.damage.family import is_chinese
from jobs.damage.kinds import KINDS, Damaged, damaged
from jobs.damage.page import page_of
from jobs.demo.sample import make_sample
from ops import Step
from ops.edits.unicode import LOST, RepairUnicode
from ops.edits.whitespace import Whitespace

FAMILIES = {"development": DEVELOPMENT, **VALIDATION, "held_out": HELD_OUT}
OPS = {op.model_fields["op"].default: op for op in get_args(get_args(Step)[0])}
CHARS_MAX = 20_000  # of a document that damage is planted in: more is a book, and no page
SAMPLE_DOCUMENTS = 6_000
BATCH_DOCUMENTS = 200
TRADITIONAL = 4

Texts = dict[str, str]
Edit = Callable[[pa.Table], pa.Table]


@dataclass(frozen=True)
class Planted:
    """Documents with one kind of damage."""

    family: str
    kind: str
    text: Texts
    truth: Texts
    lost: dict[str, int]  # places of each at which characters are lost


def main() -> None:
    asked = arguments()
    edits = {name: pipeline(name) for name in asked.edits}
    print(described())
    with tempfile.TemporaryDirectory() as folder:
        clean = clean_texts(Path(folder))
    print(f"{len(clean):,} clean documents; share of damaged ones repaired exactly, and MB of them per CPU second")
    print(f"{'family':12} {'kind':16} {'documents':>9} " + " ".join(f"{name:>24}" for name in edits))
    for planted in plant_all(clean, asked):
        told = [score(planted, name, edit, asked.list) for name, edit in edits.items()]
        print(f"{planted.family:12} {planted.kind:16} {len(planted.text):>9,} " + " ".join(told), flush=True)
    for name, edit in edits.items():
        print(changes(clean, name, edit, asked.list), flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("edits", nargs="*", default=["repair"])
    parser.add_argument("--kinds", default=",".join(KINDS), help="with commas between")
    parser.add_argument("--family", choices=[*FAMILIES, "layouts", "all"], default="all")
    parser.add_argument("--documents", type=int, default=1000, help="of a kind, at most")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--list", type=Path, help="a folder for what was changed in clean documents, and for failures")
    asked = parser.parse_args()
    if asked.list:
        asked.list.mkdir(parents=True, exist_ok=True)
    return asked


def pipeline(names: str) -> Edit:
    """Edits by name, one after the other."""
    unknown = [name for name in names.split("+") if not hasattr(OPS.get(name), "edit")]
    if unknown:
        known = ", ".join(name for name, op in OPS.items() if hasattr(op, "edit"))
        raise SystemExit(f"no edit is named {', '.join(unknown)}; known: {known}")
    ops = [OPS[name]() for name in names.split("+")]

    def edit(batch: pa.Table) -> pa.Table:
        for op in ops:
            batch = op.edit(batch)
        return batch

    return edit


def clean_texts(folder: Path) -> Texts:
    """Documents as a perfect repair leaves them."""
    texts = dict(corpus_texts() if os.environ.get("GRISTMILL_BENCH_CORPUS") else sample_texts(folder))
    batch = pa.table({"text": pa.array(texts.values(), pa.string())})
    tidy = Whitespace().edit(RepairUnicode().edit(batch))["text"].to_pylist()
    to_traditional = opencc.OpenCC("s2t").convert
    chinese = 0
    for document_id, text in zip(texts, tidy, strict=True):
        chinese += is_chinese(text)
        texts[document_id] = to_traditional(text) if is_chinese(text) and chinese % TRADITIONAL == 0 else text
    return texts


def corpus_texts() -> Iterator[tuple[str, str]]:
    for shard in shards_of(Path()):
        table = pq.read_table(shard, columns=["id", "text"]).drop_null()
        yield from zip(table["id"].cast(pa.string()).to_pylist(), table["text"].to_pylist(), strict=True)


def sample_texts(folder: Path) -> Iterator[tuple[str, str]]:
    make_sample(folder, SAMPLE_DOCUMENTS)
    where = json.loads((folder / "truth.json").read_bytes())["where"]
    spoilt = {(place["file"], place["row"]) for place in where}
    for shard in sorted((folder / "web").glob("*.parquet")):
        table = pq.read_table(shard, columns=["id", "text"])
        for row, document in enumerate(table.to_pylist()):
            if (f"web/{shard.name}", row) not in spoilt:
                yield document["id"], document["text"]


def plant_all(clean: Texts, asked: argparse.Namespace) -> Iterator[Planted]:
    pages = [document_id for document_id, text in clean.items() if len(text) <= CHARS_MAX]
    kinds = asked.kinds.split(",")
    layouts = LAYOUTS if "repeats" in kinds else {}
    for family in [*FAMILIES, "layouts"] if asked.family == "all" else [asked.family]:
        for kind in layouts if family == "layouts" else kinds:
            text: Texts = {}
            truth: Texts = {}
            lost: dict[str, int] = {}
            for document_id in Random(f"{asked.seed} {kind}").sample(pages, len(pages)):
                if len(text) == asked.documents:
                    break
                made = damaged_by(clean[document_id], document_id, family, kind, asked.seed)
                if made.kinds:
                    text[document_id], truth[document_id] = made.page.text, made.page.truth
                    lost[document_id] = sum(span["lost"] for span in made.page.spans)
            yield Planted(family, kind, text, truth, lost)


def damaged_by(text: str, document_id: str, family: str, kind: str, seed: int) -> Damaged:
    """A kind of damage of a family, or an article twice in one of the layouts."""
    if family != "layouts":
        return damaged(text, document_id, [kind], seed, FAMILIES[family])
    page = LAYOUTS[kind](text, Random(f"{seed} {document_id}"), DEVELOPMENT)
    return Damaged(page or page_of(text), (kind,) if page else ())


def score(planted: Planted, name: str, edit: Edit, folder: Path | None) -> str:
    """The share repaired exactly, and MB/s; where characters are lost, the share of documents that are flagged."""
    made, seconds = edited(planted.text, edit)
    repaired = texts_of(made)
    failed = [document_id for document_id, text in repaired.items() if text != planted.truth[document_id]]
    if folder and planted.family != "held_out":
        wrong = {document_id: (planted.truth[document_id], repaired[document_id]) for document_id in failed}
        listed(folder / f"{name}.{planted.family}.{planted.kind}.failed.diff", wrong)
    if not planted.text:
        return f"{'-':>24}"
    size = sum(len(text.encode()) for text in planted.text.values()) / 1e6
    told = f"{1 - len(failed) / len(repaired):>14.2%} {size / max(seconds, 1e-9):>4.0f} MB/s"
    lost = [document_id for document_id, places in planted.lost.items() if places]
    if not lost or LOST.name not in made.column_names:
        return told
    flagged = dict(zip(planted.text, made[LOST.name].to_pylist(), strict=True))
    if folder and planted.family != "held_out":
        missed = {one: (planted.truth[one], planted.text[one]) for one in lost if not flagged[one]}
        listed(folder / f"{name}.{planted.kind}.missed.diff", missed)
    return f"{told}, {sum(flagged[one] > 0 for one in lost) / len(lost):.2%} flagged"


def changes(clean: Texts, name: str, edit: Edit, folder: Path | None) -> str:
    """How many clean documents an edit changes."""
    made, seconds = edited(clean, edit)
    left = texts_of(made)
    changed = {one: (text, left[one]) for one, text in clean.items() if left[one] != text}
    if folder:
        listed(folder / f"{name}.clean.diff", changed)
    size = sum(len(text.encode()) for text in clean.values()) / 1e6
    rate = f"{size / max(seconds, 1e-9):.0f} MB/s"
    return (
        f"{name}: {len(changed):,} of {len(clean):,} clean documents changed ({len(changed) / len(clean):.3%}), {rate}"
    )


def edited(texts: Texts, edit: Edit) -> tuple[pa.Table, float]:
    """Documents after an edit, and the CPU seconds that it took, once compiled."""
    table = pa.table({"id": pa.array(texts, pa.string()), "text": pa.array(texts.values(), pa.string())})
    edit(table.slice(0, 5))
    began = time.process_time()
    made = [edit(table.slice(at, BATCH_DOCUMENTS)) for at in range(0, table.num_rows, BATCH_DOCUMENTS)]
    seconds = time.process_time() - began
    kept = [name for name in ("id", "text", LOST.name) if made and name in made[0].column_names]
    return pa.concat_tables([one.select(kept) for one in made] or [table]), seconds


def texts_of(table: pa.Table) -> Texts:
    return dict(zip(table["id"].to_pylist(), table["text"].to_pylist(), strict=True))


def listed(file: Path, pairs: dict[str, tuple[str, str]]) -> None:
    """Write what differs, document by document; none leaves no file."""
    file.unlink(missing_ok=True)
    if not pairs:
        return
    with file.open("w", encoding="utf-8") as out:
        for document_id, (before, after) in pairs.items():
            # Line by line as written: what stands in a text may be a control character, or a line end of another kind.
            one, other = ([ascii_controls(line) for line in text.split("\n")] for text in (before, after))
            found = difflib.unified_diff(one, other, document_id, document_id, n=0, lineterm="")
            out.writelines(line + "\n" for line in found)


def ascii_controls(line: str) -> str:
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in line)


if __name__ == "__main__":
    main()
