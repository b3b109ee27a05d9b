"""Whether the parts of a job file fit together: sources, steps and references, each by the others' names and columns.

Works on the parsed TOML, so that it can tell what is wrong beside mistakes within the parts.
"""

import difflib
from collections.abc import Iterable
from typing import Any, TypeVar, get_args

import pyarrow as pa
from pydantic import BaseModel, ValidationError

from jobs.jobfile.policies import policy_mistakes
from jobs.readers.manifest_settings import Label
from ops import Step
from ops.columns import COPIES, DOCUMENT, ORIGINS
from ops.contract import Op
from ops.dedup.exact import ExactDedup
from ops.dedup.near import NearDedup
from ops.dedup.rank import sources_of
from ops.edits.hidden_labels import LABEL
from ops.filters.rules import PROFILES
from ops.mixing.mix import Mix
from ops.mixing.recipe import conflict_of
from ops.privacy.nearest import NearestRecords
from ops.provenance.policy import Policy
from ops.provenance.released_labels import AIGC

AnyModel = TypeVar("AnyModel", bound=BaseModel)

OPS: dict[str, type[Op]] = {op.model_fields["op"].default: op for op in get_args(get_args(Step)[0])}


def misfits(raw: dict[str, Any]) -> list[str]:
    """Tell where sources and steps do not fit together, as far as that can be told beside mistakes within them."""
    sources, steps, references = (_tables(raw.get(part)) for part in ("sources", "steps", "references"))
    return [
        *_repeated_names([*sources, *references]),
        *_missing_columns(sources, steps),
        *_unknown_keep_sources(sources, steps),
        *_mix_mistakes(sources, steps),
        *_refused_sources(sources, steps),
        *_unknown_references(references, steps),
        *_unknown_sides([*sources, *references], steps),
        *_unknown_profiles(steps),
        *_unknown_phase_columns(sources, steps, _tables([raw.get("release")])[0]),
        *_taken_label_columns(sources, _tables([raw.get("release")])[0]),
    ]


def _tables(value: Any) -> list[dict[str, Any]]:
    """Return a list's tables; an empty one in the place of what is none, so that numbers stay."""
    return [item if isinstance(item, dict) else {} for item in value] if isinstance(value, list) else []


def _repeated_names(sources: list[dict[str, Any]]) -> list[str]:
    names = [source["name"] for source in sources if isinstance(source.get("name"), str)]
    repeated = sorted({name for name in names if names.count(name) > 1})
    return [f"sources: the name {name!r} is used {names.count(name)} times; names must differ" for name in repeated]


def _missing_columns(sources: list[dict[str, Any]], steps: list[dict[str, Any]]) -> list[str]:
    """Name the steps that read a column which no source maps and no step before them adds."""
    have = {*DOCUMENT.names, *(column for source in sources for column in _told_columns(source))}
    mistakes = []
    for number, step in enumerate(steps):
        op = OPS.get(str(step.get("op")))
        if op is None:
            break  # nobody knows which columns it would have added
        valid = _valid(op, step)
        for column in valid.needs if valid else op.reads:
            if column not in have:
                near = nearest(column, have)
                mistakes.append(
                    f"steps.{number} ({step['op']}): needs the column {column!r}; columns at that point: "
                    f"{', '.join(sorted(have))}{near}. Add a step that makes it before this one, or map it in a "
                    "source's `columns`."
                )
        have |= {field.name for field in (valid.makes if valid else op.adds)}
    return mistakes


def _told_columns(source: dict[str, Any]) -> list[str]:
    """Name the columns that a source maps, and those of its labels."""
    valid = [_valid(Label, label) for label in _tables(source.get("labels"))]
    return [*_tables([source.get("columns")])[0], *(name for label in valid if label for name in label.adds)]


def _unknown_keep_sources(sources: list[dict[str, Any]], steps: list[dict[str, Any]]) -> list[str]:
    """Name what keep policies put in order and the job does not have."""
    if not all(isinstance(source.get("name"), str) for source in sources):
        return []  # it is told of; a key may be meant for it
    names = [source["name"] for source in sources]
    deduped = [(n, _valid(ExactDedup, step) or _valid(NearDedup, step)) for n, step in enumerate(steps) if "op" in step]
    return [
        f"steps.{number} ({op.op}) keep.{place}: no source is named {name!r}{nearest(name, names)}"
        for number, op in deduped
        if op
        for place, key in enumerate(op.keep)
        for name in sources_of(key)
        if name not in names
    ]


def _unknown_references(references: list[dict[str, Any]], steps: list[dict[str, Any]]) -> list[str]:
    """Name what steps are to compare with and the job does not have."""
    names = [str(one.get("name")) for one in references]
    return [
        f"steps.{number} ({step['op']}) against: no reference is named {name!r}{nearest(str(name), names)}; add it as "
        "[[references]] with a name and a path"
        for number, step in enumerate(steps)
        if isinstance(step.get("against"), list)
        for name in step["against"]
        if name not in names
    ]


def _unknown_sides(tables: list[dict[str, Any]], steps: list[dict[str, Any]]) -> list[str]:
    """Name the sources and references whose rows are to be compared and that the job does not have."""
    names = [str(one.get("name")) for one in tables]
    return [
        f"steps.{number} (nearest_records) {side}: no source or reference is named {name!r}{nearest(str(name), names)}"
        "; add it, or name another"
        for number, step in enumerate(steps)
        if step.get("op") == NearestRecords.model_fields["op"].default
        for side in ("training", "held_out", "synthetic")
        for name in (step[side] if isinstance(step.get(side), list) else [])
        if name not in names
    ]


