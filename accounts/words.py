"""The sentences of accounts that are not on a page. Translated."""

from __future__ import annotations

from django.utils.translation import gettext as _


def foreign() -> str:
    return _("This request has no valid CSRF token, so it may have come from another site.")
