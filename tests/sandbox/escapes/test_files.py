"""Student code reads and writes what is its owner's, and nothing else of the machine's."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.limits import CGI, MIB
from tests.sandbox.installation import EXTRA_GROUP
from tests.sandbox.jail import ROOMY, Jail

SECRET = "exam-solution-77d1"
LIST_ALL = """
    import os
    from toolbox import tell
    seen = []
    for folder, folders, files in os.walk("/", followlinks=False):
        if folder in ("/proc", "/usr", "/opt", "/lib"): folders.clear()
        seen += [os.path.join(folder, name) for name in folders + files]
    tell(seen)
"""


@pytest.mark.everywhere
def test_cant_write_to_the_system(jail: Jail) -> None:
    places = [
        "/",
        "/usr",
        "/usr/bin",
        "/usr/lib",
        "/etc",
        "/etc/alternatives",
        "/opt",
        "/opt/runtime",
        "/dev",
        "/proc",
        "/.homes",
    ]
    code = f"""
        import os
        from toolbox import attempt, overwrite, tell
        places = {places}
        attempts = {{place: attempt(overwrite, os.path.join(place, "planted-by-student")) for place in places}}
        attempts |= {{place + "/": attempt(os.mkdir, os.path.join(place, "folder-by-student")) for place in places}}
        tell(attempts)
    """
    attempts = jail.ask(code)
    assert "done" not in attempts.values(), attempts
    assert not [place for place in places if Path(place, "planted-by-student").exists()]


@pytest.mark.parametrize("path", ["/etc/group", "/etc/hosts", "/etc/nsswitch.conf", "/usr/bin/env", "/dev/null"])
def test_cant_change_a_file_of_the_system(jail: Jail, path: str) -> None:
    """Neither its text nor its mode, its times, its name or its being there."""
    code = f"""
        import os
        from toolbox import attempt, overwrite, tell
        def look(): return [getattr(os.stat("{path}"), name) for name in ("st_size", "st_mode", "st_mtime")]
        before = look()
        attempts = [
            attempt(os.chmod, "{path}", 0o777), attempt(os.utime, "{path}", (0, 0)), attempt(os.unlink, "{path}"),
            attempt(os.rename, "{path}", "{path}.old"), attempt(os.truncate, "{path}", 0),
        ]
        tell([attempts, before == look()])
    """
    attempts, unchanged = jail.ask(code)
    assert unchanged
    assert "done" not in attempts, attempts


def test_cant_give_itself_another_name(jail: Jail) -> None:
    """The one file of /etc that is made for each run."""
    code = """
        import os, pwd
        from toolbox import attempt, overwrite, tell
        for path in ("/etc/passwd", "/run/passwd"):
            attempt(overwrite, path, "root:x:1000:1000::/:/bin/sh")
            attempt(os.unlink, path), attempt(os.rename, path, "/tmp/x")
        tell(pwd.getpwuid(os.getuid()).pw_name)
    """
    assert jail.ask(code) == jail.owner


@pytest.mark.everywhere
def test_cant_read_other_homes(jail: Jail) -> None:
    """By any path there could be to them."""
    other = jail.beside()
    other.write("answers.txt", SECRET)
    code = f"""
        import os
        from toolbox import tell
        other = "{other.owner}"
        roots = ["/.homes", "/home", "/proc/1/root/.homes", "/proc/self/root/.homes", "/proc/self/cwd/..", "..", "/mnt",
                 "/proc/1/cwd", "/proc/1/root/home", "{jail.installation.homes}", "/oldroot", "/tmp/..",
                 "/proc/thread-self/root/.homes"]
        found = []
        for root in roots:
            try:
                found.append(open(os.path.join(root, other, "answers.txt")).read())
            except OSError:
                pass
            try:
                found += [name for name in os.listdir(root) if name == other]
            except OSError:
                pass
        tell(found)
    """
    assert jail.ask(code) == []


@pytest.mark.everywhere
def test_cant_see_that_others_exist(jail: Jail) -> None:
    other = jail.beside("somebody-else")
    assert not [path for path in jail.ask(LIST_ALL, limits=ROOMY) if other.owner in path]


def test_cant_read_what_the_host_keeps_from_others(jail: Jail) -> None:
    paths = [
        "/etc/shadow",
        "/etc/sudoers",
        "/root",
        "/var",
        "/sys",
        "/boot",
        "/srv",
        "/mnt",
        "/media",
        "/work",
        "/oldroot",
    ]
    code = f"""
        import os
        from toolbox import tell
        tell([path for path in {paths} if os.path.lexists(path)])
    """
    assert jail.ask(code) == []


def test_cant_find_sockets_of_the_host(jail: Jail) -> None:
    """Of a database, a container engine, or the supervisor itself."""
    code = """
        import os, stat
        from toolbox import tell
        found = []
        for top in ("/run", "/tmp", "/dev", "/home", "/etc", "/usr/local", "/opt/runtime"):
            for folder, _, files in os.walk(top):
                found += [f for f in (os.path.join(folder, n) for n in files) if stat.S_ISSOCK(os.lstat(f).st_mode)]
        tell(found)
    """
    assert jail.ask(code, limits=ROOMY) == []


@pytest.mark.parametrize("name", ["answers.txt", "folder/answers.txt"])
def test_cant_follow_a_link_out_of_the_home(jail: Jail, name: str) -> None:
    other = jail.beside()
    secret = other.write(name, SECRET)
    (jail.home / "link").symlink_to(secret)
    (jail.home / "relative").symlink_to(f"../{other.owner}/{name}")
    (jail.home / "shadow").symlink_to("/etc/shadow")
    code = """
        from toolbox import attempt, tell
        tell([attempt(open, path) for path in ("link", "relative", "shadow")])
    """
    assert jail.ask(code) == ["ENOENT"] * 3


def test_cant_have_a_link_for_a_home(jail: Jail) -> None:
    """A link in the place of a home leads nowhere, whoever put it there."""
    other = jail.beside()
    other.write("answers.txt", SECRET)
    moved = jail.home.rename(jail.home.with_name(f"{jail.owner}-moved"))
    jail.home.symlink_to(other.home)
    try:
        running = other.begin("print(1)")
        running.result()
        with pytest.raises(Exception, match=r"home|jail|Not a directory|loop"):
            jail.run("print(open('answers.txt').read())")
    finally:
        jail.home.unlink()
        moved.rename(jail.home)


def test_cant_move_or_remove_its_home(jail: Jail) -> None:
    code = """
        import os, shutil
        from toolbox import attempt, tell
        home = os.environ["HOME"]
        tell([attempt(os.rename, home, other) for other in (home + "-other", "/tmp/home")] + [attempt(os.rmdir, home)])
    """
    assert "done" not in jail.ask(code)
    assert jail.home.is_dir()


@pytest.mark.everywhere
@pytest.mark.parametrize(
    "call", ["chmod", "fchmod", "open", "creat", "mknod", "chmod after chown", "fchmodat2", "O_TMPFILE"]
)
def test_cant_leave_a_program_with_privileges(jail: Jail, call: str) -> None:
    """On the host, such a file would run as the service user, whoever starts it."""
    code = f"""
        import os, shutil, stat
        from toolbox import NUMBERS, attempt, syscall, tell
        umask = os.umask(0)
        def leave():
            if "{call}" == "open": os.close(os.open("made", os.O_CREAT | os.O_WRONLY, 0o6755))
            elif "{call}" == "creat": "creat" in NUMBERS and syscall("creat", b"made", 0o6755)
            elif "{call}" == "mknod": os.mknod("made", stat.S_IFREG | 0o6755)
            elif "{call}" == "O_TMPFILE":
                file = os.open(".", os.O_TMPFILE | os.O_WRONLY, 0o6755)
                os.link(f"/proc/self/fd/{{file}}", "made", follow_symlinks=True)
            else:
                shutil.copy("/usr/bin/env", "made")
                if "{call}" == "chmod": os.chmod("made", 0o6755)
                elif "{call}" == "fchmod": os.fchmod(os.open("made", os.O_RDWR), 0o6755)
                elif "{call}" == "fchmodat2": syscall(452, -100, b"made", 0o6755, 0)
                else:
                    os.chown("made", os.getuid(), os.getgid())
                    os.chmod("made", 0o2755)
        attempt(leave)
        tell("tried")
    """
    assert jail.ask(code) == "tried"
    made = jail.home / "made"
    assert not made.exists() or not made.stat().st_mode & (stat.S_ISUID | stat.S_ISGID)


def test_cant_leave_a_program_with_capabilities(jail: Jail) -> None:
    code = """
        import os, shutil
        from toolbox import attempt, tell
        shutil.copy("/usr/bin/env", "made")
        value = bytes.fromhex("0100000201000000" + "00" * 12)
        attempt(os.setxattr, "made", "security.capability", value)
        attempt(os.setxattr, "made", "trusted.any", b"x")
        tell("tried")
    """
    assert jail.ask(code) == "tried"
    assert not [name for name in os.listxattr(jail.home / "made") if name.startswith(("security.cap", "trusted"))]


@pytest.mark.everywhere
def test_cant_make_devices(jail: Jail) -> None:
    code = """
        import os, stat
        from toolbox import attempt, tell
        for folder in (".", "/tmp", "/dev/shm"):
            for kind, number in ((stat.S_IFCHR, (1, 1)), (stat.S_IFBLK, (8, 0)), (stat.S_IFCHR, (0, 0))):
                attempt(os.mknod, f"{folder}/device", kind | 0o666, os.makedev(*number))
        tell([place for place in ("device", "/tmp/device") if os.path.lexists(place)])
    """
    assert jail.ask(code) == []
    assert not (jail.home / "device").exists()


@pytest.mark.skips_in_ci("only root can put a device into a home")
def test_cant_use_a_device_that_lies_in_its_home(jail: Jail) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make the device")
    device = jail.home / "zero"
    os.mknod(device, stat.S_IFCHR | 0o666, os.makedev(1, 5))
    device.chmod(0o666)
    assert jail.ask("from toolbox import attempt, tell\ntell(attempt(open, 'zero', 'rb'))") == "EACCES"


def test_cant_link_to_files_of_the_system(jail: Jail) -> None:
    code = """
        import os
        from toolbox import attempt, tell
        for source in ("/usr/bin/env", "/etc/hosts", "/run/passwd", "/dev/null", "/opt/runtime/pyvenv.cfg"):
            attempt(os.link, source, os.path.join(os.environ["HOME"], os.path.basename(source)))
        tell(sorted(os.listdir()))
    """
    assert set(jail.ask(code)) <= {"toolbox.py", "numbers.json", "program.py", "__pycache__"}


@pytest.mark.everywhere
def test_cant_write_a_large_file(jail: Jail) -> None:
    code = """
        from toolbox import attempt, tell
        def fill():
            with open("large", "wb", buffering=0) as file:
                while True: file.write(bytes(1 << 20))
        tell(attempt(fill))
    """
    assert jail.ask(code) == "EFBIG"
    assert (jail.home / "large").stat().st_size <= CGI.file_bytes


@pytest.mark.everywhere
@pytest.mark.parametrize("most", [0, 5000])
def test_cant_write_a_longer_file_than_there_is_room_for(jail: Jail, most: int) -> None:
    """The job says how long, below its limits; a child may no more, and nobody can ask for more."""
    code = """
        import os, resource, subprocess, sys
        from toolbox import attempt, tell
        def fill(name):
            with open(name, "wb", buffering=0) as file:
                while file.write(bytes(1000)): pass
        def ask():
            try: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
            except ValueError: return "refused"
        child = subprocess.run(["/bin/sh", "-c", "ulimit -f 100; head -c 9000 /dev/zero > of_child"], stderr=-3)
        tell([ask(), attempt(fill, "large"), attempt(fill, "/tmp/large"), child.returncode != 0])
    """
    result = jail.run(code, file_bytes=most, notice="There is no more room.\n")
    assert result.value == ["refused", "EFBIG", "EFBIG", True]
    assert result.stderr.startswith(b"There is no more room.\n")
    assert [(jail.home / name).stat().st_size for name in ("large", "of_child")] == [most, most]


def test_a_job_does_not_make_files_longer_than_the_limits(jail: Jail) -> None:
    code = """
        import resource
        from toolbox import tell
        tell(resource.getrlimit(resource.RLIMIT_FSIZE))
    """
    assert jail.ask(code, file_bytes=1 << 40) == [CGI.file_bytes, CGI.file_bytes]


@pytest.mark.parametrize("how", ["truncate", "seek", "fallocate", "copy_file_range"])
def test_cant_make_a_file_that_only_looks_large(jail: Jail, how: str) -> None:
    """Ten terabytes that take no room, until somebody copies or downloads them."""
    code = f"""
        import os
        from toolbox import attempt, tell
        file = os.open("large", os.O_CREAT | os.O_RDWR)
        def grow():
            if "{how}" == "truncate": os.ftruncate(file, 10 << 40)
            elif "{how}" == "seek": os.pwrite(file, b"x", 10 << 40)
            elif "{how}" == "fallocate": os.posix_fallocate(file, 0, 1 << 30)
            else:
                os.write(file, b"x" * 4096)
                os.copy_file_range(file, file, 4096, 0, 10 << 40)
        tell(attempt(grow))
    """
    assert jail.ask(code) in ("EFBIG", "ENOTSUP")
    assert (jail.home / "large").stat().st_size <= CGI.file_bytes


def test_cant_open_files_without_end(jail: Jail) -> None:
    code = """
        from toolbox import attempt, tell
        kept = []
        def open_all():
            while True: kept.append(open("/dev/null"))
        tell([attempt(open_all), len(kept)])
    """
    error, count = jail.ask(code)
    assert error == "EMFILE"
    assert count < CGI.open_files


def test_cant_mount_or_unmount(jail: Jail) -> None:
    """Neither something over its view nor what lies over the host's away."""
    code = """
        from toolbox import libc, tell, verdict
        before = sorted(open("/proc/self/mounts").read().splitlines())
        home = b"/tmp"
        calls = [
            verdict("mount", b"none", home, b"tmpfs", 0, b""),
            verdict("mount", b"/", home, b"", 4096, b""),
            verdict("mount", b"none", b"/", b"", 32 | 4096, b""),
            verdict("umount2", b"/proc", 2),
            verdict("umount2", b"/tmp", 2),
            verdict("pivot_root", b".", b"."),
            verdict("chroot", b"/tmp"),
        ]
        tell([calls, before == sorted(open("/proc/self/mounts").read().splitlines())])
    """
    calls, unchanged = jail.ask(code)
    assert set(calls) == {"EPERM"}
    assert unchanged


