"""The command line: `gristmill`, or `python -m jobs`."""

import json
import signal
import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

from jobs import spec as job_files
from jobs.errors import JobError

_INTERRUPTED = 130

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)

JobFile = Annotated[str, typer.Argument(metavar="JOB.toml", help="the job file")]
Number = Annotated[int, typer.Option("--release", help="number of the release; default: the latest")]


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="where to put the sample corpus and the release")] = Path("demo"),
) -> None:
    """Make a sample corpus and run the main job on it."""
    from jobs.demo.demo import run_demo  # noqa: PLC0415 - each command imports what it needs: `check` takes no half second

    run_demo(folder)


@app.command()
def check(job: JobFile) -> None:
    """Check a job file: report every mistake, or say that there is none."""
    spec = job_files.load(job)
    print(f"{job}: valid, {len(spec.sources)} sources, {len(spec.steps)} steps, target {spec.target}")


@app.command()
def schema() -> None:
    """Print the JSON Schema of a job file, for editors."""
    print(json.dumps(job_files.schema(), indent=2))


@app.command()
def plan(job: JobFile) -> None:
    """Show what a run would do and what is done already."""
    from jobs.preview import preview  # noqa: PLC0415

    print("\n".join(preview(job_files.load(job))))


@app.command()
def run(job: JobFile) -> None:
    """Run a job to its release."""
    from jobs.console import run_and_tell  # noqa: PLC0415

    run_and_tell(job_files.load(job))


@app.command()
def submit(
    job: JobFile,
    address: Annotated[
        str | None, typer.Option(help="of the Ray head's dashboard; default: RAY_API_SERVER_ADDRESS")
    ] = None,
    submission_id: Annotated[
        str | None, typer.Option(help="an id that Ray accepts once, so that a night runs once")
    ] = None,
    installed: Annotated[bool, typer.Option("--installed", help="run the code that the cluster has, not this")] = False,  # noqa: FBT002
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="follow the logs until the job ends")] = True,  # noqa: FBT002
) -> None:
    """Submit a job to a running Ray head, as `ray job submit` does, and follow it."""
    from jobs.submit import submit_job  # noqa: PLC0415

    raise typer.Exit(submit_job(job, address, submission_id, installed=installed, wait=wait))


@app.command()
def report(job: JobFile, release: Number = 0) -> None:
    """Write a release's report.html and report.json where they are missing, and say where they are."""
    from jobs.console import tell_report  # noqa: PLC0415

    tell_report(job_files.load(job, with_files=False), release)


@app.command()
def explain(
    document_id: Annotated[str, typer.Argument(metavar="ID", help="a document's id")], job: JobFile, release: Number = 0
) -> None:
    """Tell a document's whole story; for a duplicate, show the one kept."""
    from jobs.console import tell_story  # noqa: PLC0415

    tell_story(job_files.load(job, with_files=False), release, document_id)


@app.command()
def trace(
    document_id: Annotated[str, typer.Argument(metavar="ID", help="a document's id")],
    job: JobFile,
    release: Number = 0,
    as_json: Annotated[bool, typer.Option("--json", help="the same as one JSON object, for programs")] = False,  # noqa: FBT002
) -> None:
    """Tell what a document was made from and what was made from it, and in which releases all of them are."""
    from jobs.console import tell_trace  # noqa: PLC0415

    tell_trace(job_files.load(job, with_files=False), release, document_id, as_json=as_json)


@app.command()
def withdraw(  # noqa: PLR0913, PLR0917 - an option each
    job: JobFile,
    because: Annotated[str, typer.Option(help="why; every release's manifest repeats it")],
    id_: Annotated[str | None, typer.Option("--id", help="a document's id")] = None,
    source: Annotated[str | None, typer.Option(help="a source's name")] = None,
    url: Annotated[str | None, typer.Option(metavar="GLOB", help="of whole addresses: * and ? stand for any")] = None,
    license_: Annotated[str | None, typer.Option("--license", help="as the source says it")] = None,
    generator: Annotated[str | None, typer.Option(help="as the source says it")] = None,
    copies: Annotated[
        bool | None,
        typer.Option("--copies/--no-copies", help="also documents of the same text; default: of --id and --url"),
    ] = None,
) -> None:
    """Keep a document, source, license, generator or addresses, and all made from them, out of every later release."""
    from jobs.console import tell_withdrawal  # noqa: PLC0415

    said = {"id": id_, "source": source, "url": url, "license": license_, "generator": generator}
    tell_withdrawal(job_files.load(job, with_files=False), said, because, copies=copies)


