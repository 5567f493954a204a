"""A student's hour in the sample course, in real browsers: from a code to a mark, and who looked meanwhile."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

from tests.cgirunner.whole_site import CHECKOUT, Site
from tests.ten_minutes.page import EXERCISE, CoursePage, quoted

LOGIN = "newcomer"
MAKE_PERSON = f"from accounts.models import Person; Person.objects.create_user({LOGIN!r}, 'ivle')"
WORKPLACE = "python/"
WRONG = 'name = input("What is your name? ")\nprint("Hello")\n'
RIGHT = 'name = input("What is your name? ")\nprint(f"Hello, {name}. Nice to meet you.")\n'


def test_a_students_hour(site: Site, browser_of: Callable[[str], CoursePage]) -> None:
    make_person(site)
    lecturer, student = browser_of("lecturer"), browser_of(LOGIN)
    join(student, new_code(lecturer))
    run_boxes(student)
    type_at_the_prompt(student)
    change_a_file(student)
    make_a_web_page(student)
    solve_an_exercise(student)
    see_ones_progress(student)
    look_at_the_student(lecturer)
    see_who_looked(student)


def make_person(site: Site) -> None:
    """Who is in no course yet."""
    command = [sys.executable, "manage.py", "shell", "-c", MAKE_PERSON]
    subprocess.run(command, cwd=CHECKOUT, env=site.environ, check=True, stdout=subprocess.DEVNULL)


def new_code(lecturer: CoursePage) -> str:
    lecturer.visit("/courses/python/settings/")
    lecturer.follow("Make a code")
    code: str = lecturer.text_of(".big-code")
    return code


def join(student: CoursePage, code: str) -> None:
    student.visit("/courses/")
    student.reads("You are in no course|Join")
    student.fill("code", code.upper())
    student.follow("Join")
    student.reads("You are in Python for everybody now")
    student.reads("First steps[\\s\\S]*Your first web page")
    student.check_axe()


def run_boxes(student: CoursePage) -> None:
    student.follow("First steps")
    student.until("Boolean(customElements.get('ivle-box'))")
    student.push("hello")
    student.prints("hello", "Hello")
    student.click_into("names")
    student.replace_all("print('mine:', 6 * 7)")
    student.push("names")
    student.prints("names", "mine: 42")
    student.evaluate(f"{student.box('ask')}.querySelector('.box-run').focus()")
    student.push("ask")
    student.until("document.activeElement.matches('.xterm-helper-textarea')")
    student.type("Ada\n")
    student.prints("ask", "Ada")
    student.check_axe()
    student.visit("/courses/python/01-first-steps/")
    student.reads("mine:", "ivle-box[data-name=names]")


def type_at_the_prompt(student: CoursePage) -> None:
    student.visit("/courses/python/02-lists-and-loops/")
    student.until("Boolean(customElements.get('ivle-box'))")
    student.push("prompt")
    student.prints("prompt", "^>>> ?$")
    student.until("document.activeElement.matches('.xterm-helper-textarea')")
    student.type("max(numbers) * 100\n")
    student.prints("prompt", "^800")
    student.check_axe()


def change_a_file(student: CoursePage) -> None:
    student.visit("/courses/python/03-files/")
    student.until("Boolean(customElements.get('ivle-box'))")
    student.click_into("prices-txt")
    student.replace_all("bread;3.25")
    student.push("read")
    student.prints("read", "^bread 3.25")
    student.check_axe()
    assert b"bread" in student.site.ask(f"/serve/{LOGIN}/{WORKPLACE}03-files/prices.txt", cookie=student.cookie)[1]


def make_a_web_page(student: CoursePage) -> None:
    student.visit("/courses/python/04-web-page/")
    student.until("Boolean(customElements.get('ivle-box'))")
    student.push("hello-py")
    student.until(f"{student.box('hello-py')}.querySelector('iframe')")
    address = student.evaluate(f"{student.box('hello-py')}.querySelector('iframe').getAttribute('src')")
    status, content = student.site.ask(address, cookie=student.cookie)
    assert (status, b"made by a program" in content) == (200, True)
    student.check_axe()


def solve_an_exercise(student: CoursePage) -> None:
    student.visit("/courses/python/exercises/greeting/")
    student.answer(WRONG)
    student.click("Check")
    student.reads("It printed something else from line 1 on", "ivle-exercise .exercise-report")
    student.until(f"{EXERCISE}.querySelector('.exercise-hint summary')")
    student.evaluate(f"{EXERCISE}.querySelector('.exercise-hint summary').click()")
    student.reads("asks stays on the line", "ivle-exercise .exercise-hint[open]")
    student.check_axe()
    student.click("Submit")
    student.reads("Attempt 1: 0 of 2 points", "ivle-exercise .exercise-status")
    student.answer(RIGHT)
    student.click("Submit")
    student.reads("Attempt 2: 2 of 2 points", "ivle-exercise .exercise-status")
    student.reads("Your mark is 2 of 2", "ivle-exercise .exercise-history")
    assert student.evaluate(f"{EXERCISE}.querySelectorAll('[data-state=failed]').length") == 0
    student.check_axe()


def see_ones_progress(student: CoursePage) -> None:
    student.visit("/courses/python/progress/")
    student.reads("First steps[\\s\\S]*A greeting[\\s\\S]*2 / 2[\\s\\S]*Your first web page")
    student.reads("Attempt 2 was marked")
    student.check_axe()


def look_at_the_student(lecturer: CoursePage) -> None:
    lecturer.visit(f"/courses/python/marks/people/{LOGIN}/")
    lecturer.reads("A greeting[\\s\\S]*1: 0[\\s\\S]*2: 2")
    lecturer.check_axe()
    lecturer.evaluate(
        "[...document.querySelectorAll('main .attempts a')]"
        f".find(one => one.getAttribute('aria-label') == {quoted('Attempt 2 at A greeting')}).click()"
    )
    lecturer.reads("Nice to meet you", ".handed-in")
    lecturer.check_axe()
    lecturer.visit(f"/files/?owner={LOGIN}")
    lecturer.until("document.querySelector('ivle-files')?.listing")


def see_who_looked(student: CoursePage) -> None:
    student.visit("/looks/")
    student.reads("Lee Lecturer[\\s\\S]*what was handed in:[\\s\\S]*python/greeting/2")
    student.reads("the list of files")
    student.check_axe()
