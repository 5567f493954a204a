"""Asks guest/checker.py, in a jail of its own, about what a submission did. Used by marking.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exercises import jails
from exercises.exercise import Bounds
from exercises.jails import Place
from exercises.sentences import Sentence
from exercises.sentences import sentence as _
from sandbox.faults import SandboxUnavailable
from sandbox.outcome import Ended

STANDARD = Bounds()


class Unchecked(Exception):
    """What a submission did could not be looked at to the end."""

    def __init__(self, reason: Sentence) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Opinion:
    """Of a lecturer's checker."""

    passed: bool
    sentence: Sentence


async def ask(place: Place, kind: str, work: Mapping[str, Any], bounds: Bounds = STANDARD) -> dict[str, Any]:
    """Raises Unchecked when it came to no answer, SandboxError where nobody is to blame for that but us."""
    ran = await jails.run(place, "checker", kind, work, place.bounded(bounds))
    if ran.outcome.ended is not Ended.FINISHED or not ran.answer:
        raise Unchecked(
            _("What it did could not be compared with what was expected: that took too much time or memory.")
        )
    if "missing" in ran.answer:
        raise SandboxUnavailable(f"the students' Python here cannot read HTML: {ran.answer['missing']}")
    return ran.answer


async def matches(place: Place, pairs: Sequence[tuple[str, str]], *, ignores_case: bool) -> dict[tuple[str, str], bool]:
    """Whether each text is as its pattern, which comes first. Raises Unchecked."""
    answer = await ask(place, "patterns", {"pairs": pairs, "ignores_case": ignores_case})
    return dict(zip(pairs, answer["same"], strict=True))


async def places_of(
    place: Place, sources: Mapping[str, str], names: Sequence[str], ours: Sequence[str]
) -> dict[str, list[tuple[str, int]]]:
    """In which files and lines a program uses what. `ours`: modules that lie beside it. Raises Unchecked."""
    answer = await ask(place, "code", {"sources": sources, "names": names, "ours": ours})
    if "unreadable" in answer:
        raise Unchecked(_("Your file is no Python: %(error)s.", error=answer["unreadable"]))
    return {name: [(file, line) for file, line in places] for name, places in answer["places"].items()}


async def opinion(
    place: Place, checker: str, ran: Mapping[str, Any], value: list[Any] | None, bounds: Bounds
) -> Opinion:
    """Raises Unchecked."""
    answer = await ask(place, "check", {"source": checker, "ran": ran, "value": value}, bounds)
    if "broken" in answer:
        error = answer["broken"]
        raise Unchecked(_("The checker of this test did not know what to make of it: %(error)s.", error=error))
    theirs = answer.get("sentence")
    words = _("%(sentence)s", sentence=theirs) if theirs else _("The checker does not accept it.")
    return Opinion(answer["passed"], words)


async def facts_of(place: Place, pages: Sequence[tuple[str, Sequence[str]]]) -> list[dict[str, Any]]:
    """What guest/page.py tells of HTML and the selectors beside it. Raises Unchecked."""
    if not pages:
        return []
    work = {"pages": [{"html": html, "selectors": selectors} for html, selectors in pages]}
    answer = await ask(place, "pages", work)
    found: list[dict[str, Any]] = answer["pages"]
    return found
