"""A shell. The entry "bash" of a job, in the jail."""

from __future__ import annotations

import os
import resource
import signal
import sys

from guest import history, screen

BASH, SHELL = "/bin/bash", "/bin/sh"
HISTORY = "bash_history"
ROOM_BYTES = 1024 * 1024  # less than that has a person whose folder is full
PROMPT = r"\[\e[1m\]\w\[\e[0m\]$ "
# Instead of the machine's own profile. The person's ~/.bashrc comes last and may change all of it.
SET_UP = f"""\
PS1='{PROMPT}'
HISTCONTROL=ignoreboth
HISTSIZE=2000
HISTFILESIZE=2000
shopt -s histappend checkwinsize
PROMPT_COMMAND='history -a'
alias ls='ls --color=auto' ll='ls -lh' grep='grep --color=auto'
[ -r ~/.bashrc ] && . ~/.bashrc
"""


def run(argv: list[str]) -> int:
    """Only comes back where the machine has no shell at all."""
    os.environ.setdefault("TERM", screen.TERM)
    os.environ["SHELL"] = BASH if os.path.exists(BASH) else SHELL
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python's own choice is not for the programs of a shell
    if resource.getrlimit(resource.RLIMIT_FSIZE)[0] > ROOM_BYTES:  # else the shell itself would die of its first line
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    os.environ.setdefault("HISTFILE", os.path.join(history.folder(), HISTORY))
    for program, arguments in ((BASH, [*set_up(), "-i", *argv]), (SHELL, ["-i", *argv])):
        try:
            os.execv(program, [program, *arguments])  # noqa: S606
        except OSError:
            continue
    print("There is no shell on this machine; a Python console has os and subprocess.", file=sys.stderr)
    return 127


def rehearse() -> None:
    """Another program takes over: nothing can be done beforehand."""


def set_up() -> list[str]:
    """bash reads a file's name only. Where /tmp is full it starts plain."""
    path = f"/tmp/.bashrc-{os.getpid()}"  # noqa: S108
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{SET_UP}rm -f {path}\n")
    except OSError:
        return ["--norc", "--noprofile"]
    return ["--noprofile", "--rcfile", path]
