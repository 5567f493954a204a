"""Is this what a block prints, as a person sees it? On a terminal, what is typed shows in it. Pure; for trying.py."""

from __future__ import annotations

from typing import Final

COMPARED_MAX_CHARACTERS: Final = 64 * 1024
STEPS_MAX: Final = 1_000_000  # places that are looked at; a page of ten thousand characters with a hundred lines typed


def is_same(actual: str, expected: str, typed: str) -> bool:
    """Spaces at the ends of lines do not count, nor do empty lines at the end. The lines that are typed may stand in
    what is expected, each in its turn, where the program asked for them; or they may be left out."""
    if tidy(actual) == tidy(expected):
        return True
    return max(len(actual), len(expected)) <= COMPARED_MAX_CHARACTERS and fits(actual, expected, typed.splitlines())


def tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines()).rstrip("\n")


def fits(actual: str, expected: str, typed: list[str]) -> bool:
    """Can the typed lines, each with the end that Enter gives it, be put into what came, in their order, so that it is
    what is expected? No, where that takes too long to know."""
    came, wanted = actual.rstrip("\n"), expected.rstrip("\n") + "\n"
    places = {0}  # in what came, after as many typed lines
    shift = 0  # how much further that is in what is wanted
    steps = 0
    for line in typed:
        echo = f"{line}\n"
        reached = on_from(places, came, wanted, shift)
        steps += len(reached)
        places = {place for place in reached if wanted.startswith(echo, place + shift)}
        shift += len(echo)
        if not places or steps > STEPS_MAX:
            return False
    ends = (len(wanted) - 1, len(wanted))
    return len(came) in on_from(places, came, wanted, shift) and len(came) + shift in ends


def on_from(places: set[int], came: str, wanted: str, shift: int) -> set[int]:
    """Every place to which both go on the same."""
    found: set[int] = set()
    for start in sorted(places):
        place = start
        while place not in found:
            found.add(place)
            if place >= len(came) or came[place : place + 1] != wanted[place + shift : place + shift + 1]:
                break
            place += 1
    return found
