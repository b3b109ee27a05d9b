"""Profile files: stop words and limits of a language, in TOML files that a job names. Its steps take them as settings.

So stages are named by what the files say, not by where they lie.
"""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from jobs.errors import JobError
from jobs.jobfile.mistakes import mistakes, toml_of
from jobs.storage import explained, read_url
from ops.filters.c4 import C4Limits
from ops.filters.fineweb import LineLimits
from ops.filters.gopher import QualityLimits
from ops.filters.profiles import Profile, conflicts
from ops.filters.repetition import RepetitionLimits
from ops.filters.rules import PROFILES, ProfileName


class ProfileFile(Profile):
    """A profile with its limits for each judge; what it leaves out is as in `en`."""

    name: ProfileName
    gopher_quality: QualityLimits = QualityLimits()
    gopher_repetition: RepetitionLimits = RepetitionLimits()
    fineweb_quality: LineLimits = LineLimits()
    c4: C4Limits = C4Limits()

    @property
    def profile(self) -> dict[str, Any]:
        """What `quality_signals` must know of it: what the file says of that."""
        return self.model_dump(include=set(Profile.model_fields), exclude_unset=True)


_JUDGES = ("gopher_quality", "gopher_repetition", "fineweb_quality", "c4")


def read_profiles(paths: object) -> tuple[list[ProfileFile], list[str]]:
    """Read what a job says as `profiles`: those that are valid, and the mistakes in the others."""
    found: dict[str, tuple[str, ProfileFile]] = {}
    wrong = []
    for path in paths if isinstance(paths, list) else []:  # anything else is told of with the job
        try:
            file = _read(str(path))
        except JobError as error:
            wrong += str(error).splitlines()
            continue
        other, _ = found.setdefault(file.name, (str(path), file))
        if other != path:
            wrong.append(f"{path}: name: {file.name!r} is the name of {other} too; names must differ")
    together = list(conflicts({name: file for name, (_, file) in found.items()}))
    wrong += [f"{found[name][0]}: {told}" for name, told in together]
    return [file for name, (_, file) in found.items() if name not in dict(together)], wrong


def _read(path: str) -> ProfileFile:
    with explained(path, "read the profile"):
        text = read_url(path)
    try:
        return ProfileFile.model_validate(toml_of(text, path))
    except ValidationError as error:
        raise JobError("\n".join(f"{path}: {line}" for line in mistakes(error, ProfileFile))) from error


def with_profiles(raw: dict[str, Any], profiles: Sequence[ProfileFile]) -> dict[str, Any]:
    """Put profiles into the steps of a parsed job file; what a step says itself stays."""
    steps = raw.get("steps")
    if not profiles or not isinstance(steps, list):
        return raw
    return raw | {
        "steps": [
            _laid_over(_settings(step.get("op"), profiles), step) if isinstance(step, dict) else step for step in steps
        ]
    }


def _settings(op: object, profiles: Sequence[ProfileFile]) -> dict[str, Any]:
    """Return what profiles set of a step."""
    if op == "quality_signals":
        told = {one.name: one.profile for one in profiles}
        return {"profiles": {name: profile for name, profile in told.items() if profile}}
    if op not in _JUDGES:
        return {}
    limits = {one.name: getattr(one, str(op)).model_dump(exclude_unset=True) for one in profiles}
    own = {name: limits.pop(name) for name in PROFILES if name in limits}
    return {**own, "profiles": {name: some for name, some in limits.items() if some}}


def _laid_over(given: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """Lay one table over another, and the tables in it over those of the same name."""
    return given | {
        name: _laid_over(given[name], value) if isinstance(value, dict) and isinstance(given.get(name), dict) else value
        for name, value in said.items()
    }
