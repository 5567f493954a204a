"""The Django application of consoles for people without an account, which other sites embed."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ShellsConfig(AppConfig):
    name = "shells"
    verbose_name = _("Shells of guests")
