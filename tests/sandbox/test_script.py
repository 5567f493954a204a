"""A file run in a jail behaves as `python3 FILE ARGUMENT...` does: most tests ask python3 itself, in the same jail."""

from __future__ import annotations

import os
import re
import textwrap

import pytest

from sandbox.job import Job
from sandbox.limits import CGI
from tests.sandbox.jail import ROOMY, Jail, Result, Running

BECOME_PYTHON = """
import os, sys
os.execv(sys.executable, [sys.executable, os.environ["HOME"] + "/program.py", *sys.argv[1:]])
"""


def by_python(jail: Jail, code: str | bytes, *arguments: str, stdin: bytes = b"") -> Result:
    """The same program by the real thing: an interpreter started anew."""
    files = {"program.py": textwrap.dedent(code) if isinstance(code, str) else code}
    return jail.run(BECOME_PYTHON, files=files, arguments=arguments, stdin=stdin, name="become.py", limits=ROOMY)


def assert_same(result: Result, expected: Result) -> None:
    """Output, errors and status, but for addresses."""
    assert result.stdout.decode() == expected.stdout.decode()
    assert without_addresses(result.stderr) == without_addresses(expected.stderr)
    assert (result.outcome.ended, result.outcome.exit_status) == (expected.outcome.ended, expected.outcome.exit_status)
    assert result.outcome.signal == expected.outcome.signal


def without_addresses(text: bytes) -> str:
    """Nor how deep a recursion came: a few frames of it are ours."""
    return re.sub("0x[0-9a-f]+|repeated [0-9]+ more", "...", text.decode(errors="replace"))


