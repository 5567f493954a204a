"""What may be started, and which job that is."""

from __future__ import annotations

import os

import pytest

from console.programs import BadStart, Program


def job(**program):
    return Program.read(program.pop("kind", "python"), **program).job("student")


@pytest.mark.parametrize(
    ("kind", "entry", "runtime", "title"),
    [
        ("python", "repl", "python", "Python"),
        ("ipython", "ipython", "ipython", "IPython"),
        ("bash", "bash", "python", "Shell"),
    ],
)
def test_a_prompt(settings, kind, entry, runtime, title) -> None:
    made = job(kind=kind)
    assert (made.owner, made.argv, made.directory, made.entry, made.runtime) == (
        "student",
        (),
        "/home/student",
        entry,
        runtime,
    )
    assert made.limits == settings.CONSOLE_LIMITS
    assert made.environ["TERM"] == "xterm-256color"
    assert Program(kind).title == title


def test_a_file_alone(home) -> None:
    (home / "lab").mkdir()
    (home / "lab" / "hello.py").write_text("")
    made = job(file="lab//hello.py", arguments="one 'two three'")
    assert made.entry == "script"
    assert made.argv == ("/home/student/lab/hello.py", "one", "two three")
    assert made.directory == "/home/student/lab"


@pytest.mark.parametrize(("kind", "entry"), [("python", "repl"), ("ipython", "ipython")])
def test_a_file_and_then_the_prompt(home, kind, entry) -> None:
    (home / "hello.py").write_text("")
    made = job(kind=kind, file="hello.py", arguments="x", after="prompt")
    assert (made.entry, made.argv) == (entry, ("-i", "/home/student/hello.py", "x"))


def test_names_that_are_not_utf8(home) -> None:
    (home / os.fsdecode(b"caf\xe9.py")).write_text("")
    program = Program.read("python", os.fsdecode(b"caf\xe9.py"))
    assert os.fsencode(program.job("student").argv[0]) == b"/home/student/caf\xe9.py"
    assert program.title == "caf\N{REPLACEMENT CHARACTER}.py"


@pytest.mark.parametrize(
    "file",
    [
        "missing.py",
        "../classmate/hello.py",
        "/etc/passwd",
        "a/../b.py",
        "hello.py/x",
        "x\\y",
        "link.py",
        "fifo",
        "\ud800",
    ],
)
def test_what_is_not_in_the_folder(home, settings, file) -> None:
    (home / "hello.py").write_text("")
    (settings.IVLE_HOMES / "classmate").mkdir()
    (settings.IVLE_HOMES / "classmate" / "hello.py").write_text("")
    (home / "link.py").symlink_to(settings.IVLE_HOMES / "classmate" / "hello.py")
    os.mkfifo(home / "fifo")
    with pytest.raises(BadStart, match="There is no file"):
        job(file=file)


def test_a_folder(home) -> None:
    (home / "lab").mkdir()
    with pytest.raises(BadStart, match="is a folder"):
        job(file="lab")


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ({"kind": "perl"}, "not perl"),
        ({"kind": "bash", "file": "x.sh"}, "type the file"),
        ({"file": "x.py", "arguments": "'open"}, "quotation mark"),
        ({"file": "x.py", "arguments": "a\0b"}, "NUL"),
        ({"file": "x" * 2000}, "too long"),
    ],
)
def test_what_makes_no_sense(program, words) -> None:
    with pytest.raises(BadStart, match=words):
        job(**program)


def test_it_is_remembered_for_a_restart() -> None:
    program = Program("python", "lab/hello.py", ("a", "b"), prompt=True)
    assert Program.recall({**program.about(), "policy": "named", "name": "1"}) == program


def test_a_file_that_runs_first(home) -> None:
    (home / "box.py").write_text("")
    (home / ".box.py").write_text("")
    made = job(file="box.py", setup=".box.py", arguments="x")
    assert (made.entry, made.argv) == ("script", ("-s", "/home/student/.box.py", "/home/student/box.py", "x"))
    program = Program.read("python", "box.py", setup=".box.py")
    assert Program.recall(program.about()) == program


@pytest.mark.parametrize("what", [{"file": ""}, {"kind": "ipython"}, {"after": "prompt"}])
def test_it_is_for_programs_alone(home, what) -> None:
    (home / "box.py").write_text("")
    with pytest.raises(BadStart, match="runs first"):
        job(**{"file": "box.py", "setup": "box.py", **what})


@pytest.mark.parametrize("setup", ["gone.py", "../lecturer/x.py", "/etc/passwd", "a\0b"])
def test_it_is_in_the_home(home, setup) -> None:
    (home / "box.py").write_text("")
    with pytest.raises(BadStart):
        job(file="box.py", setup=setup)


@pytest.fixture
def science(settings) -> None:
    """An environment beside the standard one."""
    state = settings.IVLE_RUNTIMES / "science" / "1"
    state.mkdir(parents=True)
    (state.parent / "current").symlink_to("1")


@pytest.mark.usefixtures("science")
def test_the_environment_that_was_chosen_unless_the_file_asks_for_another(home) -> None:
    (home / "plain.py").write_text("")
    (home / "asks.py").write_text("# ivle environment: science\n")
    (home / "stays.py").write_text("# ivle environment: standard\n")
    assert job().environment == "standard"
    assert job(environment="science").environment == "science"
    assert job(file="plain.py").environment == "standard"
    assert job(file="plain.py", environment="science").environment == "science"
    assert job(file="asks.py").environment == "science"
    assert job(file="stays.py", environment="science").environment == "standard"
    started_again = Program.recall(Program.read("python", "plain.py", environment="science").about())
    assert started_again.job("student").environment == "science"


@pytest.mark.usefixtures("science")
def test_one_that_is_not_there_is_told_with_those_that_are(home) -> None:
    (home / "asks.py").write_text("# ivle environment: art\n")
    sentence = "There is no environment “art” here. There are: standard, science."
    for program in ({"file": "asks.py"}, {"environment": "art"}):
        with pytest.raises(BadStart) as refused:
            job(**program)
        assert str(refused.value) == sentence
