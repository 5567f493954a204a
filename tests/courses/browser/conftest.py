"""The same site and Chromium as for consoles, for the people of a course."""

from __future__ import annotations

from tests.console.browser import conftest as consoles

site = consoles.site
cookie_of = consoles.cookie_of
chromium = consoles.chromium
browser_of = consoles.browser_of
page = consoles.page
