"""manage.py runtime list | add | remove | install | uninstall | back | check: the Pythons of students' programs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from courses.models import Course
from sandbox.client import connect
from sandbox.environments import STANDARD
from sandbox.faults import SandboxError
from sandbox.installing import Changed, Installer, NotChanged
from sandbox.packages import installed
from sandbox.renewing import renew
from sandbox.runtime import RuntimeMissing, version_of


class Command(BaseCommand):
    help = "Lists, makes and changes the environments that students' programs can run in. docs/runtimes.md tells more."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="list | add | remove | install | ...")
        actions.add_parser("list", help="which there are")
        adding = actions.add_parser("add", help="make one: a copy of the standard one")
        adding.add_argument("--python", default="", metavar="PROGRAM", help="make an empty one of this Python instead")
        installing = actions.add_parser("install", help="put packages into one")
        removing = actions.add_parser("remove", help="take one away; of the standard one: undo all changes")
        removing.add_argument("--anyway", action="store_true", help="although courses use it")
        uninstalling = actions.add_parser("uninstall", help="take packages out of one")
        going_back = actions.add_parser("back", help="make one what it was before its last change")
        checking = actions.add_parser("check", help="try one in a jail")
        for command in (adding, installing, removing, uninstalling, going_back, checking):
            command.add_argument("name", metavar="NAME")
        installing.add_argument("packages", metavar="PACKAGE", nargs="+", help="such as pandas or pandas==2.2.3")
        installing.add_argument("--find-links", type=Path, metavar="FOLDER", help="take them from this folder alone")
        installing.add_argument("--upgrade", action="store_true", help="also where an earlier version is there")
        uninstalling.add_argument("packages", metavar="PACKAGE", nargs="+")
        for command in (installing, uninstalling):
            command.add_argument("--anyway", action="store_true", help="although something cannot be imported")

    def handle(self, *args: Any, **options: Any) -> None:
        installer = Installer(settings.ENVIRONMENTS, self.stdout.write)
        try:
            DOINGS[options["action"]](self, installer, options)
        except NotChanged as fault:
            raise CommandError(str(fault)) from None

    def do_list(self, installer: Installer, options: dict[str, Any]) -> None:
        for name in settings.ENVIRONMENTS.names():
            states = settings.ENVIRONMENTS.states(name)
            used = ", ".join(courses_with(name))
            self.stdout.write(f"{name}  {contents(states[0]) if states else 'bare'}  {used or '-'}")

    def do_add(self, installer: Installer, options: dict[str, Any]) -> None:
        self.tell(options["name"], installer.add(options["name"], options["python"]))

    def do_install(self, installer: Installer, options: dict[str, Any]) -> None:
        name = options["name"]
        changed = installer.install(
            name,
            options["packages"],
            options["find_links"],
            upgrade=options["upgrade"],
            anyway=options["anyway"],
        )
        self.tell(name, changed)

    def do_uninstall(self, installer: Installer, options: dict[str, Any]) -> None:
        name = options["name"]
        self.tell(name, installer.uninstall(name, options["packages"], anyway=options["anyway"]))

    def do_remove(self, installer: Installer, options: dict[str, Any]) -> None:
        name = options["name"]
        used = courses_with(name) if name != STANDARD else []
        if used and not options["anyway"]:
            raise CommandError(
                f"{name} is the environment of {', '.join(used)}. Choose another in their settings first, "
                "or say --anyway: then nothing runs in them until somebody does."
            )
        installer.remove(name)
        self.stdout.write(f"{name} is {'as it was installed' if name == STANDARD else 'gone'}.")
        self.renew(name)

    def do_back(self, installer: Installer, options: dict[str, Any]) -> None:
        self.tell(options["name"], installer.back(options["name"]))

    def do_check(self, installer: Installer, options: dict[str, Any]) -> None:
        proof = installer.check(options["name"])
        if proof.fault:
            raise CommandError(f"Nothing can run in it.\n{proof.fault}")
        ipython = "with" if proof.has_ipython else "without"
        self.stdout.write(f"Programs run in it: Python {proof.version}, {ipython} IPython.")
        for module, fault in proof.broken.items():
            self.stdout.write(f"Cannot be imported: {module}: {fault}")

    def tell(self, name: str, changed: Changed) -> None:
        for sign, packages in (("+", changed.added), ("-", changed.removed)):
            if len(packages) <= LISTED_MAX:
                for package, version in packages.items():
                    self.stdout.write(f"{sign} {package} {version}")
        for module, fault in changed.proof.broken.items():
            self.stdout.write(f"Cannot be imported: {module}: {fault}")
        self.stdout.write(f"{name} is ready: Python {changed.proof.version}.")
        self.renew(name, f" To make it what it was before: manage.py runtime back {name}")

    def renew(self, name: str, way_out: str = "") -> None:
        try:
            connect(settings.IVLE_SANDBOX_SOCKET).close()
        except SandboxError:
            return  # nothing runs here that would have to know
        try:
            async_to_sync(renew)(settings.IVLE_SANDBOX_SOCKET, name)
        except SandboxError as fault:
            raise CommandError(f"{name} is changed, but {fault}.{way_out}") from None
        self.stdout.write("Programs that are started from now on run in it as it is now.")


def contents(state: Path) -> str:
    """Also where a new system has taken its interpreter away, which is no reason not to see the others."""
    version = version_of(state)
    try:
        return f"Python {version}  {len(installed(state))} packages"
    except RuntimeMissing:
        return f"Python {version}, which is gone" if version else "no Python in it"


def courses_with(name: str) -> list[str]:
    chosen = "" if name == STANDARD else name
    return list(Course.objects.filter(environment=chosen, is_open=True).values_list("slug", flat=True))


LISTED_MAX: Final = 40
DOINGS: Final[dict[str, Callable[[Command, Installer, dict[str, Any]], None]]] = {
    "list": Command.do_list,
    "add": Command.do_add,
    "remove": Command.do_remove,
    "install": Command.do_install,
    "uninstall": Command.do_uninstall,
    "back": Command.do_back,
    "check": Command.do_check,
}
