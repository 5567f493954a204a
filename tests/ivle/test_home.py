"""The first page."""

from __future__ import annotations

from django.test import Client

from files.models import PublishedFolder, StaticMapping


def test_a_visitor_reads_what_ivle_is_and_how_to_get_in(db, client: Client) -> None:
    text = client.get("/").content.decode()
    assert "a class works with Python in the browser" in text
    assert 'href="/login/"' in text


def test_only_the_demo_shows_its_password(db, client: Client, settings) -> None:
    settings.IVLE_DEMO = True
    assert "This is the demo" in client.get("/").content.decode()
    settings.IVLE_DEMO = False
    assert "This is the demo" not in client.get("/").content.decode()


def test_where_guests_may_come_a_visitor_finds_the_page_to_try(db, client: Client, settings) -> None:
    settings.IVLE_DEMO = True
    assert 'href="/shells/"' in client.get("/").content.decode()
    settings.IVLE_DEMO = False
    assert 'href="/shells/"' not in client.get("/").content.decode()


def test_a_student_of_the_demo_finds_the_examples_and_the_public_address(client_of, student, settings) -> None:
    home = settings.IVLE_HOMES / "student"
    home.mkdir(parents=True)
    (home / "hello.py").write_text("print(1)")
    (home / "form.py").mkdir()
    text = client_of(student).get("/").content.decode()
    assert 'href="/serve/student/hello.py"' in text
    assert 'href="/serve/student/form.py"' not in text
    assert "http://pages.localhost:8000/~student/" in text


def test_a_private_folder_is_not_called_published(client_of, student) -> None:
    browser = client_of(student)
    assert "Your folder is yours alone" in browser.get("/").content.decode()
    PublishedFolder.objects.create(person=student, path="")
    assert "Your folder is published" in browser.get("/").content.decode()


def test_a_folder_that_is_published(client_of, student) -> None:
    PublishedFolder.objects.create(person=student, path="public")
    assert "You have published a part of your folder" in client_of(student).get("/").content.decode()


def test_a_person_of_a_real_class_gets_no_links_to_demo_files(client_of, stranger) -> None:
    text = client_of(stranger).get("/").content.decode()
    assert "form.py" not in text


def test_no_link_leads_to_a_page_that_is_not_there(client_of, student, settings) -> None:
    PublishedFolder.objects.create(person=student, path="")
    settings.IVLE_DEMO = False
    browser, home = client_of(student), settings.IVLE_HOMES / "student"
    for make in (lambda: None, lambda: home.mkdir(parents=True), lambda: (home / "index.html").mkdir()):
        make()
        text = browser.get("/").content.decode()
        assert "<code>/serve/student/hello.py</code>" in text
        assert 'href="/serve/student/"' not in text
        assert 'href="http://pages.localhost:8000/~student/"' not in text
    (home / "index.py").write_text("print(1)")
    text = browser.get("/").content.decode()
    assert 'href="/serve/student/"' in text
    assert 'href="http://pages.localhost:8000/~student/"' in text


def test_where_the_folder_s_address_shows_another_it_is_not_called_published(client_of, student) -> None:
    PublishedFolder.objects.create(person=student, path="")
    StaticMapping.objects.create(person=student, address="", path="site")
    assert "Your folder is yours alone" in client_of(student).get("/").content.decode()


def test_ones_open_courses(course, student, stranger, client_of) -> None:
    assert 'href="/courses/python/">Python for everybody</a>' in client_of(student).get("/").content.decode()
    assert "You are in no course" in client_of(stranger).get("/").content.decode()
    course.is_open = False
    course.save()
    assert "Python for everybody" not in client_of(student).get("/").content.decode()
