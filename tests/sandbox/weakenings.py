"""Every defence of the sandbox, and how a copy of it is made that lacks just this one. Read by weaken.py."""

from __future__ import annotations

from dataclasses import dataclass


class DoesNotApply(Exception):
    """The sandbox has changed; so must the weakening."""


@dataclass(frozen=True)
class Change:
    """`old` must be in the file exactly once. With `whole_line` the line it is in goes, and `new` takes its place."""

    file: str
    old: str
    new: str
    whole_line: bool

    def apply(self, text: str) -> str:
        if text.count(self.old) != 1:
            raise DoesNotApply(f"sandbox/{self.file}.py has {text.count(self.old)} times {self.old!r}")
        if not self.whole_line:
            return text.replace(self.old, self.new)
        lines = text.split("\n")
        [number] = [number for number, line in enumerate(lines) if self.old in line]
        indentation = lines[number][: len(lines[number]) - len(lines[number].lstrip())]
        lines[number] = indentation + self.new
        return "\n".join(lines)


@dataclass(frozen=True)
class Weakening:
    defence: str
    changes: tuple[Change, ...]
    behind: str = ""  # which other defence still holds, where no attack is expected to notice
    fails_closed: bool = False  # without it no jail can be made at all
    everywhere: bool = False  # it matters on other installations than the best one
    beyond: str = ""  # another weakening: only what its absence alone does not let through counts


def without(file: str, fragment: str, instead: str = "pass") -> Change:
    return Change(file, fragment, instead, whole_line=True)


def swap(file: str, old: str, new: str) -> Change:
    return Change(file, old, new, whole_line=False)


def rlimit(name: str, behind: str = "") -> Weakening:
    words = {"AS": "address space", "NPROC": "processes", "FSIZE": "one file", "NOFILE": "open files"}
    change = without("cage", f"resource.RLIMIT_{name}:", "# not this one")
    return Weakening(f"RLIMIT_{name}" + (f" ({words[name]})" if name in words else ""), (change,), behind)


def condition(name: str, behind: str = "") -> Weakening:
    return Weakening(f"filter: arguments of {name}", (without("seccomp", f'"{name}": ', "# not this one"),), behind)


NO_FILTER = without("cage", "syscalls.set_seccomp_filter(")
NO_LANDLOCK = without("cage", "landlock.restrict(")
NO_CAPABILITY_DROP = without("cage", "syscalls.set_capabilities(0, 0, 0)")
NO_NESTED_LIMIT = swap("cage", '"max_user_namespaces": b"0"', '"max_user_namespaces": b"9"')
ONE_NETWORK = without("networks", "syscalls.unshare(syscalls.CLONE_NEWNET)")
WRITABLE_VIEW = swap(
    "mounts", "MOUNT_ATTR_RDONLY | syscalls.MOUNT_ATTR_NOSUID, recursive", "MOUNT_ATTR_NOSUID, recursive"
)
SUID_VIEW = swap("mounts", "MOUNT_ATTR_RDONLY | syscalls.MOUNT_ATTR_NOSUID, recursive", "MOUNT_ATTR_RDONLY, recursive")
HOMES_STAY = (without("zygote", "syscalls.unmount(mounts.HOMES)"),)
NOT_HOME_YET = swap("jail", "if os.read(channel, ANSWER_MAX_BYTES) != AT_HOME:", "if False:")
NO_RESET_OF_SIGNALS = without("zygote", "signal.signal(number, signal.SIG_DFL)")
DUMPABLE = without("zygote", "syscalls.PR_SET_DUMPABLE, 0")
NO_OWN_USERS = without("cage", "        leave_to_own_user_namespace(host_proc, ")
OF_THE_SERVICE = "the service's own limit; the tests raise that where they may (CAP_SYS_RESOURCE)"
FILTER_REFUSES = "the filter refuses the calls that would use it"

