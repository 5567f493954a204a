"""The pages below /shells/. The socket is in routing.py."""

from __future__ import annotations

from django.urls import path

from shells import administration, views

urlpatterns = [
    path("", views.try_it, name="shells"),
    path("embed.js", views.script, name="shells_script"),
    path("status", views.status, name="shells_status"),
    path("frame", views.frame, name="shells_frame"),
    path("guests/", administration.guests, name="guests"),
    path("guests/turn", administration.turn, name="guests_turn"),
    path("guests/end", administration.end, name="guests_end"),
]
