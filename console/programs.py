"""What a person may start in a console, and the job that it is. Called by starting.py, and again for a restart."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from files import quota
from files.asked_environment import asked_environment
from files.lookup import NotThere, find
from files.opener import open_home
from files.paths import BadPath, split_path
from sandbox.environments import STANDARD
from sandbox.job import Job

# What runs at the prompt: the guest, the zygote it is forked from, and what people call it.
PROGRAMS: Final = {
    "python": ("repl", "python", "Python"),
    "ipython": ("ipython", "ipython", "IPython"),
    "bash": ("bash", "python", gettext_lazy("Shell")),
}
WITH_SETUP: Final = "-s"  # as guest/script.py has it
ABOUT_MAX_BYTES: Final = 1536  # of the 2 KiB that the supervisor keeps; the rest is for the policy's notes
ENVIRON: Final = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}


class BadStart(Exception):
    """Its text is a sentence for the person who wanted to start something."""


@dataclass(frozen=True)
class Program:
    """`kind` alone is a prompt; with a `file` it runs that, and `prompt` says whether the prompt follows. A file
    `setup` runs first, among the same names."""

    kind: str = "python"
    file: str = ""  # path in the owner's home, as a person types it; undecodable bytes as surrogates
    arguments: tuple[str, ...] = ()
    prompt: bool = False
    setup: str = ""  # as `file`
    environment: str = ""  # what it runs in, unless its file asks for another

    @classmethod
    def read(
        cls, kind: str, file: str = "", arguments: str = "", after: str = "", setup: str = "", environment: str = ""
    ) -> Self:
        """From what a form or a request says. Raises BadStart."""
        if kind not in PROGRAMS:
            raise BadStart(_("There is Python, IPython and the shell to start; not %(kind)s.") % {"kind": kind[:40]})
        if file and kind == "bash":
            raise BadStart(_("Files are run by Python or IPython. In the shell, type the file’s name."))
        try:
            split = tuple(shlex.split(arguments))
        except ValueError:
            raise BadStart(_("The arguments have a quotation mark without its partner.")) from None
        if setup and (not file or kind != "python" or after == "prompt"):
            raise BadStart(_("A file that runs first is for a file that Python runs without a prompt after it."))
        if "\0" in file + arguments + setup:
            raise BadStart(_("A file name and arguments cannot have a NUL in them."))
        if environment and not settings.ENVIRONMENTS.has(environment):
            raise BadStart(no_environment(environment))
        program = cls(kind, file, split, prompt=after == "prompt", setup=setup, environment=environment)
        if len(json.dumps(program.about())) > ABOUT_MAX_BYTES:
            raise BadStart(_("The file’s path and the arguments are too long."))
        return program

    @classmethod
    def recall(cls, about: Mapping[str, Any]) -> Self:
        """From the notes that a session carries."""
        return cls(
            about["kind"],
            about["file"],
            tuple(about["arguments"]),
            about["prompt"],
            about.get("setup", ""),
            about.get("environment", ""),
        )

    def about(self) -> dict[str, Any]:
        return {**vars(self), "arguments": list(self.arguments)}

    @property
    def title(self) -> str:
        """What it is called in lists: the file's name, or the program's."""
        return readable(self.file.rstrip("/").rpartition("/")[2]) if self.file else str(PROGRAMS[self.kind][2])

    def job(self, owner: str) -> Job:
        """Raises BadStart where the owner has no such file."""
        entry, runtime, _name = PROGRAMS[self.kind]
        home = f"/home/{owner}"
        argv: tuple[str, ...] = ()
        directory = home
        environment = self.environment
        if self.file:
            found, asked = find_file(owner, self.file)
            environment = asked or environment
            path = f"{home}/{found}"
            argv = (path, *self.arguments)
            directory = path.rpartition("/")[0]
            if self.prompt:
                argv = ("-i", *argv)
            elif self.kind == "python":
                entry = "script"
                if self.setup:
                    argv = (WITH_SETUP, f"{home}/{find_file(owner, self.setup)[0]}", *argv)
        if environment and not settings.ENVIRONMENTS.has(environment):
            raise BadStart(no_environment(environment))
        limits = settings.CONSOLE_LIMITS
        bounds = quota.bounds_of_program(owner, limits.file_bytes)
        return Job(
            owner,
            argv,
            directory,
            limits,
            ENVIRON,
            entry,
            runtime,
            environment or STANDARD,
            file_bytes=bounds.file_bytes,
            notice=bounds.notice,
        )


def find_file(owner: str, file: str) -> tuple[str, str]:
    """The path in the home of a regular file that is in there, and the environment it asks for. Raises BadStart."""
    missing = BadStart(_("There is no file %(file)s in your folder.") % {"file": readable(file)})
    try:
        parts = split_path(os.fsencode(file))
        home = open_home(settings.IVLE_HOMES, owner)
    except (BadPath, OSError, UnicodeError):
        raise missing from None
    try:
        with find(home, parts) as found:
            if found.is_folder:
                raise BadStart(_("%(file)s is a folder. A console runs a file.") % {"file": readable(file)})
            if found.rest:
                raise missing
            return os.fsdecode(b"/".join(found.parts)), asked_environment(found.place)
    except NotThere:
        raise missing from None
    finally:
        os.close(home)


def no_environment(name: str) -> str:
    """For a person: there is none of this name."""
    there = ", ".join(settings.ENVIRONMENTS.names())
    return _("There is no environment “%(name)s” here. There are: %(there)s.") % {
        "name": readable(name),
        "there": there,
    }


def readable(text: str) -> str:
    """Without the surrogates that stand for bytes of no character."""
    return re.sub("[\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", text)
