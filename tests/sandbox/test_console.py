"""A console from its opening to its end, in a real jail."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sandbox.consoles import SessionGone
from sandbox.outcome import Ended
from tests.sandbox.console import SIZE, Console
from tests.sandbox.jail import Jail


@pytest.fixture
def jail(start: Callable[..., Jail]) -> Jail:
    return start(has_consoles=True, spares=0, console_spares=1)


async def test_it_says_what_is_typed(jail: Jail) -> None:
    console = Console(jail)
    info = await console.open()
    assert (info.id, info.owner, info.about, info.size) == (console.id, jail.owner, {"a": 1}, SIZE)
    page = await console.attach()
    await page.until_output(b"up\r\n")
    page.type(b"hello\n")
    await page.until_output(b"got hello\r\n")
    page.type(b"bye\n")
    outcome = await page.until_ended()
    assert (outcome.ended, outcome.exit_status) == (Ended.FINISHED, 0)
    assert (await console.info()).outcome == outcome
    await console.end()
    with pytest.raises(SessionGone):
        await console.info()
    with pytest.raises(SessionGone):
        await page.until_event("never")
    page.close()
