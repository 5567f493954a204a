"""The command line: `python -m sandbox serve | run | prove | doctor`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sandbox import doctor, proving, saying, single
from sandbox.limits import MIB, PROFILES
from sandbox.meter import Tier
from sandbox.standing import GUEST, STUDENT, Standing
from sandbox.supervisor import Configuration, serve

STANDINGS = {"person": STUDENT, "guest": GUEST}  # of whoever is not told of
TIERS = {"cgroup2": Tier.CGROUP_2, "cgroup1": Tier.CGROUP_1, "perf": Tier.PERF, "sampling": Tier.SAMPLING}


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status."""
    options = parser().parse_args(arguments)
    status: int = options.action(options)
    return status


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m sandbox", description="Runs Python programs nobody trusts.")
    actions = top.add_subparsers(required=True, metavar="serve | run | prove | doctor")

    serving = actions.add_parser("serve", help="run jobs for others, until told to stop")
    serving.add_argument("--socket", type=Path, required=True, help="Unix socket to listen on")
    serving.add_argument("--homes", type=Path, required=True, help="folder with one folder per owner")
    add_installation(serving)
    serving.add_argument("--runtimes", type=Path, help="folder of virtual environments that have a name")
    serving.add_argument("--uid", type=int, help="as root: the uid of student code, which the homes must belong to")
    serving.add_argument("--spares", type=int, default=Configuration.spares, help="jails kept ready")
    serving.add_argument("--most-running", type=int, default=Configuration.most_running, help="programs at once")
    serving.add_argument("--most-running-of-owner", type=int, default=Configuration.most_running_of_owner)
    serving.add_argument("--most-waiting", type=int, default=Configuration.most_waiting)
    serving.add_argument("--most-waiting-of-owner", type=int, default=Configuration.most_waiting_of_owner)
    serving.add_argument(
        "--most-services", type=int, default=Configuration.most_services, help="such as language servers"
    )
    serving.add_argument("--most-services-of-owner", type=int, default=Configuration.most_services_of_owner)
    serving.add_argument("--without-consoles", action="store_true", help="runs only")
    serving.add_argument("--console-spares", type=int, default=Configuration.console_spares, help="of each kind")
    serving.add_argument("--most-sessions", type=int, default=Configuration.most_sessions, help="consoles at once")
    serving.add_argument("--most-sessions-of-owner", type=int, default=Configuration.most_sessions_of_owner)
    serving.add_argument("--memory-reserve-mb", type=int, default=512, help="below it nothing new is started")
    for name, standing in STANDINGS.items():
        serving.add_argument(f"--{name}-shares", type=int, default=standing.shares, help="of the processors")
        serving.add_argument(f"--{name}-memory-mb", type=int, default=standing.memory_bytes // MIB, help="in all")
        serving.add_argument(f"--{name}-processes", type=int, default=standing.processes, help="in all")
    serving.add_argument("--log-format", choices=saying.FORMATS, default="text", help="of what is said on stderr")
    serving.add_argument("--log-ends", action="store_true", help="say how each program ended")
    serving.add_argument(
        "--farewell-seconds", type=float, default=0.0, help="for programs to end by themselves when it is told to end"
    )
    serving.set_defaults(action=act_serve)

    running = actions.add_parser("run", help="run one file and pass its streams through")
    running.add_argument("--profile", choices=sorted(PROFILES), default="cgi", help="which limits")
    running.add_argument("--json", action="store_true", help="how it ended, as the last line on stderr")
    running.add_argument("--home", type=Path, help="the only folder it may write to (default: that of FILE)")
    add_installation(running)
    running.add_argument("file", metavar="FILE", type=Path)
    running.add_argument("arguments", metavar="ARG", nargs=argparse.REMAINDER)
    running.set_defaults(action=act_run)

    trying = actions.add_parser("prove", help="try an environment in a jail, and print what came of it as JSON")
    add_installation(trying)
    trying.add_argument("packages", metavar="PACKAGE", nargs="*", help="whose modules shall be imported")
    trying.set_defaults(action=act_prove)

    asking = actions.add_parser("doctor", help="say whether this machine can isolate, how well, and what would help")
    asking.add_argument("--attack", action="store_true", help="try to escape, and print what came of it")
    add_installation(asking)
    asking.set_defaults(action=act_doctor)
    return top


def add_installation(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--runtime", type=Path, help="virtual environment of the students (default: this Python, bare)"
    )
    command.add_argument("--tier", choices=TIERS, help="how to count CPU (default: the best this machine has)")
    command.add_argument("--without-user-namespaces", action="store_true", help="as root only: use a plain uid instead")


def act_serve(options: argparse.Namespace) -> int:
    return serve(
        Configuration(
            socket=options.socket,
            homes=options.homes,
            runtime=options.runtime,
            runtimes=options.runtimes,
            uid=options.uid,
            spares=options.spares,
            most_running=options.most_running,
            most_running_of_owner=options.most_running_of_owner,
            most_waiting=options.most_waiting,
            most_waiting_of_owner=options.most_waiting_of_owner,
            most_services=options.most_services,
            most_services_of_owner=options.most_services_of_owner,
            has_consoles=not options.without_consoles,
            console_spares=options.console_spares,
            most_sessions=options.most_sessions,
            most_sessions_of_owner=options.most_sessions_of_owner,
            memory_reserve_bytes=options.memory_reserve_mb * MIB,
            standing=read_standing("person", options),
            guests_standing=read_standing("guest", options),
            tier=TIERS.get(options.tier),
            without_user_namespaces=options.without_user_namespaces,
            log_format=options.log_format,
            log_tells=options.log_ends,
            farewell_seconds=options.farewell_seconds,
        )
    )


def read_standing(name: str, options: argparse.Namespace) -> Standing:
    chosen = vars(options)
    return replace(
        STANDINGS[name],
        shares=chosen[f"{name}_shares"],
        memory_bytes=chosen[f"{name}_memory_mb"] * MIB,
        processes=chosen[f"{name}_processes"],
    )


def act_run(options: argparse.Namespace) -> int:
    installation = single.Installation(options.runtime, TIERS.get(options.tier), options.without_user_namespaces)
    home = options.home or options.file.absolute().parent
    limits = PROFILES[options.profile]
    return single.run(installation, options.file, tuple(options.arguments), home, limits, as_json=options.json)


def act_prove(options: argparse.Namespace) -> int:
    installation = single.Installation(options.runtime, TIERS.get(options.tier), options.without_user_namespaces)
    return proving.report(installation, options.packages)


def act_doctor(options: argparse.Namespace) -> int:
    installation = single.Installation(options.runtime, TIERS.get(options.tier), options.without_user_namespaces)
    return doctor.report(installation, sys.stdout, attack=options.attack)
