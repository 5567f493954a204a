"""Courses: when they are given, who is in them as what, what was published in them, and who looked at whose things."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

SLUG_PATTERN: Final = r"\A[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?\Z"
TITLE_MAX_CHARACTERS: Final = 120
FOLDER_MAX_CHARACTERS: Final = 12288  # names in a home are bytes: kept percent-encoded, as in files.models
LOOK_PATH_MAX_CHARACTERS: Final = 1000


class Role(models.TextChoices):
    STUDENT = "student", _("student")
    TUTOR = "tutor", _("tutor")
    LECTURER = "lecturer", _("lecturer")


class Term(models.Model):
    """When courses are given: a semester, a summer school."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    starts = models.DateField(_("first day"))
    ends = models.DateField(_("last day"))

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        ordering: ClassVar[list[str]] = ["-starts", "name"]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=models.Q(ends__gte=models.F("starts")),
                name="courses_term_ends_after_it_starts",
                violation_error_message=_("The last day is before the first."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Course(models.Model):
    """One subject in one term. Given again, it is another course. Closed, it is only read: access.py says by whom."""

    slug = models.CharField(
        _("address"),
        max_length=48,
        unique=True,
        validators=[RegexValidator(SLUG_PATTERN, _("At most 48 of a-z, 0-9 and -, neither first nor last a -."))],
        help_text=_("A short name for the address of its pages: a-z, 0-9 and -."),
    )
    title = models.CharField(_("title"), max_length=TITLE_MAX_CHARACTERS)
    term = models.ForeignKey(Term, verbose_name=_("term"), on_delete=models.PROTECT, related_name="courses")
    environment = models.CharField(
        _("environment"),
        max_length=32,
        blank=True,
        help_text=_("The Python that programs of its pages and its marking run on. Empty: the standard one."),
    )
    is_open = models.BooleanField(
        _("open"), default=True, help_text=_("Off: it is over. Who is in it can read it, and nobody works in it.")
    )
    join_code = models.CharField(_("code to join"), max_length=16, unique=True, null=True, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("made by"),
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
    )
    made = models.DateTimeField(_("made"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        ordering: ClassVar[list[str]] = ["-term__starts", "title", "slug"]

    def __str__(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        """Of its first page, which tutorial makes."""
        return f"/courses/{self.slug}/"


class Membership(models.Model):
    """That somebody is in a course, and as what."""

    course = models.ForeignKey(Course, verbose_name=_("course"), on_delete=models.CASCADE, related_name="memberships")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=8, choices=Role.choices, default=Role.STUDENT)
    folder = models.CharField(
        _("folder"),
        max_length=FOLDER_MAX_CHARACTERS,
        blank=True,
        help_text=_("Where in their own files a lecturer writes the course. Empty: in the folder of its address."),
    )
    joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering: ClassVar[list[str]] = ["course", "person__username"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["course", "person"], name="courses_one_role_in_a_course"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="courses_role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.role}, {self.course}"


class RosterChange(models.Model):
    """That somebody came into a course, left it, or got another role; "" is not in it. Nobody changes these."""

    class How(models.TextChoices):
        HAND = "hand", _("by hand")
        ROSTER = "roster", _("by a roster")
        CODE = "code", _("by the code")

    course = models.ForeignKey(
        Course, verbose_name=_("course"), on_delete=models.CASCADE, related_name="roster_changes"
    )
    login = models.CharField(_("login name"), max_length=150)
    before = models.CharField(_("before"), max_length=8, choices=Role.choices, blank=True)
    after = models.CharField(_("after"), max_length=8, choices=Role.choices, blank=True)
    how = models.CharField(_("how"), max_length=6, choices=How.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField(_("when"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("change of a roster")
        verbose_name_plural = _("changes of rosters")
        ordering: ClassVar[list[str]] = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.course}: {self.login} {self.before} → {self.after}"


class Newcomer(models.Model):
    """That a person was made by a course's roster. Its lecturers may show them the way to their first password."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="newcomer"
    )
    course = models.ForeignKey(Course, verbose_name=_("course"), on_delete=models.CASCADE, related_name="newcomers")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    made = models.DateTimeField(_("made"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("newcomer")
        verbose_name_plural = _("newcomers")

    def __str__(self) -> str:
        return f"{self.person}, {self.course}"


class Guess(models.Model):
    """That somebody tried a code that no course has. joining.py counts them, and forgets them soon."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("guess")
        verbose_name_plural = _("guesses")

    def __str__(self) -> str:
        return f"{self.person}, {self.at}"


class Edition(models.Model):
    """What was published in a course at one time; its files are a zip that editions.py keeps. One may be shown."""

    course = models.ForeignKey(Course, verbose_name=_("course"), on_delete=models.CASCADE, related_name="editions")
    number = models.PositiveIntegerField(_("number"))
    made = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    is_shown = models.BooleanField(_("shown"), default=False)
    outline = models.JSONField(null=True, editable=False)  # tutorial/outline.py writes and reads it

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        ordering: ClassVar[list[str]] = ["course", "-number"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["course", "number"], name="courses_editions_are_numbered"),
            models.UniqueConstraint(
                fields=["course"], condition=models.Q(is_shown=True), name="courses_one_edition_is_shown"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course} {self.number}"


class Look(models.Model):
    """That somebody looked at something of somebody else's, in one hour. Written by looks.py, read by its owner."""

    viewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("who looked"), on_delete=models.CASCADE, related_name="+"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("whose it is"), on_delete=models.CASCADE, related_name="looks"
    )
    course = models.ForeignKey(
        Course, verbose_name=_("course"), on_delete=models.SET_NULL, null=True, related_name="looks"
    )
    what = models.CharField(_("what"), max_length=16)
    path = models.CharField(_("which"), max_length=LOOK_PATH_MAX_CHARACTERS, blank=True)
    at = models.DateTimeField(_("when"), db_index=True)
    key = models.CharField(max_length=64, unique=True, editable=False)  # of all above, with the hour

    class Meta:
        verbose_name = _("look")
        verbose_name_plural = _("looks")
        ordering: ClassVar[list[str]] = ["-at", "-pk"]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["owner", "-at"], name="courses_looks_of_owner")]

    def __str__(self) -> str:
        return f"{self.viewer} → {self.owner}: {self.what} {self.path}"
