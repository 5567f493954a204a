"""Student code reaches nobody over any kind of socket but itself."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.sandbox.jail import Jail


@pytest.mark.everywhere
def test_cant_reach_this_machine(jail: Jail) -> None:
    """What listens here, loopback included, is not there inside."""
    with socket.create_server(("0.0.0.0", 0)) as server, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.bind(("127.0.0.1", 0))
        port, other_port = server.getsockname()[1], datagrams.getsockname()[1]
        code = f"""
            import socket
            from toolbox import attempt, tell
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                attempt(probe.sendto, b"hello", ("127.0.0.1", {other_port}))
            tell(attempt(socket.create_connection, ("127.0.0.1", {port}), 1))
        """
        assert jail.ask(code) == "ECONNREFUSED"
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()
        datagrams.setblocking(False)
        with pytest.raises(BlockingIOError):
            datagrams.recv(16)


@pytest.mark.parametrize("address", ["10.0.0.1", "192.168.0.1", "169.254.169.254", "1.1.1.1", "255.255.255.255"])
def test_cant_reach_another_machine(jail: Jail, address: str) -> None:
    code = f"""
        import socket
        from toolbox import attempt, tell
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            sent = attempt(probe.sendto, b"hello", ("{address}", 53))
        tell([attempt(socket.create_connection, ("{address}", 80), 1), sent])
    """
    assert jail.ask(code) == ["ENETUNREACH", "ENETUNREACH"]


def test_cant_reach_another_machine_by_version_6(jail: Jail) -> None:
    code = """
        import socket
        from toolbox import attempt, tell
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            tell([attempt(probe.sendto, b"hello", (address, 53)) for address in ("2001:db8::1", "ff02::1")])
    """
    assert "done" not in jail.ask(code)


def test_cant_ask_for_names(jail: Jail) -> None:
    code = """
        import socket, time
        from toolbox import tell
        try:
            socket.getaddrinfo("example.org", 80)
        except socket.gaierror:
            tell("nobody answers")
    """
    assert jail.ask(code) == "nobody answers"


@pytest.mark.parametrize(
    "family",
    [
        "VSOCK=40",
        "NETLINK=16",
        "PACKET=17",
        "ALG=38",
        "BLUETOOTH=31",
        "CAN=29",
        "KEY=15",
        "XDP=44",
        "TIPC=30",
        "RDS=21",
        "SMC=43",
    ],
)
def test_cant_open_sockets_of_another_family(jail: Jail, family: str) -> None:
    """Doors to the hypervisor, to the kernel's tables, and to much code that was rarely read."""
    number = int(family.partition("=")[2])
    code = f"""
        from toolbox import tell, verdict
        tell([verdict("socket", {number}, kind, 0) for kind in (1, 2, 3, 5)])
    """
    assert set(jail.ask(code)) == {"EAFNOSUPPORT"}


def test_cant_open_a_pair_of_another_family(jail: Jail) -> None:
    code = """
        import ctypes
        from toolbox import tell, verdict
        pair = (ctypes.c_int * 2)()
        tell([verdict("socketpair", family, 1, 0, pair) for family in (2, 10, 16, 30, 40)])
    """
    assert set(jail.ask(code)) == {"EAFNOSUPPORT"}


@pytest.mark.everywhere
@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6"])
def test_cant_send_raw_packets(jail: Jail, family: str) -> None:
    code = f"""
        import socket
        from toolbox import attempt, tell
        tell([attempt(socket.socket, socket.{family}, socket.SOCK_RAW, protocol) for protocol in (1, 6, 58, 255)])
    """
    assert "done" not in jail.ask(code)


@pytest.mark.parametrize("protocol", ["SCTP=132", "DCCP=33", "UDPLITE=136", "L2TP=115", "SMC=256", "MPTCP=262"])
def test_cant_open_a_rare_protocol(jail: Jail, protocol: str) -> None:
    """The kernel would load a module for it if it is not there already: code that students need not reach."""
    number = int(protocol.partition("=")[2])
    code = f"""
        from toolbox import tell, verdict
        tell([verdict("socket", family, kind, {number}) for family in (2, 10) for kind in (1, 2, 5, 6)])
    """
    assert "done" not in jail.ask(code)


