"""Registers the site itself: its management commands and its start-up checks."""

from __future__ import annotations

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register

from ivle import deploy_checks


class IvleConfig(AppConfig):
    name = "ivle"
    verbose_name = "ivle"

    def ready(self) -> None:
        register(unknown_variables)
        register(deploy_checks.deploy_checks, Tags.security, deploy=True)


def unknown_variables(**_: object) -> list[CheckMessage]:
    """A misspelt setting would otherwise be a setting that silently does nothing."""
    return [
        Warning(
            f"{name} is set, but ivle has no such setting.",
            hint=f"Did you mean {meant}?" if meant else "docs/settings.md lists them all.",
            id="ivle.W001",
        )
        for name, meant in settings.ENVIRONMENT.unknown().items()
    ]
