"""Headers that a program prints: which pass, what they mean, what ivle adds."""

from __future__ import annotations

import pytest

HTML = "print('Content-Type: text/html')\n"


def test_content_type_passes(run) -> None:
    reply = run(HTML + "print()\nprint('<p>Hello')")
    assert (reply.status, reply["Content-Type"], reply.body) == (200, "text/html", b"<p>Hello\n")


def test_status(run) -> None:
    assert run(HTML + "print('Status: 404 Not Found\\n\\nnone')").status == 404


def test_no_content_has_no_body_and_no_length(run) -> None:
    reply = run("print('Status: 204\\n\\nhidden')")
    assert (reply.status, reply.body, reply["Content-Length"], reply["Content-Type"]) == (204, b"", None, None)


@pytest.mark.usefixtures("patient")
def test_the_length_is_ours(run) -> None:
    reply = run(HTML + "print('Content-Length: 1\\n\\nlonger')")
    assert (reply["Content-Length"], reply.body) == ("7", b"longer\n")


@pytest.mark.parametrize(
    "name",
    [
        "Access-Control-Allow-Credentials",
        "Clear-Site-Data",
        "Connection",
        "Service-Worker-Allowed",
        "Strict-Transport-Security",
        "Transfer-Encoding",
        "X-Accel-Redirect",
        "X-Sendfile",
    ],
)
def test_headers_that_do_not_pass(run, name) -> None:
    assert run(HTML + f"print('{name}: 1\\n\\nx')")[name] is None


def test_a_private_page_has_an_origin_of_its_own(run) -> None:
    policy = run(HTML + "print('Content-Security-Policy: default-src *\\n\\nx')")["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-scripts allow-forms ")
    assert "allow-same-origin" not in policy


def test_a_page_on_the_pages_host_has_that_host_s(anybody, home) -> None:
    home.write("program.py", HTML + "print('\\nx')")
    home.publish()
    reply = anybody.ask("/~student/program.py")
    assert (reply["Content-Security-Policy"], reply["X-Content-Type-Options"]) == (None, "nosniff")


def test_where_there_is_one_host_public_pages_have_an_origin_of_their_own_too(anybody, home, settings) -> None:
    settings.IVLE_PAGES_HOST = ""
    home.write("program.py", HTML + "print('\\nx')")
    home.write("page.html", "x")
    home.publish()
    for name in ("program.py", "page.html"):
        policy = anybody.ask(f"/~student/{name}")["Content-Security-Policy"]
        assert policy.startswith("sandbox ")
        assert "allow-same-origin" not in policy
