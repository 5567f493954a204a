"""Hosts of owners' own: each serves its owner's pages, and nobody else's whatever the request says."""

from __future__ import annotations

import pytest

from tests.cgirunner.conftest import Home

OWN = {"host": "student.pages.localhost:8000"}
COOKIES = """import os
print("Content-Type: text/plain\\nSet-Cookie: theme=dark; Path=/a/\\n")
print(os.environ.get("HTTP_COOKIE"))"""


@pytest.fixture
def pages(settings, anybody, home, classmate):
    settings.IVLE_PAGES_SUBDOMAINS = True
    home.write("index.html", "<p>Sam's")
    home.write("blog/index.py", "print('blog')")
    home.write("program.py", "print('Hello')")
    home.write("cookies.py", COOKIES)
    home.publish()
    theirs = Home(settings.IVLE_HOMES / "classmate", classmate)
    theirs.write("index.html", "<p>Kim's")
    theirs.publish()
    return anybody


@pytest.mark.parametrize("path", ["/", "/index.html", "/blog/", "/program.py", "/program.py/more?a=1"])
def test_ones_own_pages(pages, path) -> None:
    assert pages.ask(path, headers=OWN).status == 200


@pytest.mark.parametrize(
    "host", ["STUDENT.Pages.Localhost:8000", "student.pages.localhost.", "student.pages.localhost:1"]
)
def test_the_same_host_written_otherwise(pages, host) -> None:
    assert pages.ask("/", headers={"host": host}).text == "<p>Sam's"


@pytest.mark.parametrize(
    "path",
    [
        "/~classmate/",
        "/~classmate/index.html",
        "/%7Eclassmate/",
        "//",
        "/../classmate/index.html",
        "/%2e%2e/classmate/index.html",
        "/~student2/index.html",
        "/~~student/index.html",
        "/serve/student/index.html",
        "/login/",
        "*",
        "http://classmate.pages.localhost/",
        "",
    ],
)
def test_nothing_else_is_there(pages, path) -> None:
    assert pages.ask(path, headers=OWN).status == 404


@pytest.mark.parametrize(
    "host",
    [
        "nobody.pages.localhost",
        "classmate.student.pages.localhost",
        "www.student.pages.localhost",
        "student..pages.localhost",
        "student.pages.localhost, classmate.pages.localhost",
        "stud_ent.pages.localhost",
    ],
)
@pytest.mark.parametrize("path", ["/", "/~student/", "/~student/index.html"])
def test_hosts_of_nobody_have_no_pages(pages, host, path) -> None:
    assert pages.ask(path, headers={"host": host}).status == 404


def test_two_host_headers_serve_nobody(pages) -> None:
    for second in (b"classmate.pages.localhost", b"student.pages.localhost"):
        assert pages.ask("/", headers=OWN, more_headers=((b"host", second),)).status == 404


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/~student", "http://student.pages.localhost:8000/"),
        ("/~student/blog/?a=%20b", "http://student.pages.localhost:8000/blog/?a=%20b"),
        ("/~%73tudent/program.py", "http://student.pages.localhost:8000/program.py"),
        ("/~nobody/secret", "http://nobody.pages.localhost:8000/secret"),
    ],
)
def test_the_tilde_leads_to_the_own_host(pages, path, location) -> None:
    reply = pages.ask(path)
    assert (reply.status, reply["Location"]) == (307, location)


@pytest.mark.parametrize(
    ("path", "rest"), [("/~student", ""), ("/~student/", ""), ("/~student?a=/b", "?a=/b"), ("/%7Estudent/a?b", "a?b")]
)
def test_an_old_link_on_the_own_host_too(pages, path, rest) -> None:
    reply = pages.ask(path, headers=OWN)
    assert (reply.status, reply["Location"]) == (307, f"http://student.pages.localhost:8000/{rest}")


def test_a_form_sent_to_the_tilde_keeps_its_method(pages, supervisor) -> None:
    assert pages.ask("/~student/program.py", method="POST", body=b"a=1").status == 307
    assert not supervisor.jobs


@pytest.mark.parametrize(
    "path", ["/~student//evil.example/", "/~student/..//x", "/~student~1.2.3/", "/~/", "/~stu%2Fdent/"]
)
def test_no_redirect_where_there_can_be_nothing(pages, path) -> None:
    assert pages.ask(path).status == 404


def test_a_name_that_is_no_host_s_keeps_the_tilde_and_shares_no_origin(pages, settings, stranger) -> None:
    stranger.username = "toni_s"
    stranger.save()
    home = Home(settings.IVLE_HOMES / "toni_s", stranger)
    home.write("index.html", "<p>Toni's")
    home.write("cookies.py", COOKIES)
    home.publish()
    reply = pages.ask("/~toni_s/")
    assert (reply.status, reply.text) == (200, "<p>Toni's")
    assert reply["Content-Security-Policy"].startswith("sandbox ")
    assert "allow-same-origin" not in reply["Content-Security-Policy"]
    pages.cookies = {"cgi~toni_s~theme": "1", "cgi~student~theme": "2", "theme": "3"}
    reply = pages.ask("/~toni_s/cookies.py")
    assert reply.text == "theme=1\n"
    assert reply.all("Set-Cookie") == ["cgi~toni_s~theme=dark; Path=/~toni_s/; HttpOnly; SameSite=Lax"]


def test_an_own_host_has_its_own_origin_to_the_last(pages) -> None:
    reply = pages.ask("/", headers=OWN)
    assert reply["Content-Security-Policy"] is None
    assert reply["Origin-Agent-Cluster"] == "?1"


def test_what_a_program_is_told(pages, supervisor) -> None:
    pages.ask("/blog/?a=1", headers=OWN)
    found = supervisor.environ
    assert (found["SCRIPT_NAME"], found["SCRIPT_FILENAME"]) == ("/blog/", "/home/student/blog/index.py")
    assert (found["SERVER_NAME"], found["HTTP_HOST"]) == ("student.pages.localhost", "student.pages.localhost:8000")


def test_a_redirect_of_a_program_stays_with_its_owner(pages, home) -> None:
    home.write("away.py", "print('Location: /index.html\\n')")
    home.write("theirs.py", "print('Location: /~classmate/index.html\\n')")
    assert pages.ask("/away.py", headers=OWN).text == "<p>Sam's"
    assert pages.ask("/theirs.py", headers=OWN).status == 404


def test_only_cookies_that_no_other_host_can_plant_reach_a_program(pages) -> None:
    pages.cookies = {"theme": "planted", "__Host-theme": "own", "__host-x": "planted", "cgi~student~y": "planted"}
    reply = pages.ask("/cookies.py", headers=OWN, scheme="https")
    assert reply.text == "theme=own\n"
    assert reply.all("Set-Cookie") == ["__Host-theme=dark; Path=/; Secure"]
