"""The people of the tests, by role, and what every test of the site stands on."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import NoReturn

import hypothesis
import pytest
from django.test import Client

from accounts.models import Person
from courses.models import Course, Membership, Role, Term
from sandbox.environments import Environments

SKIP_IN_CI = "skips_in_ci"
# How long an example takes is the machine's affair, and the same examples each time make the same verdict.
hypothesis.settings.register_profile("ivle", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ivle")
# A test that hangs fails here and cleans up after itself; faulthandler_timeout in pyproject.toml, which ends the whole
# run and leaves what it started, is for one that cannot even be interrupted.
HANGING_SECONDS = 100
# Sites that tests end do not wait for the people in their consoles.
os.environ |= {"IVLE_FAREWELL_SECONDS": "0.1", "IVLE_DRAIN_SECONDS": "3"}


@pytest.fixture(autouse=True)
def site_settings(settings, tmp_path_factory) -> None:
    """No test touches the checkout's var/, and passwords are cheap to hash."""
    data = tmp_path_factory.mktemp("data")
    settings.IVLE_DATA = data
    settings.IVLE_HOMES = data / "homes"
    settings.IVLE_RUNTIMES = data / "runtimes"
    settings.ENVIRONMENTS = Environments(settings.IVLE_RUNTIMES, settings.IVLE_RUNTIME)
    settings.IVLE_SANDBOX_SOCKET = data / "run" / "sandbox.sock"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def student(db) -> Person:
    return Person.objects.create_user("student", "ivle", name="Sam Student")


@pytest.fixture
def classmate(db) -> Person:
    return Person.objects.create_user("classmate", "ivle", name="Kim Classmate")


@pytest.fixture
def lecturer(db) -> Person:
    return Person.objects.create_user("lecturer", "ivle", name="Lee Lecturer", is_staff=True)


@pytest.fixture
def tutor(db) -> Person:
    return Person.objects.create_user("tutor", "ivle", name="Tina Tutor")


@pytest.fixture
def course(student, classmate, tutor, lecturer) -> Course:
    """Open, with two students, a tutor and a lecturer."""
    term = Term.objects.create(name="2026/2", starts=date(2026, 7, 1), ends=date(2026, 12, 31))
    course = Course.objects.create(slug="python", title="Python for everybody", term=term, made_by=lecturer)
    roles = {student: Role.STUDENT, classmate: Role.STUDENT, tutor: Role.TUTOR, lecturer: Role.LECTURER}
    for person, role in roles.items():
        Membership.objects.create(course=course, person=person, role=role)
    return course


@pytest.fixture
def stranger(db) -> Person:
    """Somebody with a login who shares no class with anybody."""
    return Person.objects.create_user("stranger", "ivle", name="Toni Stranger")


@pytest.fixture
def administrator(db) -> Person:
    return Person.objects.create_superuser("admin", "ivle", name="Alex Admin")


@pytest.fixture
def client_of() -> Callable[[Person], Client]:
    """client_of(student) is a browser in which the student is logged in."""

    def log_in(person: Person) -> Client:
        client = Client()
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in


@pytest.fixture(scope="session")
def checkout() -> Path:
    return Path(__file__).resolve().parent.parent


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{SKIP_IN_CI}(reason): may be skipped even where IVLE_CI is set")


@contextmanager
def interrupted_if_it_hangs() -> Iterator[None]:
    def interrupt(number: int, frame: object) -> NoReturn:
        pytest.fail(f"it hangs: not done after {HANGING_SECONDS} s")

    signal.signal(signal.SIGALRM, interrupt)
    signal.alarm(HANGING_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item):
    with interrupted_if_it_hangs():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item):
    with interrupted_if_it_hangs():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item):
    with interrupted_if_it_hangs():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """In CI a skipped test is a failed one: a jail or a browser that is missing must not look like success."""
    report: pytest.TestReport = yield
    forbidden = "IVLE_CI" in os.environ and item.get_closest_marker(SKIP_IN_CI) is None
    if report.skipped and forbidden and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which IVLE_CI forbids: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector):
    """The same for a whole file that skips itself while it is collected."""
    report: pytest.CollectReport = yield
    if report.skipped and "IVLE_CI" in os.environ:
        report.outcome = "failed"
        report.longrepr = f"skipped, which IVLE_CI forbids: {report.longrepr}"
    return report
