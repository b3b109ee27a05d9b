"""Settings of a mix that are tables of their own: limits, quality curves, and weights in a file."""

import tomllib
from typing import Annotated, Literal, Self

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from ops.mixing.contents import EPOCHS_MAX
from ops.mixing.recipe import Asked
from ops.resources import File

_KINDS: dict[str, Literal["at_least", "at_most", "exactly"]] = {"min": "at_least", "max": "at_most", "": "exactly"}


def _listed(wanted: object) -> object:
    """Take one value for a list of one."""
    if not isinstance(wanted, dict):
        return wanted
    return {column: (value,) if isinstance(value, str) else value for column, value in wanted.items()}


WhereSetting = Annotated[dict[str, Annotated[tuple[str, ...], Field(min_length=1)]], BeforeValidator(_listed)]


class MixLimit(BaseModel):
    """One number that the mix must keep to, of the documents whose columns have the values that `where` names.

    `where = { domain = "math", origin = ["synthetic"] }`. A share is of the tokens of those that `of` names in the same
    way; by default of all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    where: WhereSetting = Field(min_length=1, description="columns, and which of their values are meant")
    of: WhereSetting = Field(default_factory=dict, description="what a share is of; default: all")
    tokens: int | None = Field(None, ge=0, description="exactly so many")
    tokens_min: int | None = Field(None, ge=0, description="at least so many")
    tokens_max: int | None = Field(None, ge=0, description="at most so many")
    share: float | None = Field(None, ge=0, le=1, description="exactly this share")
    share_min: float | None = Field(None, ge=0, le=1, description="at least this share")
    share_max: float | None = Field(None, ge=0, le=1, description="at most this share")
    epochs_max: int | None = Field(
        None, ge=1, le=EPOCHS_MAX, description="each may be taken so often, in the place of the mix's epochs_max"
    )
    because: str | None = Field(None, description="why, for those who read the release")

    @model_validator(mode="after")
    def _has_one_number(self) -> Self:
        if len(self._numbers()) + (self.epochs_max is not None) != 1:
            raise ValueError(
                "a limit has exactly one of tokens, tokens_min, tokens_max, share, share_min, share_max, epochs_max"
            )
        if self.of and not any(name.startswith("share") for name in self._numbers()):
            raise ValueError("`of` is for shares; a number of tokens is of nothing")
        return self

    def _numbers(self) -> dict[str, float]:
        told = self.model_dump(include={"tokens", "tokens_min", "tokens_max", "share", "share_min", "share_max"})
        return {name: value for name, value in told.items() if value is not None}

    def asked(self, number: int) -> Asked:
        """Return it as the recipe has it."""
        ((name, value),) = self._numbers().items()
        unit, _, end = name.partition("_")
        values = ", ".join("|".join(values) for values in self.where.values())
        called = f"limits.{number} ({values}) {name}"
        return Asked(called, _KINDS[end], value, self.where, self.of if unit == "share" else None)

    @property
    def columns(self) -> set[str]:
        """The columns that it names."""
        return {*self.where, *self.of}


class Curve(BaseModel):
    """How much of a source is taken by its quality: the bottom not at all, the top as often as `epochs_max` allows."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    source: str = Field(min_length=1)
    column: str = Field(min_length=1, description="numbers, the higher the better; what has none is last")
    drop_share: float = Field(0.0, ge=0, lt=1, description="of the source's tokens, the lowest, that are left out")


class WeightsFile(File):
    """Weights by source: a table in JSON or TOML, as optimisers of mixtures write it."""

    @classmethod
    def check(cls, data: bytes) -> None:
        """Refuse what are no weights."""
        weights_of(data)


def weights_of(data: bytes) -> dict[str, float]:
    r"""Return the weights that a file holds; ValueError where they are none.

    >>> weights_of(b'web = 0.75\nbooks = 0.25'), weights_of(b'{"web": 3, "books": 1}')
    ({'web': 0.75, 'books': 0.25}, {'web': 3.0, 'books': 1.0})
    """
    try:
        found = orjson.loads(data) if data.lstrip().startswith(b"{") else tomllib.loads(data.decode())
    except ValueError as error:
        raise ValueError(f"neither JSON nor TOML: {error}") from error
    wrong = {name: one for name, one in found.items() if isinstance(one, bool) or not isinstance(one, int | float)}
    if wrong:
        raise ValueError(f"weights must be numbers by source, as in web = 0.7; {next(iter(wrong))} is none")
    return checked_weights({name: float(weight) for name, weight in found.items()})


def checked_weights(weights: dict[str, float]) -> dict[str, float]:
    """Return weights; ValueError where they cannot be any."""
    if any(not 0 <= weight < float("inf") for weight in weights.values()):
        raise ValueError("weights must not be negative or infinite")
    if not any(weights.values()):
        raise ValueError("no weight is above 0")
    return weights
