"""What commands print: a run's table and where its release is, reports, stories."""

import contextlib
import errno
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from jobs.clean import clean
from jobs.diff.compare import compare
from jobs.diff.told import told_differences
from jobs.errors import JobError
from jobs.explain.stories import explain
from jobs.jobfile.settings import changed
from jobs.progress import Progress
from jobs.release import Published, previous_number, released_number
from jobs.report.report import write_report
from jobs.run import refuse_held, run_job
from jobs.seal import public_key, seal, signing_key
from jobs.spec import JobSpec, load
from jobs.standards.openlineage import told_to_catalogue
from jobs.storage import Storage, disk_full, explained, open_storage
from jobs.trace.relatives import trace
from jobs.trace.told import trace_facts, trace_lines
from jobs.tuning.tuning import Tried, examples, tune
from jobs.verify import verify
from jobs.withdrawal.rules import one_of, withdraw
from jobs.withdrawal.search import taken_back


def run_and_tell(spec: JobSpec) -> None:
    """Run a job, write its report and seal the release; print the table of drops, and where both are."""
    key = signing_key(spec.run.signing_key) if spec.run.signing_key else None
    storage = open_storage(spec.target)
    progress = Progress()
    with told_to_catalogue(spec, progress.warn) as ended, _full_disk_told(storage):
        made = run_job(spec, progress)
        report = write_report(storage, made.number)
        seal(storage, made.number, key)
        ended(made)
    if not made.is_new:
        print(f"nothing to do: release {made.number} holds all of this already ({storage.url}/{made.folder})")
        return
    Console(highlight=False).print(drops_table(made.manifest))
    # Not by rich, which breaks paths at the terminal's width and takes [words] in them for markup.
    print(told_counts(made))
    print(f"release {made.number}: {storage.url}/{made.folder}\nreport:    {report}")


def drops_table(manifest: dict[str, Any]) -> Table:
    """Step, reason, dropped, share of what was read."""
    table = Table("step", "reason", "dropped", "share", box=None, header_style="bold")
    table.columns[2].justify = table.columns[3].justify = "right"
    read = max(1, manifest["counts"]["read"])
    for step in manifest["steps"]:
        for reason, count in sorted(step["dropped"].items(), key=lambda item: (-item[1], item[0])):
            what = "quarantined: " if step["step"] == "read" else ""
            table.add_row(step["step"], what + reason, f"{count:,}", f"{count / read:.2%}")
    return table


def told_counts(made: Published) -> str:
    """One line that adds up."""
    counts = made.manifest["counts"]
    line = (
        f"read {counts['read']:,} = kept {counts['kept']:,} + dropped {counts['dropped']:,} "
        f"+ quarantined {counts['quarantined']:,}"
    )
    if made.manifest["skipped"]:
        line += f"\nno documents, and not counted above: {told_skipped(made.manifest['skipped'])}"
    twice = sum(step["dropped"].get("duplicate_id", 0) for step in made.manifest["steps"])
    if twice:
        line += f"\nwarning: {twice:,} documents had an id that another document has; the first of each id was kept"
    for path in made.manifest["bad_shards"]:
        line += f"\nwarning: {path} could not be read; bad_shards_max allows it"
    return line


def told_skipped(kinds: dict[str, int]) -> str:
    """Kinds of what was skipped, most frequent first.

    >>> told_skipped({"not_html": 2, "warc_request": 3000})
    '3,000 warc_request, 2 not_html'
    """
    return ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items(), key=lambda one: (-one[1], one[0])))


def tell_report(spec: JobSpec, number: int) -> None:
    """Write a report where it is missing, and say where it is."""
    storage, release = _release(spec, number)
    with _full_disk_told(storage):
        report = write_report(storage, release)
    print(report)


def tell_story(spec: JobSpec, number: int, document_id: str) -> None:
    """Print what became of a document."""
    storage, release = _release(spec, number)
    print("\n".join(explain(storage, release, document_id)))


def tell_trace(spec: JobSpec, number: int, document_id: str, *, as_json: bool) -> None:
    """Print what a document was made from, and what was made from it."""
    storage, release = _release(spec, number)
    found = trace(storage, release, document_id)
    print(json.dumps(trace_facts(found), indent=2) if as_json else "\n".join(trace_lines(found)))


