"""The Django application of CPU: how much each person had today, how much they may have, and asking for more."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts.extra_cpu import granted_by


class AllowancesConfig(AppConfig):
    name = "allowances"
    verbose_name = _("CPU")

    def ready(self) -> None:
        from accounts.memory import known_by
        from allowances.kinds import memory_of
        from allowances.runs import Grants

        granted_by(Grants())
        known_by(memory_of)
