"""Files of trained models: arrays and JSON in an .npz, of which nothing is unpickled; read only if it is that file."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from ops import resources
from ops.contract import Refusal

# Settings of ops that work with a model.
ModelPath = Annotated[str, Field(min_length=1, description="path or URL of the model's file")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="of that file; training prints it")]
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


def loaded(kind: Kind, path: str, sha256: str, parse: Callable[[bytes], M]) -> M:
    """Read a model that is at a path; Refusal where no file can be read, or it is another one."""
    try:
        data = resources.read(path)
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise Refusal(
            f"{kind.step}: a worker cannot read the model {path}: {error}. Put the file where all nodes can read it, "
            "such as s3://."
        ) from error
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise Refusal(
            f"{kind.step}: {path} is another file than the job says: its sha256 is {found}, expected {sha256}. Give "
            "the path of that model, or this sha256 to score all documents anew."
        )
    try:
        return parse(data)
    except NoModelError as error:
        raise Refusal(f"{kind.step}: {path} is no model: {error}. Make one with gristmill {kind.command}.") from error
