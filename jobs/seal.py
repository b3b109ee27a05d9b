"""A seal: `checksums.txt`, the sha256 of every other file of a release, and a signature of it if one is asked for.

Written last, in the form that `sha256sum --check` reads. Its own last line is a comment with the sha256 of those above,
so that a change of it is told from a change of a file.
"""

import hashlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_pem_public_key,
    load_ssh_private_key,
    load_ssh_public_key,
)

from jobs.errors import JobError
from jobs.release import folder_of, read_manifest
from jobs.storage import Storage, explained, read_url

CHECKSUMS = "checksums.txt"
SIGNATURE = f"{CHECKSUMS}.sig"

_OWN = "# sha256 of the lines above: "
_CHUNK_BYTES = 4 * 1024 * 1024

# sha256 takes some 1.5 GB/s of one core, and a store gives that to several readers only.
_FILES_AT_ONCE = 8


def signing_key(path: str) -> Ed25519PrivateKey:
    """Read an Ed25519 private key without a passphrase, as `openssl genpkey` or `ssh-keygen` write it."""
    raw = _key_bytes(path)
    try:
        key = load_ssh_private_key(raw, None) if b"OPENSSH" in raw[:40] else load_pem_private_key(raw, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _no_key(path, "private", error) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _no_key(path, "private", f"it is of another kind ({type(key).__name__})")
    return key


def public_key(path: str) -> Ed25519PublicKey:
    """Read an Ed25519 public key, as `openssl pkey -pubout` or `ssh-keygen` write it."""
    raw = _key_bytes(path)
    try:
        key = load_ssh_public_key(raw) if raw.startswith(b"ssh-") else load_pem_public_key(raw)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _no_key(path, "public", error) from error
    if not isinstance(key, Ed25519PublicKey):
        raise _no_key(path, "public", f"it is of another kind ({type(key).__name__})")
    return key


def seal(storage: Storage, number: int, key: Ed25519PrivateKey | None) -> None:
    """Write a release's checksums unless they are there, and their signature where there is a key."""
    folder = folder_of(number)
    manifest = read_manifest(storage, number)
    known = {file["path"]: file["sha256"] for file in (*manifest["files"], *manifest.get("other_files", ()))}
    names = [name for name in names_in(storage, folder) if name not in (CHECKSUMS, SIGNATURE)]
    others = [name for name in names if name not in known]
    known |= dict(zip(others, sha256_of(storage, [f"{folder}/{name}" for name in others]), strict=True))
    storage.create(f"{folder}/{CHECKSUMS}", checksums({name: known[name] for name in names}))
    if key is not None:
        # What lies there is signed, which an earlier run may have written.
        storage.create(f"{folder}/{SIGNATURE}", key.sign(storage.read(f"{folder}/{CHECKSUMS}")))


def names_in(storage: Storage, folder: str) -> list[str]:
    """Names of the files below a folder, as from there."""
    prefix = f"{folder}/" if folder else ""
    return [entry.key.removeprefix(prefix) for entry in storage.list(folder)]


def checksums(sha256: dict[str, str]) -> bytes:
    """Write checksums, a file a line, in order of name.

    >>> print(checksums({"data/part-00000.parquet": "ab12"}).decode().splitlines()[0])
    ab12  data/part-00000.parquet
    """
    lines = "".join(f"{sha256[name]}  {name}\n" for name in sorted(sha256))
    return f"{lines}{_OWN}{hashlib.sha256(lines.encode()).hexdigest()}\n".encode()


def told_checksums(written: bytes) -> dict[str, str] | None:
    """Read checksums; None where they are not as they were written."""
    try:
        lines, own, _ = written.decode().rpartition(_OWN)
        sha256 = {name: told for told, name in (line.split("  ", 1) for line in lines.splitlines())}
    except ValueError:
        return None
    return sha256 if own and checksums(sha256) == written else None


def is_signed(written: bytes, signature: bytes, key: Ed25519PublicKey) -> bool:
    """Say whether the holder of the key has signed this."""
    try:
        key.verify(signature, written)
    except InvalidSignature:
        return False
    return True


def sha256_of(storage: Storage, keys: Iterable[str]) -> Iterator[str | None]:
    """Hash files, several at once, in order; None where a file is not there."""

    def one(key: str) -> str | None:
        hashed = hashlib.sha256()
        try:
            with storage.open(key) as file:
                while chunk := file.read_buffer(_CHUNK_BYTES):
                    hashed.update(chunk)
        except FileNotFoundError:
            return None
        return hashed.hexdigest()

    waiting = iter(keys)
    with ThreadPoolExecutor(_FILES_AT_ONCE) as threads:
        # Not all at once: who stops at the first wrong file should not wait for the others.
        begun = [threads.submit(one, key) for key in islice(waiting, _FILES_AT_ONCE)]
        while begun:
            found = begun.pop(0).result()
            begun += [threads.submit(one, key) for key in islice(waiting, 1)]
            yield found


def _key_bytes(path: str) -> bytes:
    with explained(path, "read the key"):
        return read_url(path)


def _no_key(path: str, kind: str, why: object) -> JobError:
    return JobError(
        f"{path} is not an Ed25519 {kind} key that can be used: {why}. Make a pair with "
        "`ssh-keygen -t ed25519 -N '' -f KEY`: KEY signs, KEY.pub verifies."
    )
