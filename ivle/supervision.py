"""The supervisor as a process of this site: `up` starts it; `python -m ivle.supervision` becomes it, for its own unit.

With --farewell it tells the people in consoles that the supervisor is about to end, and waits until it may.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from typing import Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from ivle import data_folder
from ivle.child import Child
from ivle.farewell import say_farewell
from ivle.priority import prefer

# The supervisor runs what students wrote; it is given nothing that it could leak.
SUPERVISOR_ENVIRON: Final = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}


def supervisor() -> Child:
    choices = {
        "socket": settings.IVLE_SANDBOX_SOCKET,
        "homes": settings.IVLE_HOMES,
        "runtime": settings.IVLE_RUNTIME,
        "runtimes": settings.IVLE_RUNTIMES,
        "uid": settings.IVLE_JAIL_UID,
        "spares": settings.IVLE_SPARE_JAILS,
        "most-running": settings.IVLE_RUNS_AT_ONCE,
        "most-running-of-owner": settings.IVLE_RUNS_AT_ONCE_PER_OWNER,
        "most-waiting": settings.IVLE_RUNS_WAITING,
        "most-waiting-of-owner": settings.IVLE_RUNS_WAITING_PER_OWNER,
        "most-services": settings.IVLE_LANGUAGE_SERVERS_MAX,
        "most-services-of-owner": settings.IVLE_LANGUAGE_SERVERS_PER_OWNER,
        "most-sessions": settings.IVLE_CONSOLES_MAX,
        "most-sessions-of-owner": settings.IVLE_CONSOLES_PER_OWNER,
        "memory-reserve-mb": settings.IVLE_MEMORY_RESERVE_MB,
        "person-shares": settings.IVLE_SHARES_STUDENT,
        "person-memory-mb": settings.IVLE_PERSON_MEMORY_MB,
        "person-processes": settings.IVLE_PERSON_PROCESSES,
        "guest-shares": settings.IVLE_SHARES_GUEST,
    }
    choices["log-format"] = settings.IVLE_LOG_FORMAT
    options = [argument for name, choice in choices.items() for argument in (f"--{name}", str(choice))]
    options += ["--log-ends"] if settings.IVLE_LOG_LEVEL in ("DEBUG", "INFO") else []
    command = [sys.executable, "-m", "sandbox", "serve", *options]
    return Child("sandbox supervisor", command, SUPERVISOR_ENVIRON, settings.ROOT)


def become_it() -> None:
    """Does not return. Nothing of the settings and of the environment is left in the process."""
    os.umask(0o077)
    if not settings.IVLE_DEMO:
        data_folder.refuse_demo(settings.IVLE_DATA)
    data_folder.prepare(settings.IVLE_DATA, settings.IVLE_JAIL_UID)
    child = supervisor()
    command = [*child.command, "--farewell-seconds", str(settings.IVLE_FAREWELL_SECONDS)]  # `up` says it by itself
    prefer(os.getpid())
    os.chdir(child.directory)
    os.execve(command[0], command, dict(child.environ))  # noqa: S606 - no shell is wanted


def main() -> int:
    """Without Django's applications, which take longer to load than a supervisor to start."""
    parser = argparse.ArgumentParser(prog="python -m ivle.supervision")
    parser.add_argument("--farewell", action="store_true", help="tell people that it ends, and wait; end nothing")
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ivle.settings")
    try:
        if not arguments.farewell:
            become_it()
        time.sleep(say_farewell())
    except ImproperlyConfigured as fault:
        print(f"The supervisor cannot start: {fault}", file=sys.stderr)
        return os.EX_CONFIG
    return 0


if __name__ == "__main__":
    sys.exit(main())
