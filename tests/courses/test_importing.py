"""Importing a roster: shown first, then done whole or not at all."""

from __future__ import annotations

import re
import sqlite3
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.test import Client

from accounts.models import Person
from courses import importing, newcomers
from courses.faults import BadRoster
from courses.models import Membership, Newcomer, Role
from courses.roster import read_roster

TEXT = "login,name,email,role\nanna,Anna Älvás,anna@example.edu,\nben,Ben Bäcker,,tutor\nclassmate,Kim C.,,tutor\n"
PAGE = "/courses/python/people/import/"


def words(response) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def hidden(response, name: str) -> str:
    page = response.content.decode()
    found = re.search(rf'name="{name}" value="([^"]*)"', page) or re.search(
        rf'<textarea name="{name}"[^>]*>\n(.*?)</textarea>', page, re.DOTALL
    )
    assert found
    return unescape(found[1])


def roles(course) -> dict[str, str]:
    return dict(course.memberships.values_list("person__username", "role"))


@pytest.fixture
def browser(course, lecturer, client_of) -> Client:
    return client_of(lecturer)


class TestTheWay:
    def test_it_is_shown_before_it_is_done(self, browser, course) -> None:
        before = roles(course)
        shown = browser.post(PAGE, {"text": TEXT})
        assert shown.status_code == 200
        assert "2 new people are made and added" in words(shown)
        assert "One gets another role" in words(shown)
        assert "3 people of the course are not in the roster, and stay" in words(shown)
        assert "Kim Classmate here; Kim C. in the roster" in words(shown)
        assert roles(course) == before
        assert not Person.objects.filter(username="anna").exists()

    def test_then_it_is_done(self, browser, course) -> None:
        shown = browser.post(PAGE, {"text": TEXT})
        done = browser.post(PAGE, {"text": hidden(shown, "text"), "digest": hidden(shown, "digest")}, follow=True)
        assert "Done: 2 new people, 0 added, 1 with another role, 0 as they were." in words(done)
        assert "2 people have no password yet" in words(done)
        assert {"anna": "student", "ben": "tutor", "classmate": "tutor"}.items() <= roles(course).items()
        anna = Person.objects.get(username="anna")
        assert (anna.name, anna.email, anna.is_active, anna.is_staff) == (
            "Anna Älvás",
            "anna@example.edu",
            True,
            False,
        )
        assert not anna.has_usable_password()

    def test_a_file(self, browser, course) -> None:
        file = SimpleUploadedFile("class.csv", TEXT.encode("utf-16"), "text/csv")
        shown = browser.post(PAGE, {"file": file, "text": ""})
        assert "Anna Älvás" in words(shown)
        assert "It was read as UTF-16" in words(shown)
        done = browser.post(PAGE, {"text": hidden(shown, "text"), "digest": hidden(shown, "digest")})
        assert done.status_code == 303
        assert Person.objects.get(username="anna").name == "Anna Älvás"

    def test_markup_in_names_stays_text(self, browser) -> None:
        shown = browser.post(PAGE, {"text": "login,name\nanna,</textarea><script>alert(1)</script>\n"})
        assert b"<script>alert" not in shown.content
        assert hidden(shown, "text") == "login,name\nanna,</textarea><script>alert(1)</script>\n"

    def test_the_same_again_changes_nothing(self, browser, course, lecturer) -> None:
        roster = read_roster(TEXT.encode())
        importing.carry_out(course, roster, lecturer, importing.plan(course, roster).digest)
        before = roles(course)
        plan = importing.plan(course, roster)
        assert {step.doing for step in plan.steps} == {"nothing"}
        importing.carry_out(course, roster, lecturer, plan.digest)
        assert roles(course) == before
        assert Newcomer.objects.count() == 2


class TestNothingIsHalfDone:
    def test_one_wrong_line(self, browser, course) -> None:
        before = roles(course), Person.objects.count()
        response = browser.post(PAGE, {"text": TEXT + "9wrong,x,,\n", "digest": "whatever"})
        assert response.status_code == 400
        assert "Line 5: 9wrong cannot be a login name" in words(response)
        assert (roles(course), Person.objects.count()) == before

    @pytest.mark.parametrize("file", [b"\0" * 100, b"login\n" + b"=1+1\n" * 500, b"\xff\xfe\x00", b"a" * 2_000_000])
    def test_a_file_that_is_no_roster(self, browser, course, file) -> None:
        before = roles(course), Person.objects.count()
        response = browser.post(PAGE, {"file": SimpleUploadedFile("class.csv", file), "digest": "whatever"})
        assert response.status_code == 400
        assert (roles(course), Person.objects.count()) == before

    def test_a_digest_that_was_made_up(self, browser, course) -> None:
        before = roles(course)
        response = browser.post(PAGE, {"text": TEXT, "digest": "0" * 64})
        assert response.status_code == 409
        assert "Something changed meanwhile" in words(response)
        assert roles(course) == before

    def test_a_text_that_was_changed_after_it_was_shown(self, browser, course) -> None:
        digest = hidden(browser.post(PAGE, {"text": TEXT}), "digest")
        response = browser.post(
            PAGE, {"text": TEXT.replace("ben,Ben Bäcker,,tutor", "ben,,,lecturer"), "digest": digest}
        )
        assert response.status_code == 409
        assert "ben" not in roles(course)

    def test_somebody_came_meanwhile(self, browser, course) -> None:
        """The person of that name is another's by now: whoever agreed to make one did not agree to add this one."""
        digest = hidden(browser.post(PAGE, {"text": TEXT}), "digest")
        Person.objects.create_user("anna", "secret", name="Another Anna")
        response = browser.post(PAGE, {"text": TEXT, "digest": digest})
        assert response.status_code == 409
        assert "Another Anna here; Anna Älvás in the roster" in words(response)
        assert roles(course).keys().isdisjoint({"anna", "ben"})

    def test_two_imports_at_once(self, course, lecturer, monkeypatch) -> None:
        """The other is done between our last look and our first write, as another process could where the database lets
        it: the unique names decide, and ours leaves nothing behind."""
        roster = read_roster(TEXT.encode())
        digest = importing.plan(course, roster).digest

        def late(*_arguments: object) -> dict[str, Person]:
            Person.objects.create(username="zoe")
            raise IntegrityError from sqlite3.IntegrityError("UNIQUE constraint failed: accounts_person.username")

        monkeypatch.setattr(importing, "make_people", late)
        with pytest.raises(importing.PlanChanged):
            importing.carry_out(course, roster, lecturer, digest)
        assert not Person.objects.filter(username="zoe").exists()
        assert roles(course)["classmate"] == "student"

    def test_the_last_lecturer(self, course) -> None:
        with pytest.raises(BadRoster) as caught:
            importing.plan(course, read_roster(b"login,role\nlecturer,student\n"))
        assert [fault.line for fault in caught.value.faults] == [2]

    def test_the_last_lecturer_with_a_new_one(self, course, lecturer) -> None:
        roster = read_roster(b"login,role\nlecturer,student\nnewone,lecturer\n")
        importing.carry_out(course, roster, lecturer, importing.plan(course, roster).digest)
        assert (roles(course)["lecturer"], roles(course)["newone"]) == ("student", "lecturer")

    def test_a_large_class(self, course, lecturer, django_assert_max_num_queries) -> None:
        text = "login,name\n" + "".join(f"p{number},Person {number}\n" for number in range(1000))
        roster = read_roster(text.encode())
        plan = importing.plan(course, roster)
        with django_assert_max_num_queries(40):
            importing.carry_out(course, roster, lecturer, plan.digest)
        assert Membership.objects.filter(course=course).count() == 1004


