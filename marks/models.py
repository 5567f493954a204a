"""What people handed in, what it is worth, who changed that and why. turns.py moves attempts through the queue."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.models import Course, Edition

EXERCISE_MAX_CHARACTERS: Final = 100
WHY_MAX_CHARACTERS: Final = 500
RAISED_MAX: Final = 3  # errors of ours in marking one attempt: it will not go better


def to_person(related_name: str = "+") -> Any:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name=related_name
    )


def to_course() -> Any:
    return models.ForeignKey(Course, verbose_name=_("course"), on_delete=models.CASCADE, related_name="+")


def by_whom() -> Any:
    """Empty: the site itself."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.SET_NULL, null=True, related_name="+"
    )


def exercise_name() -> Any:
    return models.CharField(_("exercise"), max_length=EXERCISE_MAX_CHARACTERS)


class State(models.TextChoices):
    WAITING = "waiting", _("waiting")
    MARKING = "marking", _("being marked")
    MARKED = "marked", _("marked")
    ASIDE = "aside", _("put aside")  # marking it raises each time; it counts nowhere until it is marked again


class Remarking(models.Model):
    """All attempts at one exercise marked again, because a test of it was mended."""

    course = to_course()
    exercise = exercise_name()
    edition = models.ForeignKey(Edition, verbose_name=_("edition"), on_delete=models.RESTRICT, related_name="+")
    by = by_whom()
    why = models.CharField(_("why"), max_length=WHY_MAX_CHARACTERS)
    begun = models.DateTimeField(_("begun"), default=timezone.now, editable=False)
    attempts_count = models.PositiveIntegerField(_("attempts"), default=0)

    class Meta:
        verbose_name = _("marking again")
        verbose_name_plural = _("markings again")
        ordering: ClassVar[list[str]] = ["-begun"]

    def __str__(self) -> str:
        return f"{self.course}/{self.exercise} {self.begun:%Y-%m-%d %H:%M}"


TO_BE_MARKED: Final = (State.WAITING, State.MARKING)
IS_NEW: Final = models.Q(report__isnull=True, remarking__isnull=True) & ~models.Q(state=State.ASIDE)


class Attempt(models.Model):
    """One submission, whole. While it is marked again, what it was marked before stands."""

    course = to_course()
    person = to_person("attempts")
    exercise = exercise_name()
    number = models.PositiveIntegerField(_("number"))
    edition = models.ForeignKey(Edition, verbose_name=_("edition"), on_delete=models.RESTRICT, related_name="+")
    files = models.JSONField(_("files"))
    digest = models.CharField(max_length=64, editable=False)  # of the files
    submitted = models.DateTimeField(_("handed in"), default=timezone.now)
    is_late = models.BooleanField(_("late"), default=False)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    report = models.JSONField(_("report"), null=True, blank=True)
    points = models.FloatField(_("points"), null=True, blank=True)
    of_points = models.FloatField(_("of"), null=True, blank=True)
    marked = models.DateTimeField(_("marked"), null=True, blank=True)
    # Its way through the queue.
    remarking = models.ForeignKey(
        Remarking, verbose_name=_("marking again"), on_delete=models.SET_NULL, null=True, related_name="waiting"
    )
    due = models.DateTimeField(_("not before"), default=timezone.now)
    claim = models.CharField(max_length=80, blank=True, editable=False)  # of whoever marks it now
    held_until = models.DateTimeField(null=True, editable=False)
    faults = models.PositiveIntegerField(_("our faults"), default=0)  # how often marking it broke off
    raised = models.PositiveIntegerField(default=0, editable=False)  # how often of these by an error in our own code
    progress = models.JSONField(null=True, editable=False)  # the results so far

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering: ClassVar[list[str]] = ["course", "exercise", "person", "number"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["course", "person", "exercise", "number"], name="marks_attempts_are_numbered"
            ),
            models.UniqueConstraint(
                fields=["course", "person", "exercise"],
                condition=IS_NEW,
                name="marks_one_new_attempt_at_a_time",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["state", "due"], condition=~models.Q(state="marked"), name="marks_attempts_to_be_marked"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course}/{self.exercise}: {self.person} {self.number}"

    @property
    def is_free(self) -> bool:
        """It was put aside once, for which nobody pays: it is not counted among their attempts."""
        return self.raised >= RAISED_MAX


