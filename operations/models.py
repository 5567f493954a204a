"""What administrators did to other people's programs. Nobody changes or deletes these."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

OWNER_MAX_CHARACTERS = 64


class Deed(models.Model):
    """Tarpits and allowances have a log of their own, in allowances/."""

    class What(models.TextChoices):
        ENDED = "ended", _("ended all programs")
        GUESTS_ON = "guests on", _("let guests come")
        GUESTS_OFF = "guests off", _("let no guests come, and ended theirs")
        GUESTS_ENDED = "guests ended", _("ended all programs of guests")

    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.SET_NULL, null=True, related_name="+"
    )  # None: from the command line
    what = models.CharField(_("what"), max_length=12, choices=What.choices)
    owner = models.CharField(_("whose"), max_length=OWNER_MAX_CHARACTERS)
    number = models.PositiveIntegerField(_("how many"), default=0)

    class Meta:
        verbose_name = _("deed of an administrator")
        verbose_name_plural = _("deeds of administrators")
        ordering: ClassVar[list[str]] = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}, {self.by or '-'}: {self.what} {self.owner}"
