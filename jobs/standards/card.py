"""The dataset card of a release, README.md: what it is, in words and in the front matter that Hugging Face reads.

It says what the manifest says, and nothing of when or where the release was made.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
import pyarrow as pa

from jobs.formats import FORMATS
from jobs.formats.contract import SHARD
from jobs.spec import JobSpec
from ops.filters.language import Languages

# Identifiers of licences that the hub knows; others are "other".
_LICENSES = {
    "apache-2.0", "bsd-2-clause", "bsd-3-clause", "cc-by-2.0", "cc-by-3.0", "cc-by-4.0", "cc-by-nc-4.0",
    "cc-by-nc-nd-4.0", "cc-by-nc-sa-4.0", "cc-by-nd-4.0", "cc-by-sa-3.0", "cc-by-sa-4.0", "cc0-1.0", "gfdl", "gpl-3.0",
    "mit", "odbl", "odc-by", "pddl", "unlicense",
}  # fmt: skip

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (10**6, "100K<n<1M"), (10**7, "1M<n<10M"),
          (10**8, "10M<n<100M"), (10**9, "100M<n<1B"), (10**10, "1B<n<10B"), (10**11, "10B<n<100B"),
          (10**12, "100B<n<1T"))  # fmt: skip


def dataset_card(spec: JobSpec, schema: pa.Schema, manifest: dict[str, Any]) -> bytes:
    """Write the card of a release that the manifest describes."""
    parts = [
        f"---\n{_front_matter(spec, schema, manifest)}---\n\n# {spec.name}\n",
        _summary(spec, manifest),
        _opening(spec, manifest),
        "## Sources\n\n" + _sources(spec, manifest["sources"]),
        "## Steps\n\n" + _steps(manifest["steps"]),
        "## Columns\n\n" + _table(["column", "type"], [(f"`{field.name}`", f"`{field.type}`") for field in schema]),
    ]
    return "\n".join(part for part in parts if part).encode()


def languages(spec: JobSpec) -> list[str]:
    """Return the languages that documents can be in, where a step drops the others."""
    kept = [{name.split("-")[0] for name in step.keep} for step in spec.steps if isinstance(step, Languages)]
    return sorted(set.intersection(*kept) - {"und"}) if kept else []


def _front_matter(spec: JobSpec, schema: pa.Schema, manifest: dict[str, Any]) -> str:
    """Write YAML; values are JSON, which is YAML."""
    documents = manifest["counts"]["kept"]
    size = next((name for most, name in _SIZES if documents < most), "n>1T")
    told = {*manifest.get("documents", {}).get("origin", {})} - {"real", "unknown"}
    tags = ["gristmill", *(["synthetic"] if told or _synthetic(spec, manifest["sources"])[0] else [])]
    configs = _configs(spec, manifest["files"])
    said: dict[str, Any] = {
        "pretty_name": spec.name,
        "license": _licenses(spec),
        "language": languages(spec),
        "size_categories": [size],
        "task_categories": ["text-generation"],
        "tags": tags,
        "configs": configs,
        # Else types are guessed from the first file, in which columns may have no value.
        "dataset_info": {"features": [_feature(field) for field in schema]} if configs else None,
    }
    return "".join(f"{name}: {orjson.dumps(value).decode()}\n" for name, value in said.items() if value)


def _configs(spec: JobSpec, files: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Name the files of each split, where `datasets` reads the format."""
    if not files or not FORMATS[spec.release.format].is_for_datasets:
        return []
    suffix = FORMATS[spec.release.format].suffixes[SHARD]
    splits = dict.fromkeys(entry.get("split") for entry in files)
    rest = "train" if len(splits) == 1 else "other"  # documents that are of no split
    named = [{"split": name or rest, "path": f"data/{f'{name}/' if name else ''}*.{suffix}"} for name in splits]
    return [{"config_name": "default", "data_files": named}]


