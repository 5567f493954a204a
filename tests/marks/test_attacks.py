"""What somebody who means harm might hand in, say, and be called."""

from __future__ import annotations

import csv
import json
from io import StringIO

import pytest

from accounts.models import Person
from courses.models import Membership
from marks import standing
from marks.models import Attempt, Mark
from marks.submitting import TEXT_MAX_BYTES
from tests.marks.conftest import exercise

SCRIPT = "<script>alert(1)</script>"


def test_nobody_hands_in_as_somebody_else(publish, script_of, examiner, student, classmate) -> None:
    publish(exercise())
    content = json.dumps({"files": {"hello.py": "1"}, "person": "classmate", "login": "classmate"})
    client = script_of(student).client
    client.post("/api/exercises/intro/hello/submit?person=classmate", content, content_type="application/json")
    assert [attempt.person for attempt in Attempt.objects.all()] == [student]


@pytest.mark.parametrize(
    ("files", "status"),
    [
        ({"hello.py": "x" * (TEXT_MAX_BYTES + 1)}, 413),
        ({f"{number}.py": "" for number in range(51)}, 422),
        ({"x" * 301: ""}, 422),
        ({"other.py": "1"}, 400),
        ({"../../.bashrc": "1"}, 400),
        ({"hello.py/../../x": "1"}, 400),
        ({"hello.py": 1}, 422),
        ({"hello.py": None}, 422),
        ({"hello.py": "a\0b"}, 400),
        ([], 422),
    ],
)
@pytest.mark.parametrize("way", ["run", "check", "submit"])
def test_what_is_not_taken(publish, script_of, examiner, student, settings, way: str, files, status: int) -> None:
    publish(exercise())
    assert script_of(student).post(f"intro/hello/{way}", files=files).status_code == status
    assert (Attempt.objects.count(), examiner.marked) == (0, [])
    home = settings.IVLE_HOMES / "student"
    assert not home.exists() or list(home.iterdir()) == []


def test_more_than_the_site_reads_at_all(publish, script_of, examiner, student) -> None:
    publish(exercise())
    assert script_of(student).post("intro/hello/submit", files={"hello.py": "x" * 9_000_000}).status_code in (400, 413)


def test_a_lone_surrogate(publish, script_of, student) -> None:
    publish(exercise())
    client = script_of(student).client
    content = b'{"files": {"hello.py": "\\ud800"}}'
    answer = client.post("/api/exercises/intro/hello/submit", content, content_type="application/json")
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize("number", ["0", "-1", "9999999", "99999999999999999999", "one"])
def test_odd_numbers(publish, script_of, student, number: str) -> None:
    publish(exercise())
    assert script_of(student).get(f"intro/hello/attempts/{number}").status_code in (404, 422)


def test_scripts_are_text_on_every_page(publish, hand_in, work, examiner, course, client_of, student, lecturer) -> None:
    made = exercise(files={"hello.py": ""}, title=SCRIPT)
    publish(made)
    student.name = SCRIPT
    student.save()
    hand_in(student, SCRIPT)
    work()
    standing.set_by_hand(course, student, made, 1.0, lecturer, SCRIPT)
    for _ in range(3):
        standing.note_try(course, student, "hello", str(_), solved=False)
    browser = client_of(lecturer)
    pages = ["marks/", "marks/exercises/hello/", "marks/people/student/", "marks/people/student/hello/1/"]
    pages += ["marks/changes/", "marks/conditions/", "exercises/hello/", "progress/"]
    for page in pages:
        text = browser.get(f"/courses/intro/{page}").content.decode()
        assert SCRIPT not in text, page
    assert "&lt;script&gt;" in browser.get("/courses/intro/marks/people/student/hello/1/").content.decode()


def test_html_in_the_task_and_in_hints_is_cleaned(publish, script_of, student) -> None:
    from exercises.exercise import Hint

    publish(
        exercise(text=f"{SCRIPT} [x](javascript:alert(1)) ![x](https://evil.example/x.png)", hints=(Hint(0, SCRIPT),))
    )
    found = script_of(student).get("intro/hello").json()
    for html in (found["html"], found["hints"][0]["html"]):
        assert "<script" not in html
        assert "javascript:" not in html.replace("[x](javascript:alert(1))", "")
        assert 'evil.example/x.png"' not in html


@pytest.mark.parametrize("name", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://evil.example")'])
def test_a_name_is_no_formula(publish, client_of, course, student, lecturer, name: str) -> None:
    publish(exercise())
    student.name = name
    student.save()
    text = client_of(lecturer).get("/courses/intro/marks/export.csv").content.decode("utf-8-sig")
    cells = [cell for row in csv.reader(StringIO(text)) for cell in row]
    assert f"'{name}" in cells
    assert name not in cells


@pytest.mark.parametrize("points", ["nan", "inf", "-1", "1e400", "many", "99999999"])
def test_marks_that_are_no_marks(publish, client_of, course, student, lecturer, points: str) -> None:
    publish(exercise())
    form = {"exercise": "hello", "points": points, "why": "Because."}
    assert client_of(lecturer).post("/courses/intro/marks/people/student/", form).status_code == 200
    assert not Mark.objects.filter(by_hand__isnull=False).exists()


def test_a_mark_by_hand_needs_a_reason(publish, client_of, student, lecturer) -> None:
    publish(exercise())
    form = {"exercise": "hello", "points": "1", "why": "  "}
    assert client_of(lecturer).post("/courses/intro/marks/people/student/", form).status_code == 200
    assert not Mark.objects.exists()


def test_one_check_of_a_person_at_a_time(publish, script_of, examiner, student, classmate) -> None:
    publish(exercise())
    meanwhile: list[bool] = []

    def ask(files) -> None:
        if not meanwhile:
            meanwhile.append(False)
            from marks import api

            meanwhile[0] = api.place_of_check("student") is None

    examiner.ask = ask
    script_of(student).post("intro/hello/check", files={"hello.py": "1"})
    assert meanwhile == [True]
    from marks import api

    with api.place_of_check("student"):
        assert script_of(student).post("intro/hello/check", files={"hello.py": "1"}).status_code == 409
        assert script_of(classmate).post("intro/hello/check", files={"hello.py": "1"}).status_code == 200
    assert script_of(student).post("intro/hello/check", files={"hello.py": "1"}).status_code == 200


def test_somebody_who_left_the_course_keeps_what_they_have_and_gets_nothing_more(
    publish, script_of, hand_in, work, examiner, course, client_of, student, lecturer
) -> None:
    publish(exercise())
    hand_in(student, "1")
    Membership.objects.filter(person=student).delete()
    work()
    assert script_of(student).get("intro/hello/attempts/1").status_code == 404
    assert client_of(lecturer).get("/courses/intro/marks/people/student/").status_code == 200
    assert Person.objects.get(username="student").marks.get().points == 1
