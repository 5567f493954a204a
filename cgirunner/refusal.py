"""Answers that are not a student's: a page cannot be had, and a sentence says why."""

from __future__ import annotations


class Refusal(Exception):
    """Ends a request with a status and one plain sentence for the person who looks."""

    def __init__(self, status: int, sentence: str, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.headers = headers


class Elsewhere(Exception):
    """Sends the browser to another address of ours."""

    def __init__(self, location: bytes, status: int = 302) -> None:
        super().__init__(location)
        self.location = location
        self.status = status
