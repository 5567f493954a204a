"""The pages below /edit/. What they fetch is the API's."""

from __future__ import annotations

from django.urls import path

from editor import views

urlpatterns = [
    path("", views.edit, name="editor"),
    path("<path:file>", views.edit, name="edit"),
]
