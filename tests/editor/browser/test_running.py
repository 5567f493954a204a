"""From the text to the program that runs and back: Run, keep the prompt, Stop, Serve, the line of an error."""

from __future__ import annotations

import os
from pathlib import Path

from tests.console.browser.page import CTRL, SHIFT
from tests.editor.browser.page import EDITOR, EditorPage

FAILING = "def f():\n    1 / 0\n\n\nf()\n"


def test_run_hello(page: EditorPage, home: Path) -> None:
    page.edit("hello.py", "")
    page.type("print('Hello')\n")
    page.run()
    page.sees(r"^Hello$")
    page.heard("ran to its end")
    page.state("saved")
    assert (home / "hello.py").read_text() == "print('Hello')\n"
    assert page.evaluate("document.activeElement.matches('.cm-content')")


def test_run_again_in_the_same_console_on_an_empty_screen(page: EditorPage) -> None:
    page.edit("hello.py", "print('one')")
    page.run()
    page.sees(r"^one$")
    page.heard("ran to its end")
    session = page.evaluate(f"{EDITOR}.runner.console.getAttribute('session')")
    page.evaluate(f"{EDITOR}.sheet.code.goTo(1, 11)")
    page.type(" two")
    page.run()
    page.sees(r"^one two$")
    assert page.number_of_lines(r"^one$") == 0
    assert page.evaluate(f"{EDITOR}.runner.console.getAttribute('session')") == session


def test_another_file_has_another_console(page: EditorPage) -> None:
    page.edit("one.py", "print('one')")
    page.run()
    page.sees(r"^one$")
    page.edit("two.py", "print('two')")
    page.sees(r"^one$")  # the page before had it
    page.run()
    page.sees(r"^two$")
    page.choose("Run", ".editor-buttons")
    page.until(f"{EDITOR}.runner.state == 'ended'")
    page.site.ask("/api/consoles", cookie=page.cookie)
    assert page.evaluate("document.querySelectorAll('ivle-console').length") == 1


def test_the_keyboard_is_lent_to_a_program_that_asks_and_comes_back(page: EditorPage) -> None:
    page.edit("ask.py", "print('It was', input('? '))")
    page.run()
    page.sees(r"^\? ?$")
    page.until("document.activeElement.matches('.xterm-helper-textarea')")
    page.type("me\n")
    page.sees(r"^It was me$")
    page.until("document.activeElement.matches('.cm-content')")
    assert page.code == "print('It was', input('? '))"


def test_who_types_on_keeps_the_keyboard(page: EditorPage) -> None:
    page.edit("sleep.py", "import time\ntime.sleep(60)\n")
    page.run()
    page.until(f"{EDITOR}.runner.state == 'running'")
    page.type("#")
    page.wait_for("new Promise(resolve => setTimeout(resolve, 400))")
    assert page.evaluate("document.activeElement.matches('.cm-content')")


def test_run_and_keep_the_prompt(page: EditorPage) -> None:
    page.edit("kept.py", "kept = 6 * 7\n")
    page.press("Enter", CTRL | SHIFT)
    page.sees(r"^>>> ?$")
    page.until("document.activeElement.matches('.xterm-helper-textarea')")
    page.type("kept\n")
    page.sees(r"^42$")


def test_a_name_that_is_not_text_is_run_like_any_other(page: EditorPage, home: Path) -> None:
    (home / os.fsdecode(b"\xff.py")).write_text("print('Hello')\n1 / 0\n")
    page.edit("%FF.py")
    page.run()
    page.sees(r"^Hello$")
    page.choose("Go to line 2 of \N{REPLACEMENT CHARACTER}.py")
    page.until("document.querySelector('.editor-cursor').textContent == 'Line 2, column 1'")
    assert page.path == "/edit/%FF.py"
    page.run()
    page.until(f"{EDITOR}.runner.state == 'ended'")
    assert page.number_of_lines(r"^Hello$") == 1


def test_stop(page: EditorPage) -> None:
    page.edit("loop.py", "while True:\n    pass\n")
    page.run()
    page.until(f"{EDITOR}.runner.state == 'running'")
    page.choose("Stop", ".editor-buttons")
    page.sees("KeyboardInterrupt")
    page.until("document.querySelector('.editor-buttons button + button').disabled")


