"""What Django answers. /serve/ and the pages host do not come here: see http_router.py."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from courses.views import looks_at_me
from files import public_page
from ivle import home
from ivle.api import api
from ivle.shortage import server_error
from operations import health

handler500 = server_error
urlpatterns = [
    path("", home.home, name="home"),
    path("", include("accounts.urls")),
    path("", include("allowances.urls")),
    path("files/", include("files.urls")),
    path("public/", public_page.public_page, name="public"),
    path("console/", include("console.urls")),
    path("edit/", include("editor.urls")),
    path("courses/", include("courses.urls")),
    path("courses/", include("marks.urls")),
    path("courses/", include("tutorial.urls")),  # after all others below courses/: a tutorial may have any other name
    path("shells/", include("shells.urls")),
    path("looks/", looks_at_me, name="looks"),
    path("api/", api.urls),
    # One login page, so that one throttle and one locked-out page serve everybody.
    path("admin/login/", RedirectView.as_view(pattern_name="login", query_string=True)),
    path("admin/", admin.site.urls),
    path("machine/", include("operations.urls")),
    path("metrics", health.metrics, name="metrics"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
]
