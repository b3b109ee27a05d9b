"""Collapse guard: samples of the corpus and of its synthetic parts beside real text of as many tokens.

Models trained on their predecessors' text forget what is rare first. Whether a corpus has lost it shows only beside
real text of the same size: half as many words have fewer rare ones without any synthetic text. So each group (the
whole, and each source, generator and depth) is compared with samples of real text, drawn several times.
"""

import math
from collections.abc import Iterator
from typing import ClassVar, Literal, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from ops.collapse.metrics import METRICS, Sample
from ops.collapse.samples import condensed, drawn, in_proportion, parted, thinned, tokens_in
from ops.contract import Op, Refusal
from ops.kernels.hashing import chance
from ops.kernels.token_hashes import token_hashes, windows

# Of text for the compression ratio, from a place in each document that a hash draws.
_WINDOW_BYTES = 512

# Real text that is sampled, in samples: a quarter of it is the reference, the draws are from the rest.
_POOL_SAMPLES = 12

# With less, the range of real text is too wide to tell anything.
_SAMPLE_TOKENS_MIN = 2_000

# Draws from less than four samples would be nearly the same documents.
_REAL_SAMPLES_MIN = 4

WHOLE = "all"

MetricName = Literal[
    "tail_coverage",
    "template_concentration",
    "distinct_1",
    "distinct_2",
    "distinct_3",
    "unigram_js_bits",
    "trigram_recall",
    "unigram_entropy_bits",
    "zip_ratio",
]


