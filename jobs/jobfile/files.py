"""Files that steps name, such as lists and models: read when a job is loaded, so that their content names stages."""

import os
from typing import Any, get_args

from pydantic import BaseModel

from jobs.errors import JobError
from jobs.storage import explained, read_url
from ops.resources import File, read_by


def planned(path: str) -> tuple[str, bytes]:
    """Return where every worker finds a file, and what it holds; ValueError where it cannot be read."""
    place = absolute(path)
    read_by(read_url)  # what checks a setting may load it too
    try:
        with explained(place, "read"):
            return place, read_url(place)
    except JobError as error:
        is_missing = isinstance(error.__cause__, FileNotFoundError)
        told = f"there is no file {place}. Local paths begin in the folder that gristmill is started in"
        raise ValueError(told if is_missing else str(error)) from error


def absolute(path: str) -> str:
    """Make a local path absolute, so that it means the same in another working folder; URLs are."""
    return path if "://" in path else os.path.abspath(path)


def with_absolute_files(said: dict[str, Any], settings: type[BaseModel]) -> dict[str, Any]:
    """Make the paths of files absolute in a table of a parsed job file."""
    named = {name for name, field in settings.model_fields.items() if _names_files(field.annotation)}
    return {name: _all_absolute(value) if name in named else value for name, value in said.items()}


def _names_files(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, File):
        return True
    return any(_names_files(part) for part in get_args(annotation))


def _all_absolute(value: Any) -> Any:
    """Make each string absolute, in lists and tables too."""
    if isinstance(value, dict):
        return {key: _all_absolute(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_all_absolute(one) for one in value]
    return absolute(value)
