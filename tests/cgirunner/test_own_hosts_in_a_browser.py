"""Hosts of owners' own in a real Chromium: what one owner's page tries does not reach another's program."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.cgirunner.chromium import Chromium, Tab
from tests.cgirunner.whole_site import Site

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
COOKIES = """import os
print("Content-Type: text/plain\\nSet-Cookie: theme=own\\n")
print(os.environ.get("HTTP_COOKIE"))"""
# What a page beside it may try. The first is what works where a browser knows no better.
HOSTILE = """<!DOCTYPE html><title>hostile</title><script>
for (const name of ["theme", "__Host-theme", "__host-theme", "__Secure-theme"])
  document.cookie = `${name}=planted; domain=pages.localhost; path=/; ${name === "theme" ? "" : "Secure"}`
document.cookie = "=__Host-theme=planted; domain=pages.localhost; path=/"
localStorage.theme = "planted"
try { document.domain = "pages.localhost"; window.domain_ = document.domain } catch { window.domain_ = "refused" }
fetch(`http://classmate.pages.localhost:${location.port}/hello.py`)
  .then(() => window.fetched = "reached", () => window.fetched = "refused")
</script>"""
BY_HTTPS = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    if PROGRAM is None:
        pytest.skip("there is no Chromium on this machine")
    data = tmp_path_factory.mktemp("site") / "data"
    site = Site(data, IVLE_PAGES_SUBDOMAINS="yes", IVLE_PROXY_COUNT="1")
    if "cannot do its work" in site.said:
        site.close()
        pytest.skip(f"this machine has no sandbox: {site.said}")
    site.write("student", "hostile.html", HOSTILE)
    site.write("classmate", "cookies.py", COOKIES)
    site.write("classmate", "store.html", "<!DOCTYPE html><title>store</title>")
    yield site
    site.close()


@pytest.fixture
def tab(site, tmp_path) -> Iterator[Tab]:
    with closing(Chromium(str(PROGRAM), tmp_path)) as program, closing(Tab(program)) as tab:
        tab.call("Network.enable")
        yield tab


def after_the_hostile_page(tab: Tab, site: Site) -> None:
    tab.open(f"http://student.pages.localhost:{site.port}/hostile.html")
    assert tab.until("window.fetched") == "refused"


def shown(tab: Tab, site: Site, path: str) -> str:
    tab.open(f"http://classmate.pages.localhost:{site.port}/{path}")
    return tab.until("location.hostname.startsWith('classmate') && document.body?.innerText.trim()")


def test_planted_cookies_reach_no_program(tab, site) -> None:
    tab.call("Network.setExtraHTTPHeaders", headers=BY_HTTPS)
    after_the_hostile_page(tab, site)
    assert shown(tab, site, "cookies.py") == "None"
    assert shown(tab, site, "cookies.py?again") == "theme=own"


def test_without_https_one_does(tab, site) -> None:
    """What the test above would not notice, were a browser to refuse such cookies by itself."""
    after_the_hostile_page(tab, site)
    assert "theme=planted" in shown(tab, site, "cookies.py")


def test_nothing_else_is_shared(tab, site) -> None:
    after_the_hostile_page(tab, site)
    assert tab.evaluate("[domain_ === 'pages.localhost' && !originAgentCluster, localStorage.theme]") == [
        False,
        "planted",
    ]
    tab.open(f"http://classmate.pages.localhost:{site.port}/store.html")
    assert tab.until(
        "document.title === 'store' && JSON.stringify([localStorage.theme ?? null, originAgentCluster])"
    ) == ("[null,true]")


def test_the_tilde_leads_there(tab, site) -> None:
    tab.open(f"http://pages.localhost:{site.port}/~classmate/hello.py")
    assert tab.until("document.body?.innerText.includes('Hello') && location.host") == (
        f"classmate.pages.localhost:{site.port}"
    )