SAME = {
    "nothing": "",
    "hello": "print('hello')",
    "no final newline": "import sys\nsys.stdout.write('no newline')",
    "both streams": "import sys\nprint('out')\nprint('err', file=sys.stderr)",
    "exit 0": "import sys\nsys.exit(0)",
    "exit None": "import sys\nsys.exit()",
    "exit 3": "import sys\nsys.exit(3)",
    "exit 300": "import sys\nsys.exit(300)",
    "exit -1": "import sys\nsys.exit(-1)",
    "exit True": "import sys\nsys.exit(True)",
    "exit text": "import sys\nsys.exit('went wrong')",
    "exit text not ascii": "import sys\nsys.exit('schiefgegangen: ä \\udcff')",
    "exit tuple": "raise SystemExit(1, 2)",
    "exit object": "raise SystemExit([1, 2])",
    "exit huge": "raise SystemExit(10 ** 30)",
    "os._exit": "import os\nprint('x', flush=True)\nos._exit(9)",
    "exception": "def f():\n    g()\ndef g():\n    1 / 0\nf()",
    "exception with a cause": "try:\n    {}['a']\nexcept KeyError as e:\n    raise ValueError('b') from e",
    "exception group": "raise ExceptionGroup('g', [ValueError('a'), TypeError('b')])",
    "exception with a note": "e = ValueError('a')\ne.add_note('note')\nraise e",
    "exception not ascii": "raise ValueError('ä 日本 \\udcff')",
    "syntax error": "print('x'\n",
    "indentation error": "if True:\nprint(1)\n",
    "unknown name": "prnt('x')",
    "recursion": "def f(): f()\nf()",
    "assertion": "assert 1 == 2, 'no'",
    "keyboard interrupt raised": "raise SystemExit(130)",
    "own hook": "import sys\nsys.excepthook = lambda t, v, b: print('hook', t.__name__, v)\n1 / 0",
    "broken hook": "import sys\ndef hook(*a): raise ValueError('hook')\nsys.excepthook = hook\n1 / 0",
    "exit in a hook": "import sys\ndef hook(*a): sys.exit(4)\nsys.excepthook = hook\n1 / 0",
    "main": "print(__name__, __package__, __doc__, __spec__, __builtins__.__name__)",
    "docstring": "'''doc'''\nprint(__doc__)",
    "names": "print(sorted(globals()))",
    "annotations": "x: int = 1\nprint(__annotations__)",
    "main by import": "import __main__\nx = 5\nprint(__main__.x, __main__.__file__)",
    "atexit": "import atexit\natexit.register(print, 'bye')\nprint('hello')",
    "atexit order": "import atexit\nfor n in range(3): atexit.register(print, n)",
    "atexit after an error": "import atexit\natexit.register(print, 'bye')\n1 / 0",
    "atexit with an error": "import atexit\natexit.register(lambda: 1 / 0)",
    "atexit that exits": "import atexit, sys\natexit.register(lambda: sys.exit(7))",
    "thread waited for": "import threading\n"
    "threading.Thread(target=lambda: (threading.main_thread().join(), print('late'))).start()\nprint('early')",
    "thread with an error": "import threading\n"
    "t = threading.Thread(target=lambda: 1 / 0, name='T')\nt.start()\nt.join()\nprint('on')",
    "daemon thread": "import threading, time\n"
    "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\nprint('done')",
    "destructor at the end": "class A:\n    def __del__(self): print('del')\na = A()",
    "destructor that uses a name": "import os\nclass A:\n    def __del__(self): print('del', os.path.sep)\na = A()",
    "generator closed": "def g():\n    try: yield 1\n    finally: print('closed')\nx = g()\nnext(x)",
    "unclosed file": "f = open('out.txt', 'w')\nf.write('kept')",
    "stdin lines": "for line in open(0): print(repr(line))",
    "stdin input": "print(input('? '), input())",
    "stdin at its end": "input()\ninput()\ninput()",
    "stdin bytes": "import sys\nprint(sys.stdin.buffer.read())",
    "argv": "import sys\nprint(sys.argv[1:], len(sys.argv))",
    "file": "print(__file__)",
    "path": "import sys\nprint(sys.path[0])",
    "flags": "import sys\nprint(sys.flags.interactive, sys.flags.isolated, sys.flags.utf8_mode, hasattr(sys, 'ps1'))",
    "encoding": "import sys\n"
    "print(sys.stdout.encoding, sys.stdin.encoding, sys.stderr.errors, sys.getfilesystemencoding())",
    "close stdout": "import sys\nprint('x')\nsys.stdout.close()",
    "replace stdout": "import io, sys\nsys.stdout = io.StringIO()\nprint('lost')",
    "delete stdout": "import sys\ndel sys.stdout\nprint('x')",
    "warning": "import warnings\nwarnings.warn('careful')",
    "deprecation shown in main": "import warnings\nwarnings.warn('old', DeprecationWarning)",
    "unraisable": "class A:\n    def __del__(self): 1 / 0\nA()\nprint('on')",
    "logging": "import logging\nlogging.warning('w')",
    "gc is on": "import gc\nprint(gc.isenabled(), gc.get_threshold())",
    "collects cycles": "import gc\nclass A:\n    def __del__(self): print('del')\n"
    "a = A()\na.me = a\ndel a\ngc.collect()\nprint('end')",
    "breakpoint at the end": "breakpoint()\nprint('x')",
    "fork": "import os\npid = os.fork()\nif pid: os.wait()\nprint('parent' if pid else 'child')",
    "exec": "import os\nos.execlp('echo', 'echo', 'replaced')",
    "runpy": "import runpy\n"
    "print(runpy.run_path(__file__, run_name='other')['__name__'] if __name__ == '__main__' else '')",
    "pickle of own class": "import pickle\nclass A: x = 1\nprint(pickle.loads(pickle.dumps(A())).x, A.__module__)",
    "inspect own source": "import inspect\ndef f(): return 1\nprint(inspect.getsource(f))",
    "dataclass": "from dataclasses import dataclass\n@dataclass\nclass A: x: int\nprint(A(1))",
    "typing get_type_hints": "import typing\nclass A: x: 'B'\nclass B: pass\nprint(typing.get_type_hints(A))",
    "abort": "import os\nos.abort()",
    "future import": "from __future__ import annotations\nx: nothing\nprint('ok')",
    "help": "help('len')",
    "tracebacks in a thread pool": "from concurrent.futures import ThreadPoolExecutor\n"
    "with ThreadPoolExecutor() as p: p.submit(lambda: 1 / 0).result()",
}  # fmt: skip


@pytest.mark.parametrize("code", SAME.values(), ids=SAME.keys())
def test_same_as_python(jail: Jail, code: str) -> None:
    arguments, stdin = ("a", "--b", "ü c"), "eins\nzwei ü\n".encode()
    expected = by_python(jail, code, *arguments, stdin=stdin)
    assert_same(jail.run(code, arguments=arguments, stdin=stdin, limits=ROOMY), expected)


def test_a_null_byte_is_told(jail: Jail) -> None:
    """Each Python has words of its own for it."""
    result = jail.run("x = '\0'\n")
    assert result.outcome.exit_status == 1
    assert b"SyntaxError" in result.stderr


