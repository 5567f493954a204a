"""Packages that are put into an environment: in a copy, tried in a jail, and only then anybody's."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import installing, packages
from sandbox.environments import STANDARD, Environments
from sandbox.generations import alone
from sandbox.installing import Installer, NotChanged
from sandbox.packages import installed
from sandbox.proving import Proof
from tests.sandbox.installation import CHECKOUT
from tests.sandbox.jail import until
from tests.sandbox.wheels import write_wheel

GOOD = {"snails.py": "SPEED = 1\n"}
KILLS_EVERYBODY = {"snails.py": "", "killer.pth": "import os; os._exit(9)\n"}


@pytest.fixture(scope="module")
def standard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Without a package: what is copied here is little."""
    folder = tmp_path_factory.mktemp("standard") / "runtime"
    packages.make(folder, sys.executable)
    return folder


@pytest.fixture
def installer(standard: Path, tmp_path: Path) -> Iterator[Installer]:
    yield Installer(Environments(tmp_path / "runtimes", standard), lambda _sentence: None)
    shutil.rmtree(tmp_path, ignore_errors=True)


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Wheels to install from."""
    folder = tmp_path / "wheels"
    write_wheel(folder, "snails", "1.0", GOOD)
    write_wheel(folder, "needy", "1.0", {"needy.py": "import snails\n"}, needs="snails")
    write_wheel(folder, "broken", "1.0", {"broken.py": "1 / 0\n"})
    write_wheel(folder, "killer", "1.0", KILLS_EVERYBODY)
    return folder


def install(installer: Installer, shelf: Path, *names: str, name: str = "science", anyway: bool = False) -> list[str]:
    """What has come."""
    return list(installer.install(name, names, shelf, upgrade=False, anyway=anyway).added)


def state(installer: Installer, name: str = "science") -> Path:
    return installer.environments.states(name)[0]


def test_a_package_comes_with_what_it_needs_and_goes_again(installer: Installer, shelf: Path) -> None:
    installer.add("science")
    assert install(installer, shelf, "needy==1.0") == ["needy", "snails"]
    assert installer.check("science").broken == {}
    assert list(installer.uninstall("science", ["needy"], anyway=False).removed) == ["needy"]
    assert list(installed(state(installer))) == ["snails"]


def test_the_others_have_nothing_of_it(installer: Installer, shelf: Path, standard: Path) -> None:
    for name in ("science", "art"):
        installer.add(name)
    install(installer, shelf, "snails")
    assert not installed(state(installer, "art"))
    assert not installed(standard)


def test_the_standard_one_can_be_changed_and_be_as_it_was_again(
    installer: Installer, shelf: Path, standard: Path
) -> None:
    install(installer, shelf, "snails", name=STANDARD)
    assert list(installed(state(installer, STANDARD))) == ["snails"]
    installer.remove(STANDARD)
    assert state(installer, STANDARD) == standard


def test_one_of_another_python_is_empty(installer: Installer) -> None:
    changed = installer.add("bare", sys.executable)
    assert changed.proof.version.startswith(f"{sys.version_info[0]}.{sys.version_info[1]}")
    assert not changed.proof.has_ipython


def test_what_is_no_python_is_refused(installer: Installer) -> None:
    with pytest.raises(NotChanged, match="/bin/true is no Python"):
        installer.add("bare", "/bin/true")
    assert not installer.environments.has("bare")


def test_what_cannot_be_imported_is_refused_and_told(installer: Installer, shelf: Path) -> None:
    installer.add("science")
    before = state(installer)
    with pytest.raises(NotChanged, match=r"broken: ZeroDivisionError: division by zero\n.*--anyway"):
        install(installer, shelf, "broken")
    assert state(installer) == before
    assert [path.name for path in before.parent.iterdir() if path.name.isdigit()] == [before.name]
    assert install(installer, shelf, "broken", anyway=True) == ["broken"]


def test_what_would_take_consoles_down_is_never_anybodys(installer: Installer, shelf: Path) -> None:
    """It kills every interpreter that starts in it; not even --anyway lets it in."""
    installer.add("science")
    before = state(installer)
    with pytest.raises(NotChanged, match="Nothing has changed"):
        install(installer, shelf, "killer", anyway=True)
    assert state(installer) == before


def test_what_another_package_needs_is_not_taken_out(installer: Installer, shelf: Path) -> None:
    installer.add("science")
    install(installer, shelf, "needy")
    with pytest.raises(NotChanged, match=r"needy 1\.0 requires snails"):
        installer.uninstall("science", ["snails"], anyway=False)
    assert set(installed(state(installer))) == {"needy", "snails"}


@pytest.mark.parametrize(
    "name", ["--index-url=x", "-e", "../wheels/snails", "snails @ file:///x", "https://x/y.whl", "a;b", "a b", "", "."]
)
def test_what_is_no_name_of_a_package_never_reaches_pip(
    installer: Installer, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "run", lambda _command: pytest.fail("it did"))
    installer.environments.folder and installer.environments.folder.mkdir()
    with pytest.raises(NotChanged, match="is no name of a package"):
        installer.install(STANDARD, [name], None, upgrade=False, anyway=False)


@pytest.mark.parametrize("name", ["..", "a/b", "Science", ""])
def test_what_is_no_name_of_an_environment_is_refused(installer: Installer, name: str) -> None:
    with pytest.raises(NotChanged, match="cannot be the name"):
        installer.add(name)


def test_one_that_is_not_there_or_there_already(installer: Installer, shelf: Path) -> None:
    with pytest.raises(NotChanged, match="There is no environment science"):
        install(installer, shelf, "snails")
    with pytest.raises(NotChanged, match="There is no environment science"):
        installer.remove("science")
    installer.add("science")
    for name in ("science", STANDARD):
        with pytest.raises(NotChanged, match="already"):
            installer.add(name)


def test_what_is_on_no_shelf_is_said_in_pips_words(installer: Installer, shelf: Path) -> None:
    with pytest.raises(NotChanged, match=r"could not install whales:\n(?s:.*)No matching distribution"):
        install(installer, shelf, "whales", name=STANDARD)
    assert not installer.environments.states(STANDARD)[0].parent.name.isdigit()


def test_pip_is_told_no_secret_of_the_site(
    installer: Installer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IVLE_SECRET_KEY", "secret-5f0c9a")
    assert "secret-5f0c9a" not in packages.run(["/usr/bin/env"]).stdout
    assert "PATH=" in packages.run(["/usr/bin/env"]).stdout


def test_nothing_of_a_package_is_run_outside_of_a_jail(installer: Installer, tmp_path: Path) -> None:
    """Not even what Python runs of its own accord whenever it starts."""
    mark = tmp_path / "ran"
    shelf = tmp_path / "shelf"
    write_wheel(shelf, "sly", "1.0", {"sly.py": "", "sly.pth": f"import os; os.close(os.open({str(mark)!r}, 65))\n"})
    installer.add("science")
    install(installer, shelf, "sly", anyway=True)
    write_wheel(shelf, "snails", "1.0", GOOD)
    install(installer, shelf, "snails", anyway=True)
    installer.uninstall("science", ["snails"], anyway=True)
    assert list(installed(state(installer))) == ["sly"]
    assert not mark.exists()


@pytest.fixture
def unproved(installer: Installer, monkeypatch: pytest.MonkeyPatch) -> Installer:
    """It makes no trial in a jail."""
    monkeypatch.setattr(installing, "prove", lambda _folder, _names: Proof())
    return installer


def test_the_way_back_from_a_change(unproved: Installer, shelf: Path) -> None:
    """That of the last one; the state it leaves is kept in its turn."""
    unproved.add("science")
    with pytest.raises(NotChanged, match="Nothing is kept of what science was before"):
        unproved.back("science")
    before = state(unproved)
    install(unproved, shelf, "snails")
    after = state(unproved)
    assert unproved.back("science").removed == {"snails": "1.0"}
    assert unproved.environments.states("science") == [before, after]
    assert unproved.back("science").added == {"snails": "1.0"}


def test_there_is_no_way_back_to_what_does_not_run(
    unproved: Installer, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unproved.add("science")
    install(unproved, shelf, "snails")
    after = state(unproved)
    monkeypatch.setattr(installing, "prove", lambda _folder, _names: Proof(fault="it crashed"))
    with pytest.raises(NotChanged, match="nothing can run in the new environment"):
        unproved.back("science")
    assert state(unproved) == after


def test_what_there_is_not_has_no_way_back(unproved: Installer) -> None:
    with pytest.raises(NotChanged, match="There is no environment science"):
        unproved.back("science")
    with pytest.raises(NotChanged, match=r"what standard was before\.$"):
        unproved.back(STANDARD)


PROGRAM = "#!/bin/sh\necho ran >> {mark}\n"


def test_no_import_of_pips_own_finds_a_package(unproved: Installer, tmp_path: Path) -> None:
    """What is pip's imports these where they are there: `rich` the first, `urllib3` the second."""
    mark, shelf = tmp_path / "ran", tmp_path / "shelf"
    code = f"import os\nos.close(os.open({str(mark)!r}, 65))\n"
    names = ("attr", "socks", "keyring", "brotli", "OpenSSL")
    write_wheel(shelf, "sly", "1.0", {f"{name}.py": code for name in names})
    unproved.add("science")
    install(unproved, shelf, "sly")
    assert not mark.exists()