class TestNewcomers:
    @pytest.fixture
    def anna(self, course, lecturer) -> Person:
        roster = read_roster(b"login,name,email\nanna,Anna,anna@example.edu\n")
        importing.carry_out(course, roster, lecturer, importing.plan(course, roster).digest)
        return Person.objects.get(username="anna")

    def link(self, course) -> str:
        [(_person, link)] = newcomers.links(course)
        return link

    def test_their_link_lets_them_choose_a_password(self, course, anna, client) -> None:
        form = client.get(self.link(course), follow=True)
        assert "Hello, Anna. Your login name is anna" in words(form)
        address = form.redirect_chain[-1][0]
        assert self.link(course).split("/")[-2] not in address  # so that it is in no Referer and no history
        password = "correct horse battery"
        response = client.post(address, {"new_password1": password, "new_password2": password}, follow=True)
        assert "Hello, Anna" in words(response)
        anna.refresh_from_db()
        assert anna.check_password(password)

    def test_a_link_is_good_once(self, course, anna, client) -> None:
        link = self.link(course)
        anna.set_password("x")
        anna.save()
        assert "not good any more" in words(client.get(link, follow=True))
        assert newcomers.links(course) == []

    def test_a_weak_password_is_refused(self, course, anna, client) -> None:
        address = client.get(self.link(course), follow=True).redirect_chain[-1][0]
        response = client.post(address, {"new_password1": "12345678", "new_password2": "12345678"})
        assert response.status_code == 200
        anna.refresh_from_db()
        assert not anna.has_usable_password()

    def test_a_link_gets_too_old(self, course, anna, client, settings) -> None:
        link = self.link(course)
        settings.PASSWORD_RESET_TIMEOUT = -1
        assert "not good any more" in words(client.get(link, follow=True))

    def test_anothers_token(self, course, anna, student, client) -> None:
        token = self.link(course).split("/")[-2]
        assert "not good any more" in words(client.get(f"/password/set/MQ/{token}/", follow=True))

    def test_all_links_as_a_table(self, course, anna, browser) -> None:
        response = browser.post("/courses/python/people/links/")
        assert response["Content-Type"].startswith("text/csv")
        assert "no-store" in response["Cache-Control"]
        _head, row = response.content.decode("utf-8-sig").splitlines()
        assert row.startswith("anna,Anna,anna@example.edu,http://testserver/password/set/")

    def test_one_link_on_the_page(self, course, anna, browser) -> None:
        assert b"/password/set/" not in browser.get("/courses/python/people/").content
        response = browser.post("/courses/python/people/", {"do": "link", "login": "anna"})
        assert b"http://testserver/password/set/" in response.content

    @pytest.mark.parametrize("login", ["student", "tutor", "admin", "nobody"])
    def test_no_link_for_who_was_not_made_by_a_roster(self, course, administrator, browser, login) -> None:
        Person.objects.filter(username=login).update(password="!unusable")
        response = browser.post("/courses/python/people/", {"do": "link", "login": login})
        assert b"/password/set/" not in response.content
        assert newcomers.links(course) == []

    def test_no_link_for_lecturers_of_other_courses(self, course, anna, stranger) -> None:
        other = type(course).objects.create(slug="other", title="Other", term=course.term)
        Membership.objects.create(course=other, person=stranger, role=Role.LECTURER)
        Membership.objects.create(course=other, person=anna, role=Role.STUDENT)
        assert newcomers.links(other) == []

    @pytest.mark.parametrize("change", [{"is_staff": True}, {"is_superuser": True}, {"is_active": False}])
    def test_no_link_for_who_has_become_more_or_less(self, course, anna, change) -> None:
        Person.objects.filter(pk=anna.pk).update(**change)
        assert newcomers.links(course) == []
