"""What people may have of the processors and what they had of them, their requests for more, and who decided what."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.models import Course

REASON_MAX_CHARACTERS: Final = 500
PROGRAM_MAX_CHARACTERS: Final = 1000
DAY_SECONDS: Final = 24 * 3600
CPU_MAX_SECONDS: Final = 1000 * DAY_SECONDS
MEMORY_MIN_MIB, MEMORY_MAX_MIB = 64, 1024 * 1024
PROCESSES_MIN, PROCESSES_MAX = 8, 100_000


class Kind(models.TextChoices):
    """How a person's programs share the machine. A person is of the kind that their roles give, or an administrator."""

    GUEST = "guest", _("guest")
    STUDENT = "student", _("student")
    STAFF = "staff", _("staff")
    TARPIT = "tarpit", _("tarpit")


class Allowance(models.Model):
    """What one person may have in place of what others of their kind have. Empty: as these."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="allowance"
    )
    kind = models.CharField(
        _("kind"),
        max_length=8,
        blank=True,
        choices=[(kind.value, kind.label) for kind in (Kind.STUDENT, Kind.STAFF, Kind.TARPIT)],
        help_text=_("Empty: by their roles. In the tarpit programs run only when nobody else needs the machine."),
    )
    cpu_seconds = models.PositiveBigIntegerField(
        _("CPU a day, in seconds"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(CPU_MAX_SECONDS)],
    )
    memory_mib = models.PositiveBigIntegerField(
        _("memory of all programs, in MiB"),
        null=True,
        blank=True,
        validators=[MinValueValidator(MEMORY_MIN_MIB), MaxValueValidator(MEMORY_MAX_MIB)],
    )
    processes = models.PositiveIntegerField(
        _("processes of all programs"),
        null=True,
        blank=True,
        validators=[MinValueValidator(PROCESSES_MIN), MaxValueValidator(PROCESSES_MAX)],
    )

    class Meta:
        verbose_name = _("allowance")
        verbose_name_plural = _("allowances")
        ordering: ClassVar[list[str]] = ["person__username"]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["", Kind.STUDENT, Kind.STAFF, Kind.TARPIT]),
                name="allowances_kind_can_be_given",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.kind or '-'}, {self.cpu_seconds or '-'} s"


class CpuDay(models.Model):
    """What a person had in one of their days; days.py says when that begins."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="cpu_days"
    )
    day = models.DateField(_("day"))
    seconds = models.FloatField(_("CPU used, in seconds"), default=0.0)
    forgiven_seconds = models.FloatField(_("of it does not count"), default=0.0)
    granted_seconds = models.FloatField(_("granted beside the allowance"), default=0.0)

    class Meta:
        verbose_name = _("day of CPU")
        verbose_name_plural = _("days of CPU")
        ordering: ClassVar[list[str]] = ["-day", "person__username"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["person", "day"], name="allowances_one_sum_a_day"),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["day", "seconds"], name="allowances_days_by_seconds")]

    def __str__(self) -> str:
        return f"{self.person}, {self.day}: {self.seconds:.1f} s"


class Reading(models.Model):
    """What one supervisor had counted of each owner when it was last asked. What it counts beyond that is new."""

    boot = models.CharField(max_length=64, unique=True)
    seen = models.JSONField(default=dict)  # seconds, by owner
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")

    def __str__(self) -> str:
        return f"{self.boot}, {self.at}"


class State(models.TextChoices):
    OPEN = "open", _("waiting for an answer")
    GRANTED = "granted", _("granted")
    REFUSED = "refused", _("refused")
    WITHDRAWN = "withdrawn", _("taken back")
    LAPSED = "lapsed", _("not answered in time")
    USED = "used", _("used")  # of one for a run


class What(models.TextChoices):
    DAY = "day", _("for a day")
    RUN = "run", _("for a run")


class CpuRequest(models.Model):
    """That a person asks for more, and what they were answered. Without a course it is the administrators'."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="cpu_requests"
    )
    course = models.ForeignKey(
        Course, verbose_name=_("course"), on_delete=models.SET_NULL, null=True, blank=True, related_name="cpu_requests"
    )
    what = models.CharField(_("what for"), max_length=8, choices=What.choices, default=What.DAY)
    program = models.CharField(_("program"), max_length=PROGRAM_MAX_CHARACTERS, blank=True)
    seconds = models.PositiveIntegerField(_("CPU asked for, in seconds"))
    reason = models.TextField(_("reason"), max_length=REASON_MAX_CHARACTERS)
    made = models.DateTimeField(_("asked"), default=timezone.now)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.OPEN)
    granted_seconds = models.PositiveIntegerField(_("CPU granted, in seconds"), null=True, blank=True)
    answer = models.TextField(_("answer"), max_length=REASON_MAX_CHARACTERS, blank=True)
    decided = models.DateTimeField(_("decided"), null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("request for CPU")
        verbose_name_plural = _("requests for CPU")
        ordering: ClassVar[list[str]] = ["-made", "-pk"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(state="open"), name="allowances_one_open_request"
            ),
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="allowances_state_is_known"),
            models.CheckConstraint(condition=models.Q(what__in=What.values), name="allowances_what_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.made:%Y-%m-%d}: {self.state}"


class ExamTime(models.Model):
    """When the students of a course go before others, and nobody of them into the tarpit."""

    course = models.ForeignKey(Course, verbose_name=_("course"), on_delete=models.CASCADE, related_name="exam_times")
    starts = models.DateTimeField(_("starts"))
    ends = models.DateTimeField(_("ends"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("exam")
        verbose_name_plural = _("exams")
        ordering: ClassVar[list[str]] = ["starts"]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=models.Q(ends__gt=models.F("starts")),
                name="allowances_exam_ends_after_it_starts",
                violation_error_message=_("It ends before it starts."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course}, {self.starts:%Y-%m-%d %H:%M}"


class Done(models.TextChoices):
    """What somebody did with what a person may have."""

    GRANTED = "granted", _("granted more CPU")
    REFUSED = "refused", _("refused more CPU")
    CHANGED = "changed", _("changed the allowance")
    TARPIT = "tarpit", _("put into the tarpit")
    RESTORED = "restored", _("took out of the tarpit")
    RESET = "reset", _("let the day start anew")
    EXAM = "exam", _("set an exam")
    NO_EXAM = "no exam", _("removed an exam")


class Change(models.Model):
    """The log: one line for each thing that was done. No `by`: from the command line."""

    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.CASCADE,
        null=True,
        related_name="cpu_changes",
    )
    course = models.ForeignKey(
        Course, verbose_name=_("course"), on_delete=models.SET_NULL, null=True, related_name="cpu_changes"
    )
    what = models.CharField(_("what"), max_length=12, choices=Done.choices)
    details = models.CharField(_("details"), max_length=REASON_MAX_CHARACTERS, blank=True)

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("log of changes")
        ordering: ClassVar[list[str]] = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}, {self.by or '-'}: {self.what} {self.person or self.course}"
