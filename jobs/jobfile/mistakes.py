"""Mistakes in TOML files, told in the file's own words: place, what is wrong, what was expected, nearest valid name."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from jobs.errors import JobError
from jobs.jobfile.parts import OPS, nearest
from ops.contract import Op

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
        raw = tomllib.loads(text.decode("utf-8-sig"))  # some editors begin a file with a mark that tells it is UTF-8
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise JobError(
            f"{name} is not UTF-8 text: line {line} has the byte 0x{text[error.start]:02x}, which begins no character. "
            "Save it as UTF-8."
        ) from error
    except tomllib.TOMLDecodeError as error:
        is_repeated = str(error).startswith(("Cannot overwrite", "Cannot declare"))
        hint = "Say each setting and each table once" if is_repeated else "Strings need quotes"
        raise JobError(f"{name} is not TOML: {error}. {hint}; lists of tables are [[steps]].") from error
    huge = [f"  {place}: {number} takes more than 64 bits; give a smaller one" for place, number in _huge(raw)]
    if huge:
        raise JobError("\n".join([f"{name} has numbers that TOML has no room for:", *huge]))
    return raw


def _huge(value: Any, place: str = "") -> Iterator[tuple[str, int]]:
    """Give the whole numbers that TOML has no room for, each with its place."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        yield from _huge(part, f"{place}.{name}" if place else str(name))
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        yield place, value


def mistakes(error: ValidationError, model: type[BaseModel]) -> list[str]:
    """Tell of each mistake in a line; `model` is what was to be validated."""
    lines = []
    for found in error.errors():
        if found["type"] == "too_short" and found["input"]:
            continue  # the list was given; its items are wrong, and told of one by one
        place = _spelled(found["loc"])
        if found["type"] == "value_error":
            lines += [f"{place}{line}" for line in str(found["ctx"]["error"]).splitlines()]
        elif found["type"] == "extra_forbidden":
            names = _fields_at(model, found["loc"][:-1])
            name = str(found["loc"][-1])
            lines.append(f"{place}no such setting{nearest(name, names)}; valid here: {', '.join(sorted(names))}")
        elif found["type"] == "union_tag_invalid":
            tag = found["ctx"]["tag"]
            lines.append(f"{place}no op is named {tag!r}{nearest(tag, OPS)}; ops: {', '.join(sorted(OPS))}")
        elif found["type"] == "union_tag_not_found":
            lines.append(f'{place}a step needs op = "..."; ops: {", ".join(sorted(OPS))}')
        elif found["type"] == "missing":
            expected = _fields_at(model, found["loc"][:-1])[str(found["loc"][-1])].annotation
            values = ", ".join(get_args(expected)) if get_origin(expected) is Literal else ""
            lines.append(f"{place}is missing" + (f"; expected one of {values}" if values else ""))
        elif found["type"] == "literal_error":
            near = nearest(str(found["input"]), re.findall(r"'([^']*)'", found["ctx"]["expected"]))
            lines.append(f"{place}is {found['input']!r}; expected {found['ctx']['expected']}{near}")
        elif found["type"] in _IN_TOML:
            is_of_tables = found["type"] != "too_short" and _fields_at(model, found["loc"])
            written = _as_written(found["loc"], found["input"]) if is_of_tables else ""
            lines.append(f"{place}{_IN_TOML[found['type']]}{written}; it is {found['input']!r}")
        else:
            lines.append(f"{place}{found['msg'][0].lower()}{found['msg'][1:]}; it is {found['input']!r}")
    return lines


def truths_for_numbers(said: Any, meant: Any, place: Place = ()) -> list[str]:
    """Tell where a file says true or false and a number was made of it, as pydantic does; `meant` is what was made."""
    if isinstance(said, bool):
        as_written = str(said).lower()
        return [] if isinstance(meant, bool) else [f"{_spelled(place)}input should be a number; it is {as_written}"]
    if isinstance(meant, BaseModel):
        place = (*place, said["op"]) if isinstance(meant, Op) else place
        meant = meant.__dict__
    if isinstance(said, dict):
        parts = [(name, one, meant[name]) for name, one in said.items() if isinstance(meant, dict) and name in meant]
    elif isinstance(said, list) and isinstance(meant, tuple | list):
        parts = list(zip(range(len(said)), said, meant, strict=False))
    else:
        parts = []
    return [line for name, one, made in parts for line in truths_for_numbers(one, made, (*place, name))]


def _fields_at(model: type[BaseModel], place: Place) -> Mapping[str, FieldInfo]:
    """Return the settings that are valid at a place, by name; none where there are no tables with settings."""
    models = [model]
    for part in place:
        if OPS.get(str(part)) in models:
            models = [OPS[str(part)]]
        elif isinstance(part, str):
            inner = [one.model_fields[part].annotation for one in models if part in one.model_fields]
            models = [table for annotation in inner for table in _models_in(annotation)] if inner else models
    return {name: field for one in models for name, field in one.model_fields.items()}


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [table for part in get_args(annotation) for table in _models_in(part)]


def _as_written(place: Place, given: object) -> str:
    """Say how TOML writes a table where a list is, or lists of tables where a table is."""
    words = [part for number, part in enumerate(place) if isinstance(part, str) and (place[0], number) != ("steps", 2)]
    if isinstance(given, dict):
        return f" of tables, each under [[{'.'.join(words)}]]"
    return f", under [{'.'.join(words)}]" if isinstance(given, list) else ""


def _spelled(loc: Place) -> str:
    """Spell a place as the file does: `steps.2 (near_dedup) threshold: `."""
    if not loc:
        return ""
    if loc[0] == "steps" and len(loc) > 2:  # noqa: PLR2004 - steps, number, op
        rest = ".".join(str(part) for part in loc[3:] if part != "[key]")
        return f"steps.{loc[1]} ({loc[2]})" + (f" {rest}: " if rest else ": ")
    return ".".join(str(part) for part in loc) + ": "
