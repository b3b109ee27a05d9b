"""Croissant 1.1 with its responsible-AI fields (RAI 1.0): `croissant.json`, which data set hubs and loaders read.

Each file is a FileObject with its hash. Where a file's rows are documents with all their columns, these are a record
set, so that `mlcroissant` and others iterate over it.
"""

from collections.abc import Sequence
from typing import Any

import orjson
import pyarrow as pa

from jobs.formats import FORMATS
from jobs.formats.contract import SHARD
from jobs.jobfile.sources import Source
from jobs.spec import JobSpec
from jobs.standards.card import languages
from jobs.standards.facts import (
    further_licenses,
    joined,
    license_url,
    licenses,
    limitations,
    summary,
    told_label,
    told_source,
    told_step,
    version,
)
from ops.columns import COPY
from ops.edits.redact import Redact

_CROISSANT = "http://mlcommons.org/croissant/1.1"
_RAI = "http://mlcommons.org/croissant/RAI/1.0"

# Of the specification's appendix 1, and the vocabulary of provenance.
_TERMS = (
    "annotation", "arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "excludes", "extract", "field",
    "fileProperty", "fileObject", "fileSet", "format", "includes", "isArray", "isLiveDataset", "jsonPath", "key", "md5",
    "parentField", "path", "recordSet", "references", "regex", "repeated", "replace", "readLines", "samplingRate",
    "sdVersion", "separator", "source", "subField", "transform", "unArchive", "value",
)  # fmt: skip
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    **{term: f"cr:{term}" for term in _TERMS},
}

# By the end of a file's name; a shard of JSON lines is compressed as a whole.
_MEDIA_TYPES = {
    ".parquet": ["application/x-parquet"],
    ".jsonl.zst": ["application/jsonlines", "application/zstd"],
    ".json": ["application/json"],
    ".md": ["text/markdown"],
    ".tar": ["application/x-tar"],
}
_SHARDS, _DOCUMENTS = "shards", "documents"


def croissant(
    spec: JobSpec, schema: pa.Schema, manifest: dict[str, Any], other_files: Sequence[dict[str, Any]]
) -> bytes:
    """Describe the release of a manifest; `other_files` are those beside its shards."""
    files = manifest["files"]
    about = spec.about
    said: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": [_CROISSANT, _RAI],
        "name": spec.name,
        "description": summary(manifest),
        "version": version(files),
        "license": [_license(name) for name in (*licenses(spec), *further_licenses(spec))],
        "creator": {"@type": "sc:Organization", "name": about.creator} if about.creator else None,
        "url": about.url,
        "datePublished": about.published,
        "inLanguage": languages(spec),
        "keywords": ["gristmill", "text", "language modeling"],
        "prov:wasDerivedFrom": [_entity(source, manifest) for source in spec.sources],
        "prov:wasGeneratedBy": _activity(spec),
        **_responsible(spec, schema, manifest),
        "distribution": [_file(file) for file in (*files, *other_files)],
    }
    if files and FORMATS[spec.release.format].is_for_datasets:
        said["distribution"].append(_file_set(spec, files))
        said["recordSet"] = [_record_set(schema)]
    return orjson.dumps({name: value for name, value in said.items() if value}, option=orjson.OPT_INDENT_2)


def _license(name: str) -> str | dict[str, str]:
    return license_url(name) or {"@type": "sc:CreativeWork", "name": name}


def _file(file: dict[str, Any]) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": file["path"],
        "name": file["path"],
        "contentUrl": file["path"],
        "contentSize": f"{file['bytes']} B",
        "encodingFormat": _media_types(file["path"]),
        "sha256": file["sha256"],
    }


def _media_types(path: str) -> list[str]:
    return next((types for end, types in _MEDIA_TYPES.items() if path.endswith(end)), ["application/octet-stream"])


