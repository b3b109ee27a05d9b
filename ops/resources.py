"""Files that steps name: models, lists. How they are read is for the runner to say; without one, local files are."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from ops.contract import Refusal

Read = Callable[[str], bytes]
# From the path that a job file says: where every worker finds the file, and what it holds; ValueError where it cannot
# be read. A runner gives it as `planned` in the context of validation.
Planned = Callable[[str], tuple[str, bytes]]


def _read_local(path: str) -> bytes:
    return Path(path).read_bytes()


_readers: list[Read] = [_read_local]  # the last one counts


def read_by(reader: Read) -> None:
    """Have files read so in this process: the runner can read what its storage can, `s3://` too."""
    _readers[:] = [_read_local, reader]


def read(path: str) -> bytes:
    """Return a file's bytes; raise FileNotFoundError where there is none."""
    return _readers[-1](path)


@dataclass(frozen=True)
class File:
    """A file that a setting names by its path or URL, and the hash of what it held when the job was planned.

    In a job file it is the path alone. Settings are stored with the hash alone: another content is another setting,
    the same content elsewhere is not.
    """

    path: str
    sha256: str | None = None  # None: nothing is planned, any content will do

    @classmethod
    def check(cls, data: bytes) -> None:
        """Raise ValueError where a file that holds this cannot be what the setting asks for."""
        if not data:
            raise ValueError("the file is empty")

    def read(self, step: str) -> bytes:
        """Return what the file holds; Refusal where that is not what was planned. For workers, once a process."""
        try:
            data = read(self.path)
        except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
            raise Refusal(
                f"{step}: a worker cannot read {self.path}: {error}. Put the file where all nodes can read it, such as "
                "s3://."
            ) from error
        found = hashlib.sha256(data).hexdigest()
        if self.sha256 not in (None, found):
            raise Refusal(
                f"{step}: {self.path} is another file than the job was planned with: its sha256 is {found}, expected "
                f"{self.sha256}. Start the job again to work by this file, or put the other one back."
            )
        return data

    @classmethod
    def _named(cls, given: object, info: ValidationInfo) -> Self:
        """Make it of what a job file says; a runner reads what is there."""
        if isinstance(given, cls):
            return given
        if not isinstance(given, str) or not given:
            raise ValueError(f"should be the path or URL of a file; it is {given!r}")
        planned: Planned | None = (info.context or {}).get("planned")
        if planned is None:
            return cls(given)
        path, data = planned(given)
        try:
            cls.check(data)
        except ValueError as error:
            raise ValueError(f"{given}: {error}") from error
        return cls(path, hashlib.sha256(data).hexdigest())

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        stored = core_schema.plain_serializer_function_ser_schema(lambda file: file.sha256)
        return core_schema.with_info_plain_validator_function(cls._named, serialization=stored)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "description": "path or URL of a file"}
