"""Facts of a release that several descriptions tell, in words: from the job and the manifest alone."""

from collections.abc import Iterable, Sequence
from typing import Any

from jobs.commits import digest
from jobs.jobfile.sources import Source
from jobs.readers.manifest_settings import Label
from jobs.spec import JobSpec

_SPDX = {
    name.lower(): name
    for name in (
        "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC-BY-2.0", "CC-BY-3.0", "CC-BY-4.0", "CC-BY-NC-4.0",
        "CC-BY-NC-ND-4.0", "CC-BY-NC-SA-4.0", "CC-BY-ND-4.0", "CC-BY-SA-3.0", "CC-BY-SA-4.0", "CC0-1.0",
        "GPL-2.0-only", "GPL-3.0-only", "MIT", "MPL-2.0", "ODbL-1.0", "ODC-By-1.0", "PDDL-1.0", "Unlicense",
    )
}  # fmt: skip


def license_url(name: str) -> str | None:
    """Return where a licence can be read; None for a name that SPDX does not have.

    >>> license_url("cc-by-4.0"), license_url("https://example.org/terms"), license_url("ours")
    ('https://spdx.org/licenses/CC-BY-4.0', 'https://example.org/terms', None)
    """
    if name.startswith(("https://", "http://")):
        return name
    return f"https://spdx.org/licenses/{_SPDX[name.lower()]}" if name.lower() in _SPDX else None


def licenses(spec: JobSpec) -> list[str]:
    """Return the sources' licences, each once, as the job spells them."""
    return sorted({source.license for source in spec.sources if source.license})


def further_licenses(spec: JobSpec) -> list[str]:
    """Say of which text the sources' licences are not."""
    own = [source.name for source in spec.sources if "license" in source.columns]
    none = [source.name for source in spec.sources if not source.license and "license" not in source.columns]
    told = [f"of the text of {', '.join(own)}, what its column `license` says"] if own else []
    return [*told, f"not stated, of the text of {', '.join(none)}"] if none else told


def said(source: Source, column: str) -> str:
    """Say what a source says of all its documents, and whether they may say otherwise."""
    value = getattr(source, column) or "not stated"
    return f"{value} (or what a document's own `{column}` says)" if column in source.columns else str(value)


def version(files: Sequence[dict[str, Any]]) -> str:
    """Return a version that names the documents, in the form of Semantic Versioning: no number follows from them."""
    return f"0.0.0+{digest([[file['path'], file['sha256']] for file in files])}"


def summary(manifest: dict[str, Any]) -> str:
    """Say how large a release is, and of what."""
    counts, sources = manifest["counts"], manifest["sources"]
    size = sum(one["kept_bytes"] for one in sources.values())
    return (
        f"Text for training language models: {_many(counts['kept'], 'document')}, {_many(size, 'byte')} of text, from "
        f"{_many(len(sources), 'source')}. Of {_many(counts['read'], 'record')} that were read, {counts['dropped']:,} "
        f"were dropped and {counts['quarantined']:,} were broken."
    )


def told_source(source: Source, manifest: dict[str, Any]) -> str:
    """Say what was read of a source and what is left of it."""
    read = [one for one in manifest["inputs"] if one["source"] == source.name]
    counts = manifest["sources"].get(source.name, {"read": 0, "read_bytes": 0, "kept": 0, "kept_bytes": 0})
    formats = " and ".join(sorted({one["format"] for one in read})) or "no"
    made = f"; generator: {said(source, 'generator')}" if source.generator or "generator" in source.columns else ""
    return (
        f"{source.name}: origin: {said(source, 'origin')}{made}; license: {said(source, 'license')}; "
        f"{_many(len({one['path'] for one in read}), f'{formats} file')}, {_many(counts['read'], 'record')}, "
        f"{_many(counts['read_bytes'], 'byte')} of text read; {_many(counts['kept'], 'document')}, "
        f"{_many(counts['kept_bytes'], 'byte')} of text released"
    )


def told_label(source: Source, label: Label) -> str:
    """Say who labelled the documents of a source, and who looked at it.

    >>> told_label(Source(name="web", path="a", origin="real"), Label(name="topic", value="t", verdict="v"))
    'Of web: `topic` is the label of a model; of what people said of it, `topic_verdict` tells.'
    """
    named = f"the model that `{label.name}_by` names" if label.by else ""
    by = ", or of ".join(one for one in (named, label.labeller) if one) or "a model"
    judged = f"; of what people said of it, `{label.name}_verdict` tells" if label.corrected or label.verdict else ""
    return f"Of {source.name}: `{label.name}` is the label of {by}{judged}."


def told_step(step: dict[str, Any]) -> str:
    """Say what a step did, as the manifest counts it.

    >>> told_step({"step": "length", "in": 10, "dropped": {"too_short": 1, "too_long": 2}, "kept": 7})
    'length: 10 documents in, 7 kept; dropped: too_long 2, too_short 1'
    """
    why = ", ".join(f"{reason} {count:,}" for reason, count in sorted(step["dropped"].items()))
    told = f"{step['step']}: {_many(step['in'], 'document')} in, {step['kept']:,} kept"
    return f"{told}; dropped: {why}" if why else told


def limitations(spec: JobSpec, manifest: dict[str, Any]) -> list[str]:
    """Say what a user must know: how much is synthetic or of unknown origin, which licences nobody stated."""
    origins = manifest["documents"].get("origin", {})
    total = sum(origins.values())
    synthetic = {name: count for name, count in origins.items() if name not in ("real", "unknown")}
    told = [_share("Synthetic text (written or rewritten by models)", sum(synthetic.values()), total, synthetic)]
    if origins.get("unknown"):
        told.append(_share("Text of unknown origin", origins["unknown"], total, {}))
    told += [f"License: {one}." for one in further_licenses(spec)]
    return told


def _share(what: str, count: int, total: int, by_kind: dict[str, int]) -> str:
    kinds = ", ".join(f"{kind} {n:,}" for kind, n in by_kind.items())
    told = f"{what}: {count:,} of {_many(total, 'document')}, {count / total if total else 0:.1%}"
    return f"{told} ({kinds})." if kinds else f"{told}."


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def joined(lines: Iterable[str]) -> str:
    """Make one text of several lines."""
    return "\n".join(lines)
