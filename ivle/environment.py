"""Reads `IVLE_*` variables for settings.py. A bad value stops the start, naming itself and what is wanted.

What was read is kept, for those who want to see which settings are in force.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
import shlex
import zoneinfo
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from sandbox.limits import Limits

TRUE_WORDS = ("1", "yes", "true", "on")
FALSE_WORDS = ("0", "no", "false", "off")


class Environment:
    """One reading of the variables. `names` is every variable asked for, so that the documentation can be checked;
    `values` what each came to, in text, `secrets` those that are not to be shown."""

    def __init__(self, variables: Mapping[str, str] = os.environ) -> None:
        self.variables = variables
        self.names: set[str] = set()
        self.values: dict[str, str] = {}
        self.secrets: set[str] = set()

    def text(self, name: str, default: str) -> str:
        self.names.add(name)
        self.values[name] = self.variables.get(name, default).strip()
        return self.values[name]

    def secret(self, name: str) -> str:
        self.secrets.add(name)
        return self.text(name, "")

    def command(self, name: str, default: str) -> tuple[str, ...]:
        """A program and its arguments, as a shell takes them apart; nothing is ()."""
        text = self.text(name, default)
        try:
            return tuple(shlex.split(text))
        except ValueError:
            refuse(name, text, "a program and its arguments; this has a quotation mark without its partner")

    def number(self, name: str, default: int, least: int, most: int) -> int:
        text = self.text(name, str(default))
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            refuse(name, text, f"a whole number from {least} to {most}")
        return int(text)

    def seconds(self, name: str, default: float, most: float = 1e9) -> float:
        text = self.text(name, str(default))
        try:
            value = float(text)
        except ValueError:
            refuse(name, text, "a number of seconds, such as 1.5")
        if not 0 < value <= most:  # also refuses nan and inf
            refuse(name, text, "a number of seconds above 0" + (f", at most {most:g}" if most < 1e9 else ""))
        return value

    def switch(self, name: str, default: bool) -> bool:
        text = self.text(name, "yes" if default else "no").lower()
        if text not in TRUE_WORDS + FALSE_WORDS:
            refuse(name, text, "yes or no")
        return text in TRUE_WORDS

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        text = self.text(name, default)
        if text not in choices:
            refuse(name, text, "one of " + ", ".join(choices))
        return text

    def folder(self, name: str, default: Path) -> Path:
        """Relative paths count from the current directory, as in a shell."""
        text = self.text(name, str(default))
        if not text:
            refuse(name, text, "the path of a folder")
        path = Path(text).expanduser().absolute()
        if path.exists() and not path.is_dir():
            refuse(name, text, "the path of a folder; this is a file")
        return path

    def host(self, name: str, default: str) -> str:
        """A host name without scheme or port, or nothing."""
        text = self.text(name, default).lower()
        if text and not is_host_name(text):
            refuse(name, text, "a host name alone, such as pages.example.edu, or nothing")
        return text

    def origin(self, name: str, default: str) -> str:
        """http(s)://host[:port] without a trailing slash, or nothing."""
        text = self.text(name, default).removesuffix("/")
        if text and not is_origin(text):
            refuse(name, text, "an address without a path, such as https://ivle.example.edu")
        return text

    def origins(self, name: str, schemes: tuple[str, ...]) -> tuple[str, ...]:
        """Origins apart by spaces or commas, as a browser writes them; by default none."""
        texts = self.text(name, "").replace(",", " ").lower().split()
        for text in texts:
            if not is_origin(text) or text.partition(":")[0] not in schemes:
                wanted = f"addresses without a path, each with {' or '.join(schemes)}, such as https://www.example.edu"
                refuse(name, text, wanted)
        return tuple(dict.fromkeys(map(as_browsers_write, texts)))

    def webhook(self, name: str) -> str:
        """An http or https address with anything in its path, which is a secret; or nothing."""
        text = self.secret(name)
        if text and not is_webhook(text):
            refuse(name, "not an address", "an address that begins with https:// or http://, or nothing")
        return text

    def time_zone(self, name: str, default: str) -> str:
        text = self.text(name, default)
        if text not in zoneinfo.available_timezones():
            refuse(name, text, "a time zone such as Australia/Melbourne")
        return text

    def limits(self, prefix: str, default: Limits) -> Limits:
        """Every field of `default`, each replaced by its variable: cpu_seconds by IVLE_<prefix>_CPU_SECONDS."""
        values: dict[str, float | int] = {}
        for name, value in default.as_message().items():
            variable = f"IVLE_{prefix}_{name.upper()}"
            if name.endswith("_seconds"):
                values[name] = self.seconds(variable, value)
            else:
                values[name] = self.number(variable, int(value), 1, 1 << 49)
        return dataclasses.replace(default, **values)  # type: ignore[arg-type]

    def unknown(self) -> dict[str, str]:
        """Each IVLE_* variable that nothing reads, with the name that was probably meant ('' when none is near)."""
        strangers = {name for name in self.variables if name.startswith("IVLE_")} - self.names
        return {name: next(iter(difflib.get_close_matches(name, self.names, 1)), "") for name in sorted(strangers)}


def refuse(name: str, value: str, wanted: str) -> NoReturn:
    raise ImproperlyConfigured(f"{name} is {value!r}; wanted: {wanted}.")


def is_host_name(text: str) -> bool:
    labels = text.split(".")
    return len(text) <= 253 and all(
        0 < len(label) <= 63
        and label.isascii()
        and label.replace("-", "").isalnum()
        and label[0] != "-"
        and label[-1] != "-"
        for label in labels
    )


def as_browsers_write(origin: str) -> str:
    """Without the port that goes without saying (RFC 6454 6.1)."""
    usual = {"http": ":80", "https": ":443"}[origin.partition(":")[0]]
    return origin.removesuffix(usual)


def is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    bare = f"{parts.scheme}://{parts.hostname}" + (f":{port}" if port else "")
    return parts.scheme in ("http", "https") and is_host_name(parts.hostname or "") and text.lower() == bare


def is_webhook(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and parts.port != 0
            and text.isprintable()
            and " " not in text
        )
    except ValueError:
        return False
