"""TAB at the plain prompt: what exists now, at once, whatever the person's own methods do."""

from __future__ import annotations

import time

import pytest

from tests.guest.terminal import Console


def complete(prompt: Console, text: str, rest: str = "") -> str:
    prompt.type(f"{text}\t")
    prompt.settle(0.2)
    prompt.type(f"{rest}\r")
    return prompt.wait_for(">>> ")


def test_a_name(prompt: Console) -> None:
    prompt.ask("elephant = 7")
    assert complete(prompt, "eleph").endswith("\n7\n")


def test_an_attribute(prompt: Console) -> None:
    prompt.ask("import math")
    assert complete(prompt, "math.factor", "4)").endswith("\n24\n")


def test_several_are_listed(prompt: Console) -> None:
    prompt.ask("text = 'a'")
    shown = complete(prompt, "text.is", "upper()") + prompt.wait_for(">>> ")
    assert "isdigit" in shown
    assert shown.endswith("False\n")


def test_at_the_begin_of_a_line_it_indents(prompt: Console) -> None:
    prompt.ask("if True:", "... ")
    prompt.type("\tprint('in' + 'side')\r")
    prompt.wait_for("... ")
    assert prompt.ask("") == "inside\n"


def test_nothing_to_offer(prompt: Console) -> None:
    assert "NameError" in complete(prompt, "no_such_name_at_all")


HOSTILE = {
    "loops": "exec('while True: pass')",
    "sleeps": "import time; time.sleep(100)",
    "raises": "1 / 0",
    "exits": "raise SystemExit",
    "interrupts": "raise KeyboardInterrupt",
    "no list": "return 5",
    "swallows": "exec('while True:\\n try:\\n  while True: pass\\n except Exception: pass')",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("method", ["__dir__", "__getattr__", "__getattribute__"])
def test_what_a_class_does_cannot_hang_or_end_the_session(prompt: Console, method: str, body: str) -> None:
    prompt.ask("class Hostile:", "... ")
    prompt.ask(f"    def {method}(self, *names): {body}", "... ")
    prompt.ask("")
    prompt.ask("hostile = Hostile()")
    began = time.monotonic()
    prompt.type("hostile.a\t")
    prompt.settle(0.2)
    prompt.type("\x15print('al' + 'ive')\r")
    prompt.wait_for("alive\n>>> ")
    assert time.monotonic() - began < 5


def test_an_alarm_of_the_programs_own_goes_on(prompt: Console) -> None:
    prompt.ask("import signal; rung = []; elephant = 7")
    prompt.ask("_ = signal.signal(signal.SIGALRM, lambda *a: rung.append(1)); _ = signal.setitimer(0, 1.0)")
    assert complete(prompt, "eleph").endswith("\n7\n")
    prompt.ask("import time; time.sleep(1.2)")
    assert prompt.ask("rung") == "[1]\n"
