"""What Python and Twisted would print by themselves goes into the log instead, as lines like all others.

Else a fault that nobody catches would be a traceback on stderr, with its own words and past the formatters.
"""

from __future__ import annotations

import logging
import sys
import threading
from types import TracebackType
from typing import Any, Final

from operations.log_lines import STRANGERS, program_name
from operations.web_counts import PROGRAMS

TWISTED: Final = STRANGERS[1]
log = logging.getLogger(__name__)


def set_up() -> None:
    """In the programs of a site. A command that somebody types may say what it likes; tests have hooks of their own."""
    if program_name(sys.argv) not in PROGRAMS:
        return
    sys.excepthook = on_end
    sys.unraisablehook = on_unraisable
    threading.excepthook = on_end_of_thread
    if TWISTED in sys.modules:
        observe_twisted()


def on_end(kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, fault, trace)
    else:
        log.critical("The program ends, by a fault that nothing caught.", exc_info=(kind, fault, trace))


def on_end_of_thread(about: threading.ExceptHookArgs) -> None:
    if about.exc_value is not None and not issubclass(about.exc_type, SystemExit):
        log.error("A thread ended by a fault.", exc_info=(about.exc_type, about.exc_value, about.exc_traceback))


def on_unraisable(about: Any) -> None:
    """`about.object` and its message may quote anything."""
    if about.exc_value is not None:
        log.error("A fault could not be raised.", exc_info=(about.exc_type, about.exc_value, about.exc_traceback))


def observe_twisted() -> None:
    """Besides whatever Daphne makes its log begin with, which may happen once only."""
    from twisted.logger import globalLogPublisher

    globalLogPublisher.addObserver(on_event)  # type: ignore[arg-type]  # any callable is one


def on_event(event: dict[str, Any]) -> None:
    """Of Twisted's log, from warnings on: its template, never what is put into that."""
    level = logging.getLevelName(event["log_level"].name.upper()) if "log_level" in event else logging.INFO
    if not isinstance(level, int) or level < logging.WARNING:
        return
    failure: Any = event.get("log_failure")
    fault = failure and failure.value
    about = (type(fault), fault, failure.getTracebackObject()) if isinstance(fault, BaseException) else None
    logging.getLogger(TWISTED).log(level, str(event.get("log_format") or "a failure"), exc_info=about)
