"""The forms of courses. What they are asked for is done by making.py, people.py and joining.py."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from courses.models import SLUG_PATTERN, TITLE_MAX_CHARACTERS, Role, Term


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class TermFields(forms.Form):
    """A term there is, or a new one."""

    term = forms.ModelChoiceField(
        Term.objects.all(), label=_("Term"), required=False, empty_label=_("a new term, named below")
    )
    term_name = forms.CharField(label=_("New term"), max_length=60, required=False, help_text=_("For example 2027/1."))
    starts = forms.DateField(label=_("Its first day"), required=False, widget=DateInput())
    ends = forms.DateField(label=_("Its last day"), required=False, widget=DateInput())

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if found.get("term") is None:
            for name in ("term_name", "starts", "ends"):
                if not found.get(name) and name not in self.errors:
                    self.add_error(name, _("Choose a term above, or say this of a new one."))
        return found


class CourseForm(TermFields):
    field_order = ("title", "slug", "term", "term_name", "starts", "ends")

    title = forms.CharField(label=_("Title"), max_length=TITLE_MAX_CHARACTERS)
    slug = forms.RegexField(
        SLUG_PATTERN,
        label=_("Address"),
        required=False,
        help_text=_("A short name of a-z, 0-9 and -. Empty: made of the title."),
        error_messages={"invalid": _("At most 48 of a-z, 0-9 and -, neither first nor last a -.")},
    )


class SettingsForm(forms.Form):
    """The environment is asked for where there is more than one."""

    title = forms.CharField(label=_("Title"), max_length=TITLE_MAX_CHARACTERS)
    term = forms.ModelChoiceField(Term.objects.all(), label=_("Term"), empty_label=None)
    is_open = forms.BooleanField(
        label=_("Open"),
        required=False,
        help_text=_("Off when the course is over: who is in it can still read it, and nobody hands anything in."),
    )
    environment = forms.ChoiceField(
        label=_("Environment"),
        required=False,
        help_text=_("The Python packages for the boxes and exercises of this course. A file can ask for another."),
    )

    def __init__(self, *arguments: Any, current: str = "", **options: Any) -> None:
        super().__init__(*arguments, **options)
        standard, *named = settings.ENVIRONMENTS.names()
        if current and current not in named:
            named.append(current)  # gone, which is no reason to refuse a new title
        if named:
            choices = [("", standard), *((name, name) for name in named)]
            self.fields["environment"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["environment"]


class JoinForm(forms.Form):
    code = forms.CharField(label=_("Code of the course"), max_length=64)


class AddForm(forms.Form):
    login = forms.CharField(label=_("Login name"), max_length=64)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.STUDENT)


class RosterForm(forms.Form):
    file = forms.FileField(label=_("CSV file"), required=False)
    text = forms.CharField(
        label=_("or paste it here"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocapitalize": "off"}),
    )
