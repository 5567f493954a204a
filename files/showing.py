"""What everybody sees of one home, and at which addresses: published folders and mapped ones.

Pure: access.py reads the rows, and what is in the home is not asked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

Parts = tuple[bytes, ...]


@dataclass(frozen=True)
class Shown:
    """A folder that everybody may look at, and its address in the owner's public space."""

    address: Parts
    folder: Parts


@dataclass(frozen=True)
class Showing:
    """Folders that are shown with all below them: at the address that is their path, and, in `mapped`, at others."""

    published: frozenset[Parts]
    mapped: Mapping[Parts, Parts]

    def at(self, address: Parts) -> Shown | None:
        """Of published folders and mappings on the way the longest address wins; where both have the same, the
        mapping."""
        way = way_to(address)
        mapped = [each for each in way if each in self.mapped]
        published = [each for each in way if each in self.published]
        if mapped and (not published or len(mapped[-1]) >= len(published[-1])):
            return Shown(mapped[-1], self.mapped[mapped[-1]])
        return Shown(published[0], published[0]) if published else None

    def leads_to(self, address: Parts) -> Parts | None:
        """The path in the home that everybody opens by this address, whether or not anything is there."""
        shown = self.at(address)
        if shown is None or not can_be_address(address):
            return None
        path = shown.folder + address[len(shown.address) :]
        return None if is_hidden(path) else path

    def addresses_of(self, path: Parts) -> list[Parts]:
        """Where everybody finds it: by its own path first, then by the shortest."""
        others = {
            address + path[len(folder) :] for address, folder in self.mapped.items() if path[: len(folder)] == folder
        }
        ways = (path, *sorted(others - {path}, key=lambda address: (len(address), address)))
        return [address for address in ways if self.leads_to(address) == path]

    def sees_below(self, folder: Parts, name: bytes, shown_at: Collection[Parts]) -> bool:
        """Of what is in a folder that has these addresses, does everybody see what has this name?"""
        path = (*folder, name)
        if path in self.leading or any((*address, name) in self.leading for address in shown_at):
            return bool(self.addresses_of(path))
        return bool(shown_at) and not is_hidden((name,)) and can_be_address((name,))

    @cached_property
    def leading(self) -> frozenset[Parts]:
        """Paths and addresses at which something else is seen than what the folder around them says."""
        return self.published | self.mapped.keys() | frozenset(self.mapped.values())


def way_to(parts: Parts) -> list[Parts]:
    """The home, each folder on the way, and itself."""
    return [parts[:count] for count in range(len(parts) + 1)]


def can_be_address(parts: Parts) -> bool:
    """Browsers make a slash of a backslash, so no address of a page has one (files.paths.split_url_path)."""
    return not any(b"\\" in name for name in parts)


def is_hidden(parts: Parts) -> bool:
    """True for what publishing a folder does not show: dot files, and compiled programs, which hold their source."""
    return any(name.startswith(b".") or name == b"__pycache__" or name.endswith(b".pyc") for name in parts)
