"""A program's Location: to another page of its owner's at once, elsewhere by way of the browser (RFC 3875 6.2)."""

from __future__ import annotations

SHOW = "import os; print(os.environ['REQUEST_METHOD'], os.environ['QUERY_STRING'], os.environ.get('CONTENT_LENGTH'))"


def test_a_local_redirect_is_followed_here(run, home) -> None:
    home.write("other.py", SHOW)
    reply = run("print('Location: /serve/student/other.py?a=1\\n')", method="POST", body=b"x=1")
    assert (reply.status, reply.body) == (200, b"GET a=1 None\n")


def test_a_local_redirect_to_a_file(run, home) -> None:
    home.write("page.html", "<p>page")
    assert run("print('Location: /serve/student/page.html\\n')").body == b"<p>page"


def test_a_local_redirect_out_of_the_home_reaches_nothing(run, home) -> None:
    (home.folder.parent / "classmate").mkdir()
    (home.folder.parent / "classmate" / "secret.txt").write_text("secret")
    assert run("print('Location: /serve/student/../classmate/secret.txt\\n')").status == 404


def test_a_circle_ends(run, supervisor) -> None:
    reply = run("print('Location: /serve/student/program.py\\n')")
    assert reply.status == 500
    assert "in a circle" in reply.text
    assert len(supervisor.jobs) == 9


def test_an_absolute_location_goes_to_the_browser(run) -> None:
    reply = run("print('Location: https://example.org/x\\n')")
    assert (reply.status, reply["Location"]) == (302, "https://example.org/x")


def test_a_location_with_a_status_goes_to_the_browser(run) -> None:
    reply = run("print('Status: 303\\nLocation: /serve/student/other.py\\n')")
    assert (reply.status, reply["Location"]) == (303, "/serve/student/other.py")


def test_a_location_on_the_site_goes_to_the_browser(run) -> None:
    reply = run("print('Location: /login/\\n')")
    assert (reply.status, reply["Location"]) == (302, "/login/")


def test_a_relative_location_goes_to_the_browser(run) -> None:
    reply = run("print('Location: other.py\\n')")
    assert (reply.status, reply["Location"]) == (302, "other.py")


def test_a_javascript_location_is_dropped(run) -> None:
    reply = run("print('Content-Type: text/html\\nLocation: javascript:alert(1)\\n\\nx')")
    assert (reply.status, reply["Location"]) == (200, None)


def test_on_the_pages_host_it_stays_within_what_is_published(anybody, home) -> None:
    home.write("public/program.py", "print('Location: /~student/private.txt\\n')")
    home.write("private.txt", "private")
    home.publish("public")
    assert anybody.ask("/~student/public/program.py").status == 404
