"""Compile every kernel into the cache: `python -m ops.kernels`. An image does this when it is built."""

import time

import numpy as np
import pyarrow as pa

from ops.dedup.ends import RepeatedEnds
from ops.dedup.exact import ExactDedup
from ops.dedup.ids import UniqueId
from ops.dedup.lines import RepeatedLines
from ops.dedup.near import NearDedup
from ops.edits.injections import Injections
from ops.edits.kneser_ney import fitted
from ops.edits.line_corrections import LineCorrections
from ops.edits.page_furniture import PageFurniture
from ops.edits.pinyin_glosses import PinyinGlosses
from ops.edits.redact import Redact
from ops.edits.repair import Repair
from ops.edits.repeated_article import RepeatedArticle
from ops.edits.watermarks import Watermarks
from ops.filters.page import PageSignals
from ops.filters.signals import QualitySignals
from ops.kernels.clusters import components
from ops.kernels.domains import domain_set, within
from ops.kernels.hashed_ngrams import NGrams, sparse, weighted
from ops.kernels.hashing import mix64_all
from ops.kernels.language import look
from ops.kernels.listed_words import automaton, find
from ops.kernels.ngram_model import log_probabilities, table_of, words_of
from ops.mixing.mix import Mix


def compile_all() -> float:
    """Run every op that has kernels on two documents; return the seconds it took."""
    began = time.perf_counter()
    batch = pa.table(
        {
            "id": ["a", "b"],
            "text": ["one two three four five six\u200b", "一二三四五六 seven"],
            "source": ["web", "web"],
            "origin": ["real", "real"],
        }
    )
    repaired = Repair().edit(batch)
    look(repaired["text"], 2048)
    weighted(repaired["text"], np.zeros(1 << 18, np.float32), NGrams())
    sparse(repaired["text"], NGrams())
    grams = fitted(words_of(repaired["text"], 100), 2)
    log_probabilities(repaired["text"], table_of(grams.keys, grams.values), 100)
    PinyinGlosses().edit(pa.table({"text": ["机(jī)", "器"]}))
    RepeatedArticle().edit(repaired)
    PageFurniture().edit(repaired)
    LineCorrections().edit(pa.table({"text": ["12\none", "two"]}))
    Watermarks().edit(batch)
    Injections().edit(batch)
    Redact().edit(repaired)
    QualitySignals().edit(repaired)
    within(repaired["source"], domain_set(pa.array(["example.com"])))
    find(repaired["text"], automaton({"seven": 1}), np.ones(2, np.int64))
    PageSignals().edit(repaired)
    for survey in (UniqueId(), ExactDedup(), ExactDedup(on="normalized_text"), NearDedup(), NearDedup(verify="exact")):
        at = pa.array([0, 1], pa.int64())
        members = survey.sketch(repaired).append_column("id", repaired["id"]).append_column("at", at)
        survey.keys(members)
        for name, column in {
            **survey.evidence(repaired["text"]),
            "cluster": pa.array([0, 0], pa.int64()),
            "source": repaired["source"],
            "sourced": pa.array([1, 1], pa.int8()),
            "copies": pa.array([0, 0], pa.int64()),
            "copy_sources": pa.nulls(2, pa.list_(pa.string())),
        }.items():
            members = members.append_column(name, column)
        for _ in survey.resolve([members]):
            pass
    Mix().gather(Mix().sketch(repaired).append_column("at", at).append_column("id", repaired["id"]))
    components(np.array([1, 2]), np.array([0, 1]))
    repeated = RepeatedLines(documents_max=1, removed_share_max=None)
    lines = repeated.sketch(repaired)["line"].combine_chunks().sort()
    repeated.apply(repaired, pa.table({"key": lines}))
    ends = RepeatedEnds(documents_max=1)
    ends.apply(repaired, pa.table({"key": ends.sketch(repaired)["end"]}))
    mix64_all(pa.array([1], pa.uint64()).to_numpy())
    return time.perf_counter() - began


if __name__ == "__main__":
    print(f"kernels compiled or loaded in {compile_all():.1f} s")
