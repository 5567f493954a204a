"""From a person to their public address, and from a Host header to the person."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.public_space import has_own_host, owner_of_host, public_url

HTTPS = "https://ivle.example.edu"


@pytest.fixture
def own_hosts(settings) -> None:
    settings.IVLE_PUBLIC_URL, settings.IVLE_PAGES_HOST = HTTPS, "pages.example.net"
    settings.IVLE_PAGES_SUBDOMAINS = True


@pytest.mark.parametrize(
    ("site_url", "pages_host", "own", "owner", "expected"),
    [
        ("http://localhost:8000", "pages.localhost", False, "sam", "http://pages.localhost:8000/~sam/"),
        (HTTPS, "pages.example.net", False, "sam", "https://pages.example.net/~sam/"),
        (HTTPS, "", False, "sam", f"{HTTPS}/~sam/"),
        (HTTPS, "pages.example.net", True, "sam", "https://sam.pages.example.net/"),
        ("http://localhost:8000", "pages.localhost", True, "sam", "http://sam.pages.localhost:8000/"),
        (HTTPS, "pages.example.net", True, "sam_b", "https://pages.example.net/~sam_b/"),
    ],
)
def test_public_url(settings, site_url, pages_host, own, owner, expected) -> None:
    settings.IVLE_PUBLIC_URL, settings.IVLE_PAGES_HOST, settings.IVLE_PAGES_SUBDOMAINS = site_url, pages_host, own
    assert public_url(owner) == expected
    assert public_url(owner, (b"a b", b"\xff")) == expected + "a%20b/%FF/"


@pytest.mark.parametrize("name", ["sam", "s", "sam-b", "sam2"])
def test_names_that_can_be_a_host_s(own_hosts, name) -> None:
    assert has_own_host(name)


@pytest.mark.parametrize("name", ["sam_b", "sam-", "xn--sam", "sam\n", ""])
def test_names_that_cannot(own_hosts, name) -> None:
    assert not has_own_host(name)


@pytest.mark.parametrize(
    "header",
    [
        "sam.pages.example.net",
        "SAM.Pages.Example.NET",
        "sam.pages.example.net.",
        "sam.pages.example.net:8443",
        " sam.pages.example.net.:443 ",
    ],
)
def test_the_owner_of_a_host(own_hosts, header) -> None:
    assert owner_of_host(header) == "sam"


@pytest.mark.parametrize(
    "header",
    [
        "pages.example.net",
        ".pages.example.net",
        "sam..pages.example.net",
        "kim.sam.pages.example.net",
        "sam.pages.example.net..",
        "sam.pages.example.net, kim.pages.example.net",
        "sam.pages.example.net:80:80",
        "sam.pages.example.net@evil.example",
        "sam%2epages.example.net",
        "sam_b.pages.example.net",
        "sampages.example.net",
        "sam.pages.example.net.evil.example",
        "sam.example.net",
        "s\xe4m.pages.example.net",
        "\u017fam.pages.example.net",  # an s to those who fold case
        "",
    ],
)
def test_hosts_of_nobody(own_hosts, header) -> None:
    assert owner_of_host(header) is None


def test_without_the_setting_nobody_has_a_host(own_hosts, settings) -> None:
    settings.IVLE_PAGES_SUBDOMAINS = False
    assert owner_of_host("sam.pages.example.net") is None


@given(header=st.text())
def test_whatever_is_said_to_be_the_host(header: str) -> None:
    assert owner_of_host(header) is None
