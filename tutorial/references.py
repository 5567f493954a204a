"""What a page's links and pictures lead to: other pages, exercises and files of the course, or elsewhere. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from django.utils.translation import gettext as _

from tutorial.page import Link

ELSEWHERE: Final = ("http", "https", "mailto")
ANCHOR: Final = "s-"  # before the name of a heading, so that no heading takes a name that scripts look for
EXERCISES: Final = "exercises"


class BadReference(ValueError):
    """Its text is a sentence."""


@dataclass(frozen=True)
class Addresses:
    """Of one course: what students see, or what its lecturer previews."""

    slug: str
    is_preview: bool = False

    @property
    def course(self) -> str:
        return f"/courses/{self.slug}/"

    @property
    def pages(self) -> str:
        return f"{self.course}preview/" if self.is_preview else self.course

    def page(self, name: str) -> str:
        return f"{self.pages}{name}/"

    def file(self, path: str) -> str:
        return f"{self.pages}files/{quote(path)}"

    def exercise(self, name: str) -> str:
        return f"{self.course}exercises/{name}/"

    def of(self, link: Link) -> str:
        if link.kind == "anchor":
            return f"#{ANCHOR}{link.target}"
        return {"page": self.page, "exercise": self.exercise, "file": self.file}[link.kind](link.target)


def read_reference(reference: str, line: int) -> Link | None:
    """None for what leads elsewhere. Raises BadReference."""
    try:
        split = urlsplit(reference)
    except ValueError:
        raise BadReference(_("This address is not understood: %(it)s") % {"it": reference[:80]}) from None
    if split.scheme in ELSEWHERE and (split.netloc or split.scheme == "mailto"):
        return None
    if split.scheme or split.netloc or split.path.startswith("/"):
        raise BadReference(
            _("%(it)s leads nowhere from here. Write a name in the course’s folder, or a whole https:// address.")
            % {"it": reference[:80]}
        )
    if not split.path:
        return Link("anchor", unquote(split.fragment), line)
    names = [name for name in unquote(split.path).split("/") if name not in ("", ".")]
    if ".." in names or not names:
        raise BadReference(_("%(it)s leads out of the course’s folder.") % {"it": reference[:80]})
    return link_of(names, line)


def link_of(names: list[str], line: int) -> Link:
    stem, dot, ending = names[-1].rpartition(".")
    if dot and ending == "md":
        if len(names) == 1:
            return Link("page", stem, line)
        if names[0] == EXERCISES and len(names) == 2:
            return Link("exercise", stem, line)
    return Link("file", "/".join(names), line)
