"""The pages: the list, starting, one console, the frame, the embedded one, the administrators' list."""

from __future__ import annotations

import pytest
from django.test import Client

from sandbox.faults import MachineShort, SandboxError
from sandbox.outcome import Ended, Outcome

OVER = Outcome(Ended.CPU, None, None, 60.0, 61.0, None)


def text(response) -> str:
    return response.content.decode()


class TestTheList:
    def test_ones_own(self, sandbox, student, client_of) -> None:
        sandbox.add()
        sandbox.add(session_id="theirs", owner="classmate")
        page = text(client_of(student).get("/console/"))
        assert "/console/s1/" in page
        assert "theirs" not in page

    def test_why_one_is_over(self, sandbox, student, client_of) -> None:
        sandbox.add(outcome=OVER)
        assert "60 seconds" in text(client_of(student).get("/console/"))

    def test_the_sandbox_is_away(self, sandbox, student, client_of) -> None:
        sandbox.fault = SandboxError("does not answer at /secret")
        response = client_of(student).get("/console/")
        assert response.status_code == 503
        assert "cannot be reached right now" in text(response)
        assert "/secret" not in text(response)

    @pytest.mark.parametrize("path", ["/console/", "/console/s1/", "/console/embed/s1/", "/console/all"])
    def test_a_stranger_is_asked_to_log_in(self, sandbox, db, client: Client, path) -> None:
        assert client.get(path).url.startswith("/login/")


class TestStarting:
    def test_a_prompt(self, sandbox, student, client_of) -> None:
        response = client_of(student).post("/console/start", {"program": "ipython"})
        [session_id] = sandbox.sessions
        assert (response.status_code, response.url) == (303, f"/console/{session_id}/")
        assert sandbox.opened[0].entry == "ipython"

    def test_a_file_and_then_the_prompt(self, sandbox, student, client_of, home) -> None:
        (home / "hello.py").write_text("")
        form = {"program": "python", "file": "hello.py", "arguments": "a", "after": "prompt"}
        client_of(student).post("/console/start", form)
        assert sandbox.opened[0].argv == ("-i", "/home/student/hello.py", "a")

    @pytest.mark.parametrize(
        ("form", "status", "words"),
        [({"program": "perl"}, 400, "not perl"), ({"file": "missing.py"}, 400, "There is no file missing.py")],
    )
    def test_what_cannot_be(self, sandbox, student, client_of, home, form, status, words) -> None:
        response = client_of(student).post("/console/start", form)
        assert response.status_code == status
        assert words in text(response)

    def test_a_maximum_is_told(self, sandbox, student, client_of, settings) -> None:
        settings.IVLE_CONSOLES_PER_OWNER = 1
        sandbox.add()
        response = client_of(student).post("/console/start", {})
        assert response.status_code == 409
        assert "End it first" in text(response)

    def test_a_place_in_the_queue_is_kept_by_the_page(self, sandbox, student, client_of, home) -> None:
        (home / "a b.py").write_text("")
        sandbox.full = MachineShort("short", 5, 3)
        form = {"program": "python", "file": "a b.py", "arguments": '"x" y', "after": "prompt"}
        response = client_of(student).post("/console/start", form)
        assert response.status_code == 503
        wished = 'program="python" path="a%20b.py" arguments="&quot;x&quot; y" after="prompt" csrf="'
        assert f"<ivle-console {wished}" in text(response)

    def test_it_wants_a_post(self, sandbox, student, client_of) -> None:
        assert client_of(student).get("/console/start").status_code == 405

    def test_no_page_of_another_site_can(self, sandbox, student) -> None:
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(student, backend="django.contrib.auth.backends.ModelBackend")
        assert browser.post("/console/start", {}).status_code == 403
        assert not sandbox.opened


class TestOne:
    def test_its_page(self, sandbox, student, client_of) -> None:
        sandbox.add()
        assert 'session="s1"' in text(client_of(student).get("/console/s1/"))

    @pytest.mark.parametrize("path", ["/console/s1/", "/console/embed/s1/"])
    def test_others_see_nothing(self, sandbox, student, classmate, client_of, path) -> None:
        sandbox.add()
        assert client_of(classmate).get(path).status_code == 404

    def test_one_that_is_not_there(self, sandbox, student, client_of) -> None:
        assert client_of(student).get("/console/s1/").status_code == 404

    def test_embedded_in_the_sites_own_pages_alone(self, sandbox, student, client_of) -> None:
        sandbox.add()
        response = client_of(student).get("/console/embed/s1/")
        assert response["X-Frame-Options"] == "SAMEORIGIN"
        assert "frame-ancestors 'self'" in response["Content-Security-Policy"]
        assert "script-src 'self';" in response["Content-Security-Policy"]

    def test_its_own_page_is_framed_by_nobody(self, sandbox, student, client_of) -> None:
        sandbox.add()
        response = client_of(student).get("/console/s1/")
        assert response["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in response["Content-Security-Policy"]


def test_the_frame_shares_nothing_with_the_site(client: Client, db) -> None:
    response = client.get("/console/frame")
    policy = response["Content-Security-Policy"].split("; ")
    assert "sandbox allow-scripts allow-forms allow-modals" in policy
    assert "default-src 'none'" in policy
    assert not any("allow-same-origin" in part or "connect-src" in part for part in policy)
    assert not client.cookies


class TestEnding:
    def test_ones_own(self, sandbox, student, client_of) -> None:
        sandbox.add()
        response = client_of(student).post("/console/s1/end")
        assert (response.status_code, response.url, sandbox.ended) == (303, "/console/", ["s1"])

    def test_not_anothers(self, sandbox, student, classmate, client_of) -> None:
        sandbox.add()
        assert client_of(classmate).post("/console/s1/end").status_code == 404
        assert not sandbox.ended

    def test_an_administrator_any(self, sandbox, student, administrator, client_of) -> None:
        sandbox.add()
        assert client_of(administrator).post("/console/s1/end").url == "/console/all"
        assert sandbox.ended == ["s1"]


class TestEverybodys:
    def test_for_administrators(self, sandbox, administrator, client_of) -> None:
        sandbox.add()
        sandbox.add(session_id="s2", owner="classmate")
        page = text(client_of(administrator).get("/console/all"))
        assert "student" in page
        assert "classmate" in page
        assert "/console/s2/end" in page

    @pytest.mark.parametrize("person", ["student", "lecturer"])
    def test_not_there_for_others(self, sandbox, person, client_of, request) -> None:
        assert client_of(request.getfixturevalue(person)).get("/console/all").status_code == 404