WEAKENINGS = (
    # Namespaces
    Weakening("mount namespace", (swap("zygote", "syscalls.CLONE_NEWNS | ", ""),), fails_closed=True),
    Weakening("PID namespace", (swap("zygote", "syscalls.CLONE_NEWPID | syscalls", "syscalls"),)),
    Weakening("network namespace of each jail", (ONE_NETWORK,)),
    Weakening(
        "network namespace of each jail and of the zygote",
        (ONE_NETWORK, swap("launcher", "syscalls.CLONE_NEWNET | ", "")),
        fails_closed=True,
    ),
    Weakening(
        "networks used again only when clean",
        (swap("zygote", "if networks.traces() != known.fresh:", "if False:"),),
    ),
    Weakening(
        "networks of the killed not used again",
        (swap("cell", "self.is_given and not self.is_doomed", "True"),),
        "its traces are looked at again before it is used",
    ),
    Weakening("IPC namespace", (swap("zygote", "syscalls.CLONE_NEWIPC | ", ""),)),
    Weakening("UTS namespace", (swap("zygote", " | syscalls.CLONE_NEWUTS", ""), without("zygote", "sethostname"))),
    Weakening("control group namespace", (without("jail", "syscalls.unshare(syscalls.CLONE_NEWCGROUP)"),)),
    Weakening("user namespace of each jail", (NO_OWN_USERS,)),
    Weakening("no nested user namespaces", (NO_NESTED_LIMIT,), FILTER_REFUSES),
    Weakening("no nested user namespaces, and the filter", (NO_NESTED_LIMIT, NO_FILTER), beyond="system-call filter"),
    Weakening("bounded inotify", (swap("cage", '"max_inotify_instances": b"16"', '"max_inotify_instances": b"9999"'),)),
    # What is to be seen
    Weakening("other homes never in the view of a jail", HOMES_STAY),
    Weakening("the student waits for the word that its home is there", (NOT_HOME_YET,)),
    Weakening("the zygote is back in its own view after a jail", (without("zygote", "undo.callback(syscalls.setns"),)),
    Weakening(
        "the zygote is back in its own view after a home",
        (without("zygote", "            syscalls.setns(self.own_view, syscalls.CLONE_NEWNS)"),),
    ),
    Weakening(
        "a home that is not there ends the run",
        (without("zygote", 'wire.say(self.control, "broken"'),),
    ),
    Weakening("each jail its own /proc", (without("jail", "mounts.add_own_proc()"),), fails_closed=True),
    Weakening("read-only view", (WRITABLE_VIEW,), "Landlock lets student code write in its home and /tmp only"),
    Weakening("read-only view, and Landlock", (WRITABLE_VIEW, NO_LANDLOCK), beyond="Landlock"),
    Weakening("nosuid view", (SUID_VIEW,)),
    Weakening("nosuid and nodev homes", (without("mounts", "unprivileged = ", "unprivileged = 0"),)),
    Weakening("no host tree below the view", (without("mounts", 'syscalls.unmount(".")'),)),
    Weakening("hidden processes of others", (swap("mounts", "hidepid=2,subset=pid", "subset=pid"),)),
    Weakening("hidden facts of the host", (swap("mounts", "hidepid=2,subset=pid", "hidepid=2"),)),
    Weakening("bounded number of terminals", (swap("mounts", ",max=16", ""),)),
    Weakening("bounded /tmp", (swap("mounts", "1777,size={limits.tmp_bytes},", "1777,"),)),
    Weakening(
        "bounded names in /tmp",
        (swap("mounts", "1777,size={limits.tmp_bytes},nr_inodes={TMP_INODES}", "1777,size={limits.tmp_bytes}"),),
    ),
    # What may be asked of the kernel
    Weakening("system-call filter", (NO_FILTER,)),
    Weakening(
        "filter: other architectures", (swap("seccomp", "(RETURN, 0, 0, KILL_PROCESS)", "(RETURN, 0, 0, ALLOW)"),)
    ),
    Weakening(
        "filter: x32 numbers",
        (swap("seccomp", 'if machine == "x86_64":', "if False:"),),
        "the allow-list has no such number",
    ),
    Weakening("filter: unlisted calls", (without("seccomp", "unknown = (", "unknown = (RETURN, 0, 0, ALLOW)"),)),
    condition("ioctl"),
    condition("prctl"),
    condition("clone", "the limit of nested user namespaces, and no capabilities"),
    Weakening(
        "filter: families of sockets", (swap("seccomp", "*only(0, SOCKET_FAMILIES, errno.EAFNOSUPPORT)[:-1]", "*()"),)
    ),
    Weakening(
        "filter: protocols of sockets",
        (swap("seccomp", "*only(2, SOCKET_PROTOCOLS, errno.EPROTONOSUPPORT)", "(RETURN, 0, 0, ALLOW)"),),
    ),
    condition("socketpair"),
    Weakening("filter: privileged modes", (without("seccomp", "PRIVILEGE_BITS = ", "PRIVILEGE_BITS = 0"),)),
    Weakening(
        "filter: device nodes",
        (swap("seccomp", "NODE_TYPES = (0, ", "NODE_TYPES = (0, stat.S_IFCHR, stat.S_IFBLK, "),),
        "nothing inside has the capability; Landlock; nodev mounts",
    ),
    Weakening(
        "filter: nameless files, where nothing counts them",
        (without("seccomp", 'del numbers["memfd_create"]'),),
        everywhere=True,
    ),
    Weakening("Landlock", (NO_LANDLOCK,)),
    Weakening("capabilities dropped", (NO_CAPABILITY_DROP,)),
    Weakening("bounding set dropped", (without("cage", "syscalls.drop_bounding_set("),)),
    Weakening("no new privileges", (without("cage", "syscalls.PR_SET_NO_NEW_PRIVS"),), fails_closed=True),
    # What is left lying about
    Weakening(
        "orphans buried by the holder", (swap("holder", "int(signal.SIGCHLD), SIG_IGN", "int(signal.SIGCHLD), 0"),)
    ),
    Weakening(
        "no handlers in the holder",
        (NO_RESET_OF_SIGNALS, without("zygote", "signal.signal(signal.SIGINT, signal.SIG_IGN)")),
    ),
    Weakening(
        "the zygote and holders are not dumpable",
        (DUMPABLE,),
        "they are in another user namespace or of another uid, and have capabilities that students lack",
    ),
    Weakening(
        "the zygote and holders are not dumpable, and user namespace of each jail",
        (DUMPABLE, NO_OWN_USERS),
        "the zygote has capabilities that students lack; Landlock; hidden processes",
        beyond="user namespace of each jail",
    ),
    Weakening("descriptors of the zygote closed in the student", (without("jail", "close_all_but(orders, "),)),
    Weakening(
        "descriptors closed before the program begins",
        (without("jail", "os.closerange(STREAM_COUNT"),),
    ),
    Weakening(
        "names of homes forgotten",
        (without("mounts", "whole[:] = bytes(len(whole))", 'vars(syscalls).setdefault("kept", []).append(whole)'),),
    ),
    Weakening(
        "names of homes written over before they are let go",
        (without("mounts", "whole[:] = bytes(len(whole))"),),
        "memory let go is used again before a program begins, as far as we have seen",
    ),
    Weakening(
        "messages written over",
        (without("zygote", "text[:] = bytes(len(text))"),),
        "the message that asks for the next jail is longer than one that names an owner",
    ),
    Weakening(
        "numbers of jails not used again",
        (swap("zygote_handle", "cell.number = self.forks", "cell.number = self.forks % 4"),),
    ),
    Weakening(
        "payload sealed",
        (swap("client", " | fcntl.F_SEAL_WRITE", ""),),
        "the program has no descriptor of it when it begins",
    ),
    Weakening("signals as a program expects them", (without("cage", "    reset_signals()"),)),
    Weakening("our modules forgotten", (without("zygote", "del sys.modules[name]"),)),
    Weakening(
        "our folder off the module path",
        (without("zygote", "sys.path[:] = "),),
        "the folder is unmounted once the zygote has imported it",
    ),
    Weakening(
        "empty environment",
        (
            without("zygote_handle", "env={},", ""),
            swap("launcher", "ZYGOTE_ENVIRONMENT | ", "dict(os.environ) | ZYGOTE_ENVIRONMENT | "),
        ),
    ),
    Weakening("random numbers begin anew after a fork", (without("forks", "        hook()"),)),
    Weakening(
        "supplementary groups dropped",
        (without("launcher", "os.setgroups("),),
    ),
    # How much
    rlimit("AS"),
    rlimit("NPROC"),
    rlimit("FSIZE"),
    Weakening("room of the owner, for one file", (without("jail", "caging.shorten_files("),)),
    rlimit("NOFILE"),
    rlimit("STACK"),
    rlimit("CORE"),
    rlimit("MEMLOCK"),
    rlimit("MSGQUEUE"),
    rlimit("NICE", OF_THE_SERVICE),
    rlimit("RTPRIO", OF_THE_SERVICE),
    rlimit("SIGPENDING"),
    Weakening("RLIMIT_CPU", (without("cage", "resource.setrlimit(resource.RLIMIT_CPU"),)),
    Weakening(
        "RLIMIT_DATA, where nothing counts memory",
        (without("cage", "both[resource.RLIMIT_DATA]"),),
        "address space",
        everywhere=True,
    ),
    Weakening("CPU of the whole run", (swap("keeper", "if remaining <= 0:", "if False:"),)),
    Weakening("wall clock", (swap("keeper", "call_later(self.cell.limits.wall_seconds", "call_later(60"),)),
    Weakening("memory of the control group", (swap("cgroups", "str(limits.memory_bytes)", "str(1 << 40)"),)),
    Weakening(
        "processes of the control group",
        (swap("cgroups", "str(limits.processes)", '"30000"'),),
        "RLIMIT_NPROC, except where there are no user namespaces",
    ),
    Weakening("the group of a person", (without("jail", "            join(descriptors[count:])"),)),
    Weakening(
        "the door to it closed at once",
        (without("jail", "        os.close(door)"),),
        "all but the streams is closed before the program",
    ),
    Weakening("the largest of a person's programs stopped", (without("budget", "largest.cell.stop("),)),
    Weakening("a person's memory looked at before a start", (without("gate", "budget.check("),)),
    # Whose it is
    Weakening(
        "names of owners checked", (swap("job", "isinstance(name, str)\n", "isinstance(name, str) or name is None\n"),)
    ),
    Weakening(
        "a share of all jails for each owner",
        (swap("turns", " and self.running[owner] < self.most_running_of_owner", ""),),
    ),
    Weakening(
        "the end of a run is told by a pipe that no program can end",
        (swap("mounts", "os.O_RDWR | os.O_NONBLOCK", "os.O_RDONLY | os.O_NONBLOCK"),),
    ),
    Weakening(
        "a caller that leaves ends its run",
        (
            swap(
                "caller",
                "            if self.keeper is not None:\n                self.keeper.stop(Ended.KILLED)\n",
                "",
            ),
        ),
    ),
    Weakening(
        "filter: limits of other processes",
        (without("seccomp", '"prlimit64": ', "# not this one"),),
    ),
)
