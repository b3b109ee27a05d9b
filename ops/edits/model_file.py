"""Files of trained models: arrays and JSON in an .npz, of which nothing is unpickled; read only if it is that file."""

import functools
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from ops.contract import Refusal
from ops.resources import File

# Settings of ops that work with a model.
Sha256 = Annotated[
    str | None,
    Field(pattern=r"^[0-9a-f]{64}$", description="of the model's file, as training prints it: another one is refused"),
]
ColumnName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", description="the column to add")]

M = TypeVar("M")


class NoModelError(ValueError):
    """The bytes are no model. The message says what they are instead."""


@dataclass(frozen=True)
class Kind:
    """A kind of model."""

    step: str  # that works with it
    command: str  # of gristmill, that makes it
    format: str  # as its file says


def packed(kind: Kind, said: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> bytes:
    """Return the file. Equal models are equal bytes."""
    text = json.dumps(said | {"format": kind.format}, sort_keys=True, ensure_ascii=False).encode()
    file = io.BytesIO()
    named: dict[str, Any] = arrays | {"said": np.frombuffer(text, np.uint8)}
    np.savez(file, **named)
    return file.getvalue()


def unpacked(kind: Kind, data: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return what a file says of its model, and its arrays; NoModelError where it is of no such kind."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as found:
            arrays = {name: found[name] for name in found}
            said = json.loads(arrays.pop("said").tobytes())
    except (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise NoModelError(f"it is not a file that {kind.command} writes ({error})") from error
    if not isinstance(said, dict) or said.get("format") != kind.format:
        raise NoModelError(f"it does not say that its format is {kind.format!r}")
    return said, arrays


def check_pin(model: File, sha256: str | None) -> None:
    """Raise ValueError where the settings say which file the model shall be, and it is another one."""
    if sha256 and model.sha256 not in (None, sha256):
        raise ValueError(
            f"sha256: {model.path} is another file: its sha256 is {model.sha256}. Give the path of that model, or this "
            "sha256 to score all documents anew"
        )


def pinned(model: File, sha256: str | None) -> File:
    """Return the file with the hash that it must have: what was planned, else what the settings say."""
    return File(model.path, model.sha256 or sha256)


@functools.cache
def loaded(kind: Kind, file: File, parse: Callable[[bytes], M]) -> M:
    """Read a model, once a process; Refusal where its file cannot be read, or is not the one that was planned."""
    data = file.read(kind.step)
    try:
        return parse(data)
    except NoModelError as error:
        raise Refusal(
            f"{kind.step}: {file.path} is no model: {error}. Make one with gristmill {kind.command}."
        ) from error
