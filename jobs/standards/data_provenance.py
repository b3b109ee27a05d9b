"""The Data & Trust Alliance's Data Provenance Standards 1.0.0: `provenance.json`.

Three sections: source, provenance, use. What neither the job nor its publisher says is left out.
"""

from typing import Any

import orjson

from jobs.jobfile.sources import Source
from jobs.spec import JobSpec
from jobs.standards.facts import joined, license_url, limitations, said, summary, told_source, version
from ops.edits.redact import Redact

_VERSION = "1.0.0"
_CODES = "https://dataandtrustalliance.org/DPS/CodeSystem"

# Of the standard's methods, by origin; the others are texts of which the job does not know how they came to be.
_METHODS = {
    "generated": ("machine-generated-mlops-generative", "a model's, from prompts alone"),
    "synthetic": ("machine-generated-mlops-synthetic", "a model's"),
    "rewrite": ("machine-generated-mlops-synthetic", "a model's, after texts that it was given"),
    "translated": ("machine-generated-mlops-synthetic", "a model's translation"),
    "mixed": ("machine-generated-mlops-synthetic", "people's and a model's in one document"),
}
_CRAWLED = ("web-scraping-crawling-textual", "of web archives (WARC)")
_UNKNOWN = ("other-na", "how it was collected is not known to the job")


def provenance_record(spec: JobSpec, manifest: dict[str, Any]) -> bytes:
    """Write the record of the release of a manifest."""
    about = spec.about
    record: dict[str, dict[str, Any]] = {
        "source": {
            "version": _VERSION,
            "title": spec.name,
            "id": f"{spec.name}@{version(manifest['files'])}",
            "location": about.url,
            "issuer": [{"name": about.creator}] if about.creator else None,
            "description": joined([summary(manifest), *limitations(spec, manifest)]),
        },
        "provenance": {
            "source": joined(told_source(source, manifest) for source in spec.sources),
            "origin-geography": [_place(code) for code in about.countries],
            "date": about.published,
            "generation-method": [_method(source, manifest) for source in spec.sources],
            "format": ["text"],
        },
        "use": {
            "privacy-enhancing": [_redaction(step) for step in spec.steps if isinstance(step, Redact)],
            "license": joined(_license(source) for source in spec.sources),
            "intended-purpose": [_purpose(use) for use in _common_uses(spec)],
        },
    }
    kept = {section: {name: value for name, value in fields.items() if value} for section, fields in record.items()}
    return orjson.dumps(kept, option=orjson.OPT_INDENT_2)


def _place(code: str) -> dict[str, str]:
    country, _, state = code.partition("-")
    return {"country": country, "state": code} if state else {"country": country}


def _method(source: Source, manifest: dict[str, Any]) -> dict[str, str]:
    read = {one["format"] for one in manifest["inputs"] if one["source"] == source.name}
    code, told = _METHODS.get(source.origin, _CRAWLED if read == {"warc"} else _UNKNOWN)
    by = f" ({source.generator})" if source.generator else ""
    description = f"{source.name}: {said(source, 'origin')}, {told}{by}"
    return {"code": code, "system": f"{_CODES}/Method", "description": description}


def _license(source: Source) -> str:
    url = license_url(source.license or "")
    told = f"{source.name}: {said(source, 'license')}"
    return f"{told}, {url}" if url and url != source.license else told


def _redaction(step: Redact) -> dict[str, Any]:
    told = "marks in the place of the personal data that was found"
    return {"tool": {"code": "redaction", "description": f"gristmill {step.op}"}, "result": told}


def _common_uses(spec: JobSpec) -> list[str]:
    """Return what every source allows, where all say something."""
    return sorted(set.intersection(*(set(source.uses) for source in spec.sources)))


def _purpose(use: str) -> dict[str, str]:
    return {"code": use, "description": "every source of the release allows it"}
