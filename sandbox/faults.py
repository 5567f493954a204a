"""Our own failures. Student code can cause none of them, and none costs a student an attempt."""

from __future__ import annotations


class SandboxError(Exception):
    """The supervisor, a zygote or the connection failed; the run is over and everything in its jail is dead."""


class SandboxBusy(SandboxError):
    """The queue is full. `retry_after_seconds` is when it is worth trying again."""

    def __init__(self, message: str, retry_after_seconds: int) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class SandboxUnavailable(SandboxError):
    """This machine cannot isolate, so no code runs. The message says what is missing and how to mend it."""


class SandboxRefused(SandboxError):
    """The request itself was wrong: an owner without a home, a malformed job."""


class SessionGone(SandboxError):
    """There is no such console, or no longer."""
