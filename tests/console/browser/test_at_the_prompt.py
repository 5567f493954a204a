"""What a student does at a prompt: type, Tab, interrupt, a plot beside it, the end and the restart."""

from __future__ import annotations

import pytest

from tests.console.browser.page import CONSOLE, CTRL, SHIFT, Page

COLUMNS = f"{CONSOLE}.screen.terminal.cols"
PLOT = "import matplotlib.pyplot as plt; _ = plt.plot([1, 4, 2]); plt.show()\n"


@pytest.mark.parametrize(("program", "prompt"), [("python", r"^>>> ?$"), ("ipython", r"^In \[1\]: ?$")])
def test_type_a_line_and_see_its_answer(page: Page, program: str, prompt: str) -> None:
    page.start(program)
    page.sees(prompt)
    page.type("print(6 * 7)\n")
    page.sees(r"^42$")
    page.strip_says("Connected")
    page.strip_says(r"CPU left: \d+ s")


def test_a_shell(page: Page) -> None:
    page.start("bash")
    page.sees(r"\$ ?$")
    page.type("echo $((6 * 7))\n")
    page.sees(r"^42$")


def test_tab_completes(page: Page) -> None:
    page.start()
    page.sees(r"^>>> ?$")
    page.type("number = 42\n")
    page.sees(r"^>>> number = 42\n>>> ?$")  # what is typed before is echoed by the kernel, as on any terminal
    page.type("numb\t\n")
    page.sees(r"^>>> number\n42$")


def test_a_plot_appears_beside_the_terminal(page: Page) -> None:
    page.start()
    page.sees(r"^>>> ?$")
    columns = page.evaluate(COLUMNS)
    page.type(PLOT)
    assert page.until("document.querySelector('.console-pane img')?.naturalWidth") > 100
    assert page.evaluate("document.querySelector('.console-pane img').alt")
    assert page.evaluate("document.querySelector('.console-pane a').download").endswith(".png")
    page.until(f"{COLUMNS} < {columns}")
    page.press_button(".console-pane [aria-label='Close the pane']")
    page.until(f"{COLUMNS} == {columns}")


def test_what_a_program_shows_as_html_is_shut_in(page: Page) -> None:
    page.start("ipython")
    page.sees(r"^In \[1\]: ?$")
    page.evaluate("addEventListener('message', event => { globalThis.heard = [event.origin, event.data] })")
    page.type(
        "from IPython.display import HTML, display; "
        "display(HTML('<p>shown</p><script>parent.postMessage(origin, \\'*\\')</script>'))\n"
    )
    assert page.until("globalThis.heard") == ["null", "null"]
    assert page.evaluate("document.querySelector('.console-pane iframe').contentDocument") is None
    assert page.evaluate("document.querySelector('.console-pane iframe').sandbox.value") == "allow-scripts"


def test_ctrl_c_ends_a_loop(page: Page) -> None:
    page.start()
    page.sees(r"^>>> ?$")
    page.type("while True: pass\n\n")
    page.sees(r"^\.\.\. ?$")
    page.press("c", CTRL)
    page.sees(r"KeyboardInterrupt\n>>> ?$")


def test_interrupt_is_a_button_too_and_comes_through_a_flood(page: Page) -> None:
    page.start()
    page.sees(r"^>>> ?$")
    page.type("while True: print('flood')\n\n")
    page.until("document.querySelector('ivle-console').connection.received > 1000000")
    page.choose("Interrupt")
    page.sees(r"KeyboardInterrupt\n(flood\n)*>>> ?$")


def test_it_ends_says_so_and_enter_restarts_it(page: Page) -> None:
    page.start()
    page.sees(r"^>>> ?$")
    page.type("exit()\n")
    page.until("document.querySelector('.console-ended').innerText.includes('ran to its end')")
    page.strip_says("Ended")
    assert page.evaluate("document.querySelector('[data-for=typing]').disabled"), "there is nothing to interrupt"
    page.until("document.querySelector('.console-live').textContent.includes('ran to its end')")
    page.press("Enter")
    page.sees(r"exit\(\)\n+- restarted -\n(.*\n)*>>> ?$")
    page.strip_says("Connected")
    page.type("print(6 * 7)\n")
    page.sees(r"^42$")


def test_close_asks_then_ends_it_and_leads_to_the_list(page: Page) -> None:
    page.start()
    page.sees(r"^>>> ?$")
    path = page.path
    page.choose("Close")
    page.choose("Keep it", "dialog")
    page.choose("Close")
    page.choose("Close", "dialog")
    page.until("location.pathname == '/console/' && document.readyState == 'complete'")
    assert page.site.ask(path, cookie=page.cookie)[0] == 404


def test_a_program_that_prints_cgi_headers_is_shown_as_a_page(page: Page) -> None:
    page.site.write("student", "page.py", "print('Content-Type: text/html\\n\\n<h1>Sales</h1>')")
    page.visit("/console/")
    page.evaluate(
        "const form = document.querySelector('.starts form'), file = document.createElement('input');"
        "file.name = 'file'; file.value = 'page.py'; form.append(file); form.querySelector('button').click()"
    )
    page.sees("Content-Type: text/html")
    page.until("document.querySelector('.console-pane iframe')")
    page.until("document.querySelector('.console-ended')?.checkVisibility()")


def test_what_a_program_prints_before_its_prompt_goes_beside_the_terminal(page: Page) -> None:
    page.site.write("student", "game.py", "print('Guess!'); n = input('? '); print('It was', n)\n1 / 0")
    page.visit("/console/")
    page.evaluate("localStorage.setItem('ivle-console', JSON.stringify({split: true}))")
    page.evaluate(
        "const form = document.querySelector('.starts form');"
        "for (const [name, value] of [['file', 'game.py'], ['after', 'prompt']])"
        " form.append(Object.assign(document.createElement('input'), {name, value}));"
        "form.querySelector('button').click()"
    )
    page.sees(r"^Guess!\n\?")
    page.type("7\n")
    page.sees(r"ZeroDivisionError.*\n>>>")
    page.until("document.querySelector('.console-pane pre')?.textContent == 'Guess!\\nIt was 7\\n'")
    assert "It was" not in page.text


def test_copy_with_ctrl_c_only_what_is_selected(page: Page) -> None:
    page.start()
    page.sees(r"^>>> ?$")
    page.evaluate("addEventListener('copy', event => { globalThis.copied = getSelection() && event.type })")
    page.type("'abc'\n")
    page.sees("^'abc'$")
    page.evaluate("document.querySelector('ivle-console').screen.terminal.selectLines(1, 1)")
    page.press("c", CTRL)
    page.until("globalThis.copied")
    assert "KeyboardInterrupt" not in page.text
    page.press("c", CTRL)
    page.sees("KeyboardInterrupt")


def test_find_in_the_output(page: Page) -> None:
    page.start()
    page.sees(r"^>>> ?$")
    page.type("print('needle ' * 3)\n")
    page.sees("needle needle needle")
    page.press("F", CTRL | SHIFT)
    page.type("needle n")
    page.until("document.querySelector('.console-found').textContent.endsWith(' of 2')")
    page.press("Escape")
    page.until("document.activeElement.classList.contains('xterm-helper-textarea')")
