"""Whether the parts of a job file fit together: sources, steps and references, each by the others' names and columns.

Works on the parsed TOML, so that it can tell what is wrong beside mistakes within the parts.
"""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from jobs.jobfile.files import absolute
from jobs.jobfile.mixes import mix_mistakes
from jobs.jobfile.parts import OPS, nearest, settings_of, tables, unknown
from jobs.jobfile.policies import policy_mistakes
from jobs.readers.manifest_settings import Label
from jobs.storage import matching
from ops.columns import COPIES, DOCUMENT
from ops.dedup.exact import ExactDedup
from ops.dedup.near import NearDedup
from ops.dedup.rank import sources_of
from ops.edits.hidden_labels import LABEL
from ops.filters.rules import PROFILES
from ops.privacy.nearest import NearestRecords
from ops.provenance.policy import Policy
from ops.provenance.released_labels import AIGC

# Kinds of files that releases have and sources may be read from.
_RELEASED = ("parquet", "jsonl.zst", "tar")


def misfits(raw: dict[str, Any], *, with_files: bool) -> list[str]:
    """Tell where sources and steps do not fit together, as far as that can be told beside mistakes within them.

    with_files: whether files that steps name are read, too
    """
    sources, steps, references = (tables(raw.get(part)) for part in ("sources", "steps", "references"))
    return [
        *_repeated_names([*sources, *references]),
        *_sources_of_the_target(raw.get("target"), sources),
        *_missing_columns(sources, steps),
        *_unknown_keep_sources(sources, steps),
        *mix_mistakes(sources, steps, with_files=with_files),
        *_refused_sources(sources, steps),
        *_unknown_references(sources, references, steps),
        *_unknown_profiles(steps),
        *_unknown_phase_columns(sources, steps, tables([raw.get("release")])[0]),
        *_taken_label_columns(sources, tables([raw.get("release")])[0]),
    ]


def _repeated_names(sources: list[dict[str, Any]]) -> list[str]:
    names = [source["name"] for source in sources if isinstance(source.get("name"), str)]
    repeated = sorted({name for name in names if names.count(name) > 1})
    return [f"sources: the name {name!r} is used {names.count(name)} times; names must differ" for name in repeated]


def _sources_of_the_target(target: Any, sources: list[dict[str, Any]]) -> list[str]:
    """Name the sources that the job would read its own target for."""
    paths = [(n, source["path"]) for n, source in enumerate(sources) if isinstance(source.get("path"), str)]
    return [
        f"sources.{number}.path: {path} holds the target, {target}: a run would read what another wrote. Put the "
        "target elsewhere, or give a path that leaves it out"
        for number, path in paths
        if isinstance(target, str) and target and path and _holds(absolute(path), absolute(target))
    ]


def _holds(path: str, target: str) -> bool:
    """Whether a path, or a glob, names files that runs write to a target."""
    if not {*path} & {*"*?["}:
        return f"{target}/".startswith(f"{path.rstrip('/')}/")
    fits = matching(path)
    written = ("stages/01-pass/data/0.parquet", *(f"releases/0001/data/0.{kind}" for kind in _RELEASED))
    return any(fits(f"{target.rstrip('/')}/{name}") for name in written)


def _missing_columns(sources: list[dict[str, Any]], steps: list[dict[str, Any]]) -> list[str]:
    """Name the steps that read a column which no source maps and no step before them adds."""
    have = {*DOCUMENT.names, *(column for source in sources for column in _told_columns(source))}
    mistakes = []
    for number, step in enumerate(steps):
        op = OPS.get(str(step.get("op")))
        if op is None:
            break  # nobody knows which columns it would have added
        valid = settings_of(op, step)
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
    valid = [settings_of(Label, label) for label in tables(source.get("labels"))]
    return [*tables([source.get("columns")])[0], *(name for label in valid if label for name in label.adds)]


