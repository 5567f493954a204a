"""The sentences that people read about their files. Translated."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from files.paths import shown

GB: Final = 1024**3
MB: Final = 1024**2
KB: Final = 1024


def size(count: int) -> str:
    """ "3.4 KB": as frontend/site/measures.js has it."""
    for unit, words in ((GB, _("%(number)s GB")), (MB, _("%(number)s MB")), (KB, _("%(number)s KB"))):
        amount = count / unit
        if amount >= 0.9995:
            return words % {"number": f"{amount:.1f}".removesuffix(".0") if amount < 9.95 else round(amount)}
    return ngettext("%(count)d byte", "%(count)d bytes", count) % {"count": count}


def not_there() -> str:
    return _("There is nothing here with this name any more.")


def not_kept() -> str:
    return _("This version is not kept any more.")


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


def quota_full(limit_bytes: int) -> str:
    return _(
        "Your folder is full: all of its %(limit)s are used. Nothing was changed. "
        "Delete something and empty the trash, then try again."
    ) % {"limit": size(limit_bytes)}


def quota_reached(more_bytes: int, free_bytes: int, limit_bytes: int) -> str:
    return _(
        "This needs %(more)s more, and of the %(limit)s of your folder %(free)s are free. Nothing was changed. "
        "Delete something and empty the trash, then try again."
    ) % {"more": size(more_bytes), "limit": size(limit_bytes), "free": size(free_bytes)}


def beyond_quota(more_bytes: int, limit_bytes: int) -> str:
    return _("This needs %(more)s, and your folder can have %(limit)s in all. Nothing was changed.") % {
        "more": size(more_bytes),
        "limit": size(limit_bytes),
    }


def too_many_files(most: int) -> str:
    return _("Your folder has more than %(most)d files. Delete some and empty the trash, then try again.") % {
        "most": most
    }


def room_of_program(room_bytes: int, limit_bytes: int) -> str:
    """In its terminal, or among the errors in the report of its run."""
    if room_bytes > 0:
        return _("[ivle] Your folder has room for %(left)s more, so this program can write no longer file.") % {
            "left": size(room_bytes)
        }
    return _(
        "[ivle] Your folder is full: all of its %(limit)s are used. So this program can write small files alone. "
        "Delete something and empty the trash, then run it again."
    ) % {"limit": size(limit_bytes)}


def reserve_reached() -> str:
    return _(
        "The disk of the server is almost full, so nothing can be added now. Deleting still works. "
        "Tell your administrator."
    )


def into_itself(name: bytes) -> str:
    return _("%(name)s cannot be put into itself. Choose a folder outside of it.") % {"name": shown(name)}


def too_much_to_copy(name: bytes, most: int) -> str:
    return _("%(name)s has more in it than can be copied at once (%(most)d files). Copy it in parts.") % {
        "name": shown(name),
        "most": most,
    }


def trash_elsewhere() -> str:
    return _(
        "The trash is on another disk than your folder, so nothing can be deleted here. Tell your administrator: "
        "homes and trash belong on one file system."
    )


def still_growing(name: bytes) -> str:
    return _("%(name)s was not deleted whole: a program goes on writing into it. Stop the program, then try again.") % {
        "name": shown(name)
    }


def too_long() -> str:
    return _("This was not begun, because the others took too long already. Choose fewer at a time.")


def too_large(megabytes: float) -> str:
    return _("This file is larger than the %(megabytes)g MB that can be saved at once. Upload it instead.") % {
        "megabytes": megabytes
    }


def bad_header(name: str) -> str:
    return _("The field %(name)s is not understood.") % {"name": name}


def never_shown() -> str:
    return _(
        "This folder cannot be published. Names that begin with a dot or have a backslash in them, "
        "and compiled programs, are never shown to others."
    )


def only_folders() -> str:
    return _("Folders can be published, with all that is in them. Publish the folder that this is in.")
