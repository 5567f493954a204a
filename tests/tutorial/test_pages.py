"""The pages of a course: who sees which, at what time, with whose texts in the boxes."""

from __future__ import annotations

import asyncio
import errno
import json
import re
from datetime import UTC, datetime
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from courses import editions
from courses.models import Membership, Role
from tutorial.listing import tutorials_of

BOX = "# Loops\n\n```python run name=greet setup=s\nprint('hi')\n```\n\n```python setup=s\nx = 1\n```\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)


@pytest.fixture
def at(monkeypatch):
    """at(2027, 1, 1): that is now."""

    def be(*moment: int) -> None:
        monkeypatch.setattr(timezone, "now", lambda: datetime(*moment, tzinfo=UTC))

    return be


def code_in(page: str) -> str:
    """What is in the first box."""
    found = re.search(r'class="box-code".*?<code>(.*?)</code>', page, re.DOTALL)
    assert found
    return unescape(re.sub(r"<[^>]*>", "", found[1]))


# --- Who ---


@pytest.mark.parametrize("address", ["", "01-loops/", "files/cat.png"])
def test_only_those_in_the_course(
    client_of, client, published, student, tutor, lecturer, stranger, administrator, address
):
    published({"01-loops.md": BOX, "cat.png": PNG})
    for person in (student, tutor, lecturer, administrator):
        assert client_of(person).get(f"/courses/loops/{address}").status_code == 200
    assert client_of(stranger).get(f"/courses/loops/{address}").status_code == 404
    assert client.get(f"/courses/loops/{address}").status_code == 302


@pytest.mark.parametrize(
    "address", ["publish/", "preview/", "preview/01-loops/", "preview/files/cat.png", "publish/zip?edition=1"]
)
def test_only_lecturers_publish_and_preview(
    client_of, client, published, folder, student, tutor, lecturer, stranger, address
):
    published({"01-loops.md": BOX})
    (folder / "01-loops.md").write_text(BOX)
    (folder / "cat.png").write_bytes(PNG)
    assert client_of(lecturer).get(f"/courses/loops/{address}").status_code == 200
    for person in (student, tutor, stranger):
        assert client_of(person).get(f"/courses/loops/{address}").status_code == 404
    assert client.get(f"/courses/loops/{address}").status_code == 302


@pytest.mark.parametrize("action", ["start", "hide", "show", "import"])
def test_only_lecturers_change_what_is_published(client_of, course, published, student, tutor, stranger, action):
    edition = published({"01-loops.md": BOX})
    for person in (student, tutor, stranger):
        assert client_of(person).post(f"/courses/loops/publish/{action}", {"edition": "1"}).status_code == 404
    assert editions.shown(course) == edition


def test_not_by_following_a_link(client_of, published, lecturer) -> None:
    published({"01-loops.md": BOX})
    for action in ("start", "hide", "show", "import"):
        assert client_of(lecturer).get(f"/courses/loops/publish/{action}").status_code == 405


def test_nobody_gets_the_texts_of_tutorials_and_exercises(client_of, published, student, lecturer) -> None:
    names = ("01-loops.md", "exercises/double.md", "exercises/double/data.csv", "EXERCISES/other.md", ".secret")
    published(dict.fromkeys(names, "# T"))
    for person in (student, lecturer):
        for name in (*names, "exercises/../01-loops.md", "a/../exercises/double.md", "./exercises/double.md"):
            assert client_of(person).get(f"/courses/loops/files/{name}").status_code == 404, name


# --- When ---

DATED = {
    "01-now.md": "# Now",
    "02-soon.md": "---\nopens: 2027-03-01\ncloses: 2027-03-31\n---\n# Soon",
    "03-hidden.md": "---\nhidden: yes\n---\n# Hidden",
}


@pytest.mark.parametrize(
    ("now", "state", "status"),
    [
        ((2027, 2, 28, 23, 59), "early", 404),
        ((2027, 3, 1), "open", 200),
        ((2027, 3, 31, 23, 59), "open", 200),
        ((2027, 4, 1), "over", 200),
    ],
)
def test_dates(client_of, course, published, student, tutor, at, now, state, status) -> None:
    published(DATED)
    at(*now)
    assert [(entry.title, entry.state) for entry in tutorials_of(course, student)] == [("Now", "open"), ("Soon", state)]
    assert bool(tutorials_of(course, student)[1].address) == (status == 200)
    assert client_of(student).get("/courses/loops/02-soon/").status_code == status
    assert client_of(tutor).get("/courses/loops/02-soon/").status_code == 200


def test_hidden_ones_are_for_staff(client_of, course, published, student, tutor, at) -> None:
    published(DATED)
    at(2027, 3, 2)
    assert client_of(student).get("/courses/loops/03-hidden/").status_code == 404
    assert "Hidden" not in client_of(student).get("/courses/loops/").content.decode()
    assert client_of(tutor).get("/courses/loops/03-hidden/").status_code == 200
    assert [entry.state for entry in tutorials_of(course, tutor)] == ["open", "open", "hidden"]


