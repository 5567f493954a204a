"""What many do at the same time on the database of the environment: `python -m tests.storage.races`, for test_races.py.

It prints what came of it, as JSON.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from typing import Any

AT_ONCE = 8


def at_once(*doing: Callable[[], Any]) -> list[Any]:
    """Their results; of one that raised, the name of what it raised."""
    from django.db import connection

    results: list[Any] = [None] * len(doing)
    ready = threading.Barrier(len(doing))

    def do(number: int) -> None:
        ready.wait(20)
        try:
            results[number] = doing[number]()
        except Exception as fault:
            results[number] = type(fault).__name__
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=(number,)) for number in range(len(doing))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def guesses(person: Any) -> dict[str, Any]:
    from courses import joining
    from courses.models import Guess

    said = [at_once(*[lambda: joining.join(person, "nothing")] * AT_ONCE) for _ in range(3)]
    return {"said": [one for some in said for one in some], "kept": Guess.objects.filter(person=person).count()}


def drafts(person: Any) -> dict[str, Any]:
    from editor import drafts as kept
    from editor.models import Draft

    said = at_once(*[lambda: kept.keep(person, (b"a.py",), "text", "").text] * AT_ONCE)
    return {"said": said, "kept": Draft.objects.filter(person=person).count()}


def editions(course: Any, lecturer: Any) -> dict[str, Any]:
    from courses import editions as published
    from courses.models import Edition

    said = at_once(*[lambda: published.add(course, {"a.md": b"# A\n"}, lecturer).number] * AT_ONCE)
    shown = Edition.objects.filter(course=course, is_shown=True).count()
    return {"said": sorted(said, key=str), "shown": shown}


def submissions(course: Any, person: Any) -> dict[str, Any]:
    from courses.addresses import Visit
    from courses.models import Role
    from marks import submitting
    from marks.models import Attempt

    visit = Visit(person, course, Role.STUDENT)
    said = at_once(*[lambda: submitting.submit(visit, "hello", {"hello.py": "x"}).number] * AT_ONCE)
    return {"said": sorted(said, key=str), "kept": Attempt.objects.filter(person=person).count()}


def claims(course: Any, people: list[Any]) -> dict[str, Any]:
    from courses.addresses import Visit
    from courses.models import Role
    from marks import submitting, turns

    for person in people:
        submitting.submit(Visit(person, course, Role.STUDENT), "hello", {"hello.py": person.username})

    def claim() -> Any:
        attempt = turns.claim()
        return attempt and attempt.person.username

    said = at_once(*[claim] * len(people))
    return {"said": sorted(map(str, said))}


def claims_of_one(course: Any, person: Any) -> dict[str, Any]:
    from courses.addresses import Visit
    from courses.models import Role
    from marks import submitting, turns

    for number in range(AT_ONCE):
        submitting.submit(Visit(person, course, Role.STUDENT), f"exercise{number}", {"hello.py": "x"})
    said = at_once(*[turns.claim] * AT_ONCE)
    return {"said": [getattr(one, "exercise", one) for one in said if one is not None]}


def days(people: list[Any]) -> dict[str, Any]:
    from django.utils import timezone

    from allowances import counting
    from allowances.models import CpuDay

    now = timezone.now()
    counted = {person.username: 1.0 for person in people}
    said = at_once(*[lambda boot=f"boot{number}": counting.count(boot, counted, now) for number in range(AT_ONCE)])
    return {"said": said, "sums": sorted(CpuDay.objects.values_list("seconds", flat=True))}


def lockout() -> dict[str, Any]:
    from django.test import Client

    def log_in(password: str) -> int:
        form = {"username": "student", "password": password}
        return Client().post("/login/", form, headers={"host": "localhost"}).status_code

    wrong = [at_once(*[lambda: log_in("wrong")] * AT_ONCE) for _ in range(2)]
    return {"wrong": wrong[-1], "right": log_in("ivle")}


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "ivle.settings"
    import django

    django.setup()
    from accounts.models import Person
    from courses.models import Course, Membership, Role, Term
    from ivle import database
    from marks import catalogue
    from tests.marks.conftest import exercise

    database.prepare()
    catalogue.read = lambda edition, name: exercise(name)
    people = [Person.objects.create_user(f"person{number}", "ivle") for number in range(AT_ONCE)]
    student = Person.objects.create_user("student", "ivle")
    term = Term.objects.create(name="Spring", starts="2026-09-01", ends="2026-12-31")
    course = Course.objects.create(slug="intro", title="Introduction", term=term)
    for person in (*people, student):
        Membership.objects.create(course=course, person=person, role=Role.STUDENT)
    found = {
        "guesses": guesses(student),
        "drafts": drafts(student),
        "editions": editions(course, student),
        "submissions": submissions(course, student),
        "days": days(people),
        "lockout": lockout(),
    }
    from marks.models import Attempt

    Attempt.objects.all().delete()
    found["claims"] = claims(course, people)
    found["claims of one"] = claims_of_one(course, student)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