@pytest.mark.everywhere
def test_cant_read_by_groups_of_the_administrator(jail: Jail) -> None:
    """A supervisor started from a shell is in the groups of whoever started it; student code is in none of them."""
    if os.geteuid() != 0 or jail.installation.service_id != 0:
        assert jail.ask("import os, toolbox\ntoolbox.tell(os.getgroups())") in (
            [],
            [65534] * len(os.getgroups()),
            [1000],
        )
        return
    secret = jail.write("for-the-group.txt", SECRET)
    os.chown(secret, 0, EXTRA_GROUP)
    secret.chmod(0o640)
    assert jail.ask("from toolbox import attempt, tell\ntell(attempt(open, 'for-the-group.txt'))") == "EACCES"


@pytest.mark.everywhere
def test_cant_write_through_a_descriptor_that_is_for_reading(jail: Jail, tmp_path: Path) -> None:
    """The kernel opens /proc/self/fd/0 anew, with the file's own permissions."""
    body = tmp_path / "body"
    body.write_bytes(b"as it was sent")
    if os.geteuid() == 0:
        os.chown(body, jail.installation.jail_id, jail.installation.jail_id)
    descriptor = os.open(body, os.O_RDONLY)
    try:
        result = jail.run(
            """
            import os
            from toolbox import attempt, tell
            def again(): os.write(os.open("/proc/self/fd/0", os.O_WRONLY), b"owned")
            attempts = [attempt(again), attempt(os.write, 0, b"owned"), attempt(os.ftruncate, 0, 0)]
            attempt(os.fchmod, 0, 0o777)
            tell(attempts)
        """,
            stdin=descriptor,
        )
    finally:
        os.close(descriptor)
    assert "done" not in result.value
    assert body.read_bytes() == b"as it was sent"


