"""A text that the database does not keep: what the log says of it."""

from __future__ import annotations

from django.db import DataError
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import resolve

from ivle.unkeepable import Unkeepable


def test_neither_the_address_nor_the_database_s_words_are_told(caplog) -> None:
    request = RequestFactory().post("/files/love-letter")
    request.resolver_match = resolve("/files/")
    answer = Unkeepable(lambda _: HttpResponse()).process_exception(request, DataError("value too long: 'love letter'"))
    assert answer is not None
    assert answer.status_code == 400
    assert [record.getMessage() for record in caplog.records if record.name == "ivle.unkeepable"] == [
        "A text that cannot be kept, at /files/ (DataError)."
    ]
