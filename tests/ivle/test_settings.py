"""Reading the environment: what is taken, and what stops the start with which words."""

from __future__ import annotations

import os
import runpy
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from ivle.environment import Environment
from sandbox import limits

KEY = "k" * 50
REAL_SITE = {"IVLE_SECRET_KEY": KEY, "IVLE_PUBLIC_URL": "https://ivle.example.edu"}


@pytest.fixture
def read(monkeypatch, checkout):
    """read(NAME="value") is the settings that this environment gives."""

    def run(**variables: str) -> dict[str, Any]:
        for name in [name for name in os.environ if name.startswith("IVLE_")] + ["PORT"]:
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(checkout / "ivle" / "settings.py"))

    return run


def test_with_nothing_set_it_is_the_demo_on_loopback(read) -> None:
    settings = read()
    assert settings["IVLE_DEMO"]
    assert settings["IVLE_BIND"] == "127.0.0.1"
    assert settings["IVLE_PUBLIC_URL"] == "http://localhost:8000"
    assert settings["IVLE_PAGES_HOST"] == "pages.localhost"
    assert not settings["DEBUG"]


def test_port_is_in_the_public_url(read) -> None:
    assert read(PORT="8123")["IVLE_PUBLIC_URL"] == "http://localhost:8123"


def test_a_real_site(read) -> None:
    settings = read(**REAL_SITE)
    assert not settings["IVLE_DEMO"]
    assert settings["ALLOWED_HOSTS"] == ["ivle.example.edu"]
    assert settings["SESSION_COOKIE_SECURE"]
    assert settings["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert settings["IVLE_PAGES_HOST"] == ""


@pytest.mark.parametrize("variables", [{}, REAL_SITE])
def test_cookies_stay_on_the_site(read, variables) -> None:
    settings = read(**variables)
    assert settings.get("SESSION_COOKIE_DOMAIN") is None
    assert settings.get("CSRF_COOKIE_DOMAIN") is None
    assert settings["SESSION_COOKIE_HTTPONLY"]
    assert settings["SESSION_COOKIE_SAMESITE"] == "Lax"


def test_sites_of_guests_are_as_browsers_write_them(read) -> None:
    sites = "https://WWW.example.edu:443, http://127.0.0.1:8080 https://www.example.edu"
    assert read(IVLE_GUEST_SITES=sites)["IVLE_GUEST_SITES"] == ("https://www.example.edu", "http://127.0.0.1:8080")
    assert read()["IVLE_GUEST_SITES"] == ()


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"IVLE_PUBLIC_URL": "https://ivle.example.edu"}, "IVLE_SECRET_KEY is not set"),
        ({"IVLE_PUBLIC_URL": "https://ivle.example.edu", "IVLE_SECRET_KEY": "short"}, "only 5 characters long"),
        ({"IVLE_SECRET_KEY": KEY}, "IVLE_PUBLIC_URL is ''; wanted: the address people type"),
        ({"IVLE_DEMO": "no"}, "IVLE_PUBLIC_URL"),
        (
            {"IVLE_GUEST_SITES": "www.example.edu"},
            "IVLE_GUEST_SITES is 'www.example.edu'; wanted: addresses without a path",
        ),
        ({"IVLE_GUEST_SITES": "https://www.example.edu/page"}, "wanted: addresses without a path"),
        ({"IVLE_GUEST_SITES": "https://*.example.edu"}, "wanted: addresses without a path"),
        ({"IVLE_GUEST_SITES": "https://www.example.edu *"}, "IVLE_GUEST_SITES is '*'"),
        ({"IVLE_GUEST_SITES": "https://a.example 'none'; script-src *"}, "wanted: addresses without a path"),
        ({**REAL_SITE, "IVLE_GUEST_SITES": "http://www.example.edu"}, "each with https, such as"),
        ({"IVLE_GUEST_LIFE_MINUTES": "0"}, "a whole number from 1"),
        ({"IVLE_LANGUAGE_SERVER": "ty server"}, "IVLE_LANGUAGE_SERVER is 'ty'; wanted: a program below /opt/runtime/"),
        ({"IVLE_LANGUAGE_SERVER": "/home/student/ty"}, "wanted: a program below /opt/runtime/, or nothing"),
        ({"IVLE_LANGUAGE_SERVER": "/opt/runtime/../home/ty"}, "wanted: a program below /opt/runtime/, or nothing"),
        ({"IVLE_LANGUAGE_SERVER": "/opt/runtime/bin/ty '"}, "quotation mark without its partner"),
        ({"IVLE_DEMO": "perhaps"}, "IVLE_DEMO is 'perhaps'; wanted: yes or no."),
        ({"IVLE_BIND": "0.0.0.0"}, "IVLE_BIND is '0.0.0.0'; wanted: 127.0.0.1"),
        ({"IVLE_DEMO": "yes", "IVLE_PUBLIC_URL": "https://ivle.example.edu"}, "an address on localhost"),
        ({**REAL_SITE, "IVLE_DEBUG": "yes"}, "IVLE_DEBUG"),
        ({**REAL_SITE, "IVLE_PUBLIC_URL": "ivle.example.edu"}, "IVLE_PUBLIC_URL is 'ivle.example.edu'"),
        ({**REAL_SITE, "IVLE_PUBLIC_URL": "https://ivle.example.edu/path"}, "an address without a path"),
        ({**REAL_SITE, "IVLE_PAGES_HOST": "ivle.example.edu"}, "IVLE_PAGES_HOST"),
        ({**REAL_SITE, "IVLE_PAGES_HOST": "example.edu"}, "neither equal to nor a sub-domain of"),
        ({"IVLE_PAGES_HOST": "pages.localhost:8000"}, "a host name alone"),
        ({**REAL_SITE, "IVLE_PAGES_SUBDOMAINS": "yes"}, "there is no IVLE_PAGES_HOST"),
        ({"PORT": "eighty"}, "PORT is 'eighty'; wanted: a whole number from 1 to 65535."),
        ({"PORT": "0"}, "PORT is '0'"),
        ({"PORT": "²"}, "PORT is '²'"),
        ({"IVLE_DATA": "/etc/passwd"}, "this is a file"),
        ({"IVLE_DATA": "/tmp/" + "x" * 100}, "a shorter path"),
        ({"IVLE_TIME_ZONE": "Middle/Earth"}, "a time zone such as"),
        ({"IVLE_LOG_LEVEL": "loud"}, "one of DEBUG, INFO, WARNING, ERROR"),
        ({"IVLE_CGI_CPU_SECONDS": "nan"}, "IVLE_CGI_CPU_SECONDS is 'nan'"),
        ({"IVLE_CGI_CPU_SECONDS": "-1"}, "IVLE_CGI_CPU_SECONDS is '-1'"),
        ({"IVLE_CONSOLE_MEMORY_BYTES": "512M"}, "IVLE_CONSOLE_MEMORY_BYTES is '512M'"),
        ({"IVLE_UPLOAD_MAX_BYTES": "1"}, "IVLE_UPLOAD_MAX_BYTES"),
        ({"IVLE_JAIL_UID": "0"}, "IVLE_JAIL_UID is '0'"),
    ],
)
def test_a_bad_value_stops_the_start(read, variables, words: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        read(**variables)
    assert words in str(caught.value)


def test_only_root_may_run_jails_as_somebody_else(read, monkeypatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    assert read()["IVLE_JAIL_UID"] == 1000
    with pytest.raises(ImproperlyConfigured, match="only root"):
        read(IVLE_JAIL_UID="1001")
    monkeypatch.setattr(os, "getuid", lambda: 0)
    assert read()["IVLE_JAIL_UID"] == 65533
    assert read(IVLE_JAIL_UID="1001")["IVLE_JAIL_UID"] == 1001


def test_limits_are_the_defaults_but_for_what_is_set(read) -> None:
    settings = read(IVLE_CGI_CPU_SECONDS="2.5", IVLE_CONSOLE_PROCESSES="8")
    assert settings["CGI_LIMITS"].cpu_seconds == 2.5
    assert settings["CGI_LIMITS"].memory_bytes == limits.CGI.memory_bytes
    assert settings["CONSOLE_LIMITS"].processes == 8
    assert settings["CONSOLE_LIMITS"].cpu_seconds == limits.CONSOLE.cpu_seconds


@pytest.mark.parametrize("name", ["IVLE_FAREWELL_SECONDS", "IVLE_DRAIN_SECONDS"])
def test_what_ends_slowly_is_not_killed_by_its_unit(read, name: str) -> None:
    assert read(**{name: "60"})[name] == 60
    with pytest.raises(ImproperlyConfigured, match="at most 60"):
        read(**{name: "61"})


def test_a_misspelt_setting_is_noticed() -> None:
    environment = Environment({"IVLE_DEMOS": "yes", "IVLE_XYZZY": "1", "HOME": "/"})
    environment.switch("IVLE_DEMO", False)
    assert environment.unknown() == {"IVLE_DEMOS": "IVLE_DEMO", "IVLE_XYZZY": ""}


@pytest.mark.parametrize(
    ("text", "command"),
    [("", ()), ("/opt/runtime/bin/python -m pylsp", ("/opt/runtime/bin/python", "-m", "pylsp"))],
)
def test_another_language_server_or_none(read, text: str, command: tuple[str, ...]) -> None:
    assert read(IVLE_LANGUAGE_SERVER=text)["IVLE_LANGUAGE_SERVER"] == command
