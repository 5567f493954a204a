"""Ends in the way named on the command line, tidily or not."""

import os
import subprocess
import sys
import time


def hello() -> None:
    print("hello")


def left_behind() -> None:
    """A child in a session of its own that would live on."""
    if os.fork() == 0:
        os.setsid()
        time.sleep(60)
    print("left one behind")


def crash() -> None:
    print("about to crash", flush=True)
    os.abort()


def fork() -> None:
    subprocess.run(["/bin/true"], check=True)
    print("forked and waited")


def unfinished() -> None:
    """Leaves with files, a pipe and a scratch file open."""
    scratch = os.open("/tmp/scratch", os.O_RDWR | os.O_CREAT)
    os.write(scratch, bytes(100_000))
    os.pipe()
    print("unfinished", flush=True)
    os._exit(3)


def gone() -> None:
    """Talks to a caller that goes away."""
    print("hello", flush=True)
    time.sleep(60)


WAYS = {way.__name__: way for way in (hello, left_behind, crash, fork, unfinished, gone)}

WAYS[sys.argv[1]]()
