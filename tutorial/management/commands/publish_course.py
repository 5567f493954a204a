"""manage.py publish_course COURSE FOLDER|ZIP [--by LOGIN]: publishes what is on this machine, after the checks."""

from __future__ import annotations

from asyncio import run
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from accounts.models import Person
from courses import access
from courses.editions import BadEdition
from courses.models import Course, Role
from sandbox.faults import SandboxError
from tutorial.publishing import NotPublished, publish
from tutorial.sources import NoFolder, read_folder
from tutorial.zips import read_zip


class Command(BaseCommand):
    help = "Publishes a course out of a folder or a zip. The site must be running."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("course", help="its address")
        parser.add_argument("source", type=Path, help="a folder, or a zip")
        parser.add_argument("--by", help="login name of a lecturer of it; without it, the first there is")

    def handle(self, *args: Any, **options: Any) -> None:
        course = Course.objects.filter(slug=options["course"]).first()
        if course is None:
            raise CommandError(_("There is no course %(course)s.") % options)
        lecturer = lecturer_of(course, options["by"])
        try:
            edition = run(publish(course, read(options["source"]), lecturer))
        except NotPublished as fault:
            for one in fault.faults:
                self.stderr.write(f"{one.file}:{one.line}: {one.reason}")
            raise CommandError(_("Nothing was published: %(count)d to mend.") % {"count": len(fault.faults)}) from None
        except (NoFolder, BadEdition) as fault:
            raise CommandError(str(fault)) from None
        except SandboxError as fault:
            raise CommandError(_("Nothing can be run: %(why)s. Is ivle running?") % {"why": fault}) from fault
        self.stdout.write(
            _("Published: edition %(number)d of %(slug)s.") % {"number": edition.number, "slug": course.slug}
        )


def read(source: Path) -> Mapping[str, bytes]:
    """Raises NoFolder and BadEdition."""
    return read_zip(source.read_bytes()) if source.is_file() else read_folder(source)


def lecturer_of(course: Course, login: str | None) -> Person:
    """Raises CommandError."""
    if login is not None:
        person = Person.objects.filter(username=login).first()
        if person is None or not access.may_edit(person, course):
            raise CommandError(_("%(login)s is no lecturer of this course.") % {"login": login})
        return person
    found = Person.objects.filter(memberships__course=course, memberships__role=Role.LECTURER).first()
    if found is None:
        raise CommandError(_("This course has no lecturer. Say who publishes: --by LOGIN"))
    return found