def test_unclosed_files_are_written(jail: Jail) -> None:
    """Also one that a module of the program's own holds."""
    jail.write("keeper.py", "kept = open('module.txt', 'w')\nkept.write('module')\n")
    jail.run("""
        import keeper
        main = open("main.txt", "w")
        main.write("main")
        def function(): main.write("!")
        function()
    """)
    assert (jail.home / "main.txt").read_text() == "main!"
    assert (jail.home / "module.txt").read_text() == "module"


@pytest.mark.parametrize("holder", ["a cycle", "a closure", "a thread that ended", "a list of a class", "an exception"])
def test_unclosed_files_are_written_as_python_does(jail: Jail, holder: str) -> None:
    code = f"""
        import threading
        class Holder: kept = []
        def make():
            file = open("held.txt", "w")
            file.write("held")
            return lambda: file
        if "{holder}" == "a cycle":
            holder = Holder()
            holder.me, holder.file = holder, make()()
        elif "{holder}" == "a closure": closure = make()
        elif "{holder}" == "a thread that ended":
            thread = threading.Thread(target=lambda: Holder.kept.append(make()))
            thread.start(), thread.join()
        elif "{holder}" == "a list of a class": Holder.kept.append(make()())
        else:
            try: raise ValueError(make())
            except ValueError as error: kept = error
    """
    by_python(jail, code)
    expected = (jail.home / "held.txt").read_text()
    (jail.home / "held.txt").unlink()
    jail.run(code)
    assert (jail.home / "held.txt").read_text() == expected


def test_unclosed_files_are_written_after_an_error(jail: Jail) -> None:
    jail.run("file = open('main.txt', 'w')\nfile.write('kept')\n1 / 0")
    assert (jail.home / "main.txt").read_text() == "kept"


def test_a_file_that_a_class_of_a_library_holds_is_written(jail: Jail) -> None:
    """csv, gzip and logging hold files in layers of their own."""
    jail.run("""
        import csv, gzip, logging
        writer = csv.writer(open("a.csv", "w"))
        writer.writerow([1, 2])
        packed = gzip.open("a.gz", "wt")
        packed.write("packed")
        logging.basicConfig(filename="a.log")
        logging.error("logged")
    """)
    assert (jail.home / "a.csv").read_text() == "1,2\n"
    assert "logged" in (jail.home / "a.log").read_text()


def test_imports_from_its_folder(jail: Jail) -> None:
    files = {
        "folder/neighbour.py": "x = 1\n",
        "folder/package/__init__.py": "",
        "folder/package/inner.py": "from .. import x\n",
    }
    result = jail.run(
        "import neighbour, package, sys\nprint(neighbour.x, neighbour.__file__, sys.path[0])",
        files=files,
        name="folder/program.py",
    )
    folder = f"{jail.home_inside}/folder"
    assert result.text == f"1 {folder}/neighbour.py {folder}\n"


@pytest.mark.parametrize(
    "name",
    ["sandbox", "guest", "jail", "cage", "zygote", "wire", "script", "limits", "cell", "keeper", "meter", "files",
     "console",
     "client", "editor", "job", "runtime", "accounts", "code_", "student", "toolbox2", "main", "program2"],
)  # fmt: skip
def test_a_module_named_like_ours_is_the_programs(jail: Jail, name: str) -> None:
    jail.write(f"{name}.py", "mine = 'mine'\n")
    assert jail.run(f"import {name}\nprint({name}.mine)").text == "mine\n"


@pytest.mark.parametrize("name", ["turtle", "this", "antigravity", "smtplib", "chunk", "calendar2", "wave"])
def test_a_module_that_is_not_loaded_yet_can_be_hidden(jail: Jail, name: str) -> None:
    """As with python3: the program's folder comes first."""
    jail.write(f"{name}.py", "mine = 'mine'\n")
    assert jail.run(f"import {name}\nprint({name}.mine)").text == "mine\n"


