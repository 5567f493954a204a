"""manage.py settings: every setting as ivle reads it here, and whether the environment has set it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from operations.settings_in_force import all_settings


class Command(BaseCommand):
    help = "Lists the settings in force and where each comes from. Secrets are not shown."

    def handle(self, *args: Any, **options: Any) -> None:
        for setting in all_settings():
            source = _("environment") if setting.is_set else _("default")
            self.stdout.write(f"{setting.name}={setting.value}  ({source})")
