"""The pages below /console/. The sockets are in routing.py, the API in api.py."""

from __future__ import annotations

from django.urls import path, re_path

from console import running, views

ID = r"(?P<session_id>[A-Za-z0-9_-]{1,64})"

urlpatterns = [
    path("", views.console_list, name="console_list"),
    path("all", views.everybodys_consoles, name="everybodys_consoles"),
    path("start", views.start, name="console_start"),
    path("run", running.run_file, name="console_run"),
    path("frame", views.frame, name="console_frame"),
    re_path(rf"^embed/{ID}/\Z", views.embed, name="console_embed"),
    re_path(rf"^{ID}/\Z", views.console_page, name="console_page"),
    re_path(rf"^{ID}/end\Z", views.end, name="console_end"),
]
