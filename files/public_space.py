"""Where everybody finds what a person publishes: from the person to an address, and from a Host header to the person.

Three ways, by settings: on the site's own host below /~<login>/, on the pages host below the same, or on a host of each
owner's own, <login>.<pages host>. For cgirunner, the router and whoever shows a public address.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

from files.paths import as_text

# A login name that a host name can begin with (RFC 1123 2.1). "xn--" announces another alphabet, which it is not.
LABEL: Final = re.compile(r"(?!xn--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def has_own_host(owner: str) -> bool:
    return bool(settings.IVLE_PAGES_SUBDOMAINS and LABEL.fullmatch(owner))


def public_url(owner: str, parts: tuple[bytes, ...] = ()) -> str:
    """Of the person's public space, or of what these names lead to in there: a folder, with a slash at its end."""
    site = urlsplit(settings.IVLE_PUBLIC_URL)
    port = f":{site.port}" if site.port else ""
    if has_own_host(owner):
        space = f"{site.scheme}://{owner}.{settings.IVLE_PAGES_HOST}{port}/"
    elif settings.IVLE_PAGES_HOST:
        space = f"{site.scheme}://{settings.IVLE_PAGES_HOST}{port}/~{owner}/"
    else:
        space = f"{settings.IVLE_PUBLIC_URL}/~{owner}/"
    return f"{space}{as_text(parts)}/" if parts else space


def owner_of_host(header: str) -> str | None:
    """Whose own host a Host header names; None for the pages host itself and for all that is nobody's."""
    label, dot, rest = bare_host(header).partition(".")
    return label if dot and rest == settings.IVLE_PAGES_HOST and has_own_host(label) else None


def bare_host(header: str) -> str:
    """The host of a Host header (RFC 9110 7.2): no port, no root dot, lower case."""
    host = header.strip().lower()
    name, colon, port = host.rpartition(":")
    if colon and (port.isdigit() or not port) and (":" not in name or name.endswith("]")):
        host = name
    return host.removesuffix(".")
