"""manage.py check_tutorials [COURSE ...] [--folder FOLDER]: looks at what is published and runs it, or a folder."""

from __future__ import annotations

from asyncio import run
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from courses import editions
from courses.models import Course
from sandbox.faults import SandboxError
from tutorial.publishing import check
from tutorial.sources import EditionFiles, NoFolder, read_folder


class Command(BaseCommand):
    help = "Runs the code of published tutorials and the solutions of exercises. The site must be running."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("course", nargs="*", help="the address of a course; without one, all that show something")
        parser.add_argument("--folder", type=Path, help="a folder on this machine instead")

    def handle(self, *args: Any, **options: Any) -> None:
        faults = 0
        for name, files, environment in sources(options["course"], options["folder"]):
            try:
                found = run(check(files, name, environment=environment))
            except SandboxError as fault:
                raise CommandError(_("Nothing can be run: %(why)s. Is ivle running?") % {"why": fault}) from fault
            for one in found:
                self.stderr.write(f"{name}/{one.file}:{one.line}: {one.reason}")
            faults += len(found)
            self.stdout.write(_("%(name)s: %(count)d to mend") % {"name": name, "count": len(found)})
        if faults:
            raise CommandError(_("%(count)d to mend.") % {"count": faults})


def sources(slugs: list[str], folder: Path | None) -> list[tuple[str, Mapping[str, bytes], str]]:
    """Name, files, and the environment that they are for, "" for the standard one."""
    if folder is not None:
        try:
            return [(folder.name, read_folder(folder), "")]
        except NoFolder as fault:
            raise CommandError(str(fault)) from None
    found: list[tuple[str, Mapping[str, bytes], str]] = []
    for slug in slugs or Course.objects.values_list("slug", flat=True):
        course = Course.objects.filter(slug=slug).first()
        if course is None:
            raise CommandError(_("There is no course %(slug)s.") % {"slug": slug})
        edition = editions.shown(course)
        if edition:
            found.append((slug, EditionFiles(edition), course.environment))
    return found
