"""Burns CPU in the way named on the command line; each process tells what it has used, by its own clock, every 2 ms."""

import hashlib
import os
import signal
import sys
import threading
import time

TELL_SECONDS = 0.002
LONG = 10.0  # more than any limit tried


def burn(seconds: float) -> None:
    """Spin until this process has used that much CPU."""
    told = -TELL_SECONDS
    while (used := time.process_time()) < seconds:
        if used - told >= TELL_SECONDS:
            tell(used)
            told = used
    tell(used)


def tell(used: float) -> None:
    os.write(1, b"%d %.6f\n" % (os.getpid(), used))


def loop() -> None:
    burn(LONG)


def fork_chain() -> None:
    """Each process burns 0.3 s, far below its own limit, hands over to a child and waits."""
    while True:
        burn(0.3)
        child = os.fork()
        if child:
            os.waitpid(child, 0)
            os._exit(0)


def unreaped_children(seconds: float) -> None:
    """Children that nobody waits for: their CPU never shows in their parent's RUSAGE_CHILDREN."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    end = time.monotonic() + LONG
    while time.monotonic() < end:
        if os.fork() == 0:
            burn(seconds)
            os._exit(0)
        try:
            os.wait()
        except ChildProcessError:
            continue


def threads() -> None:
    """Eight threads on every core at once: hashing lets go of the interpreter lock."""
    block = bytes(4 << 20)

    def hash_on() -> None:
        while True:
            hashlib.sha256(block)

    for _ in range(8):
        threading.Thread(target=hash_on, daemon=True).start()
    while True:
        tell(time.process_time())
        time.sleep(TELL_SECONDS)


def sleep() -> None:
    time.sleep(LONG)


WAYS = {
    "loop": loop,
    "fork_chain": fork_chain,
    "unreaped": lambda: unreaped_children(0.3),
    "storm": lambda: unreaped_children(0.005),
    "threads": threads,
    "sleep": sleep,
}

WAYS[sys.argv[1]]()
