"""What a roster would change in a course, shown before it is done; and doing it, all or nothing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final, Literal

from django.db import IntegrityError
from django.utils.translation import gettext as _

from accounts.models import Person
from courses import changes
from courses.changes import Change, How
from courses.faults import BadRoster, LineFault, Taken
from courses.models import Course, Membership, Role
from courses.newcomers import make_people
from courses.people import one_at_a_time
from courses.roster import FAULTS_MAX, Roster, Row, summary

Doing = Literal["make", "add", "change", "nothing"]
DOINGS: Final[tuple[Doing, ...]] = ("make", "add", "change", "nothing")


@dataclass(frozen=True)
class Step:
    """What one row of a roster does."""

    row: Row
    doing: Doing
    before: Role | None  # what they are in the course now
    known_as: str  # the name of a person there is

    @property
    def is_called_otherwise(self) -> bool:
        """Perhaps it is somebody else who has this login name."""
        return bool(self.known_as and self.row.name and self.known_as.casefold() != self.row.name.casefold())


@dataclass(frozen=True)
class Plan:
    steps: tuple[Step, ...]
    stay: int  # people of the course whom the roster does not name

    def count(self, doing: Doing) -> int:
        return sum(step.doing == doing for step in self.steps)

    @property
    def digest(self) -> str:
        """Of all that whoever was shown it agreed to."""
        lines = (f"{step.row.login} {step.row.role} {step.doing} {step.before}" for step in self.steps)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


class PlanChanged(Taken):
    """The course or its people changed since the plan was shown."""


def plan(course: Course, roster: Roster) -> Plan:
    """Raises BadRoster for what the course cannot be left with."""
    logins = [row.login for row in roster.rows]
    names = dict(Person.objects.filter(username__in=logins).values_list("username", "name"))
    roles = dict(Membership.objects.filter(course=course).values_list("person__username", "role"))
    steps = tuple(step_of(row, names, roles) for row in roster.rows)
    keep_a_lecturer(roles, steps)
    return Plan(steps, stay=len(roles.keys() - set(logins)))


def step_of(row: Row, names: dict[str, str], roles: dict[str, str]) -> Step:
    before = Role(roles[row.login]) if row.login in roles else None
    doing: Doing = "change"
    if row.login not in names:
        doing = "make"
    elif before is None:
        doing = "add"
    elif before == row.role:
        doing = "nothing"
    return Step(row, doing, before, names.get(row.login, ""))


def keep_a_lecturer(roles: dict[str, str], steps: tuple[Step, ...]) -> None:
    """Raises BadRoster with the lines that take the course its last lecturers."""
    after = roles | {step.row.login: step.row.role for step in steps}
    if Role.LECTURER in roles.values() and Role.LECTURER not in after.values():
        sentence = _("This would leave the course without a lecturer.")
        lines = [LineFault(step.row.line, sentence) for step in steps if step.before == Role.LECTURER]
        raise BadRoster(summary(len(lines)), lines[:FAULTS_MAX])


def carry_out(course: Course, roster: Roster, by: Person, digest: str) -> Plan:
    """What the plan with this digest says. Raises PlanChanged where it would be another now, and BadRoster."""
    try:
        with one_at_a_time(course):
            steps = plan(course, roster)
            if steps.digest != digest:
                raise PlanChanged(_("Something changed meanwhile, so nobody was added. Look at the list again."))
            enter(course, steps, by)
    except IntegrityError:
        raise PlanChanged(_("Somebody else added the same people just now. Look at the list again.")) from None
    return steps


def enter(course: Course, steps: Plan, by: Person) -> None:
    made = make_people(course, [step.row for step in steps.steps if step.doing == "make"], by)
    known = [step.row.login for step in steps.steps if step.doing == "add"]
    people = made | {person.username: person for person in Person.objects.filter(username__in=known)}
    Membership.objects.bulk_create(
        Membership(course=course, person=people[step.row.login], role=step.row.role)
        for step in steps.steps
        if step.doing in ("make", "add")
    )
    changed = [step for step in steps.steps if step.doing != "nothing"]
    changes.note(course, [Change(one.row.login, one.before, one.row.role) for one in changed], by, How.ROSTER)
    for role in Role:
        changing = [step.row.login for step in steps.steps if step.doing == "change" and step.row.role == role]
        Membership.objects.filter(course=course, person__username__in=changing).update(role=role)
