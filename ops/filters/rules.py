"""Rules: a signal of a column such as `quality` or `page`, and the limit that it is held to in each profile.

A judge lists its rules once, as data, so that whatever goes through rules (judging, reports, tuning) goes through the
same ones. The settings of a judge are its limits, a model of them for each profile.
"""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Protocol, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from ops.contract import Check

# The profiles that are always there; `quality_signals` may know more.
PROFILES = ("en", "zh")

ProfileName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=40)]


@dataclass(frozen=True)
class Rule:
    """One limit: a document goes, with the reason, whose signal is beyond it."""

    reason: str
    signal: str  # a field of the column that the judge reads
    limit: Literal["min", "max"]
    setting: str  # the field of each profile that holds the limit; None there turns the rule off


def _with_off(schema: dict[str, Any]) -> None:
    """Let editors take `"off"` for what the validator below takes it for."""
    for limit in schema["properties"].values():
        limit["anyOf"].append({"const": "off"})


class ProfileLimits(BaseModel):
    """The limits of one profile; None turns one off (in TOML, which has none, `"off"`); a value equal to one passes."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=_with_off)

    @field_validator("*", mode="before")
    @classmethod
    def _off_is_none(cls, limit: object) -> object:
        return None if limit == "off" else limit


AnyLimits = TypeVar("AnyLimits", bound=ProfileLimits)


def _left_out_as_en(profiles: dict[str, AnyLimits], given: ValidationInfo) -> dict[str, AnyLimits]:
    """Fill in the limits that a profile leaves out: those of `en`, which is declared before."""
    for name in PROFILES:
        if name in profiles:
            raise ValueError(f"{name} is always there; say {name} = {{...}} in the place of profiles.{name} = {{...}}")
    en: AnyLimits | None = given.data.get("en")
    if en is None:
        return profiles  # `en` is wrong, which is told of
    return {
        name: en.model_copy(update={limit: getattr(limits, limit) for limit in limits.model_fields_set})
        for name, limits in profiles.items()
    }


# A judge's limits for more profiles. Left out of what stages are named by while there are none.
MoreProfiles = Annotated[
    dict[ProfileName, AnyLimits],
    AfterValidator(_left_out_as_en),
    Field(
        exclude_if=lambda profiles: not profiles,
        description="limits of profiles that `quality_signals` knows; what one leaves out is as in `en`",
    ),
]


class Ruled(Protocol):
    """A judge whose limits are in a model for each profile."""

    reads: ClassVar[tuple[str, ...]]  # the column of signals

    @property
    def en(self) -> ProfileLimits:
        """Limits for documents whose profile is `en`, or is one that the judge has no limits for."""

    @property
    def zh(self) -> ProfileLimits:
        """Limits for documents whose profile is `zh`."""


def threshold(judge: Ruled, rule: Rule, profile: str) -> float | None:
    """Return the limit of a rule in a profile; None where it is off."""
    more: dict[str, ProfileLimits] = getattr(judge, "profiles", {})  # judges of pages have none
    limits = judge.zh if profile == "zh" else more.get(profile, judge.en)
    limit = getattr(limits, rule.setting)
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
    profiles = signals.field("profile").dictionary_encode()
    names, number = profiles.dictionary.to_pylist(), np.asarray(profiles.indices)
    values = {rule.signal: np.asarray(signals.field(rule.signal), np.float64) for rule in rules}
    limits = {rule.reason: [threshold(judge, rule, name) for name in names] for rule in rules}
    return {rule.reason: _check(rule, limits[rule.reason], number, values[rule.signal]) for rule in rules}


def _check(rule: Rule, limits: list[float | None], profile: NDArray[np.int32], value: NDArray[np.float64]) -> Check:
    """Check by the limit of each document's profile; `profile` is its number in `limits`."""
    limit = np.array([np.nan if one is None else one for one in limits], np.float64)[profile]
    # A comparison with NaN is false: a rule that is off fails no document.
    is_least = rule.limit == "min"
    return Check(value < limit if is_least else value > limit, value, limit, is_least)
