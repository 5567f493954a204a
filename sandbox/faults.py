"""Our own failures. Student code can cause none of them, and none costs a student an attempt."""

from __future__ import annotations


class SandboxError(Exception):
    """The supervisor, a zygote or the connection failed; the run is over and everything in its jail is dead."""


class SandboxBusy(SandboxError):
    """There is no room. `retry_after_seconds` is when it is worth trying again, `ahead` how many wait before this one;
    whoever waits for the machine's memory keeps that place for a while."""

    def __init__(self, message: str, retry_after_seconds: int, ahead: int = 0) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds
        self.ahead = ahead


class OverBudget(SandboxBusy):
    """The owner's own programs use what they may use together. `what` is "memory" (in bytes) or "processes"."""

    def __init__(self, message: str, retry_after_seconds: int, ahead: int, what: str, used: int, most: int) -> None:
        super().__init__(message, retry_after_seconds, ahead)
        self.what = what
        self.used = used
        self.most = most


class MachineShort(SandboxBusy):
    """The machine has no memory for one more program."""


class SandboxUnavailable(SandboxError):
    """This machine cannot isolate, so no code runs. The message says what is missing and how to mend it."""


class SandboxRefused(SandboxError):
    """The request itself was wrong: an owner without a home, a malformed job."""


class SessionGone(SandboxError):
    """There is no such console, or no longer."""


# What an answer of the supervisor is called that tells of one.
FAULTS: dict[str, type[SandboxError]] = {
    "failed": SandboxError,
    "busy": SandboxBusy,
    "over_budget": OverBudget,
    "machine_short": MachineShort,
    "refused": SandboxRefused,
    "unavailable": SandboxUnavailable,
    "gone": SessionGone,
}
