"""The Django application of attempts and marks."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MarksConfig(AppConfig):
    name = "marks"
    verbose_name = _("Marks")

    def ready(self) -> None:
        from courses.copying import copying
        from marks.giving_again import copy_weights

        copying.connect(copy_weights)