class Turn(models.Model):
    """When the queue last took something of a person's: whoever was served longest ago comes first."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="marking_turn"
    )
    served = models.DateTimeField(_("served"))

    class Meta:
        verbose_name = _("turn")
        verbose_name_plural = _("turns")

    def __str__(self) -> str:
        return f"{self.person}: {self.served:%Y-%m-%d %H:%M:%S}"


class Conditions(models.Model):
    """What a lecturer has set for an exercise in a course, beside what stands in its file."""

    course = to_course()
    exercise = exercise_name()
    weight = models.FloatField(_("weight"), null=True, blank=True)  # None: its points
    due = models.DateTimeField(_("due"), null=True, blank=True)
    closes = models.DateTimeField(_("closes"), null=True, blank=True)

    class Meta:
        verbose_name = _("conditions")
        verbose_name_plural = _("conditions")
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["course", "exercise"], name="marks_one_set_of_conditions"),
        ]

    def __str__(self) -> str:
        return f"{self.course}/{self.exercise}"


class ConditionsChange(models.Model):
    """Every change of conditions, which can change everybody's total. Nobody changes or deletes these."""

    class What(models.TextChoices):
        WEIGHT = "weight", _("weight")
        DUE = "due", _("due")
        CLOSES = "closes", _("closes")

    course = to_course()
    exercise = exercise_name()
    what = models.CharField(_("what"), max_length=6, choices=What.choices)
    before = models.CharField(_("before"), max_length=32, blank=True)
    after = models.CharField(_("after"), max_length=32, blank=True)
    by = by_whom()
    at = models.DateTimeField(_("when"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("change of conditions")
        verbose_name_plural = _("changes of conditions")
        ordering: ClassVar[list[str]] = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.course}/{self.exercise}: {self.what} {self.before} → {self.after}"


class Mark(models.Model):
    """How far a person is with an exercise, and what counts. standing.py alone writes it, and every change of it."""

    course = to_course()
    person = to_person("marks")
    exercise = exercise_name()
    points = models.FloatField(_("points"), null=True, blank=True)  # None: nothing counts yet
    of_points = models.FloatField(_("of"), null=True, blank=True)
    attempt = models.ForeignKey(
        Attempt, verbose_name=_("the attempt that counts"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    by_hand = models.FloatField(_("set by hand"), null=True, blank=True)
    tries = models.PositiveIntegerField(_("tries without success"), default=0)
    last_tried = models.CharField(max_length=64, blank=True, editable=False)  # digest, so that no click counts twice
    tried = models.DateTimeField(_("last tried"), null=True, blank=True)

    class Meta:
        verbose_name = _("mark")
        verbose_name_plural = _("marks")
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["course", "person", "exercise"], name="marks_one_mark"),
        ]

    def __str__(self) -> str:
        return f"{self.course}/{self.exercise}: {self.person} {self.points}"


class MarkChange(models.Model):
    """Every change of every mark. Nobody changes or deletes these, or whose they are, or the course."""

    class Cause(models.TextChoices):
        ATTEMPT = "attempt", _("an attempt was marked")
        REMARKED = "remarked", _("marked again")
        BY_HAND = "by_hand", _("set by hand")
        CONDITIONS = "conditions", _("the conditions were changed")

    course = models.ForeignKey(Course, verbose_name=_("course"), on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.PROTECT, related_name="mark_changes"
    )
    exercise = exercise_name()
    before = models.FloatField(_("before"), null=True)
    after = models.FloatField(_("after"), null=True)
    of_points = models.FloatField(_("of"), null=True)
    cause = models.CharField(_("cause"), max_length=10, choices=Cause.choices)
    why = models.CharField(_("why"), max_length=WHY_MAX_CHARACTERS, blank=True)
    by = by_whom()
    attempt = models.ForeignKey(
        Attempt, verbose_name=_("attempt"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField(_("when"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("change of a mark")
        verbose_name_plural = _("changes of marks")
        ordering: ClassVar[list[str]] = ["-at", "-pk"]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["course", "-at"], name="marks_changes_of_course")]

    def __str__(self) -> str:
        return f"{self.course}/{self.exercise}: {self.person} {self.before} → {self.after}"


class Remarked(models.Model):
    """What became of one attempt that was marked again, where something did. Without an after: it could not be."""

    remarking = models.ForeignKey(
        Remarking, verbose_name=_("marking again"), on_delete=models.CASCADE, related_name="changed"
    )
    attempt = models.ForeignKey(Attempt, verbose_name=_("attempt"), on_delete=models.CASCADE, related_name="+")
    before = models.FloatField(_("before"), null=True)
    after = models.FloatField(_("after"), null=True)
    tests = models.JSONField(_("tests"))  # [title, passed now] of those that came out differently

    class Meta:
        verbose_name = _("attempt that came out differently")
        verbose_name_plural = _("attempts that came out differently")
        ordering: ClassVar[list[str]] = ["attempt__person__username", "attempt__number"]

    def __str__(self) -> str:
        return f"{self.attempt}: {self.before} → {self.after}"
