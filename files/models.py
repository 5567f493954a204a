"""Which folders their owners show to everybody, and where. For access.py, publishing.py and mappings.py."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class PublishedFolder(models.Model):
    """A folder that everybody may look at, with all that is below it."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="published_folders"
    )
    # Names in a home are bytes: kept percent-encoded, without a slash at either end; "" is the whole home.
    path = models.CharField(_("path"), max_length=12288, blank=True)
    since = models.DateTimeField(_("since"), auto_now_add=True)

    class Meta:
        verbose_name = _("published folder")
        verbose_name_plural = _("published folders")
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["person", "path"], name="files_one_publishing_per_folder"),
        ]

    def __str__(self) -> str:
        return f"~{self.person}/{self.path}"


class StaticMapping(models.Model):
    """An address in a person's public space that leads to a folder of theirs, wherever that is."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="static_mappings"
    )
    # Both as PublishedFolder keeps its path; as an address "" is the whole public space.
    address = models.CharField(_("address"), max_length=512, blank=True)
    path = models.CharField(_("path"), max_length=12288, blank=True)

    class Meta:
        verbose_name = _("static mapping")
        verbose_name_plural = _("static mappings")
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["person", "address"], name="files_one_mapping_per_address"),
        ]

    def __str__(self) -> str:
        return f"~{self.person}/{self.address}: {self.path}"
