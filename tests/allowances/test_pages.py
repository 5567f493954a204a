"""The pages of CPU: what somebody reads of theirs, asks and is answered, and the strip where it matters."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils import timezone

from allowances import changing
from allowances.days import begins_at
from allowances.models import CpuDay, CpuRequest, ExamTime, State
from courses.models import Course, Membership
from sandbox import consoles
from tests.console.conftest import about, make_info

HOSTILE = '<img src=x onerror="alert(1)">{{ 7|add:1 }} \u202ereversed {% now %}'


@pytest.fixture
def browser(client_of, student, course):
    return client_of(student)


def text_of(browser, path: str = "/usage/") -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def ask(browser, **form):
    wish = {"what": "day", "seconds": "30", "reason": "The simulation", **form}
    return browser.post("/usage/", wish, follow=True)


def test_it_says_how_much_of_how_much_and_until_when(browser, student, used) -> None:
    used(student, 12 * 60 + 5)
    page = text_of(browser)
    assert f"CPU today: 12 of 60 min. It starts anew at {begins_at('student'):%H:%M}." in page
    assert 'value="0.201"' in page
    assert "do not need the machine" not in page


def test_over_it_says_what_that_means(browser, student, used) -> None:
    used(student, 3600)
    sentence = "Your programs now run only when others do not need the machine"
    for path in ("/usage/", "/"):
        assert sentence in text_of(browser, path), path
    assert sentence in browser.get("/console/").content.decode()  # without a sandbox it is 503
    changing.put_into_tarpit(student, None)
    assert "An administrator has put your programs behind all others" in text_of(browser)


def test_the_minute_is_full_when_it_is(browser, student, used) -> None:
    used(student, 3599)
    assert "59 of 60 min" in text_of(browser)


@pytest.mark.parametrize("path", ["/files/", "/edit/"])
def test_the_strip_is_hidden_until_it_matters(browser, student, used, path) -> None:
    assert "<ivle-cpu hidden>" in text_of(browser, path)
    used(student, 0.85 * 3600)
    assert "<ivle-cpu><span>CPU today: 51 of 60 min." in text_of(browser, path)
    used(student, 600)
    assert "<ivle-cpu><span>Your programs now run only when" in text_of(browser, path)


def test_a_tutorial_asks_later() -> None:
    strip = Template("{% load cpu %}{% cpu_notice_later %}").render(Context({}))
    assert "<ivle-cpu later hidden><span></span>" in strip


def test_during_an_exam_it_says_that_nothing_changes(browser, student, course, used) -> None:
    now = timezone.now()
    ExamTime.objects.create(course=course, starts=now - timedelta(minutes=1), ends=now + timedelta(hours=1))
    assert "your programs go before others" in text_of(browser)
    used(student, 5000)
    assert "during the exam your programs go on as before" in text_of(browser)


def test_the_last_days(browser, student, used) -> None:
    used(student, 200)
    CpuDay.objects.update(day=CpuDay.objects.get().day - timedelta(days=1))
    used(student, 50)
    changing.give(student, 600)
    page = text_of(browser)
    assert page.index(">50 s<") < page.index(">3 min<")
    assert ">10 min<" in page


def test_asking_and_being_answered(browser, client_of, tutor, student) -> None:
    page = ask(browser, seconds="30").content.decode()
    assert "You have asked. The answer will be shown here." in page
    assert "30 min for a day" in page
    staff = client_of(tutor)
    assert "1 request for more CPU waits for you" in text_of(staff, "/")
    waiting = text_of(staff, "/usage/requests/")
    assert "Sam Student" in waiting
    assert "0 of 60 min used today" in waiting
    pk = CpuRequest.objects.get().pk
    answer = staff.post(
        "/usage/requests/", {"request": pk, "do": "grant", "seconds": "20", "answer": "Well"}, follow=True
    )
    assert "Sam Student has 20 min more." in answer.content.decode()
    page = text_of(browser)
    assert "Granted</strong>: 20 min" in page
    assert "Tina Tutor" in page
    assert "0 of 80 min" in page


def test_hostile_text_is_text(browser, client_of, tutor) -> None:
    assert ask(browser, what="run", program=f"{HOSTILE}.py", reason=HOSTILE).status_code == 200
    client_of(tutor).post(
        "/usage/requests/", {"request": CpuRequest.objects.get().pk, "do": "refuse", "answer": HOSTILE}
    )
    for page in (text_of(browser), text_of(client_of(tutor), "/usage/requests/")):
        assert "<img src=x" not in page
        assert page.count("&lt;img src=x") >= 3
        assert "7|add:1" in page


@pytest.mark.parametrize(
    "form",
    [
        {"reason": "x" * 501},
        {"reason": "a\0b"},
        {"reason": ""},
        {"seconds": "0"},
        {"seconds": "999"},
        {"seconds": "many"},
        {"what": "ever"},
        {"what": "run"},
        {"what": "run", "program": "p" * 1001},
        {"what": "run", "program": "a.py", "seconds": "61"},
    ],
)
def test_what_makes_no_sense_is_said_in_place(browser, form) -> None:
    answer = browser.post("/usage/", {"what": "day", "seconds": "30", "reason": "The simulation", **form})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert not CpuRequest.objects.exists()


@pytest.mark.parametrize(
    "form",
    [
        {"request": "9" * 30},
        {"request": "-1"},
        {"request": "１"},
        {"do": "anything"},
        {"seconds": "999"},
        {"answer": "x" * 501},
        {"answer": "a\0b"},
    ],
)
def test_an_answer_that_makes_no_sense_changes_nothing(browser, client_of, tutor, form) -> None:
    ask(browser)
    pk = CpuRequest.objects.get().pk
    answer = client_of(tutor).post("/usage/requests/", {"request": pk, "do": "grant", **form})
    assert answer.status_code == 400
    assert CpuRequest.objects.get().state == State.OPEN


def test_who_is_in_several_courses_chooses(browser, client_of, student, course, lecturer) -> None:
    other = Course.objects.create(slug="other", title="Another", term=course.term)
    Membership.objects.create(course=other, person=student)
    assert "Another</option>" in text_of(browser)
    ask(browser, course=other.pk)
    assert CpuRequest.objects.get().course == other
    CpuRequest.objects.all().delete()
    over = Course.objects.create(slug="over", title="Over", term=course.term, is_open=False)
    Membership.objects.create(course=over, person=student)
    assert browser.post("/usage/", {"what": "day", "seconds": "9", "reason": "x", "course": over.pk}).status_code == 400


def test_exams(client_of, lecturer, course, settings) -> None:
    browser, path = client_of(lecturer), "/courses/python/exams/"
    starts = timezone.localtime() + timedelta(days=1)

    def set_exam(**hours) -> int:
        moments = {"starts": starts, "ends": starts + timedelta(**hours)}
        return browser.post(path, {name: f"{at:%Y-%m-%dT%H:%M}" for name, at in moments.items()}).status_code

    assert set_exam(hours=2) == 303
    assert f"{starts:%H:%M} –" in text_of(browser, path)
    assert [set_exam(hours=9), set_exam(hours=0), set_exam(days=-2), set_exam(hours=-1)] == [400] * 4
    assert [set_exam(hours=1) for _ in range(5)] == [303] * 4 + [400]
    browser.post(path, {"remove": ExamTime.objects.first().pk})
    assert course.exam_times.count() == 4


def test_a_run_s_report_has_the_meter_and_a_failure_the_sentence(student) -> None:
    context = {"base": "cgirunner/private.html", "user": student, "sentence": "Ended", "program": "a.py", "style": ""}
    owners = {**context, "page_url": "/a.py", "edit_url": "/edit/a.py"}
    assert "CPU today:" in render_to_string("cgirunner/report.html", owners)
    assert "CPU today:" not in render_to_string("cgirunner/report.html", context)
    changing.put_into_tarpit(student, None)
    assert "behind all others" in render_to_string("cgirunner/failed.html", owners)
    assert "behind all others" not in render_to_string("cgirunner/failed.html", context)


def test_the_consoles_that_are_open(browser, monkeypatch) -> None:
    async def listed(socket, owner):
        assert owner == "student"
        return [
            make_info("s1", about=about(file="lab/<b>.py"), cpu_seconds=4.0),
            make_info("s2", about=about(kind="ipython"), cpu_seconds=250.0),
        ]

    monkeypatch.setattr(consoles, "list_sessions", listed)
    page = text_of(browser)
    assert page.index('<a href="/console/s2/">ipython</a></td><td class="number">4 min<') < page.index("/console/s1/")
    assert ">&lt;b&gt;.py</a>" in page
