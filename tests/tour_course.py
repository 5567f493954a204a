"""The part of the tour that is about courses: joining one, a tutorial, an exercise, progress, CPU. For tour.py."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

from tests.cgirunner.whole_site import CHECKOUT, Site
from tests.ten_minutes.page import CoursePage

SLUG = "python"
MAKE_CODE = f"""
from courses import joining
from courses.models import Course
print(joining.renew(Course.objects.get(slug={SLUG!r})))
"""
WRONG = 'name = input("What is your name? ")\nprint("Hello", name)\n'
RIGHT = 'name = input("What is your name? ")\nprint(f"Hello, {name}. Nice to meet you.")\n'
Show = Callable[[str, str, str], None]


def learns(page: CoursePage, site: Site, show: Show) -> None:
    joins(page, new_code(site), show)
    reads(page, show)
    solves(page, show)
    looks_at_cpu(page, show)


def new_code(site: Site) -> str:
    command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", MAKE_CODE]
    done = subprocess.run(command, cwd=CHECKOUT, env=site.environ, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.split()[-1]


def joins(page: CoursePage, code: str, show: Show) -> None:
    page.visit("/courses/")
    page.fill("code", code)
    show(
        "18-join",
        "A course",
        "Your lecturer gave you a code. *Courses* is in the bar at the top; type the code there, and press *Join*.",
    )
    page.follow("Join")
    page.reads("First steps")
    show("19-course", "Its tutorials", "Go through them in their order. *Progress* is what you have reached so far.")


def reads(page: CoursePage, show: Show) -> None:
    page.follow("First steps")
    page.until("Boolean(customElements.get('ivle-box'))")
    page.click_into("names")
    page.replace_all('name = "Grace"\nprint("Hello,", name)\n')
    page.push("names")
    page.prints("names", "Hello, Grace")
    show(
        "20-box",
        "A tutorial",
        "Code on the page can be changed and run. What you write is there when you come back; *⋯* has what was there at"
        " first.",
    )


def solves(page: CoursePage, show: Show) -> None:
    page.visit(f"/courses/{SLUG}/exercises/greeting/")
    page.answer(WRONG)
    page.click("Check")
    page.reads("Nice to meet you", "ivle-exercise .exercise-report")
    page.evaluate("document.querySelector('.exercise-report').scrollIntoView()")
    show(
        "21-check",
        "An exercise",
        "*Run* and *Check* are free. *Check* tries what you wrote, and shows what was expected and what came. After a"
        " few tries there is a hint.",
    )
    page.answer(RIGHT)
    page.click("Submit")
    page.reads("Your mark is", "ivle-exercise .exercise-history")
    page.evaluate("document.querySelector('.exercise-status').scrollIntoView()")
    show("22-mark", "Handed in", "*Submit* hands it in. Every attempt is kept, with what became of it.")
    page.visit(f"/courses/{SLUG}/progress/")
    page.reads("A greeting")
    show("23-progress", "Progress", "All exercises by tutorial, and how each of your marks came about.")


def looks_at_cpu(page: CoursePage, show: Show) -> None:
    page.visit("/usage/")
    page.reads("CPU today")
    show(
        "24-cpu",
        "Your CPU",
        "What your programs used today, and when it starts anew. Nothing is stopped when it is used up; your programs"
        " wait for those of others. Who needs more asks for it here.",
    )