def tell_withdrawal(spec: JobSpec, said: Mapping[str, str | None], because: str, *, copies: bool | None) -> None:
    """Record a withdrawal, and say what comes of it."""
    storage = open_storage(spec.target)
    by, value = one_of(said)
    with explained(storage.url, "write to the target"):
        refuse_held(storage, spec)
        made, is_new = withdraw(storage, by, value, because, copies=copies, spent=taken_back(storage))
    print(made.told if is_new else f"recorded before: {made.told}")
    too = "its copies and all that was made from them" if made.copies else "all that was made from it; copies stay"
    print(f"the next run of the job takes it out of the release, with {too}, and so do all later ones")


def tell_verified(release: str, key: str | None) -> None:
    """Compare a release with its seal; say that it is as it was released."""
    storage = open_storage(release)
    found = verify(storage, public_key(key) if key else None)
    signed = ", signed by the holder of the key" if found.is_signed else ""
    print(f"{storage.url}: {found.files:,} files, {found.bytes:,} bytes, {found.rows:,} rows: as released{signed}")


def tell_differences(spec: JobSpec, before: int, after: int) -> None:
    """Print what two releases differ in."""
    storage, after = _release(spec, after)
    before = before or previous_number(storage, after)
    console = Console(highlight=False)
    for part in told_differences(compare(storage, before, after)):
        console.print(part, markup=False)


def tell_clean(spec: JobSpec, keep_releases: int | None, *, dry_run: bool) -> None:
    """Print what goes of each stage and release."""
    table = Table("", "files", "MB", box=None, header_style="bold")
    table.columns[1].justify = table.columns[2].justify = "right"
    gone = clean(spec, keep_releases, dry_run=dry_run)
    for one in gone:
        table.add_row(one.folder, f"{one.files:,}", f"{one.bytes / 1e6:,.1f}")
    if gone:
        Console(highlight=False).print(table)
    files, size = sum(one.files for one in gone), sum(one.bytes for one in gone)
    print(f"{'would delete' if dry_run else 'deleted'} {files:,} files, {size / 1e6:,.1f} MB")


def tell_thresholds(job: str, rule: str | None, changes: list[str], *, write: bool) -> None:
    """Print what thresholds would drop, or texts beside the line of one rule; write changed settings if asked to."""
    spec = load(job)
    text, spec = changed(Path(job).read_text(encoding="utf-8"), job, spec, changes)
    if rule:
        step, _, reason = rule.partition(".")
        for one in examples(spec, step, reason):
            print(
                f"{'goes ' if one.goes else 'stays'} {one.value:.4g} ({one.threshold:.4g})  {one.id}\n      {one.text}"
            )
    else:
        print("\n".join(threshold_lines(tune(spec))))
    if write and changes:
        Path(job).write_text(text, encoding="utf-8")
        print(f"{job}: {', '.join(changes)}")


def threshold_lines(rules: list[Tried]) -> Iterator[str]:
    """A line for each rule and threshold: documents dropped alone, and those that no other rule drops."""
    yield f"{'threshold':>17} {'drops alone':>24} {'after the others':>18}"
    for rule in rules:
        profile = f" ({rule.profile})" if rule.profile else ""
        yield f"{rule.step}.{rule.reason}{profile}: {rule.documents:,} documents"
        for trial in rule.trials:
            mark = "now" if trial.is_current else ""
            alone = f"{trial.alone:,} {trial.alone / rule.documents:8.2%}"
            yield f"{mark:>5} {trial.threshold:>11.4g} {alone:>24} {trial.after_others:>18,}"


def _release(spec: JobSpec, number: int) -> tuple[Storage, int]:
    storage = open_storage(spec.target)
    with explained(storage.url, "read the target"):
        return storage, number or released_number(storage)


@contextlib.contextmanager
def _full_disk_told(storage: Storage) -> Iterator[None]:
    """Turn a full disk into a message wherever it is met; within units it is one already, between them it is not."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise JobError(disk_full(storage.url)) from error
        raise
