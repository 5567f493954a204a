"""That each defence is still where weaken.py takes it out."""

from __future__ import annotations

import pytest

from tests.sandbox.installation import CHECKOUT
from tests.sandbox.weakenings import WEAKENINGS, Weakening


@pytest.mark.parametrize("weakening", WEAKENINGS, ids=lambda weakening: weakening.defence)
def test_it_applies(weakening: Weakening) -> None:
    texts: dict[str, str] = {}
    for change in weakening.changes:
        before = texts.get(change.file) or (CHECKOUT / "sandbox" / f"{change.file}.py").read_text()
        texts[change.file] = change.apply(before)
        assert texts[change.file] != before
