"""The demo class."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from accounts.models import Person
from courses import editions
from courses.access import is_staff_for, may_make
from courses.models import Course, Edition, Membership
from files.access import published_part
from ivle.data_folder import DEMO_MARK, prepare
from ivle.demo import (
    DEMO_COURSE,
    DEMO_FILES,
    DEMO_FOLDER,
    DEMO_PASSWORD,
    DEMO_PEOPLE,
    DEMO_PUBLIC,
    DEMO_ROLES,
    make_demo,
)
from ivle.sample import sample_files
from tutorial.sources import FolderFiles, folder_of


@pytest.fixture
def data(db, tmp_path):
    prepare(tmp_path, os.getuid())
    make_demo(tmp_path, os.getuid())
    return tmp_path


def test_four_people_with_the_known_password(data) -> None:
    people = {person.username: person for person in Person.objects.all()}
    assert people.keys() == DEMO_PEOPLE.keys()
    assert all(person.check_password(DEMO_PASSWORD) for person in people.values())
    assert {name for name, person in people.items() if person.is_staff} == {"lecturer", "admin"}
    assert {name for name, person in people.items() if person.is_superuser} == {"admin"}


def test_the_data_folder_is_marked(data) -> None:
    assert (data / DEMO_MARK).exists()


def test_homes_hold_programs_and_one_folder_is_published(data) -> None:
    for username in DEMO_PEOPLE:
        home = data / "homes" / username
        assert {path.name for path in home.iterdir()} - {DEMO_FOLDER} == {*DEMO_FILES, DEMO_PUBLIC}
        assert {path.name for path in (home / DEMO_PUBLIC).iterdir()} == DEMO_FILES.keys()
        assert published_part(username, (DEMO_PUBLIC.encode(), b"hello.py")) is not None
        for private in ((b"hello.py",), (b"python", b"exercises", b"greeting", b"main.py")):
            assert published_part(username, private) is None


def test_the_lecturer_has_the_course_and_shows_it_to_nobody(data) -> None:
    home = data / "homes" / "lecturer"
    assert {path.name for path in home.iterdir()} == {*DEMO_FILES, DEMO_FOLDER, DEMO_PUBLIC}
    solutions = home / DEMO_FOLDER / "exercises" / "greeting.md"
    assert b"## Solution" in solutions.read_bytes()
    assert published_part("lecturer", (DEMO_FOLDER.encode(), b"exercises")) is None


def test_the_course_is_published_with_everybody_in_it(data) -> None:
    course = Course.objects.get(slug=DEMO_COURSE)
    roles = dict(Membership.objects.filter(course=course).values_list("person__username", "role"))
    assert roles == DEMO_ROLES
    edition = editions.shown(course)
    assert edition is not None
    assert {name: editions.read(edition, name) for name in editions.names(edition)} == sample_files()


def test_what_the_lecturer_would_publish_is_what_is_published(data, settings) -> None:
    settings.IVLE_HOMES = data / "homes"
    course = Course.objects.get(slug=DEMO_COURSE)
    lecturer = Person.objects.get(username="lecturer")
    assert dict(FolderFiles("lecturer", folder_of(lecturer, course))) == sample_files()


def test_a_course_that_was_published_again_is_left_alone(data) -> None:
    course = Course.objects.get(slug=DEMO_COURSE)
    editions.add(course, {"mine.md": b"# Mine"}, course.made_by)
    make_demo(data, os.getuid())
    assert Edition.objects.filter(course=course).count() == 2
    assert editions.names(editions.shown(course)) == ("mine.md",)


def test_the_lecturer_makes_courses_and_looks_after_the_class(data) -> None:
    lecturer = Person.objects.get(username="lecturer")
    assert may_make(lecturer)
    assert is_staff_for(lecturer, "student")


def test_who_was_taken_out_of_the_course_stays_out(data) -> None:
    Course.objects.get(slug=DEMO_COURSE).memberships.filter(person__username="classmate").delete()
    make_demo(data, os.getuid())
    assert Membership.objects.filter(course__slug=DEMO_COURSE).count() == len(DEMO_ROLES) - 1


def test_a_second_time_changes_nothing(data) -> None:
    student = Person.objects.get(username="student")
    student.set_password("another")
    student.save()
    (data / "homes" / "student" / "hello.py").unlink()
    make_demo(data, os.getuid())
    student.refresh_from_db()
    assert student.check_password("another")
    assert not (data / "homes" / "student" / "hello.py").exists()
    assert Person.objects.count() == len(DEMO_PEOPLE)


def run(program: str, data, stdin: bytes = b"", **environ: str) -> str:
    result = subprocess.run(
        [sys.executable, program],
        cwd=data / "homes" / "student",
        input=stdin,
        env=environ,
        capture_output=True,
        check=True,
    )
    return result.stdout.decode()


def test_hello_prints_the_time(data) -> None:
    assert "It is " in run("hello.py", data)


def test_index_is_a_page_that_lists_the_folder(data) -> None:
    head, _, body = run("index.py", data).partition("\n\n")
    assert head == "Content-Type: text/html; charset=utf-8"
    assert all(name in body for name in DEMO_FILES)


def test_form_asks_and_greets(data) -> None:
    assert "Hello" not in run("form.py", data)
    typed = b"name=%3Cb%3ESam"
    assert "Hello, &lt;b&gt;Sam." in run("form.py", data, typed, CONTENT_LENGTH=str(len(typed)))