def test_cant_change_its_job_for_the_next(jail: Jail) -> None:
    """What one run leaves in /tmp, /dev/shm, /run or beside its home is not there in the next."""
    jail.run("""
        from toolbox import attempt, overwrite
        for place in ("/tmp/left", "/dev/shm/left", "/run/left", "/home/left"): attempt(overwrite, place)
    """)
    code = """
        import os
        from toolbox import tell
        tell(os.listdir("/tmp") + os.listdir("/dev/shm") + os.listdir("/home") + os.listdir("/run"))
    """
    assert sorted(jail.ask(code)) == sorted([jail.owner, "done", "passwd"])


@pytest.mark.parametrize("attribute", ["append-only", "immutable", "project"])
def test_cant_make_a_file_nobody_can_remove(jail: Jail, attribute: str) -> None:
    """FS_IOC_SETFLAGS and FS_IOC_FSSETXATTR; the second would also move it to somebody else's quota."""
    code = f"""
        import fcntl, struct
        from toolbox import attempt, tell
        file = open("kept", "w")
        if "{attribute}" == "project":
            tell(attempt(fcntl.ioctl, file, 0x401C5820, struct.pack("IIII12x", 0x200, 0, 0, 7)))
        else:
            flags = struct.pack("l", 0x20 if "{attribute}" == "append-only" else 0x10)
            tell(attempt(fcntl.ioctl, file, 0x40086602, flags))
    """
    assert jail.ask(code) == "ENOTTY"
    (jail.home / "kept").write_text("and again")


