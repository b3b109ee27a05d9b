"""What two releases differ in, as tables for people."""

from collections.abc import Iterator
from typing import Any

from rich.table import Table
from rich.text import Text

from jobs.diff.compare import Change, Compared, settings_changed

# Values of settings are shown so far: lists may be long.
_VALUE_CHARS = 60

_NOT_THERE = {"came": "new: not read before", "went": "not read any more", "changed": "another text"}


def told_differences(compared: Compared) -> Iterator[Table | str]:
    """Give a line that sums up, then a table of each kind of difference that there is."""
    before, after = compared.before, compared.after
    counts = [f"{compared.count(kind):,} {kind}" for kind in ("came", "went", "changed")]
    yield (
        f"release {before['release']} ({before['counts']['kept']:,} documents) -> release {after['release']} "
        f"({after['counts']['kept']:,}): {', '.join(counts)}"
    )
    if compared.changes:
        yield from ("", _sources(compared), "", _changes(compared.changes))
    for table in (_steps(before, after), _settings(before, after)):
        if table.row_count:
            yield from ("", table)
    codes = [manifest["made_by"]["gristmill"] for manifest in (before, after)]
    if codes[0] != codes[1]:
        yield f"\nmade by other code of gristmill: {codes[0]}, then {codes[1]}"


def _sources(compared: Compared) -> Table:
    table = _table("source", "before", "came", "went", "changed", "after", numbers=5)
    manifests = compared.before, compared.after
    for source in sorted({name for manifest in manifests for name in manifest["sources"]}):
        kept = [manifest["sources"].get(source, {}).get("kept", 0) for manifest in manifests]
        changes = [compared.count(kind, source) for kind in ("came", "went", "changed")]
        table.add_row(source, *(f"{count:,}" for count in (kept[0], *changes, kept[1])))
    return table


def _changes(changes: list[Change]) -> Table:
    table = _table("", "source", "because of", "documents", "such as", numbers=0)
    table.columns[3].justify = "right"
    table.columns[4].overflow = "fold"  # to be copied whole
    for one in changes:
        step = f"{one.step}: {one.reason}" if one.step else _NOT_THERE[one.kind]
        # Ids are the corpus's own: [words] in them are no markup.
        why = f"no longer {step}" if one.step and one.kind == "came" else step
        table.add_row(one.kind, Text(one.source), Text(why), f"{one.documents:,}", Text(one.example))
    return table


def _steps(before: dict[str, Any], after: dict[str, Any]) -> Table:
    """What each step dropped, where that differs; and of steps that only one release has."""
    table = _table("step", "reason", "dropped before", "after", "", numbers=0)
    for column in table.columns[2:]:
        column.justify = "right"
    one, other = (
        {(step["step"], reason): count for step in manifest["steps"] for reason, count in step["dropped"].items()}
        for manifest in (before, after)
    )
    for key in [*one, *(key for key in other if key not in one)]:
        counts = one.get(key, 0), other.get(key, 0)
        if counts[0] != counts[1]:
            table.add_row(*key, f"{counts[0]:,}", f"{counts[1]:,}", f"{counts[1] - counts[0]:+,}")
    return table


def _settings(before: dict[str, Any], after: dict[str, Any]) -> Table:
    table = _table("setting of", "", "before", "after", numbers=0)
    for where, name, *values in settings_changed(before, after):
        table.add_row(Text(where), name, *(Text(_short(value)) for value in values))
    return table


def _short(value: object) -> str:
    """Show a value in one line.

    >>> _short(None), _short(["real", "length:high"])
    ('none', "['real', 'length:high']")
    """
    told = "none" if value is None else str(value)
    return told if len(told) <= _VALUE_CHARS else f"{told[:_VALUE_CHARS]}..."


def _table(*names: str, numbers: int) -> Table:
    """Make a table whose columns from the second on are numbers, so many of them."""
    table = Table(*names, box=None, header_style="bold")
    for column in table.columns[1 : 1 + numbers]:
        column.justify = "right"
    return table
