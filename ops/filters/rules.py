"""Rules: a signal of a column such as `quality` or `page`, and the limit that it is held to in each profile.

A judge lists its rules once, as data, so that whatever goes through rules (judging, reports, tuning) goes through the
same ones. The settings of a judge are its limits, a model of them for each profile.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, field_validator

from ops.contract import Check

PROFILES = ("en", "zh")


@dataclass(frozen=True)
class Rule:
    """One limit: a document goes, with the reason, whose signal is beyond it."""

    reason: str
    signal: str  # a field of the column that the judge reads
    limit: Literal["min", "max"]
    setting: str  # the field of `en` and of `zh` that holds the limit; None there turns the rule off


class ProfileLimits(BaseModel):
    """The limits of one profile; None turns one off (in TOML, which has none, `"off"`); a value equal to one passes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _off_is_none(cls, limit: object) -> object:
        return None if limit == "off" else limit


class Ruled(Protocol):
    """A judge whose limits are in a model for each profile."""

    reads: ClassVar[tuple[str, ...]]  # the column of signals

    @property
    def en(self) -> ProfileLimits:
        """Limits for documents whose profile is `en`."""

    @property
    def zh(self) -> ProfileLimits:
        """Limits for documents whose profile is `zh`."""


def threshold(judge: Ruled, rule: Rule, profile: str) -> float | None:
    """Return the limit of a rule in a profile; None where it is off."""
    limit = getattr(getattr(judge, profile), rule.setting)
    return None if limit is None else float(limit)


def is_chinese(batch: pa.Table, by_text: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say which documents have the profile `zh`: by the column `lang` where it tells, else by their text."""
    if "lang" not in batch.column_names:
        return by_text
    told = pc.match_substring_regex(batch["lang"].cast(pa.string()), "^(zh|cmn)")
    chinese: NDArray[np.bool_] = np.asarray(pc.coalesce(told, pa.chunked_array([pa.array(by_text)])))
    return chinese


def share(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    """Divide counts; 0 where there is nothing to divide by."""
    shares: NDArray[np.float64] = part / np.maximum(whole, 1)
    return shares


def checks_by(rules: tuple[Rule, ...], judge: Ruled, batch: pa.Table) -> dict[str, Check]:
    """Check each document by the limits of its profile; a rule by its reason."""
    signals = batch[judge.reads[0]].combine_chunks()
    chinese = np.asarray(signals.field("profile").to_numpy(zero_copy_only=False) == "zh", np.bool_)
    values = {rule.signal: np.asarray(signals.field(rule.signal), np.float64) for rule in rules}
    return {rule.reason: _check(rule, judge, chinese, values[rule.signal]) for rule in rules}


def _check(rule: Rule, judge: Ruled, chinese: NDArray[np.bool_], value: NDArray[np.float64]) -> Check:
    en, zh = (threshold(judge, rule, profile) for profile in PROFILES)
    limit = np.where(chinese, *(np.nan if one is None else one for one in (zh, en)))
    # A comparison with NaN is false: a rule that is off fails no document.
    is_least = rule.limit == "min"
    return Check(value < limit if is_least else value > limit, value, limit, is_least)
