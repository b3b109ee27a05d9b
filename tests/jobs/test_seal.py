"""Seals: one changed byte in any file of a release is found and named, and a signature says who sealed it."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import job_of, make_corpus
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from jobs.console import run_and_tell
from jobs.errors import JobError
from jobs.release import folder_of
from jobs.seal import CHECKSUMS, SIGNATURE, checksums, public_key, signing_key, told_checksums
from jobs.storage import open_storage
from jobs.verify import Verified, verify

FORMS = {"pem": PrivateFormat.PKCS8, "openssh": PrivateFormat.OpenSSH}
FILES = [
    "checksums.txt",
    "claim.json",
    "croissant.json",
    "data/part-00000.parquet",
    "provenance.json",
    "release.json",
    "report.html",
    "report.json",
]


def make_keys(folder: Path, form: str = "openssh") -> tuple[Path, Path]:
    """Write a pair of keys as ssh-keygen or openssl would."""
    key = Ed25519PrivateKey.generate()
    private, public = folder / f"{form}.key", folder / f"{form}.pub"
    private.write_bytes(key.private_bytes(Encoding.PEM, FORMS[form], NoEncryption()))
    told = (
        key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        if form == "openssh"
        else key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    public.write_bytes(told)
    return private, public


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of several shards."""
    folder = tmp_path_factory.mktemp("sealed")
    run_and_tell(job_of(make_corpus(folder / "raw"), folder / "target"))
    return folder / "target" / folder_of(1)


@pytest.fixture
def release(sealed: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may spoil."""
    return Path(shutil.copytree(sealed, tmp_path / "release"))


def check(release: Path) -> Verified:
    return verify(open_storage(str(release)))


def refusal(release: Path) -> str:
    with pytest.raises(JobError) as told:
        check(release)
    return str(told.value)


def forge(release: Path) -> None:
    """Write checksums of the files as they are, as somebody who changed one would."""
    names = [file.relative_to(release).as_posix() for file in release.rglob("*") if file.is_file()]
    sha256 = {name: hashlib.sha256((release / name).read_bytes()).hexdigest() for name in names if name != CHECKSUMS}
    (release / CHECKSUMS).write_bytes(checksums(sha256))


def test_a_release_is_as_it_was_sealed(release: Path) -> None:
    found = check(release)
    files = [file for file in release.rglob("*") if file.is_file() and file.name != CHECKSUMS]
    assert (found.files, found.bytes) == (len(files), sum(file.stat().st_size for file in files))
    assert found.rows > 0
    assert not found.is_signed


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("place", [0.0, 0.5, 1.0])
def test_one_changed_byte_is_found_and_named(release: Path, name: str, place: float) -> None:
    raw = bytearray((release / name).read_bytes())
    raw[round(place * (len(raw) - 1))] ^= 1
    (release / name).write_bytes(raw)
    assert f"/{name} is not what was released" in refusal(release)


def test_the_first_wrong_file_is_named(release: Path) -> None:
    for name in ("report.json", "data/part-00001.parquet"):
        with (release / name).open("ab") as file:
            file.write(b"x")
    assert "/data/part-00001.parquet is not" in refusal(release)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(release: Path, name: str) -> None:
    (release / name).unlink()
    assert name in refusal(release)


def test_a_file_that_came_later_is_named(release: Path) -> None:
    (release / "data" / "part-99999.parquet").write_bytes(b"more")
    assert "/data/part-99999.parquet" in refusal(release)


def test_new_checksums_do_not_hide_another_shard(release: Path) -> None:
    shutil.copy(release / "data" / "part-00000.parquet", release / "data" / "part-00001.parquet")
    forge(release)
    assert "/data/part-00001.parquet is not" in refusal(release)


def test_new_checksums_do_not_hide_another_manifest(release: Path) -> None:
    manifest = release / "release.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"real"', b'"unknown"', 1))
    forge(release)
    assert "/release.json is not what was released: its identity" in refusal(release)


def test_what_is_no_release_is_told(tmp_path: Path) -> None:
    assert "is not a release" in refusal(tmp_path)


def test_the_usual_tool_reads_the_checksums(release: Path) -> None:
    command = ["sha256sum", "--check", "--strict", "--quiet", CHECKSUMS]
    assert subprocess.run(command, cwd=release, check=False, timeout=60).returncode == 0
    (release / "report.html").write_text("another")
    assert subprocess.run(command, cwd=release, check=False, timeout=60, capture_output=True).returncode == 1


@pytest.mark.parametrize("form", FORMS)
def test_a_signature_says_who_sealed_it(corpus: Path, tmp_path: Path, form: str) -> None:
    private, public = make_keys(tmp_path, form)
    (tmp_path / "other").mkdir()
    _, other = make_keys(tmp_path / "other", form)
    spec = job_of(corpus, tmp_path / "target")
    signed = spec.model_copy(update={"run": spec.run.model_copy(update={"signing_key": str(private)})})
    run_and_tell(signed)
    storage = open_storage(str(tmp_path / "target" / folder_of(1)))
    assert verify(storage, public_key(str(public))).is_signed
    with pytest.raises(JobError, match="by this key"):
        verify(storage, public_key(str(other)))
    storage.delete(SIGNATURE)
    with pytest.raises(JobError, match="nobody signed this release"):
        verify(storage, public_key(str(public)))
    run_and_tell(signed)  # a release of before is signed by the next run
    assert verify(storage, public_key(str(public))).is_signed


def test_what_is_no_key_is_told(tmp_path: Path) -> None:
    private, public = make_keys(tmp_path)
    for wrong, read in ((public, signing_key), (private, public_key)):
        with pytest.raises(JobError, match="not an Ed25519 p"):
            read(str(wrong))
    with pytest.raises(JobError, match="cannot read the key"):
        signing_key(str(tmp_path / "none"))


def test_checksums_are_read_as_they_were_written() -> None:
    told = {"a b": "12", "data/c": "34"}
    assert told_checksums(checksums(told)) == told
    assert told_checksums(checksums(told).replace(b"a b", b"a c")) is None
    assert told_checksums(b"") is None
    assert told_checksums(b"\xff") is None
