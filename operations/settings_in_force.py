"""Every setting as this process has read it, and where it comes from; what is secret is not shown."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

SECRET_NAMES: Final = re.compile(r"SECRET|TOKEN|PASSWORD|WEBHOOK|_KEY$")
COMMANDS: Final = ("IVLE_ALARM_COMMAND",)
CREDENTIALS: Final = re.compile(r"//[^/\s@]*@")  # of an address


@dataclass(frozen=True)
class Setting:
    name: str
    value: str
    is_set: bool  # by the environment; else it is the default


def all_settings() -> list[Setting]:
    """By name."""
    environment = settings.ENVIRONMENT
    return [
        Setting(name, shown(name, value), name in environment.variables)
        for name, value in sorted(environment.values.items())
    ]


def shown(name: str, value: str) -> str:
    if value and (name in settings.ENVIRONMENT.secrets or SECRET_NAMES.search(name)):
        return _("(set, and secret)")
    if name in COMMANDS:
        program, *arguments = shlex.split(value) or [""]
        return f"{program} …" if arguments else program  # any of them may be a token
    return CREDENTIALS.sub("//…@", value)