def _feature(field: pa.Field) -> dict[str, Any]:
    """Tell of a column's type as `datasets` spells it.

    >>> _feature(pa.field("score", pa.float64())), _feature(pa.field("parents", pa.list_(pa.string())))
    ({'name': 'score', 'dtype': 'float64'}, {'name': 'parents', 'list': 'string'})
    """
    kind = field.type
    if pa.types.is_struct(kind):
        return {"name": field.name, "struct": [_feature(part) for part in kind]}
    if pa.types.is_list(kind):
        item = _feature(kind.value_field)
        return {"name": field.name, "list": item.get("dtype", item.get("struct", item))}
    return {"name": field.name, "dtype": {"double": "float64", "float": "float32"}.get(str(kind), str(kind))}


def _licenses(spec: JobSpec) -> list[str]:
    """Return the sources' licences as the hub spells them."""
    said = [(source.license or "unknown").lower() for source in spec.sources]
    return sorted({one if one in _LICENSES or one == "unknown" else "other" for one in said})


def _synthetic(spec: JobSpec, sources: dict[str, dict[str, int]]) -> tuple[int, int]:
    """Count the documents of sources that models wrote and the bytes of their text."""
    made = [sources[one.name] for one in spec.sources if one.origin not in ("real", "unknown") and one.name in sources]
    return sum(one["kept"] for one in made), sum(one["kept_bytes"] for one in made)


def _summary(spec: JobSpec, manifest: dict[str, Any]) -> str:
    counts, sources = manifest["counts"], manifest["sources"]
    size = sum(one["kept_bytes"] for one in sources.values())
    order = "in order of source" if spec.release.order == "sources" else "shuffled as a whole"
    told = (
        f"{counts['kept']:,} documents, {size:,} bytes of text, {order}. Of {counts['read']:,} records that were read, "
        f"{counts['dropped']:,} were dropped and {counts['quarantined']:,} were broken.\n\n"
        f"{_origins(spec, manifest, size)}"
    )
    lines = [told]
    if counts.get("repeated"):
        lines.append(f"Documents that are there more than once add {counts['repeated']:,} rows.")
    lines += _phases(spec, manifest["files"])
    lines.append("`release.json` tells the whole job and the hash of every file.")
    return "\n\n".join(lines) + "\n"


def _origins(spec: JobSpec, manifest: dict[str, Any], size: int) -> str:
    """Tell of synthetic text by its sources, or by the documents where those tell their origin."""
    counted = manifest.get("documents", {})
    if "origin_basis" in counted:
        return "Documents by origin: " + ", ".join(f"{n:,} {name}" for name, n in counted["origin"].items()) + "."
    documents, synthetic = _synthetic(spec, manifest["sources"])
    return f"Synthetic text: {documents:,} documents, {synthetic / size if size else 0:.1%} of the bytes."


def _phases(spec: JobSpec, files: Sequence[dict[str, Any]]) -> list[str]:
    """Tell which files are of which phase."""
    told = []
    for number, phase in enumerate(spec.release.phases, 1):
        paths = [entry["path"] for entry in files if entry.get("phase") == number]
        kind = f"the highest `{phase.highest}`" if phase.highest else "by chance"
        told.append(f"Phase {number}, {phase.share:.0%}, {kind}: {_ends(paths)}.")
    return told


def _ends(paths: Sequence[str]) -> str:
    return f"`{paths[0]}` to `{paths[-1]}`" if paths else "no file"


def _opening(spec: JobSpec, manifest: dict[str, Any]) -> str:
    if not manifest["files"]:
        return ""
    return f"```python\n{FORMATS[spec.release.format].opened_by}\n```\n"


def _sources(spec: JobSpec, sources: dict[str, dict[str, int]]) -> str:
    rows = [
        (
            source.name,
            source.origin,
            source.license or "not stated",
            source.generator or "",
            f"{sources.get(source.name, {}).get('kept', 0):,}",
            f"{sources.get(source.name, {}).get('kept_bytes', 0):,}",
        )
        for source in spec.sources
    ]
    return _table(["source", "origin", "license", "generator", "documents", "bytes of text"], rows)


def _steps(steps: Sequence[dict[str, Any]]) -> str:
    rows = [
        (
            one["step"],
            f"{one['in']:,}",
            f"{one['kept']:,}",
            ", ".join(f"{why} {n:,}" for why, n in one["dropped"].items()),
        )
        for one in steps
    ]
    return _table(["step", "documents in", "kept", "dropped"], rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([cell.replace("|", r"\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
