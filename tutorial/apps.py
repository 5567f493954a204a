"""The Django application of tutorials."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TutorialConfig(AppConfig):
    name = "tutorial"
    verbose_name = _("Tutorials")

    def ready(self) -> None:
        from courses.copying import copying
        from tutorial.giving_again import leave_dates_out

        copying.connect(leave_dates_out)
