"""The demo class: four people whose password everybody knows, with programs to run, in the sample course. For `up`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Permission
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from courses import editions
from courses.models import Course, Edition, Membership, Role, Term
from files.homes import make_home
from files.publishing import publish
from ivle.data_folder import DEMO_MARK
from ivle.sample import sample_files

DEMO_PEOPLE: Final = {
    "student": "Sam Student",
    "classmate": "Kim Classmate",
    "lecturer": "Lee Lecturer",
    "admin": "Alex Admin",
}
DEMO_PASSWORD: Final = "ivle"  # noqa: S105
DEMO_COURSE: Final = "python"
DEMO_PUBLIC: Final = "public"
DEMO_FOLDER: Final = "python-course"  # in the lecturer's home; in python/ is what they try as students do
DEMO_ROLES: Final = {"student": Role.STUDENT, "classmate": Role.STUDENT, "lecturer": Role.LECTURER}
DEMO_FILES: Final = {
    "hello.py": _("prints, and that is the whole page"),
    "index.py": _("says that it is HTML, and lists what is in its folder"),
    "form.py": _("asks for a name and greets"),
}


def make_demo(data: Path, jail_uid: int) -> None:
    """Adds whoever and whatever is missing, and marks the data folder as a demo's. Of a new home one folder is
    published: in the rest is what somebody hands in, or what a lecturer writes."""
    (data / DEMO_MARK).touch()
    folder = Path(__file__).parent / "demo_files"
    files = {name: (folder / name).read_bytes() for name in DEMO_FILES}
    files |= {f"{DEMO_PUBLIC}/{name}": files[name] for name in DEMO_FILES}
    password = make_password(DEMO_PASSWORD)  # once: it is made to be slow
    present = {person.username: person for person in Person.objects.filter(username__in=DEMO_PEOPLE)}
    course = {f"{DEMO_FOLDER}/{name}": content for name, content in sample_files().items()}
    for username, name in DEMO_PEOPLE.items():
        person = present.get(username) or make_person(username, name, password)
        teaches = DEMO_ROLES.get(username) == Role.LECTURER
        if make_home(data / "homes", username, jail_uid, {**files, **course} if teaches else files):
            publish(person, (DEMO_PUBLIC.encode(),), data / "homes")
    make_course()


def make_course() -> None:
    """The demo's, in a term that is the year in which it is made; with its people and what they learn from, once."""
    course = Course.objects.filter(slug=DEMO_COURSE).first() or add_course()
    if not Edition.objects.filter(course=course).exists() and course.made_by:
        editions.add(course, sample_files(), course.made_by)


def add_course() -> Course:
    year = timezone.localdate().year
    days = {"starts": date(year, 1, 1), "ends": date(year, 12, 31)}
    term, _is_new = Term.objects.get_or_create(name=str(year), defaults=days)
    people = {person.username: person for person in Person.objects.filter(username__in=DEMO_ROLES)}
    lecturer = people["lecturer"]
    lecturer.user_permissions.add(Permission.objects.get(content_type__app_label="courses", codename="add_course"))
    course = Course.objects.create(slug=DEMO_COURSE, title="Python for everybody", term=term, made_by=lecturer)
    for username, role in DEMO_ROLES.items():
        folder = DEMO_FOLDER if role == Role.LECTURER else ""
        Membership.objects.create(course=course, person=people[username], role=role, folder=folder)
    return course


def make_person(username: str, name: str, password: str) -> Person:
    return Person.objects.create(
        username=username,
        password=password,
        name=name,
        is_staff=username in ("lecturer", "admin"),
        is_superuser=username == "admin",
    )
