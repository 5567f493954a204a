"""What student code can do all the same: everything an ordinary program does, as on a machine of its own."""

from __future__ import annotations

import pytest

from sandbox.limits import MIB
from sandbox.outcome import Ended
from tests.sandbox.installation import Installation
from tests.sandbox.jail import ROOMY, Jail


def require_packages(installation: Installation) -> None:
    if installation.runtime is None:
        pytest.fail("the students' environment is missing: run make")


@pytest.mark.everywhere
def test_can_use_threads(jail: Jail) -> None:
    code = """
        from concurrent.futures import ThreadPoolExecutor
        from toolbox import tell
        with ThreadPoolExecutor(20) as pool: tell(sum(pool.map(lambda n: n * n, range(100))))
    """
    assert jail.ask(code) == 328350


@pytest.mark.everywhere
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_can_use_multiprocessing(jail: Jail, method: str) -> None:
    code = f"""
        import multiprocessing
        from toolbox import tell
        def square(number): return number * number
        if __name__ == "__main__":
            with multiprocessing.get_context("{method}").Pool(3) as pool: tell(pool.map(square, range(5)))
    """
    assert jail.ask(code, limits=ROOMY) == [0, 1, 4, 9, 16]


def test_can_use_queues_locks_and_shared_memory(jail: Jail) -> None:
    code = """
        import multiprocessing
        from multiprocessing import shared_memory
        from toolbox import tell
        def work(lock, queue, name):
            memory = shared_memory.SharedMemory(name=name)
            with lock: memory.buf[0] += 1
            queue.put(memory.buf[0])
            memory.close()
        if __name__ == "__main__":
            memory = shared_memory.SharedMemory(create=True, size=4096)
            lock, queue = multiprocessing.Lock(), multiprocessing.Queue()
            workers = [multiprocessing.Process(target=work, args=(lock, queue, memory.name)) for _ in range(3)]
            for worker in workers: worker.start()
            got = sorted(queue.get() for _ in workers)
            for worker in workers: worker.join()
            memory.close(), memory.unlink()
            tell(got)
    """
    assert len(jail.ask(code, limits=ROOMY)) == 3


@pytest.mark.everywhere
@pytest.mark.parametrize(
    "command",
    ["['echo', 'out']", "['sh', '-c', 'echo out | cat']", "['bash', '-c', 'echo $((1+1)) >/dev/null; echo out']"],
)
def test_can_start_programs(jail: Jail, command: str) -> None:
    code = f"""
        import subprocess
        from toolbox import tell
        tell(subprocess.run({command}, capture_output=True, text=True).stdout)
    """
    assert jail.ask(code) == "out\n"


def test_can_start_python_again(jail: Jail) -> None:
    code = """
        import subprocess, sys
        from toolbox import tell
        tell(subprocess.run([sys.executable, "-c", "import json; print(1 + 1)"], capture_output=True, text=True).stdout)
    """
    assert jail.ask(code, limits=ROOMY) == "2\n"


def test_can_run_an_executable_of_its_own(jail: Jail) -> None:
    code = """
        import os, subprocess
        from toolbox import tell
        with open("run.sh", "w") as file: file.write("#!/bin/sh\\necho mine $1\\n")
        os.chmod("run.sh", 0o755)
        tell(subprocess.run(["./run.sh", "own"], capture_output=True, text=True).stdout)
    """
    assert jail.ask(code) == "mine own\n"


@pytest.mark.everywhere
def test_can_use_temporary_files(jail: Jail) -> None:
    code = """
        import os, tempfile
        from toolbox import tell
        named, nameless = tempfile.NamedTemporaryFile("w+"), tempfile.TemporaryFile()
        with tempfile.TemporaryDirectory() as folder, named, nameless:
            open(os.path.join(folder, "a"), "w").close()
            named.write("b"), nameless.write(b"c")
            tell([os.listdir(folder), tempfile.gettempdir()])
    """
    assert jail.ask(code) == [["a"], "/tmp"]