def _unknown_keep_sources(sources: list[dict[str, Any]], steps: list[dict[str, Any]]) -> list[str]:
    """Name what keep policies put in order and the job does not have."""
    if not all(isinstance(source.get("name"), str) for source in sources):
        return []  # it is told of; a key may be meant for it
    deduped = [
        (n, settings_of(ExactDedup, step) or settings_of(NearDedup, step))
        for n, step in enumerate(steps)
        if "op" in step
    ]
    named = [
        (f"steps.{number} ({op.op}) keep.{place}", name)
        for number, op in deduped
        if op
        for place, key in enumerate(op.keep)
        for name in sources_of(key)
    ]
    return unknown("source", named, [source["name"] for source in sources])


def _unknown_references(
    sources: list[dict[str, Any]], references: list[dict[str, Any]], steps: list[dict[str, Any]]
) -> list[str]:
    """Name what steps are to compare with and the job does not have: references; as sides of a table, sources too."""
    names, others = [str(one.get("name")) for one in references], [str(one.get("name")) for one in sources]
    against = list(_listed(steps, "against"))
    rows = [step if step.get("op") == NearestRecords.model_fields["op"].default else {} for step in steps]
    sides = _listed(rows, "training", "held_out", "synthetic")
    return [
        *(
            f"{place}: {name!r} is a source, and documents are compared with references; add its path as "
            "[[references]] under another name"
            for place, name in against
            if name in others
        ),
        *unknown(
            "reference",
            [(place, name) for place, name in against if name not in others],
            names,
            "; add it as [[references]] with a name and a path",
        ),
        *unknown("source or reference", sides, [*others, *names], "; add it, or name another"),
    ]


def _listed(steps: list[dict[str, Any]], *settings: str) -> Iterator[tuple[str, Any]]:
    """Give what settings of steps list, each with its place."""
    for number, step in enumerate(steps):
        for setting in settings:
            for name in step[setting] if "op" in step and isinstance(step.get(setting), list) else []:
                yield f"steps.{number} ({step['op']}) {setting}", name


def _unknown_profiles(steps: list[dict[str, Any]]) -> list[str]:
    """Name the profiles that judges have limits for and `quality_signals` does not know."""
    told = [(number, step, tables([step.get("profiles")])[0]) for number, step in enumerate(steps)]
    known = [*PROFILES, *(name for _, step, names in told if step.get("op") == "quality_signals" for name in names)]
    named = [(f"steps.{number} ({step.get('op')}) profiles", name) for number, step, names in told for name in names]
    return unknown("profile", named, known, "; add its file to the job's `profiles`")


def _unknown_phase_columns(
    sources: list[dict[str, Any]], steps: list[dict[str, Any]], release: dict[str, Any]
) -> list[str]:
    """Name what phases are chosen by and no document has a number of."""
    ops = [settings_of(OPS[name], step) if (name := str(step.get("op"))) in OPS else None for step in steps]
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
        for n, one in enumerate(tables(release.get("phases")))
    ]
    return [
        f"release.{place}: no column of {kind} is named {name!r}{nearest(name, valid)}; there are "
        f"{', '.join(sorted(valid))}. Add a step that makes it."
        for place, name, kind, valid in [*wanted, ("phases_by", release.get("phases_by"), "whole numbers", whole)]
        if isinstance(name, str) and name not in valid
    ]


def _refused_sources(sources: list[dict[str, Any]], steps: list[dict[str, Any]]) -> list[str]:
    named = [source for source in sources if isinstance(source.get("name"), str)]
    return [
        mistake
        for number, step in enumerate(steps)
        if (policy := settings_of(Policy, step))
        for mistake in policy_mistakes(number, policy, named)
    ]


def _taken_label_columns(sources: list[dict[str, Any]], release: dict[str, Any]) -> list[str]:
    """Name the sources that map the column that labels are written to."""
    if release.get("aigc_propagator") is None:
        return []
    return [
        f"sources.{number}.columns: {AIGC.name} is what release.aigc_propagator writes; call it {LABEL.name}, so that "
        "labels that documents came with are kept"
        for number, source in enumerate(sources)
        if AIGC.name in tables([source.get("columns")])[0]
    ]
