"""All ops, and one of each with settings that do."""

import typing
from pathlib import Path

import ops
from ops.contract import Edit, Op
from ops.dedup.ids import UniqueId
from ops.edits.chinese_script import ChineseScript
from ops.edits.classifier import Classifier
from ops.edits.perplexity import Perplexity
from ops.edits.redact import Redact
from ops.edits.score import Score
from ops.filters.bad_words import BadWords
from ops.filters.decontaminate import Decontaminate
from ops.filters.limits import Limits
from ops.filters.page import PageSignals
from ops.filters.signals import QualitySignals
from ops.filters.url_blocklist import UrlBlocklist
from ops.mixing.importance import Importance
from ops.privacy.k_anonymity import KAnonymity
from ops.privacy.nearest import NearestRecords

OPS: list[type[Op]] = [*typing.get_args(typing.get_args(ops.Step)[0]), UniqueId]
GOLDEN = Path(__file__).parent / "ops" / "golden"

# What measures the columns that judges read.
MEASURES: dict[str, Edit] = {"quality": QualitySignals(), "page": PageSignals(), "pii": Redact()}

# What has no default.
REQUIRED: dict[type[Op], dict[str, typing.Any]] = {
    Score: {"model": "scorers:LetterShare"},
    Classifier: {"model": str(GOLDEN / "classifier.npz")},
    Perplexity: {"model": str(GOLDEN / "perplexity.npz")},
    UrlBlocklist: {"domains": [str(GOLDEN / "domains.txt")]},
    BadWords: {"lists": {"en": str(GOLDEN / "bad_words_en.txt")}},
    ChineseScript: {"to": "hans"},
    Decontaminate: {"evaluations": {"exam": str(GOLDEN / "evaluation.jsonl")}},
    Importance: {"against": ["target"]},
    KAnonymity: {"columns": ["lang", "url"]},
    NearestRecords: {"training": ["people"], "held_out": ["others"], "numbers": ["stars"], "categories": ["lang"]},
    Limits: {"column": "stars", "least": 1},
}


def made_of(op: type[Op], **settings: object) -> Op:
    return op(**REQUIRED.get(op, {}), **settings)
