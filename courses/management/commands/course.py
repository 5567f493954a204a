"""manage.py course ...: terms and courses for an administrator who has a shell: list, make, add, remove, allow."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.models import Permission
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from accounts.models import Person
from courses import editions, people
from courses.faults import CourseFault
from courses.making import make_course, make_term
from courses.models import Course, Role, Term


class Command(BaseCommand):
    help = "Lists and makes terms and courses, and says who is in a course as what."

    def add_arguments(self, parser: CommandParser) -> None:
        doing = parser.add_subparsers(dest="doing", required=True, metavar="DOING")
        doing.add_parser("list", help="all courses, one line each")
        term = doing.add_parser("term", help="make a term")
        term.add_argument("name")
        term.add_argument("starts", type=date.fromisoformat, help="first day, as 2027-03-01")
        term.add_argument("ends", type=date.fromisoformat, help="last day")
        make = doing.add_parser("make", help="make a course")
        make.add_argument("lecturer", help="login name of its lecturer")
        make.add_argument("term", help="name of a term that there is")
        make.add_argument("title")
        make.add_argument("--slug", default="", help="its address; made of the title where it is not given")
        add = doing.add_parser("add", help="put somebody in a course, or give them another role")
        add.add_argument("course")
        add.add_argument("login")
        add.add_argument("role", nargs="?", choices=Role.values, default=Role.STUDENT.value)
        remove = doing.add_parser("remove", help="take somebody out of a course")
        remove.add_argument("course")
        remove.add_argument("login")
        for name, words in (("close", "a course is over: it can be read"), ("open", "it goes on")):
            doing.add_parser(name, help=words).add_argument("course")
        allow = doing.add_parser("allow", help="let somebody make courses")
        allow.add_argument("login")
        allow.add_argument("--off", action="store_true", help="no longer")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"on_{options['doing']}")(options)
        except CourseFault as fault:
            raise CommandError(str(fault)) from None

    def on_list(self, options: dict[str, Any]) -> None:
        for course in Course.objects.select_related("term"):
            roles = list(course.memberships.values_list("role", flat=True))
            edition = editions.shown(course)
            state = _("open") if course.is_open else _("over")
            shown = f"#{edition.number}" if edition else "-"
            students = roles.count(Role.STUDENT)
            self.stdout.write(
                f"{course.slug}  {course.term}  {state}  {students}/{len(roles)}  {shown}  {course.title}"
            )

    def on_term(self, options: dict[str, Any]) -> None:
        term = make_term(options["name"], options["starts"], options["ends"])
        self.stdout.write(f"{term.name}  {term.starts}  {term.ends}")

    def on_make(self, options: dict[str, Any]) -> None:
        term = Term.objects.filter(name=options["term"]).first()
        if term is None:
            raise CommandError(_("There is no term %(term)s. Make it first: manage.py course term") % options)
        course = make_course(self.person(options["lecturer"]), options["title"], term, options["slug"])
        self.stdout.write(course.get_absolute_url())

    def on_add(self, options: dict[str, Any]) -> None:
        course, role = self.course(options), Role(options["role"])
        login = self.person(options["login"]).username
        if course.memberships.filter(person__username=login).exists():
            people.change_role(course, login, role, None)
        else:
            people.add(course, login, role, None)
        self.stdout.write(_("%(login)s is in %(course)s now, as %(role)s.") % options)

    def on_remove(self, options: dict[str, Any]) -> None:
        people.remove(self.course(options), options["login"], None)
        self.stdout.write(_("%(login)s is not in %(course)s any more.") % options)

    def on_close(self, options: dict[str, Any]) -> None:
        self.change(options, is_open=False)

    def on_open(self, options: dict[str, Any]) -> None:
        self.change(options, is_open=True)

    def change(self, options: dict[str, Any], *, is_open: bool) -> None:
        course = self.course(options)
        course.is_open = is_open
        course.save(update_fields=["is_open"])
        self.stdout.write((_("%(course)s is open.") if is_open else _("%(course)s is over.")) % options)

    def on_allow(self, options: dict[str, Any]) -> None:
        person = self.person(options["login"])
        permission = Permission.objects.get(content_type__app_label="courses", codename="add_course")
        if options["off"]:
            person.user_permissions.remove(permission)
            self.stdout.write(_("%(login)s makes no courses any more.") % options)
        else:
            person.user_permissions.add(permission)
            self.stdout.write(_("%(login)s may make courses.") % options)

    def course(self, options: dict[str, Any]) -> Course:
        """Raises CommandError."""
        course = Course.objects.filter(slug=options["course"]).first()
        if course is None:
            raise CommandError(_("There is no course %(course)s.") % options)
        return course

    def person(self, login: str) -> Person:
        """Raises CommandError."""
        person = Person.objects.filter(username=login).first()
        if person is None:
            raise CommandError(_("There is nobody with the login name %(login)s.") % {"login": login})
        return person
