"""The Django application of the editor."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EditorConfig(AppConfig):
    name = "editor"
    verbose_name = _("Editor")

    def ready(self) -> None:
        from editor.drafts import keep_up_with_files  # needs models

        keep_up_with_files()