class Gate(BaseModel):
    """One number that a release must keep to: within the range of real text, or `margin` of its mean beyond it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    metric: MetricName
    of: str = Field(WHOLE, description='the group, such as "all", "source=textbook" or "depth=1"')
    margin: float = Field(0.0, ge=0, description="how far beyond, as a share of real text's mean")


class CollapseGuard(Op):
    """Refuse a corpus that has lost what real text has, and tell how far each part of it is from real text.

    Samples of `sample_tokens` are drawn by hash: documents as they are after the steps before. What is real is told by
    origin; with `against`, references are what is real. A range is where the next sample of real text lies with the
    probability `confidence`, by Student's t over the draws.
    """

    op: Literal["collapse_guard"] = "collapse_guard"
    reads: ClassVar[tuple[str, ...]] = ("text", "source", "origin")
    sketched_by: ClassVar[tuple[str, ...]] = ("sample_tokens", "sample_share", "seed", "groups", "against")
    sample_tokens: int = Field(
        200_000, ge=_SAMPLE_TOKENS_MIN, description="of each sample; fewer where there are fewer"
    )
    # An eighth: what is hashed and stored of all documents costs as much as reading them.
    sample_share: float = Field(0.125, gt=0, le=1, description="of the documents, that samples are drawn from; by hash")
    draws: int = Field(20, ge=3, description="samples of real text")
    by: tuple[str, ...] = Field(("source", "generator", "depth"), description="columns whose values are groups")
    confidence: float = Field(0.9999, gt=0.5, lt=1, description="that real text lies within its range")
    gates: tuple[Gate, ...] = Field(
        (Gate(metric="tail_coverage"), Gate(metric="template_concentration")),
        description="what makes the job refuse a release; none: it only tells",
    )
    against: tuple[str, ...] = Field((), description="references that are the real text; default: what is real here")
    seed: int | None = Field(None, ge=0, lt=2**63, description="default: the job's")

    @model_validator(mode="after")
    def _gates_are_of_groups(self) -> Self:
        for gate in self.gates:
            if gate.of != WHOLE and gate.of.partition("=")[0] not in self.by:
                columns = ", ".join(self.by)
                raise ValueError(
                    f'a gate of {gate.of!r}: name "{WHOLE}", or COLUMN=VALUE of the columns in `by`: {columns}'
                )
        return self

    @property
    def groups(self) -> tuple[str, ...]:
        """Columns whose values make groups that are sampled apart."""
        return tuple(dict.fromkeys(("source", "origin", *self.by)))

    @property
    def needs(self) -> tuple[str, ...]:
        """Text, and what groups are made of."""
        return tuple(dict.fromkeys((*self.reads, *self.by)))

    def sketch(self, batch: pa.Table) -> pa.Table:
        """Return each document's group, its rank, the hashes of its tokens and a stretch of its text."""
        rank = chance(batch["id"], self.seed or 0)
        looked_at = rank <= np.uint64(round(self.sample_share * (2**64 - 1)) if self.sample_share < 1 else 2**64 - 1)
        return pa.table(
            {
                **{name: batch[name].cast(pa.string()) for name in self.groups},
                "rank": pa.array(rank),
                "tokens": pc.if_else(pa.array(looked_at), token_hashes(batch["text"], looked_at), None),
                "window": pc.if_else(pa.array(looked_at), windows(batch["text"], looked_at, rank, _WINDOW_BYTES), None),
            }
        )

    def thin(self, sketches: pa.Table) -> pa.Table:
        """Return the same rows without the tokens of those that no sample can need."""
        return thinned(sketches, self.groups, self._caps(sketches))

    def condense(self, sketches: pa.Table) -> pa.Table:
        """Return the rows that tell all of the samples; of several tables' results it is as of the tables."""
        return condensed(sketches, self.groups, self._caps(sketches))

    def conclude(self, sketches: pa.Table) -> dict[str, object]:
        """Return what each group's metrics are, and what they are in real text; Refusal where a gate is shut."""
        rows = self.condense(sketches)
        is_reference = self._is_reference(rows)
        is_real = is_reference if self.against else np.asarray(pc.equal(rows["origin"], "real"))
        real = in_proportion(rows.filter(pa.array(is_real)))
        reference, rest = parted(real)
        if self.gates and tokens_in(rest) < _REAL_SAMPLES_MIN * _SAMPLE_TOKENS_MIN:
            raise Refusal(
                f"there are {tokens_in(real):,} tokens of real text, too few to compare with. Name references in "
                "`against`, look at a greater sample_share, or let the guard only tell: gates = []"
            )
        corpus = rows.filter(pa.array(~is_reference))
        told = {name: self._compared(group, reference, rest) for name, group in self._groups_of(corpus)}
        shut = [line for gate in self.gates if (line := _shut(gate, told.get(gate.of, {})))]
        if shut:
            raise Refusal("; ".join(shut))
        return {"groups": told, "real_tokens": tokens_in(real), "confidence": self.confidence, "draws": self.draws}

    def _caps(self, sketches: pa.Table) -> NDArray[np.int64]:
        """How many tokens each document's group needs: real text is drawn from many times."""
        is_real = self._is_reference(sketches) | np.asarray(pc.equal(sketches["origin"], "real"))
        return np.where(is_real, _POOL_SAMPLES * self.sample_tokens, self.sample_tokens)

    def _is_reference(self, sketches: pa.Table) -> NDArray[np.bool_]:
        return np.asarray(pc.is_in(sketches["source"], pa.array(self.against, pa.string())))

    def _groups_of(self, corpus: pa.Table) -> Iterator[tuple[str, pa.Table]]:
        """Give the whole, and each value of each column; what is null is of no group."""
        yield WHOLE, in_proportion(corpus)
        for column in self.by:
            for value in sorted(pc.unique(corpus[column].drop_null()).to_pylist()):
                yield f"{column}={value}", in_proportion(corpus.filter(pc.equal(corpus[column], value)))

    def _compared(self, group: pa.Table, reference: pa.Table, rest: pa.Table) -> dict[str, object]:
        """Measure a group and as many tokens of real text, both without the documents of the reference."""
        _, group = parted(group)
        size = min(self.sample_tokens, tokens_in(group), tokens_in(rest) // _REAL_SAMPLES_MIN)
        if size < _SAMPLE_TOKENS_MIN:
            return {"tokens": size, "metrics": {}}
        known = drawn(reference, 0, tokens_in(reference))
        samples = [drawn(group, 0, size), *(drawn(rest, 1 + draw, size) for draw in range(self.draws))]
        samples = _with_equal_windows(samples)
        metrics = {}
        for name, metric in METRICS.items():
            value, *null = (metric.of(sample, known) for sample in samples)
            low, high = _range(null, self.confidence)
            told = {"value": value, "real_mean": math.fsum(null) / len(null), "real_low": low, "real_high": high}
            metrics[name] = {key: round(number, 6) for key, number in told.items()}
        return {"tokens": size, "metrics": metrics}


def _with_equal_windows(samples: list[Sample]) -> list[Sample]:
    """Cut the stretches of text to as many bytes of each sample: more compress better."""
    size = min(len(sample.windows) for sample in samples)
    return [Sample(sample.tokens, sample.starts, sample.windows[:size]) for sample in samples]


def _range(values: list[float], confidence: float) -> tuple[float, float]:
    """Return where the next value lies with a probability, the others being of one normal distribution."""
    from scipy.special import stdtrit  # noqa: PLC0415 - a tenth of a second, which no other command need wait for

    count = len(values)
    mean, deviation = float(np.mean(values)), float(np.std(values, ddof=1))
    width = float(stdtrit(count - 1, (1 + confidence) / 2)) * deviation * math.sqrt(1 + 1 / count)
    return mean - width, mean + width


def _shut(gate: Gate, told: dict[str, object]) -> str | None:
    """Say why a gate is shut; None where it is open."""
    if not told:
        return None  # there are no such documents
    metrics = told["metrics"]
    assert isinstance(metrics, dict)
    if not metrics:
        return (
            f"{gate.of} has {told['tokens']:,} tokens in the sample, too few to tell {gate.metric} of: steps may "
            "have dropped most of what was sampled. Ask for more sample_share or sample_tokens, or take the gate out"
        )
    found = metrics[gate.metric]
    beyond = gate.margin * found["real_mean"]
    low, high = found["real_low"] - beyond, found["real_high"] + beyond
    is_low = METRICS[gate.metric].collapses == "low"
    if (found["value"] >= low) if is_low else (found["value"] <= high):
        return None
    limit = f"at least {low:.4g}" if is_low else f"at most {high:.4g}"
    return (
        f"{gate.metric} of {gate.of} is {found['value']:.4g}, must be {limit}: real text of as many tokens has "
        f"{found['real_low']:.4g} to {found['real_high']:.4g}. Add real text, or take out what is most unlike it "
        "(the report shows each source and generator)"
    )
