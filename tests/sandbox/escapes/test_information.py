"""Student code learns nothing of the host, of the service, or of who ran before or beside it."""

from __future__ import annotations

import os
import platform
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sandbox.installation import HOST_SECRET
from tests.sandbox.jail import ROOMY, Jail

SHIFT = 0x55  # what is looked for is handed over with every byte changed, so that the search does not find itself
SCAN = f"""
    import sys
    from toolbox import tell
    shift = bytes(byte ^ {SHIFT} for byte in range(256))
    needles = [bytes.fromhex(text) for text in sys.argv[1:]]
    found = set()
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", buffering=0) as memory:
        for line in maps:
            span, modes = line.split()[:2]
            if "r" not in modes or "[v" in line: continue
            place, end = (int(part, 16) for part in span.split("-"))
            while place < end:
                try:
                    memory.seek(place)
                    content = memory.read(min(1 << 20, end - place)).translate(shift)
                except (OSError, ValueError, OverflowError):
                    break
                found |= {{index for index, needle in enumerate(needles) if needle in content}}
                if len(content) <= 256: break
                place += len(content) if place + len(content) >= end else len(content) - 256
    tell(sorted(found))
"""


def scan(jail: Jail, *needles: str) -> list[str]:
    """Which of the texts are anywhere in the memory of a program."""
    shifted = tuple(bytes(byte ^ SHIFT for byte in needle.encode()).hex() for needle in needles)
    return [needles[index] for index in jail.ask(SCAN, arguments=shifted, limits=ROOMY)]


def test_the_scan_finds_what_is_there(jail: Jail) -> None:
    """Else the tests below would prove nothing."""
    assert scan(jail, jail.owner, "no-such-text-anywhere-4f") == [jail.owner]


@pytest.mark.everywhere
def test_cant_read_the_environment_of_the_service(jail: Jail) -> None:
    code = """
        import os
        from toolbox import tell
        tell([dict(os.environ), open("/proc/self/environ", errors="replace").read(), open("/proc/self/cmdline").read()])
    """
    environ, initial, command = jail.ask(code)
    for text in (str(environ), initial, command):
        assert HOST_SECRET not in text
        assert "IVLE_" not in text
        assert str(jail.installation.homes) not in text
    assert set(environ) <= {
        "PATH", "LANG", "PYTHONUTF8", "MALLOC_ARENA_MAX", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "LD_LIBRARY_PATH",
        "HOME", "USER", "LOGNAME", "MPLBACKEND", "MPLCONFIGDIR", "LC_CTYPE", "TMPDIR", "SHELL",
    }  # fmt: skip


@pytest.mark.everywhere
def test_cant_find_secrets_in_its_memory(jail: Jail) -> None:
    """Of the service, or of whoever ran before in a child of the same interpreter: code, arguments, input and name."""
    before = jail.beside("previous-")
    canaries = {name: f"canary-{name}-{os.urandom(8).hex()}" for name in ("code", "argument", "input", "environ")}
    before.run(
        f"kept = '{canaries['code']}'\nimport sys\nsys.stdin.read()",
        stdin=canaries["input"].encode(),
        arguments=(canaries["argument"],),
        environ={"CANARY": canaries["environ"]},
    )
    assert scan(jail, HOST_SECRET, before.owner, *canaries.values()) == []


def test_cant_find_who_ran_just_before(start: Callable[..., Jail]) -> None:
    """In a jail that was made after others had got their owners: the zygote, from which it was made, knew them."""
    jail = start(spares=0)
    names = [f"before-{os.urandom(size).hex()}-" for size in (6, 8, 12, 16, 20)]
    for name in names:
        jail.beside(name).run("pass")
        assert scan(jail, *(name.removeprefix("before-") for name in names)) == []


def test_cant_find_other_peoples_modules(jail: Jail) -> None:
    """The interpreter is warm, but nothing in it is anybody's; nor is there a way to our own code by name."""
    code = """
        import gc, sys
        from toolbox import tell
        tops = {name.split(".")[0] for name in sys.modules}
        ours = sorted(tops & {"sandbox", "guest", "django", "psutil", "ivle", "_ivle_guest_script"})
        files = [getattr(module, "__file__", None) or "/usr" for module in list(sys.modules.values())]
        outside = [file for file in files if file.split("/")[1] not in ("usr", "opt", "home", "lib")]
        reachable = []
        for name in ("sandbox", "guest", "django", "channels", "zygote"):
            try: __import__(name)
            except ImportError: continue
            reachable.append(name)
        tell([ours, outside, reachable])
    """
    assert jail.ask(code) == [[], [], []]


@pytest.mark.everywhere
def test_cant_inherit_descriptors(jail: Jail) -> None:
    """0, 1 and 2, and nothing above."""
    code = """
        import os
        from toolbox import tell
        held = []
        for number in range(1024):
            try: os.fstat(number)
            except OSError: continue
            held.append(number)
        tell(held)
    """
    assert jail.ask(code) == [0, 1, 2]


def test_cant_read_facts_of_the_host(jail: Jail) -> None:
    names = [
        "cmdline", "version", "cpuinfo", "meminfo", "loadavg", "uptime", "stat", "diskstats", "interrupts", "kallsyms",
        "modules", "partitions", "sys", "filesystems", "swaps", "devices", "vmstat", "keys", "key-users", "config.gz",
        "kcore", "kmsg", "sysrq-trigger", "timer_list", "schedstat", "crypto",
    ]  # fmt: skip
    paths = ["/sys", "/proc/sys", "/dev/kmsg", "/dev/mem", "/dev/disk", "/etc/machine-id"]
    code = f"""
        import os
        from toolbox import tell
        tell([path for path in ["/proc/" + name for name in {names}] + {paths} if os.path.exists(path)])
    """
    assert jail.ask(code) == []


