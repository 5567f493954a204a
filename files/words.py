"""The sentences that people read about their files. Translated."""

from __future__ import annotations

from django.utils.translation import gettext as _

from files.paths import shown


def not_there() -> str:
    return _("There is nothing here with this name any more.")


def bad_name() -> str:
    return _("No file can have this name. A name has 1 to 255 bytes, is neither . nor .. and has no slash in it.")


def name_too_long() -> str:
    return _("This name is too long. A name has at most 255 bytes.")


def taken(name: bytes) -> str:
    return _("There is a %(name)s here already. Choose another name.") % {"name": shown(name)}


def closed(name: bytes) -> str:
    if not name:
        return _("This is closed to changes. Its permissions can be changed in the shell, with chmod u+rwx.")
    return _("%(name)s is closed to changes. Its permissions can be changed in the shell, with chmod u+rwx.") % {
        "name": shown(name)
    }


def is_folder(name: bytes) -> str:
    return _("%(name)s is a folder, not a file.") % {"name": shown(name)}


def no_file(name: bytes) -> str:
    return _("%(name)s is not a file: a program made it as a pipe, a socket or a device.") % {"name": shown(name)}


def no_folder(name: bytes) -> str:
    return _("%(name)s is not a folder.") % {"name": shown(name)}


def the_home() -> str:
    return _("This is your whole folder. It cannot be renamed, moved or deleted.")


def conflict() -> str:
    return _("Somebody else saved this file meanwhile. Nothing was overwritten: compare the two, then save again.")


def conflict_gone() -> str:
    return _("This file has been deleted or renamed meanwhile. Save it again to make it anew.")


def broken_off() -> str:
    return _("Not all of the file arrived, so nothing was changed. Try again.")


def disk_full() -> str:
    return _("The disk of the server is full, so nothing was changed. Deleting still works. Tell your administrator.")


def too_many_links() -> str:
    return _("This is a link that leads to a link and so on. Open the file itself.")