def test_can_use_files_of_its_home(jail: Jail) -> None:
    code = """
        import os, shutil
        from toolbox import tell
        os.makedirs("a/b")
        with open("a/b/text", "w") as file: file.write("hello")
        os.link("a/b/text", "hard"), os.symlink("a/b/text", "soft"), os.rename("a/b", "a/c"), os.chmod("hard", 0o600)
        shutil.copytree("a", "copy"), os.utime("hard", (1, 1)), os.truncate("hard", 4)
        os.mkfifo("pipe"), os.unlink("pipe")
        tell([open("copy/c/text").read(), open("hard").read(), os.path.lexists("soft"), sorted(os.listdir("copy"))])
    """
    assert jail.ask(code) == ["hello", "hell", True, ["c"]]


def test_can_use_any_name_for_a_file(jail: Jail) -> None:
    code = r"""
        import os
        from toolbox import tell
        names = ["naïve", "日本語", "a b", "new\nline", "-rf", "<b>&\"'", "\u202eright", "n" * 255, "🎓"]
        for name in names: open(name, "w").close()
        open(b"not-\xff-utf8", "w").close()
        tell(sorted(set(names) - set(os.listdir())))
    """
    assert jail.ask(code) == []
    assert (jail.home / "日本語").exists()


@pytest.mark.everywhere
@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1"])
def test_can_use_sockets_inside(jail: Jail, address: str) -> None:
    """A server and its client in one program, as networking exercises have it."""
    code = f"""
        import socket, threading
        from toolbox import tell
        family = socket.AF_INET6 if ":" in "{address}" else socket.AF_INET
        server = socket.create_server(("{address}", 0), family=family)
        def serve():
            peer, _ = server.accept()
            with peer: peer.sendall(peer.recv(64).upper())
        threading.Thread(target=serve).start()
        with socket.create_connection(server.getsockname()[:2]) as client:
            client.sendall(b"hello")
            tell(client.recv(64).decode())
    """
    assert jail.ask(code) == "HELLO"


def test_can_serve_and_fetch_a_page(jail: Jail) -> None:
    code = """
        import http.server, threading, urllib.request
        from toolbox import tell
        class Quiet(http.server.SimpleHTTPRequestHandler):
            def log_message(self, *arguments): pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        tell(urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/toolbox.py").status)
    """
    assert jail.ask(code, limits=ROOMY) == 200


def test_can_use_unix_sockets_and_pass_descriptors(jail: Jail) -> None:
    code = """
        import os, socket
        from toolbox import tell
        server = socket.socket(socket.AF_UNIX)
        server.bind("own.sock"), server.listen()
        client = socket.socket(socket.AF_UNIX)
        client.connect("own.sock")
        peer, _ = server.accept()
        socket.send_fds(client, [b"x"], [os.open("toolbox.py", os.O_RDONLY)])
        _, [received], _, _ = socket.recv_fds(peer, 8, 1)
        tell(os.read(received, 3).decode())
    """
    assert jail.ask(code) == '"""'


def test_can_use_a_terminal_of_its_own(jail: Jail) -> None:
    code = """
        import os, pty, termios, tty
        from toolbox import tell
        child, master = pty.fork()
        if child == 0:
            print("tty" if os.isatty(0) else "no", os.ttyname(0), os.get_terminal_size(0).columns >= 0, flush=True)
            os._exit(0)
        os.waitpid(child, 0)
        tell(os.read(master, 99).decode())
    """
    assert jail.ask(code) == "tty /dev/pts/0 True\r\n"


def test_can_use_a_database(jail: Jail) -> None:
    code = """
        import sqlite3
        from toolbox import tell
        with sqlite3.connect("own.db") as database:
            database.execute("pragma journal_mode=wal")
            database.execute("create table t (n)"), database.executemany("insert into t values (?)", [(1,), (2,)])
            tell(database.execute("select sum(n) from t").fetchone())
    """
    assert jail.ask(code, limits=ROOMY) == [3]


