"""Alarms: sources that lost more than the job allows. A wrong filter or a giant cluster shows here first."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from jobs.commits import Commit
from jobs.errors import JobError
from jobs.held import Held
from jobs.readers.records import RECORDS_TO_JUDGE
from jobs.spec import JobSpec


def loss_alarms(spec: JobSpec, first: Sequence[Commit], left: Sequence[Held]) -> list[dict[str, Any]]:
    """Name each source of which a greater share of records went than its `loss_max`; raise where the job asks for it.

    `first` are the commits of the pass that read the raw shards. `left` is what the steps before a mix left: what a
    recipe has no room for is not lost.
    """
    alarms = []
    for source in spec.sources:
        read = sum(commit.facts["rows_in"] for commit in first if commit.reads["source"] == source.name)
        kept = sum(one.rows for one in left if one.source == source.name)
        most = spec.loss_max if source.loss_max is None else source.loss_max
        if read and read - kept > most * read:
            alarms.append({"source": source.name, "read": read, "lost": read - kept, "loss_max": most})
    if alarms and spec.on_loss == "fail":
        raise JobError(
            "no release was made:\n"
            + "\n".join(f"  {told(alarm)}" for alarm in alarms)
            + '\nLook at the steps\' counts with on_loss = "report"; then correct the step, or raise loss_max.'
        )
    return alarms


def refuse_textless(spec: JobSpec, first: Sequence[Commit]) -> None:
    """Raise where no record of a source has a text, not too few to judge by.

    A shard of as many is refused by itself; this tells a wrong `columns` by shards that are smaller.
    """
    read: Counter[str] = Counter()
    textless: Counter[str] = Counter()
    for commit in first:
        read[commit.reads["source"]] += commit.facts["rows_in"]
        textless[commit.reads["source"]] += commit.facts["rows_quarantined"].get("text_null", 0)
    for name in sorted(name for name, count in textless.items() if count == read[name] >= RECORDS_TO_JUDGE):
        raise JobError(
            f"no release was made: {spec.source(name).wanted['text']!r} is null or missing in all {read[name]:,} "
            f"records of the source {name}. Say in its columns which holds the text, or take the source out."
        )


def told(alarm: dict[str, Any]) -> str:
    """Say what an alarm is about.

    >>> told({"source": "web", "read": 200, "lost": 150, "loss_max": 0.5})
    'the source web lost 150 of 200 documents (75.0 %), more than loss_max = 0.5'
    """
    share = f"{alarm['lost'] / alarm['read']:.1%}".replace("%", " %")
    return (
        f"the source {alarm['source']} lost {alarm['lost']:,} of {alarm['read']:,} documents ({share}), more than "
        f"loss_max = {alarm['loss_max']:g}"
    )