def _unknown_profiles(steps: list[dict[str, Any]]) -> list[str]:
    """Name the profiles that judges have limits for and `quality_signals` does not know."""
    told = [(number, step, _tables([step.get("profiles")])[0]) for number, step in enumerate(steps)]
    known = [*PROFILES, *(name for _, step, names in told if step.get("op") == "quality_signals" for name in names)]
    return [
        f"steps.{number} ({step.get('op')}) profiles: no profile is named {name!r}{nearest(name, known)}; add its "
        "file to the job's `profiles`"
        for number, step, names in told
        for name in names
        if name not in known
    ]


def _unknown_phase_columns(
    sources: list[dict[str, Any]], steps: list[dict[str, Any]], release: dict[str, Any]
) -> list[str]:
    """Name what phases are chosen by and no document has a number of."""
    ops = [_valid(OPS[name], step) if (name := str(step.get("op"))) in OPS else None for step in steps]
    if not all(ops):
        return []  # nobody knows which columns they would add
    added = [field for op in ops if op for field in op.makes]
    types = {name: pa.string() for source in sources for name in _told_columns(source)}
    copies = COPIES if any(getattr(op, "count_copies", False) for op in ops) else ()
    types |= {field.name: field.type for field in (*DOCUMENT, *added, *copies)}
    whole = {name for name, kind in types.items() if pa.types.is_integer(kind)}
    numbers = whole | {name for name, kind in types.items() if pa.types.is_floating(kind)}
    wanted = [
        (f"phases.{n} highest", one.get("highest"), "numbers", numbers)
        for n, one in enumerate(_tables(release.get("phases")))
    ]
    return [
        f"release.{place}: no column of {kind} is named {name!r}{nearest(name, valid)}; there are "
        f"{', '.join(sorted(valid))}. Add a step that makes it."
        for place, name, kind, valid in [*wanted, ("phases_by", release.get("phases_by"), "whole numbers", whole)]
        if isinstance(name, str) and name not in valid
    ]


def _mix_mistakes(sources: list[dict[str, Any]], steps: list[dict[str, Any]]) -> list[str]:
    if not all(isinstance(source.get("name"), str) for source in sources):
        return []  # it is told of; a share may be meant for it
    origins = {source["name"]: str(source.get("origin")) for source in sources}
    mistakes = []
    for number, step in enumerate(steps):
        mix = _valid(Mix, step)
        if mix is None:
            continue
        mistakes += _unknown_values(f"steps.{number} (mix)", mix, sources)
        mistakes += _unnamed_sources(f"steps.{number} (mix)", mix, origins)
        mistakes += _steps_after_repeats(number, mix, steps)
        told = any(
            source.get("draft") or {"origin", "messages"} & {*_tables([source.get("columns")])[0]} for source in sources
        )
        if mix.shares and not told and {*mix.shares} <= {*origins} and {*origins.values()} <= {*ORIGINS}:
            conflict = conflict_of(mix.recipe, origins)
            mistakes += [f"steps.{number} (mix) shares: {conflict}"] if conflict else []
    return mistakes


def _unnamed_sources(place: str, mix: Mix, origins: dict[str, str]) -> list[str]:
    """Name the sources that settings are of and that the job does not have, and those that they leave out."""
    weights = mix.weights if isinstance(mix.weights, dict) else {}
    named = {
        "shares": mix.shares,
        "weights": weights,
        "cost_per_million_tokens": mix.cost_per_million_tokens,
        "curves": [curve.source for curve in mix.curves],
    }
    unknown = [(part, name) for part, names in named.items() for name in sorted({*names} - {*origins})]
    unsaid = [
        (part, name) for part in ("shares", "weights") if named[part] for name in sorted({*origins} - {*named[part]})
    ]
    return [
        *(f"{place} {part}: no source is named {name!r}{nearest(name, origins)}" for part, name in unknown),
        *(
            f"{place} {part}: the source {name!r} has none; give it a {part[:-1]}, 0 leaves it out"
            for part, name in unsaid
        ),
    ]


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


def _refused_sources(sources: list[dict[str, Any]], steps: list[dict[str, Any]]) -> list[str]:
    named = [source for source in sources if isinstance(source.get("name"), str)]
    return [
        mistake
        for number, step in enumerate(steps)
        if (policy := _valid(Policy, step))
        for mistake in policy_mistakes(number, policy, named)
    ]


def _unknown_values(place: str, mix: Mix, sources: list[dict[str, Any]]) -> list[str]:
    """Name the sources and origins that are mixed or that limits are of, and that no document has."""
    known = {"source": [source["name"] for source in sources], "origin": ORIGINS}
    limits = [(f"limits.{number}", one) for number, limit in enumerate(mix.limits) for one in (limit.where, limit.of)]
    return [
        f"{place} {part}: no {column} is named {value!r}{nearest(value, names)}"
        for part, wanted in [("within", mix.within), *limits]
        for column, names in known.items()
        for value in wanted.get(column, ())
        if value not in names
    ]


def _valid(op: type[AnyModel], step: dict[str, Any]) -> AnyModel | None:
    try:
        return op.model_validate(step)
    except ValidationError:
        return None


def nearest(name: str, names: Iterable[str]) -> str:
    """Ask whether the nearest of some names was meant, if one is near."""
    close = difflib.get_close_matches(name, list(names), n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else ""


def _taken_label_columns(sources: list[dict[str, Any]], release: dict[str, Any]) -> list[str]:
    """Name the sources that map the column that labels are written to."""
    if release.get("aigc_propagator") is None:
        return []
    return [
        f"sources.{number}.columns: {AIGC.name} is what release.aigc_propagator writes; call it {LABEL.name}, so that "
        "labels that documents came with are kept"
        for number, source in enumerate(sources)
        if AIGC.name in _tables([source.get("columns")])[0]
    ]
