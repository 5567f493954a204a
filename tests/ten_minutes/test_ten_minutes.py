"""docs/lecturers.md, by hand: from no course at all to the mark of a student, in real browsers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.ten_minutes.page import CoursePage

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "lecturers.md").read_text()


def written(title: str) -> str:
    """A file as the document shows it, below a line with its name."""
    _, _, rest = DOCUMENT.partition(f"`{title}`:\n\n````markdown\n")
    text, end, _ = rest.partition("\n````\n")
    assert end, title
    return text + "\n"


def test_from_no_course_to_a_mark(browser_of: Callable[[str], CoursePage]) -> None:
    lecturer = browser_of("lecturer")
    code = make_course(lecturer)
    write_course(lecturer)
    publish(lecturer)
    student = browser_of("classmate")
    join(student, code)
    solve(student)
    see_the_mark(lecturer)


def make_course(lecturer: CoursePage) -> str:
    """Its join code."""
    lecturer.visit("/courses/")
    lecturer.follow("Make a course")
    lecturer.fill("title", "Loops")
    lecturer.evaluate("document.querySelector('main [name=term]').selectedIndex = 1")
    lecturer.follow("Make the course")
    lecturer.visit("/courses/loops/settings/")
    lecturer.follow("Make a code")
    code: str = lecturer.text_of(".big-code")
    return code


def write_course(lecturer: CoursePage) -> None:
    lecturer.visit("/courses/loops/publish/")
    lecturer.reads("There is no folder")
    folder = lecturer.evaluate("document.querySelector('main .problem').innerText.match(/no folder (\\S+)/)[1]") + "/"
    lecturer.go_to_folder("")
    lecturer.make("New folder", folder.strip("/"))
    wrong = written("01-loops.md").replace("6\n```\n\n## Your turn", "7\n```\n\n## Your turn")
    lecturer.write_file(folder, "01-loops.md", wrong)
    lecturer.go_to_folder(folder)
    lecturer.make("New folder", "exercises")
    lecturer.write_file(f"{folder}exercises/", "double.md", written("exercises/double.md"))
    lecturer.visit("/courses/loops/publish/")
    lecturer.click("Publish")
    lecturer.reads("This prints something else than its output block says. Line 1 of it is: 6")
    lecturer.visit(f"/edit/{folder}01-loops.md")
    lecturer.opened(f"{folder}01-loops.md")
    lecturer.change_file(written("01-loops.md"))


def publish(lecturer: CoursePage) -> None:
    lecturer.visit("/courses/loops/publish/")
    lecturer.follow("Preview as a student")
    lecturer.reads("Adding numbers")
    lecturer.visit("/courses/loops/publish/")
    lecturer.check_axe()
    lecturer.click("Publish")
    lecturer.reads("Published: edition 1 is what students see now")


def join(student: CoursePage, code: str) -> None:
    student.visit("/courses/")
    student.fill("code", code)
    student.follow("Join")
    student.visit("/courses/loops/")
    student.follow("Adding numbers")


def solve(student: CoursePage) -> None:
    student.reads("Double it")
    student.answer("def double(number):\n    return number + 2\n")
    student.click("Check")
    student.reads("double\\(5\\)", "ivle-exercise .exercise-report")
    student.answer("def double(number):\n    return number * 2\n")
    student.click("Submit")
    student.reads("1 attempt|Attempt 1|Your attempts", "ivle-exercise .exercise-history")
    student.reads("3 of 3|100 %", "ivle-exercise")
    student.check_axe()


def see_the_mark(lecturer: CoursePage) -> None:
    lecturer.visit("/courses/loops/marks/")
    lecturer.reads("Kim Classmate[\\s\\S]*100 %")
    lecturer.check_axe()
    address = lecturer.evaluate("document.querySelector('main a[href*=\"export.csv\"]').href")
    table = lecturer.wait_for(f"fetch({address!r}).then(answer => answer.text())")
    [row] = [line for line in table.splitlines() if "classmate" in line]
    assert "100" in row