@pytest.mark.parametrize(
    "name", ["random", "string", "calendar", "queue", "statistics", "copy", "csv", "json", "time_"]
)
def test_a_module_of_the_standard_library_can_be_hidden(jail: Jail, name: str) -> None:
    """A first-week mistake whose effect must be the one that every book and forum describes: random.py hides random."""
    jail.write(f"{name}.py", "mine = 'mine'\n")
    code = f"import {name}\nprint({name}.mine)"
    assert_same(jail.run(code), by_python(jail, code))


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        (b"# -*- coding: latin-1 -*-\nprint(ascii('\xe4'))", b"'\\xe4'\n"),
        (b"\xef\xbb\xbfprint('marked')", b"marked\n"),
        (b"print('a')\r\nprint('b')\r\n", b"a\nb\n"),
        ("#!/usr/bin/python3\nprint('ä')".encode(), "ä\n".encode()),
        (b"print(1)\x0c\nprint(2)", b"1\n2\n"),
        (b"# vim: set fileencoding=cp1252 :\nprint(ascii('\x80'))", b"'\\u20ac'\n"),
    ],
)
def test_source_may_say_its_encoding(jail: Jail, source: bytes, wanted: bytes) -> None:
    assert jail.run(source).stdout == wanted


@pytest.mark.parametrize("source", [b"print('\xff')", b"# coding: no-such\nprint(1)"])
def test_source_in_no_encoding_is_an_error(jail: Jail, source: bytes) -> None:
    result = jail.run(source)
    assert result.outcome.exit_status == by_python(jail, source).outcome.exit_status == 1
    assert b"SyntaxError" in result.stderr


def test_a_missing_file(jail: Jail) -> None:
    job = Job(owner=jail.owner, argv=(f"{jail.home_inside}/none.py",), directory=jail.home_inside, limits=CGI)
    result = Running(jail.loop, jail.installation, job, b"", None).result()
    assert result.outcome.exit_status == 2
    assert b"can't open file" in result.stderr
    assert b"No such file" in result.stderr


def test_a_folder_is_not_a_file(jail: Jail) -> None:
    job = Job(owner=jail.owner, argv=(jail.home_inside,), directory=jail.home_inside, limits=CGI)
    result = Running(jail.loop, jail.installation, job, b"", None).result()
    assert result.outcome.exit_status in (1, 2)
    assert result.stderr


def test_a_working_directory_that_is_gone(jail: Jail) -> None:
    """The home instead."""
    jail.write("program.py", "import os\nprint(os.getcwd())")
    job = Job(
        owner=jail.owner, argv=(f"{jail.home_inside}/program.py",), directory=f"{jail.home_inside}/gone", limits=CGI
    )
    assert Running(jail.loop, jail.installation, job, b"", None).result().text == f"{jail.home_inside}\n"


def test_output_comes_as_it_is_printed(jail: Jail) -> None:
    running = jail.begin("print('first')\ninput()\nprint('second')")
    running.wait_for(b"first\n")
    running.send(b"\n")
    assert running.result().stdout == b"first\nsecond\n"


def test_arguments_that_are_not_text(jail: Jail) -> None:
    """Bytes that are no UTF-8 travel as surrogates, as in sys.argv of python3."""
    result = jail.run("import os, sys\nprint(os.fsencode(sys.argv[1]))", arguments=("a\udcff",))
    assert result.text == "b'a\\xff'\n"


def test_environment_is_the_programs(jail: Jail) -> None:
    result = jail.run(
        "import os\nprint(os.environ['QUERY_STRING'], os.getenv('HOME'))", environ={"QUERY_STRING": "a=ü"}
    )
    assert result.text == f"a=ü {jail.home_inside}\n"
    child = "import subprocess\nsubprocess.run(['sh', '-c', 'echo $QUERY_STRING $USER'])"
    assert jail.run(child, environ={"QUERY_STRING": "a"}).text == f"a {jail.owner}\n"


def test_large_input_and_output(jail: Jail) -> None:
    """More than any pipe holds, both ways at once."""
    body = os.memfd_create("body")
    with os.fdopen(body, "wb") as file:
        file.write(b"x" * 3_000_000)
        file.seek(0)
        result = jail.run("import sys\nsys.stdout.write(sys.stdin.read().upper())", stdin=body)
    assert result.stdout == b"X" * 3_000_000


@pytest.mark.parametrize("ending", ["", "1 / 0", "import sys; sys.exit(3)"])
def test_output_that_cannot_be_delivered(jail: Jail, ending: str) -> None:
    """As python3 > /dev/full."""
    code = f"import os, sys\nos.dup2(os.open('/dev/full', os.O_WRONLY), 1)\nsys.stdout.write('x')\n{ending}"
    assert jail.run(code).outcome.exit_status == by_python(jail, code).outcome.exit_status
