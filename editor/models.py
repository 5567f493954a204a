"""What people have typed and not saved yet. Written and read by drafts.py."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Draft(models.Model):
    """The text of one file as its owner's editor had it last."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="drafts"
    )
    # Names in a home are bytes: kept percent-encoded, as in files.models.
    path = models.CharField(_("path"), max_length=12288)
    content = models.BinaryField(_("text"))  # compressed: what is typed may have any character in it, NUL too
    base_etag = models.CharField(_("the file that was opened"), max_length=200, blank=True)
    saved = models.DateTimeField(_("saved"), db_index=True)

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["person", "path"], name="editor_one_draft_per_file"),
        ]

    def __str__(self) -> str:
        return f"~{self.person}/{self.path}"
