"""What is kept about guests: whether there are any at the moment, and for an hour that somebody has started a shell."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Switch(models.Model):
    """The only row says whether guests may come; none, whether it is the demo."""

    is_on = models.BooleanField(_("on"))
    changed = models.DateTimeField(_("changed"), auto_now=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name = _("switch of guests")
        verbose_name_plural = verbose_name

    def __str__(self) -> str:
        return str(_("on") if self.is_on else _("off"))


class Start(models.Model):
    """A shell that was started. What the limits of rates.py need, and nothing else; deleted after an hour."""

    number = models.CharField(max_length=32, unique=True)  # the capability's: each starts one shell
    address = models.CharField(max_length=32)  # a keyed hash: addresses.py
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("start")
        verbose_name_plural = _("starts")

    def __str__(self) -> str:
        return f"{self.at:%H:%M:%S}"
