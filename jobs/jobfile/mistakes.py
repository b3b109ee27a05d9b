"""Mistakes in TOML files, told in the file's own words: place, what is wrong, what was expected, nearest valid name."""

import re
import tomllib
from collections.abc import Callable, Mapping
from typing import Any, Literal, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from jobs.errors import JobError
from jobs.jobfile.misfits import OPS, nearest

Place = tuple[int | str, ...]

# What pydantic says of Python's types, in the words of a TOML file.
_IN_TOML = {
    "tuple_type": "should be a list",
    "too_short": "needs at least one entry",
    "dict_type": "should be a table",
    "model_type": "should be a table",
    "model_attributes_type": "should be a table",
}


def toml_of(text: bytes, name: str) -> dict[str, Any]:
    """Parse TOML; raise `JobError` where it is none. `name` is what messages call it."""
    try:
        return tomllib.loads(text.decode())
    except UnicodeDecodeError as error:
        raise JobError(f"{name} is not UTF-8 text: {error}. Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise JobError(f"{name} is not TOML: {error}. Strings need quotes; lists of tables are [[steps]].") from error


def mistakes(error: ValidationError, fields_at: Callable[[Place], Mapping[str, FieldInfo]]) -> list[str]:
    """Tell of each mistake in a line; `fields_at` gives the settings that are valid at a place, by name."""
    lines = []
    for found in error.errors():
        if found["type"] == "too_short" and found["input"]:
            continue  # the list was given; its items are wrong, and told of one by one
        place = _spelled(found["loc"])
        if found["type"] == "value_error":
            lines += [f"{place}{line}" for line in str(found["ctx"]["error"]).splitlines()]
        elif found["type"] == "extra_forbidden":
            names = fields_at(found["loc"][:-1])
            name = str(found["loc"][-1])
            lines.append(f"{place}no such setting{nearest(name, names)}; valid here: {', '.join(sorted(names))}")
        elif found["type"] == "union_tag_invalid":
            tag = found["ctx"]["tag"]
            lines.append(f"{place}no op is named {tag!r}{nearest(tag, OPS)}; ops: {', '.join(sorted(OPS))}")
        elif found["type"] == "union_tag_not_found":
            lines.append(f'{place}a step needs op = "..."; ops: {", ".join(sorted(OPS))}')
        elif found["type"] == "missing":
            expected = fields_at(found["loc"][:-1])[str(found["loc"][-1])].annotation
            values = ", ".join(get_args(expected)) if get_origin(expected) is Literal else ""
            lines.append(f"{place}is missing" + (f"; expected one of {values}" if values else ""))
        elif found["type"] == "literal_error":
            near = nearest(str(found["input"]), re.findall(r"'([^']*)'", found["ctx"]["expected"]))
            lines.append(f"{place}is {found['input']!r}; expected {found['ctx']['expected']}{near}")
        elif found["type"] in _IN_TOML:
            lines.append(f"{place}{_IN_TOML[found['type']]}; it is {found['input']!r}")
        else:
            lines.append(f"{place}{found['msg'][0].lower()}{found['msg'][1:]}; it is {found['input']!r}")
    return lines


def _spelled(loc: Place) -> str:
    """Spell a place as the file does: `steps.2 (near_dedup) threshold: `."""
    if not loc:
        return ""
    if loc[0] == "steps" and len(loc) > 2:  # noqa: PLR2004 - steps, number, op
        rest = ".".join(str(part) for part in loc[3:] if part != "[key]")
        return f"steps.{loc[1]} ({loc[2]})" + (f" {rest}: " if rest else ": ")
    return ".".join(str(part) for part in loc) + ": "