def test_cant_learn_the_name_of_the_host(jail: Jail) -> None:
    code = """
        import os, socket
        from toolbox import tell
        hosts = open("/etc/hosts").read() + open("/etc/hostname").read()
        tell([socket.gethostname(), os.uname().nodename, hosts, open("/etc/passwd").read(), open("/etc/group").read()])
    """
    told = " ".join(jail.ask(code))
    host = socket.gethostname()
    assert host not in told.replace("localhost", "") or host == "ivle"
    assert "root" not in told


def test_cant_learn_its_control_group(jail: Jail) -> None:
    """Its place in the host's tree says how much runs, and as what."""
    groups = jail.ask("from toolbox import tell\ntell(open('/proc/self/cgroup').read().split())")
    assert not [group for group in groups if "jail" in group or "ivle" in group]
    assert jail.ask("import os, toolbox\ntoolbox.tell(os.path.exists('/sys/fs/cgroup'))") is False


def test_cant_share_a_namespace_with_others(jail: Jail) -> None:
    """Of seven kinds; and none is the host's."""
    code = """
        import os
        from toolbox import tell
        names = ("mnt", "pid", "net", "ipc", "uts", "cgroup", "user")
        tell({name: os.readlink(f"/proc/self/ns/{name}") for name in names})
    """
    own, others = jail.ask(code), jail.beside().ask(code)
    host = {name: str(Path(f"/proc/self/ns/{name}").readlink()) for name in own}
    user_namespaces = "no user namespaces" not in jail.installation.kind.name
    for name in own:
        if name != "user" or user_namespaces:
            assert own[name] != host[name], name
            assert own[name] != others[name], name


@pytest.mark.everywhere
def test_cant_guess_the_randomness_of_others(jail: Jail) -> None:
    """Every source a program has, in two children of one interpreter."""
    code = """
        import os, random, secrets, ssl, tempfile, uuid
        from toolbox import tell
        tell({
            "random": random.random(), "system": random.SystemRandom().random(), "urandom": os.urandom(8).hex(),
            "secrets": secrets.token_hex(8), "uuid": str(uuid.uuid4()), "ssl": ssl.RAND_bytes(8).hex(),
            "temporary": tempfile.mktemp(), "again": random.getrandbits(64),
        })
    """
    one, other = jail.ask(code, limits=ROOMY), jail.beside().ask(code, limits=ROOMY)
    assert not [name for name in one if one[name] == other[name]]


@pytest.mark.skipif(platform.machine() not in ("x86_64", "aarch64"), reason="not a machine ivle knows")
def test_cant_read_the_kernel(jail: Jail) -> None:
    """Neither its log nor its symbols."""
    code = """
        import os
        from toolbox import attempt, tell, verdict
        room = b"\\0" * 4096
        files = ("/dev/kmsg", "/proc/kallsyms", "/proc/kcore")
        tell([verdict("syslog", 3, room, 4096)] + [attempt(open, file) for file in files])
    """
    assert "done" not in jail.ask(code)


def test_cant_read_files_by_handles(jail: Jail) -> None:
    """open_by_handle_at asks the file system, not the path: the oldest way out of a container."""
    code = """
        import struct
        from toolbox import tell, verdict
        root = struct.pack("=Ii", 8, 1) + struct.pack("=II", 2, 0)
        tell([verdict("open_by_handle_at", 0, root, 0), verdict("name_to_handle_at", -100, b"/", root, root, 0)])
    """
    assert jail.ask(code) == ["EPERM", "EPERM"]


def test_cant_learn_where_our_files_are(jail: Jail) -> None:
    """Paths that a program sees of itself are the neutral ones."""
    code = """
        import os, site, sys, sysconfig
        from toolbox import tell
        links = [os.readlink(f"/proc/self/{name}") for name in ("exe", "cwd", "root")]
        tell([sys.path, sys.prefix, sys.base_prefix, sys.exec_prefix, sys.executable, sys.orig_argv, os.getcwd(),
              __file__, os.path.realpath("."), links])
    """
    told = str(jail.ask(code))
    for path in (jail.installation.folder, jail.installation.code, Path.home()):
        assert str(path) not in told


def test_cant_see_the_folders_of_others_in_its_mounts(jail: Jail) -> None:
    """Mounts show where on their file system they begin: of our own home, but of nobody else's."""
    other = jail.beside("somebody-else")
    assert other.owner not in jail.ask("from toolbox import tell\ntell(open('/proc/self/mountinfo').read())")


def test_cant_measure_who_else_is_there(jail: Jail) -> None:
    """Numbers of processes and terminals are counted from the start in each jail."""
    others = [jail.beside().begin("print('up', flush=True)\ninput()") for _ in range(3)]
    for other in others:
        other.wait_for(b"up")
    code = """
        import os
        from toolbox import count_forks, tell
        _, slave = os.openpty()
        tell([os.getpid(), os.getppid(), count_forks(1), os.ttyname(slave)])
    """
    told = jail.ask(code)
    for other in others:
        other.stop()
        other.result()
    assert told == [2, 0, [3], "/dev/pts/0"]
