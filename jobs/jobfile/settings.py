"""Settings of a job file, changed in its text: comments, order and spacing stay."""

from collections.abc import MutableMapping

import tomlkit
from tomlkit.exceptions import ParseError

from jobs.errors import JobError
from jobs.spec import JobSpec, parse


def changed(text: str, name: str, spec: JobSpec, changes: list[str]) -> tuple[str, JobSpec]:
    """Return the text with `step.setting=value` applied, and the job that it says; `zh.words_min` is a nested setting.

    Raises JobError where a change names no step, is not TOML, or makes the job invalid.
    """
    document = tomlkit.parse(text)
    for change in changes:
        path, equals, value = change.partition("=")
        label, *keys = path.strip().split(".")
        if not equals or not keys or label not in spec.labels:
            raise JobError(f"{change!r} is not STEP.SETTING=VALUE, where STEP is one of {', '.join(spec.labels)}")
        table = document["steps"][spec.labels.index(label)]
        for key in keys[:-1]:
            table = table.setdefault(key, tomlkit.inline_table())
            if not isinstance(table, MutableMapping):
                raise JobError(f"{change!r}: {key!r} is not a table, so nothing within it can be set")
        table[keys[-1]] = _value(value, change)
    made = tomlkit.dumps(document)
    return made, parse(made.encode(), name)


def _value(text: str, change: str) -> object:
    try:
        return tomlkit.parse(f"value = {text}")["value"]
    except ParseError as error:
        raise JobError(f"{change!r}: the value is not TOML ({error}). Strings need quotes.") from error