def test_cant_shadow_what_runs_it(jail: Jail) -> None:
    """Modules in the home are the program's own; none of ours is looked for there, before or after."""
    names = (
        "json",
        "os",
        "wire",
        "guest",
        "sandbox",
        "sitecustomize",
        "usercustomize",
        "script",
        "site",
        "signal",
        "socket",
    )
    planted = {f"{name}.py": "open('/proc/self/fd/1', 'w').write('planted')\n" for name in names}
    for name, text in planted.items():
        if name != "json.py":
            jail.write(name, text)
    result = jail.run("print('ran')")
    assert result.stdout == b"ran\n"


def test_cant_hide_a_home_from_its_owner(jail: Jail) -> None:
    """Whatever modes it sets: this side still gets in to list, repair and remove."""
    jail.run("""
        import os
        os.makedirs("a/b")
        open("a/b/file", "w").close()
        for path in ("a/b/file", "a/b", "a", "."): os.chmod(path, 0)
    """)
    assert stat.S_IMODE(jail.home.stat().st_mode) == 0
    jail.home.chmod(0o700)
    (jail.home / "a").chmod(0o700)
    assert stat.S_IMODE((jail.home / "a" / "b").stat().st_mode) == 0


def test_cant_fill_a_disk_with_one_file_and_many_children(jail: Jail) -> None:
    """Each process has the limit of one file, and so has the file."""
    limits = replace(CGI, file_bytes=1 * MIB)
    jail.run(
        """
        import os
        for _ in range(4):
            if os.fork() == 0:
                try:
                    with open("together", "ab", buffering=0) as file:
                        while True: file.write(bytes(1 << 16))
                except OSError:
                    os._exit(0)
        for _ in range(4): os.wait()
    """,
        limits=limits,
    )
    assert (jail.home / "together").stat().st_size <= 1 * MIB
