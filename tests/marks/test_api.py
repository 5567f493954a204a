"""The API of exercises, as a student's program uses it, and what the page hears."""

from __future__ import annotations

import json

from django.db import connection
from django.db.models import JSONField
from django.test import Client
from django.test.utils import CaptureQueriesContext

from courses.models import Course, Look, Membership, Role
from exercises.exercise import Hint
from marks import figures
from marks.models import Attempt, Mark
from sandbox.faults import SandboxBusy, SandboxError
from tests.marks.conftest import SEEN, UNSEEN, exercise


def test_the_whole_way(publish, script_of, work, examiner, student) -> None:
    publish(exercise(attempts_max=3))
    script = script_of(student)
    found = script.get("intro/hello").json()
    assert (found["title"], found["html"]) == ("Hello", "<p>Greet <strong>everybody</strong>.</p>\n")
    [file] = found["files"]
    assert (file["text"], file["path"]) == ("# Write here.\n", "intro/exercises/hello/hello.py")
    assert [(test["hidden"], test["title"]) for test in found["tests"]] == [(False, SEEN), (True, "")]
    assert found["terms"]["attempts_max"] == 3
    assert (found["mark"], found["attempts"], found["refusal"]) == (None, [], "")

    checked = script.post("intro/hello/check", files={"hello.py": "1"}).json()
    assert [result["title"] for result in checked["report"]["results"]] == [SEEN]

    handed_in = script.post("intro/hello/submit", files={"hello.py": "1"})
    assert (handed_in.status_code, handed_in.json()["state"], handed_in.json()["before_it"]) == (201, "waiting", 0)
    work()
    attempt = script.get("intro/hello/attempts/1").json()
    assert (attempt["state"], attempt["points"], attempt["files"]) == ("marked", 1.0, {"hello.py": "1"})
    assert [attempt["number"] for attempt in script.get("intro/hello/attempts").json()] == [1]
    found = script.get("intro/hello").json()
    assert found["mark"] == {"points": 1.0, "of_points": 3.0, "attempt": 1, "by_hand": False}


def test_of_hidden_tests_nothing_but_the_title_is_told(publish, script_of, work, examiner, student) -> None:
    publish(exercise())
    script = script_of(student)
    script.post("intro/hello/submit", files={"hello.py": "1"})
    attempt = Attempt.objects.get()
    work()
    attempt.refresh_from_db()
    attempt.report["results"][1]["feedback"] = {"sentence": "secret", "expected": "secret"}
    attempt.save()
    answer = script.get("intro/hello/attempts/1")
    [seen, unseen] = answer.json()["report"]["results"]
    assert seen["feedback"]["diff"] == [["-", "Hello"]]
    assert (unseen["title"], unseen["hidden"], unseen["feedback"], unseen["cpu_seconds"]) == (UNSEEN, True, None, 0.0)
    assert b"secret" not in answer.content


def test_progress_is_told_while_it_is_marked(publish, script_of, hand_in, examiner, student) -> None:
    from marks import turns

    publish(exercise())
    hand_in(student, "1")
    attempt = turns.claim()
    results = [
        {
            "title": SEEN,
            "hidden": False,
            "passed": True,
            "points": 1,
            "of_points": 1,
            "feedback": None,
            "cpu_seconds": 0,
        },
        {
            "title": UNSEEN,
            "hidden": True,
            "passed": False,
            "points": 0,
            "of_points": 2,
            "feedback": {"sentence": "secret"},
        },
    ]
    turns.hold(attempt, results)
    told = script_of(student).get("intro/hello/attempts/1")
    assert (told.json()["state"], [result["passed"] for result in told.json()["progress"]]) == (
        "marking",
        [True, False],
    )
    assert b"secret" not in told.content


def test_hints_come_after_tries_that_differ(publish, script_of, work, examiner, student) -> None:
    publish(exercise(hints=(Hint(2, "Use *print*."), Hint(3, "Say hello."))))
    script = script_of(student)

    def hints(text: str) -> list[tuple[bool, int]]:
        found = script.post("intro/hello/check", files={"hello.py": text}).json()["hints"]
        return [(bool(hint["html"]), hint["tries_left"]) for hint in found]

    assert hints("a") == [(False, 1)]
    assert hints("a") == [(False, 1)], "the same text is no new try"
    assert hints("1") == [(False, 1)], "a check that passes is none either"
    assert hints("b") == [(True, 0), (False, 1)]
    script.post("intro/hello/submit", files={"hello.py": "c"})
    work()
    assert [hint["html"] for hint in script.get("intro/hello").json()["hints"]] == [
        "<p>Use <em>print</em>.</p>\n",
        "<p>Say hello.</p>\n",
    ]


def test_a_check_that_we_cannot_do_is_no_try(publish, script_of, examiner, student) -> None:
    publish(exercise())
    script = script_of(student)
    for fault in (SandboxError("away"), SandboxBusy("busy", 3)):
        examiner.fault = fault
        answer = script.post("intro/hello/check", files={"hello.py": "a"})
        assert (answer.status_code, "which is our fault" in answer.json()["detail"]) == (503, True)
    assert not Mark.objects.exists()
    examiner.fault = None
    assert script.post("intro/hello/check", files={"hello.py": "a"}).status_code == 200, "and the turn was given back"


