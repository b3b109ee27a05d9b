"""Mixes against sources and steps: names that nothing has, sources left out, shares that conflict."""

from collections.abc import Collection, Mapping
from typing import Any

from jobs.jobfile.parts import OPS, settings_of, tables, unknown
from ops.columns import ORIGINS
from ops.contract import Refusal
from ops.mixing.mix import Mix
from ops.mixing.recipe import conflict_of
from ops.mixing.settings import weights_of
from ops.provenance.families import Families


def mix_mistakes(sources: list[dict[str, Any]], steps: list[dict[str, Any]], *, with_files: bool) -> list[str]:
    """Tell where mixes and sources do not fit together; `with_files`: whether files of weights are read, too."""
    if not all(isinstance(source.get("name"), str) for source in sources):
        return []  # it is told of; a share may be meant for it
    origins = {source["name"]: str(source.get("origin")) for source in sources}
    mistakes = []
    for number, step in enumerate(steps):
        mix = settings_of(Mix, step)
        if mix is None:
            continue
        families = [one for before in steps[:number] if (one := settings_of(Families, before))]
        splits = {"split": families[-1].splits} if families else {}
        known = {"source": [*origins], "origin": ORIGINS, **splits}
        mistakes += _unknown_values(f"steps.{number} (mix)", mix, known)
        mistakes += _unnamed_sources(f"steps.{number} (mix)", mix, origins, with_files=with_files)
        mistakes += _steps_after_repeats(number, mix, steps)
        told = any(
            source.get("draft") or {"origin", "messages"} & {*tables([source.get("columns")])[0]} for source in sources
        )
        if mix.shares and not told and {*mix.shares} <= {*origins} and {*origins.values()} <= {*ORIGINS}:
            conflict = conflict_of(mix.recipe, origins)
            mistakes += [f"steps.{number} (mix) shares: {conflict}"] if conflict else []
    return mistakes


def _unnamed_sources(place: str, mix: Mix, origins: dict[str, str], *, with_files: bool) -> list[str]:
    """Name the sources that settings are of and that the job does not have, and those that they leave out."""
    named = {
        "shares": mix.shares,
        "weights": mix.weights if isinstance(mix.weights, dict) else {},
        "weights_file": _weights_in(mix) if with_files else {},
        "cost_per_million_tokens": mix.cost_per_million_tokens,
        "curves": [curve.source for curve in mix.curves],
    }
    whole = (("shares", "share"), ("weights", "weight"), ("weights_file", "weight"))
    return [
        *unknown(
            "source", [(f"{place} {part}", name) for part, names in named.items() for name in sorted({*names})], origins
        ),
        *(
            f"{place} {part}: the source {name!r} has none; give it a {one}, 0 leaves it out"
            for part, one in whole
            if named[part]
            for name in sorted({*origins} - {*named[part]})
        ),
    ]


def _weights_in(mix: Mix) -> dict[str, float]:
    """Return the weights of a file; none where there is no file, or what it holds is told of."""
    try:
        return weights_of(mix.weights_file.read("mix")) if mix.weights_file else {}
    except (Refusal, ValueError, OSError):
        return {}


def _steps_after_repeats(number: int, mix: Mix, steps: list[dict[str, Any]]) -> list[str]:
    """Name a step that reads texts again, and would lose how often a mix takes each document; or another mix."""
    ops = [str(step.get("op")) for step in steps[number + 1 :]] if mix.may_repeat else []
    wrong = [
        op
        for op in ops
        if op in OPS and (op == "mix" or not hasattr(OPS[op], "sketched_by") or hasattr(OPS[op], "apply"))
    ]
    return [
        f"steps.{number} (mix): documents are written several times by its epochs_max, and {op} comes after it; put "
        f"{op} before the mix"
        for op in wrong[:1]
    ]


def _unknown_values(place: str, mix: Mix, known: Mapping[str, Collection[str]]) -> list[str]:
    """Name the sources, origins and splits that are mixed or that limits are of, and that no document has."""
    limits = [(f"limits.{number}", one) for number, limit in enumerate(mix.limits) for one in (limit.where, limit.of)]
    return [
        mistake
        for part, wanted in [("within", mix.within), *limits]
        for column, names in known.items()
        for mistake in unknown(column, [(f"{place} {part}", value) for value in wanted.get(column, ())], names)
    ]