@pytest.mark.parametrize(
    "taken", ["pyvenv.cfg", "pip.conf", "bin/python3", "bin/activate", "lib/python3.99/x.py", "lib64"]
)
def test_what_is_the_environments_own_stays_so(unproved: Installer, tmp_path: Path, taken: str) -> None:
    """Or a package would say which program is Python from then on, and that would be run outside of any jail."""
    mark, shelf, base = tmp_path / "ran", tmp_path / "shelf", tmp_path / "base" / "bin"
    base.mkdir(parents=True)
    python = base / f"python3.{sys.version_info[1]}"
    python.write_text(PROGRAM.format(mark=mark))
    python.chmod(0o755)
    texts = {"pyvenv.cfg": f"home = {base}\n", "pip.conf": f"[global]\npython = {python}\n"}
    write_wheel(shelf, "sly", "1.0", {"sly.py": "", f"sly-1.0.data/data/{taken}": texts.get(taken, "")})
    unproved.add("science")
    with pytest.raises(NotChanged, match=r"changes what is the environment's own: \S+\. Leave it out"):
        install(unproved, shelf, "sly")
    assert not installed(state(unproved))
    assert not mark.exists()


def test_scripts_that_are_called_nearly_so_are_let_in(unproved: Installer, tmp_path: Path) -> None:
    """Those that argcomplete has."""
    names = ("activate-global-python-argcomplete", "python-argcomplete-check-easy-install-script")
    shelf = tmp_path / "shelf"
    write_wheel(shelf, "handy", "1.0", {"handy.py": "", **{f"handy-1.0.data/scripts/{name}": "" for name in names}})
    unproved.add("science")
    assert install(unproved, shelf, "handy") == ["handy"]
    assert all((state(unproved) / "bin" / name).exists() for name in names)