def test_run_saves_the_files_and_what_is_given(publish, script_of, settings, student) -> None:
    made = exercise(files={"main.py": "", "more.py": "a = 1\n"})
    publish(made.__class__(**{**vars(made), "given": {"data/prices.csv": b"1,2\n"}}))
    script = script_of(student)
    answer = script.post("intro/hello/run", files={"main.py": "print(1)\n"})
    assert answer.json() == {"path": "intro/exercises/hello/main.py"}
    folder = settings.IVLE_HOMES / "student/intro/exercises/hello"
    assert (folder / "main.py").read_text() == "print(1)\n"
    assert (folder / "more.py").read_text() == "a = 1\n"
    assert (folder / "data/prices.csv").read_bytes() == b"1,2\n"
    (folder / "more.py").write_text("a = 2\n")
    (folder / "data/prices.csv").write_text("mine")
    script.post("intro/hello/run", files={"main.py": "print(2)\n"})
    assert (folder / "more.py").read_text() == "a = 2\n"
    assert (folder / "data/prices.csv").read_text() == "mine"
    assert [file["text"] for file in script.get("intro/hello").json()["files"]] == ["print(2)\n", "a = 2\n"]


def test_what_a_lecturer_tries_is_no_part_of_the_course(publish, script_of, lecturer) -> None:
    publish(exercise())
    answer = script_of(lecturer).post("intro/hello/run", files={"hello.py": "print(1)\n"})
    assert answer.json()["path"].startswith("intro-tried/exercises/hello/")


def test_a_full_folder_is_said(publish, script_of, settings, student) -> None:
    publish(exercise())
    settings.IVLE_DISK_RESERVE_MB = 1 << 30
    answer = script_of(student).post("intro/hello/run", files={"hello.py": "print(1)\n"})
    assert (answer.status_code, "almost full" in answer.json()["detail"]) == (507, True)


def test_by_a_session_it_needs_the_token_of_the_page(publish, client_of, student) -> None:
    publish(exercise())
    client = Client(enforce_csrf_checks=True)
    client.force_login(student, backend="django.contrib.auth.backends.ModelBackend")
    content = json.dumps({"files": {}})
    assert client.post("/api/exercises/intro/hello/submit", content, content_type="application/json").status_code == 403


def test_who_teaches_sees_attempts_and_it_is_written_down(
    publish, script_of, hand_in, examiner, student, tutor
) -> None:
    publish(exercise())
    hand_in(student, "1")
    found = script_of(tutor).get("intro/hello/attempts/1", person="student")
    assert found.json()["files"] == {"hello.py": "1"}
    look = Look.objects.get()
    assert (look.viewer, look.owner, look.what, look.path) == (tutor, student, "attempt", "intro/hello/1")


def test_it_is_described(client) -> None:
    paths = json.loads(client.get("/api/openapi.json").content)["paths"]
    ours = {path.removeprefix("/api/exercises/{course}/{name}") for path in paths if path.startswith("/api/exercises/")}
    assert ours == {"", "/run", "/check", "/submit", "/attempts", "/attempts/{number}"}


def test_lists_read_no_reports(publish, hand_in, work, examiner, student, lecturer, script_of, client_of) -> None:
    """Which may be megabytes each."""
    publish(exercise())
    for text in ("1", "2", "12"):
        hand_in(student, text)
        work()
    script = script_of(student)
    with CaptureQueriesContext(connection) as asked:
        assert len(script.get("intro/hello").json()["attempts"]) == 3
        assert [one["state"] for one in script.get("intro/hello/attempts").json()] == ["marked"] * 3
    read = [query["sql"] for query in asked.captured_queries if 'FROM "marks_attempt"' in query["sql"]]
    assert read
    assert not any('"report"' in sql.partition("FROM")[0] for sql in read)


def test_figures_read_the_last_report_of_each(publish, hand_in, work, examiner, course, student, monkeypatch) -> None:
    publish(exercise())
    for text in ("none", "12"):
        hand_in(student, text)
        work()
    read: list[object] = []
    decode = JSONField.from_db_value
    monkeypatch.setattr(JSONField, "from_db_value", lambda *given: read.append(given[1]) or decode(*given))
    assert [one.passed for one in figures.figures_of(course, "hello").tests] == [1, 1]
    assert len(read) == 1


def test_the_look_is_in_the_course_whose_attempt_it_is(
    publish, hand_in, work, examiner, course, student, tutor, client_of
) -> None:
    """They may be in another together, and this one may be over."""
    publish(exercise())
    hand_in(student, "1")
    work()
    other = Course.objects.create(slug="other", title="Other", term=course.term)
    Membership.objects.create(course=other, person=student, role=Role.STUDENT)
    Membership.objects.create(course=other, person=tutor, role=Role.TUTOR)
    Course.objects.filter(pk=course.pk).update(is_open=False)
    for page in ("people/student/", "people/student/hello/1/"):
        client_of(tutor).get(f"/courses/intro/marks/{page}")
    assert {look.course for look in Look.objects.all()} == {course}
