"""A person at their files in a real Chromium: what they click, press, drop and see."""

from __future__ import annotations

import json
from time import monotonic
from typing import Any

from tests.cgirunner.chromium import PATIENCE_SECONDS
from tests.console.browser.page import SHIFT, Page

ROWS = "[...document.querySelectorAll('.files-table tbody tr[data-path]')]"


def quoted(text: str) -> str:
    return json.dumps(text)


class FilesPage(Page):
    carried: dict[str, Any] | None = None  # what is being dragged

    def on_event(self, event: dict[str, Any]) -> None:
        super().on_event(event)
        if event["method"] == "Input.dragIntercepted":
            self.carried = event["params"]["data"]

    def go(self, path: str = "/files/") -> None:
        self.visit(path)
        self.until(
            "document.querySelector('ivle-files')?.listing || document.querySelector('.files-empty, .files-trash > *')"
        )

    def as_a_phone(self) -> None:
        self.call("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=2, mobile=True)
        self.call("Emulation.setTouchEmulationEnabled", enabled=True)
        features = [{"name": "pointer", "value": "coarse"}, {"name": "hover", "value": "none"}]
        self.call("Emulation.setEmulatedMedia", features=features)

    # --- Hands ---

    def row(self, name: str) -> str:
        """JavaScript for the row with that name."""
        return f"{ROWS}.find(row => row.querySelector('.files-link').textContent == {quoted(name)})"

    def place_of(self, element: str) -> tuple[float, float]:
        """Where to click it, once it is there and painted: the mouse finds nothing in rows that are not."""
        self.until(f"Boolean({element})")
        self.evaluate(f"{element}.scrollIntoView({{block: 'nearest'}})")
        self.wait_for("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")
        x, y = self.evaluate(
            f"(box => [box.left + box.width / 2, box.top + box.height / 2])({element}.getBoundingClientRect())"
        )
        return x, y

    def click_at(self, x: float, y: float, modifiers: int = 0, clicks: int = 1, button: str = "left") -> None:
        for count in range(1, clicks + 1):
            event: dict[str, Any] = {"x": x, "y": y, "button": button, "clickCount": count, "modifiers": modifiers}
            self.call("Input.dispatchMouseEvent", type="mousePressed", **event)
            self.call("Input.dispatchMouseEvent", type="mouseReleased", **event)

    def click_row(self, name: str, modifiers: int = 0, **how: Any) -> None:
        """Beside the name: it is selected."""
        self.click_at(*self.place_of(f"{self.row(name)}.querySelector('.files-modified')"), modifiers, **how)

    def click_name(self, name: str, **how: Any) -> None:
        """It is opened, or shown beside."""
        self.click_at(*self.place_of(f"{self.row(name)}.querySelector('.files-link')"), **how)

    def tick(self, name: str) -> None:
        self.click_at(*self.place_of(f"{self.row(name)}.querySelector('.files-check input')"))

    def push(self, label: str, inside: str = "ivle-files") -> None:
        """The visible button, or menu item, with this label, by the mouse."""
        chosen = (
            f"[...document.querySelectorAll({quoted(inside + ' button')})]"
            f".find(one => one.textContent == {quoted(label)} && one.checkVisibility() && !one.disabled)"
        )
        self.click_at(*self.place_of(chosen))

    def more(self, name: str, label: str) -> None:
        """An entry of the menu at the end of a row."""
        self.click_at(*self.place_of(f"{self.row(name)}.querySelector('.files-more button')"))
        self.push(label, ".files-menu")

    def drag(self, name: str, target: str, modifiers: int = 0) -> None:
        """A row, beside its name, over the element. It is let go by drop()."""
        self.carried = None
        self.call("Input.setInterceptDrags", enabled=True)
        x, y = self.place_of(f"{self.row(name)}.querySelector('.files-type')")
        where = self.place_of(target)
        self.call("Input.dispatchMouseEvent", type="mousePressed", x=x, y=y, button="left", clickCount=1)
        for step in range(1, 6):
            self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x + 4 * step, y=y, button="left", buttons=1)
        deadline = monotonic() + PATIENCE_SECONDS
        while self.carried is None and monotonic() < deadline:
            self.evaluate("1")
        assert self.carried is not None, "nothing is dragged"
        for kind in ("dragEnter", "dragOver"):
            self.drag_event(kind, where, modifiers)
        self.held = where, modifiers

    def drop(self) -> None:
        where, modifiers = self.held
        self.drag_event("drop", where, modifiers)
        self.call("Input.dispatchMouseEvent", type="mouseReleased", x=where[0], y=where[1], button="left", clickCount=1)
        self.call("Input.setInterceptDrags", enabled=False)

    def drag_event(self, kind: str, where: tuple[float, float], modifiers: int) -> None:
        x, y = where
        self.call("Input.dispatchDragEvent", type=kind, x=x, y=y, data=self.carried, modifiers=modifiers)

    def fill(self, text: str) -> None:
        """The field that is open for a name."""
        self.until("document.activeElement?.classList.contains('files-name-field')")
        self.evaluate("document.activeElement.value = ''")
        self.type(text)

    def extend(self, key: str) -> None:
        self.press(key, SHIFT)

    # --- Eyes ---

    @property
    def names(self) -> list[str]:
        return self.evaluate(f"{ROWS}.map(row => row.querySelector('.files-link').textContent)")

    @property
    def selected(self) -> list[str]:
        return self.evaluate(
            f"{ROWS}.filter(row => row.ariaSelected == 'true').map(row => row.querySelector('.files-link').textContent)"
        )

    @property
    def focused(self) -> str | None:
        return self.evaluate("document.activeElement.closest('tr')?.querySelector('.files-link')?.textContent ?? null")

    def shows(self, *names: str) -> None:
        """Waits for exactly this list."""
        wanted = quoted(json.dumps(list(names), ensure_ascii=False, separators=(",", ":")))
        self.until(f"JSON.stringify({ROWS}.map(row => row.querySelector('.files-link').textContent)) == {wanted}")

    def told(self, pattern: str) -> str:
        """Waits for it in the notice."""
        self.until(
            "(notice => notice && !notice.hidden && new RegExp("
            f"{quoted(pattern)}).test(notice.innerText))(document.querySelector('.files-notice'))"
        )
        return self.evaluate("document.querySelector('.files-notice').innerText")

    def reads(self, pattern: str, selector: str = "ivle-files") -> None:
        """Waits for the text anywhere in it."""
        self.until(f"new RegExp({quoted(pattern)}).test(document.querySelector({quoted(selector)})?.innerText)")

    def shows_pdf(self) -> None:
        """Waits for the browser's own reader."""
        deadline = monotonic() + PATIENCE_SECONDS
        while not any("mhjfbmdgcfjbbpaeojofohoefgiehjai" in target["url"] for target in self.targets()):
            assert monotonic() < deadline, self.targets()

    def targets(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.browser.call("Target.getTargets", filter=[{}])["targetInfos"]
        return found

    def fits(self) -> bool:
        """Nothing is to be scrolled to the side."""
        return self.evaluate(
            "[document.documentElement, ...document.querySelectorAll('.files-list, .files-pane, .files-bar')]"
            ".every(one => one.scrollWidth <= Math.ceil(one.clientWidth))"
        )