def test_what_a_wheel_needs_is_not_built(unproved: Installer, tmp_path: Path) -> None:
    """An address is a package's to name, where the index is not the public one; there may be a program there."""
    mark, shelf, source = tmp_path / "ran", tmp_path / "shelf", tmp_path / "sly-1.0"
    source.mkdir()
    (source / "pyproject.toml").write_text('[build-system]\nrequires = []\nbuild-backend = "b"\nbackend-path = ["."]\n')
    (source / "b.py").write_text(f"open({str(mark)!r}, 'w')\n")
    archive = shutil.make_archive(str(source), "gztar", tmp_path, source.name)
    write_wheel(shelf, "needy", "1.0", {"needy.py": ""}, needs=f"sly @ file://{archive}")
    unproved.add("science")
    with pytest.raises(NotChanged, match="wants a program to be run while it is installed"):
        install(unproved, shelf, "needy")
    assert not mark.exists()


def test_a_second_command_at_the_same_time_is_told_to_wait(installer: Installer) -> None:
    assert installer.environments.folder is not None
    with alone(installer.environments.folder), pytest.raises(NotChanged, match="Wait until it is done"):
        installer.add("science")


def test_a_full_disk_is_told_and_nothing_is_left(
    installer: Installer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object, **_settings: object) -> None:
        (tmp_path / "runtimes" / "science" / "1").mkdir()
        raise shutil.Error([("a", "b", "[Errno 28] No space left on device: 'b'")])

    monkeypatch.setattr(shutil, "copytree", full)
    with pytest.raises(NotChanged, match="the disk is full"):
        installer.add("science")
    assert not (tmp_path / "runtimes" / "science").exists()


COMMAND = """
import sys
from pathlib import Path
from sandbox.environments import Environments
from sandbox.installing import Installer
from sandbox import installing
def stop(*_arguments):
    print("trying", flush=True)
    sys.stdin.read()
installing.prove = stop
Installer(Environments(Path(sys.argv[1]), Path(sys.argv[2])), print).install(
    "science", ["snails"], Path(sys.argv[3]), upgrade=False, anyway=False)
"""


def test_a_command_that_is_killed_leaves_the_environment_as_it_was(
    installer: Installer, shelf: Path, standard: Path, tmp_path: Path
) -> None:
    """Killed just before the switch. The next command finds no lock and takes away what was left."""
    installer.add("science")
    before = state(installer)
    arguments = [sys.executable, "-c", COMMAND, str(tmp_path / "runtimes"), str(standard), str(shelf)]
    command = subprocess.Popen(
        arguments, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    assert command.stdin is not None
    assert command.stdout is not None
    with command.stdin, command.stdout:
        until(lambda: b"trying" in command.stdout.readline(), "tried it")  # type: ignore[union-attr]
        os.kill(command.pid, signal.SIGKILL)
        command.wait()
    assert state(installer) == before
    assert not installed(before)
    assert len([path for path in before.parent.iterdir() if path.name.isdigit()]) == 2
    assert install(installer, shelf, "snails") == ["snails"]
    kept = {path.name for path in before.parent.iterdir() if path.name.isdigit()}
    assert kept == {before.name, state(installer).name}