def test_before_and_next_leave_out_what_is_not_open(client_of, published, student, at) -> None:
    published({**DATED, "04-last.md": "# Last"})
    at(2027, 1, 1)
    page = client_of(student).get("/courses/loops/01-now/").content.decode()
    assert 'rel="next" href="/courses/loops/04-last/"' in page
    assert 'rel="prev"' not in page


def test_nothing_is_published(client_of, course, student) -> None:
    assert "Nothing is published yet" in client_of(student).get("/courses/loops/").content.decode()
    assert client_of(student).get("/courses/loops/01-loops/").status_code == 404


def test_the_newest_edition_is_shown(client_of, published, student) -> None:
    published({"01-loops.md": "# Old"})
    assert "Old" in client_of(student).get("/courses/loops/").content.decode()
    published({"01-loops.md": "# New"})
    assert "New" in client_of(student).get("/courses/loops/01-loops/").content.decode()


# --- Texts in boxes ---


def test_a_box_has_what_the_lecturer_wrote(client_of, published, student) -> None:
    published({"01-loops.md": BOX})
    page = client_of(student).get("/courses/loops/01-loops/").content.decode()
    assert code_in(page) == "print('hi')"
    assert 'data-path="loops/01-loops/greet.py"' in page
    assert '<template class="box-setup">x = 1\n</template>' in page
    assert "data-etag" not in page
    assert "box-start" not in page


HOSTILE = "</code></pre><script>alert(1)</script><template>'\"&amp;"


def test_and_then_what_the_student_wrote(client_of, published, student, classmate, home) -> None:
    published({"01-loops.md": BOX})
    (home / "loops" / "01-loops").mkdir(parents=True)
    (home / "loops" / "01-loops" / "greet.py").write_text(HOSTILE)
    page = client_of(student).get("/courses/loops/01-loops/").content.decode()
    assert code_in(page) == HOSTILE
    assert "<script>alert" not in page
    assert 'data-etag="&quot;' in page
    assert '<template class="box-start">print(&#x27;hi&#x27;)</template>' in page
    assert code_in(client_of(classmate).get("/courses/loops/01-loops/").content.decode()) == "print('hi')"


@pytest.mark.parametrize("content", [b"a\r\nb", b"\xff", b"\0", "\ufeffa".encode(), b"x" * 200_000])
def test_what_a_page_cannot_carry_is_left_to_be_fetched(client_of, published, student, home, content) -> None:
    published({"01-loops.md": BOX})
    (home / "loops" / "01-loops").mkdir(parents=True)
    (home / "loops" / "01-loops" / "greet.py").write_bytes(content)
    assert "data-unread" in client_of(student).get("/courses/loops/01-loops/").content.decode()


def test_links_out_of_the_home_are_not_followed(client_of, published, student, home, tmp_path) -> None:
    published({"01-loops.md": BOX})
    (tmp_path / "secret.py").write_text("secret")
    (home / "loops" / "01-loops").mkdir(parents=True)
    (home / "loops" / "01-loops" / "greet.py").symlink_to(tmp_path / "secret.py")
    assert code_in(client_of(student).get("/courses/loops/01-loops/").content.decode()) == "print('hi')"


def test_what_a_lecturer_tries_is_not_in_their_folder(client_of, published, folder, lecturer) -> None:
    published({"01-loops.md": BOX})
    (folder / "01-loops.md").write_text(BOX)
    for address in ("01-loops/", "preview/01-loops/"):
        page = client_of(lecturer).get(f"/courses/loops/{address}").content.decode()
        assert 'data-path="loops-tried/01-loops/greet.py"' in page


def test_twenty_boxes_are_made_quickly(client_of, published, student, home, monkeypatch) -> None:
    """Without a guess about this machine: few questions go to the database, and the Markdown is not read again."""
    published({"01-loops.md": "# T\n\n" + "".join(f"```python run name=b{n}\nprint({n})\n```\n\n" for n in range(20))})
    client = client_of(student)
    client.get("/courses/loops/01-loops/")
    with CaptureQueriesContext(connection) as queries:
        page = client.get("/courses/loops/01-loops/").content.decode()
    assert page.count("<ivle-box") == 20
    assert len(queries) <= 10


# --- Pictures ---


def test_a_picture(client_of, published, student) -> None:
    edition = published({"01-loops.md": BOX, "p/cat 1.png": PNG})
    answer = client_of(student).get("/courses/loops/files/p/cat%201.png")
    assert (answer.content, answer.headers["Content-Type"]) == (PNG, "image/png")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    again = client_of(student).get("/courses/loops/files/p/cat%201.png", headers={"If-None-Match": f'"{edition.pk}"'})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["evil.html", "evil.svg", "evil.xml", "evil.js"])
def test_a_file_does_not_run_on_the_site(client_of, published, student, name) -> None:
    published({"01-loops.md": BOX, name: "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"})
    answer = client_of(student).get(f"/courses/loops/files/{name}")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == "attachment" or answer.headers["Content-Type"].startswith(
        "text/plain"
    )


# --- Publishing, without running anything ---


