"""Draws the pictures of this course, as SVG, beside itself: python3 draw.py. Change it, run it, publish anew."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path

INK, SOFT, PAPER, ACCENT = "#1d2733", "#5b6b7d", "#ffffff", "#2f6fb3"
FONT = "font-family='system-ui, sans-serif' font-size='15'"


def box(x: int, y: int, width: int, height: int, text: str) -> str:
    frame = f"<rect x='{x}' y='{y}' width='{width}' height='{height}' rx='4' fill='{PAPER}' stroke='{ACCENT}'/>"
    return frame + label(x + width // 2, y + height // 2 + 5, text)


def label(x: int, y: int, text: str, colour: str = INK) -> str:
    return f"<text x='{x}' y='{y}' text-anchor='middle' fill='{colour}' {FONT}>{escape(text)}</text>"


def arrow(x: int, y: int, end: int) -> str:
    tip = 6 if end > x else -6
    line = f"M{x} {y}H{end}M{end - tip} {y - 5}L{end} {y}L{end - tip} {y + 5}"
    return f"<path d='{line}' fill='none' stroke='{SOFT}' stroke-width='1.5'/>"


def picture(name: str, width: int, height: int, parts: Iterable[str]) -> None:
    """On paper of its own, so that it is as clear in the dark."""
    head = f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}' viewBox='0 0 {width} {height}'>"
    paper = f"<rect width='{width}' height='{height}' rx='8' fill='{PAPER}'/>"
    text = "\n".join([head, paper, *parts, "</svg>"])
    Path(__file__).with_name(name).write_text(text + "\n", encoding="utf-8")


def towns() -> Iterable[str]:
    names = ["Bern", "Chur", "Genf", "Thun"]
    for number, town in enumerate(names):
        x = 20 + 80 * number
        yield box(x, 16, 72, 36, town)
        yield label(x + 36, 74, str(number))
        yield label(x + 36, 94, str(number - len(names)), SOFT)


def request() -> Iterable[str]:
    yield box(16, 46, 110, 56, "Browser")
    yield box(434, 46, 110, 56, "hello.py")
    yield arrow(132, 60, 428)
    yield label(280, 50, "GET /hello.py?name=Ada")
    yield arrow(428, 88, 132)
    yield label(280, 112, "Content-Type: text/html")
    yield label(280, 132, "(an empty line)", SOFT)
    yield label(280, 152, "<h1>Hello, Ada</h1>")


if __name__ == "__main__":
    picture("list.svg", 352, 108, towns())
    picture("request.svg", 560, 168, request())
