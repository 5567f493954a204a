"""Making terms and courses, changing what a course's settings say, giving a course again in another term."""

from __future__ import annotations

from datetime import date
from typing import Final, TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import Person
from courses import editions
from courses.addresses import RESERVED_SLUGS
from courses.copying import copying
from courses.faults import CourseFault, Taken
from courses.models import Course, Edition, Membership, Role, Term

SLUG_MAX_CHARACTERS: Final = 48
Kept = TypeVar("Kept", Course, Term)


def make_term(name: str, starts: date, ends: date) -> Term:
    """The one of that name, where there is one with these days. Raises CourseFault."""
    term = Term(name=name.strip(), starts=starts, ends=ends)
    known = Term.objects.filter(name=term.name).first()
    if known is not None:
        if (known.starts, known.ends) != (starts, ends):
            raise Taken(_("There is a term %(name)s already, with other days.") % {"name": known.name})
        return known
    return saved(term)


def make_course(by: Person, title: str, term: Term, slug: str = "") -> Course:
    """With its maker as lecturer. Without a slug it gets one made of its title. Raises CourseFault."""
    if slug in RESERVED_SLUGS:
        raise Taken(_("The site has a page of its own at this address. Choose another."))
    if Course.objects.filter(slug=slug).exists():
        raise Taken(_("Another course has this address. Choose another."))
    with transaction.atomic():
        course = saved(Course(slug=slug or free_slug(title, term), title=title.strip(), term=term, made_by=by))
        Membership.objects.create(course=course, person=by, role=Role.LECTURER)
    return course


def free_slug(title: str, term: Term) -> str:
    """Raises CourseFault where the title does not give one."""
    plain = slugify(title)[:SLUG_MAX_CHARACTERS].strip("-_").replace("_", "-")
    longer = f"{plain[: SLUG_MAX_CHARACTERS // 2]}-{slugify(term.name)}"[:SLUG_MAX_CHARACTERS].strip("-")
    for slug in (plain, longer) if plain else ():
        if slug not in RESERVED_SLUGS and not Course.objects.filter(slug=slug).exists():
            return slug
    raise Taken(_("There is no free address that this title would give. Choose one yourself."))


def copy_course(course: Course, by: Person, term: Term, slug: str = "", title: str = "") -> Course:
    """The same course in another term: its lecturers, what was published last, shown if that is, and the weights of
    its exercises. Nobody else, no code, and no dates, which were of the term before. Raises CourseFault."""
    with transaction.atomic():
        copied = make_course(by, title or course.title, term, slug)
        copied.environment = course.environment
        copied.save(update_fields=["environment"])
        for membership in course.memberships.filter(role=Role.LECTURER):
            Membership.objects.update_or_create(
                course=copied,
                person_id=membership.person_id,
                defaults={"role": Role.LECTURER, "folder": membership.folder or course.slug},
            )
        newest = editions.newest(course)
        files = files_of(newest) if newest else {}
        copying.send(Course, source=course, course=copied, files=files)
        if newest is not None:
            editions.add(copied, files, by, is_shown=newest.is_shown)
    return copied


def files_of(edition: Edition) -> dict[str, bytes]:
    """Raises CourseFault."""
    try:
        return editions.files_of(edition)
    except FileNotFoundError:
        sentence = _("What was published last cannot be found on this machine. Ask your administrator.")
        raise CourseFault(sentence) from None


def change_course(course: Course, title: str, term: Term, *, is_open: bool, environment: str | None = None) -> Course:
    """`environment` "" is the standard one; None leaves what there is. Raises CourseFault."""
    if environment is not None and environment != course.environment:
        if environment and not settings.ENVIRONMENTS.has(environment):
            raise CourseFault(_("There is no environment “%(name)s” here.") % {"name": environment})
        course.environment = environment
    course.title, course.term, course.is_open = title.strip(), term, is_open
    return saved(course)


def saved(kept: Kept) -> Kept:
    """Raises CourseFault with what is wrong with it."""
    try:
        kept.full_clean()
        with transaction.atomic():
            kept.save()
    except ValidationError as error:
        raise CourseFault(" ".join(error.messages)) from None
    except IntegrityError:
        raise Taken(_("There is one with the same name or address already.")) from None
    return kept