@pytest.fixture
def runs_nothing(monkeypatch) -> None:
    async def try_nothing(*_args, told, **_options):
        return ()

    monkeypatch.setattr("tutorial.publishing.try_course", try_nothing)


async def lines(answer) -> list[dict]:
    return [json.loads(line) async for line in answer]


@pytest.mark.django_db(transaction=True)
async def test_publishing_tells_what_is_wrong(async_client, course, folder, lecturer, runs_nothing) -> None:
    await async_client.aforce_login(lecturer, backend="django.contrib.auth.backends.ModelBackend")
    (folder / "01-loops.md").write_text("# T\n\n[x](02-gone.md)")
    answer = await async_client.post("/courses/loops/publish/start")
    [told] = await lines(answer)
    assert told["faults"] == [
        {"file": "01-loops.md", "line": 3, "reason": "There is no 02-gone.md in the course’s folder."}
    ]


@pytest.mark.django_db(transaction=True)
async def test_publishing(async_client, course, folder, lecturer, runs_nothing) -> None:
    await async_client.aforce_login(lecturer, backend="django.contrib.auth.backends.ModelBackend")
    (folder / "01-loops.md").write_text(BOX)
    (folder / "pictures").mkdir()
    (folder / "pictures" / "cat.png").write_bytes(PNG)
    (folder / ".hidden").write_text("x")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "x.pyc").write_text("x")
    assert await lines(await async_client.post("/courses/loops/publish/start")) == [{"published": 1}]
    edition = await course.editions.aget()
    assert editions.names(edition) == ("01-loops.md", "pictures/cat.png")


@pytest.mark.django_db(transaction=True)
async def test_an_empty_course_is_not_published(async_client, course, lecturer, runs_nothing) -> None:
    await async_client.aforce_login(lecturer, backend="django.contrib.auth.backends.ModelBackend")
    [told] = await lines(await async_client.post("/courses/loops/publish/start"))
    assert "There is no folder loops in your files" in told["sentence"]


def test_unpublish_and_show_again(client_of, course, published, lecturer, student) -> None:
    published({"01-loops.md": "# Old"})
    published({"01-loops.md": "# New"})
    client = client_of(lecturer)
    assert client.post("/courses/loops/publish/hide").status_code == 303
    assert "Nothing is published" in client_of(student).get("/courses/loops/").content.decode()
    assert client.post("/courses/loops/publish/show", {"edition": "1"}).status_code == 303
    assert "Old" in client_of(student).get("/courses/loops/").content.decode()
    for number in ("3", "-1", "", "x", "9" * 30):
        assert client.post("/courses/loops/publish/show", {"edition": number}).status_code == 404


def test_export(client_of, published, lecturer) -> None:
    edition = published({"01-loops.md": "# T"})
    answer = client_of(lecturer).get("/courses/loops/publish/zip?edition=1")
    assert answer.content == editions.place_of(edition).read_bytes()
    assert 'filename="loops-1.zip"' in answer.headers["Content-Disposition"]


def test_an_edition_of_another_course_is_not_there(client_of, course, published, lecturer, student) -> None:
    published({"01-loops.md": "# T"})
    other = course.__class__.objects.create(slug="other", title="Other", term=course.term)
    Membership.objects.create(course=other, person=student, role=Role.LECTURER)
    assert client_of(student).get("/courses/other/publish/zip?edition=1").status_code == 404
    assert client_of(student).get("/courses/loops/publish/zip?edition=1").status_code == 404


def test_a_preview_shows_exercises_as_students_find_them(client_of, folder, lecturer) -> None:
    (folder / "exercises").mkdir()
    (folder / "01-loops.md").write_text("# Loops\n\n```exercise sum\n```\n\n```exercise broken\n```\n")
    (folder / "exercises" / "sum.md").write_text(
        "# The sum\n\nAdd $x^2$.\n\n## Code\n\n```python\ndef add(): ...\n```\n\n## Solution\n\n"
        "```python\nsecret\n```\n"
        "\n## Test: It adds\n\n- must use: x\n\n## Test: Unseen\n\n- hidden\n- must use: x\n"
    )
    (folder / "exercises" / "broken.md").write_text("# Broken\n")
    page = client_of(lecturer).get("/courses/loops/preview/01-loops/").content.decode()
    for text in ("The sum", "<math>", "It adds", "Broken"):
        assert text in page
    assert '<span class="code-keyword">def</span>' in page
    assert "secret" not in page
    assert "Unseen" not in page


@pytest.mark.django_db(transaction=True)
async def test_who_publishes_is_told_when_it_cannot_be_kept(
    async_client, course, folder, lecturer, runs_nothing, monkeypatch
) -> None:
    def add(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    (folder / "01-loops.md").write_text("# Loops\n")
    await async_client.aforce_login(lecturer, backend="django.contrib.auth.backends.ModelBackend")
    monkeypatch.setattr(editions, "add", add)
    [told] = await asyncio.wait_for(lines(await async_client.post("/courses/loops/publish/start")), 20)
    assert "by a fault of the site" in told["sentence"]
