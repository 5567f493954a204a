"""A course in a real Chromium: made, filled by a roster, looked after; on a screen and on a phone, in both themes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import urlencode, urlsplit

from tests.cgirunner.chromium import Chromium
from tests.cgirunner.whole_site import Site
from tests.console.browser.page import CONSOLE, Page

ROSTER = "login;name;role\nanna;Anna Älvás;\nben;Ben Bäcker;tutor\nlecturer;Lee Lecturer;lecturer\n"
PAINTED = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
FITS = "document.documentElement.scrollWidth <= innerWidth"


def fill(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        page.evaluate(f"document.querySelector('main .field [name={name}]').value = {json.dumps(value)}")


def push(page: Page, label: str) -> None:
    """The visible button or link of the page with this label."""
    chosen = (
        f"[...document.querySelectorAll('main button, main a, main summary')]"
        f".find(one => one.textContent.trim() == {json.dumps(label)} && one.checkVisibility())"
    )
    page.until(f"Boolean({chosen})")
    page.evaluate(f"{chosen}.click()")


def reads(page: Page, pattern: str) -> str:
    page.until(f"new RegExp({json.dumps(pattern)}).test(document.querySelector('main')?.innerText ?? '')")
    return page.evaluate("document.querySelector('main').innerText")


def check(page: Page, theme: str = "light") -> None:
    """On a phone."""
    page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
    page.call("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=2, mobile=True)
    page.wait_for(PAINTED)
    page.check_axe()
    assert page.evaluate(FITS), page.path
    page.call("Emulation.clearDeviceMetricsOverride")


def test_from_nothing_to_a_class(browser_of: Callable[[str], Page], chromium: Chromium, site: Site) -> None:
    page = browser_of("lecturer")
    page.visit("/courses/")
    check(page)
    push(page, "Make a course")
    page.until("location.pathname == '/courses/new/'")
    assert not page.evaluate("document.querySelector('[name=term_name]').checkVisibility()")
    fill(page, term="")
    page.until("document.querySelector('[name=term_name]').checkVisibility()")
    fill(page, title="Data and Algorithms")
    push(page, "Make the course")
    reads(page, "Choose a term above, or say this of a new one")
    check(page)
    fill(page, term_name="2027/1", starts="2027-01-01", ends="2027-06-30")
    push(page, "Make the course")
    reads(page, "The course is made, and you are its lecturer")
    assert page.path == "/courses/data-and-algorithms/people/"
    push(page, "Import a roster")
    page.until("location.pathname.endsWith('/import/')")
    check(page)
    fill(page, text=f"{ROSTER}9;x;\n")
    push(page, "Look at it")
    reads(page, "Line 5: 9 cannot be a login name")
    check(page)
    fill(page, text=ROSTER)
    push(page, "Look at it")
    reads(page, "2 new people are made and added")
    check(page, "dark")
    push(page, "Do this")
    reads(page, r"Done: 2 new people, 0 added, 0 with another role, 1 as they were")
    reads(page, r"2 people have no password yet")
    page.evaluate("document.querySelector('[aria-label=\"Change Anna Älvás\"]').click()")
    check(page, "dark")
    push(page, "Show their link")
    link = re.search(r"http://\S+/password/set/\S+", reads(page, "For Anna Älvás alone"))
    assert link
    check(page)
    page.visit("/courses/data-and-algorithms/settings/")
    push(page, "Make a code")
    code = re.search(r"^\w{4}-\w{4}$", reads(page, "There is a new code"), re.MULTILINE)
    assert code
    check(page)
    assert page.faults == []

    with closing(Page(chromium, site, "nobody=yet")) as newcomer:
        newcomer.open(f"{newcomer.address}{urlsplit(link[0]).path}")
        reads(newcomer, "Hello, Anna Älvás. Your login name is anna")
        check(newcomer)
        fill(newcomer, new_password1="correct horse battery", new_password2="correct horse battery")
        push(newcomer, "Log in with this password")
        reads(newcomer, "Hello, Anna Älvás")

    classmate = browser_of("classmate")
    classmate.visit("/courses/join/?code=wrong")
    push(classmate, "Join")
    reads(classmate, "No course has this code")
    check(classmate)
    fill(classmate, code=code[0].upper())
    push(classmate, "Join")
    reads(classmate, "You are in Data and Algorithms now")
    assert classmate.path == "/courses/data-and-algorithms/"
    assert classmate.faults == []


def test_watching_ends_with_the_role(page: Page, browser_of: Callable[[str], Page]) -> None:
    """The student is watched by their lecturer, sees that they are, finds it in the log, and leaves the course."""
    page.start()
    page.sees(r"^>>> ?$")
    lecturer = browser_of("lecturer")
    lecturer.visit("/courses/python/people/")
    lecturer.evaluate("document.querySelector('[aria-label=\"Consoles of Sam Student\"]').click()")
    reads(lecturer, "Consoles of student")
    lecturer.check_axe()
    push(lecturer, "Python")
    lecturer.until(f"{CONSOLE}?.welcome")
    page.strip_says("Watching: lecturer")
    lecturer.strip_says("student types")
    looks = browser_of("student")
    looks.visit("/looks/")
    assert "a console: Python" in reads(looks, "Lee Lecturer")
    check(looks)
    manager = browser_of("admin")
    manager.visit("/courses/python/people/")
    manager.evaluate("document.querySelector('[aria-label=\"Change Sam Student\"]').click()")
    push(manager, "Remove from the course")
    reads(manager, "student is no longer in the course")
    lecturer.until("document.querySelector('main').innerText.includes('You may no longer see this console')")
    page.type("print(6 * 7)\n")
    page.sees(r"^42$")
    assert lecturer.faults == []
    fill(manager, login="student")
    push(manager, "Add to the course")
    reads(manager, "Sam Student is in the course now")
    manager.visit("/courses/python/log/")
    check(manager)


def test_two_imports_at_once(site: Site, cookie_of: Callable[[str], str]) -> None:
    """All were shown the same before: one is done whole, the others are told that something changed."""
    page, session = "/courses/python/people/import/", cookie_of("lecturer")
    _status, shown = site.ask(page, cookie=session)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', shown.decode())
    assert token
    cookie = f"{session}; {site.cookie()}"
    headers = {
        "cookie": cookie,
        "origin": f"http://localhost:{site.port}",
        "content-type": "application/x-www-form-urlencoded",
    }
    text = "login\n" + "".join(f"twin{number}\n" for number in range(200))

    def post(**form: str) -> tuple[int, str]:
        body = urlencode({"csrfmiddlewaretoken": token[1], "text": text, **form}).encode()
        status, content = site.ask(page, "POST", body, **headers)
        return status, content.decode()

    digest = re.search(r'name="digest" value="(\w+)"', post()[1])
    assert digest
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _number: post(digest=digest[1]), range(4)))
    assert sorted(status for status, _content in answers) == [303, 409, 409, 409]
    _status, people = site.ask("/courses/python/people/?q=twin", cookie=cookie)
    assert len(re.findall(r'name="login" value="twin\d+"', people.decode())) == 200