@app.command()
def verify(
    release: Annotated[str, typer.Argument(metavar="RELEASE", help="a release's folder or URL: .../releases/0001")],
    key: Annotated[
        str | None, typer.Option("--key", metavar="KEY.pub", help="an Ed25519 public key; its holder must have signed")
    ] = None,
) -> None:
    """Compare every byte of a release with its checksums, and name the first file that is wrong."""
    from jobs.console import tell_verified  # noqa: PLC0415

    tell_verified(release, key)


@app.command()
def diff(
    job: JobFile,
    before: Annotated[int, typer.Argument(metavar="[A]", help="number of a release; default: the one before B")] = 0,
    after: Annotated[int, typer.Argument(metavar="[B]", help="number of another; default: the latest")] = 0,
) -> None:
    """Tell what differs between two releases: documents that came, went or changed, and why; steps; settings."""
    from jobs.console import tell_differences  # noqa: PLC0415

    tell_differences(job_files.load(job, with_files=False), before, after)


@app.command()
def clean(
    job: JobFile,
    keep_releases: Annotated[
        int | None, typer.Option(min=1, help="delete releases but for so many of the latest; default: all stay")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would go, and delete nothing")] = False,  # noqa: FBT002
) -> None:
    """Delete what neither a run of the job as it stands nor a release needs."""
    from jobs.console import tell_clean  # noqa: PLC0415

    tell_clean(job_files.load(job), keep_releases, dry_run=dry_run)


@app.command()
def tune(
    job: JobFile,
    rule: Annotated[
        str | None, typer.Option("--rule", metavar="STEP.REASON", help="show texts on both sides of its line")
    ] = None,
    change: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="STEP.SETTING=VALUE", help="try another setting; may be repeated"),
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="write what --set says into the job file")] = False,  # noqa: FBT002
) -> None:
    """Show what each threshold would drop, alone and after the other rules, from what a run has stored."""
    from jobs.console import tell_thresholds  # noqa: PLC0415

    tell_thresholds(job, rule, change or [], write=write)


@app.command("train-filter")
def train_filter(  # noqa: PLR0913, PLR0917 - an option each
    paths: Annotated[
        list[str],
        typer.Argument(metavar="POSITIVE BACKGROUND MODEL", help="shards, as of a source, and the .npz file to write"),
    ],
    text: Annotated[str, typer.Option(help="the column of texts")] = "text",
    labels: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="of labels, in one set of shards: give LABELLED MODEL")
    ] = None,
    positive: Annotated[
        list[str] | None, typer.Option(metavar="LABEL", help="what --labels says of positives; may be repeated")
    ] = None,
    documents: Annotated[int, typer.Option(min=100, help="of a class, at most; drawn by hash where there are more")] = (
        20_000
    ),
    words: Annotated[int, typer.Option(min=1, max=5, help="of the longest run of words that is looked at")] = 2,
    characters: Annotated[int, typer.Option(min=0, max=8, help="of each run of characters; 0: none")] = 3,
    seed: Annotated[int, typer.Option(min=0, help="another one holds out other texts")] = 0,
) -> None:
    """Train a small classifier for the step `classifier`, and tell how it does on texts held out."""
    from jobs.training.classifier import train  # noqa: PLC0415
    from jobs.training.texts import Wanted, places  # noqa: PLC0415
    from jobs.training.told import told  # noqa: PLC0415
    from ops.kernels.hashed_ngrams import NGrams  # noqa: PLC0415

    one, other, model = places(paths, labels, positive or [])
    wanted = Wanted(one, other, text, labels, tuple(positive or []), documents, seed)
    print("\n".join(told(train(wanted, NGrams(words=words, characters=characters), Path(model)))))


