"""CPU of a student and the staff of their course, in a real Chromium: asked for, granted, used up; on a phone, too."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.console.browser.page import Page
from tests.courses.browser.test_a_course import check, fill, push, reads

STRIP = "document.querySelector('ivle-cpu')"


def change_allowance(admin: Page, method: str, path: str, **wish: object) -> None:
    admin.visit("/usage/")
    asked = {"method": method, "body": json.dumps(wish)}
    status = admin.wait_for(
        "fetch('/api/allowances/people/student" + path + "', {..." + json.dumps(asked) + ", headers: {"
        "'Content-Type': 'application/json',"
        "'X-CSRFToken': document.querySelector('[name=csrfmiddlewaretoken]').value}}).then(answer => answer.status)"
    )
    assert status == 200


def test_asked_for_and_granted(page: Page, browser_of: Callable[[str], Page]) -> None:
    page.visit("/usage/")
    check(page)
    fill(page, what="run", seconds="10", reason="It takes long on my laptop")
    push(page, "Ask")
    reads(page, "Name the program that needs more")
    check(page, "dark")
    fill(page, program="lab4/simulate.py")
    push(page, "Ask")
    reads(page, "You have asked. The answer will be shown here")
    check(page)
    lecturer = browser_of("lecturer")
    lecturer.visit("/")
    push(lecturer, "1 request for more CPU waits for you")
    reads(lecturer, "10 min for one run of lab4/simulate.py")
    check(lecturer)
    lecturer.evaluate("document.querySelector('[name=answer]').value = 'Do it tonight'")
    push(lecturer, "Grant")
    reads(lecturer, "Sam Student has 10 min more")
    check(lecturer, "dark")
    page.visit("/usage/")
    reads(page, r"Granted: 10 min\s+Lee Lecturer\s+Do it tonight")
    lecturer.visit("/courses/python/exams/")
    check(lecturer, "dark")
    assert lecturer.faults == []


def test_the_strip_comes_by_itself(page: Page, browser_of: Callable[[str], Page]) -> None:
    admin = browser_of("admin")
    page.visit("/files/")
    page.until(f"{STRIP}.hidden && {STRIP}.role == 'status'")
    change_allowance(admin, "POST", "/tarpit")
    try:
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        page.until(f"!{STRIP}.hidden && {STRIP}.innerText.includes('An administrator has put your programs behind')")
        check(page)
        page.visit("/console/")
        reads(page, "An administrator has put your programs behind all others")
        check(page, "dark")
    finally:
        change_allowance(admin, "DELETE", "/tarpit")
    page.visit("/files/")
    page.until(f"{STRIP}.hidden")


def test_a_tutorial_s_strip_comes_later(page: Page, browser_of: Callable[[str], Page]) -> None:
    admin = browser_of("admin")
    change_allowance(admin, "POST", "/tarpit")
    try:
        page.visit("/courses/python/01-first-steps/")
        page.until(f"{STRIP} && {STRIP}.role == 'status'")
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        page.until(f"!{STRIP}.hidden && {STRIP}.innerText.includes('An administrator has put your programs behind')")
        check(page, "dark")
    finally:
        change_allowance(admin, "DELETE", "/tarpit")
