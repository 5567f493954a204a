"""Courses for an administrator: the administration, and manage.py course."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from courses import access, looks
from courses.models import Course, Membership, Role, Term


def run(*words: str) -> str:
    out = StringIO()
    call_command("course", *words, stdout=out)
    return out.getvalue()


class TestTheCommand:
    def test_from_nothing_to_a_course(self, lecturer, student) -> None:
        run("term", "2027/1", "2027-01-01", "2027-06-30")
        assert run("make", "lecturer", "2027/1", "Data & Algorithms") == "/courses/data-algorithms/\n"
        assert "student is in data-algorithms now, as student" in run("add", "data-algorithms", "student")
        run("add", "data-algorithms", "student", "tutor")
        assert Membership.objects.get(person=student).role == Role.TUTOR
        assert run("list") == "data-algorithms  2027/1  open  0/2  -  Data & Algorithms\n"
        run("close", "data-algorithms")
        assert not Course.objects.get().is_open
        run("open", "data-algorithms")
        assert Course.objects.get().is_open
        run("remove", "data-algorithms", "student")
        assert Membership.objects.count() == 1

    def test_who_may_make_courses(self, lecturer) -> None:
        run("allow", "lecturer")
        assert access.may_make(type(lecturer).objects.get(pk=lecturer.pk))
        run("allow", "lecturer", "--off")
        assert not access.may_make(type(lecturer).objects.get(pk=lecturer.pk))

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            (("add", "nothing", "student"), "There is no course nothing"),
            (("add", "python", "nobody"), "nobody with the login name nobody"),
            (("remove", "python", "nobody"), "nobody is not in this course"),
            (("remove", "python", "lecturer"), "the only lecturer"),
            (("make", "lecturer", "never", "T"), "There is no term never"),
            (("make", "lecturer", "2026/2", "T", "--slug", "A"), "At most 48"),
            (("term", "2026/2", "2026-01-01", "2026-02-01"), "with other days"),
            (("term", "x", "2026-02-01", "2026-01-01"), "before the first"),
        ],
    )
    def test_what_cannot_be(self, course, words, sentence) -> None:
        with pytest.raises(CommandError, match=sentence):
            run(*words)


class TestTheAdministration:
    def test_a_course_is_made(self, course, administrator, client_of) -> None:
        browser = client_of(administrator)
        form = {"slug": "other", "title": "Other", "term": course.term_id, "is_open": "on"}
        form |= {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
        assert browser.post("/admin/courses/course/add/", form).status_code == 302
        other = Course.objects.get(slug="other")
        assert (other.made_by, other.join_code) == (administrator, None)
        assert other.memberships.get().role == Role.LECTURER

    def test_who_is_in_a_course_is_read_and_not_changed(self, course, lecturer, administrator, client_of) -> None:
        """Which would be in no log, and could leave a course without a lecturer."""
        browser = client_of(administrator)
        path = f"/admin/courses/course/{course.pk}/change/"
        assert b"lecturer" in browser.get(path).content
        [only] = course.memberships.filter(person=lecturer)
        form = {"slug": course.slug, "title": "New", "term": course.term_id, "is_open": "on"}
        form |= {"memberships-TOTAL_FORMS": "1", "memberships-INITIAL_FORMS": "1", "memberships-0-id": only.pk}
        form |= {
            "memberships-0-course": course.pk,
            "memberships-0-person": lecturer.pk,
            "memberships-0-role": "student",
        }
        for more in ({}, {"memberships-0-DELETE": "on"}):
            assert browser.post(path, {**form, **more}).status_code == 302
        only.refresh_from_db()
        assert (only.role, Course.objects.get(pk=course.pk).title) == ("lecturer", "New")

    def test_a_term_is_made(self, administrator, client_of) -> None:
        form = {"name": "2027/1", "starts": "2027-01-01", "ends": "2026-01-01"}
        browser = client_of(administrator)
        assert b"The last day is before the first" in browser.post("/admin/courses/term/add/", form).content
        assert browser.post("/admin/courses/term/add/", {**form, "ends": "2027-06-30"}).status_code == 302
        assert Term.objects.get().name == "2027/1"

    @pytest.mark.parametrize("model", ["look", "edition"])
    def test_what_is_only_read(self, course, lecturer, administrator, client_of, model) -> None:
        looks.note(lecturer, "student", looks.FILE, "a.py")
        browser = client_of(administrator)
        assert browser.get(f"/admin/courses/{model}/").status_code == 200
        assert browser.get(f"/admin/courses/{model}/add/").status_code == 403
        assert browser.post("/admin/courses/look/1/delete/").status_code in (302, 403)
        assert looks.looks_in(course).exists()