@app.command("train-perplexity")
def train_perplexity(
    texts: Annotated[str, typer.Argument(help="shards, as of a source, of what you want more of")],
    model: Annotated[Path, typer.Argument(help="the .npz file to write")],
    background: Annotated[str | None, typer.Option(help="shards to compare with: what a job would read")] = None,
    text: Annotated[str, typer.Option(help="the column of texts")] = "text",
    documents: Annotated[int, typer.Option(min=100, help="of a set, at most; drawn by hash where there are more")] = (
        20_000
    ),
    order: Annotated[int, typer.Option(min=2, max=5, help="words of the longest run that is looked at")] = 3,
    seed: Annotated[int, typer.Option(min=0, help="another one holds out other texts")] = 0,
) -> None:
    """Train an n-gram model for the step `perplexity`, and tell what it says of texts held out."""
    from jobs.training.perplexity import train  # noqa: PLC0415
    from jobs.training.texts import Wanted  # noqa: PLC0415
    from jobs.training.told import told_of_perplexity  # noqa: PLC0415
    from ops.kernels.ngram_model import NGramSettings  # noqa: PLC0415

    wanted = Wanted(texts, background, text, documents_max=documents, seed=seed)
    print("\n".join(told_of_perplexity(train(wanted, NGramSettings(order=order), model))))


@app.command()
def damage(
    shards: Annotated[str, typer.Argument(help="clean texts: a file, folder, quoted glob or URL, as of a source")],
    out: Annotated[Path, typer.Argument(metavar="OUT.parquet", help="the file to write")],
    kinds: Annotated[str, typer.Option(help="of damage, with commas between; `all`, or names as in README")] = "all",
    share: Annotated[float, typer.Option(min=0, max=1, help="of the documents; the others stay clean")] = 1.0,
    seed: Annotated[int, typer.Option(min=0, help="another one plants other damage")] = 0,
    text: Annotated[str, typer.Option(help="the column of texts")] = "text",
    sites: Annotated[
        int | None,
        typer.Option(min=1, help="that documents are spread over; default: those of the column `source`"),
    ] = None,
) -> None:
    """Plant damage in clean texts, and keep the truth, so that a repair can be tried and scored."""
    from rich.console import Console  # noqa: PLC0415

    from jobs.damage.damaging import Wanted, kinds_of, told, told_rest, write_damaged  # noqa: PLC0415

    made = write_damaged(Wanted(shards, kinds_of(kinds), share, seed, text, sites), out)
    Console(highlight=False).print(told(made))
    print("\n".join(told_rest(made)))


def main() -> None:
    """Run a command. Exit status: 0 complete and balanced, 1 the user's mistake, 2 usage, 3 a bug, 130 interrupted."""
    # Ended from outside (`ray job stop`, a pod's end): leave as after Ctrl-C, so that a Ray started here ends with us.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        status = app(standalone_mode=False)  # typer returns what a command exits with, and 130 after an interrupt
    except JobError as mistake:
        print(f"gristmill: {mistake}", file=sys.stderr)
        sys.exit(1)
    except typer.TyperException as mistake:  # no such command or option, a missing argument; none: help was printed
        told = mistake.format_message()
        print(f"gristmill: {told}\nHelp: gristmill --help" if told else "", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        status = _INTERRUPTED
    except Exception:  # noqa: BLE001 - the last handler: a bug keeps its traceback
        traceback.print_exc()
        print("gristmill: this is a bug in gristmill or in an op, not in your job file", file=sys.stderr)
        sys.exit(3)
    if status == _INTERRUPTED:
        print("gristmill: interrupted; what is committed stays, run again to go on", file=sys.stderr)
    sys.exit(status)


if __name__ == "__main__":
    main()
