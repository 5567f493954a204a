"""The pages of courses: mine, a new one, people, settings, the logs; in both themes they are the same HTML."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.contrib.auth.models import Permission
from django.db.models import ProtectedError
from django.test import Client

from accounts.models import Person
from courses import editions, looks, people_pages
from courses.models import Course, Membership, Role, Term
from courses.words import KINDS

NEW_TERM = {"term": "", "term_name": "2027/1", "starts": "2027-01-01", "ends": "2027-06-30"}


def words(response) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def roles(course) -> dict[str, str]:
    return dict(course.memberships.values_list("person__username", "role"))


@pytest.fixture
def maker(lecturer) -> Person:
    lecturer.user_permissions.add(Permission.objects.get(codename="add_course"))
    return lecturer


@pytest.fixture
def browser(course, lecturer, client_of) -> Client:
    return client_of(lecturer)


@pytest.mark.parametrize(
    "path", ["", "new/", "join/", "python/people/", "python/people/import/", "python/settings/", "python/log/"]
)
def test_a_stranger_is_asked_to_log_in(course, client, path) -> None:
    assert client.get(f"/courses/{path}").url.startswith("/login/")


@pytest.mark.parametrize("page", ["people", "people/import", "settings", "log"])
def test_a_course_there_is_not(browser, page) -> None:
    assert browser.get(f"/courses/nothing/{page}/").status_code == 404


class TestMine:
    def test_those_that_one_is_in(self, course, student, client_of) -> None:
        page = words(client_of(student).get("/courses/"))
        assert "Python for everybody 2026/2" in page
        assert "Make a course" not in page

    def test_none(self, stranger, client_of) -> None:
        assert "You are in no course. Your lecturer adds you" in words(client_of(stranger).get("/courses/"))

    def test_one_that_is_over_stands_apart(self, course, student, client_of) -> None:
        Course.objects.update(is_open=False)
        assert "Over Python for everybody" in words(client_of(student).get("/courses/"))

    def test_an_administrator_finds_all(self, course, administrator, client_of) -> None:
        assert "All other courses" in words(client_of(administrator).get("/courses/"))

    def test_the_bar_leads_here(self, course, student, client_of) -> None:
        page = client_of(student).get("/").content.decode()
        assert 'href="/courses/"' in page
        assert 'href="/looks/"' in page


class TestANewCourse:
    def test_in_a_new_term(self, maker, client_of) -> None:
        form = {"title": "Algorithms & Data", "slug": "", **NEW_TERM}
        response = client_of(maker).post("/courses/new/", form)
        assert (response.status_code, response.url) == (303, "/courses/algorithms-data/people/")
        made = Course.objects.get()
        assert (made.title, made.term.name, made.is_open, made.join_code) == ("Algorithms & Data", "2027/1", True, None)
        assert roles(made) == {"lecturer": "lecturer"}

    def test_in_a_term_there_is(self, course, maker, client_of) -> None:
        client_of(maker).post("/courses/new/", {"title": "Second", "slug": "two", "term": course.term_id})
        assert Course.objects.get(slug="two").term == course.term

    def test_the_same_title_in_another_term(self, course, maker, client_of) -> None:
        client_of(maker).post("/courses/new/", {"title": "Python", "slug": "", **NEW_TERM})
        assert Course.objects.filter(slug="python-20271").exists()

    @pytest.mark.parametrize(
        ("form", "sentence"),
        [
            ({"slug": "Python!"}, "At most 48 of a-z"),
            ({"slug": "-x"}, "At most 48 of a-z"),
            ({"slug": "python"}, "Another course has this address"),
            ({"slug": "new"}, "The site has a page of its own at this address"),
            ({"title": ""}, "This field is required"),
            ({"title": "日本"}, "Choose one yourself"),
            ({"term_name": ""}, "Choose a term above"),
            ({"ends": "2026-01-01"}, "The last day is before the first"),
            ({"starts": "soon"}, "Enter a valid date"),
        ],
    )
    def test_what_is_wrong(self, course, maker, client_of, form, sentence) -> None:
        response = client_of(maker).post("/courses/new/", {"title": "T", "slug": "", **NEW_TERM, **form})
        assert response.status_code == 200
        assert sentence in words(response)
        assert Course.objects.count() == 1
        assert Membership.objects.count() == 4

    def test_a_term_of_the_same_name_with_other_days(self, course, maker, client_of) -> None:
        form = {"title": "T", "slug": "t", **NEW_TERM, "term_name": "2026/2"}
        assert "already, with other days" in words(client_of(maker).post("/courses/new/", form))


class TestPeople:
    PAGE = "/courses/python/people/"

    def test_the_list(self, browser) -> None:
        page = browser.get(self.PAGE).content.decode()
        assert re.findall(r'href="(/(?:files|console)/\?owner=\w+)"', page) == [
            "/files/?owner=classmate",
            "/console/?owner=classmate",
            "/files/?owner=student",
            "/console/?owner=student",
        ]

    def test_a_tutor_sees_it_and_changes_nothing(self, course, tutor, client_of) -> None:
        page = client_of(tutor).get(self.PAGE)
        assert "Sam Student" in words(page)
        assert "Remove from the course" not in words(page)
        assert "Import" not in words(page)

    def test_nobody_is_looked_at_once_it_is_over(self, browser) -> None:
        Course.objects.update(is_open=False)
        assert b"owner=student" not in browser.get(self.PAGE).content

    def test_finding(self, browser, course) -> None:
        page = words(browser.get(self.PAGE, {"q": "KIM"}))
        assert "Kim Classmate" in page
        assert "Sam Student" not in page
        assert "Nobody here has <x> in their name" in words(browser.get(self.PAGE, {"q": "<x>"}))

    def test_adding_by_hand(self, browser, course, stranger) -> None:
        browser.post(self.PAGE, {"do": "add", "login": " Stranger ", "role": "tutor"})
        assert roles(course)["stranger"] == "tutor"

    @pytest.mark.parametrize(
        ("form", "status", "sentence"),
        [
            ({"do": "add", "login": "nobody", "role": "student"}, 404, "Nobody has the login name nobody"),
            ({"do": "add", "login": "student", "role": "tutor"}, 409, "is in this course already, as student"),
            ({"do": "add", "login": "student", "role": "god"}, 400, "Select a valid choice"),
            ({"do": "role", "login": "student", "role": "god"}, 400, "There is no such role"),
            ({"do": "role", "login": "nobody", "role": "tutor"}, 404, "nobody is not in this course any more"),
            ({"do": "role", "login": "lecturer", "role": "student"}, 400, "the only lecturer of this course"),
            ({"do": "remove", "login": "lecturer"}, 400, "the only lecturer of this course"),
            ({"do": "remove", "login": "nobody"}, 404, "nobody is not in this course any more"),
            ({"do": "dance"}, 200, "This page knows no such thing to do"),
        ],
    )
    def test_what_is_refused(self, browser, course, form, status, sentence) -> None:
        before = roles(course)
        response = browser.post(self.PAGE, form)
        assert response.status_code == status
        assert sentence in words(response)
        assert roles(course) == before

    def test_a_lecturer_who_is_switched_off_does_not_count(self, browser, course, stranger) -> None:
        Membership.objects.create(course=course, person=stranger, role=Role.LECTURER)
        Person.objects.filter(pk=stranger.pk).update(is_active=False)
        assert browser.post(self.PAGE, {"do": "remove", "login": "lecturer"}).status_code == 400

    def test_leaving_oneself(self, browser, course, stranger) -> None:
        Membership.objects.create(course=course, person=stranger, role=Role.LECTURER)
        response = browser.post(self.PAGE, {"do": "remove", "login": "lecturer"}, follow=True)
        assert response.redirect_chain == [("/courses/", 303)]
        assert browser.get(self.PAGE).status_code == 404

    def test_names_are_no_markup(self, browser, course, student) -> None:
        Person.objects.filter(pk=student.pk).update(name="<script>x</script>")
        assert b"<script>x" not in browser.get(self.PAGE).content


class TestSettings:
    PAGE = "/courses/python/settings/"

    def test_they_are_saved(self, browser, course) -> None:
        browser.post(self.PAGE, {"do": "change", "title": "New", "term": course.term_id})
        course.refresh_from_db()
        assert (course.title, course.is_open) == ("New", False)

    @pytest.mark.parametrize("form", [{"title": ""}, {"term": "99"}, {"title": "x" * 200}])
    def test_what_is_wrong_is_not(self, browser, course, form) -> None:
        response = browser.post(self.PAGE, {"do": "change", "title": "New", "term": course.term_id, **form})
        assert response.status_code == 400
        course.refresh_from_db()
        assert (course.title, course.is_open) == ("Python for everybody", True)

    def test_the_environment_where_there_is_more_than_one(self, browser, course, settings) -> None:
        assert 'name="environment"' not in browser.get(self.PAGE).content.decode()
        (settings.IVLE_RUNTIMES / "science" / "current").mkdir(parents=True)
        assert 'name="environment"' in browser.get(self.PAGE).content.decode()
        for chosen in ("science", ""):
            form = {"do": "change", "title": "T", "term": course.term_id, "environment": chosen}
            assert browser.post(self.PAGE, form).status_code == 303
            course.refresh_from_db()
            assert course.environment == chosen
        form = {"do": "change", "title": "T", "term": course.term_id, "environment": "art"}
        assert browser.post(self.PAGE, form).status_code == 400

    def test_one_that_is_gone_is_no_reason_to_refuse_another_title(self, browser, course) -> None:
        type(course).objects.update(environment="gone")
        form = {"do": "change", "title": "T", "term": course.term_id, "environment": "gone"}
        assert browser.post(self.PAGE, form).status_code == 303
        course.refresh_from_db()
        assert (course.title, course.environment) == ("T", "gone")

    def test_a_code(self, browser, course) -> None:
        browser.post(self.PAGE, {"do": "renew"})
        course.refresh_from_db()
        first = course.join_code
        assert f"{first[:4]}-{first[4:]}" in words(browser.get(self.PAGE))
        browser.post(self.PAGE, {"do": "renew"})
        course.refresh_from_db()
        assert course.join_code != first
        browser.post(self.PAGE, {"do": "turn_off"})
        course.refresh_from_db()
        assert course.join_code is None

    def test_a_copy(self, browser, course, maker, tutor) -> None:
        Membership.objects.filter(person=tutor).update(role=Role.LECTURER)
        editions.add(course, {"one.md": b"# One", "exercises/a.md": b"# A"}, maker)
        form = {"do": "copy", "copy-title": "Python again", "copy-slug": "python-again"}
        form |= {f"copy-{name}": value for name, value in NEW_TERM.items()}
        response = browser.post(self.PAGE, form)
        assert (response.status_code, response.url) == (303, "/courses/python-again/")
        copied = Course.objects.get(slug="python-again")
        assert roles(copied) == {"lecturer": "lecturer", "tutor": "lecturer"}
        assert copied.memberships.get(person=tutor).folder == "python"
        edition = editions.shown(copied)
        assert (edition.number, editions.read(edition, "one.md")) == (1, b"# One")

    def test_a_copy_of_nothing_published(self, browser, course, maker) -> None:
        form = {"do": "copy", "copy-title": "Again", "copy-slug": "again", "copy-term": course.term_id}
        browser.post(self.PAGE, form)
        assert editions.newest(Course.objects.get(slug="again")) is None

    def test_a_copy_to_an_address_that_is_taken(self, browser, course, maker) -> None:
        form = {"do": "copy", "copy-title": "Again", "copy-slug": "python", "copy-term": course.term_id}
        response = browser.post(self.PAGE, form)
        assert response.status_code == 400
        assert Course.objects.count() == 1


class TestWhoLooked:
    def test_nobody(self, course, student, client_of) -> None:
        page = words(client_of(student).get("/looks/"))
        assert "Nobody has looked" in page
        assert "Lee Lecturer, lecturer (Python for everybody)" in page

    def test_what_was_looked_at(self, course, student, lecturer, administrator, client_of) -> None:
        looks.note(lecturer, "student", looks.FILE, "my%20work/a%3Cb.py")
        looks.note(administrator, "student", looks.CONSOLE, "hello.py")
        response = client_of(student).get("/looks/")
        assert "Lee Lecturer the file my work/a<b.py" in words(response)
        assert "Alex Admin a console: hello.py" in words(response)
        assert "no-store" in response["Cache-Control"]

    def test_nobody_reads_anothers(self, course, classmate, lecturer, client_of) -> None:
        looks.note(lecturer, "student", looks.FILE, "secret.py")
        assert "secret.py" not in words(client_of(classmate).get("/looks/"))

    def test_who_looks_after_whom_is_in_the_log_of_the_course(self, browser, course, lecturer, administrator) -> None:
        looks.note(lecturer, "student", looks.FILE, "a.py")
        looks.note(administrator, "stranger", looks.FILE, "b.py")
        page = words(browser.get("/courses/python/log/"))
        assert "Lee Lecturer Sam Student the file a.py" in page
        assert "b.py" not in page

    def test_page_by_page(self, course, student, lecturer, client_of) -> None:
        for number in range(120):
            looks.note(lecturer, "student", looks.FILE, f"{number:03}.py")
        browser = client_of(student)
        assert "119.py" in words(browser.get("/looks/"))
        assert "000.py" in words(browser.get("/looks/?page=2"))
        assert browser.get("/looks/?page=99999999999999999999").status_code == 200


def test_every_kind_of_look_has_words() -> None:
    named = {value for name, value in vars(looks).items() if name.isupper() and isinstance(value, str)}
    assert named == KINDS.keys()


def test_terms_in_use_are_kept(course) -> None:
    with pytest.raises(ProtectedError):
        Term.objects.get().delete()


def test_a_large_class_is_listed_in_pages(browser, course, monkeypatch) -> None:
    monkeypatch.setattr(people_pages, "PEOPLE_ON_A_PAGE", 10)
    people = Person.objects.bulk_create(Person(username=f"crowd{number:02}") for number in range(25))
    Membership.objects.bulk_create(Membership(course=course, person=person) for person in people)
    first, last = (browser.get(f"/courses/{course.slug}/people/?page={page}").content.decode() for page in (1, 3))
    assert first.index("Lecturers") < first.index("crowd00")
    assert "crowd24" not in first
    assert "crowd24" in last
    assert "Lecturers" not in last
    assert "?page=2" in first
    students = Membership.objects.filter(course=course, role=Role.STUDENT).count()
    for page in (first, last):
        assert f'Students <span class="aside">{students}</span>' in page


def test_a_course_whose_files_are_gone_is_not_copied(browser, course, lecturer) -> None:
    lecturer.user_permissions.add(Permission.objects.get(codename="add_course"))
    editions.place_of(editions.add(course, {"one.md": b"# One"}, lecturer)).unlink()
    form = {"do": "copy", "copy-title": "Again", "copy-slug": "again", "copy-term": course.term_id}
    answer = browser.post(f"/courses/{course.slug}/settings/", form)
    assert "cannot be found on this machine" in words(answer)
    assert not Course.objects.filter(slug="again").exists()