def test_stop_again_ends_what_does_not_listen(page: EditorPage) -> None:
    page.edit(
        "deaf.py", "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nprint('deaf')\nwhile True:\n    pass\n"
    )
    page.run()
    page.sees(r"^deaf$")
    page.choose("Stop", ".editor-buttons")
    page.choose("Stop", ".editor-buttons")
    page.until("!document.querySelector('ivle-console')")


def test_an_error_leads_to_its_line(page: EditorPage) -> None:
    page.edit("fail.py", FAILING)
    page.run()
    page.sees("ZeroDivisionError")
    page.choose("Go to line 2 of fail.py")
    page.until("document.querySelector('.editor-cursor').textContent == 'Line 2, column 1'")
    assert page.evaluate("document.activeElement.matches('.cm-content')")


def test_a_line_of_a_traceback_is_a_link(page: EditorPage) -> None:
    page.call("Emulation.setDeviceMetricsOverride", width=1280, height=1000, deviceScaleFactor=1, mobile=False)
    page.site.write("student", "helper.py", FAILING)
    page.edit("main.py", "import helper\n")
    page.run()
    rows = "[...document.querySelectorAll('.xterm-rows > div')]"
    row = f"{rows}.find(one => one.textContent.includes('helper.py\", line 2'))"
    place = page.until(f"(({{left, top}}) => [left + 60, top + 8])({row}.getBoundingClientRect())")
    page.until(f"{EDITOR}.runner.state == 'ended'")
    mouse = {"x": place[0], "y": place[1], "button": "left", "clickCount": 1}
    page.call("Input.dispatchMouseEvent", type="mouseMoved", x=place[0], y=place[1])
    page.until("document.querySelector('.xterm-cursor-pointer')")
    page.call("Input.dispatchMouseEvent", type="mousePressed", **mouse)
    page.call("Input.dispatchMouseEvent", type="mouseReleased", **mouse)
    page.opened("helper.py")
    page.until("document.querySelector('.editor-cursor').textContent == 'Line 2, column 1'")
    assert page.path == "/edit/helper.py"


def test_a_traceback_that_wraps_is_a_link_too(page: EditorPage) -> None:
    page.edit("fail.py", FAILING)
    page.run()
    page.sees("ZeroDivisionError")
    page.wait_for(
        "import('/static/console/links.js').then(({linksAt}) => {"
        f" const {{screen, links}} = {EDITOR}.runner.console;"
        " screen.terminal.resize(20, 12);"
        " const {active} = screen.terminal.buffer;"
        " globalThis.found = Array.from({length: active.length}, (_, row) => linksAt(active, row + 1, links)).flat();"
        "})"
    )
    places = page.evaluate("globalThis.found.map(({range: {start, end}, text}) => [end.y - start.y, text])")
    assert places
    assert all(rows == 1 and text.startswith('File "/home/student/fail.py", line ') for rows, text in places), places


def test_serve_beside_the_text_and_again_after_each_save(page: EditorPage) -> None:
    page.edit(
        "page.py", "print('Content-Type: text/html\\n')\nprint('<script>parent.postMessage(1, \"*\")</script>')\n"
    )
    page.evaluate("addEventListener('message', event => { globalThis.heard = [event.origin, event.data] })")
    page.choose("Serve", ".editor-buttons")
    assert page.until("globalThis.heard") == ["null", 1]
    assert page.evaluate("document.querySelector('.editor-preview iframe').contentDocument") is None
    page.evaluate(
        f"{EDITOR}.sheet.code.replace({EDITOR}.sheet.code.text.replace('Message(1', 'Message(2'), {{}}, true)"
    )
    page.evaluate(f"{EDITOR}.sheet.code.focus()")
    page.save()
    page.until("globalThis.heard[1] == 2")
    page.press_button(".editor-preview [aria-label='Close the web page']")
    page.until("!document.querySelector('.editor-preview iframe')")


def test_the_console_is_there_again_after_a_reload(page: EditorPage) -> None:
    page.edit("hello.py", "print('Hello')")
    page.run()
    page.sees(r"^Hello$")
    page.visit("/edit/hello.py")
    page.sees(r"^Hello$")
