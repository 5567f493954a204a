"""What a program finds in its environment (RFC 3875 4.1), and what it never finds there."""

from __future__ import annotations

import pytest


@pytest.fixture
def environ(run, supervisor):
    def of(path: str = "", **request: object) -> dict[str, str]:
        run("print()", path, **request)
        return supervisor.environ

    return of


def test_every_variable_of_a_get(environ) -> None:
    assert environ("/extra%20path/x?a=1&b=%20", headers={"user-agent": "Test"}) == {
        "DOCUMENT_ROOT": "/home/student",
        "GATEWAY_INTERFACE": "CGI/1.1",
        "HTTP_HOST": "localhost:8000",
        "HTTP_USER_AGENT": "Test",
        "PATH_INFO": "/extra path/x",
        "PATH_TRANSLATED": "/home/student/extra path/x",
        "QUERY_STRING": "a=1&b=%20",
        "REMOTE_ADDR": "192.0.2.7",
        "REMOTE_HOST": "192.0.2.7",
        "REMOTE_PORT": "50123",
        "REQUEST_METHOD": "GET",
        "REQUEST_SCHEME": "http",
        "REQUEST_URI": "/serve/student/program.py/extra%20path/x?a=1&b=%20",
        "SCRIPT_FILENAME": "/home/student/program.py",
        "SCRIPT_NAME": "/serve/student/program.py",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_SOFTWARE": "ivle",
    }


def test_no_path_info(environ) -> None:
    found = environ()
    assert found["PATH_INFO"] == ""
    assert "PATH_TRANSLATED" not in found


def test_a_slash_is_path_info(environ) -> None:
    assert environ("/")["PATH_INFO"] == "/"


def test_a_body(environ) -> None:
    found = environ(method="POST", body=[b"abc", b"de"], headers={"content-type": "text/x"})
    assert (found["CONTENT_LENGTH"], found["CONTENT_TYPE"], found["REQUEST_METHOD"]) == ("5", "text/x", "POST")


def test_names_that_are_not_utf8(owner, home, supervisor) -> None:
    home.write("caf\udce9.py".encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape"), "print('x')")
    assert owner.ask("/serve/student/caf%E9.py/%FF").status == 200
    assert supervisor.environ["SCRIPT_NAME"] == "/serve/student/caf\udce9.py"
    assert supervisor.environ["PATH_INFO"] == "/\udcff"


def test_an_index_is_named_by_its_folder(owner, home, supervisor) -> None:
    home.write("blog/index.py", "print('x')")
    assert owner.ask("/serve/student/blog/").body == b"x\n"
    found = supervisor.environ
    assert (found["SCRIPT_NAME"], found["PATH_INFO"]) == ("/serve/student/blog/", "")
    assert found["SCRIPT_FILENAME"] == "/home/student/blog/index.py"


def test_it_runs_as_its_owner_in_its_folder(owner, home, supervisor) -> None:
    home.write("a/b/program.py", "import os; print(os.getcwd())")
    assert owner.ask("/serve/student/a/b/program.py").text.strip().endswith("/student/a/b")
    job = supervisor.jobs[-1]
    assert (job.argv, job.directory) == (["/home/student/a/b/program.py"], "/home/student/a/b")
    assert supervisor.headers[-1]["owner"] == "student"


@pytest.mark.parametrize(
    "header", ["proxy", "authorization", "proxy-authorization", "x-csrftoken", "x-forwarded-for", "x-anything"]
)
def test_headers_that_are_not_passed(environ, header) -> None:
    assert "a secret" not in environ(headers={header: "a secret"}).values()


def test_the_site_s_cookies_are_not_passed(environ, owner, settings) -> None:
    owner.cookies[settings.CSRF_COOKIE_NAME] = "a-secret"
    owner.cookies["other"] = "of-the-site"
    assert "HTTP_COOKIE" not in environ()


def test_the_referer_of_a_page_of_the_site_is_not_passed(environ) -> None:
    assert "HTTP_REFERER" not in environ(headers={"referer": "http://localhost:8000/mail/?token=1"})
    own = "http://localhost:8000/serve/student/form.html"
    assert environ(headers={"referer": own})["HTTP_REFERER"] == own


def test_report_is_not_in_the_query(environ) -> None:
    assert environ("?a=1&report&b=2")["QUERY_STRING"] == "a=1&b=2"


def test_https(owner, home, supervisor) -> None:
    home.write("program.py", "print()")
    exchange = owner.exchange("/serve/student/program.py", headers={"host": "ivle.example.edu"})
    from asgiref.sync import async_to_sync

    exchange.scope["scheme"] = "https"
    async_to_sync(owner.application)(exchange.scope, exchange.incoming.get, exchange.send)
    found = supervisor.environ
    assert (found["HTTPS"], found["SERVER_NAME"], found["SERVER_PORT"]) == ("on", "ivle.example.edu", "443")


def test_a_program_runs_in_the_environment_that_its_comment_asks_for(run, supervisor, settings) -> None:
    (settings.IVLE_RUNTIMES / "science" / "current").mkdir(parents=True)
    assert run("# ivle environment: science\nprint('ran')\n").text == "ran\n"
    run("print('ran')\n")
    assert [header["environment"] for header in supervisor.headers] == ["science", "standard"]


def test_one_that_asks_for_what_is_not_there_is_not_run(run, supervisor) -> None:
    reply = run("# ivle environment: <art>\nprint('ran')\n")
    assert reply.status == 500
    assert "asks for the environment “&lt;art&gt;”, which is not here. There are: standard." in reply.text
    assert not supervisor.headers
