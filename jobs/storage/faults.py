"""Faults of storage, told so that a user can put them right."""

import contextlib
import errno
from collections.abc import Iterator

from jobs.errors import JobError


@contextlib.contextmanager
def explained(place: str, doing: str) -> Iterator[None]:
    """Turn storage errors that a user can put right into a `JobError` that names the place."""
    try:
        yield
    except PermissionError as error:
        raise JobError(
            f"cannot {doing} {place}: permission denied ({_told(error)}). Check its owner, mode or keys."
        ) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise JobError(disk_full(place)) from error
        raise JobError(
            f"cannot {doing} {place}: {_told(error)}. Check the path, the network and the credentials."
        ) from error
    except (ImportError, ValueError) as error:
        raise JobError(f"cannot {doing} {place}: {error}. Check the path.") from error
    except Exception as error:
        if type(error).__module__.startswith(("botocore", "aiobotocore")):
            raise JobError(f"cannot {doing} {place}: {error}. Check AWS_ENDPOINT_URL and the AWS keys.") from error
        raise


def _told(error: OSError) -> str:
    """Say what a store said: s3fs gives its words alone, which are none on Ceph; the error below has the code too."""
    return str(error.__cause__ or error)


def disk_full(place: str) -> str:
    """Say that a disk is full and what to do."""
    return f"no space left at {place}. Nothing committed is lost: free space, then run the same command again."
