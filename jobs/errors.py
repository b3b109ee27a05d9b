"""The one error type for mistakes that the user can put right."""


class JobError(Exception):
    """A mistake in the job, its input or its target: shown as one message, exit status 1, no traceback.

    The message says what is wrong, where, what was expected, and what to do.
    """
