"""Compile every kernel into the cache: `python -m ops.kernels`. An image does this when it is built."""

import multiprocessing
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pyarrow as pa

from ops.contract import Edit, Op
from ops.dedup.exact import ExactDedup
from ops.dedup.furniture import RepeatedFurniture
from ops.dedup.ids import UniqueId
from ops.dedup.lines import RepeatedLines
from ops.dedup.marks import RepeatedMarks
from ops.dedup.near import NearDedup
from ops.edits.kneser_ney import fitted
from ops.edits.language import Language
from ops.edits.line_corrections import LineCorrections
from ops.edits.pinyin_glosses import PinyinGlosses
from ops.edits.redact import Redact
from ops.edits.repair import Repair
from ops.edits.spam_title import SpamTitle
from ops.filters.page import PageSignals
from ops.filters.signals import QualitySignals
from ops.kernels.clusters import components
from ops.kernels.domains import domain_set, within
from ops.kernels.hashed_ngrams import NGrams, sparse, weighted
from ops.kernels.hashing import mix64_all
from ops.kernels.language import look
from ops.kernels.listed_words import automaton, find
from ops.kernels.nearest_rows import nearest_rows
from ops.kernels.ngram_model import log_probabilities, table_of, words_of
from ops.kernels.order import merged, sorted_with_order
from ops.kernels.overlaps import overlaps, sought
from ops.kernels.shared_keys import maybe_shared
from ops.kernels.whole_texts import text_hashes
from ops.kernels.word_sides import letters_around
from ops.mixing.mix import Mix
from ops.privacy.verbatim import VerbatimCopies
from ops.provenance.families import Families
from ops.resources import File
from ops.surveys import Comparing, Counting, Drawing, Matching, Sampling, Summing


def compile_for(steps: Iterable[Op]) -> None:
    """Run the steps of a job on two documents, so that workers load what they would all compile at once.

    Not those that have workers or files of their own, and no judge: what little these have compiles where it runs.
    """
    batch = pa.table(
        {
            "id": ["a", "b"],
            "text": ["Share this\none two three four five six\u200b", "一二三四五六 seven cafÃ© 鍙樺法"],
            "source": ["web", "web"],
            "origin": ["real", "real"],
            "generator": pa.nulls(2, pa.string()),
            "parents": pa.array([None, ["a"]], pa.list_(pa.string())),
            "depth": pa.array([0, 1], pa.int8()),
        }
    )
    text_hashes(batch["text"])
    for step in (UniqueId(), *steps):
        has_files = any(isinstance(setting, File) for setting in vars(step).values())
        if not (
            step.workers or has_files or getattr(step, "recogniser", None) or {*step.needs} - {*batch.column_names}
        ):
            batch = _run(step, batch)


def _run(step: Op, batch: pa.Table) -> pa.Table:
    if isinstance(step, Counting):
        found = step.sketch(batch)
        keys = np.sort(step.keys(found.select([*step.keyed_by])).ravel())
        return step.apply(batch, pa.table({"key": keys, "level": pa.array([1] * len(keys), pa.uint8())}))
    if isinstance(step, Summing):
        sums = step.sketch(batch)
        return step.apply(batch, sums.append_column("of_references", sums["sums"])).select(batch.column_names)
    if isinstance(step, Edit):
        return step.edit(batch).select(batch.column_names)
    if isinstance(step, Matching):
        _match(step, batch)
    elif isinstance(step, Comparing):
        step.parts(batch["text"], np.unique(step.keys(step.sketch(batch))))
        nothing = pa.schema([("row", pa.int64()), *step.labels]).empty_table()
        step.apply(batch.append_column("row", pa.array([0, 1], pa.int64())), nothing)
    elif isinstance(step, Drawing | Sampling):
        step.sketch(batch)  # what it would make of two documents may be too little for its settings
    return batch


def _match(survey: Matching, batch: pa.Table) -> None:
    at = pa.array([0, 1], pa.int64())
    members = survey.sketch(batch).append_column("id", batch["id"]).append_column("at", at)
    survey.keys(members)
    for name, column in {
        **survey.evidence(batch["text"]),
        "cluster": pa.array([0, 0], pa.int64()),
        "source": batch["source"],
        "sourced": pa.array([1, 1], pa.int8()),
        "copies": pa.array([0, 0], pa.int64()),
        "copy_sources": pa.nulls(2, pa.list_(pa.string())),
    }.items():
        members = members.append_column(name, column)
    for _ in survey.resolve([members]):
        pass
    components(np.array([1, 2]), np.array([0, 1]))
    keys, _ = sorted_with_order(np.zeros(1, np.uint64))
    merged([(keys, np.zeros(1, np.int64))] * 2)
    maybe_shared([keys])
    mix64_all(pa.array([1], pa.uint64()).to_numpy())


def compile_all() -> float:
    """Run every op that has kernels on two documents, on every core; return the seconds it took."""
    began = time.perf_counter()
    steps = [
        *(Repair(), QualitySignals(), PageSignals(), Redact(), Language()),
        *(ExactDedup(), ExactDedup(on="normalized_text"), NearDedup(), NearDedup(verify="exact"), Families(), Mix()),
        *(
            RepeatedLines(documents_max=1, removed_share_max=None),
            RepeatedMarks(),
            RepeatedFurniture(),
            VerbatimCopies(),
        ),
    ]
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        for done in [*(pool.submit(compile_for, [step]) for step in steps), pool.submit(_compile_others)]:
            done.result()
    return time.perf_counter() - began


def _compile_others() -> None:
    """Run the kernels of ops that need files or columns of their own."""
    texts = pa.array(["one two three four five six", "一二三四五六 seven"])
    columns = {"id": ["a", "b"], "text": texts, "source": ["web"] * 2, "origin": ["real"] * 2}
    Mix().sketch(pa.table(columns))
    look(texts, 2048)
    weighted(texts, np.zeros(1 << 18, np.float32), NGrams())
    sparse(texts, NGrams())
    grams = fitted(words_of(texts, 100), 2)
    log_probabilities(texts, table_of(grams.keys, grams.values), 100)
    PinyinGlosses().edit(pa.table({"text": ["机(jī)", "器"]}))
    SpamTitle().edit(pa.table({"text": ["The mill."], "title": ["free slots|best casino|poker bonus|The mill"]}))
    LineCorrections().edit(pa.table({"text": ["12\none", "two"]}))
    within(pa.chunked_array([["web"]]), domain_set(pa.array(["example.com"])))
    overlaps(texts, sought(texts, np.arange(2), 2, 3), of_ngrams=False)
    nearest_rows(
        np.zeros((1, 1), np.float32), np.zeros((1, 2), np.float32), np.ones(1, np.bool_), 1, np.ones(2, np.int64)
    )
    find(texts, automaton({"seven": 1}), np.ones(2, np.int64))
    bounds = [np.array([one]) for one in (0, 7, 2, 1)]
    letters_around(np.frombuffer(b"re*pair", np.uint8), *bounds)


if __name__ == "__main__":
    from ops.kernels.__main__ import compile_all as compiled  # its processes cannot import what is named __main__

    print(f"kernels compiled or loaded in {compiled():.1f} s")
