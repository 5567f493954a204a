"""The pages below /files/. The API is in api.py."""

from __future__ import annotations

from django.urls import path, re_path

from files import views

urlpatterns = [
    path("", views.browser, name="files"),
    re_path(r"^[\s\S]+/\Z", views.browser, name="folder"),  # a name may have a newline in it
]
