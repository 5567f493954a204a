"""The machine page as an administrator sees it while a student's program runs; for everybody, on every screen."""

from __future__ import annotations

import pytest

from tests.console.browser.page import Page
from tests.console.browser.test_for_everybody import as_a_phone

FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
ROW = "[...document.querySelectorAll('ivle-machine tr')].find(row => /^student/.test(row.textContent))"


@pytest.fixture
def busy(page_of) -> Page:
    """A student's browser, with a program in a console."""
    student: Page = page_of("student")
    student.start()
    student.ready()
    student.type("while True: pass\n\n")
    return student


def machine(page_of) -> Page:
    admin: Page = page_of("admin")
    admin.visit("/machine/")
    admin.until(ROW)
    return admin


def push(page: Page, label: str) -> None:
    page.evaluate(f"[...{ROW}.querySelectorAll('button')].find(one => one.textContent == '{label}').click()")


def says(page: Page, sentence: str) -> None:
    page.until(f"document.querySelector('.machine-said').textContent.includes('{sentence}')")


def test_slowing_restoring_and_ending_a_program(page_of, busy: Page) -> None:
    admin = machine(page_of)
    admin.until(f"/[1-9]\\d* %/.test({ROW}.textContent)")
    push(admin, "Tarpit")
    says(admin, "student is in the tarpit")
    admin.until(f"/Restore/.test({ROW}.textContent)")  # once the warden has told the supervisor
    push(admin, "Restore")
    says(admin, "student has their share again")
    admin.until(f"/Tarpit/.test({ROW}.textContent)")
    push(admin, "End")
    says(admin, "Ended 1 program of student.")
    busy.strip_says("Ended")
    admin.until("/ended by somebody/.test(document.querySelector('ivle-machine').innerText)")
    admin.until("/ended all programs/.test(document.querySelector('ivle-machine').innerText)")


def test_axe_finds_nothing(page_of, busy: Page) -> None:
    admin = machine(page_of)
    for scheme in ("light", "dark"):
        admin.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        admin.visit("/machine/")
        admin.until(ROW)
        admin.check_axe()
        admin.evaluate("document.querySelector('ivle-machine').showState({lacks: ['the disk is full'], alarms: []})")
        admin.check_axe()
        admin.visit("/machine/settings/")
        admin.check_axe()


def test_nothing_is_wider_than_a_phone(page_of, busy: Page) -> None:
    admin: Page = page_of("admin")
    as_a_phone(admin)
    admin.visit("/machine/")
    admin.until(ROW)
    assert admin.evaluate(FITS)
    admin.visit("/machine/settings/")
    assert admin.evaluate(FITS)


def test_rows_stay_the_same_elements_while_it_is_drawn_anew(page_of, busy: Page) -> None:
    """Or a button would be lost under the mouse, and the focus with it."""
    admin = machine(page_of)
    admin.evaluate(f"window.row = {ROW}; row.querySelector('button').focus(); window.seen = row.textContent")
    admin.until("row.textContent != seen")
    assert admin.evaluate("row.isConnected && row.contains(document.activeElement)")
