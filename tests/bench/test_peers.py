"""Each peer that is installed starts as the bench starts it, gives one right answer, and leaves nothing behind."""

from __future__ import annotations

import socket
import tempfile
from pathlib import Path

import pytest

from bench import interpreter
from bench.load import press
from bench.peers import PEERS, Apache, Peer, serving
from bench.server import free_port

OPTIONAL = pytest.mark.skips_in_ci("Apache is the peer that targets are set against")


@pytest.mark.parametrize(
    "peer",
    [pytest.param(peer, id=peer.name, marks=() if isinstance(peer, Apache) else OPTIONAL) for peer in PEERS],
)
def test_one_right_answer(peer: Peer) -> None:
    executable = interpreter.choose(None).executable
    if peer.program(executable) is None:
        pytest.skip(f"{peer.name} is not installed")
    # Not tmp_path: its parents are closed to the unprivileged user that a peer started by root becomes.
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with serving(peer, folder / "peer", executable) as address:
            load = press(address, clients=1, seconds=10, most_requests=1)
        assert len(load.seconds) == 1, load.errors
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", address.port)) != 0


def test_a_free_port_is_free() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        assert free_port() != taken.getsockname()[1]
