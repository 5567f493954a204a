"""/~: published folders and nothing else."""

from __future__ import annotations

import pytest


@pytest.fixture
def published(home) -> None:
    home.write("public/page.html", "<p>page")
    home.write("public/program.py", "print('Hello')")
    home.write("public/deep/er/page.html", "<p>deep")
    home.write("public/.env", "secret")
    home.write("public/.git/config", "secret")
    home.write("public/__pycache__/program.cpython-311.pyc", "secret")
    home.write("private/page.html", "secret")
    home.write("top.html", "secret")
    home.publish("public")


@pytest.mark.parametrize("path", ["public/page.html", "public/deep/er/page.html", "public/program.py"])
def test_what_is_published(anybody, published, path) -> None:
    assert anybody.ask(f"/~student/{path}").status == 200


@pytest.mark.parametrize(
    "path",
    [
        "",
        "top.html",
        "private/page.html",
        "public/../top.html",
        "public/%2e%2e/top.html",
        "public%2F..%2Ftop.html",
        "public/.env",
        "public/.git/config",
        "public/__pycache__/program.cpython-311.pyc",
        "public/missing.html",
        "public",
        "publi",
        "public-not/page.html",
    ],
)
def test_what_is_not(anybody, published, path) -> None:
    reply, missing = anybody.ask(f"/~student/{path}"), anybody.ask("/~student/nothing.html")
    assert (reply.status, reply.headers, reply.body) == (404, missing.headers, missing.body)


@pytest.mark.parametrize(
    "path", ["/~nobody/", "/~student~1.2.3/public/page.html", "/~/", "/~..", "/", "/static/site.css"]
)
def test_addresses_of_nobody(anybody, published, path) -> None:
    assert anybody.ask(path).status == 404


def test_a_link_out_of_the_published_folder_leads_nowhere(anybody, home, published) -> None:
    (home.folder / "public" / "way").symlink_to("../private")
    (home.folder / "public" / "inside").symlink_to("deep")
    assert anybody.ask("/~student/public/way/page.html").status == 404
    assert anybody.ask("/~student/public/inside/er/page.html").status == 200


def test_the_pages_of_somebody_inactive_are_gone(anybody, published, student) -> None:
    student.is_active = False
    student.save()
    assert anybody.ask("/~student/public/page.html").status == 404


def test_being_logged_in_makes_no_difference(anybody, published, student) -> None:
    anybody.log_in(student)
    assert anybody.ask("/~student/private/page.html").status == 404


def test_anybody_may_post_to_a_published_program(anybody, published) -> None:
    assert anybody.ask("/~student/public/program.py", method="POST", headers={"origin": "null"}).body == b"Hello\n"


def test_the_report_is_the_program_s_own_word_here(anybody, home, supervisor, published) -> None:
    anybody.ask("/~student/public/program.py?report")
    assert supervisor.environ["QUERY_STRING"] == "report"
