"""The two ways to tell somebody of an alarm: a program, an address. Both within a bounded time, and tried again.

Neither is given anything secret: a program has the message on its standard input, and PATH, HOME and LANG.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import logging
import os
import signal
import ssl
from typing import Any, Final
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings

from operations.alarms import PAUSE_MAX_SECONDS, Letter

COMMAND, WEBHOOK = "command", "webhook"
COMMAND_SECONDS: Final = 30.0
WEBHOOK_SECONDS: Final = 10.0
PAUSES_SECONDS: Final = (5.0, 30.0, 120.0, *(20 * (PAUSE_MAX_SECONDS,)))  # after each try; then it is given up
log = logging.getLogger(__name__)


class NotTold(Exception):
    """With a sentence why."""


def hooks() -> list[str]:
    """Those that are set."""
    ways = {COMMAND: settings.IVLE_ALARM_COMMAND, WEBHOOK: settings.IVLE_ALARM_WEBHOOK}
    return [hook for hook, setting in ways.items() if setting]


async def try_once(letter: Letter, now: float) -> bool:
    """True where it needs no further try: it was told, or it never will be. What fails is in the log."""
    try:
        await send(letter.hook, letter.message)
    except NotTold as fault:
        if letter.tries >= len(PAUSES_SECONDS):
            log.error("The %s of alarms failed for the last time: %s", letter.hook, fault)
            return True
        pause = PAUSES_SECONDS[letter.tries]
        log.warning("The %s of alarms failed: %s. It is tried again in %g s.", letter.hook, fault, pause)
        letter.tries += 1
        letter.due = now + pause
        return False
    return True


async def send(hook: str, message: dict[str, Any]) -> None:
    """Raises NotTold."""
    content = json.dumps(message).encode("ascii")
    if hook == COMMAND:
        await run_command(settings.IVLE_ALARM_COMMAND, content)
    else:
        await post(urlsplit(settings.IVLE_ALARM_WEBHOOK), content)


async def run_command(command: tuple[str, ...], content: bytes) -> None:
    environ = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env=environ,
            start_new_session=True,
        )
    except OSError as error:
        raise NotTold(f"it cannot be started ({error.strerror})") from error
    try:
        async with asyncio.timeout(COMMAND_SECONDS):
            await process.communicate(content + b"\n")
    except BaseException as error:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # with all that it has started
        await process.wait()
        if isinstance(error, TimeoutError):
            raise NotTold(f"it did not end within {COMMAND_SECONDS:g} s") from error
        raise
    if process.returncode:
        raise NotTold(f"it ended with status {process.returncode}")


async def post(address: SplitResult, content: bytes) -> None:
    """RFC 9112, without redirects: an alarm goes where the administrator said, or nowhere."""
    try:
        async with asyncio.timeout(WEBHOOK_SECONDS):
            status = await status_of_post(address, content)
    except TimeoutError as error:
        raise NotTold(f"no answer within {WEBHOOK_SECONDS:g} s") from error
    except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        raise NotTold(f"it cannot be reached ({why})") from error
    if not 200 <= status < 300:
        raise NotTold(f"it answered {status}")


async def status_of_post(address: SplitResult, content: bytes) -> int:
    is_https = address.scheme == "https"
    port = address.port or (443 if is_https else 80)
    reader, writer = await asyncio.open_connection(
        address.hostname, port, ssl=ssl.create_default_context() if is_https else None
    )
    try:
        writer.write(head_of(address, len(content)) + content)
        await writer.drain()
        line = await reader.readuntil(b"\n")
        return int(line.split()[1])
    except IndexError as error:
        raise ValueError("no status") from error
    finally:
        writer.close()


def head_of(address: SplitResult, length: int) -> bytes:
    target = (address.path or "/") + (f"?{address.query}" if address.query else "")
    lines = [
        f"POST {target} HTTP/1.1",
        f"Host: {address.netloc.rpartition('@')[2]}",
        "Content-Type: application/json",
        f"Content-Length: {length}",
        "User-Agent: ivle",
        "Connection: close",
    ]
    if address.username is not None:
        pair = f"{unquote(address.username)}:{unquote(address.password or '')}"
        lines.append(f"Authorization: Basic {base64.b64encode(pair.encode()).decode()}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")