def _file_set(spec: JobSpec, files: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Name the shards, which lie beside the description, folder by folder."""
    suffix = FORMATS[spec.release.format].suffixes[SHARD]
    folders = dict.fromkeys(file["path"].rpartition("/")[0] for file in files)
    return {
        "@type": "cr:FileSet",
        "@id": _SHARDS,
        "name": _SHARDS,
        "encodingFormat": _media_types(f".{suffix}"),
        "includes": [f"{folder}/*.{suffix}" for folder in folders],
    }


def _record_set(schema: pa.Schema) -> dict[str, Any]:
    names = ["id", COPY.name] if COPY.name in schema.names else ["id"]
    return {
        "@type": "cr:RecordSet",
        "@id": _DOCUMENTS,
        "name": _DOCUMENTS,
        "key": [{"@id": f"{_DOCUMENTS}/{name}"} for name in names],
        "field": [_field(field, _DOCUMENTS, {"column": field.name}) for field in schema],
    }


def _field(field: pa.Field, parent: str, extract: dict[str, str], json_path: str = "$") -> dict[str, Any]:
    """Describe a column; the parts of a struct are its sub-fields, which are found in it by their path."""
    name, kind = f"{parent}/{field.name}", field.type
    said: dict[str, Any] = {"@type": "cr:Field", "@id": name, "name": field.name}
    if pa.types.is_list(kind):
        said |= {"isArray": True, "arrayShape": "-1"}
        kind = kind.value_type
    if pa.types.is_struct(kind):
        return said | {"subField": [_field(part, name, extract, f"{json_path}.{part.name}") for part in kind]}
    source: dict[str, Any] = {"fileSet": {"@id": _SHARDS}, "extract": extract}
    if json_path != "$":
        source["transform"] = {"jsonPath": json_path}
    return said | {"dataType": _data_type(kind), "source": source}


def _data_type(kind: pa.DataType) -> str:
    """Name a type as Croissant does.

    >>> [_data_type(kind) for kind in (pa.string(), pa.int8(), pa.uint64(), pa.float64(), pa.bool_())]
    ['sc:Text', 'cr:Int8', 'cr:UInt64', 'cr:Float64', 'sc:Boolean']
    """
    if pa.types.is_boolean(kind):
        return "sc:Boolean"
    if pa.types.is_integer(kind):
        return f"cr:{'Int' if pa.types.is_signed_integer(kind) else 'UInt'}{kind.bit_width}"
    return f"cr:Float{kind.bit_width}" if pa.types.is_floating(kind) else "sc:Text"


def _entity(source: Source, manifest: dict[str, Any]) -> dict[str, Any]:
    """Describe a source as what the release was derived from; where it lies is no one's business."""
    said: dict[str, Any] = {
        "@type": "prov:Entity",
        "@id": f"sources/{source.name}",
        "prov:label": source.name,
        "description": told_source(source, manifest),
    }
    if source.license:
        said["license"] = _license(source.license)
    if source.generator:
        said["prov:wasAttributedTo"] = {"@type": "prov:SoftwareAgent", "prov:label": source.generator}
    return said


def _activity(spec: JobSpec) -> dict[str, Any]:
    return {
        "@type": "prov:Activity",
        "prov:label": f"the job {spec.name}: {', '.join(('read', *spec.labels))}",
        "prov:wasAssociatedWith": {"@type": "prov:SoftwareAgent", "prov:label": "gristmill"},
    }


def _responsible(spec: JobSpec, schema: pa.Schema, manifest: dict[str, Any]) -> dict[str, Any]:
    """Tell what follows from the job of the properties of RAI 1.0; nobody knows the others."""
    counts = manifest["counts"]
    measured = {
        label: columns
        for label, step in zip(spec.labels, spec.steps, strict=True)
        if (columns := [f"`{field.name}`" for field in step.makes if field.name in schema.names])
    }
    annotated = [f"{label} measured or decided {' and '.join(columns)}" for label, columns in measured.items()]
    labels = [(source, label) for source in spec.sources for label in source.labels]
    redacted = [label for label, step in zip(spec.labels, spec.steps, strict=True) if isinstance(step, Redact)]
    return {
        "rai:dataCollection": joined(told_source(source, manifest) for source in spec.sources),
        "rai:dataCollectionMissingData": f"{counts['quarantined']:,} of {counts['read']:,} records were broken; they "
        "are left out.",
        "rai:dataPreprocessingProtocol": [told_step(step) for step in manifest["steps"]],
        "rai:dataAnnotationProtocol": [
            *(f"By software, for each document: {told}." for told in annotated),
            *(told_label(source, label) for source, label in labels),
        ],
        "rai:machineAnnotationTools": [
            *(f"gristmill {label}" for label in measured),
            *sorted({label.labeller for _, label in labels if label.labeller}),
        ],
        "rai:dataLimitations": limitations(spec, manifest),
        "rai:personalSensitiveInformation": [
            f"{label} put marks in the place of the personal data that it found; what it did not find is there."
            for label in redacted
        ],
    }
