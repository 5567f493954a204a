"""Why something about CPU was not done: each has a sentence for whoever asked, and the status of the answer."""

from __future__ import annotations

from http import HTTPStatus


class CpuFault(Exception):
    """Nothing was changed. Its text is a sentence."""

    status = HTTPStatus.BAD_REQUEST


class NotAllowed(CpuFault):
    status = HTTPStatus.FORBIDDEN


class NotThere(CpuFault):
    """Not there, or not for whoever asks."""

    status = HTTPStatus.NOT_FOUND


class TooLate(CpuFault):
    """Somebody did it before."""

    status = HTTPStatus.CONFLICT


class TooOften(CpuFault):
    status = HTTPStatus.TOO_MANY_REQUESTS
