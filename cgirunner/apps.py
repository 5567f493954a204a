"""The Django application that serves student files; it has no models."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CgirunnerConfig(AppConfig):
    name = "cgirunner"
    verbose_name = _("Serve")

    def ready(self) -> None:
        from cgirunner.recent import forget_on_changes  # needs models

        forget_on_changes()
