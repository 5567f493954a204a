"""The pages below /machine/."""

from __future__ import annotations

from django.urls import path

from operations import views

urlpatterns = [
    path("", views.machine_page, name="machine"),
    path("now", views.now, name="machine_now"),
    path("act", views.act, name="machine_act"),
    path("settings/", views.settings_page, name="machine_settings"),
]
