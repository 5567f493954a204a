"""A live attempt to escape from the jails of this very machine, for `doctor --attack`.

Each attack is a program that prints HELD or ESCAPED as its last word. The full suite, with the effects seen from
outside, is tests/sandbox/escapes; this is the part that can be tried on a machine in use.
"""

from __future__ import annotations

import os
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from sandbox import single
from sandbox.job import Job
from sandbox.limits import CGI
from sandbox.outcome import Ended
from sandbox.supervisor import Supervisor

PRELUDE = """
import ctypes, errno, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
def refused(action):
    try:
        action()
    except OSError:
        return True
    return False
def fails(name, *arguments):
    return getattr(libc, name)(*arguments) < 0
def verdict(held):
    print("HELD" if held else "ESCAPED")
"""


@dataclass(frozen=True)
class Attack:
    name: str
    program: str
    held_by: Ended = Ended.FINISHED  # how a run that was held ends


ATTACKS = (
    Attack("read the host's password hashes", "verdict(refused(lambda: open('/etc/shadow')))"),
    Attack("see other people's homes", "verdict(len(os.listdir('/home')) == 1 and not os.listdir('/.homes'))"),
    Attack("write to the system", "verdict(refused(lambda: open('/usr/escaped', 'w')))"),
    Attack("see other processes", "verdict({p for p in os.listdir('/proc') if p.isdigit()} <= {'1', '2'})"),
    Attack("read init's memory", "verdict(refused(lambda: open('/proc/1/mem', 'rb').read(1)))"),
    Attack("read init's environment", "verdict(refused(lambda: open('/proc/1/environ', 'rb').read()))"),
    Attack("stop init", "refused(lambda: os.kill(1, 9)); verdict(True)"),
    Attack("trace a process", "verdict(fails('ptrace', 16, 1, 0, 0))"),
    Attack("make a user namespace", "verdict(fails('unshare', 0x10000000))"),
    Attack("make a mount namespace", "verdict(fails('unshare', 0x00020000))"),
    Attack("mount a file system", "verdict(fails('mount', b'tmpfs', b'/tmp', b'tmpfs', 0, None))"),
    Attack("unmount something", "verdict(fails('umount2', b'/home/student', 2))"),
    Attack("change the root", "verdict(refused(lambda: os.chroot('/tmp')))"),
    Attack("become root", "verdict(refused(lambda: os.setuid(0)) and os.getuid() != 0)"),
    Attack("make a device", "verdict(refused(lambda: os.mknod('/tmp/sda', 0o60600, os.makedev(8, 0))))"),
    Attack("set the set-user-id bit", "open('x', 'w'); verdict(refused(lambda: os.chmod('x', 0o4755)))"),
    Attack("reach the network", "verdict(refused(lambda: socket.create_connection(('192.0.2.1', 80), 1)))"),
    Attack("reach the host's loopback", "verdict(refused(lambda: socket.create_connection(('127.0.0.1', 22), 1)))"),
    Attack("talk to the hypervisor", "verdict(refused(lambda: socket.socket(40, socket.SOCK_STREAM)))"),
    Attack("make a packet socket", "verdict(refused(lambda: socket.socket(17, socket.SOCK_RAW)))"),
    Attack("type into a terminal", "verdict(fails('ioctl', 0, 0x5412, b'x'))"),
    Attack("use BPF", "verdict(libc.syscall(321, 0, 0, 0) < 0)"),
    Attack("use io_uring", "verdict(libc.syscall(425, 1, ctypes.create_string_buffer(120)) < 0)"),
    Attack("read the kernel's keys", "verdict(libc.syscall(250, 0, -3, 1) < 0)"),
    Attack("raise a limit", "import resource as r\ntry:\n r.setrlimit(r.RLIMIT_NOFILE, (9999, 9999)); verdict(False)\n"
           "except (ValueError, OSError):\n verdict(True)"),
    Attack("take another's descriptors", "verdict(sorted(map(int, os.listdir('/proc/self/fd')))[:3] == [0, 1, 2] "
           "and len(os.listdir('/proc/self/fd')) == 4)"),
    Attack("fill /tmp", "verdict(refused(lambda: [open(f'/tmp/{n}', 'wb').write(bytes(1 << 20)) for n in range(64)]))"),
    Attack("write a huge file", "f = open('big', 'w'); verdict(refused(lambda: f.truncate(1 << 40)))"),
    Attack("fork without end", "n = 0\ntry:\n  while n < 200:\n    os.fork() or __import__('signal').pause()\n"
           "    n += 1\nexcept OSError:\n  pass\nverdict(n < 64)"),
    Attack("use the CPU for ever", "while True: pass", Ended.CPU),
    Attack("hide CPU in unawaited children", "import signal, time\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
           "while True:\n  if os.fork() == 0:\n    t = time.process_time()\n"
           "    while time.process_time() - t < 0.3: pass\n"
           "    os._exit(0)\n  try: os.wait()\n  except OSError: pass", Ended.CPU),
)  # fmt: skip


def write_programs(home: Path) -> None:
    for number, attack in enumerate(ATTACKS):
        (home / f"attack{number}.py").write_text(PRELUDE + textwrap.dedent(attack.program) + "\n", encoding="utf-8")


async def report(supervisor: Supervisor, home: Path, out: TextIO) -> int:
    """The table; 0 when everything held."""
    escaped = 0
    for number, attack in enumerate(ATTACKS):
        held, why = await attempt(supervisor, home, number, attack)
        escaped += not held
        print(f"{'held' if held else 'ESCAPED':<8} {attack.name}{why}", file=out)
    print(f"{len(ATTACKS) - escaped} of {len(ATTACKS)} held", file=out)
    return 1 if escaped else 0


async def attempt(supervisor: Supervisor, home: Path, number: int, attack: Attack) -> tuple[bool, str]:
    output = home / "output"
    program = f"/home/{single.OWNER}/attack{number}.py"
    with output.open("wb") as written, open(os.devnull, "rb") as nothing:
        job = Job(single.OWNER, (program,), f"/home/{single.OWNER}", CGI)
        outcome = await single.run_here(supervisor, job, (nothing.fileno(), written.fileno(), written.fileno()))
    text = output.read_text(encoding="utf-8", errors="replace").split()
    held = outcome.ended is attack.held_by and (attack.held_by is not Ended.FINISHED or text[-1:] == ["HELD"])
    return held, "" if held else f" ({outcome.ended}: {' '.join(text)[-200:]})"