@pytest.mark.everywhere
def test_can_use_asyncio(jail: Jail) -> None:
    code = """
        import asyncio
        from toolbox import tell
        async def main():
            process = await asyncio.create_subprocess_exec("echo", "out", stdout=-1)
            output, _ = await process.communicate()
            slept = await asyncio.gather(*[asyncio.sleep(0, n) for n in (1, 2)])
            return [output.decode(), await asyncio.to_thread(lambda: 5), *slept]
        tell(asyncio.run(main()))
    """
    assert jail.ask(code, limits=ROOMY) == ["out\n", 5, 1, 2]


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("__import__('ssl').create_default_context().verify_mode.name", "CERT_REQUIRED"),
        ("str(__import__('decimal').Decimal('0.1') + 2)", "2.1"),
        ("len(__import__('os').urandom(16))", 16),
        ("len(open('/dev/urandom', 'rb', buffering=0).read(8))", 8),
        ("open('/dev/null', 'w').write('gone')", 4),
        ("__import__('hashlib').scrypt(b'a', salt=b'b', n=2, r=8, p=1).hex()[:4]", None),
        ("str(__import__('zoneinfo').ZoneInfo('Europe/Berlin'))", "Europe/Berlin"),
        ("__import__('time').strftime('%Z') != ''", True),
        ("__import__('locale').setlocale(0, 'C.UTF-8')", "C.UTF-8"),
        ("__import__('os').cpu_count() >= 1", True),
        ("__import__('pwd').getpwuid(__import__('os').getuid()).pw_dir == __import__('os').environ['HOME']", True),
        ("__import__('os').path.expanduser('~') == __import__('os').environ['HOME']", True),
        ("__import__('platform').system()", "Linux"),
        ("__import__('socket').gethostbyname('localhost')", "127.0.0.1"),
        ("__import__('os').sysconf('SC_PAGE_SIZE') > 0", True),
        ("__import__('resource').getrusage(0).ru_utime >= 0", True),
        ("__import__('ctypes').CDLL(None).getpid() == __import__('os').getpid()", True),
        ("__import__('subprocess').getoutput('ps ax | grep -c program.py') != ''", True),
        ("__import__('shutil').disk_usage('.').total > 0", True),
        ("__import__('webbrowser').get is not None", True),
        ("__import__('curses').tigetnum is not None", True),
        ("__import__('getpass').getuser() == __import__('os').environ['USER']", True),
        ("__import__('faulthandler').enable() is None", True),
        ("__import__('lzma').decompress(__import__('lzma').compress(b'a')).decode()", "a"),
    ],
)  # fmt: skip
def test_can_use_the_standard_library(jail: Jail, expression: str, wanted: object) -> None:
    got = jail.ask(
        f"import warnings\nwarnings.simplefilter('ignore')\nfrom toolbox import tell\ntell({expression})", limits=ROOMY
    )
    assert got == wanted or wanted is None


def test_can_handle_signals(jail: Jail) -> None:
    code = """
        import os, signal
        from toolbox import tell
        got = []
        for number in (signal.SIGUSR1, signal.SIGTERM, signal.SIGRTMIN, signal.SIGXCPU):
            signal.signal(number, lambda n, frame: got.append(n))
            os.kill(os.getpid(), number)
        child = os.fork()
        if child == 0: signal.pause()
        os.kill(child, signal.SIGKILL)
        tell([len(got), os.waitpid(child, 0)[1]])
    """
    assert jail.ask(code) == [4, 9]


def test_can_map_memory(jail: Jail) -> None:
    code = """
        import mmap, os
        from toolbox import tell
        with open("mapped", "wb") as file: file.truncate(1 << 20)
        with open("mapped", "r+b") as file, mmap.mmap(file.fileno(), 0) as area:
            area[:5] = b"hello"
            area.flush()
        shared = mmap.mmap(-1, 4096)
        if os.fork() == 0:
            shared[0] = 7
            os._exit(0)
        os.wait()
        tell([open("mapped", "rb").read(5).decode(), shared[0]])
    """
    assert jail.ask(code) == ["hello", 7]


def test_can_wait_for_many_things(jail: Jail) -> None:
    code = """
        import os, select, selectors, socket
        from toolbox import tell
        a, b = socket.socketpair()
        a.send(b"x")
        epoll = select.epoll()
        epoll.register(b, select.EPOLLIN)
        poll = select.poll()
        poll.register(b, select.POLLIN)
        tell([len(epoll.poll(1)), len(poll.poll(1000)), len(select.select([b], [], [], 1)[0])])
    """
    assert jail.ask(code) == [1, 1, 1]


