"""The environment variables a program gets: RFC 3875 section 4.1, and what programs of the world expect besides."""

from __future__ import annotations

import os
from typing import Final
from urllib.parse import unquote_to_bytes, urlsplit

from cgirunner.request import DEFAULT_PORTS, Request

# Cookie and Referer are not here: they are let through by value, below. Authorization and Proxy never are.
PASSED_HEADERS: Final = (
    "accept",
    "accept-language",
    "cache-control",
    "dnt",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-unmodified-since",
    "origin",
    "user-agent",
    "x-requested-with",
)
HEADER_MAX_CHARACTERS: Final = 8 * 1024  # a header longer than this is nothing a program can use


def cgi_environment(
    request: Request,
    *,
    base: bytes,
    script: tuple[bytes, ...],
    names: tuple[bytes, ...],
    index: bool,
    rest: tuple[bytes, ...],
    rest_is_folder: bool,
    home: str,
    body_bytes: int | None,
    cookies: str,
) -> dict[str, str]:
    """`base` is the raw path of the home in URLs and `home` its path in the jail. `script` is the program's
    path in the home, `names` is it in addresses, and `rest` what follows that in this one.

    `index` says that the address named the script's folder. `body_bytes` is None where the request has no body;
    `cookies` are those that are the program's to see.
    """
    shown = names[:-1] if index else names
    script_name = unquote_to_bytes(base) + b"/".join(shown)
    if index and shown:
        script_name += b"/"
    path_info = b"".join(b"/" + name for name in rest) + (b"/" if rest_is_folder else b"")
    name, port = name_and_port(request)
    environ = {
        "DOCUMENT_ROOT": home,
        "GATEWAY_INTERFACE": "CGI/1.1",
        "PATH_INFO": os.fsdecode(path_info),
        "QUERY_STRING": request.query.decode("latin-1"),
        "REMOTE_ADDR": request.client[0],
        "REMOTE_HOST": request.client[0],
        "REMOTE_PORT": str(request.client[1]),
        "REQUEST_METHOD": request.method,
        "REQUEST_SCHEME": request.scheme,
        "REQUEST_URI": request.target.decode("latin-1"),
        "SCRIPT_FILENAME": f"{home}/" + os.fsdecode(b"/".join(script)),
        "SCRIPT_NAME": os.fsdecode(script_name),
        "SERVER_NAME": name,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{request.http_version}",
        "SERVER_SOFTWARE": "ivle",
    }
    if path_info:
        environ["PATH_TRANSLATED"] = home + os.fsdecode(path_info)
    if request.scheme == "https":
        environ["HTTPS"] = "on"
    if body_bytes is not None:
        environ["CONTENT_LENGTH"] = str(body_bytes)
        if "content-type" in request.headers:
            environ["CONTENT_TYPE"] = request.headers["content-type"]
    for header in PASSED_HEADERS:
        value = request.headers.get(header)
        if value is not None and len(value) <= HEADER_MAX_CHARACTERS:
            environ["HTTP_" + header.upper().replace("-", "_")] = value
    if cookies:
        environ["HTTP_COOKIE"] = cookies
    if (referer := request.headers.get("referer")) and is_own_page(referer, request, base):
        environ["HTTP_REFERER"] = referer
    return environ


def name_and_port(request: Request) -> tuple[str, str]:
    """SERVER_NAME and SERVER_PORT (RFC 3875 4.1.14, 4.1.15): as the browser addressed us."""
    name, colon, port = request.host.rpartition(":")
    if colon and port.isdigit():
        return name, port
    return request.host.removesuffix(":"), str(DEFAULT_PORTS.get(request.scheme, request.server[1]))


def is_own_page(referer: str, request: Request, base: bytes) -> bool:
    """Pages of the site itself are none of a program's business; other sites' are, and the owner's own."""
    try:
        page = urlsplit(referer)
    except ValueError:
        return False
    return page.netloc != request.host or page.path.startswith(base.decode("latin-1"))
