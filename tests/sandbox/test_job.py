"""What a caller hands over and a jail reads."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.faults import SandboxRefused
from sandbox.job import PAYLOAD_MAX_BYTES, Job, Work
from sandbox.limits import CGI

JOB = Job("student", ("/home/student/hello.py",), "/home/student", CGI)
# A file's name is bytes without a NUL; those that are no UTF-8 are told as halves of surrogate pairs (PEP 383).
TEXT = st.binary().map(lambda name: os.fsdecode(name.replace(b"\0", b"")))


@given(
    argv=st.lists(TEXT),
    environ=st.dictionaries(TEXT, TEXT),
    file_bytes=st.none() | st.integers(0, 1 << 40),
    notice=TEXT,
)
def test_a_jail_reads_what_was_handed_over(
    argv: list[str], environ: dict[str, str], file_bytes: int | None, notice: str
) -> None:
    payload = replace(JOB, argv=tuple(argv), environ=environ, file_bytes=file_bytes, notice=notice).payload()
    assert Work.from_payload(payload) == Work("script", "/home/student", argv, environ, file_bytes, notice)


@pytest.mark.parametrize(
    ("job", "reason"),
    [
        (replace(JOB, argv=("a\0b",)), "NUL"),
        (replace(JOB, environ={"NAME": "a\0b"}), "NUL"),
        (replace(JOB, environ={"NA\0ME": ""}), "NUL"),
        (replace(JOB, notice="a\0b"), "NUL"),
        (replace(JOB, argv=("\ud800",)), "no text"),
        (replace(JOB, argv=("a" * PAYLOAD_MAX_BYTES,)), "bytes"),
    ],
)
def test_what_no_program_can_be_given(job: Job, reason: str) -> None:
    with pytest.raises(SandboxRefused, match=reason):
        job.payload()