def test_can_lock_files(jail: Jail) -> None:
    code = """
        import fcntl, os
        from toolbox import attempt, tell
        file, other = open("lock", "w"), open("lock", "w")
        fcntl.flock(file, fcntl.LOCK_EX)
        tell([attempt(fcntl.flock, other, fcntl.LOCK_EX | fcntl.LOCK_NB), attempt(fcntl.lockf, file, fcntl.LOCK_EX)])
    """
    assert jail.ask(code) == ["EAGAIN", "done"]


def test_can_pack_and_unpack(jail: Jail) -> None:
    code = """
        import io, os, tarfile, zipfile
        from toolbox import tell
        with zipfile.ZipFile("a.zip", "w") as archive: archive.write("toolbox.py")
        with tarfile.open("a.tar.gz", "w:gz") as archive: archive.add("toolbox.py")
        zipfile.ZipFile("a.zip").extractall("z")
        tarfile.open("a.tar.gz").extractall("t")
        tell([os.listdir("z"), os.listdir("t")])
    """
    assert jail.ask(code, limits=ROOMY) == [["toolbox.py"], ["toolbox.py"]]


def test_can_use_a_good_deal_of_memory(jail: Jail) -> None:
    code = "from toolbox import tell\nkept = bytearray(b'x' * (80 << 20))\ntell(len(kept))"
    assert jail.ask(code, limits=ROOMY) == 80 * MIB


def test_can_make_an_environment(jail: Jail) -> None:
    """A virtual environment without pip, and the Python in it."""
    code = """
        import subprocess, venv
        from toolbox import tell
        venv.create("own", with_pip=False)
        ask = ["own/bin/python", "-c", "import sys; print(sys.prefix)"]
        tell(subprocess.run(ask, capture_output=True, text=True).stdout)
    """
    assert jail.ask(code, limits=ROOMY) == f"{jail.home_inside}/own\n"


def test_can_use_numpy(jail: Jail) -> None:
    require_packages(jail.installation)
    code = """
        import numpy
        from toolbox import tell
        product = numpy.arange(100).reshape(10, 10) @ numpy.eye(10)
        tell([float(product.sum()), int(numpy.linalg.matrix_rank(numpy.eye(50)))])
    """
    assert jail.ask(code, limits=ROOMY) == [4950.0, 50]


def test_can_draw_a_figure(jail: Jail) -> None:
    require_packages(jail.installation)
    code = """
        import matplotlib.pyplot as plt
        plt.plot([1, 2, 3])
        plt.title("ünïcode")
        plt.savefig("figure.png")
        plt.savefig("figure.svg")
    """
    result = jail.run(code, limits=ROOMY)
    assert result.outcome.exit_status == 0, result.stderr
    assert (jail.home / "figure.png").read_bytes().startswith(b"\x89PNG")


def test_can_compile_where_there_is_a_compiler(jail: Jail) -> None:
    code = """
        import shutil, subprocess
        from toolbox import tell
        if shutil.which("gcc"):
            with open("a.c", "w") as file: file.write("int main() { return 42; }")
            subprocess.run(["gcc", "a.c", "-o", "a"], check=True)
            tell(subprocess.run(["./a"]).returncode)
        else:
            tell(42)
    """
    assert jail.ask(code, limits=ROOMY) == 42


def test_can_crash_and_run_again(jail: Jail) -> None:
    assert jail.run("import ctypes\nctypes.string_at(0)").outcome.ended is Ended.CRASHED
    assert jail.ask("from toolbox import tell\ntell('again')") == "again"


@pytest.mark.everywhere
def test_can_run_many_at_once(jail: Jail) -> None:
    """Of one person and of many."""
    people = [jail, jail.beside(), jail.beside()]
    running = [
        person.begin(f"print({number})", stdin=b"", name=f"{number}.py") for person in people for number in range(5)
    ]
    assert [one.result().text for one in running] == [f"{number}\n" for _ in people for number in range(5)]
