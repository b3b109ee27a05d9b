"""Policies against sources: what a source as a whole would be dropped for is told before any text is read."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from ops.columns import DOCUMENT, TERMS
from ops.provenance.origin_by_label import CONFLICT
from ops.provenance.policy import Policy, allowed_licenses

# What of a source makes it fail, by the end of the reason.
_TOLD = {
    "too_deep": "its depth is {depth}, depth_max is {policy.depth_max}",
    "license_unsaid": "it says no license; allowed: {licenses}",
    "license_not_allowed": "its license is {license!r}; allowed: {licenses}",
    "uses_unsaid": "it says no uses; asked for: {uses}",
    "use_not_allowed": "its uses are {allowed}; asked for: {uses}",
    "generator_terms_unsaid": "it says no generator_terms; allowed: {terms}",
    "generator_terms_not_allowed": "its generator_terms are {generator_terms!r}; allowed: {terms}",
    "not_verified": "it maps no column `verifier`, which text from a prompt alone needs",
}
_SCHEMA = pa.schema(
    [
        *(DOCUMENT.field(name) for name in ("origin", "depth", "license")),
        *TERMS,
        ("verifier", pa.string()),
        CONFLICT,
    ]
)


def policy_mistakes(number: int, policy: Policy, sources: Sequence[dict[str, Any]]) -> list[str]:
    """Name each source, as the job file has it, of which no document would pass."""
    return [
        f"steps.{number} (policy): no document of the source {source['name']!r} would pass: {why}. Take the source out "
        "of the job, correct what is said of it, or change the policy"
        for source in sources
        if (why := _refused(policy, source))
    ]


def _refused(policy: Policy, source: dict[str, Any]) -> str | None:
    columns = source["columns"] if isinstance(source.get("columns"), dict) else {}
    row = {name: source.get(name) for name in _SCHEMA.names}
    row["verifier"] = "told by documents" if "verifier" in columns else None
    if "license" in columns:
        row["license"] = next(iter(allowed_licenses(policy.licenses)), None)
    if source.get("draft") or {"origin", "messages"} & {*columns}:
        row["origin"] = "real"  # of which less is asked
    row["depth"] = 0 if "depth" in columns else source.get("depth", int(row["origin"] != "real"))
    try:
        reason = policy.judge(pa.Table.from_pylist([row], schema=_SCHEMA))[0].as_py()
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return None  # what the source says is no such value, which is told of it
    if reason is None:
        return None
    told = row | {
        "policy": policy,
        "licenses": ", ".join(policy.licenses),
        "uses": ", ".join(policy.uses),
        "allowed": ", ".join(row["uses"] or ()),
        "terms": ", ".join(policy.generator_terms),
    }
    return _TOLD[reason["reason"]].format(**told)
