"""Tuning: what other thresholds would drop. Stored columns of a release's passes in, counts and examples out; no run.

Numbers are of all documents that the pass stored, before judges and surveys: what a rule drops alone, and what it drops
that no other rule of the pass does.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jobs.errors import JobError
from jobs.ledger import read_ledger, stage_name
from jobs.outbox import read_rows
from jobs.plan import plan_job
from jobs.redaction import redactor_of, without_pii
from jobs.release import read_manifest, released_number
from jobs.spec import JobSpec
from jobs.storage import Storage, open_storage
from jobs.tuning.measured import Measured, measure
from ops.contract import Check
from ops.edits.redact import Redact

# Documents that are looked at: of a larger corpus whole units, in order of their data's hashes. With all 80 rules
# that compare signals, of two numbers each, these take 640 MB.
_DOCUMENTS_MAX = 500_000

# Shares of the documents that trial thresholds would drop alone.
_SHARES = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)

# Texts on either side of a line, and their characters that are shown.
_EXAMPLES = 3
_SHOWN_CHARS = 160


@dataclass(frozen=True)
class Trial:
    """How many documents a threshold drops."""

    threshold: float
    alone: int
    after_others: int  # those that no other rule drops
    is_current: bool


@dataclass(frozen=True)
class Tried:
    """A rule, for the documents that it holds to one threshold."""

    step: str
    reason: str
    profile: str  # of the documents; empty where they have none
    documents: int
    trials: tuple[Trial, ...]  # in order of threshold; without the current one where the rule is off


@dataclass(frozen=True)
class Example:
    """A document beside the line."""

    id: str
    value: float
    threshold: float
    goes: bool
    text: str


def tune(spec: JobSpec) -> list[Tried]:
    """Try other thresholds for every rule that compares stored columns."""
    storage = open_storage(spec.target)
    return [tried for measured in _all_measured(storage, spec) for tried in _tried(measured)]


def examples(spec: JobSpec, step: str, reason: str) -> list[Example]:
    """Return the documents nearest to the line of a rule, on either side, farthest below first."""
    storage = open_storage(spec.target)
    found = list(_all_measured(storage, spec))
    for measured in found:
        if (step, reason) in measured.checks:
            return _examples(storage, measured, measured.checks[step, reason], redactor_of(spec.steps))
    known = ", ".join(sorted(f"{a}.{b}" for measured in found for a, b in measured.checks))
    raise JobError(f"no rule {step}.{reason} compares stored columns. Those that do: {known or 'none'}")


def _all_measured(storage: Storage, spec: JobSpec) -> Iterator[Measured]:
    """Measure by the thresholds of the job file what the latest release's passes have stored."""
    judged = [(segment.pass_folder, segment.judges) for segment in plan_job(spec).segments if segment.judges]
    if not judged:
        raise JobError("no step judges what another has measured. Put judges after a step that measures.")
    number = released_number(storage)
    manifest = read_manifest(storage, number)
    folders = [stage["folder"] for stage in manifest["stages"] if stage_name(stage["folder"]) == "pass"]
    lots = dict(zip(folders, read_ledger(storage, manifest).passes, strict=True))
    for folder, judges in judged:
        if folder not in lots:
            raise JobError(
                f"release {number} was made with other settings of the steps before {judges.label}: nothing that these "
                "rules could be tried on is stored. Run the job first: gristmill run JOB.toml"
            )
        yield measure(storage, [lot.held for lot in lots[folder]], judges.steps, _DOCUMENTS_MAX)


def _tried(measured: Measured) -> Iterator[Tried]:
    failures = np.sum([np.zeros(len(measured.row), int), *(check.failed for check in measured.checks.values())], axis=0)
    for (step, reason), check in measured.checks.items():
        others = failures - check.failed > 0
        profiles = measured.profile(step)
        for profile in sorted(set(profiles.tolist())):
            here = profiles == profile
            current = float(np.asarray(check.threshold)[here][0])
            trials = _trials(check.value[here], others[here], current, is_least=check.is_least)
            yield Tried(step, reason, profile, int(np.count_nonzero(here)), tuple(trials))


def _trials(
    values: NDArray[np.float64], others: NDArray[np.bool_], current: float, *, is_least: bool
) -> Iterator[Trial]:
    """Try the current threshold, unless the rule is off, and those that drop stated shares; `others`: goes anyway."""
    known = np.sort(values[~np.isnan(values)])
    if not len(known):
        return
    shares = np.array(_SHARES) if is_least else 1 - np.array(_SHARES)
    quantiles = known[(shares * (len(known) - 1)).round().astype(int)]
    tried = {float(f"{value:.3g}") for value in quantiles.tolist()}
    for threshold in sorted(tried if np.isnan(current) else {*tried, current}):
        goes = values < threshold if is_least else values > threshold
        yield Trial(
            threshold,
            int(np.count_nonzero(goes)),
            int(np.count_nonzero(goes & ~others)),
            is_current=threshold == current,
        )


def _examples(storage: Storage, measured: Measured, check: Check, redactor: Redact | None) -> list[Example]:
    threshold = np.asarray(check.threshold)
    distance = check.value - threshold
    known = np.flatnonzero(~np.isnan(distance))
    order = known[np.argsort(distance[known], kind="stable")]
    goes = check.failed[order]
    below, above = (order[goes], order[~goes]) if check.is_least else (order[~goes], order[goes])
    chosen = [*below[-_EXAMPLES:].tolist(), *above[:_EXAMPLES].tolist()]
    return [_example(storage, measured, check, place, redactor) for place in chosen]


def _example(storage: Storage, measured: Measured, check: Check, place: int, redactor: Redact | None) -> Example:
    held = measured.lots[int(measured.lot[place])]
    rows = read_rows(storage, held.data, np.array([measured.row[place]]), ["id", "text"])
    told: dict[str, Any] = without_pii(rows, "text", redactor).to_pylist()[0]
    text = " ".join(told["text"].split())
    shown = text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS] + "…"
    threshold = float(np.asarray(check.threshold)[place])
    return Example(told["id"], float(check.value[place]), threshold, bool(check.failed[place]), shown)
