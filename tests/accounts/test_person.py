"""Login names: they are folder names and user names too, so most strings cannot be one."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from accounts.models import Person


@pytest.mark.parametrize("username", ["s", "student", "s1234567", "anne-marie", "x_y", "a" * 32])
def test_good_login_names(db, username: str) -> None:
    assert Person.objects.create_user(username, "secret").check_password("secret")


@pytest.mark.parametrize(
    "username",
    [
        "",
        "Student",
        "1st",
        "-x",
        "_x",
        ".x",
        "..",
        "a/b",
        "a.b",
        "a b",
        "é",
        "a\n",
        "student\0",
        "a" * 33,
        "~root",
        "ａ",
    ],
)
def test_bad_login_names(db, username: str) -> None:
    with pytest.raises(ValidationError):
        Person.objects.create_user(username, "secret")
    assert not Person.objects.exists()


def test_a_login_name_is_taken_once(student) -> None:
    with pytest.raises(Exception, match=r"(?i)unique"):
        Person.objects.create_user("student")


def test_somebody_without_a_password_cannot_log_in(db) -> None:
    assert not Person.objects.create_user("student").has_usable_password()


def test_kinds(student, lecturer, administrator) -> None:
    assert [(person.is_staff, person.is_superuser) for person in (student, lecturer, administrator)] == [
        (False, False),
        (True, False),
        (True, True),
    ]


def test_createsuperuser(db, monkeypatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "secret")
    call_command("createsuperuser", "--noinput", username="boss", verbosity=0)
    boss = Person.objects.get(username="boss")
    assert boss.is_superuser
    assert boss.check_password("secret")


def test_migrations_match_the_models(db) -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_names(student, db) -> None:
    assert (str(student), student.get_full_name()) == ("student", "Sam Student")
    assert Person.objects.create_user("nameless").get_short_name() == "nameless"
