"""Files that settings name: by content, not by path; read as planned, or refused."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from ops.contract import Refusal
from ops.lists import ListFile
from ops.resources import File


class Settings(BaseModel):
    one: File
    lists: dict[str, tuple[ListFile, ...]] = {}


def context(**files: bytes) -> dict[str, Any]:
    return {"planned": lambda path: (f"/abs/{path}", files[path])}


def test_a_planned_file_is_stored_by_its_content_alone() -> None:
    said = {"one": "model", "lists": {"en": ["words", "words"]}}
    made = Settings.model_validate(said, context=context(model=b"m", words=b"w"))
    sha256 = hashlib.sha256(b"m").hexdigest()
    assert made.one == File("/abs/model", sha256)
    words = hashlib.sha256(b"w").hexdigest()
    assert made.model_dump(mode="json") == {"one": sha256, "lists": {"en": [words, words]}}
    assert isinstance(made.lists["en"][0], ListFile)


def test_without_a_runner_any_content_will_do(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    made = Settings(one=str(tmp_path / "a"))  # type: ignore[arg-type]
    assert made.one.sha256 is None
    assert made.one.read("step") == b"x"
    assert Settings(one=made.one) == made


@pytest.mark.parametrize("said", ["", 3, None, {"path": "a"}, ["a"]])
def test_a_job_file_names_a_path(said: object) -> None:
    with pytest.raises(ValidationError, match="path or URL of a file"):
        Settings(one=said)  # type: ignore[arg-type]


def test_its_schema_is_a_path() -> None:
    assert Settings.model_json_schema()["properties"]["one"] == {
        "title": "One", "type": "string", "minLength": 1, "description": "path or URL of a file",
    }  # fmt: skip


def test_what_is_wrong_with_a_file_is_told_by_its_path() -> None:
    with pytest.raises(ValidationError, match="model: the file is empty"):
        Settings.model_validate({"one": "model"}, context=context(model=b""))


def test_another_content_than_planned_is_refused(tmp_path: Path) -> None:
    file = File(str(tmp_path / "a"), hashlib.sha256(b"before").hexdigest())
    (tmp_path / "a").write_bytes(b"before")
    assert file.read("step") == b"before"
    (tmp_path / "a").write_bytes(b"after")
    with pytest.raises(Refusal, match=r"step: .*a is another file than the job was planned with"):
        file.read("step")


def test_a_file_that_went_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="step: a worker cannot read"):
        File(str(tmp_path / "a")).read("step")
