"""Parts of a parsed job file: its tables, as settings where they are valid, and names that nothing has."""

import difflib
from collections.abc import Collection, Iterable
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from ops import Step
from ops.contract import Op

AnyModel = TypeVar("AnyModel", bound=BaseModel)

OPS: dict[str, type[Op]] = {op.model_fields["op"].default: op for op in get_args(get_args(Step)[0])}


def tables(value: Any) -> list[dict[str, Any]]:
    """Return a list's tables; an empty one in the place of what is none, so that numbers stay."""
    return [item if isinstance(item, dict) else {} for item in value] if isinstance(value, list) else []


def settings_of(model: type[AnyModel], table: dict[str, Any]) -> AnyModel | None:
    """Return a table as settings; None where it is not valid."""
    try:
        return model.model_validate(table)
    except ValidationError:
        return None


def unknown(kind: str, named: Iterable[tuple[str, Any]], names: Collection[str], advice: str = "") -> list[str]:
    """Tell of each name that is none of those that there are, with its place."""
    return [
        f"{place}: no {kind} is named {name!r}{nearest(str(name), names)}{advice}"
        for place, name in named
        if name not in names
    ]


def nearest(name: str, names: Iterable[str]) -> str:
    """Ask whether the nearest of some names was meant, if one is near."""
    close = difflib.get_close_matches(name, list(names), n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else ""
