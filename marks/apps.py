"""The Django application of attempts and marks."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MarksConfig(AppConfig):
    name = "marks"
    verbose_name = _("Marks")
