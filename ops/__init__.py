"""What happens to documents: edits, judges and surveys. No storage, no Ray.

The list is written down here: to add an op, import it and add it to `Step`.
"""

from typing import Annotated

from pydantic import Field

from ops.collapse.guard import CollapseGuard
from ops.dedup.exact import ExactDedup
from ops.dedup.furniture import RepeatedFurniture
from ops.dedup.lines import RepeatedLines
from ops.dedup.marks import RepeatedMarks
from ops.dedup.near import NearDedup
from ops.edits.chinese_script import ChineseScript
from ops.edits.classifier import Classifier
from ops.edits.count_tokens import CountTokens
from ops.edits.injections import Injections
from ops.edits.language import Language
from ops.edits.line_corrections import LineCorrections
from ops.edits.page_furniture import PageFurniture
from ops.edits.perplexity import Perplexity
from ops.edits.pinyin_glosses import PinyinGlosses
from ops.edits.redact import Redact
from ops.edits.repair import Repair
from ops.edits.repeated_article import RepeatedArticle
from ops.edits.score import Score
from ops.edits.spam_title import SpamTitle
from ops.edits.unicode import RepairUnicode
from ops.edits.watermarks import Watermarks
from ops.edits.whitespace import Whitespace
from ops.filters.bad_words import BadWords
from ops.filters.c4 import C4
from ops.filters.chinese_web import ChineseWeb
from ops.filters.code import Code
from ops.filters.decontaminate import Decontaminate
from ops.filters.fineweb import FinewebQuality
from ops.filters.gopher import GopherQuality
from ops.filters.language import Languages
from ops.filters.length import Length
from ops.filters.limits import Limits
from ops.filters.nemo import NemoCharacters
from ops.filters.page import PageSignals
from ops.filters.pii import Pii
from ops.filters.repetition import GopherRepetition
from ops.filters.script_mix import ScriptMix
from ops.filters.signals import QualitySignals
from ops.filters.stuffing import Stuffing
from ops.filters.title_spam import TitleSpam
from ops.filters.url_blocklist import UrlBlocklist
from ops.mixing.importance import Importance
from ops.mixing.mix import Mix
from ops.privacy.copied import Copied
from ops.privacy.k_anonymity import KAnonymity
from ops.privacy.nearest import NearestRecords
from ops.privacy.verbatim import VerbatimCopies
from ops.provenance.families import Families
from ops.provenance.origin_by_label import OriginByLabel
from ops.provenance.policy import Policy

Step = Annotated[
    Repair
    | RepairUnicode
    | PinyinGlosses
    | ChineseScript
    | Whitespace
    | Watermarks
    | Injections
    | RepeatedArticle
    | PageFurniture
    | SpamTitle
    | LineCorrections
    | Language
    | Score
    | Classifier
    | Perplexity
    | CountTokens
    | QualitySignals
    | Redact
    | Languages
    | Length
    | Limits
    | UrlBlocklist
    | BadWords
    | GopherQuality
    | GopherRepetition
    | FinewebQuality
    | C4
    | PageSignals
    | ScriptMix
    | ChineseWeb
    | NemoCharacters
    | Code
    | Stuffing
    | TitleSpam
    | Pii
    | Decontaminate
    | OriginByLabel
    | Policy
    | Copied
    | ExactDedup
    | NearDedup
    | RepeatedLines
    | RepeatedMarks
    | RepeatedFurniture
    | Importance
    | VerbatimCopies
    | KAnonymity
    | NearestRecords
    | Families
    | Mix
    | CollapseGuard,
    Field(discriminator="op"),
]
