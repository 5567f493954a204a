"""What the client says and when: without a network."""

from __future__ import annotations

import json
from typing import Any

import pytest

from client.conversation import NO_STATUS, Conversation
from client.protocol import INPUT_FRAME_BYTES, INPUT_WINDOW_BYTES, ProtocolFault, encode_bytes
from tests.client.test_transcripts import Screen


def welcome(**changes: Any) -> str:
    content = {"offset": 0, "typed": 0, "drives": True, "may_type": True, "watchers": [], "outcome": None}
    return json.dumps({"kind": "welcome", **content, **changes})


def text(kind: str, **content: Any) -> str:
    return json.dumps({"kind": kind, **content})


def watchers(*, ours: bool) -> str:
    who = [{"client": "me", "drives": ours}, {"client": "other", "drives": not ours}]
    return text("watchers", watchers=who)


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
def conversation(screen: Screen) -> Conversation:
    return Conversation("me", screen)


def said(conversation: Conversation) -> list[Any]:
    return [json.loads(frame) if isinstance(frame, str) else frame for frame in conversation.frames()]


def test_input_is_sent_again_from_what_has_arrived(conversation: Conversation) -> None:
    conversation.receive(welcome())
    conversation.type(b"one\rtwo\r")
    assert said(conversation) == [encode_bytes(0, b"one\rtwo\r")]
    conversation.lose(1006)
    conversation.type(b"three\r")
    assert said(conversation) == []
    conversation.receive(welcome(typed=4))
    assert said(conversation) == [encode_bytes(4, b"two\rthree\r")]


def test_never_more_input_than_the_window(conversation: Conversation) -> None:
    conversation.receive(welcome())
    conversation.type(b"x" * 200_000)
    frames = said(conversation)
    assert [len(frame) - 8 for frame in frames] == [INPUT_FRAME_BYTES, INPUT_FRAME_BYTES]
    conversation.receive(text("typed", offset=1000))
    assert said(conversation) == [encode_bytes(INPUT_WINDOW_BYTES, b"x" * 1000)]


def test_output_that_was_seen_is_not_shown_again(conversation: Conversation, screen: Screen) -> None:
    conversation.receive(welcome())
    conversation.receive(encode_bytes(0, b"abc"))
    conversation.lose(1006)
    conversation.receive(welcome())
    conversation.receive(encode_bytes(0, b"abcdef"))
    assert b"".join(data for _, data in screen.shown) == b"abcdef"


def test_output_is_acknowledged_once_it_is_shown(conversation: Conversation) -> None:
    conversation.receive(welcome())
    conversation.receive(encode_bytes(0, b"x" * 40_000))
    assert said(conversation) == []
    conversation.show(32_767)
    assert said(conversation) == []
    conversation.show(40_000)
    assert said(conversation) == [{"kind": "ack", "offset": 40_000}]


def test_who_types_takes_the_keyboard_first(conversation: Conversation) -> None:
    conversation.resize(30, 100)
    conversation.receive(welcome(drives=False))
    conversation.type(b"a")
    assert said(conversation) == [{"kind": "drive"}]
    conversation.type(b"b")
    assert said(conversation) == []
    conversation.receive(watchers(ours=True))
    assert said(conversation) == [{"kind": "size", "rows": 30, "columns": 100}, encode_bytes(0, b"ab")]


def test_who_loses_the_keyboard_does_not_take_it_back(conversation: Conversation) -> None:
    """For what was sent and not confirmed yet."""
    conversation.receive(welcome())
    conversation.type(b"a")
    assert said(conversation) == [encode_bytes(0, b"a")]
    conversation.receive(watchers(ours=False))
    assert said(conversation) == []


def test_a_refusal_is_heard_and_forgets_what_waits(conversation: Conversation, screen: Screen) -> None:
    conversation.receive(welcome(drives=False))
    conversation.type(b"a")
    said(conversation)
    conversation.receive(text("refused", reason="read_only", sentence="No."))
    assert screen.refusals == 1
    assert said(conversation) == []


def test_a_watcher_says_nothing_but_acknowledgements(screen: Screen) -> None:
    conversation = Conversation("me", screen, watches_only=True)
    conversation.resize(30, 100)
    conversation.receive(welcome(drives=False))
    assert conversation.type(b"a") is False
    assert said(conversation) == []


def test_ctrl_c_overtakes_what_waits(conversation: Conversation) -> None:
    conversation.receive(welcome())
    conversation.type(b"x" * 200_000)
    sent = said(conversation)
    conversation.type(b"\x03")
    assert said(conversation) == [{"kind": "interrupt"}]
    for _ in sent:
        conversation.receive(text("typed", offset=INPUT_WINDOW_BYTES))
    assert said(conversation) == []


def test_a_program_that_is_over_ends_it_once_its_output_is_here(conversation: Conversation) -> None:
    ended = {"ended": "finished", "sentence": "Over.", "exit_status": 3}
    conversation.receive(welcome(outcome=ended))
    assert conversation.ending is None
    conversation.receive(encode_bytes(0, b"last words"))
    conversation.receive(text("replayed", offset=10))
    assert conversation.ending
    assert (conversation.ending.sentence, conversation.ending.status) == ("Over.", 3)


@pytest.mark.parametrize("status", [None, -9, 1000])
def test_a_status_that_is_none(conversation: Conversation, status: int | None) -> None:
    conversation.receive(welcome())
    conversation.receive(text("replayed", offset=0))
    conversation.receive(text("ended", ended="cpu", sentence="Too long.", exit_status=status))
    assert conversation.ending
    assert conversation.ending.status == NO_STATUS


def test_sentences_carry_nothing_that_a_terminal_obeys(conversation: Conversation) -> None:
    conversation.receive(welcome())
    conversation.receive(text("closing", reason="rights", sentence="\x1b]0;evil\x07No\x9b2J " + "x" * 9999))
    conversation.lose(4404)
    assert conversation.ending
    assert conversation.ending.sentence.isprintable()
    assert len(conversation.ending.sentence) <= 300


@pytest.mark.parametrize(
    "frame",
    [
        "no json",
        "[" * 100_000,
        "{}",
        '{"kind":"gap","from":0}',
        welcome(),
        welcome(offset=-1),
        b"short",
        encode_bytes(7, b"left out"),
        b"\xff" * 9,
        text("typed", offset="1"),
        text("ended", ended="cpu", sentence=1, exit_status=0),
    ],
    ids=range(11),
)
def test_what_the_protocol_does_not_have(conversation: Conversation, frame: str | bytes) -> None:
    conversation.receive(welcome())
    with pytest.raises(ProtocolFault):
        conversation.receive(frame)


@pytest.mark.parametrize("code", [4400, 4401, 4404])
def test_codes_after_which_there_is_no_coming_back(conversation: Conversation, code: int) -> None:
    conversation.receive(welcome())
    conversation.lose(code)
    assert conversation.ending
