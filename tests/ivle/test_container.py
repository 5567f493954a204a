"""The container file: all it copies is there, nothing is missing, and what it starts with refuses in words."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_architecture import PACKAGES

CHECKOUT = Path(__file__).resolve().parent.parent.parent
CONTAINER = CHECKOUT / "deploy" / "container"
RULES = CHECKOUT / "tests" / "sandbox" / "container_rules.py"
KNOWN = {"FROM", "RUN", "COPY", "WORKDIR", "USER", "VOLUME", "ENV", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "CMD"}
NOT_IN_IT = {"bench"}


def instructions() -> list[tuple[str, str]]:
    lines = [line for line in (CONTAINER / "Containerfile").read_text().splitlines() if not line.startswith("#")]
    whole = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in whole.splitlines() if line)]


def copied() -> list[str]:
    return [source for name, rest in instructions() if name == "COPY" for source in shlex.split(rest)[:-1]]


def test_every_instruction_is_one() -> None:
    assert {name for name, _rest in instructions()} <= KNOWN | {"ENTRYPOINT"}
    assert instructions()[0] == ("FROM", "docker.io/library/debian:12-slim")


@pytest.mark.parametrize("source", copied())
def test_what_it_copies_is_there_and_in_the_repository(source: str) -> None:
    assert (CHECKOUT / source).exists()
    command = ["git", "-c", "safe.directory=*", "ls-files", source]
    if (CHECKOUT / ".git").exists():
        assert subprocess.run(command, cwd=CHECKOUT, capture_output=True, check=True).stdout
    ignored = (CHECKOUT / ".dockerignore").read_text().splitlines()
    assert source not in ignored


def test_no_package_is_forgotten() -> None:
    assert set(PACKAGES) - NOT_IN_IT <= set(copied())
    [compiled] = [rest for name, rest in instructions() if name == "RUN" and "compileall" in rest]
    assert set(PACKAGES) - NOT_IN_IT <= set(compiled.split())
    assert {"templates", "frontend", "requirements", "deploy"} <= set(copied())


def test_what_make_needs_is_there_before_it_is_called(tmp_path) -> None:
    """Of our own modules; a file is copied only where the image is really built."""
    made = instructions().index(("RUN", "make environments"))
    for name, rest in instructions()[:made]:
        if name == "COPY":
            *sources, target = shlex.split(rest)
            for source in sources:
                place = tmp_path / target / source if target.endswith("/") else tmp_path / target
                (shutil.copytree if (CHECKOUT / source).is_dir() else shutil.copy)(CHECKOUT / source, place)
    statements = re.findall(r"from \w+ import \w+", (tmp_path / "Makefile").read_text())
    assert statements
    for statement in statements:
        subprocess.run([sys.executable, "-c", statement], cwd=tmp_path, check=True)


def test_commands_are_syntax_of_a_shell() -> None:
    for name, rest in instructions():
        if name == "RUN":
            subprocess.run(["sh", "-n", "-c", rest], check=True)
    subprocess.run(["sh", "-n", CONTAINER / "start"], check=True)


def test_it_does_not_run_as_root() -> None:
    values = dict(instructions())
    assert values["USER"] == "1000:1000"
    assert json.loads(values["ENTRYPOINT"]) == ["/bin/sh", "deploy/container/start"]


def start(*arguments: str, before: tuple[str, ...] = (), **environ: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*before, "/bin/sh", str(CONTAINER / "start"), *arguments],
        cwd="/",
        env={"PATH": os.defpath, "LANG": "C.UTF-8", **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_without_its_flags_it_says_which_and_starts_nothing(tmp_path) -> None:
    process = start("up", before=(sys.executable, str(RULES)), IVLE_DATA=str(tmp_path / "data"))
    said, _ = process.communicate(timeout=60)
    assert process.returncode == os.EX_CONFIG
    assert "user namespace" in said
    for flag in ("seccomp=unconfined", "apparmor=unconfined", "systempaths=unconfined", "unmask=ALL"):
        assert flag in said
    assert not (tmp_path / "data").exists()


def test_the_same_flags_are_in_the_documentation() -> None:
    for place in (CONTAINER / "Containerfile", CHECKOUT / "docs" / "admin.md"):
        text = re.sub(r"[#\\]\n?", " ", place.read_text())
        for flag in ("seccomp=unconfined", "apparmor=unconfined", "systempaths=unconfined"):
            assert f"--security-opt {flag}" in re.sub(r"\s+", " ", text)


def test_with_them_it_starts_is_healthy_and_ends(tmp_path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    environ = {"IVLE_DATA": str(tmp_path / "data"), "PORT": port}
    process = start("up", **environ)
    try:
        for line in process.stdout:
            if "ivle is ready" in line:
                break
        healthy = [sys.executable, str(CONTAINER / "healthy.py")]
        assert subprocess.run(healthy, env=environ, check=False).returncode == 0
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert subprocess.run(healthy, env=environ, capture_output=True, check=False).returncode == 1
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_another_word_is_a_command_of_manage_py(tmp_path) -> None:
    process = start("backup", "--check", str(tmp_path / "none.tar"), IVLE_DATA=str(tmp_path / "data"))
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "none.tar cannot be read" in said
