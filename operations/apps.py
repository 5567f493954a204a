"""The Django application of what the administrator watches: readiness, figures, alarms, the machine."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from operations import log_hooks


class OperationsConfig(AppConfig):
    name = "operations"
    verbose_name = _("Operations")

    def ready(self) -> None:
        from operations.deeds import note_of_guests
        from shells import switch

        log_hooks.set_up()
        switch.done.connect(note_of_guests)