def test_cant_attach_a_protocol_to_a_connection(jail: Jail) -> None:
    """TCP_ULP loads kernel TLS and others, by name."""
    code = """
        import socket
        from toolbox import attempt, tell
        server = socket.create_server(("127.0.0.1", 0))
        client = socket.create_connection(server.getsockname())
        names = (b"tls", b"espintcp", b"mptcp", b"smc")
        tell([attempt(client.setsockopt, socket.IPPROTO_TCP, 31, name) for name in names])
    """
    assert "done" not in jail.ask(code)


@pytest.mark.everywhere
def test_cant_meet_others_by_a_name_without_a_file(jail: Jail) -> None:
    """Abstract Unix sockets belong to a network namespace, not to a file system."""
    listener = jail.beside().begin("""
        import socket
        server = socket.socket(socket.AF_UNIX)
        server.bind("\\0ivle-meeting-place")
        server.listen()
        print("up", flush=True)
        input()
    """)
    listener.wait_for(b"up")
    code = """
        import socket
        from toolbox import attempt, tell
        meeting = socket.socket(socket.AF_UNIX)
        tell(attempt(meeting.connect, "\\0ivle-meeting-place"))
    """
    try:
        assert jail.ask(code) == "ECONNREFUSED"
    finally:
        listener.stop()
        listener.result()


def test_cant_meet_this_side_by_a_name_without_a_file(jail: Jail) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"\0ivle-{jail.owner}-{id(server)}")
        server.listen()
        name = f"\\0ivle-{jail.owner}-{id(server)}"
        code = f"""
            import socket
            from toolbox import attempt, tell
            tell(attempt(socket.socket(socket.AF_UNIX).connect, "{name}"))
        """
        assert jail.ask(code) == "ECONNREFUSED"


@pytest.mark.everywhere
def test_cant_listen_where_others_connect(jail: Jail) -> None:
    """Two jails have the same port and do not meet."""
    listener = jail.beside().begin("""
        import socket
        server = socket.create_server(("127.0.0.1", 5000))
        print("up", flush=True)
        input()
    """)
    listener.wait_for(b"up")
    code = """
        import socket
        from toolbox import attempt, tell
        address = ("127.0.0.1", 5000)
        tell([attempt(socket.create_connection, address), attempt(socket.create_server, address)])
    """
    try:
        assert jail.ask(code) == ["ECONNREFUSED", "done"]
    finally:
        listener.stop()
        listener.result()


def test_cant_change_the_network(jail: Jail) -> None:
    """No address, no device, no filter, not even in its own."""
    code = """
        import fcntl, socket, struct
        from toolbox import attempt, tell
        probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        name = struct.pack("16sH14x", b"lo", 0)
        commands = (0x8914, 0x8916, 0x8922, 0x8946, 0x89F0, 0x8BE0)
        attempts = [attempt(fcntl.ioctl, probe, command, name) for command in commands]
        attempts.append(attempt(probe.setsockopt, socket.SOL_IP, 64, bytes(84)))
        attempts.append(attempt(open, "/dev/net/tun", "r+b"))
        tell(attempts)
    """
    assert "done" not in jail.ask(code)


def test_cant_be_handed_descriptors_of_others(jail: Jail) -> None:
    """What it sends over its standard output stays with the kernel: readers take bytes."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        before = len(list(Path("/proc/self/fd").iterdir()))
        result = jail.run(
            """
            import socket
            from toolbox import attempt
            peer = socket.socket(fileno=0)
            for _ in range(20): attempt(socket.send_fds, peer, [b"x"], [0] * 50)
        """,
            stdin=theirs.fileno(),
        )
        assert result.outcome.exit_status == 0
        assert ours.recv(64) == b"x"
        assert len(list(Path("/proc/self/fd").iterdir())) <= before + 1
